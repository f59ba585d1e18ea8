"""Stored sessions as flat rows, for tables."""
from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Sequence

from ._values import SessionInfo


def session_rows_of(infos: Sequence[SessionInfo]) -> List[Dict[str, Any]]:
    """A row for each session, all with the same members in the same order and nothing nested."""
    variables = _names(one.variables for one in infos)
    labels = _names(one.labels for one in infos)
    escapes = _names(one.escapes for one in infos)
    rows: List[Dict[str, Any]] = []
    for one in infos:
        row = one.to_dict()
        usage = row.pop("usage")
        for nested in ("participants", "variables", "labels", "escapes"):
            del row[nested]
        row.update({f"usage.{name}": value for name, value in usage.items()})
        row.update({f"variable.{name}": one.variables.get(name) for name in variables})
        row.update({f"label.{name}": one.labels.get(name) for name in labels})
        row.update({f"escape.{step}": one.escapes.get(step, 0) for step in escapes})
        rows.append(row)
    return rows


def _names(given: "Iterable[Mapping[str, Any]]") -> List[str]:
    return sorted({name for one in given for name in one})

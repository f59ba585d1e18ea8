"""What a host gives: options, times, names and JSON, looked at before they go to the extension."""
from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any, Dict, Iterable, List, Mapping, Optional, cast

from ._errors import InvalidArgumentError


def json_of(value: Any) -> str:
    """JSON for the engine: a str or bytes as it is, anything else written out."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8")
    return json.dumps(value, default=_plain)


def result_text(given: Any) -> str:
    """What a host's function returned, as a text: a str as it is, anything else as JSON."""
    return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)


def given_of(**options: Any) -> Dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        return round(value / timedelta(milliseconds=1))
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form; give a dict, list, str, number, bool or None")


def seconds_of(value: "timedelta | float | None", name: str, *, above_zero: bool = False) -> Optional[float]:
    """A time in seconds; ``name`` stands in the error that refuses what is none."""
    if value is None:
        return None
    try:
        if isinstance(value, (bool, str, bytes)):
            raise TypeError
        seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    except (TypeError, ValueError, OverflowError):
        raise InvalidArgumentError(
            f"{name}: must be a timedelta, or seconds such as 30.0, not {type(value).__name__}"
        ) from None
    if not (seconds > 0 if above_zero else seconds >= 0):
        raise InvalidArgumentError(f"{name}: must be {'above 0' if above_zero else '0 or more'}, not {seconds:g} s")
    return seconds


def keys_of(given: "str | Iterable[str]", name: str) -> List[str]:
    """Several keys, or one that stands alone; ``name`` stands in the error that refuses what is neither."""
    if isinstance(given, str):
        return [given]
    try:
        return list(given)
    except TypeError:
        raise InvalidArgumentError(f"{name}: must be a str, or a list of them, not {type(given).__name__}") from None


def members_of(given: Any, name: str) -> Optional[Dict[str, Any]]:
    """Named values as a dict; ``name`` stands in the error that refuses what has none."""
    if given is None:
        return None
    if isinstance(given, Mapping):
        return dict(cast("Mapping[str, Any]", given))
    raise InvalidArgumentError(f"{name}: must be a dict, of names and values, not {type(given).__name__}")

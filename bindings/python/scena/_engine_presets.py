"""An engine and the presets of its store."""
from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Union

from . import _core
from ._engine_loop import EngineLoop
from ._given import json_of
from ._runner import void
from ._turn import Pending
from ._values import PresetInfo


class Fault(NamedTuple):
    """What is wrong with one member of a preset."""

    pointer: str  #: Its JSON pointer.
    message: str  #: What it must be.
    example: str  #: One that would do; may be empty.


def check_preset(preset: "Union[Mapping[str, Any], str]") -> List[Fault]:
    """All faults of a preset, a dict or JSON text (docs/reference/presets.md), at once; none when it is sound. Needs no
    engine.

    Examples
    --------
    >>> import scena
    >>> [fault.pointer for fault in scena.check_preset({"id": "mine", "title": "Mine"})]
    ['/characters']
    """
    return [Fault(*one) for one in _core.check_preset(json_of(preset))]


class EnginePresets(EngineLoop):
    """Presets, stored and built-in."""

    def presets(self, *, category: str = "", after: str = "", limit: Optional[int] = None) -> List[PresetInfo]:
        """Stored and built-in presets, ordered by id.

        Parameters
        ----------
        category
            Only these; empty: all.
        after
            Id of the last preset of the page before; empty: from the beginning.
        limit
            At most so many, up to 1000; 0: 50; None: all.
        """
        found: List[PresetInfo] = []
        while True:
            page, after = self._core.presets(category, after, 1000 if limit is None else limit)
            found += [PresetInfo(**one) for one in page]
            if limit is not None or not after:
                return found

    def preset(self, id: str) -> Dict[str, Any]:
        """A stored preset, else the built-in one of that id, as a dict."""
        found: Dict[str, Any] = json.loads(self._core.preset(id))
        return found

    def put_preset(self, preset: "Union[Mapping[str, Any], str]") -> None:
        """Stores a preset, given as dict or JSON text, for later sessions."""
        self._core.put_preset(json_of(preset))

    def remove_preset(self, id: str) -> None:
        """Takes a stored preset out of the store; sessions keep their copies."""
        self._core.remove_preset(id)

    def seed_presets(self) -> int:
        """Stores the built-in presets that are not stored yet; returns how many were new."""
        return self._core.seed_presets()

    def put_preset_later(self, preset: "Union[Mapping[str, Any], str]") -> "Pending[None]":
        """:meth:`put_preset` without waiting for the store: for coroutines, which await it. Changes take effect in the
        order of the calls.

        Examples
        --------
        >>> import asyncio, scena
        >>> async def copy(engine):
        ...     await engine.put_preset_later({**engine.preset("job-interview"), "id": "mine"})
        ...     return engine.preset("mine")["title"]
        >>> with scena.Engine() as engine:
        ...     asyncio.run(copy(engine))
        'Job interview'
        """
        return Pending(self, self._core.put_preset_later(json_of(preset)), void)

    def remove_preset_later(self, id: str) -> "Pending[None]":
        """:meth:`remove_preset` without waiting for the store."""
        return Pending(self, self._core.remove_preset_later(id), void)

    def seed_presets_later(self) -> "Pending[int]":
        """:meth:`seed_presets` without waiting for the store."""
        return Pending(self, self._core.seed_presets_later(), int)

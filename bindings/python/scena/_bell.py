"""Wakes all who read one queue, which tells one alone."""
from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Callable, Iterator, List

if TYPE_CHECKING:
    from ._pump import Pump, Signal


class Bell:
    """Made with its queue, which keeps it and not the other way round: who reads it first is not asked."""

    def __init__(self) -> None:
        self._signals: List[Signal] = []
        self._hangs = False  # at its queue, from the first reader on

    def ring(self) -> None:
        """Called by the engine, on whatever thread."""
        for signal in list(self._signals):
            signal.set()

    @contextmanager
    def signal(self, pump: "Pump", on_ready: Callable[[Callable[[], None]], None]) -> Iterator[Signal]:
        """For one reader, as long as it reads."""
        from ._pump import Signal

        signal = Signal(pump)
        self._signals.append(signal)  # before the reader looks: what comes behind that look rings
        try:
            if not self._hangs:
                on_ready(self.ring)
                self._hangs = True
            yield signal
        finally:
            self._signals.remove(signal)

"""The time and the loop of an engine."""
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Dict, Optional, TypeVar, Union

from . import _core
from ._errors import ClosedError, TimeoutError, WrongStateError
from ._given import seconds_of
from ._runner import Runner
from ._values import EngineStats, time_of

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from ._pump import Pump

    Time = Union[timedelta, float]


E = TypeVar("E", bound="EngineLoop")


class EngineLoop:
    """What runs an engine: clock, loop, and its end. The other parts of :class:`Engine` build on it."""

    def _set_up(self, core: "_core.Engine", runner: Runner, threads: bool, *, owner: bool) -> None:
        self._core = core
        self._runner = runner
        self._threads = threads
        self._owner = owner

    def capabilities(self) -> Dict[str, Any]:
        """What is built in and configured, without network calls."""
        found: Dict[str, Any] = json.loads(self._core.capabilities())
        return found

    def stats(self) -> EngineStats:
        """What is held now and what overflowed so far."""
        return EngineStats(**self._core.stats())

    @property
    def now(self) -> "datetime":
        """The engine's wall time, in UTC; on the virtual clock its virtual time."""
        return time_of(self._core.wall())

    def advance(self, step: "Time") -> None:
        """Moves virtual time on, running every timer on the way; at most to 100 years from the clock's start."""
        seconds = seconds_of(step, "step")
        self._runner.blocking(self._core.advance, seconds if seconds is not None else 0.0)

    def run_until_idle(self, timeout: "Optional[Time]" = None) -> None:
        """Waits until every queued command and turn, and every job whose time has come, is done.

        Raises
        ------
        TimeoutError
            Something is still under way after ``timeout`` seconds; it goes on.
        """
        if not self._runner.blocking(self._core.run_until_idle, seconds_of(timeout, "timeout")):
            raise TimeoutError("the engine was not idle in time; what is under way goes on")

    def poll(self, budget: "Time" = 0.0) -> int:
        """Runs what is ready for about ``budget``, for a loop of one's own; returns how many callbacks ran."""
        return self._core.poll(seconds_of(budget, "budget") or 0.0)

    def wait_fd(self) -> int:
        """A descriptor that is readable when poll() has work."""
        return self._core.wait_fd()

    def next_deadline(self) -> Optional[float]:
        """Seconds until poll() must be called at the latest; None: only when readable."""
        return self._core.next_deadline()

    def close(self) -> None:
        """Ends running turns as interrupted and closes the store, for which it waits. Safe to call twice.

        The engine lets go of all that its host gave it, and calls nothing of it any more. Without that an object that
        the engine calls and that itself refers to the engine is never collected. Inside a function that the engine
        calls this does nothing. In coroutines: :meth:`aclose`.

        Examples
        --------
        >>> import scena
        >>> class Desk:
        ...     def __init__(self):
        ...         self.engine = scena.Engine(tools=[scena.tool(name="look")(self.look)])
        ...     def look(self):
        ...         return "nothing there"
        >>> desk = Desk()
        >>> desk.engine.close()
        """
        if not self._owner:
            return
        self._runner.close_engine(self._core.close, self._is_closed)
        if self._is_closed():
            self._runner.close()

    async def aclose(self) -> None:
        """:meth:`close` for coroutines, on a thread: it waits for the store, and the loop goes on meanwhile.

        ``async with`` ends with it. Whoever awaits something of the engine is told.
        """
        if not self._owner:
            return
        import asyncio

        self._runner.stop_pumps()
        await asyncio.to_thread(self.close)

    def __enter__(self: E) -> E:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self: E) -> E:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _is_closed(self) -> bool:
        try:
            self._core.stats()
        except ClosedError:
            return True
        except WrongStateError:  # the engine of a process that this one was forked from
            pass
        return False

    def _pump(self) -> "Pump":
        """What runs the engine while something is awaited on the running loop."""
        return self._runner.pump(self._core, self._threads)

"""The time and the loop of an engine."""
from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any, Dict, Optional, TypeVar, Union

from . import _core
from ._errors import ClosedError, TimeoutError, WrongStateError
from ._given import seconds_of
from ._runner import Runner
from ._values import EngineStats, time_of

if TYPE_CHECKING:
    from concurrent.futures import Future
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
        self._ending: "Optional[Future[None]]" = None  # close() on a thread, for coroutines

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
        """:meth:`close` for coroutines, on a thread of its own: it waits for the store, and the loop goes on meanwhile.

        ``async with`` ends with it. Whoever awaits something of the engine is told. Cancelling it, or a timeout, ends
        the wait alone: the engine is closed all the same, and a second call waits for that.
        """
        if not self._owner:
            return
        import asyncio

        if self._ending is None or self._ending.done():
            self._runner.stop_pumps()
            self._ending = self._close_on_thread()
        await asyncio.wrap_future(self._ending)

    def _close_on_thread(self) -> "Future[None]":
        from concurrent.futures import Future

        ending: "Future[None]" = Future()
        ending.set_running_or_notify_cancel()  # from here on nobody's cancellation reaches it

        def run() -> None:
            try:
                self.close()
            except BaseException as raised:
                ending.set_exception(raised)
            else:
                ending.set_result(None)

        try:
            threading.Thread(target=run, name="scena-close").start()
        except RuntimeError:  # none starts any more: the interpreter ends, or the system has no room
            run()
        return ending

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

"""Runs an engine on asyncio's loop: no thread, one descriptor, one timer."""
from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Callable, Optional

from ._errors import Error

if TYPE_CHECKING:
    from . import _core

_BUDGET = 0.002  # seconds of one poll: leaves the loop to its other tasks


class Pump:
    """Polls an engine as long as somebody awaits something of it.

    An engine with threads of its own needs no polling: then this only counts.
    """

    def __init__(self, engine: "_core.Engine", loop: asyncio.AbstractEventLoop, threads: bool, process: int) -> None:
        self.loop = loop
        self._engine = engine
        self._process = process
        self._polls = not threads
        self._real = engine.real_clock
        self._descriptor = -1
        self._waiting = 0  # readers of turns, events and answers
        self._asleep = 0  # those of them that have read everything
        self._timer: Optional[asyncio.Handle] = None

    def __enter__(self) -> None:
        if os.getpid() != self._process:
            self._engine.poll(0.0)  # raises: it runs in the process that this one was forked from
        self._waiting += 1
        if self._waiting == 1 and self._polls and self._real:
            self._descriptor = self._engine.wait_fd()
            self.loop.add_reader(self._descriptor, self._poll)
        self._poll_soon()

    def __exit__(self, *_: object) -> None:
        self._waiting -= 1
        if self._waiting == 0:
            self._rest()

    def stop(self) -> None:
        """Polls no more; who waits is told by the engine. On the loop's thread."""
        self._polls = False
        self._rest()

    def _rest(self) -> None:
        if self._descriptor >= 0:
            self.loop.remove_reader(self._descriptor)
            self._descriptor = -1
        self._plan(None)

    def fall_asleep(self) -> None:
        """A reader has read everything."""
        self._asleep += 1
        if not self._real:
            self._poll_soon()

    def wake_up(self) -> None:
        """A reader has something to read."""
        self._asleep -= 1

    def _poll_soon(self) -> None:
        """There may be work that no descriptor tells of: from before it was watched, or of the virtual clock."""
        if self._polls:
            self._plan(self.loop.call_soon(self._poll))

    def _plan(self, timer: Optional[asyncio.Handle]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = timer

    def _poll(self) -> None:
        left: Optional[float] = None
        try:
            ran = self._engine.poll(_BUDGET)
            left = self._engine.next_deadline()
            # Virtual time passes only while nobody has anything left to read.
            if not self._real and ran == 0 and self._asleep == self._waiting:
                if left is None:
                    left = _BUDGET  # an answer may come from another thread
                else:
                    self._engine.advance(left)
                    left = 0.0
            elif not self._real:
                left = 0.0 if ran else _BUDGET
        except Error:
            pass  # the engine was closed; those who wait are told by it
        except (KeyboardInterrupt, SystemExit):  # of a callback: they end the loop's run, and the next one goes on
            self._plan(self.loop.call_soon(self._poll))
            raise
        self._plan(None if left is None or self._waiting == 0 else self.loop.call_later(left, self._poll))


class Signal:
    """Wakes one reader from whatever thread the engine calls on."""

    def __init__(self, pump: Pump) -> None:
        self._pump = pump
        self._event = asyncio.Event()
        self._asleep = False

    def set(self) -> None:
        """Called by the engine, perhaps after the loop was closed."""
        if self._asleep:
            self._asleep = False
            self._pump.wake_up()
        try:
            self._pump.loop.call_soon_threadsafe(self._event.set)
        except RuntimeError:
            pass  # the loop was closed, perhaps just now on another thread: nobody waits any more

    async def wait(self) -> None:
        """Until set() was called since the last wait."""
        if not self._event.is_set():
            self._asleep = True
            self._pump.fall_asleep()
        try:
            await self._event.wait()
        finally:
            if self._asleep:
                self._asleep = False
                self._pump.wake_up()
        self._event.clear()


async def answer_of(pump: Pump, tell: Callable[[Callable[[], None]], None], ready: Callable[[], bool]) -> None:
    """Waits until ready(), which the engine tells by the callback given to tell()."""
    if ready():
        return
    with pump:
        signal = Signal(pump)
        tell(signal.set)
        while not ready():
            await signal.wait()

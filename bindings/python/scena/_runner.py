"""Runs the functions and coroutines of a host's own providers, tools and filters."""
from __future__ import annotations

import inspect
import os
import threading
from typing import TYPE_CHECKING, Any, Awaitable, Callable, Coroutine, Dict, List, Optional, Set, TypeVar

from ._errors import TimeoutError, WrongStateError
from ._lent import Loans

if TYPE_CHECKING:
    import asyncio

    from . import _core
    from ._pump import Pump

T = TypeVar("T")
Drive = Callable[[Any], "Coroutine[Any, Any, Any]"]
_GOODBYE = 2.0  # seconds that close() gives coroutines to end


class Runner:
    """Where the coroutines of one engine run, and what runs that engine on asyncio loops.

    Coroutines are tasks of the asyncio loop that awaits something of the engine, unless a blocking call holds
    that loop up. Otherwise a thread with a loop of its own is started when the first one comes. On the virtual
    clock the engine waits for each, at most ``limit`` seconds, since time would pass meanwhile.
    """

    def __init__(self, waits: bool, limit: float) -> None:
        self._waits = waits
        self._limit = limit
        self._host: Optional[_Host] = None
        self._pumps: "Dict[asyncio.AbstractEventLoop, Pump]" = {}
        self._closing = False
        self._is_closed: Optional[Callable[[], bool]] = None  # while somebody closes the engine
        self._own: Optional[asyncio.AbstractEventLoop] = None
        self._thread: Optional[threading.Thread] = None
        self._lock = threading.Lock()
        self._process = os.getpid()
        self.loans = Loans()

    def pump(self, core: "_core.Engine", threads: bool) -> "Pump":
        """What runs the engine while something is awaited on the running loop, where coroutines run from now on.

        One for each loop: two would take the descriptor from each other.
        """
        import asyncio

        from ._pump import Pump

        loop = asyncio.get_running_loop()
        if self._closing:
            return Pump(core, loop, True, self._process)
        if self._host is None or self._host.loop is not loop:
            self._host = _Host(loop)
        pump = self._pumps.get(loop)
        if pump is None:
            open_ones = {one: kept for one, kept in self._pumps.items() if not one.is_closed()}
            pump = open_ones[loop] = Pump(core, loop, threads, self._process)
            self._pumps = open_ones
        return pump

    def stop_pumps(self) -> None:
        """The engine is about to be closed on another thread, which runs it from now on."""
        self._closing = True
        for pump in self._pumps.values():
            pump.stop()

    def start(
        self,
        given: "Awaitable[Any]",
        succeed: Callable[[Any], None],
        fail: Callable[[BaseException], None],
        *,
        session: str = "",
        drive: "Optional[Drive]" = None,
    ) -> Callable[[], None]:
        """Awaits ``drive(given)``, or ``given`` itself, and answers once; returns the function that cancels it."""
        work = _Work(given, succeed, fail, drive or _value_of, session)
        if not self._place_on_host(work):
            self._place_on_own(work)
        if self._waits:
            work.wait(self._limit)
        return work.stop

    def wait(self, given: "Awaitable[T]") -> T:
        """Awaits something on the thread of its own and waits for what it gives."""
        results: List[T] = []
        failures: List[BaseException] = []
        work = _Work(given, results.append, failures.append, _value_of, "")
        self._place_on_own(work)
        work.wait(self._limit)
        if failures:
            raise failures[0]
        return results[0]

    def blocking(self, call: "Callable[..., T]", *given: Any, session: str = "", done: "Callable[[], bool]" = bool) -> T:
        """Makes a call that waits for the engine, perhaps on the thread of the loop where coroutines run.

        Those that come meanwhile, or have not begun, run on the thread of its own then.

        Raises
        ------
        WrongStateError
            A coroutine of ``session`` has begun on that loop, and ``done`` is not yet true: the call would wait for
            itself.
        """
        host = self._host
        if host is None or not host.is_held_here():
            return call(*given)
        if host.has_begun(session) and not done():
            raise WrongStateError(
                "a coroutine of this session runs on the asyncio loop that this call would block; await the turn"
            )
        with self._lock:
            host.blocked += 1
            waiting, host.waiting = host.waiting, set()
        for work in waiting:
            self._place_on_own(work)
        try:
            return call(*given)
        finally:
            with self._lock:
                host.blocked -= 1

    def holds_up(self, session: str) -> bool:
        """Whether a blocking call on this thread holds up a coroutine of the session that has begun."""
        host = self._host
        return host is not None and host.is_held_here() and host.has_begun(session)

    def _place_on_host(self, work: "_Work") -> bool:
        with self._lock:
            host = self._host
            if self._waits or host is None or host.blocked or not host.loop.is_running():
                return False
            host.waiting.add(work)
            try:
                host.loop.call_soon_threadsafe(host.begin, work)
            except RuntimeError:  # closed this moment
                host.waiting.discard(work)
                return False
            return True

    def _place_on_own(self, work: "_Work") -> None:
        import asyncio

        with self._lock:
            if self._own is None:
                own = asyncio.new_event_loop()
                thread = threading.Thread(target=_run, args=(own,), name="scena-coroutines", daemon=True)
                try:
                    thread.start()
                except RuntimeError:  # none starts any more once the interpreter ends
                    own.close()
                    work.drop()
                    raise
                self._own, self._thread = own, thread
            self._own.call_soon_threadsafe(work.begin, self._own, True)

    def is_engine_closed(self) -> bool:
        """Asked for each piece of a reply: a look at the engine only while somebody closes it."""
        is_closed = self._is_closed
        return is_closed is not None and is_closed()

    def close_engine(self, close: Callable[[], None], is_closed: Callable[[], bool]) -> None:
        """Closes the engine. Inside a function that it calls nothing happens, and nothing is left of this."""
        self._is_closed = is_closed
        try:
            self.blocking(close)
        finally:
            if not is_closed():
                self._is_closed = None

    def close(self) -> None:
        """Ends the thread, if there is one, and what runs on it; what does not end soon is left behind.

        The engine was closed: it has nothing of the host's any more, and nothing here leads back to it.
        """
        self._closing = True
        self._is_closed = None
        with self._lock:
            own, self._own = self._own, None
        if own is not None and self._thread is not None:
            own.call_soon_threadsafe(_begin_end, own)
            if self._thread is not threading.current_thread():
                self._thread.join(_GOODBYE)
        self.loans.take_back()
        self._host, self._pumps = None, {}

    def __del__(self) -> None:
        if self._own is not None:  # of an engine that nobody closed
            self._own.call_soon_threadsafe(_begin_end, self._own)


class _Host:
    """A running loop of the host's."""

    def __init__(self, loop: "asyncio.AbstractEventLoop") -> None:
        self.loop = loop
        self.thread = threading.get_ident()
        self.blocked = 0  # blocking calls that hold its thread up
        self.waiting: Set[_Work] = set()
        self._begun: Set[_Work] = set()

    def is_held_here(self) -> bool:
        """Whether a call that blocks this thread blocks the loop, or nothing runs it."""
        return self.thread == threading.get_ident() or not self.loop.is_running()

    def begin(self, work: "_Work") -> None:
        """Called on the loop; another may have taken the work meanwhile."""
        if work in self.waiting:
            self.waiting.discard(work)
            self._begun.add(work)
            work.begin(self.loop, False).add_done_callback(lambda _: self._begun.discard(work))

    def has_begun(self, session: str) -> bool:
        """Whether a coroutine of the session is under way here."""
        return bool(session) and any(work.session == session and not work.stopped for work in self._begun)


class _Work:
    """Something that a host's function gave to await: a task of some loop, which answers once."""

    def __init__(
        self,
        given: Any,
        succeed: Callable[[Any], None],
        fail: Callable[[BaseException], None],
        drive: "Drive",
        session: str,
    ) -> None:
        self.session = session
        self.stopped = False
        self._given = given
        self._succeed = succeed
        self._fail = fail
        self._drive = drive
        self._answered = False
        self._task: "Optional[asyncio.Task[Any]]" = None
        self._ended = threading.Event()

    def begin(self, loop: "asyncio.AbstractEventLoop", own: bool) -> "asyncio.Task[Any]":
        """Called on that loop."""
        task = self._task = loop.create_task(self._run(own))
        task.add_done_callback(self._end)
        if self.stopped:
            task.cancel()
        return task

    def drop(self) -> None:
        """Nothing will ever run it."""
        _let_go(self._given)

    def stop(self) -> None:
        """Cancels it; from any thread."""
        self.stopped = True
        if self._task is None:
            return
        try:
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)
        except RuntimeError:
            pass  # its loop is closed

    def wait(self, limit: float) -> None:
        """Waits for the answer; there is one when it returns."""
        try:
            if self._ended.wait(limit):
                return
        except BaseException:
            self.stop()
            raise
        self._answer(TimeoutError(f"the coroutine gave no answer within {limit:g} s of real time; coroutine_timeout sets the limit"))
        self.stop()

    async def _run(self, own: bool) -> Any:
        try:
            return await self._drive(self._given)
        except (KeyboardInterrupt, SystemExit) as raised:
            self._answer(raised)
            if not own:  # asyncio ends a loop with these; the engine's own goes on
                raise

    def _end(self, task: "asyncio.Task[Any]") -> None:
        import asyncio

        _let_go(self._given)
        try:
            if task.cancelled():
                raise asyncio.CancelledError
            given = task.result()
            if not self._answered:
                self._succeed(given)
                self._answered = True
        except BaseException as raised:
            self._answer(raised)
        finally:
            self._ended.set()

    def _answer(self, raised: BaseException) -> None:
        if not self._answered:
            self._answered = True
            self._fail(raised)


def _run(loop: "asyncio.AbstractEventLoop") -> None:
    loop.run_forever()
    loop.close()


def _begin_end(loop: "asyncio.AbstractEventLoop") -> None:
    loop.create_task(_end(loop))


async def _end(loop: "asyncio.AbstractEventLoop") -> None:
    import asyncio

    tasks = asyncio.all_tasks(loop) - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_GOODBYE / 2)
    loop.stop()


def answer(
    runner: Runner,
    call: Callable[[], Any],
    succeed: Callable[[Any], None],
    fail: Callable[[BaseException], None],
    on_stop: "Callable[[Callable[[], None]], None]",
    session: str = "",
) -> None:
    """Calls a host's function, plain or a coroutine function, and answers once with what it gives or raises.

    ``on_stop`` is told how a coroutine is cancelled.
    """
    try:
        given = call()
        if inspect.isawaitable(given):
            on_stop(runner.start(given, succeed, fail, session=session))
        else:
            succeed(given)
    except Exception as raised:
        fail(raised)


async def _value_of(given: "Awaitable[Any]") -> Any:
    return await given


def words_of(raised: BaseException) -> str:
    """What was raised, for those who only read text."""
    said = text_of(raised)
    return f"{type(raised).__name__}: {said}" if said else type(raised).__name__


def text_of(raised: BaseException) -> str:
    """What it says, as UTF-8 can hold it; empty where it fails to say anything."""
    try:
        return str(raised).encode("utf-8", "replace").decode("utf-8")
    except Exception:
        return ""


def _let_go(given: object) -> None:
    """Closes a coroutine that never began; Python warns of those otherwise."""
    if inspect.iscoroutine(given) and inspect.getcoroutinestate(given) == inspect.CORO_CREATED:
        given.close()


def void(_: object) -> None:
    """Lets go of a value."""

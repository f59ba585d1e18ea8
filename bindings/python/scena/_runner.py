"""Runs the functions and coroutines of a host's own providers, tools and filters."""
from __future__ import annotations

import inspect
import threading
from typing import TYPE_CHECKING, Any, Awaitable, Callable, Coroutine, Optional

if TYPE_CHECKING:
    import asyncio


class Runner:
    """Where the coroutines of one engine run.

    While the engine is used from a running asyncio loop, they are tasks of that loop. Otherwise a
    thread with a loop of its own is started when the first one comes. On the virtual clock the
    engine waits for each, since time would pass meanwhile.
    """

    def __init__(self, waits: bool) -> None:
        self._waits = waits
        self._host: Optional[asyncio.AbstractEventLoop] = None
        self._own: Optional[asyncio.AbstractEventLoop] = None
        self._thread: Optional[threading.Thread] = None
        self._lock = threading.Lock()

    def use(self, loop: "asyncio.AbstractEventLoop") -> None:
        """Coroutines run on the host's loop from now on."""
        self._host = loop

    def start(self, work: "Coroutine[Any, Any, None]", given: object) -> Callable[[], None]:
        """Starts ``work``, which awaits ``given``; returns the function that cancels it."""
        import asyncio

        host = self._host
        if host is not None and host.is_running() and not self._waits:
            future = asyncio.run_coroutine_threadsafe(work, host)
        else:
            future = asyncio.run_coroutine_threadsafe(work, self._own_loop())
            if self._waits:
                future.exception()
        future.add_done_callback(lambda _: _let_go(given))
        return lambda: void(future.cancel())

    def wait(self, work: "Coroutine[Any, Any, Any]") -> Any:
        """Runs a coroutine on the thread of its own and waits for what it returns."""
        import asyncio

        return asyncio.run_coroutine_threadsafe(work, self._own_loop()).result()

    def _own_loop(self) -> "asyncio.AbstractEventLoop":
        import asyncio

        with self._lock:
            if self._own is None:
                self._own = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._own.run_forever, name="scena-coroutines", daemon=True)
                self._thread.start()
            return self._own

    def close(self) -> None:
        """Ends the thread, if there is one, and what runs on it."""
        own, self._own = self._own, None
        if own is None or self._thread is None:
            return
        import asyncio

        asyncio.run_coroutine_threadsafe(_end(own), own)
        if self._thread is not threading.current_thread():
            self._thread.join()
            own.close()


async def _end(loop: "asyncio.AbstractEventLoop") -> None:
    import asyncio

    tasks = asyncio.all_tasks(loop) - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=1)
    loop.stop()


def answer(
    runner: Runner,
    call: Callable[[], Any],
    succeed: Callable[[Any], None],
    fail: Callable[[Exception], None],
    on_stop: "Callable[[Callable[[], None]], None]",
) -> None:
    """Calls a host's function, plain or a coroutine function, and answers once with what it gives or raises.

    ``on_stop`` is told how a coroutine is cancelled.
    """
    try:
        given = call()
        if inspect.isawaitable(given):
            on_stop(runner.start(finish(given, succeed, fail), given))
        else:
            succeed(given)
    except Exception as raised:
        fail(raised)


async def finish(given: "Awaitable[Any]", succeed: Callable[[Any], None], fail: Callable[[Exception], None]) -> None:
    """Answers once with what a coroutine gives or raises."""
    try:
        succeed(await given)
    except Exception as raised:
        fail(raised)


def words_of(raised: BaseException) -> str:
    """What was raised, for those who only read text."""
    return f"{type(raised).__name__}: {raised}" if str(raised) else type(raised).__name__


def _let_go(given: object) -> None:
    """Closes a coroutine that was cancelled before it began; Python warns of those otherwise."""
    if inspect.iscoroutine(given) and inspect.getcoroutinestate(given) == inspect.CORO_CREATED:
        given.close()


def void(_: object) -> None:
    """Lets go of a value."""

"""Turns, events and the answers of commands: what is there now, or later."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, AsyncIterator, Callable, Generator, Generic, Iterator, List, Optional, TypeVar, Union

from . import _core
from ._answers import completion_of, turn_result_of
from ._bell import Bell
from ._errors import TimeoutError, WrongStateError
from ._given import seconds_of
from ._values import Completion, TurnResult

if TYPE_CHECKING:
    from datetime import timedelta

    from ._core import Event
    from ._engine_loop import EngineLoop

    Time = Union[timedelta, float, None]

T = TypeVar("T")
_LATE = "the answer did not come in time; it may still come"
_SOON = 1.0  # seconds in which a command is done that does not wait for its session's turn


def _no_attribute(of: Any, name: str) -> AttributeError:
    """For who asks a turn or a command for what it came to, before that is there."""
    hint = "" if name.startswith("_") else "; what it came to is in its result(), or in what `await` gives"
    return AttributeError(f"{type(of).__name__!r} object has no attribute {name!r}{hint}")


class Pending(Generic[T]):
    """The answer of a queued command: there now, or later.

    ``pending.result()`` waits for it; in a coroutine ``await pending`` does. A command that nobody waits
    for is carried out all the same.
    """

    def __init__(
        self, engine: "EngineLoop", core: "_core.Pending", convert: Callable[[Any], T], session: str = ""
    ) -> None:
        self._engine = engine
        self._core = core
        self._convert = convert
        self._session = session  # whose turn it may wait for

    if not TYPE_CHECKING:  # to a checker it would be an attribute of any name

        def __getattr__(self, name: str) -> Any:
            raise _no_attribute(self, name)

    def done(self) -> bool:
        """True once the answer is there: result() does not wait."""
        return self._core.ready()

    def result(self, timeout: "Time" = None) -> T:
        """Waits for the answer, and runs the engine's loop meanwhile when it has no threads.

        Raises
        ------
        Error
            What the command failed with; TimeoutError after ``timeout`` seconds; WrongStateError where it waits for
            a turn that a coroutine of the asyncio loop keeps open, which this call would block: await it there.
        """
        runner, seconds = self._engine._runner, seconds_of(timeout, "timeout")
        if not runner.holds_up(self._session) or (seconds is not None and seconds <= _SOON):
            return self._convert(runner.blocking(self._core.result, seconds))
        try:
            return self._convert(runner.blocking(self._core.result, _SOON))
        except TimeoutError:
            if self.done():
                raise  # the command's own
            raise WrongStateError(
                "the command waits for a turn whose coroutine runs on the asyncio loop that this call would block; "
                "await it (it is carried out all the same)"
            ) from None

    def __await__(self) -> Generator[Any, None, T]:
        return self._wait().__await__()

    async def _wait(self) -> T:
        from ._pump import answer_of

        await answer_of(self._engine._pump(), self._core.then, self._core.ready)
        return self._convert(self._core.result(None))


class CompletionCall(Pending[Completion]):
    """A call of :meth:`Engine.complete` that is under way: a :class:`Pending` that can be cancelled."""

    def __init__(self, engine: "EngineLoop", core: "_core.Pending", stop: "_core.Stop") -> None:
        super().__init__(engine, core, completion_of)
        self._stop = stop

    def cancel(self) -> None:
        """Ends the call: its outcome is ``"cancelled"``, with the text that came."""
        self._stop.request()


class Turn:
    """One message and its reply in the making.

    ``for delta in turn`` (or ``async for``) gives the reply's text as it comes; ``turn.result()`` (or ``await
    turn``) the whole of it. Reading a reply that failed or was cut off raises its error behind the text
    that came; ``result()`` returns it as ``error``. Dropping a turn cancels nothing.

    Examples
    --------
    >>> import scena
    >>> with scena.Engine(clock="virtual", seed=7) as engine:
    ...     turn = engine.create_session("job-interview").send("Good morning.")
    ...     text = "".join(turn)
    ...     text == turn.result().text
    True
    """

    def __init__(self, engine: "EngineLoop", core: "_core.Turn", session: str) -> None:
        self._engine = engine
        self._core = core
        self._session = session
        self._bell = Bell()

    if not TYPE_CHECKING:  # to a checker it would be an attribute of any name

        def __getattr__(self, name: str) -> Any:
            raise _no_attribute(self, name)

    def __repr__(self) -> str:
        return f"<scena.Turn {self.id or 'that is not accepted'} of {self._session}>"

    @property
    def id(self) -> str:
        """``"t1"``, ``"t2"``, ...; empty until the turn is accepted."""
        return self._core.id()

    @property
    def accepted(self) -> bool:
        """True once the message is committed and the reply has started.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7) as engine:
        ...     turn = engine.create_session("job-interview").send("Good morning.")
        ...     before = turn.accepted
        ...     turn.wait_accepted()
        ...     before, turn.accepted, turn.id, turn.done()
        (False, True, 't1', False)
        """
        return self._core.accepted()

    def done(self) -> bool:
        """True once the turn has ended or was refused."""
        return self._core.done()

    def wait_accepted(self, timeout: "Time" = None) -> None:
        """Waits until the message is committed; raises what it was refused with."""
        if not self._wait_in(self._core.wait_accepted, seconds_of(timeout, "timeout")):
            raise TimeoutError(_LATE)

    def result(self, timeout: "Time" = None) -> TurnResult:
        """Waits for the turn's end. Raises when it was refused; a reply that failed is returned.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7, provider="fault:cut_after=3", max_retries=0) as engine:
        ...     result = engine.create_session("job-interview").send("Good morning.").result(timeout=30)
        ...     result.outcome, type(result.error).__name__
        ('truncated', 'NetworkError')
        """
        given = self._wait_in(self._core.result, seconds_of(timeout, "timeout"))
        if given is None:
            raise TimeoutError(_LATE)
        return turn_result_of(given)

    def cancel(self) -> None:
        """Ends generation; the partial text is stored."""
        self._core.cancel()

    def __iter__(self) -> Iterator[str]:
        while True:
            texts = self._wait_in(self._core.wait_texts)
            if texts is None:
                break
            yield from texts
        self._raise_if_failed()

    async def __aiter__(self) -> AsyncIterator[str]:
        pump = self._engine._pump()
        with pump, self._bell.signal(pump, self._core.on_ready) as signal:
            while True:
                texts = self._core.take_texts()
                if texts is None:
                    break
                for text in texts:
                    yield text
                if not texts:
                    await signal.wait()
        self._raise_if_failed()

    def __await__(self) -> Generator[Any, None, TurnResult]:
        return self._wait().__await__()

    async def _wait(self) -> TurnResult:
        from ._pump import answer_of

        await answer_of(self._engine._pump(), self._core.then, self._core.done)
        return self.result()

    def _wait_in(self, call: "Callable[..., T]", *given: Any) -> T:
        return self._engine._runner.blocking(call, *given, session=self._session, done=self._core.done)

    def _raise_if_failed(self) -> None:
        result = self.result()
        if result.error is not None and result.outcome != "cancelled":
            raise result.error


class Events:
    """A viewer of a session: its own bounded queue of events.

    ``for event in events`` waits for one after the other until ``close()``, the session's deletion, or
    ``lagged``: a reader that is much too slow gets that as its last event, with the cursor to go on from.
    ``take()`` neither waits nor runs the engine's loop: ``poll()`` brings what it takes. Dropping a viewer ends the viewing and nothing else.
    """

    def __init__(self, engine: "EngineLoop", core: "_core.Events") -> None:
        self._engine = engine
        self._core = core
        self._bell = Bell()

    def next(self, timeout: "Time" = None) -> "Optional[Event]":
        """Waits for the next event; None after ``timeout`` seconds or when no further one comes.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7) as engine:
        ...     session = engine.create_session("job-interview")
        ...     events = session.events()
        ...     _ = session.start()
        ...     [event.type for event in iter(lambda: events.next(timeout=5), None)]
        ['session.created', 'session.started', 'message.stored', 'metrics.stored']
        """
        return self._engine._runner.blocking(self._core.next, seconds_of(timeout, "timeout"))

    def take(self, most: int = 1000) -> "List[Event]":
        """Everything that waits, without waiting: at most ``most`` events."""
        return self._core.take(most)

    @property
    def cursor(self) -> str:
        """Where this reader stands: subscribe after it to go on."""
        return self._core.cursor()

    @property
    def ended(self) -> bool:
        """True after ``lagged`` or close(): no further event comes."""
        return self._core.ended()

    def close(self) -> None:
        """Takes in nothing more; what waits can still be read."""
        self._core.close()

    def __enter__(self) -> "Events":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> "Iterator[Event]":
        while True:
            event = self._engine._runner.blocking(self._core.next, None)
            if event is None:
                return
            yield event

    async def __aiter__(self) -> "AsyncIterator[Event]":
        pump = self._engine._pump()
        with pump, self._bell.signal(pump, self._core.on_ready) as signal:
            while True:
                events = self._core.take(1000)
                for event in events:
                    yield event
                if events:
                    continue
                if self._core.ended():
                    return
                await signal.wait()

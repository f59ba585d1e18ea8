"""A host's own embedders and event sinks, and what the engine calls of them."""
from __future__ import annotations

import inspect
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Awaitable, Callable, Dict, Iterable, List, Optional, Sequence, Union

from ._errors import Error, ErrorCode
from ._extensions import GiveUp, words_of
from ._runner import Runner
from ._values import job_of, seconds_of

if TYPE_CHECKING:
    from ._core import EmbeddingAnswer, Event, JobAnswer

Vectors = Sequence[Sequence[float]]


class Embedder:
    """A source of vectors written in Python; ``embed`` may be ``async def``. Any object with ``embed`` will do.

    Examples
    --------
    >>> import scena
    >>> class Lengths(scena.Embedder):
    ...     def embed(self, texts):
    ...         return [[float(len(text)), 1.0] for text in texts]
    >>> with scena.Engine(embedders={"mine": Lengths()}) as engine:
    ...     engine.embed(["a", "abc"], provider="mine").result().vectors
    ([1.0, 1.0], [3.0, 1.0])
    """

    def embed(self, texts: Sequence[str]) -> "Union[Vectors, Awaitable[Vectors]]":
        """Returns a vector for each text, in their order and all of one length.

        What it raises is a failure: a :class:`scena.Error` with its code, anything else with provider_error.
        With a parameter ``model``, ``purpose`` or ``dimensions`` it gets that of the request, too.
        """
        raise NotImplementedError


class EventSink:
    """Takes durable events from the store: each at least once, those of one session in order.

    ``function`` takes an :class:`Event` and the :class:`Job` that delivers it, whose ``attempts`` says how often
    it was tried; it may be a coroutine function. What it raises is a failed delivery, which is tried again;
    :class:`GiveUp` ends it.

    Parameters
    ----------
    events
        Types, e.g. ``"turn.finished"`` or ``"message.*"``; empty: all that are stored.
    tenant
        Only this one's events; empty: of all.
    parallel, time_limit, max_attempts, max_waiting
        Sessions delivered at once, time and tries of one delivery, events of a tenant that wait.
    """

    def __init__(
        self,
        function: "Callable[[Event, Any], Any]",
        *,
        events: Iterable[str] = (),
        tenant: str = "",
        parallel: int = 4,
        time_limit: "Union[timedelta, float]" = 15.0,
        max_attempts: int = 8,
        max_waiting: int = 10_000,
    ) -> None:
        if isinstance(events, str):
            raise TypeError(f"events: must be a list of types, such as [{events!r}]")
        self.function = function
        self.events = list(events)
        self.tenant = tenant
        self.parallel = parallel
        self.time_limit = seconds_of(time_limit)
        self.max_attempts = max_attempts
        self.max_waiting = max_waiting


class EmbedderAdapter:
    """What the engine calls of a host's embedder."""

    def __init__(self, embedder: Any, runner: Runner) -> None:
        self._embed = embedder.embed
        self._wants = [name for name in ("model", "purpose", "dimensions") if name in inspect.signature(self._embed).parameters]
        self._runner = runner

    def start(
        self, texts: List[str], model: str, purpose: str, dimensions: Optional[int], answer: "EmbeddingAnswer"
    ) -> None:
        """Starts one request."""
        request: Dict[str, Any] = {"model": model, "purpose": purpose, "dimensions": dimensions}
        try:
            given = self._embed(texts, **{name: request[name] for name in self._wants})
            if inspect.isawaitable(given):
                answer.on_stop(self._runner.start(self._drive(given, answer), given))
            else:
                answer.succeed(list(given))
        except Exception as raised:
            _refuse(answer, raised)

    async def _drive(self, given: "Awaitable[Vectors]", answer: "EmbeddingAnswer") -> None:
        try:
            answer.succeed(list(await given))
        except Exception as raised:
            _refuse(answer, raised)


def _refuse(answer: "EmbeddingAnswer", raised: Exception) -> None:
    if isinstance(raised, Error):
        answer.fail(raised.code, str(raised))
    else:
        answer.fail(ErrorCode.PROVIDER_ERROR, "the embedder raised " + words_of(raised))


class EventSinkAdapter:
    """What the engine calls of a host's event sink."""

    def __init__(self, sink: EventSink, runner: Runner) -> None:
        self._sink = sink
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sink, name)

    def start(self, event: "Event", job: Dict[str, Any], answer: "JobAnswer") -> None:
        """Starts one delivery."""
        try:
            given = self._sink.function(event, job_of(job))
            if inspect.isawaitable(given):
                answer.on_stop(self._runner.start(self._drive(given, answer), given))
            else:
                answer.succeed("")
        except Exception as raised:
            answer.fail(words_of(raised), isinstance(raised, GiveUp))

    async def _drive(self, given: "Awaitable[Any]", answer: "JobAnswer") -> None:
        try:
            await given
            answer.succeed("")
        except Exception as raised:
            answer.fail(words_of(raised), isinstance(raised, GiveUp))

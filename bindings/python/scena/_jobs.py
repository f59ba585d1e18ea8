"""A host's own handlers of background jobs and takers of events, and what the engine calls of them."""
from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Union

from ._answers import job_of
from ._given import result_text, seconds_of
from ._runner import Runner, answer, words_of
from ._values import Job

if TYPE_CHECKING:
    from ._core import Event, JobAnswer


class JobHandler:
    """Does the background jobs of one kind: how many at once, and how long one attempt may take.

    ``function`` takes a :class:`Job` and returns the result, a str or what JSON can say; it may be a coroutine
    function. What it raises is a failed attempt, which is tried again; :class:`GiveUp` ends the job for good.
    """

    def __init__(
        self, function: Callable[[Job], Any], *, parallel: int = 4, time_limit: "Union[timedelta, float]" = 300.0
    ) -> None:
        self.function = function
        self.parallel = parallel
        self.time_limit = seconds_of(time_limit, "time_limit")


class GiveUp(Exception):
    """Raised by the handler of a job: trying again is of no use."""


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
        self.time_limit = seconds_of(time_limit, "time_limit")
        self.max_attempts = max_attempts
        self.max_waiting = max_waiting


class JobAdapter:
    """What the engine calls of a host's job handler."""

    def __init__(self, handler: JobHandler, runner: Runner) -> None:
        self.parallel = handler.parallel
        self.time_limit = handler.time_limit
        self._handler = handler
        self._runner = runner

    def start(self, job: Dict[str, Any], answer_to: "JobAnswer") -> None:
        """Starts one attempt."""
        _attempt(self._runner, lambda: self._handler.function(job_of(job)), result_text, answer_to)


class EventSinkAdapter:
    """What the engine calls of a host's event sink."""

    def __init__(self, sink: EventSink, runner: Runner) -> None:
        self._sink = sink
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sink, name)

    def start(self, event: "Event", job: Dict[str, Any], answer_to: "JobAnswer") -> None:
        """Starts one delivery."""
        _attempt(self._runner, lambda: self._sink.function(event, job_of(job)), lambda _: "", answer_to)


def _attempt(runner: Runner, call: Callable[[], Any], text: Callable[[Any], str], answer_to: "JobAnswer") -> None:
    answer(
        runner,
        call,
        lambda given: answer_to.succeed(text(given)),
        lambda raised: answer_to.fail(words_of(raised), isinstance(raised, GiveUp)),
        answer_to.on_stop,
    )

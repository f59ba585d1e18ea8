"""A host's own metrics and filters, and what the engine calls of them."""
from __future__ import annotations

import inspect
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Awaitable, Iterable, List, Sequence, Tuple, Union

from ._runner import Runner
from ._values import Score, Value, time_of

if TYPE_CHECKING:
    from ._core import FilterAnswer


class Said:
    """A message that an analyzer looks at.

    Attributes: ``id``, ``speaker``, ``from_human``, ``text``, ``time`` (UTC) and ``latency`` (seconds since the
    end of the message before).
    """

    __slots__ = ("id", "speaker", "from_human", "text", "_micros", "latency")

    def __init__(self, facts: "tuple[str, str, bool, int, float]", text: str) -> None:
        self.id, self.speaker, self.from_human, self._micros, self.latency = facts
        self.text = text

    @property
    def time(self) -> datetime:
        """When it began, in UTC."""
        return time_of(self._micros)


class Analyzer:
    """A metric written in Python: give it to the engine as ``Engine(analyzers=[Mine()])``.

    The engine waits for ``measure``, also where it is ``async def``. It looks at nothing but its arguments, so that the same transcript gives the same scores. It is
    also called while a message is being written; ``live_metrics=False`` calls it once a message.

    Examples
    --------
    >>> import scena
    >>> class Questions(scena.Analyzer):
    ...     name = "questions"
    ...     def measure(self, message, history):
    ...         return message.text.count("?")
    >>> with scena.Engine(analyzers=[Questions()]) as engine:
    ...     session = engine.create_session("job-interview")
    ...     _ = session.send("Hello? Is this the right room?").result()
    ...     [m.score("questions").value for m in session.messages() if m.from_human]
    [2.0]
    """

    name: str = ""

    def measure(
        self, message: Said, history: Sequence[Said]
    ) -> "Union[float, Score, Iterable[Score], None, Awaitable[Union[float, Score, Iterable[Score], None]]]":
        """Returns a number, a :class:`Score`, several, or None where there is nothing to say."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False, repr=False)
class FilterContext(Value):
    """Whose text a filter looks at; ``is_final``: no more of it follows."""

    session: str
    speaker: str
    is_final: bool


class Block:
    """What a filter returns for a text that must not pass."""

    def __init__(self, reason: str = "") -> None:
        self.reason = reason


Verdict = Union[None, str, Block]


class Filter:
    """Looks at every text that enters or leaves a model; both methods may be ``async def``.

    They return None to let the text pass, a str to put in its place, or :class:`Block`. A filter that raises
    blocks.

    ``hold_back``: output is delivered only when this many bytes more have arrived, so that a word that was
    cut in two is still seen whole. ``check_output`` gets what is held back and not yet delivered.

    Examples
    --------
    >>> import scena
    >>> class NoNumbers(scena.Filter):
    ...     def check_input(self, context, text):
    ...         return scena.Block("no digits, please") if any(c.isdigit() for c in text) else None
    >>> with scena.Engine(filter=NoNumbers()) as engine:
    ...     try:
    ...         engine.create_session("job-interview").send("I am 42").result()
    ...     except scena.ContentFilteredError:
    ...         print("refused")
    refused
    """

    hold_back: int = 0

    def check_input(self, context: FilterContext, text: str) -> "Union[Verdict, Awaitable[Verdict]]":
        """Looks at a whole message of a human, or a side question."""
        return None

    def check_output(self, context: FilterContext, text: str) -> "Union[Verdict, Awaitable[Verdict]]":
        """Looks at what is about to be delivered."""
        return None


class AnalyzerAdapter:
    """What the engine calls of a host's analyzer."""

    def __init__(self, analyzer: Any, runner: Runner) -> None:
        self.name: str = analyzer.name
        self._analyzer = analyzer
        self._runner = runner

    def open_session(self) -> "AnalyzerMemory":
        """A memory for one session, empty."""
        return AnalyzerMemory(self._analyzer, self._runner)


class AnalyzerMemory:
    """The messages of one session that an analyzer has seen."""

    def __init__(self, analyzer: Any, runner: Runner) -> None:
        self._analyzer = analyzer
        self._runner = runner
        self._history: List[Said] = []

    def measure(self, facts: Any, text: str) -> List[Tuple[str, float, float, str, List[Tuple[int, int, str]]]]:
        """The scores of a message, in the extension's form."""
        given = self._analyzer.measure(Said(facts, text), tuple(self._history))
        if inspect.isawaitable(given):
            given = self._runner.wait(given)
        if given is None:
            return []
        if isinstance(given, (int, float)):
            return [("", float(given), 1.0, "", [])]
        scores = [given] if isinstance(given, Score) else list(given)
        return [
            (s.metric, float(s.value), float(s.confidence), s.label, [(e.begin, e.end, e.reason) for e in s.evidence])
            for s in scores
        ]

    def keep(self, facts: Any, text: str) -> None:
        """The message was stored."""
        self._history.append(Said(facts, text))

    def forget_from(self, message: str) -> None:
        """Messages at and after this one left the conversation."""
        at = next((i for i, said in enumerate(self._history) if said.id == message), len(self._history))
        del self._history[at:]


class FilterAdapter:
    """What the engine calls of a host's filter."""

    def __init__(self, filter: Any, runner: Runner) -> None:
        self.hold_back: int = getattr(filter, "hold_back", 0)
        self._filter = filter
        self._runner = runner

    def start(self, what: str, session: str, speaker: str, is_final: bool, text: str, answer: "FilterAnswer") -> None:
        """Looks at one piece of text."""
        given = getattr(self._filter, what)(FilterContext(session, speaker, is_final), text)
        if inspect.isawaitable(given):
            self._runner.start(
                given,
                lambda verdict: _judge(answer, verdict),
                lambda raised: answer.block("the filter raised " + type(raised).__name__),
                session=session,
            )
        else:
            _judge(answer, given)


def _judge(answer: "FilterAnswer", given: Verdict) -> None:
    if given is None:
        answer.pass_on()
    elif isinstance(given, Block):
        answer.block(given.reason)
    else:
        answer.rewrite(given)

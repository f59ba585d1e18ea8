"""What the engine answers with: plain values, compared by content."""
from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Dict, List, Mapping, Optional, Tuple, cast

from ._errors import Error

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def time_of(micros: int) -> datetime:
    """A time of the engine, in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


class Value:
    """What all values can do. Methods that dataclass would write for each class anew stand here once: the package is
    imported in half the time."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    def __repr__(self) -> str:
        members = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({members})"

    def to_dict(self) -> Dict[str, Any]:
        """The members as a dict, nested values included."""
        return asdict(cast(Any, self))


@dataclass(frozen=True, eq=False, repr=False)
class Usage(Value):
    """Tokens of one model call, or a sum of calls. Cached tokens are inside ``input_tokens``."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    cached: bool = False
    estimated: bool = False
    billed_input_tokens: Optional[int] = None
    billed_output_tokens: Optional[int] = None


@dataclass(frozen=True, eq=False, repr=False)
class Evidence(Value):
    """A place in a message that supports a score: bytes ``begin`` to ``end`` of its UTF-8 text."""

    message: str
    begin: int
    end: int
    reason: str


@dataclass(frozen=True, eq=False, repr=False)
class Score(Value):
    """One measurement of one message."""

    metric: str
    value: float
    confidence: float
    label: str = ""
    evidence: Tuple[Evidence, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class JudgedScore(Value):
    """A model's opinion on one metric of a message, beside the score that was measured."""

    metric: str
    value: float
    label: str
    evidence: Tuple[Evidence, ...]
    provider: str
    model: str
    cached: bool


@dataclass(frozen=True, eq=False, repr=False)
class MessagePart(Value):
    """A piece of a message: ``kind`` is text, image, audio, file or data."""

    kind: str
    text: str
    blob: str
    media_type: str
    size: int


@dataclass(frozen=True, eq=False, repr=False)
class ToolUse(Value):
    """One call of a tool in a reply, and what came of it. ``arguments`` is JSON text."""

    id: str
    name: str
    arguments: str
    finished: bool
    failed: bool
    result: str
    cached: bool
    duration: float


@dataclass(frozen=True, eq=False, repr=False)
class Message(Value):
    """One message of a session, as it stands in the log."""

    id: str
    turn: str
    speaker: str
    from_human: bool
    text: str
    parts: Tuple[MessagePart, ...]
    time: datetime
    seq: int
    audience: Optional[Tuple[str, ...]]
    pinned: bool
    superseded: bool
    replaces: str
    outcome: str
    finish_reason: str
    provider: str
    model: str
    usage: Usage
    cost: Decimal
    metrics: Tuple[Score, ...]
    tools: Tuple[ToolUse, ...]
    judged: Tuple[JudgedScore, ...] = ()

    def score(self, metric: str) -> Optional[Score]:
        """The score of that metric, or None."""
        return next((score for score in self.metrics if score.metric == metric), None)


@dataclass(frozen=True, eq=False, repr=False)
class Participant(Value):
    """Somebody in a session: a human, or a character played by a model."""

    id: str
    name: str
    is_human: bool = False
    present: bool = True
    subject: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class SessionInfo(Value):
    """What a session is, without its messages."""

    id: str
    title: str
    preset: str
    state: str
    owner: str
    parent: str
    parent_seq: int
    last_seq: int
    created: datetime
    updated: datetime
    turns: int
    messages: int
    usage: Usage
    cost: Decimal
    end_reason: str
    participants: Tuple[Participant, ...]
    variables: Mapping[str, str]
    labels: Mapping[str, str]
    escapes: Mapping[str, int]


@dataclass(frozen=True, eq=False, repr=False)
class TurnResult(Value):
    """How a turn ended. Only the outcome ``"complete"`` saw the provider's own end mark."""

    turn: str
    outcome: str
    finish_reason: str
    message: str
    text: str
    usage: Usage
    cost: Decimal
    error: Optional[Error]
    cached: bool = False
    degraded: bool = False
    route: str = ""
    fallback_for: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class RunResult(Value):
    """What a run of AI characters ended with: ``reason`` is an end condition's kind,
    ``"max_turns"``, ``"human"``, ``"paused"``, ...; where it is ``"failed"``, ``error`` says why."""

    turns: int
    reason: str
    error: Optional[Error] = None


@dataclass(frozen=True, eq=False, repr=False)
class AsideResult(Value):
    """The answer to a side question."""

    text: str
    usage: Usage
    cost: Decimal


@dataclass(frozen=True, eq=False, repr=False)
class NextQuestion(Value):
    """What to ask next; where ``fallback``, the next planned question, and ``reason`` says why no model's."""

    text: str
    covers: str
    fallback: bool
    reason: str
    usage: Usage
    cost: Decimal


@dataclass(frozen=True, eq=False, repr=False)
class ExplainedPart(Value):
    """One candidate for a prompt, and why it was sent or left out."""

    id: str
    source: str
    tokens: int
    included: bool
    reason: str


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Value):
    """What was sent to a model for one message. ``request`` is the exact body."""

    message: str
    turn: str
    provider: str
    model: str
    request: str
    sha256: str
    rounds: Tuple[str, ...]
    parts: Tuple[ExplainedPart, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Completion(Value):
    """One reply of a model service outside of any session. A failed call is an answer, too.

    ``state`` is what the service wants back with this reply in the next request; empty: nothing.
    """

    provider: str
    model: str
    outcome: str
    finish_reason: str
    text: str
    reasoning: str
    refusal: str
    tool_calls: Tuple[ToolUse, ...]
    usage: Usage
    cost: Decimal
    error: Optional[Error]
    state: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Embeddings(Value):
    """A vector for each text, in the texts' order."""

    model: str
    vectors: Tuple[List[float], ...]
    usage: Usage


@dataclass(frozen=True, eq=False, repr=False)
class PresetInfo(Value):
    """What a preset is, without its texts."""

    id: str
    version: str
    title: str
    description: str
    category: str
    builtin: bool


@dataclass(frozen=True, eq=False, repr=False)
class CostRow(Value):
    """Calls of the same session, user, ... (``group``), and what they used and cost."""

    group: Tuple[str, ...]
    calls: int
    estimated: int
    cached: int
    usage: Usage
    cost: Decimal


@dataclass(frozen=True, eq=False, repr=False)
class CacheFigures(Value):
    """What the response cache did for one model."""

    hits: int
    misses: int
    bytes: int
    saved: Decimal


@dataclass(frozen=True, eq=False, repr=False)
class ServiceHealth(Value):
    """How a model service fares, as its circuit breaker saw it; ``wait``: seconds until an open one may be tried,
    ``rejected``: calls whose key was not taken, ``last_error``: code of the last failed or rejected call, or empty."""

    breaker: str
    wait: float
    times_opened: int
    answered: int
    failed: int
    refused: int
    rejected: int
    last_error: str


@dataclass(frozen=True, eq=False, repr=False)
class EngineStats(Value):
    """What an engine holds now, and how often its bounded queues overflowed; ``idle``: nothing is under way."""

    sessions_loaded: int
    commits_waiting: int
    commands_refused: int
    deltas_merged: int
    viewers_lagged: int
    jobs_running: int
    jobs_refused: int
    idle: bool


@dataclass(frozen=True, eq=False, repr=False)
class Job(Value):
    """A background job as it stands in the store: ``state`` is waiting, running, done, cancelled, dead or dropped."""

    id: str
    kind: str
    state: str
    payload: str
    result: str
    priority: int
    attempts: int
    max_attempts: int
    key: str
    session: str
    run_after: datetime
    changed: datetime
    number: int


@dataclass(frozen=True, eq=False, repr=False)
class JobCount(Value):
    """How many jobs of a kind are in a state."""

    kind: str
    state: str
    count: int


@dataclass(frozen=True, eq=False, repr=False)
class Principal(Value):
    """On whose behalf a call is made; see :meth:`Engine.as_principal`."""

    subject: str = ""
    tenant: str = "default"
    roles: Tuple[str, ...] = ()
    participant: str = ""
    tier: str = ""
    address: str = ""
    key: str = ""

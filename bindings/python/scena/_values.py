"""What the engine answers with: plain values, compared by content."""
from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple, cast

from ._errors import Error, InvalidArgumentError

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


def _each(kind: Any, given: List[Dict[str, Any]]) -> Tuple[Any, ...]:
    return tuple(kind(**one) for one in given)


def score_of(given: Dict[str, Any]) -> Score:
    """A score out of the extension's dict."""
    given["evidence"] = _each(Evidence, given["evidence"])
    return Score(**given)


def judged_of(given: Dict[str, Any]) -> JudgedScore:
    """A model's opinion out of the extension's dict."""
    given["evidence"] = _each(Evidence, given["evidence"])
    return JudgedScore(**given)


def message_of(given: Dict[str, Any]) -> Message:
    """A message out of the extension's dict."""
    audience = given["audience"]
    given.update(
        parts=_each(MessagePart, given["parts"]),
        time=time_of(given["time"]),
        audience=None if audience is None else tuple(audience),
        usage=Usage(**given["usage"]),
        cost=Decimal(given["cost"]),
        metrics=tuple(score_of(one) for one in given["metrics"]),
        judged=tuple(judged_of(one) for one in given["judged"]),
        tools=_each(ToolUse, given["tools"]),
    )
    return Message(**given)


def info_of(given: Dict[str, Any]) -> SessionInfo:
    """What a session is, out of the extension's dict."""
    given.update(
        created=time_of(given["created"]),
        updated=time_of(given["updated"]),
        usage=Usage(**given["usage"]),
        cost=Decimal(given["cost"]),
        participants=_each(Participant, given["participants"]),
    )
    return SessionInfo(**given)


def _with_money(given: Dict[str, Any]) -> Dict[str, Any]:
    given.update(usage=Usage(**given["usage"]), cost=Decimal(given["cost"]))
    return given


def turn_result_of(given: Dict[str, Any]) -> TurnResult:
    """A turn's end out of the extension's dict."""
    return TurnResult(**_with_money(given))


def run_result_of(given: Dict[str, Any]) -> RunResult:
    """A run's end out of the extension's dict."""
    return RunResult(**given)


def aside_result_of(given: Dict[str, Any]) -> AsideResult:
    """A side question's answer out of the extension's dict."""
    return AsideResult(**_with_money(given))


def next_question_of(given: Dict[str, Any]) -> NextQuestion:
    """A next question out of the extension's dict."""
    return NextQuestion(**_with_money(given))


def explanation_of(given: Dict[str, Any]) -> Explanation:
    """An explanation out of the extension's dict."""
    given.update(rounds=tuple(given["rounds"]), parts=_each(ExplainedPart, given["parts"]))
    return Explanation(**given)


def completion_of(given: Dict[str, Any]) -> Completion:
    """A single reply out of the extension's dict."""
    given = _with_money(given)
    given["tool_calls"] = _each(ToolUse, given["tool_calls"])
    return Completion(**given)


def embeddings_of(given: Dict[str, Any]) -> Embeddings:
    """Vectors out of the extension's dict."""
    return Embeddings(given["model"], tuple(given["vectors"]), Usage(**given["usage"]))


def cost_row_of(given: Dict[str, Any]) -> CostRow:
    """A row of the ledger out of the extension's dict."""
    given = _with_money(given)
    given["group"] = tuple(given["group"])
    return CostRow(**given)


def cache_figures_of(given: Dict[str, Any]) -> CacheFigures:
    """What the cache did, out of the extension's dict."""
    given["saved"] = Decimal(given["saved"])
    return CacheFigures(**given)


def job_of(given: Dict[str, Any]) -> Job:
    """A job out of the extension's dict."""
    given.update(run_after=time_of(given["run_after"]), changed=time_of(given["changed"]))
    return Job(**given)


def json_of(value: Any) -> str:
    """JSON for the engine: a str or bytes as it is, anything else written out."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8")
    return json.dumps(value, default=_plain)


def result_text(given: Any) -> str:
    """What a host's function returned, as a text: a str as it is, anything else as JSON."""
    return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)


def given_of(**options: Any) -> Dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        return round(value / timedelta(milliseconds=1))
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form; give a dict, list, str, number, bool or None")


def seconds_of(value: "timedelta | float | None", name: str, *, above_zero: bool = False) -> Optional[float]:
    """A time in seconds; ``name`` stands in the error that refuses what is none."""
    if value is None:
        return None
    try:
        if isinstance(value, (bool, str, bytes)):
            raise TypeError
        seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    except (TypeError, ValueError, OverflowError):
        raise InvalidArgumentError(
            f"{name}: must be a timedelta, or seconds such as 30.0, not {type(value).__name__}"
        ) from None
    if not (seconds > 0 if above_zero else seconds >= 0):
        raise InvalidArgumentError(f"{name}: must be {'above 0' if above_zero else '0 or more'}, not {seconds:g} s")
    return seconds


def keys_of(given: "str | Iterable[str]", name: str) -> List[str]:
    """Several keys, or one that stands alone; ``name`` stands in the error that refuses what is neither."""
    if isinstance(given, str):
        return [given]
    try:
        return list(given)
    except TypeError:
        raise InvalidArgumentError(f"{name}: must be a str, or a list of them, not {type(given).__name__}") from None


def members_of(given: Any, name: str) -> Optional[Dict[str, Any]]:
    """Named values as a dict; ``name`` stands in the error that refuses what has none."""
    if given is None:
        return None
    if isinstance(given, Mapping):
        return dict(cast("Mapping[str, Any]", given))
    raise InvalidArgumentError(f"{name}: must be a dict, of names and values, not {type(given).__name__}")

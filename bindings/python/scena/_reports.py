"""What is told of whole sessions and of many: analyses, counts of stored ones, batches."""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ._values import Value


@dataclass(frozen=True, eq=False, repr=False)
class Quote(Value):
    """Words of a message that back a finding: a piece of that message's text, at most 400 bytes."""

    message: str
    speaker: str
    text: str


@dataclass(frozen=True, eq=False, repr=False)
class Detection(Value):
    """What was found out about a speaker over the whole session: ``what`` is industry or sophistication."""

    what: str
    label: str
    confidence: float
    messages: Tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class SpeakerFigures(Value):
    """One participant in figures. A mean is None where no message of it has that metric."""

    id: str
    name: str
    messages: int
    words: int
    talk_share: float
    questions: int
    sentiment: Optional[float] = None
    engagement: Optional[float] = None
    evasiveness: Optional[float] = None
    detections: Tuple[Detection, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class JudgedCriterion(Value):
    """A criterion of the preset's rubric as a model judged it: ``score`` 0 to 10, None without anything to judge it by."""

    id: str
    title: str
    weight: int
    score: Optional[int] = None
    comment: str = ""
    quotes: Tuple[Quote, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class TurningPoint(Value):
    """A message from which on things went another way: ``kind`` is sentiment_rises, ..., or of a model other."""

    kind: str
    quote: Quote
    before: Optional[float] = None
    after: Optional[float] = None
    comment: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Evasion(Value):
    """An answer that keeps away from its question."""

    answer: Quote
    question: Optional[Quote] = None
    value: Optional[float] = None
    reason: str = ""
    comment: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Contradiction(Value):
    """Two statements of one speaker that do not go together."""

    earlier: Quote
    later: Quote
    value: Optional[float] = None
    reason: str = ""
    comment: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class AskedQuestion(Value):
    """What became of a question: ``status`` is not_asked, asked, unanswered, evaded, partly or answered."""

    text: str
    status: str
    coverage: float
    id: str = ""
    asked: Optional[Quote] = None
    answer: Optional[Quote] = None


@dataclass(frozen=True, eq=False, repr=False)
class CurvePoint(Value):
    """A place of the sentiment curve: one message, or in a long session several that follow each other."""

    message: str
    speaker: str
    value: float


@dataclass(frozen=True, eq=False, repr=False)
class Escape(Value):
    """How often people skipped something at one step: a planned question, a state, or the host's name for it."""

    step: str
    count: int


@dataclass(frozen=True, eq=False, repr=False)
class MetricAgreement(Value):
    """How far a model's opinions agree with the measured scores of one metric."""

    metric: str
    messages: int
    difference: float
    labelled: int
    correlation: Optional[float] = None
    same_label: Optional[float] = None
    kappa: Optional[float] = None


@dataclass(frozen=True, eq=False, repr=False)
class JudgeFigures(Value):
    """What a model judged of a session's unsure scores."""

    asked: int
    judged: int
    failed: int
    agreement: Tuple[MetricAgreement, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Analysis(Value):
    """The analysis that closes a session: figures that are measured, and findings with the words that back them.

    ``source`` is ``"offline"``, or ``"model"`` where a model judged; docs/reference/analysis.md tells what each
    member means. ``json`` is the same as one line of JSON, the same bytes in every language.
    """

    source: str
    summary: str
    last_seq: int
    messages: int
    words: int
    speakers: Tuple[SpeakerFigures, ...]
    criteria: Tuple[JudgedCriterion, ...]
    turning_points: Tuple[TurningPoint, ...]
    evasions: Tuple[Evasion, ...]
    contradictions: Tuple[Contradiction, ...]
    questions: Tuple[AskedQuestion, ...]
    sentiment: Tuple[CurvePoint, ...]
    rejected_quotes: int
    provider: str = ""
    model: str = ""
    fallback: str = ""
    overall: Optional[float] = None
    coverage: Optional[float] = None
    json: str = ""
    escapes: Tuple[Escape, ...] = ()
    judge: Optional[JudgeFigures] = None

    def __repr__(self) -> str:
        return f"Analysis(source={self.source!r}, summary={self.summary!r})"


@dataclass(frozen=True, eq=False, repr=False)
class Interval(Value):
    """A value with the interval that holds the true one in 95 of 100 repetitions; None without any session."""

    count: int
    value: Optional[float]
    low: Optional[float]
    high: Optional[float]


@dataclass(frozen=True, eq=False, repr=False)
class Distribution(Value):
    """How the values of a metric are spread over ``n`` messages: mean, tenth, median and last tenth."""

    n: int
    mean: float
    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, eq=False, repr=False)
class AnalyticsRow(Value):
    """How sessions of the same preset, character, ... (``group``) ended, and what their people thought of them."""

    group: Tuple[str, ...]
    sessions: int
    completed: int
    failed: int
    ends: Mapping[str, int]
    escapes: Mapping[str, int]
    messages: int
    cost: Decimal
    completion: Interval
    satisfied: Interval
    rating: Interval
    #: Asked for by ``distributions``: of messages, by metric.
    metrics: Mapping[str, Distribution] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, repr=False)
class FlowRow(Value):
    """How many sessions went from one speaker (``source``) to the next (``target``) at one step.

    Step 1 leads from ``"(start)"`` to who speaks first; the last one of a session to ``"(completed)"``,
    ``"(failed)"`` or, of all others, ``"(dropped)"``.
    """

    preset: str
    step: int
    source: str
    target: str
    sessions: int
    share: Interval


@dataclass(frozen=True, eq=False, repr=False)
class AgreementRow(Value):
    """How far a model's opinions agree with the measured scores of one metric, over a preset's sessions."""

    preset: str
    #: Those with opinions on this metric.
    sessions: int
    agreement: MetricAgreement


@dataclass(frozen=True, eq=False, repr=False)
class BatchRow(Value):
    """One finished session of a batch; docs/reference/batch.md tells what each member means."""

    key: str
    digest: str
    preset: str
    characters: str
    model: str
    variables: str
    seed: int
    session: str
    outcome: str
    end: str
    completed: bool
    error: str
    error_message: str
    turns: int
    messages: int
    input_tokens: int
    output_tokens: int
    cost: Decimal
    duration: timedelta
    metrics: Mapping[str, float]
    speakers: Mapping[str, Mapping[str, float]]

    def flat(self) -> Dict[str, Any]:
        """One dict without nesting, columns named as in ``rows.csv``; with those scores alone that this row has."""
        row = dict(self.__dict__)
        duration, metrics, speakers = row.pop("duration"), row.pop("metrics"), row.pop("speakers")
        row["duration_ms"] = duration // timedelta(milliseconds=1)
        row.update({f"metric.{name}": value for name, value in metrics.items()})
        for speaker, scores in speakers.items():
            row.update({f"{speaker}.{name}": value for name, value in scores.items()})
        return row


@dataclass(frozen=True, eq=False, repr=False)
class BatchGroup(Value):
    """Rows of the same preset, characters, model and variables; all four empty in the group of all rows.

    ``errors`` says how many rows have each code of error.
    """

    preset: str
    characters: str
    model: str
    variables: str
    rows: int
    failed: Interval
    errors: Mapping[str, int]
    completed: Interval
    outcomes: Mapping[str, Interval]
    metrics: Mapping[str, Interval]
    turns: Interval
    cost: Decimal


@dataclass(frozen=True, eq=False, repr=False)
class BatchResult(Value):
    """What a batch gave: a row for each session that finished, in the plan's order, and the groups to compare.

    ``left`` runs have no row, and ``stopped`` says why (``"money"``); ``repeated`` rows were finished by an
    earlier try in the same folder.
    """

    rows: Tuple[BatchRow, ...] = ()
    groups: Tuple[BatchGroup, ...] = ()
    left: int = 0
    repeated: int = 0
    stopped: str = ""
    cost: Decimal = Decimal(0)

    def to_dicts(self) -> List[Dict[str, Any]]:
        """One flat dict a session: what ``pandas.DataFrame`` and ``pyarrow.Table`` take.

        All have the same members, those of ``rows.csv`` in their order (``duration_ms`` in milliseconds), None where a
        session has no such score.
        """
        rows = [row.flat() for row in self.rows]
        metrics = sorted({name for one in self.rows for name in one.metrics})
        of_speakers = sorted({(who, name) for one in self.rows for who, found in one.speakers.items() for name in found})
        columns = [f"metric.{name}" for name in metrics] + [f"{who}.{name}" for who, name in of_speakers]
        own = [name for name in BatchRow.__dataclass_fields__ if name not in ("duration", "metrics", "speakers")]
        members = [*own, "duration_ms", *columns]
        return [{name: row.get(name) for name in members} for row in rows]

    def __repr__(self) -> str:
        return f"BatchResult(rows={len(self.rows)}, left={self.left}, cost={self.cost})"


_QUOTES = ("quote", "question", "answer", "earlier", "later", "asked")


def _found(kind: Any, given: Dict[str, Any]) -> Any:
    """A finding; what a later version adds is left out."""
    known = {name: one for name, one in given.items() if name in kind.__dataclass_fields__}
    for name in _QUOTES:
        if isinstance(known.get(name), dict):
            known[name] = Quote(**known[name])
    return kind(**known)


def _findings(kind: Any, given: List[Dict[str, Any]]) -> Tuple[Any, ...]:
    return tuple(_found(kind, one) for one in given)


def _interval(given: Dict[str, Any]) -> Interval:
    value, low, high = (None if given[name] is None else float(given[name]) for name in ("value", "low", "high"))
    return Interval(given["count"], value, low, high)


def _lines(text: str) -> List[str]:
    """Lines of JSON: they end in a newline alone, whatever else str.splitlines() takes for an end."""
    return [line for line in text.split("\n") if line]


def analysis_of(text: str) -> Analysis:
    """An analysis out of its JSON."""
    given: Dict[str, Any] = json.loads(text)
    for speaker in given["speakers"]:
        for one in speaker["detections"]:
            one["messages"] = tuple(one["messages"])
        speaker["detections"] = _findings(Detection, speaker["detections"])
    for criterion in given["criteria"]:
        criterion["quotes"] = _findings(Quote, criterion["quotes"])
    kinds = {
        "speakers": SpeakerFigures,
        "criteria": JudgedCriterion,
        "turning_points": TurningPoint,
        "evasions": Evasion,
        "contradictions": Contradiction,
        "questions": AskedQuestion,
        "sentiment": CurvePoint,
    }
    for name, kind in kinds.items():
        given[name] = _findings(kind, given[name])
    given["escapes"] = _findings(Escape, given.get("escapes", []))
    if "judge" in given:
        judge = given["judge"]
        judge["agreement"] = _findings(MetricAgreement, judge["agreement"])
        given["judge"] = _found(JudgeFigures, judge)
    found: Analysis = _found(Analysis, {**given, "json": text})
    return found


def analytics_rows_of(lines: str, by: List[str]) -> List[AnalyticsRow]:
    """Rows out of JSON Lines; the members of ``by`` are the group."""
    rows: List[AnalyticsRow] = []
    for line in _lines(lines):
        given: Dict[str, Any] = json.loads(line)
        given["group"] = tuple(given.pop(name) for name in by)
        given["cost"] = Decimal(given["cost"])
        for name in ("completion", "satisfied", "rating"):
            given[name] = _interval(given[name])
        given["metrics"] = {name: Distribution(**found) for name, found in given.get("metrics", {}).items()}
        row: AnalyticsRow = _found(AnalyticsRow, given)
        rows.append(row)
    return rows


def flow_rows_of(lines: str) -> List[FlowRow]:
    """Rows out of JSON Lines."""
    rows: List[FlowRow] = []
    for line in _lines(lines):
        given: Dict[str, Any] = json.loads(line)
        given["source"], given["target"] = given.pop("from"), given.pop("to")
        given["share"] = _interval(given["share"])
        row: FlowRow = _found(FlowRow, given)
        rows.append(row)
    return rows


def agreement_rows_of(lines: str) -> List[AgreementRow]:
    """Rows out of JSON Lines; what is not the row's own is the metric's agreement."""
    rows: List[AgreementRow] = []
    for line in _lines(lines):
        given: Dict[str, Any] = json.loads(line)
        preset, sessions = given.pop("preset"), given.pop("sessions")
        rows.append(AgreementRow(preset, sessions, _found(MetricAgreement, given)))
    return rows


def _batch_row(given: Dict[str, Any]) -> BatchRow:
    given["cost"] = Decimal(given["cost"])
    given["duration"] = timedelta(milliseconds=given.pop("duration_ms"))
    row: BatchRow = _found(BatchRow, given)
    return row


def _batch_group(given: Dict[str, Any]) -> BatchGroup:
    given["cost"] = Decimal(given["cost"])
    for name in ("failed", "completed", "turns"):
        given[name] = _interval(given[name])
    for name in ("outcomes", "metrics"):
        given[name] = {of: _interval(one) for of, one in given[name].items()}
    group: BatchGroup = _found(BatchGroup, given)
    return group


def batch_result_of(given: Dict[str, Any]) -> BatchResult:
    """A batch's end out of the extension's dict."""
    return BatchResult(
        rows=tuple(_batch_row(json.loads(line)) for line in _lines(given["rows"])),
        groups=tuple(_batch_group(one) for one in json.loads(given["groups"])["groups"]),
        left=given["left"],
        repeated=given["repeated"],
        stopped=given["stopped"],
        cost=Decimal(given["cost"]),
    )

"""Values out of what the extension answers with: dicts of their members."""
from __future__ import annotations

from decimal import Decimal
from typing import Any, Dict, List, Tuple

from ._values import (
    AsideResult,
    CacheFigures,
    Completion,
    CostRow,
    Embeddings,
    Evidence,
    ExplainedPart,
    Explanation,
    Job,
    JudgedScore,
    Message,
    MessagePart,
    NextQuestion,
    Participant,
    RunResult,
    Score,
    SessionInfo,
    ToolUse,
    TurnResult,
    Usage,
    time_of,
)


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

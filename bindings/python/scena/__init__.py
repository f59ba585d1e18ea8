"""Scena: conversations with AI characters, in this process.

An :class:`Engine` holds sessions, storage and model services. A :class:`Session` is one conversation; what is
sent to it gives a :class:`Turn`, whose reply is read with ``for`` or ``async for``.

>>> import scena
>>> with scena.Engine(clock="virtual", seed=7) as engine:
...     session = engine.create_session("job-interview")
...     reply = session.send("Good morning! Thank you for seeing me.").result()
>>> reply.outcome
'complete'
"""
from typing import TYPE_CHECKING, Any

from ._core import Event, is_main_interpreter as _is_main_interpreter, version
from ._engine import Engine
from ._engine_presets import Fault, check_preset
from ._errors import (
    Error,
    ErrorCode,
    AlreadyExistsError,
    BudgetExhaustedError,
    CancelledError,
    CircuitOpenError,
    ClosedError,
    ConflictError,
    ContentFilteredError,
    ContextOverflowError,
    InternalError,
    InvalidArgumentError,
    LimitReachedError,
    NetworkError,
    NotFoundError,
    OutOfMemoryError,
    OverloadedError,
    PermissionDeniedError,
    ProtocolError,
    ProviderError,
    QuotaExhaustedError,
    RateLimitedError,
    StorageCorruptError,
    StorageFailedError,
    StorageFullError,
    TimeoutError,
    TooLargeError,
    ToolFailedError,
    UnauthenticatedError,
    UnavailableError,
    UnsupportedError,
    VersionMismatchError,
    WrongStateError,
)
from ._extensions import LogRecord
from ._jobs import EventSink, GiveUp, JobHandler
from ._provider import Counted, Embedder, PromptMessage, Provider, Reasoning, ReplyRequest, ToolCall
from ._session import Session
from ._tool import Tool, ToolRequest, tool
from ._turn import CompletionCall, Events, Pending, Turn
from ._values import (
    AsideResult,
    CacheFigures,
    Completion,
    CostRow,
    Embeddings,
    EngineStats,
    Evidence,
    ExplainedPart,
    Explanation,
    Job,
    JobCount,
    JudgedScore,
    Message,
    MessagePart,
    NextQuestion,
    Participant,
    PresetInfo,
    Principal,
    RunResult,
    Score,
    ServiceHealth,
    SessionInfo,
    ToolUse,
    TurnResult,
    Usage,
)
from ._watchers import Analyzer, Block, Filter, FilterContext, Said

if not _is_main_interpreter():
    raise ImportError("scena works in the main interpreter of a process alone; use threads or processes in place of others")

if TYPE_CHECKING:
    from ._batch import run_batch
    from ._meter import Meter
    from ._reports import (
        AgreementRow,
        Analysis,
        AnalyticsRow,
        AskedQuestion,
        BatchGroup,
        BatchResult,
        BatchRow,
        Contradiction,
        CurvePoint,
        Detection,
        Distribution,
        Escape,
        Evasion,
        FlowRow,
        Interval,
        JudgeFigures,
        JudgedCriterion,
        MetricAgreement,
        Quote,
        SpeakerFigures,
        TurningPoint,
    )

__version__ = version()
__all__ = [
    "AgreementRow",
    "AlreadyExistsError",
    "Analysis",
    "AnalyticsRow",
    "Analyzer",
    "AsideResult",
    "AskedQuestion",
    "BatchGroup",
    "BatchResult",
    "BatchRow",
    "Block",
    "BudgetExhaustedError",
    "CacheFigures",
    "CancelledError",
    "CircuitOpenError",
    "ClosedError",
    "Completion",
    "CompletionCall",
    "ConflictError",
    "ContentFilteredError",
    "ContextOverflowError",
    "Contradiction",
    "CostRow",
    "Counted",
    "CurvePoint",
    "Detection",
    "Distribution",
    "Embedder",
    "Embeddings",
    "Engine",
    "EngineStats",
    "Error",
    "ErrorCode",
    "Evasion",
    "Escape",
    "Event",
    "EventSink",
    "Events",
    "Evidence",
    "ExplainedPart",
    "Explanation",
    "Fault",
    "Filter",
    "FilterContext",
    "FlowRow",
    "GiveUp",
    "InternalError",
    "Interval",
    "InvalidArgumentError",
    "Job",
    "JobCount",
    "JobHandler",
    "JudgeFigures",
    "JudgedCriterion",
    "JudgedScore",
    "LimitReachedError",
    "LogRecord",
    "Message",
    "MessagePart",
    "Meter",
    "MetricAgreement",
    "NetworkError",
    "NextQuestion",
    "NotFoundError",
    "OutOfMemoryError",
    "OverloadedError",
    "Participant",
    "Pending",
    "PermissionDeniedError",
    "PresetInfo",
    "Principal",
    "PromptMessage",
    "ProtocolError",
    "Provider",
    "ProviderError",
    "QuotaExhaustedError",
    "Quote",
    "RateLimitedError",
    "Reasoning",
    "ReplyRequest",
    "RunResult",
    "Said",
    "Score",
    "ServiceHealth",
    "Session",
    "SessionInfo",
    "SpeakerFigures",
    "StorageCorruptError",
    "StorageFailedError",
    "StorageFullError",
    "TimeoutError",
    "TooLargeError",
    "Tool",
    "ToolCall",
    "ToolFailedError",
    "ToolRequest",
    "ToolUse",
    "Turn",
    "TurnResult",
    "TurningPoint",
    "UnauthenticatedError",
    "UnavailableError",
    "UnsupportedError",
    "Usage",
    "VersionMismatchError",
    "WrongStateError",
    "check_preset",
    "run_batch",
    "tool",
    "version",
]


def __getattr__(name: str) -> Any:
    """What looks back on many sessions, or needs none, is loaded when it is first used: the import stays quick."""
    if name not in __all__:
        raise AttributeError(f"module 'scena' has no attribute {name!r}")
    from . import _batch, _meter, _reports

    found = globals()[name] = getattr({"run_batch": _batch, "Meter": _meter}.get(name, _reports), name)
    return found

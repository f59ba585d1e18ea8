"""A host's own providers, tools, analyzers and filters, and what the engine calls of them.

Each may be written with ``def`` or ``async def``. A plain function runs inside the engine's loop: it
returns soon. What waits for something is written with ``async def``.
"""
from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import (
    TYPE_CHECKING,
    Any,
    AsyncIterable,
    Awaitable,
    Callable,
    Dict,
    Iterable,
    List,
    Mapping,
    Optional,
    Sequence,
    Tuple,
    Union,
    overload,
)

from ._errors import Error, ErrorCode
from ._runner import Runner
from ._values import Job, Score, Value, job_of, seconds_of, time_of

if TYPE_CHECKING:
    from ._core import FilterAnswer, JobAnswer, Reply, ToolAnswer, ToolVerdict


@dataclass(frozen=True, eq=False, repr=False)
class PromptMessage(Value):
    """One entry of the conversation as the model sees it; ``role`` is user, assistant or tool."""

    role: str
    text: str
    name: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class ToolCall(Value):
    """A call of a tool. A provider yields one to ask for it; arguments are a JSON object."""

    name: str
    arguments: Mapping[str, Any]
    id: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Reasoning(Value):
    """A piece of what a model thinks aloud, for a provider to yield: no part of the reply."""

    text: str


@dataclass(frozen=True, eq=False, repr=False)
class Counted(Value):
    """What a provider counted, for it to yield: tokens of prompt and reply."""

    input_tokens: Optional[int] = None
    output_tokens: Optional[int] = None


Piece = Union[str, ToolCall, Reasoning, Counted]


class ReplyRequest:
    """What a provider is asked.

    Attributes
    ----------
    model, system
        Model name and system prompt; may be empty.
    messages
        The conversation, oldest first: a tuple of :class:`PromptMessage`.
    session, character
        Whose reply it is.
    seed
        Of the session's generator: a provider that uses nothing else is repeatable.
    reply, attempt
        Number of the character's reply, from 1; 0 for the first try of it, then 1, 2, ...
    raw
        Everything as a dict, e.g. ``tools``, ``temperature``, ``max_tokens``.
    """

    def __init__(self, raw: Dict[str, Any]) -> None:
        context: Dict[str, Any] = raw.get("context", {})
        self.raw = raw
        self.model: str = raw.get("model", "")
        self.system: str = raw.get("system", "")
        self.messages: Tuple[PromptMessage, ...] = tuple(
            PromptMessage(one["role"], one["text"], one.get("name", "")) for one in raw["messages"]
        )
        self.session: str = context.get("session", "")
        self.character: str = context.get("character", "")
        self.seed: int = context.get("session_seed", 0)
        self.reply: int = context.get("reply", 0)
        self.attempt: int = context.get("attempt", 0)


class Provider:
    """A source of model replies written in Python.

    Give one to the engine by the name that sessions use: ``Engine(providers={"mine": Mine()},
    provider="mine")``. Any object with a method ``reply`` will do.

    Examples
    --------
    >>> import scena
    >>> class Echo(scena.Provider):
    ...     def reply(self, request):
    ...         yield "You said: "
    ...         yield request.messages[-1].text
    >>> with scena.Engine(providers={"echo": Echo()}, provider="echo") as engine:
    ...     engine.create_session("job-interview").send("Hello").result().text
    'You said: Hello'
    """

    def reply(
        self, request: ReplyRequest
    ) -> "Union[str, Iterable[Piece], AsyncIterable[Piece], Awaitable[Union[str, Iterable[Piece]]]]":
        """Returns the reply, or yields its pieces; also as ``async def``.

        A piece is a str, a :class:`ToolCall`, :class:`Reasoning` or :class:`Counted`. What it raises
        ends the reply: a :class:`scena.Error` with its code, anything else with provider_error.
        """
        raise NotImplementedError


@dataclass(frozen=True, eq=False, repr=False)
class ToolRequest(Value):
    """One call of a tool, beside its arguments."""

    call: str
    tool: str
    session: str
    subject: str
    character: str
    tenant: str
    arguments: Mapping[str, Any]


class Tool:
    """A function that characters may use; made by :func:`tool`."""

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        name: Optional[str] = None,
        description: Optional[str] = None,
        parameters: Optional[Mapping[str, Any]] = None,
        time_limit: "timedelta | float | None" = None,
        cache_for: "timedelta | float | None" = None,
        max_result_bytes: int = 64 << 10,
        max_result_tokens: int = 16_000,
        idempotent: bool = False,
        needs_approval: bool = False,
        everywhere: bool = False,
    ) -> None:
        self.function = function
        self.name = name or function.__name__
        self.description = description if description is not None else inspect.getdoc(function) or ""
        schema = parameters if parameters is not None else _schema_of(function)
        self.parameters = json.dumps(schema) if schema else ""
        self.time_limit = seconds_of(time_limit)
        self.cache_for = seconds_of(cache_for)
        self.max_result_bytes = max_result_bytes
        self.max_result_tokens = max_result_tokens
        self.idempotent = idempotent
        self.needs_approval = needs_approval
        self.everywhere = everywhere
        self.wants_request = "request" in inspect.signature(function).parameters

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the function itself."""
        return self.function(*args, **kwargs)


@overload
def tool(function: Callable[..., Any]) -> Tool: ...
@overload
def tool(
    *,
    name: Optional[str] = None,
    description: Optional[str] = None,
    parameters: Optional[Mapping[str, Any]] = None,
    time_limit: "timedelta | float | None" = None,
    cache_for: "timedelta | float | None" = None,
    max_result_bytes: int = 64 << 10,
    max_result_tokens: int = 16_000,
    idempotent: bool = False,
    needs_approval: bool = False,
    everywhere: bool = False,
) -> Callable[[Callable[..., Any]], Tool]: ...
def tool(function: Optional[Callable[..., Any]] = None, **options: Any) -> Any:
    """Makes a function a tool that characters may use.

    Name, description and JSON schema of the arguments come from the function's name, docstring and
    annotations unless they are given. It is called with the arguments by name, and with the
    :class:`ToolRequest` when it has a parameter ``request``. What it returns is the result (a str as it
    is, anything else as JSON); what it raises is told to the model as a failed call.

    Parameters
    ----------
    parameters
        JSON schema of the arguments, an object's; empty: no arguments.
    time_limit
        Of one call; None means 30 s.
    cache_for
        Equal calls of one tenant within this time share a result.
    max_result_bytes, max_result_tokens
        A larger result is a failed call; tokens are estimated.
    idempotent
        Calling it twice does no harm: after a crash the model may ask again.
    needs_approval
        Ask the engine's ``tool_approval`` before each call.
    everywhere
        Offered to every character, also where no preset names it.

    Examples
    --------
    >>> import scena
    >>> @scena.tool(everywhere=True)
    ... def weather(city: str, days: int = 1) -> str:
    ...     "The weather forecast of a city."
    ...     return "18 degrees"
    >>> weather.name, weather("Oslo")
    ('weather', '18 degrees')
    """
    if function is not None:
        return Tool(function)

    def decorate(given: Callable[..., Any]) -> Tool:
        return Tool(given, **options)

    return decorate


_JSON_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "list": "array", "dict": "object"}


def _schema_of(function: Callable[..., Any]) -> Dict[str, Any]:
    properties: Dict[str, Any] = {}
    required: List[str] = []
    for name, parameter in inspect.signature(function).parameters.items():
        if name == "request":
            continue
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise TypeError(f"the tool {function.__name__}: parameter {name} cannot be given by name; give the tool parameters=")
        kind = parameter.annotation
        word = kind if isinstance(kind, str) else getattr(kind, "__name__", "")
        word = word.lower().split("[")[0]
        properties[name] = {"type": _JSON_TYPES[word]} if word in _JSON_TYPES else {}
        if parameter.default is parameter.empty:
            required.append(name)
    schema: Dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return schema if properties else {}


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


def words_of(raised: BaseException) -> str:
    """What was raised, for those who only read text."""
    return f"{type(raised).__name__}: {raised}" if str(raised) else type(raised).__name__


class ProviderAdapter:
    """What the engine calls of a host's provider."""

    def __init__(self, provider: Any, runner: Runner) -> None:
        self._provider = provider
        self._runner = runner

    def start(self, request_json: str, reply: "Reply") -> None:
        """Starts one reply."""
        try:
            given = self._provider.reply(ReplyRequest(json.loads(request_json)))
            if hasattr(given, "__aiter__") or inspect.isawaitable(given):
                reply.on_stop(self._runner.start(self._drive(given, reply), given))
                return
            _write_all(reply, given)
            reply.finish("")
        except Exception as raised:
            _fail(reply, raised)

    async def _drive(self, given: Any, reply: "Reply") -> None:
        import asyncio

        try:
            if inspect.isawaitable(given):
                given = await given
            if hasattr(given, "__aiter__"):
                async for piece in given:
                    _write(reply, piece)
            else:
                _write_all(reply, given)
            reply.finish("")
        except asyncio.CancelledError:
            reply.fail(ErrorCode.CANCELLED, "cancelled")
        except Exception as raised:
            _fail(reply, raised)


def _fail(reply: "Reply", raised: Exception) -> None:
    if isinstance(raised, Error):
        reply.fail(raised.code, str(raised))
    else:
        reply.fail(ErrorCode.PROVIDER_ERROR, "the provider raised " + words_of(raised))


def _write_all(reply: "Reply", pieces: "Union[str, Iterable[Piece]]") -> None:
    if isinstance(pieces, str):
        reply.write(pieces)
        return
    for piece in pieces:
        if reply.stopped:
            return
        _write(reply, piece)


def _write(reply: "Reply", piece: Any) -> None:
    if isinstance(piece, str):
        reply.write(piece)
    elif isinstance(piece, ToolCall):
        reply.call_tool(piece.id, piece.name, json.dumps(piece.arguments))
    elif isinstance(piece, Reasoning):
        reply.reason(piece.text)
    elif isinstance(piece, Counted):
        reply.count(piece.input_tokens, piece.output_tokens)
    else:
        raise TypeError(f"a piece of a reply is a str, ToolCall, Reasoning or Counted, not {type(piece).__name__}")


class ToolAdapter:
    """What the engine calls of a host's tool."""

    def __init__(self, tool: Tool, runner: Runner) -> None:
        self._tool = tool
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tool, name)

    def start(self, request_json: str, answer: "ToolAnswer") -> None:
        """Starts one call."""
        try:
            request = ToolRequest(**json.loads(request_json))
            arguments: Dict[str, Any] = dict(request.arguments)
            if self._tool.wants_request:
                arguments["request"] = request
            given = self._tool.function(**arguments)
            if inspect.isawaitable(given):
                answer.on_stop(self._runner.start(self._drive(given, answer), given))
            else:
                answer.succeed(_result_text(given))
        except Exception as raised:
            answer.fail(words_of(raised))

    async def _drive(self, given: "Awaitable[Any]", answer: "ToolAnswer") -> None:
        try:
            answer.succeed(_result_text(await given))
        except Exception as raised:
            answer.fail(words_of(raised))


def _result_text(given: Any) -> str:
    return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)


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
        self.time_limit = seconds_of(time_limit)


class GiveUp(Exception):
    """Raised by the handler of a job: trying again is of no use."""


class JobAdapter:
    """What the engine calls of a host's job handler."""

    def __init__(self, handler: JobHandler, runner: Runner) -> None:
        self.parallel = handler.parallel
        self.time_limit = handler.time_limit
        self._function = handler.function
        self._runner = runner

    def start(self, job: Dict[str, Any], answer: "JobAnswer") -> None:
        """Starts one attempt."""
        try:
            given = self._function(job_of(job))
            if inspect.isawaitable(given):
                answer.on_stop(self._runner.start(self._drive(given, answer), given))
            else:
                answer.succeed(_result_text(given))
        except Exception as raised:
            answer.fail(words_of(raised), isinstance(raised, GiveUp))

    async def _drive(self, given: "Awaitable[Any]", answer: "JobAnswer") -> None:
        try:
            answer.succeed(_result_text(await given))
        except Exception as raised:
            answer.fail(words_of(raised), isinstance(raised, GiveUp))


class ApprovalAdapter:
    """What the engine calls of a host's ``tool_approval``."""

    def __init__(self, approve: Callable[[ToolRequest], Any], runner: Runner) -> None:
        self._approve = approve
        self._runner = runner

    def start(self, request_json: str, verdict: "ToolVerdict") -> None:
        """Asks whether a call may be made."""
        given = self._approve(ToolRequest(**json.loads(request_json)))
        if inspect.isawaitable(given):
            self._runner.start(self._drive(given, verdict), given)
        else:
            _give(verdict, given)

    async def _drive(self, given: "Awaitable[Any]", verdict: "ToolVerdict") -> None:
        try:
            _give(verdict, await given)
        except Exception as raised:
            verdict.give(False, words_of(raised))


def _give(verdict: "ToolVerdict", given: Any) -> None:
    verdict.give(given is True, given if isinstance(given, str) else "")


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
            given = self._runner.wait(_value_of(given))
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


async def _value_of(given: "Awaitable[Any]") -> Any:
    return await given


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
            self._runner.start(self._drive(given, answer), given)
        else:
            _judge(answer, given)

    async def _drive(self, given: "Awaitable[Verdict]", answer: "FilterAnswer") -> None:
        try:
            _judge(answer, await given)
        except Exception as raised:
            answer.block("the filter raised " + type(raised).__name__)


def _judge(answer: "FilterAnswer", given: Verdict) -> None:
    if given is None:
        answer.pass_on()
    elif isinstance(given, Block):
        answer.block(given.reason)
    else:
        answer.rewrite(given)

"""A host's own models and embedders, and what the engine calls of them."""
from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, AsyncIterable, Awaitable, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

from ._errors import Error, ErrorCode, InvalidArgumentError
from ._given import seconds_of, whole_of
from ._runner import Runner, answer, text_of, words_of
from ._values import Value

if TYPE_CHECKING:
    from ._core import EmbeddingAnswer, Reply

Vectors = Sequence[Sequence[float]]
_MOST_TOKENS = 2**63 - 1  # what the engine counts with
_FAILURES = [code for code in ErrorCode if code is not ErrorCode.OK]


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
        ends the reply: a :class:`scena.Error` with its code and ``retry_after``, anything else with provider_error.
        """
        raise NotImplementedError


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


class ProviderAdapter:
    """What the engine calls of a host's provider."""

    def __init__(self, provider: Any, runner: Runner) -> None:
        self._provider = provider
        self._runner = runner

    def start(self, request_json: str, reply: "Reply") -> None:
        """Starts one reply."""

        def fail(raised: BaseException) -> None:
            fail_as(reply, "provider", raised)

        try:
            request = ReplyRequest(json.loads(request_json))
            given = self._provider.reply(request)
            if hasattr(given, "__aiter__") or inspect.isawaitable(given):
                stop = self._runner.start(
                    given, lambda _: reply.finish(""), fail, session=request.session, drive=lambda one: _drive(one, reply)
                )
                reply.on_stop(stop)
                return
            if _write_all(reply, given, self._runner.is_engine_closed):
                reply.finish("")
            else:
                reply.fail(ErrorCode.CANCELLED, "cancelled", None)
        except Exception as raised:
            fail(raised)


async def _drive(given: Any, reply: "Reply") -> None:
    if inspect.isawaitable(given):
        given = await given
    if not hasattr(given, "__aiter__"):
        _write_all(reply, given, lambda: False)
        return
    try:
        async for piece in given:
            _write(reply, piece)
            if reply.stopped:
                break
    finally:
        if hasattr(given, "aclose"):
            await given.aclose()  # what it has open is closed here, not by the garbage collector


def _write_all(reply: "Reply", pieces: "Union[str, Iterable[Piece]]", is_closed: Callable[[], bool]) -> bool:
    """False where the engine is closed meanwhile, on another thread: it waits for this function, which nobody can cancel."""
    if isinstance(pieces, str):
        _write(reply, pieces)
        return True
    for piece in pieces:
        _write(reply, piece)
        if reply.stopped:
            break
        if is_closed():
            return False
    return True


def _write(reply: "Reply", piece: Any) -> None:
    try:
        if isinstance(piece, str):
            reply.write(piece)
        elif isinstance(piece, ToolCall):
            reply.call_tool(piece.id, piece.name, json.dumps(piece.arguments))
        elif isinstance(piece, Reasoning):
            reply.reason(piece.text)
        elif isinstance(piece, Counted):
            reply.count(_counted(piece.input_tokens, "input_tokens"), _counted(piece.output_tokens, "output_tokens"))
        else:
            raise TypeError(f"a piece of a reply is a str, ToolCall, Reasoning or Counted, not {type(piece).__name__}")
    except InvalidArgumentError as refused:  # the provider's fault, not that of who asked
        raise ValueError(str(refused)) from None


def _counted(given: Any, name: str) -> Optional[int]:
    if given is None:
        return None
    return whole_of(given, f"Counted.{name}", 0, _MOST_TOKENS)


class EmbedderAdapter:
    """What the engine calls of a host's embedder."""

    def __init__(self, embedder: Any, runner: Runner) -> None:
        self._embedder = embedder
        known = inspect.signature(embedder.embed).parameters
        self._wants = [name for name in ("model", "purpose", "dimensions") if name in known]
        self._runner = runner

    def start(
        self, texts: List[str], model: str, purpose: str, dimensions: Optional[int], answer_to: "EmbeddingAnswer"
    ) -> None:
        """Starts one request."""
        request: Dict[str, Any] = {"model": model, "purpose": purpose, "dimensions": dimensions}
        answer(
            self._runner,
            lambda: self._embedder.embed(texts, **{name: request[name] for name in self._wants}),
            lambda given: answer_to.succeed(list(given)),
            lambda raised: fail_as(answer_to, "embedder", raised),
            answer_to.on_stop,
        )


def fail_as(answer_to: "Union[Reply, EmbeddingAnswer]", who: str, raised: BaseException) -> None:
    """Ends an answer with what was raised: an :class:`scena.Error` with its code and wait, anything else with
    provider_error. Whatever is said of one that the engine stopped, it was cancelled."""
    from asyncio import CancelledError

    if isinstance(raised, CancelledError):
        answer_to.fail(ErrorCode.PROVIDER_ERROR, f"the {who}'s coroutine was cancelled", None)
    elif isinstance(raised, Error):
        code = raised.code if raised.code in _FAILURES else ErrorCode.PROVIDER_ERROR
        answer_to.fail(code, text_of(raised), _wait_of(raised))
    else:
        answer_to.fail(ErrorCode.PROVIDER_ERROR, f"the {who} raised {words_of(raised)}", None)


def _wait_of(raised: Error) -> Optional[float]:
    """How long it asks to wait; what is no time is none."""
    try:
        return seconds_of(raised.retry_after, "retry_after")
    except InvalidArgumentError:
        return None

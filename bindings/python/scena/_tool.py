"""Functions that characters may use, and what the engine calls of them."""
from __future__ import annotations

import ast
import inspect
import json
import typing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional, Union, overload

from ._given import result_text, seconds_of
from ._runner import Runner, answer, words_of
from ._values import Value

if TYPE_CHECKING:
    from ._core import ToolAnswer, ToolVerdict


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
        types = _types_of(function)
        self.whole = [one for one, words in types.items() if "integer" in words and "number" not in words]
        schema = parameters if parameters is not None else _schema_of(function, types)
        self.parameters = json.dumps(schema) if schema else ""
        self.time_limit = seconds_of(time_limit, "time_limit")
        self.cache_for = seconds_of(cache_for, "cache_for")
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
    annotations unless they are given. A union lets each of its types through, a default None null. It is
    called with the arguments by name, and with the :class:`ToolRequest` when it has a parameter ``request``. What it returns is the result (a str as it
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


_JSON_TYPES = {
    "str": "string", "int": "integer", "float": "number", "bool": "boolean", "list": "array", "dict": "object",
    "None": "null", "NoneType": "null",
}


def _types_of(function: Callable[..., Any]) -> Dict[str, List[str]]:
    """For each parameter the JSON types that its annotation lets through; none where it says nothing of them."""
    try:
        hints = typing.get_type_hints(function if inspect.isroutine(function) else getattr(function, "__call__"))
    except Exception:  # a name that is not there, or what this Python cannot work out
        hints = {}
    found: Dict[str, List[str]] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        words = _words_of(hints.get(name, parameter.annotation))
        if words and parameter.default is None:
            words.append("null")
        found[name] = list(dict.fromkeys(words))
    return found


def _words_of(kind: Any) -> List[str]:
    if isinstance(kind, str):
        try:
            return _words_of_text(ast.parse(kind.strip(), mode="eval").body)
        except (SyntaxError, ValueError):
            return []
    origin = typing.get_origin(kind)
    # of `int | str`, whose class Python has from 3.10 on
    if origin is Union or getattr(origin, "__name__", "") in ("UnionType", "Union"):
        return _any_of([_words_of(one) for one in typing.get_args(kind)])
    word = _JSON_TYPES.get(getattr(origin or kind, "__name__", ""))
    return [word] if word else []


def _words_of_text(kind: ast.expr) -> List[str]:
    """Of an annotation whose names could not be looked up."""
    if isinstance(kind, ast.BinOp) and isinstance(kind.op, ast.BitOr):
        return _any_of([_words_of_text(kind.left), _words_of_text(kind.right)])
    if isinstance(kind, ast.Constant):
        return ["null"] if kind.value is None else _words_of(kind.value) if isinstance(kind.value, str) else []
    name = ast.unparse(kind.value if isinstance(kind, ast.Subscript) else kind)
    name = name[len("typing."):] if name.startswith("typing.") else name
    if isinstance(kind, ast.Subscript) and name in ("Optional", "Union"):
        members = kind.slice.elts if isinstance(kind.slice, ast.Tuple) else [kind.slice]
        words = [_words_of_text(one) for one in members]
        return _any_of([*words, ["null"]] if name == "Optional" else words)
    word = _JSON_TYPES.get({"List": "list", "Dict": "dict"}.get(name, name))
    return [word] if word else []


def _any_of(several: List[List[str]]) -> List[str]:
    """Those of a union, which says nothing where a member of it does not."""
    return [word for words in several for word in words] if all(several) else []


def _schema_of(function: Callable[..., Any], types: Mapping[str, List[str]]) -> Dict[str, Any]:
    properties: Dict[str, Any] = {}
    required: List[str] = []
    for name, parameter in inspect.signature(function).parameters.items():
        if name == "request":
            continue
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise TypeError(f"the tool {function.__name__}: parameter {name} cannot be given by name; give the tool parameters=")
        words = types[name]
        properties[name] = {"type": words[0] if len(words) == 1 else words} if words else {}
        if parameter.default is parameter.empty:
            required.append(name)
    schema: Dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return schema if properties else {}


class ToolAdapter:
    """What the engine calls of a host's tool."""

    def __init__(self, tool: Tool, runner: Runner) -> None:
        self._tool = tool
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tool, name)

    def start(self, request_json: str, answer_to: "ToolAnswer") -> None:
        """Starts one call."""
        request = ToolRequest(**json.loads(request_json))
        answer(
            self._runner,
            lambda: self._call(request),
            lambda given: answer_to.succeed(result_text(given)),
            lambda raised: answer_to.fail(words_of(raised)),
            answer_to.on_stop,
            request.session,
        )

    def _call(self, request: ToolRequest) -> Any:
        arguments: Dict[str, Any] = dict(request.arguments)
        for name in self._tool.whole:  # JSON does not tell 1.0 from 1
            given = arguments.get(name)
            if isinstance(given, float) and given.is_integer():
                arguments[name] = int(given)
        if self._tool.wants_request:
            arguments["request"] = request
        return self._tool.function(**arguments)


class ApprovalAdapter:
    """What the engine calls of a host's ``tool_approval``."""

    def __init__(self, approve: Callable[[ToolRequest], Any], runner: Runner) -> None:
        self._approve = approve
        self._runner = runner

    def start(self, request_json: str, verdict: "ToolVerdict") -> None:
        """Asks whether a call may be made."""
        request = ToolRequest(**json.loads(request_json))
        given = self._approve(request)
        if inspect.isawaitable(given):
            self._runner.start(
                given,
                lambda one: _give(verdict, one),
                lambda raised: verdict.give(False, words_of(raised)),
                session=request.session,
            )
        else:
            _give(verdict, given)


def _give(verdict: "ToolVerdict", given: Any) -> None:
    verdict.give(given is True, given if isinstance(given, str) else "")

"""What a host gives an engine: its configuration, and the adapters of its own objects."""
from __future__ import annotations

import json
import threading
from datetime import timedelta
from os import PathLike
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple, Union, cast

from . import _core
from ._errors import InvalidArgumentError
from ._given import read_text, seconds_of
from ._jobs import EventSink, EventSinkAdapter, JobAdapter, JobHandler
from ._lent import Lent
from ._provider import Embedder, EmbedderAdapter, Provider, ProviderAdapter
from ._runner import Runner
from ._tool import ApprovalAdapter, Tool, ToolAdapter
from ._values import time_of
from ._watchers import Analyzer, AnalyzerAdapter, Filter, FilterAdapter


class LogRecord:
    """One log line of an engine: ``level`` ("info", ...), ``time``, ``module``, ``message``, ``fields``."""

    LEVELS = ("trace", "debug", "info", "warn", "error")

    def __init__(self, level: int, micros: int, module: str, message: str, fields: Dict[str, str]) -> None:
        self.level = self.LEVELS[level]
        self.time = time_of(micros)
        self.module = module
        self.message = message
        self.fields = fields


def host_parts(
    members: Dict[str, Any],
    *,
    providers: Optional[Mapping[str, Any]] = None,
    tools: Any = None,
    tool_approval: Any = None,
    analyzers: Iterable[Any] = (),
    filter: Any = None,
    log: Any = None,
    secrets: Any = None,
    job_handlers: Optional[Mapping[str, Any]] = None,
    event_sinks: Optional[Mapping[str, Any]] = None,
    embedders: Optional[Mapping[str, Any]] = None,
    token_counters: Optional[Mapping[str, Any]] = None,
    coroutine_timeout: "Union[timedelta, float]" = 300.0,
) -> Tuple[Dict[str, Any], Dict[str, Any], Runner]:
    """A configuration, the adapters of a host's own objects, and what runs their coroutines."""
    limit = seconds_of(coroutine_timeout, "coroutine_timeout", above_zero=True)
    if limit is None:
        raise InvalidArgumentError("coroutine_timeout: must be above 0; it is a timedelta, or seconds such as 300.0")
    runner = Runner(members.get("clock") == "virtual", min(limit, threading.TIMEOUT_MAX))
    services: Dict[str, Any] = dict(_named(members.get("providers"), "providers"))
    services.update(_named(providers, "providers"))
    settings, own = split_providers(services)
    if settings:
        members["providers"] = settings
    files, counters = _split(_named(token_counters, "token_counters"), Mapping)
    if files:
        members["token_counters"] = {**_named(members.get("token_counters"), "token_counters"), **files}
    functions: List[Tool] = []
    if isinstance(tools, Mapping):
        configured: Dict[str, Any] = dict(_named(members.get("tools"), "tools"))
        configured.update(cast("Mapping[str, Any]", tools))
        members["tools"] = configured
    else:
        functions = [one if isinstance(one, Tool) else Tool(_function(one, "tools")) for one in _listed(tools, "tools")]
    lend = runner.loans.lend
    source = cast("Mapping[str, Any]", secrets).get if isinstance(secrets, Mapping) else secrets
    parts: Dict[str, Any] = {
        "providers": {name: ProviderAdapter(lend(one), runner) for name, one in own.items()},
        "tools": [ToolAdapter(lend(one), runner) for one in functions],
        "analyzers": [AnalyzerAdapter(lend(_analyzer(one)), runner) for one in _listed(analyzers, "analyzers")],
        "tool_approval": None
        if tool_approval is None
        else ApprovalAdapter(lend(_function(tool_approval, "tool_approval")), runner),
        "filter": None
        if filter is None
        else FilterAdapter(lend(_object(filter, "filter", "check_input", "check_output", base=_base_of(filter))), runner),
        "log": None if log is None else _log_function(lend(_log(log)), callable(log)),
        "secrets": None if source is None else lend(_function(source, "secrets", "a mapping such as os.environ, or a function of the name,")),
        "job_handlers": {
            kind: JobAdapter(lend(_handler(one, JobHandler, "job_handlers")), runner)
            for kind, one in _named(job_handlers, "job_handlers").items()
        },
        "event_sinks": {
            name: EventSinkAdapter(lend(_handler(one, EventSink, "event_sinks")), runner)
            for name, one in _named(event_sinks, "event_sinks").items()
        },
        "embedders": {name: EmbedderAdapter(lend(_object(one, "embedders", "embed", base=Embedder)), runner) for name, one in _named(embedders, "embedders").items()},
        "token_counters": {models: lend(_function(count, "token_counters")) for models, count in counters.items()},
    }
    return members, parts, runner


def _function(given: Any, name: str, needed: str = "a function") -> Any:
    """What the engine calls; ``name`` and what is ``needed`` stand in the error that refuses anything else."""
    if callable(given) and not isinstance(given, type):
        return given
    raise InvalidArgumentError(f"{name}: {needed} is needed, not {_what(given)}", pointer=f"/{name}")


def _handler(given: Any, kind: Any, name: str) -> Any:
    """A handler of that kind, or a function to make one of."""
    handler = given if isinstance(given, kind) else kind(given)
    _function(handler.function, name)
    return handler


def _analyzer(given: Any) -> Any:
    """What measures, and says as what."""
    analyzer = _object(given, "analyzers", "measure", base=Analyzer)
    name = getattr(analyzer, "name", "")
    if isinstance(name, str) and name:
        return analyzer
    raise InvalidArgumentError(f'analyzers: {type(given).__name__} needs the name of its metric, such as name = "questions"', pointer="/analyzers")


def _object(given: Any, name: str, *methods: str, base: Any = None) -> Any:
    """What has the methods that the engine calls; of a class made from ``base``, one of its own at least."""
    if not isinstance(given, type) and all(callable(getattr(given, one, None)) for one in methods):
        if base is not None and all(getattr(getattr(given, one), "__func__", None) is getattr(base, one) for one in methods):
            words = " or ".join(f"{one}()" for one in methods)
            raise TypeError(f"{name}: class {type(given).__name__} has no {words} of its own; scena.{base.__name__} leaves that to it")
        return given
    words = " and ".join(f"{one}()" for one in methods)
    raise InvalidArgumentError(f"{name}: an object with {words} is needed, not {_what(given)}", pointer=f"/{name}")


def _base_of(filter: Any) -> Any:
    """What a filter's methods may be those of: a bare :class:`Filter` passes everything, which is what it says."""
    return None if type(filter) is Filter else Filter


def _log(given: Any) -> Any:
    """A function of a :class:`LogRecord`, or an object such as a ``logging.Logger``."""
    return given if callable(given) and not isinstance(given, type) else _object(given, "log", "log")


def _named(given: Any, name: str) -> Mapping[str, Any]:
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return cast("Mapping[str, Any]", given)
    raise InvalidArgumentError(f"{name}: a dict by name is needed, not {_what(given)}", pointer=f"/{name}")


def _listed(given: Any, name: str) -> Iterable[Any]:
    if given is None:
        return ()
    if isinstance(given, Iterable) and not isinstance(given, type):
        several: Iterable[Any] = given
        return several
    raise InvalidArgumentError(f"{name}: a list is needed, not {_what(given)}", pointer=f"/{name}")


def _what(given: Any) -> str:
    return f"the class {given.__name__} itself" if isinstance(given, type) else type(given).__name__


def _split(given: Mapping[str, Any], kind: Any) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """Those of a kind, and the others."""
    return (
        {name: one for name, one in given.items() if isinstance(one, kind)},
        {name: one for name, one in given.items() if not isinstance(one, kind)},
    )


def read_config(config: "Union[Mapping[str, Any], str, PathLike[str], None]") -> Dict[str, Any]:
    if config is None:
        return {}
    if isinstance(config, Mapping):
        return dict(config)
    text = read_text(config, "config")
    _core.check_config(text)  # names what is wrong with the text itself
    read: Dict[str, Any] = json.loads(text)
    return read


def split_providers(given: Mapping[str, Any]) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """Settings for the engine, and the host's own objects."""
    settings: Dict[str, Any] = {}
    own: Dict[str, Any] = {}
    for name, one in given.items():
        if isinstance(one, str):
            settings[name] = {"url": one}
        elif isinstance(one, Mapping):
            settings[name] = one
        elif hasattr(one, "reply") and not isinstance(one, type):
            own[name] = _object(one, f"providers/{name}", "reply", base=Provider)
        else:
            raise InvalidArgumentError(
                f'provider "{name}" is neither a URL, nor a dict of settings, nor an object with reply()',
                pointer=f"/providers/{name}",
            )
    return settings, own


def _log_function(log: Lent, is_function: bool) -> Callable[..., None]:
    def write(level: int, micros: int, module: str, message: str, fields: Dict[str, str]) -> None:
        if not log.is_here():
            return  # what is said of the end of a closed engine
        if is_function:
            log(LogRecord(level, micros, module, message, fields))
            return
        words = " ".join([message, *(f"{name}={value}" for name, value in fields.items())])
        log.log(max(level * 10, 5), "%s: %s", module, words)

    return write

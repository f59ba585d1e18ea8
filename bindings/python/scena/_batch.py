"""Batches: every combination of presets, characters, models, variables and seeds of a plan."""
from __future__ import annotations

import atexit
import difflib
import inspect
import os
import threading
from os import PathLike
from os.path import dirname
from time import monotonic
from typing import TYPE_CHECKING, Any, Callable, Iterable, Mapping, Optional, Set, Union

from . import _core
from ._errors import InvalidArgumentError
from ._extensions import host_parts, read_config
from ._given import json_of, path_of, read_text
from ._reports import BatchResult, batch_result_of
from ._values import Job

if TYPE_CHECKING:
    import logging
    from datetime import timedelta

    from ._core import Event
    from ._extensions import LogRecord
    from ._jobs import EventSink, JobHandler
    from ._tool import Tool, ToolRequest


_GOODBYE = 5.0  # seconds that the interpreter's end gives batches to end, all together


class _Running:
    """A batch under way, perhaps on a thread of a daemon."""

    all: "Set[_Running]" = set()

    def __init__(self) -> None:
        self.stop = _core.Stop()
        self._ended = threading.Event()
        self._process = os.getpid()

    def __enter__(self) -> "_core.Stop":
        self.all.add(self)
        return self.stop

    def __exit__(self, *_: object) -> None:
        self.all.discard(self)
        self._ended.set()

    def give_up(self) -> bool:
        """Asks its sessions to end; not in a child of fork(), where nothing runs it: False."""
        if self._process != os.getpid():
            return False
        self.stop.request()
        return True

    def wait(self, seconds: float) -> None:
        self._ended.wait(seconds)


def _end_all() -> None:
    # Threads of a batch must not come into an interpreter that is being taken apart.
    ending = [running for running in list(_Running.all) if running.give_up()]
    end = monotonic() + _GOODBYE
    for running in ending:
        running.wait(max(0.0, end - monotonic()))


atexit.register(_end_all)


class _Bar:
    """A progress bar of the tqdm protocol, made when the number of runs is known."""

    def __init__(self, make: Callable[..., Any]) -> None:
        self._make = make
        self._bar: Any = None
        self._shown = 0

    def tell(self, total: int, done: int, failed: int, running: int, cost: str) -> None:
        if self._bar is None:
            self._bar = self._make(total=total)
        if done > self._shown:
            self._bar.update(done - self._shown)
            self._shown = done

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def _refuse_misspelt(options: Mapping[str, Any]) -> None:
    """Refuses what is neither a member of the configuration nor near one, but near an option of run_batch itself."""
    own = [name for name, one in inspect.signature(run_batch).parameters.items() if one.kind is one.KEYWORD_ONLY]
    for name in options:
        meant = difflib.get_close_matches(name, own, 1)
        if not meant:
            continue
        try:
            _core.check_config(json_of({name: None}))
        except InvalidArgumentError as refused:
            if str(refused).endswith("/" + name + ": is not a known member"):
                raise InvalidArgumentError(f'{name}: is not a known option; did you mean "{meant[0]}"?', pointer=f"/{name}") from None


def run_batch(
    plan: "Union[Mapping[str, Any], str, PathLike[str]]",
    *,
    folder: "Union[str, PathLike[str], None]" = None,
    workers: int = 1,
    retry_failed: bool = False,
    progress: Optional[Callable[..., Any]] = None,
    config: "Union[Mapping[str, Any], str, PathLike[str], None]" = None,
    providers: Optional[Mapping[str, Any]] = None,
    tools: "Union[Iterable[Union[Tool, Callable[..., Any]]], Mapping[str, Any], None]" = None,
    tool_approval: Optional[Callable[[ToolRequest], Any]] = None,
    analyzers: Iterable[Any] = (),
    filter: Any = None,
    log: "Union[Callable[[LogRecord], object], logging.Logger, None]" = None,
    secrets: "Union[Mapping[str, str], Callable[[str], Optional[str]], None]" = None,
    job_handlers: "Optional[Mapping[str, Union[JobHandler, Callable[[Job], Any]]]]" = None,
    event_sinks: "Optional[Mapping[str, Union[EventSink, Callable[[Event, Job], Any]]]]" = None,
    embedders: Optional[Mapping[str, Any]] = None,
    token_counters: "Optional[Mapping[str, Union[Callable[[str], int], Mapping[str, str]]]]" = None,
    coroutine_timeout: "Union[timedelta, float]" = 300.0,
    **options: Any,
) -> BatchResult:
    """Runs a plan: a session for each combination of presets, characters, models, variables and seeds.

    A session that fails is a row with an error and stops nothing. Called again with the same folder, also after
    a crash or Ctrl-C, it runs what has no row yet.

    Parameters
    ----------
    plan
        A dict, JSON text, or the path of a file (``pathlib.Path``); docs/reference/batch.md names the members.
    folder
        Where journal, rows and sessions go, made if need be; None: nowhere, and nothing is resumed.
    workers
        Threads, each with engines of its own.
    retry_failed
        Runs that failed in an earlier try are made again.
    progress
        Told of each finished session: a class like ``tqdm.tqdm``, called with ``total=`` the number of runs.
    config, providers, tools, tool_approval, analyzers, filter, log, secrets, embedders, token_counters, coroutine_timeout, options
        As of :class:`Engine`. On the virtual clock equal plans give equal bytes, with any number of workers.
    job_handlers, event_sinks
        As of :class:`Engine`, too. Each engine of a batch has a store of its own, in memory, which goes with it: what
        was not done or delivered when its sessions end is not made up for.

    Raises
    ------
    InvalidArgumentError
        With every fault of the plan, or of the configuration.
    ConflictError
        The folder holds runs that were made otherwise, or another batch works there.

    Examples
    --------
    >>> import scena
    >>> plan = {"presets": ["salary-negotiation"], "seeds": {"first": 1, "count": 3}, "max_turns": 2}
    >>> result = scena.run_batch(plan, clock="virtual", workers=2)
    >>> [(row.key, row.turns) for row in result.rows]
    [('salary-negotiation.s1', 2), ('salary-negotiation.s2', 2), ('salary-negotiation.s3', 2)]
    >>> result.groups[0].turns.value
    2.0
    """
    _refuse_misspelt(options)
    plan_folder = ""
    if not isinstance(plan, Mapping):
        text = read_text(plan, "plan")
        if not isinstance(plan, str):
            plan_folder = dirname(plan) or "."
        plan = text
    members, parts, runner = host_parts(
        {**read_config(config), **options},
        providers=providers,
        tools=tools,
        tool_approval=tool_approval,
        analyzers=analyzers,
        filter=filter,
        log=log,
        secrets=secrets,
        job_handlers=job_handlers,
        event_sinks=event_sinks,
        embedders=embedders,
        token_counters=token_counters,
        coroutine_timeout=coroutine_timeout,
    )
    given = {"folder": "" if folder is None else path_of(folder, "folder"), "workers": workers, "retry_failed": retry_failed}
    bar = None if progress is None else _Bar(progress)
    try:
        with _Running() as stop:
            tell = None if bar is None else bar.tell
            result = _core.run_batch(json_of(plan), plan_folder, json_of(members), parts, given, tell, stop)
        return batch_result_of(result)
    finally:
        runner.close()
        if bar is not None:
            bar.close()

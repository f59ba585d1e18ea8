"""The engine: sessions, presets, storage and model services behind one object."""
from __future__ import annotations

import atexit
import json
import weakref
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union, cast

from . import _core
from ._answers import info_of
from ._engine_jobs import EngineJobs
from ._engine_models import EngineModels
from ._engine_presets import EnginePresets
from ._engine_reports import EngineReports
from ._errors import InvalidArgumentError
from ._extensions import LogRecord, host_parts, read_config
from ._given import given_of, json_of, members_of, path_of, seconds_of, whole_of
from ._rows import session_rows_of
from ._session import Session, variable_text
from ._turn import Pending
from ._values import Job, Principal, SessionInfo

if TYPE_CHECKING:
    import logging
    from datetime import timedelta

    from ._core import Event
    from ._jobs import EventSink, JobHandler
    from ._tool import Tool, ToolRequest

_OPEN: "weakref.WeakSet[Engine]" = weakref.WeakSet()


class Engine(EngineModels, EngineReports, EngineJobs, EnginePresets):
    """One engine: sessions, presets, storage and model services behind one object.

    It does nothing behind the host's back. Without ``threads`` it runs inside blocking calls, or on the
    running asyncio loop while something of it is awaited; a store in a file has a thread that syncs.

    Parameters
    ----------
    config
        A configuration as dict, as JSON text, or the path of a file (``pathlib.Path``). The options below
        replace members of it; docs/reference/configuration.md lists all.
    storage
        ``"memory:"`` (the default) or ``"sqlite:FILE"``.
    provider, model
        Which service answers: a name in ``providers``, or a URL such as ``"openai:gpt-4o"``.
    providers
        Model services by name: a dict of settings, a URL, or an object of one's own with ``reply()``
        (:class:`Provider`).
    threads
        Loop threads of the engine's own; 0: none.
    clock, seed
        ``"virtual"`` with a seed repeats everything exactly, and days pass in no time.
    tools
        Functions that characters may use: :func:`tool`. A dict: tools that make HTTP requests.
    tool_approval
        Asked before calls of tools that need approval: a function of a :class:`ToolRequest` that returns True,
        False, or the reason of a refusal.
    analyzers, filter
        Metrics, each with a name of its own, and a filter: :class:`Analyzer`, :class:`Filter`.
    log
        A function of a :class:`LogRecord`, or a ``logging.Logger``.
    secrets
        Where keys come from that the configuration leaves out: a mapping such as ``os.environ``, or a function
        of the name.
    job_handlers
        Who does the background jobs of a kind: a function of a :class:`Job`, or a :class:`JobHandler`.
    event_sinks
        Who gets the events of the store, by name: a function of an :class:`Event` and its :class:`Job`, or an
        :class:`EventSink`.
    embedders
        Sources of vectors by the names that :meth:`embed` uses: :class:`Embedder`.
    token_counters
        What counts the tokens of a text, by how the names of its models begin; ``"*"`` fits all. A dict names a
        file of byte pairs, ``{"file": "o200k_base.tiktoken", "cut": "o200k"}``, and counts exactly; a function that
        raises, or returns no number, counts a token for each four bytes.
    coroutine_timeout
        Real time, as timedelta or in seconds, that the engine waits for a coroutine where it cannot go on without:
        for each on the virtual clock, for those of analyzers on any. One without an answer by then is cancelled,
        and its call has failed.
    from_env
        Reads the environment variables of docs/reference/configuration.md over the configuration.

    Raises
    ------
    InvalidArgumentError
        With every fault of the configuration at once.

    Examples
    --------
    >>> import scena
    >>> with scena.Engine(clock="virtual", seed=7) as engine:
    ...     session = engine.create_session("job-interview", played_by={"candidate": "ai"})
    ...     session.run(max_turns=4).result().turns
    4
    """

    def __init__(
        self,
        config: "Union[Mapping[str, Any], str, PathLike[str], None]" = None,
        *,
        storage: Optional[str] = None,
        storage_read_only: Optional[bool] = None,
        storage_fallback: Optional[bool] = None,
        storage_thread: Optional[str] = None,
        durability: Optional[str] = None,
        threads: Optional[int] = None,
        clock: Optional[str] = None,
        seed: Optional[int] = None,
        mode: Optional[str] = None,
        provider: Optional[str] = None,
        model: Optional[str] = None,
        providers: Optional[Mapping[str, Any]] = None,
        stream: Optional[bool] = None,
        max_retries: Optional[int] = None,
        timeouts: Optional[Mapping[str, Any]] = None,
        http: Optional[Mapping[str, Any]] = None,
        limits: Optional[Mapping[str, Any]] = None,
        prices: Optional[Mapping[str, Any]] = None,
        policy: Optional[Mapping[str, Any]] = None,
        session_budget: Optional[str] = None,
        metrics: Optional[Sequence[str]] = None,
        live_metrics: Optional[bool] = None,
        log_level: Optional[str] = None,
        log_levels: Optional[Mapping[str, str]] = None,
        log_message_text: Optional[bool] = None,
        tape_record: "Union[str, PathLike[str], None]" = None,
        tape_replay: "Union[str, PathLike[str], None]" = None,
        tape_speed: Optional[float] = None,
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
        from_env: bool = False,
    ) -> None:
        options = given_of(
            storage=storage,
            storage_read_only=storage_read_only,
            storage_fallback=storage_fallback,
            storage_thread=storage_thread,
            durability=durability,
            threads=threads,
            clock=clock,
            seed=seed,
            mode=mode,
            provider=provider,
            model=model,
            stream=stream,
            max_retries=max_retries,
            timeouts=timeouts,
            http=http,
            limits=limits,
            prices=prices,
            policy=policy,
            session_budget=session_budget,
            metrics=metrics,
            live_metrics=live_metrics,
            log_level=log_level,
            log_levels=log_levels,
            log_message_text=log_message_text,
            tape_record=None if tape_record is None else fspath(tape_record),
            tape_replay=None if tape_replay is None else fspath(tape_replay),
            tape_speed=tape_speed,
        )
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
        core = _core.Engine.open(json_of(members), from_env, parts)
        self._set_up(core, runner, members.get("threads", 0) != 0, owner=True)
        _OPEN.add(self)

    @classmethod
    async def open_async(cls, config: "Union[Mapping[str, Any], str, PathLike[str], None]" = None, **options: Any) -> "Engine":
        """``Engine(config, **options)`` for coroutines: opened on a thread, since that waits for the store.

        Examples
        --------
        >>> import asyncio, scena
        >>> async def talk():
        ...     async with await scena.Engine.open_async(storage="memory:") as engine:
        ...         return (await engine.create_session("job-interview").send("Hello")).outcome
        >>> asyncio.run(talk())
        'complete'
        """
        import asyncio

        return await asyncio.to_thread(lambda: cls(config, **options))

    def as_principal(self, principal: Optional[Principal] = None, **members: Any) -> "Engine":
        """The same engine under somebody's rights: a :class:`Principal`, or its members by name.

        >>> import scena
        >>> with scena.Engine() as engine:
        ...     ann = engine.as_principal(subject="ann", roles=("participant",))
        ...     len(ann.presets()) == len(engine.presets())
        True
        """
        if principal is not None and members:
            raise InvalidArgumentError("principal: give a scena.Principal, or its members by name, not both")
        who: Any = principal if principal is not None else Principal(**members)
        if not isinstance(who, Principal):
            raise InvalidArgumentError(f"principal: must be a scena.Principal, or its members by name, not {type(who).__name__}")
        core = self._core.as_principal(who.to_dict())
        made = Engine.__new__(Engine)
        made._set_up(core, self._runner, self._threads, owner=False)
        return made

    # --- sessions ------------------------------------------------------------------------------------

    def create_session(
        self,
        preset: "Union[str, Mapping[str, Any]]",
        *,
        id: Optional[str] = None,
        owner: Optional[str] = None,
        title: Optional[str] = None,
        variables: Optional[Mapping[str, object]] = None,
        labels: Optional[Mapping[str, str]] = None,
        provider: Optional[str] = None,
        model: Optional[str] = None,
        played_by: Optional[Mapping[str, str]] = None,
        seed: Optional[int] = None,
        command_id: Optional[str] = None,
        retention: Optional[str] = None,
        retention_ttl: "Union[timedelta, float, None]" = None,
    ) -> Session:
        """Creates a session of a stored or built-in preset, or of a preset given as dict or JSON text.

        Parameters
        ----------
        variables
            Values of the preset's variables.
        played_by
            Who plays a character: ``{"candidate": "ai"}`` or ``"human"``.
        seed
            Of this session's generator; None: from the engine's.
        retention
            ``"keep"``, or ``"session"``: nothing is left of it ``retention_ttl`` after its end. None: the
            configuration's.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7) as engine:
        ...     session = engine.create_session("job-interview", owner="ann", variables={"position": "welder"})
        ...     info = session.start().result()
        ...     info.owner, info.variables["position"], info.state
        ('ann', 'welder', 'active')
        """
        options = given_of(
            id=id,
            owner=owner,
            title=title,
            variables={name: variable_text(one) for name, one in (members_of(variables, "variables") or {}).items()},
            labels=members_of(labels, "labels"),
            provider=provider,
            model=model,
            played_by=members_of(played_by, "played_by"),
            seed=seed,
            command_id=command_id,
            retention=retention,
            retention_ttl=seconds_of(retention_ttl, "retention_ttl"),
        )
        return Session(self, self._core.create_session(json_of(preset), _is_json(preset), options))

    def session(self, id: str) -> Session:
        """A stored session."""
        return Session(self, self._core.session(id))

    def sessions(self, *, after: str = "", limit: int = 0, state: Optional[str] = None) -> Tuple[List[SessionInfo], str]:
        """A page of stored sessions, newest first, and what to hand back as ``after`` (empty: the last page). It has at
        most ``limit`` of them, up to 1000; 0: 50."""
        found, after = self._core.sessions(after, limit, state)
        return [info_of(one) for one in found], after

    def session_rows(self) -> List[Dict[str, Any]]:
        """One flat dict a stored session: what ``pandas.DataFrame`` and ``pyarrow.Table`` take.

        All have the same members in the same order and nothing nested: those of :class:`SessionInfo` but for the
        participants, then ``usage.NAME``, and for each name that any of the sessions has, in their order,
        ``variable.NAME`` and ``label.NAME`` (None where a session has none of the name) and ``escape.STEP`` (0).

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7) as engine:
        ...     _ = engine.run_sessions("job-interview", 1, max_turns=1, labels={"group": "a"})
        ...     _ = engine.run_sessions("job-interview", 1, max_turns=1, variables={"position": "welder"})
        ...     [(row["turns"], row["variable.position"], row["label.group"]) for row in engine.session_rows()]
        [(1, 'welder', None), (1, None, 'a')]
        """
        found: List[SessionInfo] = []
        after = ""
        while True:
            page, after = self.sessions(after=after, limit=1000)
            found += page
            if not after:
                return session_rows_of(found)

    def run_sessions(
        self,
        preset: "Union[str, Mapping[str, Any]]",
        count: int,
        *,
        max_turns: int = 0,
        at_once: int = 50,
        progress: Optional[Callable[..., Any]] = None,
        **options: Any,
    ) -> List[Session]:
        """Runs ``count`` sessions among AI characters, and returns them when all have ended.

        Every character is played by a model unless ``played_by`` says otherwise. A reply that fails ends the run
        of its session, not that of the others.

        Parameters
        ----------
        at_once
            Sessions that run at the same time; at least 1.
        progress
            Told of each finished session: a class like ``tqdm.tqdm``, called with ``total=count``.
        options
            As of :meth:`create_session`.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7) as engine:
        ...     [s.info().turns for s in engine.run_sessions("salary-negotiation", 3, max_turns=2)]
        [2, 2, 2]
        """
        count, at_once = whole_of(count, "count", 0), whole_of(at_once, "at_once", 1)
        if options.get("played_by") is None:
            options["played_by"] = _all_by_models(preset if _is_json(preset) else self.preset(cast(str, preset)))
        bar = progress(total=count) if progress is not None else None
        sessions: List[Session] = []
        try:
            running: List[Pending[Any]] = []
            for _ in range(count):
                if len(running) == at_once:
                    _finish(running.pop(0), bar)
                sessions.append(self.create_session(preset, **options))
                running.append(sessions[-1].run(max_turns=max_turns))
            for one in running:
                _finish(one, bar)
        finally:
            if bar is not None:
                bar.close()
        return sessions

    def export_session(self, id: str, format: str = "json") -> str:
        """A session as one text: ``"json"``, ``"jsonl"`` (an event a line) or ``"markdown"``."""
        return self._core.export_session(id, format)

    def import_session(self, json: str) -> Session:
        """Stores a session exported as JSON under its own id."""
        return Session(self, self._core.import_session(json))

    def rebuild(self, id: str) -> bool:
        """Makes the stored projections of a session again; True when they were equal already."""
        return self._core.rebuild(id)

    def import_session_later(self, json: str) -> "Pending[Session]":
        """:meth:`import_session` without waiting for the store."""
        return Pending(self, self._core.import_session_later(json), lambda core: Session(self, core))

    def rebuild_later(self, id: str) -> "Pending[bool]":
        """:meth:`rebuild` without waiting for the store."""
        return Pending(self, self._core.rebuild_later(id), bool)

    def erase_user(self, subject: str) -> int:
        """Erases everything of one user: the sessions that it owns or takes or took part in, whole, with every fork.

        Also what is kept beside them, and the bytes of all this in the store's files. Counts and sums of
        money stay. Returns how many sessions went.
        """
        return self._core.erase_user(subject)

    def erase_user_later(self, subject: str) -> "Pending[int]":
        """:meth:`erase_user` without waiting for the store."""
        return Pending(self, self._core.erase_user_later(subject), int)

    def backup(self, path: "Union[str, PathLike[str]]") -> None:
        """Writes a consistent copy of the store while the engine runs."""
        self._core.backup(path_of(path, "path"))

    def check_storage(self) -> None:
        """Reads the whole store and judges its structure; raises :class:`StorageCorruptError` where
        it is damaged. Takes as long as reading the file."""
        self._core.check_storage()


def _is_json(preset: Any) -> bool:
    """Whether it is a preset itself, not the id of one."""
    return not isinstance(preset, str) or preset.lstrip().startswith("{")


def _all_by_models(preset: Any) -> Optional[Dict[str, str]]:
    """Who plays each character; None of what is no preset, which is told when a session is to be made of it."""
    try:
        given = json.loads(preset) if isinstance(preset, str) else preset
        return {one["id"]: "ai" for one in given["characters"]}
    except (KeyError, TypeError, ValueError):
        return None


def _finish(running: "Pending[Any]", bar: Any) -> None:
    running.result()
    if bar is not None:
        bar.update(1)


def _close_all() -> None:
    # Threads of an engine must not come into an interpreter that is being taken apart.
    for engine in list(_OPEN):
        engine.close()


atexit.register(_close_all)

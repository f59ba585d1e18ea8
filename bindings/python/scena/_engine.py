"""The engine: sessions, presets, storage and model services behind one object."""
from __future__ import annotations

import atexit
import json
import weakref
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union, cast

from . import _core
from ._errors import InvalidArgumentError
from ._extensions import (
    AnalyzerAdapter,
    ApprovalAdapter,
    FilterAdapter,
    JobAdapter,
    JobHandler,
    ProviderAdapter,
    Tool,
    ToolAdapter,
    ToolRequest,
)
from ._runner import Runner, void
from ._session import Pending, Session, _given, variable_text
from ._sources import EmbedderAdapter, EventSink, EventSinkAdapter
from ._values import (
    CacheFigures,
    Completion,
    CostRow,
    Embeddings,
    EngineStats,
    Job,
    JobCount,
    PresetInfo,
    Principal,
    ServiceHealth,
    SessionInfo,
    cache_figures_of,
    completion_of,
    cost_row_of,
    embeddings_of,
    info_of,
    job_of,
    json_of,
    seconds_of,
    time_of,
)

if TYPE_CHECKING:
    import logging
    from datetime import datetime, timedelta

    from ._core import Event
    from ._pump import Pump
    from ._reports import AnalyticsRow, FlowRow

    Time = Union[timedelta, float]

_OPEN: "weakref.WeakSet[Engine]" = weakref.WeakSet()


class LogRecord:
    """One log line of an engine: ``level`` ("info", ...), ``time``, ``module``, ``message``, ``fields``."""

    LEVELS = ("trace", "debug", "info", "warn", "error")

    def __init__(self, level: int, micros: int, module: str, message: str, fields: Dict[str, str]) -> None:
        self.level = self.LEVELS[level]
        self.time = time_of(micros)
        self.module = module
        self.message = message
        self.fields = fields


class Engine:
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
        Metrics and a filter of one's own: :class:`Analyzer`, :class:`Filter`.
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
        Functions that count the tokens of a text, by how the names of their models begin; ``"*"`` fits all. One that
        raises counts a token for each four bytes.
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
        token_counters: Optional[Mapping[str, Callable[[str], int]]] = None,
        from_env: bool = False,
    ) -> None:
        options = _given(
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
        )
        core = _core.Engine.open(json_of(members), from_env, parts)
        self._set_up(core, runner, members.get("threads", 0) != 0, owner=True)
        _OPEN.add(self)

    def _set_up(self, core: "_core.Engine", runner: Runner, threads: bool, *, owner: bool) -> None:
        self._core = core
        self._runner = runner
        self._threads = threads
        self._owner = owner
        self._loop_pump: "Optional[Pump]" = None

    def as_principal(self, principal: Optional[Principal] = None, **members: Any) -> "Engine":
        """The same engine under somebody's rights: a :class:`Principal`, or its members by name.

        >>> import scena
        >>> with scena.Engine() as engine:
        ...     ann = engine.as_principal(subject="ann", roles=("participant",))
        ...     len(ann.presets()) == len(engine.presets())
        True
        """
        who = principal if principal is not None else Principal(**members)
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
        """
        is_json = not isinstance(preset, str) or preset.lstrip().startswith("{")
        options = _given(
            id=id,
            owner=owner,
            title=title,
            variables=None if variables is None else {name: variable_text(one) for name, one in variables.items()},
            labels=None if labels is None else dict(labels),
            provider=provider,
            model=model,
            played_by=None if played_by is None else dict(played_by),
            seed=seed,
            command_id=command_id,
        )
        return Session(self, self._core.create_session(json_of(preset), is_json, options))

    def session(self, id: str) -> Session:
        """A stored session."""
        return Session(self, self._core.session(id))

    def sessions(self, *, after: str = "", limit: int = 50, state: Optional[str] = None) -> Tuple[List[SessionInfo], str]:
        """A page of stored sessions, newest first, and what to hand back as ``after`` (empty: the last page)."""
        found, after = self._core.sessions(after, limit, state)
        return [info_of(one) for one in found], after

    def session_rows(self) -> List[Dict[str, Any]]:
        """One dict a stored session: what ``pandas.DataFrame`` takes."""
        rows: List[Dict[str, Any]] = []
        after = ""
        while True:
            page, after = self.sessions(after=after, limit=1000)
            for one in page:
                row = one.to_dict()
                del row["participants"]
                row.update({f"usage.{name}": value for name, value in row.pop("usage").items()})
                rows.append(row)
            if not after:
                return rows

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
            Sessions that run at the same time.
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
        if options.get("played_by") is None:
            characters = json.loads(preset) if isinstance(preset, str) and preset.lstrip().startswith("{") else preset
            characters = self.preset(characters) if isinstance(characters, str) else characters
            options["played_by"] = {one["id"]: "ai" for one in characters["characters"]}
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

    # --- models --------------------------------------------------------------------------------------

    def complete(
        self,
        prompt: "Union[str, Sequence[Tuple[str, str]]]",
        *,
        provider: str,
        model: Optional[str] = None,
        system: Optional[str] = None,
        temperature: Optional[float] = None,
        max_tokens: Optional[int] = None,
        seed: Optional[int] = None,
        json_schema: Any = None,
    ) -> "Pending[Completion]":
        """Asks a model service for one reply outside of any session; nothing is stored.

        ``prompt`` is a text, or (role, text) pairs of a conversation; roles are ``"user"`` and ``"assistant"``.
        """
        messages = [("user", prompt)] if isinstance(prompt, str) else list(prompt)
        request = _given(
            model=model,
            system=system,
            temperature=temperature,
            max_tokens=max_tokens,
            seed=seed,
            json_schema=None if json_schema is None else json_of(json_schema),
        )
        return Pending(self, self._core.complete(provider, {**request, "messages": messages}), completion_of)

    def embed(self, texts: Sequence[str], *, provider: str = "", model: str = "") -> "Pending[Embeddings]":
        """Vectors for texts, from a provider by its name or URL; empty: the configuration's."""
        return Pending(self, self._core.embed(provider, list(texts), model), embeddings_of)

    def update_policy(self, policy: "Union[Mapping[str, Any], str]") -> None:
        """Replaces how calls to models are chosen, protected and limited."""
        self._core.update_policy(json_of(policy))

    def set_providers(self, providers: Mapping[str, Any]) -> None:
        """Replaces the configured model services; those written in Python stay."""
        settings, own = _split_providers(providers)
        if own:
            raise InvalidArgumentError("providers written in Python are given when the engine is made")
        self._core.set_services(json_of({"providers": settings}))

    def set_prices(self, prices: Mapping[str, Any]) -> None:
        """Sets what models charge from now on; models not named keep their price."""
        self._core.set_services(json_of({"prices": prices}))

    def set_models(self, catalog: "Union[Mapping[str, Any], str]") -> None:
        """Adds to the catalog of models from now on."""
        self._core.set_models(json_of(catalog))

    def costs(
        self,
        *,
        by: Sequence[str] = (),
        session: Optional[str] = None,
        user: Optional[str] = None,
        provider: Optional[str] = None,
        model: Optional[str] = None,
        preset: Optional[str] = None,
        first_day: Optional[str] = None,
        last_day: Optional[str] = None,
    ) -> List[CostRow]:
        """Adds up the ledger: a row for each combination of ``by`` (session, user, provider, model, preset, day, month)."""
        query = _given(
            session=session, user=user, provider=provider, model=model, preset=preset, **{"from": first_day, "to": last_day}
        )
        return [cost_row_of(one) for one in self._core.costs(query, list(by))]

    def cache_figures(self) -> Dict[str, CacheFigures]:
        """What the response cache did since the engine was opened, by model."""
        return {model: cache_figures_of(one) for model, one in self._core.cache_figures().items()}

    def service_health(self) -> Dict[str, ServiceHealth]:
        """How the services fare that a turn has asked for, by name; without a network call."""
        return {service: ServiceHealth(**one) for service, one in self._core.service_health().items()}

    # --- many sessions, looked back on ------------------------------------------------------------------

    def session_analytics(
        self,
        *,
        by: Sequence[str] = (),
        preset: Optional[str] = None,
        character: Optional[str] = None,
        first_day: Optional[str] = None,
        last_day: Optional[str] = None,
    ) -> "List[AnalyticsRow]":
        """How stored sessions ended and what people thought of them: a row for each combination of ``by`` (preset,
        character, day, month) that has sessions. Reads every session that it is about.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7) as engine:
        ...     sessions = engine.run_sessions("salary-negotiation", 3, max_turns=2)
        ...     done = sessions[0].complete().result()
        ...     [(row.group, row.completed, row.sessions) for row in engine.session_analytics(by=["preset"])]
        [(('salary-negotiation',), 1, 3)]
        """
        from ._reports import analytics_rows_of

        query = _given(preset=preset, character=character, **{"from": first_day, "to": last_day})
        return analytics_rows_of(self._core.analytics(query, list(by)), list(by))

    def session_flow(
        self,
        *,
        preset: Optional[str] = None,
        character: Optional[str] = None,
        first_day: Optional[str] = None,
        last_day: Optional[str] = None,
    ) -> "List[FlowRow]":
        """How many sessions went from one speaker to the next at each step, and where they left."""
        from ._reports import flow_rows_of

        query = _given(preset=preset, character=character, **{"from": first_day, "to": last_day})
        return flow_rows_of(self._core.flow(query))

    # --- background jobs -----------------------------------------------------------------------------

    def enqueue_job(
        self,
        kind: str,
        payload: str,
        *,
        id: Optional[str] = None,
        key: Optional[str] = None,
        join: bool = False,
        priority: int = 0,
        delay: "Optional[Time]" = None,
        max_attempts: Optional[int] = None,
        session: Optional[str] = None,
    ) -> "Pending[Job]":
        """Stores a background job, to be done by the handler of its kind; docs/guide/jobs.md tells the options.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7, job_handlers={"mail": lambda job: "sent: " + job.payload}) as engine:
        ...     job = engine.enqueue_job("mail", "anna", id="welcome-anna").result()
        ...     engine.run_until_idle()
        ...     engine.job("welcome-anna").result
        'sent: anna'
        """
        options = _given(
            id=id, key=key, join=join, priority=priority, delay=seconds_of(delay), max_attempts=max_attempts, session=session
        )
        return Pending(self, self._core.enqueue_job(kind, payload, options), job_of)

    def job(self, id: str) -> Job:
        """One job."""
        return job_of(self._core.job(id))

    def jobs(self, *, kind: str = "", state: Optional[str] = None, after: int = 0, limit: int = 100) -> Tuple[List[Job], int]:
        """A page of jobs in the order of enqueue, and what to hand back as ``after`` (0: the last page)."""
        found, after = self._core.jobs(kind, state, after, limit)
        return [job_of(one) for one in found], after

    def cancel_job(self, id: str) -> "Pending[Job]":
        """Ends a job that waits or runs; one that has ended stays as it is."""
        return Pending(self, self._core.cancel_job(id), job_of)

    def requeue_job(self, id: str) -> "Pending[Job]":
        """Makes a dead, dropped or cancelled job wait again, with all its attempts."""
        return Pending(self, self._core.requeue_job(id), job_of)

    def job_counts(self) -> List[JobCount]:
        """How many jobs are in which state, by kind and state."""
        return [JobCount(**one) for one in self._core.job_counts()]

    # --- presets -------------------------------------------------------------------------------------

    def presets(self) -> List[PresetInfo]:
        """Stored and built-in presets."""
        return [PresetInfo(**one) for one in self._core.presets()]

    def preset(self, id: str) -> Dict[str, Any]:
        """A stored preset, else the built-in one of that id, as a dict."""
        found: Dict[str, Any] = json.loads(self._core.preset(id))
        return found

    def put_preset(self, preset: "Union[Mapping[str, Any], str]") -> None:
        """Stores a preset, given as dict or JSON text, for later sessions."""
        self._core.put_preset(json_of(preset))

    def remove_preset(self, id: str) -> None:
        """Takes a stored preset out of the store; sessions keep their copies."""
        self._core.remove_preset(id)

    def seed_presets(self) -> int:
        """Stores the built-in presets that are not stored yet; returns how many were new."""
        return self._core.seed_presets()

    def put_preset_later(self, preset: "Union[Mapping[str, Any], str]") -> "Pending[None]":
        """:meth:`put_preset` without waiting for the store: for coroutines, which await it. Changes take effect in the
        order of the calls.

        Examples
        --------
        >>> import asyncio, scena
        >>> async def copy(engine):
        ...     await engine.put_preset_later({**engine.preset("job-interview"), "id": "mine"})
        ...     return engine.preset("mine")["title"]
        >>> with scena.Engine() as engine:
        ...     asyncio.run(copy(engine))
        'Job interview'
        """
        return Pending(self, self._core.put_preset_later(json_of(preset)), void)

    def remove_preset_later(self, id: str) -> "Pending[None]":
        """:meth:`remove_preset` without waiting for the store."""
        return Pending(self, self._core.remove_preset_later(id), void)

    def seed_presets_later(self) -> "Pending[int]":
        """:meth:`seed_presets` without waiting for the store."""
        return Pending(self, self._core.seed_presets_later(), int)

    def backup(self, path: "Union[str, PathLike[str]]") -> None:
        """Writes a consistent copy of the store while the engine runs."""
        self._core.backup(fspath(path))

    # --- time and loop -------------------------------------------------------------------------------

    def capabilities(self) -> Dict[str, Any]:
        """What is built in and configured, without network calls."""
        found: Dict[str, Any] = json.loads(self._core.capabilities())
        return found

    def stats(self) -> EngineStats:
        """What is held now and what overflowed so far."""
        return EngineStats(**self._core.stats())

    @property
    def now(self) -> "datetime":
        """The engine's wall time, in UTC; on the virtual clock its virtual time."""
        return time_of(self._core.wall())

    def advance(self, step: "Time") -> None:
        """Moves virtual time on, running every timer on the way."""
        seconds = seconds_of(step)
        self._core.advance(seconds if seconds is not None else 0.0)

    def run_until_idle(self) -> None:
        """Waits until every queued command and turn is done."""
        self._core.run_until_idle()

    def poll(self, budget: "Time" = 0.0) -> int:
        """Runs what is ready for about ``budget``, for a loop of one's own; returns how many callbacks ran."""
        return self._core.poll(seconds_of(budget) or 0.0)

    def wait_fd(self) -> int:
        """A descriptor that is readable when poll() has work."""
        return self._core.wait_fd()

    def next_deadline(self) -> Optional[float]:
        """Seconds until poll() must be called at the latest; None: only when readable."""
        return self._core.next_deadline()

    def close(self) -> None:
        """Ends running turns as interrupted and closes the store. Safe to call twice."""
        if not self._owner:
            return
        self._core.close()
        self._runner.close()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> "Engine":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def _pump(self) -> "Pump":
        """What runs the engine while something is awaited on the running loop."""
        import asyncio

        from ._pump import Pump

        loop = asyncio.get_running_loop()
        if self._loop_pump is None or self._loop_pump.loop is not loop:
            self._runner.use(loop)
            self._loop_pump = Pump(self._core, loop, self._threads)
        return self._loop_pump

    def _nudge(self) -> None:
        if self._loop_pump is not None:
            self._loop_pump.nudge()


def _finish(running: "Pending[Any]", bar: Any) -> None:
    running.result()
    if bar is not None:
        bar.update(1)


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
) -> Tuple[Dict[str, Any], Dict[str, Any], Runner]:
    """A configuration, the adapters of a host's own objects, and what runs their coroutines."""
    runner = Runner(members.get("clock") == "virtual")
    services: Dict[str, Any] = dict(members.get("providers", {}))
    services.update(providers or {})
    settings, own = _split_providers(services)
    if settings:
        members["providers"] = settings
    functions: List[Tool] = []
    if isinstance(tools, Mapping):
        configured: Dict[str, Any] = dict(members.get("tools", {}))
        configured.update(cast("Mapping[str, Any]", tools))
        members["tools"] = configured
    else:
        functions = [one if isinstance(one, Tool) else Tool(one) for one in tools or ()]
    parts: Dict[str, Any] = {
        "providers": {name: ProviderAdapter(one, runner) for name, one in own.items()},
        "tools": [ToolAdapter(one, runner) for one in functions],
        "analyzers": [AnalyzerAdapter(one, runner) for one in analyzers],
        "tool_approval": tool_approval and ApprovalAdapter(tool_approval, runner),
        "filter": filter and FilterAdapter(filter, runner),
        "log": _log_function(log),
        "secrets": cast("Mapping[str, Any]", secrets).get if isinstance(secrets, Mapping) else secrets,
        "job_handlers": {
            kind: JobAdapter(one if isinstance(one, JobHandler) else JobHandler(one), runner)
            for kind, one in (job_handlers or {}).items()
        },
        "event_sinks": {
            name: EventSinkAdapter(one if isinstance(one, EventSink) else EventSink(one), runner)
            for name, one in (event_sinks or {}).items()
        },
        "embedders": {name: EmbedderAdapter(one, runner) for name, one in (embedders or {}).items()},
        "token_counters": dict(token_counters or {}),
    }
    return members, parts, runner


def read_config(config: "Union[Mapping[str, Any], str, PathLike[str], None]") -> Dict[str, Any]:
    if config is None:
        return {}
    if isinstance(config, Mapping):
        return dict(config)
    if not isinstance(config, str):
        with open(config, encoding="utf-8") as file:
            config = file.read()
    _core.check_config(config)  # names what is wrong with the text itself
    read: Dict[str, Any] = json.loads(config)
    return read


def _split_providers(given: Mapping[str, Any]) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """Settings for the engine, and the host's own objects."""
    settings: Dict[str, Any] = {}
    own: Dict[str, Any] = {}
    for name, one in given.items():
        if isinstance(one, str):
            settings[name] = {"url": one}
        elif isinstance(one, Mapping):
            settings[name] = one
        elif hasattr(one, "reply"):
            own[name] = one
        else:
            raise InvalidArgumentError(
                f'provider "{name}" is neither a URL, nor a dict of settings, nor an object with reply()',
                pointer=f"/providers/{name}",
            )
    return settings, own


def _log_function(log: Any) -> Optional[Callable[..., None]]:
    if log is None:
        return None
    if callable(log):
        return lambda *members: void(log(LogRecord(*members)))

    def write(level: int, micros: int, module: str, message: str, fields: Dict[str, str]) -> None:
        words = " ".join([message, *(f"{name}={value}" for name, value in fields.items())])
        log.log(max(level * 10, 5), "%s: %s", module, words)

    return write


def _close_all() -> None:
    # Threads of an engine must not come into an interpreter that is being taken apart.
    for engine in list(_OPEN):
        engine.close()


atexit.register(_close_all)

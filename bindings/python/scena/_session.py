"""Sessions: conversations and the commands that change them."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional, Sequence, Union

from . import _core
from ._answers import aside_result_of, explanation_of, info_of, message_of, next_question_of, run_result_of
from ._given import given_of, json_of, keys_of, members_of, seconds_of
from ._turn import Events, Pending, Turn
from ._values import AsideResult, Explanation, Message, NextQuestion, RunResult, SessionInfo

if TYPE_CHECKING:
    from datetime import timedelta

    from ._engine import Engine
    from ._reports import Analysis

    Time = Union[timedelta, float, None]


class Session:
    """One running conversation: a preset, its characters, and the turns so far.

    Sessions come from :meth:`Engine.create_session`. A session is a cheap handle: dropping one does not end
    it. Commands are queued in order; each returns a :class:`Pending` or a :class:`Turn`.

    Examples
    --------
    >>> import scena
    >>> engine = scena.Engine(providers={"model": {"url": "script:", "options": {"replies": ["Good morning."]}}},
    ...                       provider="model")
    >>> engine.create_session("job-interview").send("Hello").result().text
    'Good morning.'
    >>> engine.close()
    """

    def __init__(self, engine: "Engine", core: "_core.Session") -> None:
        self._engine = engine
        self._core = core

    @property
    def id(self) -> str:
        """What :meth:`Engine.session` takes."""
        return self._core.id

    @property
    def state(self) -> str:
        """``"pending"``, ``"active"``, ``"paused"``, ``"completed"`` or ``"error"``, after the last command."""
        return self._core.state()

    def info(self) -> SessionInfo:
        """What it is after the last command."""
        return info_of(self._core.info())

    def send(
        self,
        text: str,
        *,
        participant: Optional[str] = None,
        character: Optional[str] = None,
        model: Optional[str] = None,
        deadline: "Time" = None,
        audience: Optional[Sequence[str]] = None,
        reply: bool = True,
        json_schema: Any = None,
        repair: bool = False,
        command_id: Optional[str] = None,
    ) -> Turn:
        """Sends a message and starts the reply.

        Parameters
        ----------
        participant
            Who speaks; None: the session's only human.
        character
            Who answers; None: the turn policy decides.
        model
            For this reply only.
        deadline
            Time for the whole reply, approvals and tools included, in seconds or as timedelta, above 0; None: the
            preset's limit.
        audience
            Who perceives the message: a whisper names participants.
        reply
            False only stores the message.
        json_schema
            JSON schema that the reply must follow. Nobody sees it before it was judged; one that does not follow
            ends its turn as failed, with the code "protocol". A refusal is not judged: its turn is complete, with the finish
            reason "refusal" or "content_filter".
        repair
            With `json_schema`: a reply that does not follow it is asked for once more, with what was wrong.
        command_id
            The same id again returns the first result and sends nothing.

        Raises
        ------
        InvalidArgumentError
            For empty text, and for a schema that is none.
        WrongStateError
            The session is known to be paused, completed or in error.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7) as engine:
        ...     session = engine.create_session("job-interview")
        ...     result = session.send("Good morning.", deadline=30).result()
        ...     note = session.send("I may be late tomorrow.", reply=False).result()
        ...     result.outcome, result.text == session.messages()[2].text, note.text
        ('complete', True, '')
        """
        options = self._turn_options(participant, character, model, deadline, audience, command_id, json_schema, repair)
        options["reply"] = reply
        return Turn(self._engine, self._core.send(text, options), self.id)

    def prompt(
        self,
        character: Optional[str] = None,
        *,
        model: Optional[str] = None,
        deadline: "Time" = None,
        json_schema: Any = None,
        repair: bool = False,
        command_id: Optional[str] = None,
    ) -> Turn:
        """Lets a character speak without a new message: the policy's next one, or the named. `json_schema` and
        `repair` as in :meth:`send`."""
        options = self._turn_options(None, character, model, deadline, None, command_id, json_schema, repair)
        return Turn(self._engine, self._core.prompt(options), self.id)

    def regenerate(
        self,
        *,
        model: Optional[str] = None,
        deadline: "Time" = None,
        json_schema: Any = None,
        repair: bool = False,
        command_id: Optional[str] = None,
    ) -> Turn:
        """A new reply in place of the last one, which stays as an alternative. `json_schema` and `repair` as in
        :meth:`send`."""
        options = self._turn_options(None, None, model, deadline, None, command_id, json_schema, repair)
        return Turn(self._engine, self._core.regenerate(options), self.id)

    def continue_reply(self, *, model: Optional[str] = None, deadline: "Time" = None, command_id: Optional[str] = None) -> Turn:
        """Lets the last speaker go on from where its reply stopped."""
        return Turn(self._engine, self._core.continue_reply(self._turn_options(None, None, model, deadline, None, command_id)), self.id)

    def edit(
        self, message: str, text: str, *, model: Optional[str] = None, deadline: "Time" = None, command_id: Optional[str] = None
    ) -> Turn:
        """Replaces a human's message; everything after it leaves the line, and a new reply starts."""
        return Turn(self._engine, self._core.edit(message, text, self._turn_options(None, None, model, deadline, None, command_id)), self.id)

    def run(self, *, max_turns: int = 0, command_id: Optional[str] = None) -> "Pending[RunResult]":
        """Lets the AI characters talk until an end condition, ``max_turns``, or a human's turn.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7) as engine:
        ...     session = engine.create_session("salary-negotiation", played_by={"manager": "ai", "employee": "ai"})
        ...     session.run(max_turns=4).result()
        RunResult(turns=4, reason='max_turns', error=None)
        """
        return Pending(self._engine, self._core.run(max_turns, command_id), run_result_of, self.id)

    def cancel(self) -> None:
        """Ends the running turn, if any; the partial text is stored."""
        self._core.cancel()

    def start(self, *, command_id: Optional[str] = None) -> "Pending[SessionInfo]":
        """pending to active: stores the openings. send() on a pending session starts it first."""
        return self._info(self._core.start(command_id))

    def pause(self, *, command_id: Optional[str] = None) -> "Pending[SessionInfo]":
        """active to paused, after the running turn. No message is taken until resume()."""
        return self._info(self._core.pause(command_id))

    def resume(self, *, command_id: Optional[str] = None) -> "Pending[SessionInfo]":
        """paused or error to active."""
        return self._info(self._core.resume(command_id))

    def complete(self, *, command_id: Optional[str] = None) -> "Pending[SessionInfo]":
        """active or paused to completed; nothing makes it active again. A running turn is cancelled first."""
        return self._info(self._core.complete(command_id))

    def fail(self, *, command_id: Optional[str] = None) -> "Pending[SessionInfo]":
        """Marks the session as failed; resume() makes it active again."""
        return self._info(self._core.fail(command_id))

    def analyze(self, *, command_id: Optional[str] = None) -> "Pending[SessionInfo]":
        """Asks for the analysis of a completed session anew; it comes with the event ``analysis.stored``."""
        return self._info(self._core.analyze(command_id))

    def analysis(self) -> "Analysis":
        """The analysis that closes the session, an :class:`Analysis`.

        Raises
        ------
        NotFoundError
            While there is none: it is there after the event ``analysis.stored``.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7) as engine:
        ...     session = engine.create_session("job-interview", played_by={"candidate": "ai"})
        ...     run = session.run(max_turns=4).result()
        ...     info = session.complete().result()
        ...     engine.run_until_idle()
        ...     [(one.id, one.messages) for one in session.analysis().speakers]
        [('interviewer', 3), ('candidate', 2)]
        """
        from ._reports import analysis_of

        return analysis_of(self._core.analysis())

    def undo(self, *, command_id: Optional[str] = None) -> "Pending[SessionInfo]":
        """Takes the last turn off the line."""
        return self._info(self._core.undo(command_id))

    def choose(self, message: str, *, command_id: Optional[str] = None) -> "Pending[SessionInfo]":
        """Makes an earlier alternative of the last reply the chosen one."""
        return self._info(self._core.choose(message, None, command_id))

    def join(
        self, id: str, name: str, *, is_human: bool = True, subject: str = "", command_id: Optional[str] = None
    ) -> "Pending[SessionInfo]":
        """Lets a human, or a character of the preset, take part from now on.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7) as engine:
        ...     session = engine.create_session("job-interview")
        ...     info = session.join("coach", "Ada").result()
        ...     said = session.send("Take your time.", participant="coach", reply=False).result()
        ...     [one.name for one in info.participants if one.is_human], session.messages()[-1].speaker
        (['Alex Morgan', 'Ada'], 'coach')
        """
        return self._info(self._core.join(id, name, is_human, subject, command_id))

    def leave(self, participant: str, *, command_id: Optional[str] = None) -> "Pending[SessionInfo]":
        """The participant is not present any more and perceives nothing further."""
        return self._info(self._core.leave(participant, None, command_id))

    def set_variable(self, name: str, value: object, *, command_id: Optional[str] = None) -> "Pending[SessionInfo]":
        """Changes a variable of the preset; the next prompt has the new value."""
        return self._info(self._core.set_variable(name, variable_text(value), command_id))

    def update(
        self,
        *,
        title: Optional[str] = None,
        labels: Optional[Mapping[str, Optional[str]]] = None,
        command_id: Optional[str] = None,
    ) -> "Pending[SessionInfo]":
        """Changes title and labels; a label of None goes."""
        return self._info(self._core.update(title, members_of(labels, "labels") or {}, command_id))

    def annotate(self, name: str, data: Any, *, command_id: Optional[str] = None) -> "Pending[SessionInfo]":
        """Adds an event of the host's own, ``app.NAME``, with a dict (or JSON text of an object)."""
        return self._info(self._core.annotate(name, json_of(data), command_id))

    def fork(self, message: str = "", *, command_id: Optional[str] = None) -> "Pending[Session]":
        """A new session that shares everything up to and including ``message`` (empty: up to now).

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7) as engine:
        ...     session = engine.create_session("job-interview")
        ...     _ = session.send("Good morning.").result()
        ...     opening = session.messages()[0]
        ...     other = session.fork(opening.id).result()
        ...     _ = other.send("Good evening.").result()
        ...     [one.text for one in other.messages()][1], other.info().parent == session.id
        ('Good evening.', True)
        """
        core = self._core.fork(message, command_id)
        return Pending(self._engine, core, lambda made: Session(self._engine, made), self.id)

    def remove(self, *, command_id: Optional[str] = None) -> "Pending[SessionInfo]":
        """Deletes the session, in any state. A running turn is cancelled first."""
        return self._info(self._core.remove(command_id))

    def ask_aside(
        self, character: str, question: str, *, json_schema: Any = None, command_id: Optional[str] = None
    ) -> "Pending[AsideResult]":
        """Asks a character something that leaves no trace in the history; the cost is booked."""
        schema = "" if json_schema is None else json_of(json_schema)
        return Pending(self._engine, self._core.ask_aside(character, question, schema, command_id), aside_result_of)

    def next_question(
        self, *, character: str = "", model: str = "", command_id: Optional[str] = None
    ) -> "Pending[NextQuestion]":
        """Asks what to ask next: a model where the preset has ``next_question``, else the next planned question.

        Leaves no message; an empty text means that nothing is left to ask.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7) as engine:
        ...     session = engine.create_session("job-interview")
        ...     _ = session.start().result()
        ...     question = session.next_question().result()
        ...     question.fallback, question.reason
        (True, 'no_model')
        """
        return Pending(self._engine, self._core.next_question(character, model, command_id), next_question_of)

    def flag_escape(
        self, *, participant: str = "", step: str = "", reason: str = "", command_id: Optional[str] = None
    ) -> "Pending[SessionInfo]":
        """Counts that a person skipped something, as the host saw it: a button, say.

        Words that say so are found in messages by themselves. ``step`` is what was skipped; empty: the planned
        question that was asked last, else the session's state.
        """
        return self._info(self._core.flag_escape(participant, step, reason, command_id))

    def events(
        self,
        *,
        after: str = "",
        participant: Optional[str] = None,
        types: Optional[Iterable[str]] = None,
        batches: bool = False,
        max_events: Optional[int] = None,
        max_bytes: Optional[int] = None,
    ) -> Events:
        """A viewer of this session.

        Parameters
        ----------
        after
            Cursor of the last event seen; empty: from the beginning; ``"live"``: from now.
        participant
            See what this participant may see; None: everything.
        types
            See these alone, such as ``["delta", "message.*"]`` (all that begin so); ``lagged`` comes in any case. None or empty: all.
        batches
            One delta event for everything that arrived together.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7) as engine:
        ...     session = engine.create_session("job-interview")
        ...     _ = session.send("Good morning.").result()
        ...     turns = session.events(types=["turn.*"])
        ...     [turns.next().type, turns.next().type]
        ['turn.started', 'turn.finished']
        """
        wanted = None if types is None else keys_of(types, "types")
        options = given_of(
            after=after, participant=participant, types=wanted, batches=batches, max_events=max_events, max_bytes=max_bytes
        )
        return Events(self._engine, self._core.events(options))

    def messages(self, *, all: bool = False) -> List[Message]:
        """The chosen line, oldest first; with ``all`` also superseded messages.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7) as engine:
        ...     session = engine.create_session("job-interview")
        ...     _ = session.send("Good morning.").result()
        ...     _ = session.regenerate().result()
        ...     [one.speaker for one in session.messages()], len(session.messages(all=True))
        (['interviewer', 'candidate', 'interviewer'], 4)
        """
        return [message_of(one) for one in self._core.messages(all)]

    def alternatives(self, message: str) -> List[Message]:
        """The alternatives of a message, itself included, oldest first."""
        return [message_of(one) for one in self._core.alternatives(message)]

    def explain(self, message: str) -> Explanation:
        """What was sent to the model for a reply, and why each part was in or out."""
        return explanation_of(self._core.explain(message))

    def export(self, format: str = "json") -> str:
        """The session as one text: ``"json"`` (what import_session() takes), ``"jsonl"`` or ``"markdown"``."""
        return self._engine.export_session(self.id, format)

    def state_json(self) -> str:
        """Everything the session knows as one JSON text: equal for a session and its rebuilt self."""
        return self._core.state_json()

    def rows(self) -> List[Dict[str, Any]]:
        """One dict a message, its scores as members: what ``pandas.DataFrame`` and ``pyarrow.Table`` take.

        All have the same members in the same order, None where a message has no such score: first every metric of
        ``engine.capabilities()``, then, by name, what else is found in this session.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7) as engine:
        ...     session = engine.create_session("job-interview")
        ...     _ = session.send("Good morning, I am very happy to be here!").result()
        ...     row = session.rows()[1]
        ...     row["speaker"], row["sentiment"] > 0
        ('candidate', True)
        """
        messages = self.messages()
        metrics: Dict[str, Any] = dict.fromkeys(self._engine.capabilities()["metrics"])
        metrics.update(dict.fromkeys(sorted({score.metric for one in messages for score in one.metrics} - metrics.keys())))
        return [
            {
                "session": self.id,
                "message": one.id,
                "turn": one.turn,
                "speaker": one.speaker,
                "text": one.text,
                "time": one.time,
                "outcome": one.outcome,
                "finish_reason": one.finish_reason,
                "input_tokens": one.usage.input_tokens,
                "output_tokens": one.usage.output_tokens,
                "cost": one.cost,
                **metrics,
                **{score.metric: score.value for score in one.metrics},
            }
            for one in messages
        ]

    def metric_rows(self) -> List[Dict[str, Any]]:
        """One dict a score: session, message, speaker, metric, value, confidence, label."""
        return [
            {
                "session": self.id,
                "message": one.id,
                "speaker": one.speaker,
                "metric": score.metric,
                "value": score.value,
                "confidence": score.confidence,
                "label": score.label,
            }
            for one in self.messages()
            for score in one.metrics
        ]

    def __eq__(self, other: object) -> bool:
        """Whether both name one session of one :class:`Engine` object."""
        return isinstance(other, Session) and self._engine is other._engine and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<scena.Session {self.id}>"

    def _repr_html_(self) -> str:
        """The transcript with a chart of each metric, as notebooks show it."""
        from ._html import session_html

        return session_html(self.info(), self.messages())

    def _turn_options(
        self,
        participant: Optional[str],
        character: Optional[str],
        model: Optional[str],
        deadline: "Time",
        audience: Optional[Sequence[str]],
        command_id: Optional[str],
        json_schema: Any = None,
        repair: bool = False,
    ) -> Dict[str, Any]:
        return given_of(
            json_schema=None if json_schema is None else json_of(json_schema),
            repair=repair or None,
            participant=participant,
            character=character,
            model=model,
            deadline=seconds_of(deadline, "deadline", above_zero=True),
            audience=audience,
            command_id=command_id,
        )

    def _info(self, core: "_core.Pending") -> "Pending[SessionInfo]":
        return Pending(self._engine, core, info_of, self.id)


def variable_text(value: object) -> str:
    """A variable's value in text form: True is "true", 42 is "42"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)

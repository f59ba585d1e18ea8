"""Runs the cases of tests/cases over the Python package on the virtual clock.

    python3 cases.py [--record] FILE...

Prints what did not hold; with --record also what each case showed, as `scena_cases --record` does.
"""
import json
import pathlib
import resource
import sys
import tempfile

import scena
from case_parts import FailingProvider, Marks, WordFilter
from case_text import Wrong, take_quoted, take_separator, take_word, word_or_none
from expected_events import ExpectedEvents


def read_case(path):
    """(number, word, rest) of each line that says something."""
    for number, line in enumerate(pathlib.Path(path).read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if line and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            yield number, word, rest.strip()


def files_may_grow(may):
    """False: whoever writes to a file is told that there is no room. (Python ignores SIGXFSZ by itself.)"""
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (most if may else 0, most))


class Case:
    """One case under way."""

    def __init__(self):
        self.config, self.tools, self.preset, self.replies, self.schedule = {}, [], "", [], None
        self.variables, self.played_by = {}, {}
        self.engine = self.viewer = self.failure = None
        self.sessions, self.expected, self.answer, self.error = [], ExpectedEvents(), "", ""
        self.parts, self.owner, self.exported = {}, None, ""
        self.live, self.all_metrics, self.closed = False, False, False
        self.lines, self.told = "", []
        self.folder_made, self.own = None, {}

    def run(self, path):
        for number, word, rest in read_case(path):
            try:
                self.line(word, rest)
            except Exception as error:
                raise Wrong(f"line {number}: {word} {rest}: {type(error).__name__}: {error}") from error
        if self.failure:
            raise Wrong(f"the last command failed: {self.failure}")

    def line(self, word, rest):
        if word == "fails":
            if not self.failure:
                raise Wrong("nothing failed")
            if self.failure.code.name.lower() != rest:
                raise Wrong(f"it failed with {self.failure.code.name.lower()}")
            said = f"! {rest} {self.failure}"
            self.told.append(said.replace(self.folder, "%folder%") if self.folder_made else said)
            self.failure = None
            return
        if self.failure:
            raise Wrong(f"the command before failed: {self.failure}")
        if word == "do":
            try:
                if not self.engine:
                    self.open()
                self.act(rest)
            except scena.Error as error:
                self.failure = error
        elif not self.engine:
            self.prepare(word, rest)
        else:
            self.check(word, rest)

    # --- before the first command ----------------------------------------------------------------------
    def prepare(self, word, rest):
        if word == "script":
            reply, more = "", True
            while more:
                piece, rest = take_quoted(rest)
                reply += piece
                more, rest = take_separator(rest, "|")
            self.replies.append(reply)
        elif word == "rule":
            self.replies.append(json.loads(rest))
        elif word == "tool":
            name, rest = take_word(rest)
            result, _ = take_quoted(rest)
            self.tools.append(scena.Tool(lambda result=result, **_: result, name=name, description="A tool of this case.",
                                         parameters={}, everywhere=True))
        elif word == "fault":
            self.schedule = rest
        elif word == "config":
            if "%folder%" in rest:
                rest = rest.replace("%folder%", self.folder)
            self.config = json.loads(rest)
        elif word == "file":
            name, rest = take_word(rest)
            pathlib.Path(self.folder, name).write_text(rest, encoding="utf-8")
        elif word == "full":
            self.folder  # made while it can be
            files_may_grow(False)
        elif word == "own":
            self.own = {"own": FailingProvider(rest.split())}
        elif word == "preset":
            self.preset = rest
        elif word == "metrics":
            self.all_metrics = True
        elif word == "live":
            self.live = True
        elif word == "filter":
            self.parts["filter"] = WordFilter(*rest.split(" ", 2))
        elif word == "analyzer":
            self.parts["analyzers"] = [Marks(rest)]
        elif word == "owner":
            self.owner = rest
        elif word in ("given", "played"):
            name, rest = take_word(rest)
            (self.variables if word == "given" else self.played_by)[name] = rest
        else:
            raise Wrong("no such word")

    def open(self):
        options = {"delay_ms": 100, "token_ms": 20, **({"replies": self.replies} if self.replies else {})}
        url = "script:" if self.schedule is None else "fault:" + self.schedule
        if not self.all_metrics:
            self.config.setdefault("metrics", ["sentiment"])
        self.config = {**self.config, "live_metrics": self.live, "clock": "virtual", "seed": 7,
                       "provider": "own" if self.own else "model"}
        self.providers = {"model": {"url": url, "options": options}, **self.own}
        self.engine = scena.Engine(self.config, tools=self.tools, providers=self.providers, **self.parts)
        self.create()
        self.viewer = self.session.events()

    def create(self, **more):
        self.sessions.append(self.engine.create_session(self.preset or TWO_IN_A_ROOM, variables=self.variables,
                                                        played_by=self.played_by, owner=self.owner, **more))

    @property
    def folder(self):
        """A folder of this case, made when it is first needed."""
        if not self.folder_made:
            self.folder_made = tempfile.TemporaryDirectory(prefix="scena_case_")
        return str(pathlib.Path(self.folder_made.name).resolve())

    @property
    def session(self):
        return self.sessions[-1]

    # --- commands ----------------------------------------------------------------------------------------
    def act(self, rest):
        verb, rest = take_word(rest)
        now = self.session
        if verb == "wait":
            self.engine.advance(int(rest) / 1000)
        elif verb == "fork":
            self.sessions.append(now.fork(self.message_id(rest)).result())
        elif verb == "back":
            self.sessions.pop()
        elif verb == "begin":
            self.begin(rest)
        elif verb == "return":
            self.come_back(rest)
        elif verb == "whisper":
            who, rest = take_word(rest)
            to, rest = take_word(rest)
            self.wait(now.send(rest, participant=who, audience=[to]))
        elif verb == "flood":
            self.flood(rest)
        elif verb == "recall":
            turn = now.send(rest)
            turn.cancel()
            self.wait(turn)
        elif verb == "hurry":
            limit, rest = take_word(rest)
            self.wait(now.send(rest, deadline=int(limit) / 1000))
        elif verb == "to":
            who, rest = take_word(rest)
            self.wait(now.send(rest, character=who))
        elif verb == "same":
            now.start(command_id=rest).result()
        elif verb == "title":
            now.update(title=rest).result()
        elif verb == "label":
            name, rest = take_word(rest)
            now.update(labels={name: None if rest == "-" else rest}).result()
        elif verb == "explain":
            self.answer = now.explain(self.message_id(rest)).provider
        elif verb == "aside_json":
            character, rest = take_word(rest)
            self.answer = now.ask_aside(character, rest, json_schema=OK_SCHEMA).result().text
        elif verb in self.ENGINE:
            self.ENGINE[verb](self, rest)
        elif verb == "repeat":
            command, rest = take_word(rest)
            self.wait(now.send(rest, command_id=command))
        elif verb == "json":
            self.wait(now.send(rest, json_schema=json.dumps(OK_SCHEMA, separators=(",", ":")), repair=True))
        elif verb == "store":
            self.wait(now.send(rest, reply=False))
        elif verb == "run":
            ended = now.run(max_turns=int(rest)).result()
            self.answer, self.error = ended.reason, word_of(ended.error)
        elif verb == "send":
            self.wait(now.send(take_quoted(rest)[0] if rest.startswith('"') else rest))
        elif verb == "prompt":
            self.wait(now.prompt(rest))
        elif verb == "regenerate":
            self.wait(now.regenerate())
        elif verb == "continue":
            self.wait(now.continue_reply())
        elif verb == "edit":
            name, rest = take_word(rest)
            self.wait(now.edit(self.message_id(name), rest))
        elif verb == "aside":
            character, rest = take_word(rest)
            self.answer = now.ask_aside(character, rest).result().text
        elif verb == "next_question":
            question = now.next_question(character=word_or_none(rest)[0]).result()
            self.answer = question.text
            self.told.append(f"? covers={question.covers} reason={question.reason} cost={money(question.cost)}")
        elif verb == "flag_escape":
            who, rest = word_or_none(rest)
            step, rest = word_or_none(rest)
            reason, rest = word_or_none(rest)
            escapes = now.flag_escape(participant=who, step=step, reason=reason).result().escapes
            self.answer = json.dumps(dict(escapes), separators=(",", ":"), ensure_ascii=False)
        elif verb == "cancel":
            now.cancel()
        elif verb in ("start", "pause", "resume", "complete", "fail", "undo", "remove", "analyze"):
            getattr(now, verb)().result()
        elif verb == "analysis":
            self.told.append("? " + now.analysis().json)
        elif verb == "choose":
            now.choose(self.message_id(rest)).result()
        elif verb == "leave":
            now.leave(rest).result()
        elif verb in ("set", "annotate", "join"):
            name, rest = take_word(rest)
            {"set": now.set_variable, "annotate": now.annotate, "join": now.join}[verb](name, rest).result()
        else:
            raise Wrong("no such command")

    def as_somebody(self, rest):
        subject, *roles = rest.split()
        self.sessions.append(self.engine.as_principal(subject=subject, roles=tuple(roles)).session(self.session.id))

    def close(self, _):
        self.read()
        self.closed = True
        self.engine.close()

    def take_export(self, _):
        self.exported = self.engine.export_session(self.session.id)

    def costs(self, rest):
        rows = self.engine.costs(session=rest or None)
        self.answer = money(rows[0].cost) if rows else "none"

    def complete(self, rest):
        provider, rest = take_word(rest)
        reply = self.engine.complete(rest, provider=provider).result()
        self.answer, self.error = reply.text, word_of(reply.error)

    def embed(self, rest):
        provider, rest = take_word(rest)
        self.engine.embed([rest], provider=provider).result()

    def rebuild(self, _):
        self.answer = "same" if self.engine.rebuild(self.session.id) else "changed"

    def seed(self, _):
        self.answer = str(self.engine.seed_presets())

    def sessions(self, rest):
        limit, state = take_word(rest)
        shown, after = [], ""
        while True:
            page, after = self.engine.sessions(after=after, limit=int(limit), state=state or None)
            shown += page
            self.told.append(" ".join(["? sessions", *(f"{one.id}:{one.state}:{one.turns}:{one.messages}" for one in page)]))
            if not after:
                self.answer = str(len(shown))
                return

    def presets(self, rest):
        limit, category = take_word(rest)
        shown = []
        while True:
            page = self.engine.presets(limit=int(limit), category=category, after=shown[-1].id if shown else "")
            if not page and shown:
                break
            shown += page
            self.told.append(" ".join(["? presets", *(f"{one.id}:{one.category}:{'builtin' if one.builtin else 'stored'}" for one in page)]))
            if not page:
                break
        self.answer = str(len(shown))

    def batch(self, rest):
        preset, count = take_word(rest)
        plan = {"presets": [preset], "seeds": {"first": 1, "count": int(count)}, "max_turns": 2}
        rows = scena.run_batch(plan, folder=self.folder, config=self.config, providers=self.providers).rows
        self.told += [f"? row {row.key}:{row.turns}" for row in rows]
        self.answer = str(len(rows))

    def analytics(self, _):
        self.answer = str(self.engine.session_analytics(by=["preset"])[0].completed)

    def flow(self, _):
        self.answer = self.engine.session_flow()[-1].target

    ENGINE = {
        "batch": batch, "analytics": analytics, "flow": flow, "sessions": sessions, "presets": presets,
        "as": as_somebody, "close": close, "export": take_export, "costs": costs, "ask": complete, "embed": embed,
        "rebuild": rebuild, "seed": seed,
        "open": lambda self, rest: self.sessions.append(self.engine.session(rest)),
        "create": lambda self, rest: self.create(id=rest),
        "import": lambda self, rest: self.sessions.append(self.engine.import_session(rest or self.exported)),
        "backup": lambda self, rest: self.engine.backup(rest),
        "check_storage": lambda self, rest: self.engine.check_storage(),
        "put": lambda self, rest: self.engine.put_preset(rest),
        "take": lambda self, rest: self.engine.remove_preset(rest),
        "read": lambda self, rest: self.engine.preset(rest),
        "policy": lambda self, rest: self.engine.update_policy(rest),
        "models": lambda self, rest: self.engine.set_models(rest),
        "prices": lambda self, rest: self.engine.set_prices(json.loads(rest)),
    }

    def flood(self, rest):
        count, rest = take_word(rest)
        refused = None
        for _ in range(int(count)):
            try:
                self.session.send(rest)
            except scena.Error as error:
                refused = refused or error
        self.engine.run_until_idle()
        if refused:
            raise refused

    def wait(self, turn):
        result = turn.result()
        self.answer, self.error = result.text, word_of(result.error)

    def begin(self, text):
        turn = self.session.send(text)
        turn.wait_accepted()
        self.see_until("delta")

    def come_back(self, kind):
        """The viewer reads on to an event of that type, leaves, and comes back behind it."""
        place = self.see_until(kind).cursor
        self.told.append(f"? place {place}")
        self.viewer = self.sessions[0].events(after=place)

    def see_until(self, kind):
        while True:
            event = self.viewer.next()
            if event is None:
                raise Wrong(f"no {kind} came")
            self.see(event)
            if event.type == kind:
                return event

    def message_id(self, name):
        messages = self.session.messages()
        if name == "last" and messages:
            return messages[-1].id
        if name != "human":
            return name
        return [one.id for one in messages if one.from_human][-1]

    # --- what must hold ----------------------------------------------------------------------------------
    def check(self, word, rest):
        if not self.closed:
            self.engine.run_until_idle()
        if word == "expect":
            self.read()
            self.expected.expect(rest)
        elif word == "state":
            self.equal(self.session.state, rest)
        elif word == "line":
            self.check_line(rest)
        elif word == "answer":
            self.equal(self.answer, take_quoted(rest)[0])
        elif word == "reason":
            self.equal(self.session.info().end_reason, rest)
        elif word == "all":
            self.equal(str(len(self.session.messages(all=True))), rest)
        elif word == "turns":
            self.equal(str(self.session.info().turns), rest)
        elif word == "alternatives":
            self.equal(str(len(self.session.alternatives(self.session.messages()[-1].id))), rest)
        elif word == "variable":
            name, rest = take_word(rest)
            self.equal(self.session.info().variables.get(name, ""), rest)
        elif word == "error":
            self.equal(self.error, rest)
        elif word == "outcome":
            self.equal(self.session.messages()[-1].outcome, rest)
        elif word in ("sees", "misses"):
            who, rest = take_word(rest)
            text = take_quoted(rest)[0]
            view = self.session.events(participant=who)
            found = any(text in json.dumps(event.data, ensure_ascii=False) for event in self.drain(view))
            if found != (word == "sees"):
                raise Wrong("it does" if found else "it does not")
        else:
            raise Wrong("no such word, or too late in the case")

    @staticmethod
    def equal(seen, wanted):
        if seen != wanted:
            raise Wrong(f"it is {seen!r}")

    def drain(self, view):
        self.engine.run_until_idle()
        events = []
        while True:
            more = view.take()
            events += more
            if not more and self.engine.poll() == 0:
                return events

    def see(self, event):
        self.expected.add(event)
        self.lines += event.to_json() + "\n"

    def read(self):
        """What the viewer has; one that was too slow goes on where its queue ended."""
        behind = None
        for event in self.drain(self.viewer):
            if event.type == "lagged":
                behind = event.cursor
            else:
                self.see(event)
        if behind is not None:
            self.viewer = self.sessions[0].events(after=behind)
            self.read()

    def check_line(self, rest):
        wanted, more = [], True
        while more and rest:
            speaker, rest = take_word(rest)
            text, rest = take_quoted(rest)
            wanted.append((speaker, text))
            more, rest = take_separator(rest, ",")
        self.equal([(one.speaker, one.text) for one in self.session.messages()], wanted)

    def record(self):
        """What the case showed, as tests/cases/recorded.txt has it."""
        if self.engine and not self.closed:
            self.read()
        lines = self.lines + "".join(one + "\n" for one in self.told)
        for number, each in enumerate(self.sessions[1:], 2):
            try:
                view = each.events()
            except scena.Error:
                continue  # one that the case deleted, or may not see, shows nothing any more
            lines += f"- session {number}\n" + "".join(event.to_json() + "\n" for event in self.drain(view))
        return lines


def word_of(error):
    return error.code.name.lower() if error else ""


def money(amount):
    return f"{amount:f}"


OK_SCHEMA = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}


TWO_IN_A_ROOM = {
    "id": "conformance", "title": "Conformance", "description": "Two people in a room.", "category": "test",
    "scene": "A quiet room.",
    "characters": [
        {"id": "host", "name": "Host", "role": "owner of the room", "persona": "Friendly and brief."},
        {"id": "guest", "name": "Guest", "role": "visitor", "played_by": "human"},
    ],
}


def run(path):
    """What a case shows that holds; raises Wrong for one that does not."""
    case = Case()
    try:
        case.run(path)
        return f"= {pathlib.Path(path).stem}\n" + case.record()
    finally:
        if case.engine and not case.closed:
            case.engine.close()
        files_may_grow(True)
        if case.folder_made:
            case.folder_made.cleanup()


def main():
    arguments = sys.argv[1:]
    show = arguments[:1] == ["--record"]
    failed = 0
    for path in arguments[show:]:
        try:
            lines = run(path)
            if show:
                sys.stdout.buffer.write(lines.encode())
        except Wrong as wrong:
            print(f"{path}: {wrong}", file=sys.stderr)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

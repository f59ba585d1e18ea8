"""Sessions, turns and events over Python."""
import copy
import datetime
import functools
import json
import types
import unittest

import scena
from support import engine


def all_events(e, session, **options):
    view, events = session.events(**options), []
    while True:
        more = view.take()
        events += more
        if not more and e.poll() == 0:
            return events


class Turns(unittest.TestCase):
    def test_a_turn_shows_which_one_it_is(self):
        with engine("Fine.") as e:
            session = e.create_session("job-interview", id="talk")
            turn = session.send("Hello")
            before = repr(turn)
            turn.result()
            self.assertEqual((before, repr(turn)), ("<scena.Turn that is not accepted of talk>", "<scena.Turn t1 of talk>"))

    def test_who_forgets_to_wait_is_told_where_the_result_is(self):
        with engine("Fine.") as e:
            session = e.create_session("job-interview")
            turn, pending = session.send("Hello"), session.update(title="Talk")
            for one, name in [(turn, "text"), (turn, "outcome"), (pending, "title")]:
                with self.assertRaisesRegex(AttributeError, f"has no attribute '{name}'; what it came to is in its result\\(\\)"):
                    getattr(one, name)
            with self.assertRaisesRegex(AttributeError, "has no attribute '_repr_html_'$"):
                getattr(turn, "_repr_html_")
            self.assertEqual((turn.result().text, pending.result().title), ("Fine.", "Talk"))

    def test_a_reply_is_read_piece_by_piece(self):
        with engine("Good morning to you.") as e:
            pieces = list(e.create_session("job-interview").send("Hello"))
            self.assertEqual("".join(pieces), "Good morning to you.")
            self.assertGreater(len(pieces), 1)

    def test_reading_begins_late_and_misses_nothing(self):
        with engine("One two three four five.") as e:
            turn = e.create_session("job-interview").send("Hello")
            turn.result()
            self.assertEqual("".join(turn), "One two three four five.")
            self.assertEqual(list(turn), [])

    def test_a_reader_that_sleeps_through_its_queue_misses_nothing(self):
        words = " ".join(f"word{i}" for i in range(400))
        with engine(words, limits={"viewer_events": 8}) as e:
            session = e.create_session("job-interview")
            turn = session.send("Hello")
            turn.result()
            for i in range(20):
                session.annotate("mark", {"i": i}).result()
            self.assertEqual("".join(turn), words)

    def test_a_reader_that_sleeps_through_a_continued_reply_gets_its_new_part(self):
        with engine("Ünë two three.", limits={"viewer_events": 8}) as e:
            session = e.create_session("job-interview")
            session.send("Hello").result()
            turn = session.continue_reply()
            self.assertEqual(turn.result().text, "Ünë two three." * 2)
            for i in range(20):
                session.annotate("mark", {"i": i}).result()
            self.assertEqual("".join(turn), "Ünë two three.")

    def test_a_refused_message_raises_and_reading_does_not_hang(self):
        with engine("Hi.") as e:
            session = e.create_session("job-interview")
            session.start().result()
            turn = None
            pausing = session.pause()
            try:
                turn = session.send("Hello")
            except scena.WrongStateError:
                pass
            pausing.result()
            if turn is not None:
                with self.assertRaises(scena.WrongStateError):
                    list(turn)
            with self.assertRaises(scena.WrongStateError):
                session.send("Hello")

    def test_a_failure_tells_what_the_service_said_of_it(self):
        with engine(providers={"f": "fault:429"}, provider="f", max_retries=0) as e:
            session = e.create_session("job-interview")
            turn = session.send("Hello")
            told = (429, "so says the fault schedule", "status")
            error = turn.result().error
            self.assertIsInstance(error, scena.RateLimitedError)
            self.assertEqual((error.provider_status, error.provider_message, error.point), told)
            with self.assertRaises(scena.RateLimitedError) as caught:
                session.ask_aside("interviewer", "Well?").result()
            error = caught.exception
            self.assertEqual((error.provider_status, error.provider_message, error.point), told)

    def test_a_reply_that_was_cut_off_raises_behind_its_text(self):
        with scena.Engine(clock="virtual", seed=1, provider="f", max_retries=0,
                          providers={"f": {"url": "fault:cut_after=3", "options": {}}}) as e:
            turn = e.create_session("job-interview").send("Hello")
            with self.assertRaises(scena.Error):
                for _ in turn:
                    pass
            result = turn.result()
            self.assertIn(result.outcome, ("truncated", "failed"))
            self.assertIsInstance(result.error, scena.Error)

    def test_cancel_keeps_what_was_said(self):
        with engine("One two three four five six.") as e:
            session = e.create_session("job-interview")
            turn = session.send("Hello")
            first = next(iter(turn))
            turn.cancel()
            self.assertEqual(turn.result().outcome, "cancelled")
            self.assertTrue(turn.result().text.startswith(first))

    def test_a_wait_ends_after_its_time(self):
        with engine("Slow.", clock="real", providers={
                "slow": {"url": "script:", "options": {"delay_ms": 60000, "replies": ["x"]}}}, provider="slow") as e:
            turn = e.create_session("job-interview").send("Hello")
            with self.assertRaises(scena.TimeoutError):
                turn.result(timeout=0.05)
            with self.assertRaises(TimeoutError):
                turn.result(timeout=datetime.timedelta(milliseconds=20))
            behind = e.session(turn._session).send("Hello?")
            with self.assertRaises(scena.TimeoutError):
                behind.wait_accepted(timeout=0.02)


class Commands(unittest.TestCase):
    def test_fork_edit_regenerate_and_choose(self):
        with engine("First.", "Second.", "Third.") as e:
            session = e.create_session("job-interview")
            session.send("Hello").result()
            fork = session.fork().result()
            self.assertEqual(fork.info().parent, session.id)
            again = session.regenerate().result()
            self.assertEqual(len(session.alternatives(again.message)), 2)
            first = session.alternatives(again.message)[0]
            session.choose(first.id).result()
            self.assertEqual(session.messages()[-1].text, first.text)
            human = [one for one in session.messages() if one.from_human][-1]
            session.edit(human.id, "Hello again").result()
            self.assertIn("Hello again", [one.text for one in session.messages()])
            self.assertNotIn("Hello again", [one.text for one in fork.messages()])

    def test_update_annotate_explain_and_state(self):
        with engine("First.") as e:
            session = e.create_session("job-interview")
            result = session.send("Hello").result()
            session.update(title="New", labels={"a": "1"}).result()
            session.annotate("note", {"b": [1, "ü"]}).result()
            note = [one for one in all_events(e, session) if one.type == "app.note"][0]
            self.assertEqual(note.data["b"], [1, "ü"])
            self.assertEqual(session.info().title, "New")
            explained = session.explain(result.message)
            self.assertIn("Hello", explained.request)
            self.assertIn(result.message.replace("m3", "m2"), [part.id for part in explained.parts if part.included])
            self.assertTrue(e.rebuild(session.id))
            self.assertIn('"title"', session.state_json())

    def test_a_user_is_erased(self):
        with engine("First.") as e:
            session = e.create_session("job-interview", owner="ada")
            session.send("Hello").result()
            kept = e.create_session("job-interview", owner="bob")
            kept.send("Hello").result()
            self.assertEqual(e.erase_user("ada"), 1)
            self.assertEqual(e.erase_user_later("ada").result(), 0)
            self.assertEqual([one.id for one in e.sessions()[0]], [kept.id])
            with self.assertRaises(scena.NotFoundError):
                e.session(session.id)

    def test_nothing_is_left_of_a_session_whose_time_is_over(self):
        with engine("First.") as e:
            brief = e.create_session("job-interview", retention="session", retention_ttl=datetime.timedelta(0))
            kept = e.create_session("job-interview", retention="session", retention_ttl=3600)
            for session in (brief, kept):
                session.fail().result()
            for _ in range(100):
                e.erase_user("nobody")
                if len(e.sessions()[0]) == 1:
                    break
            self.assertEqual([one.id for one in e.sessions()[0]], [kept.id])
            with self.assertRaises(scena.InvalidArgumentError):
                e.create_session("job-interview", retention="never")

    def test_export_and_import(self):
        with engine("First.") as e, engine("x") as other:
            session = e.create_session("job-interview")
            session.send("Hello").result()
            copy = other.import_session(session.export())
            self.assertEqual(copy.id, session.id)
            self.assertEqual([m.text for m in copy.messages()], [m.text for m in session.messages()])
            self.assertEqual(session.export("jsonl").count("\n"), session.info().last_seq)
            self.assertIn("Hello", session.export("markdown"))
            with self.assertRaises(scena.InvalidArgumentError):
                session.export("pdf")

    def test_a_command_repeated_under_one_id_is_done_once(self):
        with engine("First.", "Second.") as e:
            session = e.create_session("job-interview")
            one = session.send("Hello", command_id="c-1").result()
            self.assertEqual(session.send("Hello", command_id="c-1").result().text, one.text)
            self.assertEqual(list(session.send("Hello", command_id="c-1")), [one.text])
            self.assertEqual(session.info().turns, 1)

    def test_a_command_of_each_kind_repeated_under_its_id_is_done_once(self):
        with engine("First.", "Second.", "Third.") as e:
            session = e.create_session("job-interview", command_id="made")
            self.assertEqual(e.create_session("job-interview", command_id="made"), session)
            human = lambda: [one.id for one in session.messages() if one.from_human][-1]
            results = {}
            for name, call in [
                ("start", lambda **id: session.start(**id)),
                ("send", lambda **id: session.send("Hello", **id)),
                ("regenerate", lambda **id: session.regenerate(**id)),
                ("choose", lambda **id: session.choose(session.alternatives(session.messages()[-1].id)[0].id, **id)),
                ("continue_reply", lambda **id: session.continue_reply(**id)),
                ("edit", lambda **id: session.edit(human(), "Hello again", **id)),
                ("prompt", lambda **id: session.prompt("interviewer", **id)),
                ("run", lambda **id: session.run(max_turns=1, **id)),
                ("undo", lambda **id: session.undo(**id)),
                ("join", lambda **id: session.join("coach", "Ada", **id)),
                ("leave", lambda **id: session.leave("coach", **id)),
                ("set_variable", lambda **id: session.set_variable("position", "welder", **id)),
                ("update", lambda **id: session.update(title="Talk", **id)),
                ("annotate", lambda **id: session.annotate("note", {}, **id)),
                ("fork", lambda **id: session.fork(**id)),
                ("ask_aside", lambda **id: session.ask_aside("interviewer", "Well?", **id)),
                ("flag_escape", lambda **id: session.flag_escape(step="tour", **id)),
                ("pause", lambda **id: session.pause(**id)),
                ("resume", lambda **id: session.resume(**id)),
                ("fail", lambda **id: session.fail(**id)),
                ("resume", lambda **id: session.resume(**id)),
                ("complete", lambda **id: session.complete(**id)),
                ("analyze", lambda **id: session.analyze(**id)),
            ]:
                with self.subTest(name):
                    id = f"{name}-{session.info().last_seq}"
                    results[name] = call(command_id=id).result()
                    before = session.state_json(), len(e.sessions()[0])
                    again = call(command_id=id).result()
                    self.assertEqual((session.state_json(), len(e.sessions()[0])), before)
                    if name in ("fork", "ask_aside"):
                        self.assertEqual(again, results[name])
            session = e.create_session("salary-negotiation", played_by={"manager": "ai", "employee": "ai"})
            for _ in range(2):
                self.assertEqual(session.run(max_turns=2, command_id="run").result().turns, 2)
            self.assertEqual(session.info().turns, 2)

    def test_what_a_call_says_of_its_reply_comes_to_the_model(self):
        asked = []

        class Own:
            def reply(self, request):
                asked.append((request.model, request.raw.get("json_schema"), request.raw.get("max_tokens")))
                return "{}"

        schema = {"type": "object"}
        with engine(providers={"own": Own()}, provider="own") as e:
            session = e.create_session("job-interview", model="m0")
            session.send("Hello").result()
            session.send("Hello", model="m1", json_schema=schema).result()
            session.regenerate(model="m2", json_schema=schema).result()
            session.continue_reply(model="m3").result()
            session.edit([one.id for one in session.messages() if one.from_human][-1], "Hello again", model="m4").result()
            session.prompt("interviewer", model="m5", json_schema=schema).result()
        self.assertEqual([(model, json.loads(given or "null")) for model, given, _ in asked],
                         [("m0", None), ("m1", schema), ("m2", schema), ("m3", None), ("m4", None), ("m5", schema)])

    def test_the_next_question_is_asked_of_the_model_that_is_named(self):
        asked = []

        class Own:
            def reply(self, request):
                asked.append((request.model, request.character))
                return '{"question": "Which colour?", "covers": ""}'

        preset = {"id": "intake", "title": "Intake", "characters": [{"id": "clerk", "name": "Clerk"},
                  {"id": "guest", "name": "Guest", "played_by": "human"}], "next_question": {"instructions": "Go deeper."}}
        with engine(providers={"own": Own()}, provider="own", model="m0") as e:
            session = e.create_session(preset)
            session.send("Hello").result()
            question = session.next_question(model="m1").result()
        self.assertEqual((question.text, question.fallback, asked[1:]), ("Which colour?", False, [("m1", "clerk")]))

    def test_a_reply_that_breaks_its_schema_is_asked_for_once_more_where_repair_says_so(self):
        schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        calls = (lambda session: functools.partial(session.send, "Hello"), lambda session: functools.partial(session.prompt, "interviewer"),
                 lambda session: session.regenerate)
        for call in calls:
            for repair, outcome in ((False, "failed"), (True, "complete")):
                replies = iter(["First.", "no", '{"ok": true}'])
                own = types.SimpleNamespace(reply=lambda request: next(replies))
                with engine(providers={"own": own}, provider="own") as e:
                    session = e.create_session("job-interview")
                    session.send("Hello").result()
                    self.assertEqual(call(session)(json_schema=schema, repair=repair).result().outcome, outcome)

    def test_who_joins_is_who_was_named(self):
        with engine("Fine.") as e:
            session = e.create_session("salary-negotiation")
            session.start().result()
            session.leave("manager").result()
            self.assertFalse({one.id: one for one in session.info().participants}["manager"].present)
            session.join("manager", "Kim", is_human=False).result()
            info = session.join("coach", "Ada", subject="ada").result()
            found = {one.id: (one.is_human, one.present, one.subject) for one in info.participants}
            self.assertEqual((found["manager"], found["coach"]), ((False, True, ""), (True, True, "ada")))

    def test_a_variable_may_be_any_value(self):
        with engine("Fine.") as e:
            session = e.create_session("job-interview", variables={"position": True})
            self.assertEqual(session.start().result().variables["position"], "true")
            for value, text in ((False, "false"), (42, "42"), ("welder", "welder")):
                self.assertEqual(session.set_variable("position", value).result().variables["position"], text)

    def test_a_session_is_made_with_what_its_call_says(self):
        with engine("a", providers={"other": {"url": "script:", "options": {"replies": ["b"]}}}) as e:
            preset = e.preset("job-interview")
            session = e.create_session("\n " + json.dumps(preset), id="x", title="Talk", owner="ann", labels={"a": "1"}, provider="other")
            info = session.start().result()
            self.assertEqual((info.id, info.title, info.owner, info.labels), ("x", "Talk", "ann", {"a": "1"}))
            self.assertEqual(session.send("Hello").result().text, "b")
        asked = []

        class Own:
            def reply(self, request):
                asked.append(request.seed)
                return "Fine."

        with engine(providers={"own": Own()}, provider="own") as e:
            for seed in (5, 5, 6):
                e.create_session("job-interview", seed=seed).send("Hello").result()
        self.assertEqual([one == asked[0] for one in asked], [True, True, False])


class Viewers(unittest.TestCase):
    def test_events_are_equal_to_their_like_alone(self):
        with engine("One.") as e:
            first, second = [e.create_session("job-interview").events().next() for _ in range(2)]
            self.assertEqual((first == first, first == second, first == None, first == "x"),  # noqa: E711
                             (True, False, False, False))

    def test_events_are_the_engines_own_bytes(self):
        with engine("First.") as e:
            session = e.create_session("job-interview")
            session.send("Hello").result()
            durable = [one for one in all_events(e, session) if one.is_durable]
            self.assertEqual([one.seq for one in durable], list(range(1, len(durable) + 1)))
            self.assertEqual("".join(one.to_json() + "\n" for one in durable), session.export("jsonl"))

    def test_a_viewer_of_some_types_sees_these_alone(self):
        with engine("First.") as e:
            session = e.create_session("job-interview")
            view = session.events(types=("turn.*", "session.created"))
            session.send("Hello").result()
            e.run_until_idle()
            self.assertEqual([view.next().type for _ in range(3)], ["session.created", "turn.started", "turn.finished"])
            self.assertEqual([one.type for one in all_events(e, session, types="turn.started")], ["turn.started"])
            for wrong in ([""], ["turn finished"], [5], 5):
                with self.assertRaisesRegex((scena.InvalidArgumentError, TypeError), "types"):
                    session.events(types=wrong)

    def test_a_viewer_takes_what_its_options_say(self):
        own = types.SimpleNamespace(reply=lambda request: ["One ", "two ", "three."])
        with engine(providers={"own": own}, provider="own") as e:
            session = e.create_session("job-interview")
            merged, single, few = session.events(batches=True), session.events(), session.events(max_events=3)
            turn = session.send("Hello")
            e.run_until_idle()
            self.assertEqual([one.type for one in single.take(2)], ["session.created", "session.started"])
            deltas = [[one.text for one in view.take() if one.type == "delta"] for view in (merged, single)]
            self.assertEqual({"".join(one) for one in deltas}, {turn.result().text})
            self.assertLess(len(deltas[0]), len(deltas[1]))
            self.assertEqual(few.take()[-1].type, "lagged")
            self.assertTrue(few.ended)

    def test_a_viewer_goes_on_after_its_cursor(self):
        with engine("First.") as e:
            session = e.create_session("job-interview")
            view = session.events()
            session.send("Hello").result()
            e.run_until_idle()
            some = [view.next() for _ in range(3)]
            self.assertEqual(view.cursor, some[-1].cursor)
            rest = all_events(e, session, after=some[-1].cursor)
            self.assertEqual(rest[0].seq, some[-1].seq + 1)

    def test_iteration_ends_when_the_viewer_is_closed(self):
        with engine("First.") as e:
            session = e.create_session("job-interview")
            session.send("Hello").result()
            with session.events() as view:
                first = next(iter(view))
                self.assertEqual(first.type, "session.created")
            self.assertTrue(all(event.seq > 1 for event in view))
            self.assertTrue(view.ended)


if __name__ == "__main__":
    unittest.main()

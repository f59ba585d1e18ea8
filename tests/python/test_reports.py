"""Analyses, counts of stored sessions, batches, background jobs."""
import asyncio
import csv
import datetime
import gc
import inspect
import json
import pathlib
import tempfile
import threading
import time
import types
import unittest
import unittest.mock
import weakref

import scena
from scena import _batch
from support import engine

PLAN = {"presets": ["salary-negotiation"], "seeds": {"first": 1, "count": 4}, "max_turns": 2}


class Bar:
    """The tqdm protocol, and what was told by it."""

    made = []

    def __init__(self, total):
        self.total, self.shown, self.closed, self.threads = total, 0, False, set()
        Bar.made.append(self)

    def update(self, more):
        self.shown += more
        self.threads.add(threading.current_thread())

    def close(self):
        self.closed = True


class Analyses(unittest.TestCase):
    def test_an_analysis_is_a_value_and_the_line_of_json_it_was_stored_as(self):
        with engine("I would rather not say.", "It is calm, with 3 ships.") as made:
            session = made.create_session("job-interview")
            with self.assertRaises(scena.NotFoundError):
                session.analysis()
            session.send("How is the weather in the harbour?").result()
            session.complete().result()
            made.run_until_idle()
            analysis = session.analysis()
            stored = next(event for event in session.events() if event.type == "analysis.stored")
        self.assertEqual(json.loads(analysis.json), stored.data["analysis"])
        self.assertEqual(analysis.source, "offline")
        self.assertEqual(analysis.speakers[1].questions, 1)
        self.assertEqual(sum(one.messages for one in analysis.speakers), analysis.messages)
        self.assertEqual(analysis.to_dict()["words"], analysis.words)

    def test_an_analysis_is_made_anew_on_request(self):
        with engine("Well.") as made:
            session = made.create_session("job-interview")
            session.send("Hello").result()
            with self.assertRaises(scena.WrongStateError):
                session.analyze().result()
            session.complete().result()
            made.run_until_idle()
            first = session.analysis()
            session.analyze().result()
            made.run_until_idle()
            self.assertGreater(session.analysis().last_seq, first.last_seq)

    def test_every_member_of_an_analysis_is_a_value(self):
        def is_in(given, told):
            if isinstance(given, dict):
                return all(is_in(one, told[name]) for name, one in given.items())
            if isinstance(given, list):
                return len(given) == len(told) and all(map(is_in, given, told))
            return given == told

        quote = {"message": "m1", "speaker": "candidate", "text": "no comment"}
        agreement = {"metric": "sentiment", "messages": 2, "difference": 0.25, "labelled": 2, "kappa": 0.5}
        with engine("Well.") as made:
            session = made.create_session("job-interview")
            session.send("Hello").result()
            session.complete().result()
            made.run_until_idle()
            given = json.loads(session.analysis().json)
        given["speakers"][0]["detections"] = [{"what": "industry", "label": "law", "confidence": 0.5, "messages": ["m1", "m2"]}]
        given.update(
            overall=7.5, coverage=0.5, provider="judge", model="m",
            criteria=[{"id": "clear", "title": "Clear", "weight": 2, "score": 8, "comment": "Yes.", "quotes": [quote]}],
            turning_points=[{"kind": "other", "quote": quote, "before": 0.5, "after": -0.5, "comment": "Then."}],
            evasions=[{"answer": quote, "question": quote, "value": 0.75, "reason": "non-reply", "comment": ""}],
            contradictions=[{"earlier": quote, "later": quote, "value": 0.75, "reason": "negation", "comment": ""}],
            questions=[{"id": "gap", "text": "Why?", "status": "evaded", "coverage": 0.25, "asked": quote, "answer": quote}],
            escapes=[{"step": "tour", "count": 2}],
            judge={"asked": 3, "judged": 2, "failed": 1, "agreement": [agreement]},
        )
        analysis = scena._reports.analysis_of(json.dumps(given))
        self.assertTrue(is_in(given, json.loads(json.dumps(analysis.to_dict()))))
        self.assertEqual({hash(analysis), hash(scena._reports.analysis_of(analysis.json))}, {hash(analysis)})  # nothing in it is a dict
        self.assertEqual(repr(analysis), f"Analysis(source='offline', summary={analysis.summary!r})")

    def test_members_of_a_later_version_are_left_out(self):
        from scena._reports import analysis_of

        with engine("Well.") as made:
            session = made.create_session("job-interview")
            session.send("Hello").result()
            session.complete().result()
            made.run_until_idle()
            given = json.loads(session.analysis().json)
        given["mood"] = 1
        given["speakers"][0]["mood"] = 1
        self.assertEqual(analysis_of(json.dumps(given)).words, given["words"])


class Analytics(unittest.TestCase):
    def test_sessions_are_counted_by_how_they_ended(self):
        with engine("Well.") as made:
            for rating in (5, 3):
                session = made.create_session("job-interview")
                session.send("Hello").result()
                session.annotate("feedback", {"satisfied": rating > 3, "rating": rating}).result()
                session.complete().result()
            made.create_session("angry-customer").send("Hello").result()
            rows = made.session_analytics(by=["preset", "month"])
            self.assertEqual([(row.group[0], row.sessions, row.completed) for row in rows],
                             [("angry-customer", 1, 0), ("job-interview", 2, 2)])
            self.assertEqual((rows[1].rating.value, rows[1].satisfied.value, rows[1].ends), (4, 0.5, {"host": 2}))
            self.assertEqual(rows[0].rating, scena.Interval(0, None, None, None))
            self.assertEqual(made.session_analytics(preset="none")[0].sessions, 0)
            self.assertEqual((rows[0].metrics, made.session_analytics(owner="nobody")[0].sessions), ({}, 0))
            self.assertEqual(made.session_flow(owner="nobody"), [])
            spread = made.session_analytics(distributions=True)[0].metrics["sentiment"]
            self.assertGreater(spread.n, 3)
            self.assertLessEqual(spread.p10, spread.p50)
            with self.assertRaisesRegex(scena.InvalidArgumentError, "from"):
                made.session_analytics(first_day="yesterday")
            with self.assertRaisesRegex(scena.InvalidArgumentError, "by"):
                made.session_analytics(by=["weather"])

    def test_counts_are_narrowed_to_what_is_asked_for(self):
        with engine("Well.") as made:
            for preset, owner in (("job-interview", "ann"), ("angry-customer", "bob")):
                made.create_session(preset, owner=owner).send("Hello").result()
            day = made.now.date()
            before, behind = str(day - datetime.timedelta(1)), str(day + datetime.timedelta(1))
            for narrow, sessions in (({"preset": "job-interview"}, 1), ({"character": "interviewer"}, 1), ({"owner": "bob"}, 1),
                                     ({"first_day": str(day)}, 2), ({"first_day": behind}, 0), ({"last_day": before}, 0), ({"last_day": str(day)}, 2)):
                with self.subTest(narrow):
                    self.assertEqual(made.session_analytics(**narrow)[0].sessions, sessions)
                    self.assertEqual(len({row.preset for row in made.session_flow(**narrow)}), sessions)

    def test_a_flow_tells_where_people_leave_whatever_they_are_called(self):
        name = "a\u2028b"  # a line's end to str.splitlines(), not to JSON
        preset = {"id": "odd", "title": "Odd", "characters": [{"id": "host", "name": "Host"},
                                                              {"id": "guest", "name": name, "played_by": "human"}]}
        with engine("Well.") as made:
            session = made.create_session(preset)
            session.send("Hello").result()
            session.join(name, name).result()
            self.assertEqual([(row.source, row.target) for row in made.session_flow()],
                             [("(start)", "guest"), ("guest", "host"), ("host", "(dropped)")])
            self.assertIn((name,), [row.group for row in made.session_analytics(by=["character"])])
            self.assertEqual(made.session_analytics(by="character"), made.session_analytics(by=["character"]))


class Agreement(unittest.TestCase):
    def test_it_is_told_how_far_a_judge_agrees_with_the_metrics(self):
        opinion = {"evasiveness": {"value": 0.5, "label": "ambivalent", "quote": "more or less"}}
        judge = {"url": "script:", "options": {"replies": [{"json": opinion}], "instant": True}}
        settings = {"provider": "judge", "metrics": ["evasiveness"], "below_confidence": 0.7}
        with engine("How did the last project go?", providers={"judge": judge}, config={"judge": settings}) as made:
            self.assertEqual(made.judge_agreement(), [])
            for _ in range(2):
                session = made.create_session("job-interview")
                session.send("Hello").result()
                session.send("It went more or less as one would have thought.").result()
            made.run_until_idle()
            (row,) = made.judge_agreement()
            self.assertEqual((row.preset, row.sessions, row.agreement.metric, row.agreement.messages),
                             ("job-interview", 2, "evasiveness", 2))
            self.assertIsNone(row.agreement.correlation)
            day = made.now.date()
            before, behind = str(day - datetime.timedelta(1)), str(day + datetime.timedelta(1))
            for none in ({"preset": "angry-customer"}, {"character": "customer"}, {"owner": "nobody"}, {"first_day": behind}, {"last_day": before}):
                self.assertEqual(made.judge_agreement(**none), [], none)
            self.assertEqual(made.judge_agreement(preset="job-interview", character="interviewer", first_day=str(day), last_day=str(day)), [row])
            judged = [one for message in made.sessions()[0] for one in made.session(message.id).messages() if one.judged]
            self.assertEqual([(one.judged[0].metric, one.judged[0].label) for one in judged], [("evasiveness", "ambivalent")] * 2)
            with self.assertRaisesRegex(scena.InvalidArgumentError, "from"):
                made.judge_agreement(first_day="yesterday")


class Changes(unittest.TestCase):
    def test_changes_of_the_store_are_awaited_in_the_order_of_the_calls(self):
        async def change(made, other):
            preset = made.preset("job-interview")
            put = made.put_preset_later({**preset, "id": "mine"})
            seeded = made.seed_presets_later()
            removed, again = made.remove_preset_later("mine"), made.remove_preset_later("mine")
            self.assertIsNone(await put)
            self.assertEqual(await seeded, 6)
            self.assertIsNone(await removed)
            with self.assertRaises(scena.NotFoundError):
                await again
            session = made.create_session("job-interview")
            await session.start()
            copy = await other.import_session_later(session.export())
            self.assertEqual(copy.id, session.id)
            self.assertIs(await other.rebuild_later(copy.id), True)
            with self.assertRaises(scena.InvalidArgumentError):
                made.put_preset_later({"id": "x"})

        with scena.Engine() as made, scena.Engine() as other:
            asyncio.run(change(made, other))


class Batches(unittest.TestCase):
    def test_an_option_of_its_own_that_is_mistyped_is_told_the_nearest_name(self):
        for given, meant in [("workrs", "workers"), ("worker", "workers"), ("retry_faild", "retry_failed"), ("storrage", "storage")]:
            with self.subTest(given), self.assertRaisesRegex(scena.InvalidArgumentError, f'{given}: is not a known .*; did you mean "{meant}"\\?') as caught:
                scena.run_batch(PLAN, **{given: 2})
            self.assertEqual(caught.exception.pointer, f"/{given}")
        self.assertEqual(scena.run_batch(PLAN, clock="virtual", provider="script:").left, 0)  # near "providers", and known

    def test_a_batch_gives_a_row_for_each_session_and_tells_how_far_it_is(self):
        result = scena.run_batch(PLAN, clock="virtual", workers=2, progress=Bar)
        self.assertEqual([row.key for row in result.rows], [f"salary-negotiation.s{seed}" for seed in range(1, 5)])
        self.assertEqual((result.left, result.stopped, result.groups[0].rows), (0, "", 4))
        bar = Bar.made.pop()
        self.assertEqual((bar.total, bar.shown, bar.closed), (4, 4, True))
        self.assertEqual(bar.threads, {threading.current_thread()})
        rows = result.to_dicts()
        self.assertEqual(len(rows), 4)
        self.assertIn("metric.sentiment", rows[0])

    def test_dicts_of_a_batch_have_the_columns_of_its_table_in_that_order(self):
        plan = {**PLAN, "presets": ["salary-negotiation", "job-interview"], "max_turns": 3}
        with tempfile.TemporaryDirectory() as folder:
            result = scena.run_batch(plan, folder=folder, clock="virtual")
            table = list(csv.reader((pathlib.Path(folder) / "rows.csv").read_text(encoding="utf-8").splitlines()))
        first, *others = [list(row) for row in result.to_dicts()]
        self.assertEqual(others, [first] * (len(table) - 2))
        self.assertEqual(first, table[0])
        durations = [str(row.duration // datetime.timedelta(milliseconds=1)) for row in result.rows]
        self.assertEqual(durations, [cells[table[0].index("duration_ms")] for cells in table[1:]])
        self.assertNotIn("0", durations)
        for row, cells in zip(result.to_dicts(), table[1:]):
            self.assertEqual([value is None for value in row.values()][19:], [cell == "" for cell in cells][19:])
        only = next(row for row in result.rows if len(row.flat()) < len(first))
        self.assertNotIn(None, only.flat().values())
        durations = [row["duration_ms"] for row in result.to_dicts()]
        self.assertEqual([str(one) for one in durations], [row[first.index("duration_ms")] for row in table[1:]])

    def test_a_folder_is_not_cut_at_a_nul(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaisesRegex(scena.InvalidArgumentError, "folder: .* NUL"):
                scena.run_batch(PLAN, clock="virtual", folder=folder + "/o\0x")
            with scena.Engine() as e, self.assertRaisesRegex(scena.InvalidArgumentError, "path: .* NUL"):
                e.backup(folder + "/o\0x")
            self.assertEqual(list(pathlib.Path(folder).iterdir()), [])

    def test_a_folder_is_gone_on_with_and_equal_plans_give_equal_bytes(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "plan.json"
            path.write_text(json.dumps(PLAN))
            first = scena.run_batch(path, folder=pathlib.Path(folder) / "a", clock="virtual")
            longer = {**PLAN, "seeds": {"first": 1, "count": 5}}
            again = scena.run_batch(longer, folder=folder + "/a", clock="virtual", progress=Bar)
            other = scena.run_batch(longer, folder=folder + "/b", clock="virtual", workers=3)
            bar = Bar.made.pop()
            self.assertEqual((again.repeated, bar.total, bar.shown), (4, 5, 5))
            self.assertEqual(first.rows, again.rows[:4])
            self.assertEqual(again.rows, other.rows)
            self.assertEqual((pathlib.Path(folder) / "a/rows.jsonl").read_bytes(),
                             (pathlib.Path(folder) / "b/rows.jsonl").read_bytes())

    def test_a_bar_is_told_of_new_sessions_alone_and_need_not_have_been_made(self):
        class Strict(Bar):
            def update(self, more):
                assert more > 0
                super().update(more)

        scena.run_batch(PLAN, clock="virtual", progress=Strict)
        bar = Bar.made.pop()
        self.assertEqual((bar.shown, bar.closed), (4, True))
        with self.assertRaisesRegex(scena.InvalidArgumentError, "max_turn"):
            scena.run_batch({**PLAN, "max_turn": 1}, progress=Strict)
        self.assertEqual(Bar.made, [])

    def test_a_plan_finds_its_files_beside_it(self):
        with tempfile.TemporaryDirectory() as folder, scena.Engine() as made:
            path = pathlib.Path(folder) / "plan.json"
            path.write_text(json.dumps({**PLAN, "presets": ["own.json"]}))
            (path.parent / "own.json").write_text(json.dumps({**made.preset("salary-negotiation"), "id": "own"}))
            self.assertEqual({row.preset for row in scena.run_batch(path, clock="virtual").rows}, {"own"})

    def test_what_failed_is_made_again_where_it_is_told_to(self):
        busy = [True]

        class Model:
            def reply(self, request):
                if busy[0]:
                    raise scena.OverloadedError("busy")
                return "Fine."

        options = {"clock": "virtual", "providers": {"own": Model()}, "provider": "own", "max_retries": 0}
        with tempfile.TemporaryDirectory() as folder:
            tries = []
            for again in (False, False, True):
                result = scena.run_batch(PLAN, folder=folder, retry_failed=again, **options)
                tries.append((result.repeated, [row.error for row in result.rows]))
                busy[0] = False
        self.assertEqual(tries, [(0, ["overloaded"] * 4), (4, ["overloaded"] * 4), (0, [""] * 4)])

    def test_an_option_goes_before_the_configuration(self):
        result = scena.run_batch(PLAN, config={"clock": "real", "provider": "fault:401"}, clock="virtual", provider="script:")
        self.assertEqual({row.error for row in result.rows}, {""})
        result = scena.run_batch(PLAN, config={"clock": "virtual", "provider": "fault:401"})
        self.assertEqual({row.error for row in result.rows}, {"unauthenticated"})

    def test_tools_approvals_filters_jobs_and_embedders_take_part(self):
        called, judged, done = [], [], []

        class Model:
            def reply(self, request):
                return "Fine." if request.messages and request.messages[-1].role == "tool" else [scena.ToolCall("look", {})]

        class Judge(scena.Filter):
            def check_output(self, context, text):
                judged.append(text)

        @scena.tool(everywhere=True, needs_approval=True)
        def look():
            called.append("look")
            return "nothing there"

        def approve(request):
            called.append("asked")
            return True

        options = {"clock": "virtual", "providers": {"own": Model()}, "provider": "own"}
        result = scena.run_batch({**PLAN, "max_turns": 1}, tools=[look], tool_approval=approve, filter=Judge(), **options)
        self.assertEqual({row.error for row in result.rows}, {""})
        self.assertEqual((called, set(judged)), (["asked", "look"] * 4, {"Fine."}))
        for name in ("job_handlers", "embedders"):
            with self.subTest(name), self.assertRaisesRegex(scena.InvalidArgumentError, name):
                scena.run_batch(PLAN, **{name: {"a": 5}})
        with self.assertRaisesRegex(scena.InvalidArgumentError, "coroutine_timeout"):
            scena.run_batch(PLAN, coroutine_timeout=0)

    def test_a_batch_lets_go_of_what_it_was_given(self):
        class Model:
            async def reply(self, request):
                self.threads = [one for one in threading.enumerate() if one.name == "scena-coroutines"]
                yield "Fine."

        model = Model()
        scena.run_batch(PLAN, clock="virtual", providers={"own": model}, provider="own")
        self.assertEqual([one.is_alive() for one in model.threads], [False])
        seen = weakref.ref(model)
        del model
        gc.collect()
        self.assertIsNone(seen())

    def test_the_interpreters_end_waits_until_a_batch_has_ended(self):
        with _batch._Running() as stop:
            (running,) = _batch._Running.all
            self.assertIs(running.stop, stop)
        began = time.monotonic()
        running.wait(30)
        self.assertLess(time.monotonic() - began, 10)

    def test_what_a_bar_raises_ends_the_batch_and_is_raised(self):
        class Broken(Bar):
            def update(self, more):
                raise KeyboardInterrupt

        plan = {**PLAN, "seeds": {"first": 1, "count": 500}}
        with self.assertRaises(KeyboardInterrupt):
            scena.run_batch(plan, clock="virtual", workers=2, progress=Broken)
        self.assertTrue(Bar.made.pop().closed)

    def test_providers_and_metrics_in_python_take_part(self):
        class Model(scena.Provider):
            async def reply(self, request):
                await asyncio.sleep(0)
                yield "Fine, fine."

        class Words(scena.Analyzer):
            name = "fines"

            def measure(self, message, history):
                return message.text.count("ine")

        result = scena.run_batch({**PLAN, "models": [{"name": "mine", "provider": "mine", "model": "m"}]},
                                 providers={"mine": Model()}, analyzers=[Words()], workers=2, clock="virtual")
        self.assertEqual([row.error for row in result.rows], [""] * 4)
        self.assertEqual(result.rows[0].metrics["fines"], 2)

    def test_the_interpreters_end_stops_all_batches_before_it_waits_for_one(self):
        order = []

        class Running(_batch._Running):
            def __init__(self):
                super().__init__()
                self.stop = self

            def request(self):
                order.append("stop")

            def wait(self, seconds):
                order.append(seconds)

        with Running(), Running(), Running(), unittest.mock.patch.object(_batch, "monotonic", side_effect=[100.0, 101.0, 103.0, 107.0]):
            _batch._end_all()
        self.assertEqual(order, ["stop", "stop", "stop", 4.0, 2.0, 0.0])

    def test_a_batch_takes_what_an_engine_takes(self):
        def host_options(function):
            names = list(inspect.signature(function).parameters)
            return {"providers", *names[names.index("tools"):]}

        own = host_options(scena.Engine) - {"from_env"}
        self.assertEqual(own, host_options(scena.run_batch) - {"options"})
        self.assertLess({"embedders", "event_sinks", "job_handlers", "log", "secrets", "token_counters"}, own)

    def test_counters_logs_and_sinks_in_python_take_part(self):
        counted, lines, seen = [], [], []

        def count(text):
            counted.append(text)
            return 10 ** 9

        options = {"clock": "virtual", "workers": 2, "log_level": "trace"}
        result = scena.run_batch(PLAN, log=lines.append, event_sinks={"audit": lambda event, job: seen.append(event.type)}, **options)
        self.assertEqual({row.error for row in result.rows}, {""})
        self.assertIn("turn ended", [line.message for line in lines])
        self.assertEqual(seen.count("session.created"), 4)
        result = scena.run_batch(PLAN, token_counters={"*": count}, prices={"*": {"input": "1"}}, session_budget="1", **options)
        self.assertEqual({row.error for row in result.rows}, {"budget_exhausted"})
        self.assertTrue(counted)
        with self.assertRaises(scena.UnauthenticatedError):
            scena.run_batch(PLAN, secrets=lambda name: None, webhooks={"a": {"url": "http://127.0.0.1:9/", "secret": "A"}})

    def test_a_batch_that_its_money_ended_says_what_is_left(self):
        own = types.SimpleNamespace(reply=lambda request: ["Fine.", scena.Counted(0, 1000)])
        options = {"clock": "virtual", "providers": {"own": own}, "provider": "own", "prices": {"*": {"output": "100"}}}
        plan = {**PLAN, "limits": {"money": "0.5", "session_money": "0.25"}}
        with tempfile.TemporaryDirectory() as folder:
            result = scena.run_batch(plan, folder=folder, **options)
            rows = [json.loads(line) for line in (pathlib.Path(folder) / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
        self.assertEqual((result.stopped, result.left + len(result.rows)), ("money", 4))
        self.assertGreater(result.left, 0)
        self.assertEqual(result.cost, sum(row.cost for row in result.rows))
        self.assertGreater(result.cost, 0)
        self.assertEqual(repr(result), f"BatchResult(rows={len(result.rows)}, left={result.left}, cost={result.cost})")
        self.assertEqual([row.key for row in result.rows], [one["key"] for one in rows])
        group = result.groups[0]
        self.assertEqual({type(one) for one in [*group.metrics.values(), group.turns, group.failed, group.completed]}, {scena.Interval})
        self.assertIn("sentiment", group.metrics)

    def test_a_session_that_fails_is_a_row(self):
        result = scena.run_batch(PLAN, clock="virtual", providers={"bad": "fault:401"}, provider="bad")
        self.assertEqual({row.error for row in result.rows}, {"unauthenticated"})
        self.assertEqual(result.groups[0].failed.value, 1)

    def test_faults_of_plan_and_configuration_are_named(self):
        with self.assertRaisesRegex(scena.InvalidArgumentError, "max_turn"):
            scena.run_batch({**PLAN, "max_turn": 1})
        with self.assertRaisesRegex(scena.InvalidArgumentError, "colour"):
            scena.run_batch(PLAN, colour=1)
        with self.assertRaises(scena.NotFoundError):
            scena.run_batch({"fork": {"session": "none"}}, clock="virtual")


class BackgroundJobs(unittest.TestCase):
    def test_a_job_is_done_once_and_kept(self):
        done = []

        def mail(job):
            done.append((job.id, job.payload, job.attempts))
            return {"sent": True}

        with engine(job_handlers={"mail": mail}) as made:
            job = made.enqueue_job("mail", "anna", id="a").result()
            self.assertEqual((job.state, job.kind), ("waiting", "mail"))
            self.assertEqual(made.enqueue_job("mail", "other", id="a").result().payload, "anna")
            made.run_until_idle()
            self.assertEqual(made.job("a").result, '{"sent": true}')
            self.assertEqual(made.job_counts(), [scena.JobCount("mail", "done", 1)])
            found, after = made.jobs(kind="mail", state="done", limit=1)
            self.assertEqual(([one.id for one in found], made.jobs(after=after)), (["a"], ([], 0)))
        self.assertEqual(done, [("a", "anna", 1)])

    def test_a_job_is_enqueued_as_its_options_say(self):
        done = []
        mail = scena.JobHandler(lambda job: done.append(job.id), parallel=1)
        with engine("Fine.", job_handlers={"mail": mail, "fax": lambda job: "sent"}) as made:
            session = made.create_session("job-interview")
            session.start().result()
            made.enqueue_job("mail", "x", id="late", delay=60, session=session.id, max_attempts=3).result()
            late = made.job("late")
            self.assertEqual((late.session, late.max_attempts, (late.run_after - made.now).total_seconds()), (session.id, 3, 60))
            for id, priority in (("low", 0), ("high", 5)):
                self.assertEqual(made.enqueue_job("mail", "x", id=id, priority=priority, delay=1).result().priority, priority)
            keyed = made.enqueue_job("fax", "x", key="k", delay=5).result()
            self.assertEqual(made.enqueue_job("fax", "y", key="k", join=True).result().id, keyed.id)
            behind = made.enqueue_job("fax", "y", key="k", delay=5).result()
            self.assertNotEqual(behind.id, keyed.id)
            self.assertEqual([one.kind for one in made.jobs(kind="mail")[0]], ["mail"] * 3)
            self.assertEqual(made.jobs(state="done"), ([], 0))
            pages, after = [], 0
            while True:
                found, after = made.jobs(kind="mail", after=after, limit=2)
                pages.append([one.id for one in found])
                if not after:
                    break
            self.assertEqual(pages, [["late", "low"], ["high"]])
            made.advance(10)
            self.assertEqual(done, ["high", "low"])
            made.advance(60)
            self.assertEqual((done[2:], made.job(keyed.id).result), (["late"], "sent"))

    def test_a_result_is_told_in_letters_as_they_are(self):
        with engine(job_handlers={"mail": lambda job: {"to": "Zoë"}}) as made:
            job = made.enqueue_job("mail", "x").result()
            made.run_until_idle()
            self.assertEqual(made.job(job.id).result, '{"to": "Zoë"}')

    def test_an_attempt_that_takes_too_long_is_over(self):
        async def never(job):
            await asyncio.Event().wait()

        with engine(clock="real", threads=1, job_handlers={"wait": scena.JobHandler(never, time_limit=0.02)}) as made:
            job = made.enqueue_job("wait", "", max_attempts=1).result()
            made.run_until_idle(timeout=30)
            self.assertEqual(made.job(job.id).state, "dead")

    def test_what_raises_is_tried_again_and_what_gives_up_is_dead(self):
        tries = []

        async def often(job):
            await asyncio.sleep(0)
            tries.append(job.attempts)
            raise ValueError("not yet")

        def never(job):
            raise scena.GiveUp("no such address")

        with engine(job_handlers={"often": scena.JobHandler(often, parallel=1, time_limit=60), "never": never}) as made:
            made.enqueue_job("often", "", id="o", max_attempts=2).result()
            made.enqueue_job("never", "", id="n").result()
            made.run_until_idle()
            made.advance(3600)
            made.run_until_idle()
            self.assertEqual((made.job("o").state, tries), ("dead", [1, 2]))
            self.assertIn("not yet", made.job("o").result)
            self.assertEqual((made.job("n").state, made.job("n").attempts), ("dead", 1))
            self.assertEqual(made.requeue_job("n").result().state, "waiting")
            made.run_until_idle()
            with self.assertRaises(scena.NotFoundError):
                made.enqueue_job("sms", "")
            with self.assertRaises(scena.NotFoundError):
                made.cancel_job("none").result()
            with self.assertRaises(scena.InvalidArgumentError):
                made.jobs(state="odd")
            self.assertEqual(made.jobs(limit=0), made.jobs())
            with self.assertRaisesRegex(scena.InvalidArgumentError, "limit"):
                made.jobs(limit=1001)

    def test_a_cancelled_job_ends_its_coroutine(self):
        ended = threading.Event()
        begun = threading.Event()

        async def wait(job):
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        with engine(clock="real", threads=1, job_handlers={"wait": wait}) as made:
            job = made.enqueue_job("wait", "").result()
            self.assertTrue(begun.wait(30))
            self.assertEqual(made.cancel_job(job.id).result().state, "cancelled")
            self.assertTrue(ended.wait(30))


if __name__ == "__main__":
    unittest.main()

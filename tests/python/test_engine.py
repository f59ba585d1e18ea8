"""Engines over Python: configuration, errors, presets, time, money, and how processes end."""
import copy
import datetime
import decimal
import gc
import inspect
import json
import os
import pathlib
import pickle
import subprocess
import sys
import tempfile
import threading
import types
import unittest
import unittest.mock
import weakref

import scena
from scena import _errors
from support import engine


def python(code, *arguments, **options):
    """Runs code in a process of its own."""
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60, **options)


class Configuration(unittest.TestCase):
    def test_every_fault_is_named_at_once(self):
        with self.assertRaises(scena.InvalidArgumentError) as caught:
            scena.Engine({"threads": -1, "limits": {"history_items": 0}, "colour": 1})
        for pointer in ("/threads", "/limits/history_items", "/colour"):
            self.assertIn(pointer, str(caught.exception))
        self.assertIsInstance(caught.exception, ValueError)

    def test_dict_text_file_and_environment(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "scena.json"
            path.write_text('{"clock": "virtual", "seed": 3}')
            for config in ({"clock": "virtual"}, '{"clock": "virtual"}', path):
                with scena.Engine(config) as e:
                    self.assertTrue(e.capabilities()["virtual_clock"])
            with scena.Engine(path, clock="real") as e:
                self.assertFalse(e.capabilities()["virtual_clock"])
        done = python("import scena; print(scena.Engine(from_env=True).capabilities()['virtual_clock'])",
                      env={**os.environ, "SCENA_CLOCK": "virtual"})
        self.assertEqual(done.stdout, "True\n", done.stderr)

    def test_each_option_is_the_member_of_its_name_and_goes_before_the_configuration(self):
        names = list(inspect.signature(scena.Engine).parameters)
        wrong = {"metrics": 5, "session_budget": "much"}
        for name in {*names[1:names.index("tools")]} - {"providers", "tape_record", "tape_replay"}:
            with self.subTest(name), self.assertRaises(scena.InvalidArgumentError) as caught:
                scena.Engine(**{name: wrong.get(name, ["wrong"])})
            self.assertTrue(caught.exception.pointer.startswith(f"/{name}"), caught.exception)
        with engine("Fine.", config={"clock": "real"}, clock="virtual") as e:
            self.assertTrue(e.capabilities()["virtual_clock"])

    def test_times_and_money_are_written_as_the_configuration_has_them(self):
        with scena.Engine(clock="virtual", seed=7, provider="own", session_budget=decimal.Decimal("0.5"), prices={"*": {"input": decimal.Decimal("1e6")}},
                          providers={"own": {"url": "script:", "options": {"delay_ms": datetime.timedelta(seconds=2), "replies": ["Fine."]}}}) as e:
            with self.assertRaises(scena.BudgetExhaustedError):
                e.create_session("job-interview").send("Hello").result()
            e.set_prices({"*": {"input": decimal.Decimal(0)}})
            before = e.now
            self.assertEqual(e.create_session("job-interview").send("Hello").result().text, "Fine.")
            self.assertGreaterEqual((e.now - before).total_seconds(), 2)
            e.set_prices({"*": {"input": decimal.Decimal("1e-7")}})  # str() of it has an exponent
            e.put_preset(json.dumps({**e.preset("job-interview"), "id": "bytes"}).encode())
            self.assertEqual(e.preset("bytes")["id"], "bytes")

    def test_a_coroutine_may_be_waited_for_without_end(self):
        for wrong in (None, 0):
            with self.assertRaisesRegex(scena.InvalidArgumentError, "^coroutine_timeout: must be above 0"):
                scena.Engine(coroutine_timeout=wrong)

        class Own:
            async def reply(self, request):
                return "Fine."

        for endless in (float("inf"), datetime.timedelta.max):
            with engine(providers={"own": Own()}, provider="own", coroutine_timeout=endless) as e:
                self.assertEqual(e.create_session("job-interview").send("Hello").result().text, "Fine.")

    def test_an_option_adds_to_the_members_that_are_named(self):
        script = {"url": "script:", "options": {"replies": ["a"]}}
        look = {"url": "https://api.example.com/look", "description": "Looks."}
        with scena.Engine({"providers": {"a": script}, "tools": {"look": look}}, clock="virtual", provider="a",
                          providers={"b": {**script, "options": {"replies": ["b"]}}}, tools={"see": look}) as e:
            self.assertEqual([e.create_session("job-interview", provider=name).send("Hello").result().text for name in ("a", "b")], ["a", "b"])
            self.assertEqual(sorted(e.capabilities()["tools"]), ["look", "see"])
        with self.assertRaises(scena.InvalidArgumentError) as caught:
            scena.Engine({"providers": None})
        self.assertEqual(caught.exception.pointer, "/providers")
        for name, more in (("providers", {}), ("providers", {"providers": {"a": "script:"}}), ("tools", {"tools": {"look": look}}),
                           ("token_counters", {"token_counters": {"a": {"file": "x", "cut": "o200k"}}})):
            for wrong in (5, ["x"]):
                with self.subTest(name, wrong=wrong), self.assertRaises(scena.InvalidArgumentError) as caught:
                    scena.Engine({name: wrong}, **more)
                self.assertEqual(caught.exception.pointer, f"/{name}")

    def test_two_engines_share_none_of_what_they_are_given(self):
        with tempfile.TemporaryDirectory() as folder:
            lines, asked = {"a": [], "b": []}, {"a": [], "b": []}
            made = {name: engine(name, log=lines[name].append, log_level="debug", secrets=asked[name].append, seed=seed, clock=clock,
                                 storage=storage, providers={"other": "openai:m"})
                    for name, seed, clock, storage in (("a", 1, "virtual", "memory:"), ("b", 1, "real", f"sqlite:{folder}/b.db"))}
            before = made["a"].now
            talks = {name: one.create_session("job-interview") for name, one in made.items()}
            self.assertEqual([talks[name].send("Hello").result().text for name in made], ["a", "b"])
            made["a"].advance(3600)
            self.assertGreaterEqual((made["a"].now - before).total_seconds(), 3600)
            self.assertLess(abs((made["b"].now - datetime.datetime.now(datetime.timezone.utc)).total_seconds()), 600)
            with self.assertRaises(scena.NotFoundError):
                made["b"].session(talks["a"].id)
            told = len(lines["b"])
            self.assertTrue(lines["a"])
            with self.assertRaises(scena.UnauthenticatedError):
                made["a"].complete("Hello", provider="other")
            self.assertEqual((asked["a"], asked["b"]), (["OPENAI_API_KEY"], []))
            made["a"].close()
            self.assertEqual(len(lines["b"]), told)
            self.assertEqual(talks["b"].send("Hello").result().text, "b")
            made["b"].close()

    def test_text_that_is_no_json_is_refused(self):
        for config in ('{"seed": 1} x', "[1]", ""):
            with self.assertRaises(scena.InvalidArgumentError):
                scena.Engine(config)
        with self.assertRaisesRegex(TypeError, "no JSON form"):
            scena.Engine({"seed": object()})


    def test_a_file_given_as_text_is_told_to_be_a_path(self):
        with tempfile.TemporaryDirectory() as folder:
            there = os.path.join(folder, "settings")
            pathlib.Path(there).write_text("{}")
            for name in (there, "conf.json", " no/such/Folder.JSON"):
                for call in (scena.Engine, scena.run_batch, lambda config: scena.run_batch({}, config=config)):
                    with self.subTest(name), self.assertRaisesRegex(scena.InvalidArgumentError, r"give pathlib\.Path\("):
                        call(name)
        for text in ('{"colour": "conf.json"}', "x" * 100_000, "a\0b", "conf.toml"):
            with self.assertRaises(scena.InvalidArgumentError) as caught:
                scena.Engine(text)
            self.assertNotIn("pathlib", str(caught.exception))


class Errors(unittest.TestCase):
    def test_each_code_has_a_class(self):
        classes = {kind.code: kind for kind in scena.Error.__subclasses__()}
        self.assertEqual(sorted(classes), sorted(set(scena.ErrorCode) - {scena.ErrorCode.OK}))
        header = pathlib.Path(__file__).parents[2] / "include/scena/error.hpp"
        for code in scena.ErrorCode:
            self.assertIn(f"  {code.name.lower()} = {code.value},", header.read_text())

    def test_an_error_survives_pickling(self):
        error = pickle.loads(pickle.dumps(scena.NotFoundError("gone", pointer="/a")))
        self.assertEqual((type(error), str(error), error.pointer), (scena.NotFoundError, "gone", "/a"))

    def test_errors_of_one_kind_and_content_are_equal(self):
        given = {"pointer": "/a", "provider_message": "busy", "provider_status": 429, "point": "status", "retry_after": 2.5}
        error = scena.RateLimitedError("wait", **given)
        self.assertEqual({name: getattr(error, name) for name in given}, given)
        for same in (scena.RateLimitedError("wait", **given), copy.copy(error), pickle.loads(pickle.dumps(error))):
            self.assertEqual((same, hash(same)), (error, hash(error)))
        others = [scena.RateLimitedError("go", **given), scena.OverloadedError("wait", **given), "wait",
                  *(scena.RateLimitedError("wait", **{**given, name: None}) for name in given)]
        self.assertNotIn(error, others)

    def test_an_error_is_also_pythons_own_and_tells_when_to_try_again(self):
        for kind, own in ((scena.InvalidArgumentError, ValueError), (scena.NotFoundError, LookupError), (scena.TimeoutError, TimeoutError)):
            self.assertTrue(issubclass(kind, own))
        self.assertIs(type(_errors.from_engine(999, "of a later version", "", "", 0, "", 1.5)), scena.InternalError)
        self.assertEqual(_errors.from_engine(9, "wait", "", "", 0, "", 1.5).retry_after, 1.5)

    def test_wrong_arguments_raise_and_never_crash(self):
        with engine("Hi.") as e:
            session = e.create_session("job-interview")
            with self.assertRaises(scena.InvalidArgumentError):
                session.send("").result()
            with self.assertRaises(TypeError):
                session.send(42)
            with self.assertRaises(scena.InvalidArgumentError):
                session.send("\ud800")
            for call in e.session, e.create_session, e.job, session.fork, session.choose, session.leave, lambda id: session.join(id, "Ann"):
                with self.assertRaises(scena.InvalidArgumentError):
                    call("\ud800")
            for name, call in (("config", scena.Engine), ("plan", scena.run_batch), ("preset", scena.check_preset)):
                with self.assertRaisesRegex(scena.InvalidArgumentError, f"^{name}: character 7 is half"):
                    call('{"id":"\ud800"}')
            with self.assertRaisesRegex(TypeError, "must be a str, not int"):
                e.session(5)
            with self.assertRaises(TypeError):
                e.create_session("job-interview", variables={1: "x"})
            with self.assertRaises(scena.NotFoundError):
                e.create_session("no-such-preset")
            with self.assertRaises(scena.NotFoundError):
                e.session("no-such-session")
            with self.assertRaises(scena.InvalidArgumentError):
                session.events(after="x")
            with self.assertRaises(scena.InvalidArgumentError):
                session.send("Zero\0inside")
            with self.assertRaises(scena.TooLargeError):
                session.send("x" * 300_000).result()

    def test_a_number_is_no_file(self):
        with tempfile.TemporaryFile() as file:  # by its number it could be opened, and would be closed
            for wrong in (file.fileno(), True, 1.5, b"{}", ["{}"], object()):
                with self.assertRaisesRegex(scena.InvalidArgumentError, "^config: must be a dict, JSON text or a pathlib.Path, not "):
                    scena.Engine(wrong)
                with self.assertRaisesRegex(scena.InvalidArgumentError, "^plan: must be a dict, JSON text or a pathlib.Path, not "):
                    scena.run_batch(wrong)
            os.fstat(file.fileno())
        with engine("Hi.") as e, self.assertRaisesRegex(scena.InvalidArgumentError, "^principal: must be a scena.Principal"):
            e.as_principal("ann")

    def test_handles_outlive_their_engine(self):
        e = engine("Hi.")
        session = e.create_session("job-interview")
        turn, view, pending = session.send("Hello"), session.events(), session.fork()
        e.close()
        e.close()
        del e
        gc.collect()
        for call in (session.info, lambda: session.send("x").result(), pending.result):
            with self.assertRaises(scena.Error):
                call()
        self.assertIn(turn.done(), (True, False))
        while view.next(timeout=0) is not None:  # what waits can be read to its end
            pass
        self.assertTrue(view.ended)


class Store(unittest.TestCase):
    def test_a_damaged_store_is_told_when_it_is_asked_for(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "talks.db"
            options = {"storage": f"sqlite:{path}", "storage_thread": "off"}
            with engine("Hi.", **options) as e:
                session = e.create_session("job-interview")
                for _ in range(20):
                    session.send("x" * 2000).result()
            whole = path.read_bytes()
            path.write_bytes(whole[:-24576] + b"\xee" * 24576)
            with engine("Hi.", seed=8, **options) as e:
                with self.assertRaises(scena.StorageCorruptError):
                    e.check_storage()

    def test_sessions_stay_in_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:{folder}/talks.db"
            with engine("Hi.", storage=url, storage_thread="off") as e:
                first = e.create_session("job-interview", owner="ann")
                first.send("Hello").result()
                e.backup(pathlib.Path(folder) / "copy.db")
                with self.assertRaises(scena.AlreadyExistsError):
                    e.backup(f"{folder}/copy.db")
                e.check_storage()
            with engine("Hi.", storage=url, storage_thread="off", seed=8) as e:
                self.assertEqual(e.session(first.id).messages()[-1].text, "Hi.")
                for _ in range(3):
                    e.create_session("job-interview").start().result()
                page, after = e.sessions(limit=3)
                self.assertEqual((len(page), bool(after)), (3, True))
                page, after = e.sessions(limit=3, after=after)
                self.assertEqual((len(page), after), (1, ""))
                with self.assertRaises(scena.InvalidArgumentError):
                    e.sessions(state="asleep")

    def test_presets_are_stored_seeded_and_removed(self):
        with engine("Hi.") as e:
            preset = e.preset("job-interview")
            preset["id"], preset["title"] = "mine", "Mine"
            e.put_preset(preset)
            self.assertIn("mine", [one.id for one in e.presets()])
            self.assertEqual(e.create_session("mine").start().result().title, "Mine")
            self.assertGreater(e.seed_presets(), 0)
            self.assertEqual(e.seed_presets(), 0)
            e.remove_preset("mine")
            with self.assertRaises(scena.NotFoundError):
                e.preset("mine")

    def test_a_preset_is_checked_without_an_engine_and_every_fault_is_named_at_once(self):
        faulty = {"id": 1, "characters": [{"id": "a"}]}
        faults = scena.check_preset(faulty)
        self.assertEqual(faults, scena.check_preset(json.dumps(faulty)))
        self.assertEqual([one.pointer for one in faults if one.pointer in ("/id", "/title")], ["/id", "/title"])
        for fault in faults:
            self.assertTrue(fault.message)
            self.assertIsInstance(fault.example, str)
        self.assertEqual(len(scena.check_preset("{")), 1)
        with engine("Hi.") as e:
            self.assertEqual(scena.check_preset(e.preset("job-interview")), [])

    def test_rights_of_a_principal(self):
        with engine("Hi.") as e:
            ann = e.as_principal(subject="ann")
            e.create_session("job-interview", owner="bob").start().result()
            mine = ann.create_session("job-interview", owner="ann")
            mine.start().result()
            self.assertEqual([one.id for one in ann.sessions()[0]], [mine.id])
            with self.assertRaises(scena.PermissionDeniedError):
                ann.seed_presets()
            ann.close()
            self.assertEqual(mine.info().state, "active")
            self.assertEqual([one.id for one in e.as_principal(scena.Principal("ann")).sessions()[0]], [mine.id])
            with self.assertRaisesRegex(scena.InvalidArgumentError, "^principal: .* not both"):
                e.as_principal(scena.Principal("ann"), tenant="elsewhere")

    def test_lists_are_read_to_their_last_page(self):
        with engine("Hi.") as e:
            preset = e.preset("job-interview")
            for i in range(60):
                e.put_preset({**preset, "id": f"mine-{i:02}", "category": "mine"})
            self.assertEqual((len(e.presets(category="mine", limit=0)), len(e.presets(category="mine"))), (50, 60))
            for _ in range(3):
                e.create_session("job-interview").start().result()
            whole = [e.presets(), e.session_rows()]
            core = e._core
            paged = types.SimpleNamespace(presets=lambda category, after, limit: core.presets(category, after, 7),
                                          sessions=lambda after, limit, state: core.sessions(after, 2, state))
            with unittest.mock.patch.object(e, "_core", paged):
                short = [e.presets(), e.session_rows()]
            self.assertEqual(short, whole)
            self.assertEqual([len(e.sessions(state=one)[0]) for one in ("active", "paused")], [3, 0])

    def test_money_is_exact(self):
        with engine("Fine.", prices={"*": {"input": "1", "output": "2.5"}}) as e:
            session = e.create_session("job-interview")
            result = session.send("Hello").result()
            self.assertEqual(result.cost, (decimal.Decimal(result.usage.input_tokens)
                                           + decimal.Decimal("2.5") * result.usage.output_tokens) / 1_000_000)
            (row,) = e.costs(by=["preset"])
            self.assertEqual(e.costs(by="preset"), [row])  # one key, not its letters
            self.assertEqual(e.costs(by=(key for key in ["preset"])), [row])
            for wrong in (5, None):
                with self.assertRaisesRegex(scena.InvalidArgumentError, "^by: must be a str, or a list of them, not "):
                    e.costs(by=wrong)
            self.assertEqual((row.group, row.calls, row.cost), (("job-interview",), 1, result.cost))
            e.set_prices({"*": {"input": "0", "output": "0"}})
            self.assertEqual(session.send("Again").result().cost, 0)
            e.update_policy({"cache": {"max_bytes": 1000000}})
            self.assertEqual(e.cache_figures(), {})
            health = e.service_health()["model"]
            self.assertEqual((health.breaker, health.wait, health.answered, health.failed), ("closed", 0.0, 2, 0))
            with self.assertRaises(scena.InvalidArgumentError):
                e.costs(by=["colour"])


class Models(unittest.TestCase):
    def test_one_reply_outside_of_any_session(self):
        with engine("Fine.") as e:
            done = e.complete([("user", "Hello"), ("assistant", "Hi"), ("user", "How are you?")], provider="model").result()
            self.assertEqual((done.outcome, done.text), ("complete", "Fine."))
            with self.assertRaises(scena.InvalidArgumentError):
                e.complete([("captain", "Hello")], provider="model")

    def test_embeddings_fail_where_there_are_none(self):
        with engine("Fine.") as e:
            with self.assertRaises(scena.Error):
                e.embed(["a"], provider="model").result()


class Repeating(unittest.TestCase):
    def talk(self, seed):
        with scena.Engine(clock="virtual", seed=seed) as e:
            sessions = e.run_sessions("salary-negotiation", 3, max_turns=4)
            return [session.export("jsonl") for session in sessions]

    def test_one_seed_gives_the_same_bytes(self):
        self.assertEqual(self.talk(7), self.talk(7))
        self.assertNotEqual(self.talk(7), self.talk(8))

    def test_a_batch_tells_its_progress(self):
        class Bar:
            def __init__(self, total):
                bars.append(self)
                self.total, self.done, self.closed = total, 0, False

            def update(self, by):
                self.done += by

            def close(self):
                self.closed = True

        bars = []
        with scena.Engine(clock="virtual", seed=7) as e:
            sessions = e.run_sessions("job-interview", 5, max_turns=2, at_once=2, progress=Bar)
            self.assertEqual([one.info().turns for one in sessions], [2] * 5)
        self.assertEqual([(bar.total, bar.done, bar.closed) for bar in bars], [(5, 5, True)])

    def test_counts_of_sessions_are_whole_and_in_range(self):
        with scena.Engine(clock="virtual", seed=7) as e:
            self.assertEqual(e.run_sessions("job-interview", 0), [])
            for name, given in [("at_once", 0), *((name, one) for name in ("count", "at_once") for one in (-1, 1.5, "3", None))]:
                options = {"count": 1, name: given}
                with self.subTest(name, given=given), self.assertRaisesRegex(scena.InvalidArgumentError, f"^{name}: must be "):
                    e.run_sessions("job-interview", max_turns=1, **options)
            self.assertEqual(e.sessions()[0], [])

    def test_a_batch_runs_as_many_sessions_at_once_as_it_is_told(self):
        made, seen = [], []

        class Bar:
            def __init__(self, total):
                self.close = lambda: seen.append("closed")

            def update(self, by):
                seen.append(len(made))
                if len(seen) == 6:
                    raise LookupError("no terminal")

        with scena.Engine(clock="virtual", seed=7) as e:
            create = e.create_session
            e.create_session = lambda *given, **options: made.append(create(*given, **options)) or made[-1]
            sessions = e.run_sessions("job-interview", 4, max_turns=1, at_once=2, progress=Bar)
            self.assertEqual((seen, sessions, {one.info().turns for one in sessions}), ([2, 3, 4, 4, "closed"], made, {1}))
            with self.assertRaises(LookupError):
                e.run_sessions("job-interview", 4, max_turns=1, progress=Bar)
            self.assertEqual(seen[-1], "closed")
            for wrong in (0, -1):
                with self.assertRaisesRegex(scena.InvalidArgumentError, "^at_once: must be 1 or more"):
                    e.run_sessions("job-interview", 4, at_once=wrong)

    def test_a_batch_takes_a_preset_in_every_form_and_who_plays_in_it(self):
        with scena.Engine(clock="virtual", seed=7) as e:
            preset = e.preset("job-interview")
            for given in (preset, json.dumps(preset), "\n" + json.dumps(preset)):
                self.assertEqual([one.info().turns for one in e.run_sessions(given, 1, max_turns=2)], [2])
            (session,) = e.run_sessions("job-interview", 1, max_turns=2, played_by={"candidate": "human"})
            self.assertEqual([one.is_human for one in session.info().participants], [False, True])
            for faulty, pointer in ((dict(preset, characters=5), "/characters"), ({"id": "x", "title": "X"}, "/characters"),
                                    (json.dumps({"id": "x", "characters": [{"id": "a"}]}), "/title"), ("{", ""), (5, "")):
                with self.subTest(faulty), self.assertRaisesRegex(scena.InvalidArgumentError, "^preset: ") as caught:
                    e.run_sessions(faulty, 1)
                self.assertEqual(caught.exception.pointer, pointer)
            with self.assertRaises(scena.NotFoundError):
                e.run_sessions("no-such-preset", 1)

    def test_virtual_days_pass_at_once(self):
        with engine("Fine.") as e:
            before = e.now
            e.advance(86_400)
            self.assertEqual((e.now - before).total_seconds(), 86_400)
            with self.assertRaises(scena.WrongStateError), engine("x", clock="real") as real:
                real.advance(1)

    def test_a_step_in_seconds_is_exact(self):
        with engine("Fine.") as e:
            for milliseconds in range(1, 2_000):
                before = e.now
                e.advance(milliseconds / 1000)
                self.assertEqual(round((e.now - before).total_seconds() * 1e6), milliseconds * 1000)

    def test_a_deadline_below_a_millisecond_is_one(self):
        with scena.Engine(clock="virtual", seed=7) as e:
            result = e.create_session("job-interview").send("Hello.", deadline=0.0004).result()
            self.assertIsInstance(result.error, scena.TimeoutError)


class Processes(unittest.TestCase):
    def test_only_one_name_is_exported(self):
        (module,) = pathlib.Path(scena.__file__).parent.glob("_core*.so")
        names = subprocess.run(["nm", "-D", "--defined-only", module], capture_output=True, text=True, check=True).stdout
        self.assertEqual([line.split()[-1] for line in names.splitlines()], ["PyInit__core"])

    def test_tls_is_the_libraries_own(self):
        (module,) = pathlib.Path(scena.__file__).parent.glob("_core*.so")
        needed = subprocess.run(["ldd", module], capture_output=True, text=True, check=True).stdout
        self.assertNotIn("libssl", needed)
        self.assertNotIn("libsqlite3", needed)
        with engine("x") as e:
            self.assertTrue(e.capabilities()["https"])

    def test_a_process_ends_well_with_everything_open(self):
        code = """
import scena
class Slow:
    async def reply(self, request):
        import asyncio
        await asyncio.Event().wait()
engines = [scena.Engine(threads=2, log=print, providers={"own": Slow()}, provider="own"), scena.Engine()]
sessions = [e.create_session("job-interview") for e in engines]
turns = [s.send("Hello") for s in sessions]
views = [s.events() for s in sessions]
for turn in turns:
    turn.wait_accepted()
"""
        for _ in range(5):
            done = python(code)
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_ctrl_c_ends_a_wait(self):
        code = """
import os, signal, threading, scena
e = scena.Engine(provider="slow", providers={"slow": {"url": "script:", "options": {"delay_ms": 60000, "replies": ["x"]}}})
turn = e.create_session("job-interview").send("Hello")
turn.wait_accepted()
for wait in turn.result, e.run_until_idle, lambda: list(turn):
    threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    try:
        wait()
    except KeyboardInterrupt:
        print("interrupted")
assert not turn.done()
"""
        for threads in 0, 1:
            done = python(code.replace("Engine(", f"Engine(threads={threads}, "))
            self.assertEqual((done.stdout, done.returncode), ("interrupted\n" * 3, 0), done.stderr)

    def test_an_engine_that_nobody_closed_is_closed_when_it_is_collected(self):
        def threads():
            return len(os.listdir("/proc/self/task"))

        before = threads()
        with tempfile.TemporaryDirectory() as folder:
            e = scena.Engine(threads=2, storage=f"sqlite:{folder}/talks.db")
            session = e.create_session("job-interview")
            session.start().result()
            self.assertGreater(threads(), before)
            seen = weakref.ref(e)
            del e, session
            gc.collect()
            self.assertIsNone(seen())
            self.assertEqual(threads(), before)

    def test_the_thread_of_its_coroutines_ends_with_it(self):
        class Own:
            async def reply(self, request):
                threads.append(threading.current_thread())
                return "Fine."

        for clock in ("real", "virtual"):
            threads = []
            e = engine(clock=clock, providers={"own": Own()}, provider="own")
            self.assertEqual(e.create_session("job-interview").send("Hello").result().text, "Fine.")
            self.assertIsNot(threads[0], threading.current_thread())
            del e
            gc.collect()
            threads[0].join(30)
            self.assertFalse(threads[0].is_alive())

    def test_threads_of_an_engine_need_the_real_clock(self):
        with self.assertRaises(scena.InvalidArgumentError) as caught:
            scena.Engine(threads=2, clock="virtual")
        self.assertEqual(caught.exception.pointer, "/threads")

    def test_an_engine_that_is_not_idle_in_time_goes_on(self):
        with scena.Engine(clock="virtual", seed=7) as e:
            turn = e.create_session("job-interview").send("Hello.")
            with self.assertRaises(scena.TimeoutError):
                e.run_until_idle(timeout=0.01)
            self.assertFalse(turn.done())
            e.run_until_idle(timeout=60)
            self.assertTrue(turn.done())

    def test_a_forked_child_may_not_use_the_parents_engine(self):
        code = """
import os, scena
e = scena.Engine()
child = os.fork()
if child == 0:
    try:
        e.create_session("job-interview")
    except scena.WrongStateError:
        os._exit(7)
    os._exit(1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
        done = python(code)
        self.assertEqual(done.stdout, "7\n", done.stderr)

    def test_nothing_is_awaited_in_a_forked_child(self):
        code = """
import asyncio, os, signal, sys, scena
e = scena.Engine(providers={"slow": {"url": "script:", "options": {"delay_ms": 60000, "replies": ["x"]}}}, provider="slow")
session = e.create_session("job-interview")
turn, pending, events = session.send("Hello"), session.pause(), session.events(after="live")
turn.wait_accepted()
async def wait(given):
    await given
async def read(given):
    async for _ in given:
        pass
for work, given in (wait, turn), (wait, pending), (read, turn), (read, events):
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        try:
            asyncio.run(work(given))
        except scena.WrongStateError:
            os._exit(7)
        os._exit(1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
        done = python(code)
        self.assertEqual(done.stdout, "7\n" * 4, done.stderr)

    def test_other_interpreters_of_the_process_are_refused(self):
        code = """
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
def in_another():
    text = "try:\\n import scena\\n print('imported', flush=True)\\nexcept ImportError as e: print('interpreter' in str(e), flush=True)"
    interpreters.run_string(interpreters.create(), f"import sys; sys.path[:] = {sys.path!r}\\n{text}")
in_another()
import scena
def reply():
    with scena.Engine() as engine:
        print(engine.create_session("job-interview").send("Hello").result().outcome, flush=True)
reply()
in_another()
reply()
"""
        done = python(code)
        self.assertEqual(done.stdout, "True\ncomplete\nTrue\ncomplete\n", done.stderr)

    def test_ten_thousand_sessions_leave_no_memory(self):
        code = """
import gc, os, scena
def held():
    gc.collect()
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGESIZE")
def talk(count):
    for _ in range(count // 100):
        with scena.Engine(clock="virtual", seed=7, live_metrics=False) as e:
            for _ in range(100):
                list(e.create_session("job-interview").send("Hello"))
talk(1000)
before = held()
talk(10000)
print(held() - before)
"""
        done = python(code)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLess(int(done.stdout), 8 << 20)


if __name__ == "__main__":
    unittest.main()

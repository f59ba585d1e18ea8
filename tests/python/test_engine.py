"""Engines over Python: configuration, errors, and models that are asked outside of sessions."""
import copy
import datetime
import decimal
import gc
import inspect
import json
import os
import pathlib
import pickle
import tempfile
import unittest

import scena
from scena import _errors
from support import engine, python


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


if __name__ == "__main__":
    unittest.main()

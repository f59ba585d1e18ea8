"""What a host brings to an engine, whatever it is: what is refused, logs and secrets, and calls inside of calls."""
import datetime
import logging
import threading
import unittest

import scena
from scena import _extensions, _lent
from support import Raised, engine, reply_of


class Texts(unittest.TestCase):
    def test_a_nul_of_the_hosts_stays_in_no_log(self):
        class Judge(scena.Filter):
            def check_output(self, context, text):
                return text.replace("e", "f\0")

            def check_input(self, context, text):
                return scena.Block("no\0pe") if text == "Bye" else text + "\0"

        class Model:
            def reply(self, request):
                if request.messages[-1].role != "tool":
                    return [scena.ToolCall("look", {}), "a\0", scena.Reasoning("b\0")]
                return request.messages[-1].text

        class Questions(scena.Analyzer):
            name = "questions"

            def measure(self, message, history):
                return scena.Score("questions", 1.0, 1.0, "c\0", (scena.Evidence("m1", 0, 0, "d\0"),))

        look = scena.tool(name="look", everywhere=True)(lambda: "e\0")
        with engine(providers={"own": Model()}, provider="own", tools=[look], filter=Judge(), analyzers=[Questions()]) as e:
            session = e.create_session("job-interview")
            result = session.send("Hello").result()
            self.assertEqual((result.outcome, result.text), ("complete", "a\ufffd\n\nf\ufffd\ufffd"))
            self.assertEqual(session.messages()[-2].text, "Hello\ufffd")
            with self.assertRaises(scena.Error) as raised:
                session.send("Bye").result()
            self.assertIn("(no\ufffdpe)", str(raised.exception))
            self.assertNotIn("\\u0000", session.export("jsonl"))
            self.assertEqual(session.messages()[-1].score("questions").label, "c\ufffd")
            with scena.Engine() as other:
                self.assertEqual(other.import_session(session.export()).messages()[-1].text, result.text)


class Analyzing:
    name = "mine"

    def measure(self, message, history):
        return 1.0


class Nameless:
    def measure(self, message, history):
        return 1.0


class Unnamed(scena.Analyzer):
    def measure(self, message, history):
        return 1.0


class Parts(unittest.TestCase):
    def test_what_cannot_be_a_part_of_an_engine_is_refused_by_its_name(self):
        for name, given in [
            ("tools", [5]), ("tools", "look"), ("tool_approval", "yes"), ("analyzers", [5]), ("analyzers", [Analyzing]),
            ("filter", 5), ("filter", scena.Filter), ("log", 5), ("secrets", 5), ("job_handlers", {"a": 5}),
            ("event_sinks", {"a": 5}), ("embedders", {"a": 5}), ("token_counters", {"a": 5}), ("provider.*x", {"x": scena.Provider}),
            ("log", logging.Logger), ("tools", [Analyzing]), ("tool_approval", Analyzing), ("secrets", Analyzing),
            ("filter", 0), ("tool_approval", 0), ("secrets", ""), ("tools", 0), ("analyzers", 5), ("job_handlers", [len]),
            ("event_sinks", [len]), ("embedders", 5), ("token_counters", 5), ("providers", 5), ("job_handlers", {"a": scena.JobHandler(5)}),
            ("event_sinks", {"a": scena.EventSink(Analyzing)}), ("analyzers", [Nameless()]), ("analyzers", [Unnamed()]),
        ]:
            with self.subTest(name, given=given), self.assertRaisesRegex(scena.InvalidArgumentError, name):
                scena.Engine(**{"providers" if name.startswith("provider") else name: given}).close()
        scena.Engine(analyzers=[Analyzing()], log=logging.getLogger("scena"), secrets={}, filter=scena.Filter()).close()

    def test_a_class_without_the_method_that_its_base_leaves_to_it_is_refused(self):
        class Mistyped(scena.Analyzer):
            name = "mistyped"

            def mesure(self, message, history):
                return 1.0

        class Silent(scena.Provider):
            pass

        class Open(scena.Filter):
            def check_ouput(self, context, text):
                return None

        class Blind(scena.Embedder):
            pass

        plan = {"presets": ["salary-negotiation"], "max_turns": 1}
        for make in (scena.Engine, lambda **options: scena.run_batch(plan, **options)):
            for name, given, words in [
                ("analyzers", [Mistyped()], r"class Mistyped has no measure\(\)"), ("providers", {"x": Silent()}, r"class Silent has no reply\(\)"),
                ("providers", {"x": scena.Provider()}, "class Provider has no reply"), ("embedders", {"x": Blind()}, r"class Blind has no embed\(\)"),
                ("filter", Open(), r"class Open has no check_input\(\) or check_output\(\)"),
            ]:
                with self.subTest(words), self.assertRaisesRegex(TypeError, f"{name}.*{words}"):
                    make(**{name: given})
        silent = Silent()
        silent.reply = lambda request: "Hello"  # its own, too
        self.assertEqual(reply_of(silent).text, "Hello")

    def test_secrets_of_a_wrong_kind_are_told_both_kinds_that_are_right(self):
        with self.assertRaisesRegex(scena.InvalidArgumentError, "secrets: a mapping such as os.environ, or a function of the name, is needed, not str") as raised:
            scena.Engine(secrets="sk-abcd")
        self.assertNotIn("sk-", str(raised.exception))

    def test_a_text_is_no_list_of_names(self):
        with engine("Fine.") as e:
            session = e.create_session("job-interview")
            with self.assertRaisesRegex(scena.InvalidArgumentError, "audience"):
                session.send("Hello", audience="interviewer")
            with self.assertRaisesRegex(scena.InvalidArgumentError, "texts"):
                e.embed("Hello", provider="model")


class LogsAndSecrets(Raised):
    def test_lines_come_to_a_function_or_a_logger(self):
        lines = []
        with engine("Fine.", log=lines.append, log_level="debug") as e:
            e.create_session("job-interview").send("Hello").result()
        self.assertTrue(lines)
        self.assertIn(lines[0].level, ("debug", "info"))
        began = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)  # of the virtual clock
        self.assertTrue(all(began <= line.time < began + datetime.timedelta(1) for line in lines))
        levels = []
        logger = logging.getLogger("finest")
        logger.setLevel(1)
        logger.addFilter(lambda record: levels.append(record.levelno))
        with engine("Fine.", log=logger, log_level="trace") as e:
            e.create_session("job-interview").send("Hello").result()
        self.assertLessEqual(set(levels), {logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR})
        _extensions._log_function(_lent.Lent(logger), False)(0, 0, "net", "read", {})
        self.assertEqual(levels[-1], 5)  # below DEBUG, which has no name in Python, and above NOTSET
        with self.assertLogs("own", "DEBUG") as logs:
            with engine("Fine.", log=logging.getLogger("own"), log_level="debug") as e:
                e.create_session("job-interview").send("Hello").result()
        written = {(record.levelname.lower(), record.getMessage()) for record in logs.records}
        for line in lines:
            words = " ".join([f"{line.module}: {line.message}", *(f"{name}={value}" for name, value in line.fields.items())])
            self.assertIn((line.level, words), written)

    def test_keys_are_asked_for_by_name(self):
        asked = []

        def secret(name):
            asked.append(name)

        with scena.Engine(provider="openai:gpt-4o", secrets=secret) as e:
            with self.assertRaises(scena.UnauthenticatedError):
                e.complete("Hello", provider="openai:gpt-4o").result()
        self.assertIn("OPENAI_API_KEY", asked)


class Callbacks(Raised):
    def test_a_blocking_call_inside_a_callback_is_refused(self):
        failures = []

        class Curious:
            def reply(self, request):
                try:
                    other.send("Hello").result()
                except scena.Error as error:
                    failures.append(error)
                return "Fine."

        with engine(providers={"own": Curious()}, provider="own") as e:
            other = e.create_session("job-interview")
            self.assertEqual(e.create_session("job-interview").send("Hello").result().text, "Fine.")
        self.assertTrue(failures and isinstance(failures[0], scena.WrongStateError))
        self.assertNotIn("then()", str(failures[0]))  # which Python has not

    def test_python_threads_and_engine_threads_together(self):
        class Echo:
            def reply(self, request):
                yield request.messages[-1].text

        with engine(providers={"own": Echo()}, provider="own", clock="real", threads=2) as e:
            wrong = []

            def talk(number):
                session = e.create_session("job-interview")
                for i in range(20):
                    text = f"{number}-{i}"
                    if "".join(session.send(text)) != text:
                        wrong.append(text)

            threads = [threading.Thread(target=talk, args=(number,)) for number in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()

"""Providers, tools, analyzers, filters, log sinks and secrets written in Python."""
import asyncio
import datetime
import json
import logging
import sys
import threading
import types
import unittest
from typing import Optional

import scena
from scena import _extensions, _lent
from support import engine

ASKS = {"match": "weather", "text": "Let me look.", "tools": [{"name": "weather", "arguments": {"city": "Oslo"}}]}
TELLS = {"after": "weather", "text": "It has %result%."}


def reply_of(provider, text="Hello", **options):
    with engine(providers={"own": provider}, provider="own", max_retries=0, **options) as e:
        session = e.create_session("job-interview")
        return session.send(text).result()


def answer_with(*tools, **options):
    with engine(ASKS, TELLS, tools=tools, **options) as e:
        session = e.create_session("job-interview")
        text = session.send("How is the weather?").result().text
        uses = [use for message in session.messages() for use in message.tools]
        return text, uses


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


class Raised(unittest.TestCase):
    """Takes what callbacks raise: it comes to sys.unraisablehook."""

    def setUp(self):
        self.raised = []
        hook, sys.unraisablehook = sys.unraisablehook, lambda args: self.raised.append(args.exc_type)
        self.addCleanup(setattr, sys, "unraisablehook", hook)


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


class Providers(Raised):
    def test_a_text_a_generator_and_coroutines_are_replies(self):
        class Text:
            def reply(self, request):
                return "You said " + request.messages[-1].text

        class Pieces:
            def reply(self, request):
                yield scena.Reasoning("I think")
                yield from ["One ", "two."]
                yield scena.Counted(input_tokens=5, output_tokens=2)

        class Later:
            async def reply(self, request):
                return "Later."

        class LaterPieces:
            async def reply(self, request):
                yield "One "
                yield "two."

        self.assertEqual(reply_of(Text()).text, "You said Hello")
        counted = reply_of(Pieces())
        self.assertEqual((counted.text, counted.usage.input_tokens, counted.usage.output_tokens), ("One two.", 5, 2))
        self.assertEqual(reply_of(Later()).text, "Later.")
        self.assertEqual(reply_of(LaterPieces()).text, "One two.")
        self.assertEqual(reply_of(LaterPieces(), clock="real").text, "One two.")
        self.assertEqual(reply_of(LaterPieces(), clock="real", threads=2).text, "One two.")

    def test_the_request_tells_who_asks(self):
        seen = []

        class Watching:
            def reply(self, request):
                seen.append(request)
                return "Fine."

        reply_of(Watching())
        (request,) = seen
        self.assertEqual(request.messages[-1].role, "user")
        self.assertIn("Dana Whitfield", request.system)
        self.assertEqual((request.character, request.reply, request.attempt), ("interviewer", 1, 0))

    def test_a_request_tells_the_session_its_seed_and_each_try(self):
        seen = []

        class Failing:
            def reply(self, request):
                seen.append((request.session, request.seed, request.model, request.reply, request.attempt))
                if len(seen) == 1:
                    raise scena.OverloadedError("busy")
                return "Fine."

        with engine(providers={"own": Failing()}, provider="own", model="m", max_retries=1) as e:
            session = e.create_session("job-interview", seed=5)
            session.send("Hello").result()
            session.send("Hello").result()
        (_, seed, *_), *_ = seen
        self.assertGreater(seed, 0)
        self.assertEqual(seen, [(session.id, seed, "m", *tries) for tries in ((1, 0), (1, 1), (2, 0))])

    def test_an_asynchronous_generator_that_is_cut_is_closed_before_its_reply_ends(self):
        ended, kept = [], []

        class Endless:
            def reply(self, request):
                kept.append(self.pieces())  # the garbage collector has nothing to do with it
                return kept[-1]

            async def pieces(self):
                try:
                    while True:
                        yield piece
                finally:
                    ended.append("closed")

        own, limits = Endless(), {"answer_bytes": 4096}
        for piece, kind in (("word ", scena.TooLargeError), (2, scena.ProviderError)):
            for options in ({}, {"clock": "real"}):
                with engine(providers={"own": own}, provider="own", limits=limits, max_retries=0, **options) as e:
                    self.assertIsInstance(e.create_session("job-interview").send("Hello").result().error, kind)
                self.assertEqual(ended, ["closed"])
                del ended[:]

    def test_a_coroutine_may_give_its_pieces_in_a_list(self):
        class Later:
            async def reply(self, request):
                return ["One ", scena.Counted(output_tokens=7), "two."]

        class Odd:
            async def reply(self, request):
                return ["One ", 2]

        result = reply_of(Later())
        self.assertEqual((result.text, result.usage.output_tokens), ("One two.", 7))
        odd = reply_of(Odd())
        self.assertEqual((odd.text, type(odd.error)), ("One ", scena.ProviderError))
        self.assertIn("a str, ToolCall, Reasoning or Counted, not int", str(odd.error))

    def test_what_a_provider_raises_ends_the_reply(self):
        class Broken:
            def reply(self, request):
                yield "One"
                raise ValueError("no such thing")

        class Refusing:
            def reply(self, request):
                raise scena.QuotaExhaustedError("nothing left")

        class Wrong:
            def reply(self, request):
                return 42

        cut = reply_of(Broken())
        self.assertEqual((cut.outcome, cut.text), ("truncated", "One"))
        self.assertIsInstance(cut.error, scena.ProviderError)
        self.assertIn("ValueError: no such thing", str(cut.error))
        self.assertIsInstance(reply_of(Refusing()).error, scena.QuotaExhaustedError)
        self.assertIsInstance(reply_of(Wrong()).error, scena.ProviderError)

    def test_how_long_a_provider_asks_to_wait_is_told(self):
        for given, told in ((7, 7.0), (0.25, 0.25), (None, None), ("soon", None), (-1, None), (float("nan"), None)):
            async def later(request):
                raise scena.RateLimitedError("too fast", retry_after=given)

            def now(request):
                raise scena.RateLimitedError("too fast", retry_after=given)

            for reply in now, later:
                with self.subTest(reply.__name__, given=given):
                    error = reply_of(types.SimpleNamespace(reply=reply)).error
                    self.assertEqual((type(error), error.retry_after), (scena.RateLimitedError, told))

    def test_a_piece_that_is_none_is_named(self):
        for piece, words in ((scena.Counted(1.5), "Counted.input_tokens: must be an int, not 1.5"),
                             (scena.Counted(output_tokens="a"), "Counted.output_tokens: must be an int, not 'a'"),
                             (scena.Counted(2**70), f"Counted.input_tokens: must be .*, not {2**70}"),
                             ("\ud800", "a piece of text: character 0 is half a surrogate pair"),
                             (scena.Reasoning("a\ud800"), "a piece of reasoning: character 1 is half"),
                             (scena.ToolCall(5, {}), "must be a str, not int"), (7, "a piece of a reply is a str, ")):
            with self.subTest(repr(piece)):
                error = reply_of(types.SimpleNamespace(reply=lambda request: [piece])).error
                self.assertIs(type(error), scena.ProviderError)
                self.assertRegex(str(error), words)

    def test_an_exception_that_cannot_be_told_ends_the_reply_too(self):
        class Silent(Exception):
            def __str__(self):
                raise KeyError("no words")

        odd_code = type("OddCode", (scena.Error,), {"code": "no code"})
        for raised, of, words in ((Silent(), scena.ProviderError, "Silent"),
                                  (scena.QuotaExhaustedError("half \ud83c"), scena.QuotaExhaustedError, "half ?"),
                                  (odd_code("odd"), scena.ProviderError, "odd"),
                                  (ValueError("half \ud83c"), scena.ProviderError, "half ?")):

            class Now:
                def reply(self, request):
                    raise raised

            class Later:
                async def reply(self, request):
                    raise raised

            for model in (Now(), Later()):
                with self.subTest(repr(raised.args), model=type(model).__name__):
                    error = reply_of(model, coroutine_timeout=30).error
                    self.assertIs(type(error), of)
                    self.assertIn(words, str(error))

    def test_a_reply_that_is_cancelled_on_its_way_is_not_complete(self):
        def generator(cancel):
            yield "One"
            cancel()
            yield "two"

        async def asynchronous(cancel):
            yield "One"
            cancel()
            yield "two"

        def text(cancel):
            cancel()
            return "One two"

        for reply, kept in ((generator, "One"), (asynchronous, "One"), (text, "")):
            turns = []
            own = types.SimpleNamespace(reply=lambda request: reply(lambda: turns[0].cancel()))
            with self.subTest(reply.__name__), scena.Engine(provider="own", providers={"own": own}) as e:
                turns.append(e.create_session("job-interview").send("Hello"))
                result = turns[0].result()
                self.assertEqual((result.outcome, result.text), ("cancelled", kept))

    def test_a_provider_can_ask_for_tools(self):
        class Asking:
            def reply(self, request):
                if request.messages[-1].role == "tool":
                    return "It is " + request.messages[-1].text
                return [scena.ToolCall("clock", {})]

        @scena.tool(everywhere=True)
        def clock():
            return "12:30"

        with engine(providers={"own": Asking()}, provider="own", tools=[clock]) as e:
            self.assertEqual(e.create_session("job-interview").send("Time?").result().text, "It is 12:30")

    def test_only_objects_with_reply_are_providers(self):
        with self.assertRaises(scena.InvalidArgumentError) as caught:
            scena.Engine(providers={"own": object()})
        self.assertEqual(caught.exception.pointer, "/providers/own")


class Tools(Raised):
    def test_a_tool_gets_its_arguments_and_its_request(self):
        seen = []

        @scena.tool(everywhere=True)
        def weather(city: str, request: scena.ToolRequest):
            seen.append((city, request.character))
            return {"degrees": 18}

        text, uses = answer_with(weather)
        self.assertIn('{"degrees": 18}', text)
        self.assertEqual(seen, [("Oslo", "interviewer")])
        self.assertEqual((uses[0].name, uses[0].failed), ("weather", False))

    def test_the_schema_comes_from_the_annotations(self):
        @scena.tool
        def book(city: str, nights: int = 1, tags: "list[str]" = ()):
            "Books a room."

        self.assertEqual(book.description, "Books a room.")
        self.assertEqual(book.parameters, '{"type": "object", "properties": {"city": {"type": "string"}, "nights": '
                         '{"type": "integer"}, "tags": {"type": "array"}}, "required": ["city"]}')
        with self.assertRaises(TypeError):
            scena.tool(lambda *many: 0)

    def test_a_union_lets_each_of_its_types_through(self):
        class Place:
            pass

        @scena.tool
        def find(tags: "list[str] | None", sizes: "dict[str, int] | str", near: "Place | list[str]", first: Optional[int],
                 both: "Union[int, str]", limit: int = None, anything: "Any" = 1, at: Place = 2):
            pass

        @scena.tool
        def unknown(place: "Nowhere", tags: "list[str] | None", sizes: "Optional[dict[str, int]]", names: "typing.List[str]"):
            pass

        types = {name: one.get("type") for name, one in json.loads(find.parameters)["properties"].items()}
        self.assertEqual(types, {"tags": ["array", "null"], "sizes": ["object", "string"], "near": None, "first": ["integer", "null"],
                                 "both": ["integer", "string"], "limit": ["integer", "null"], "anything": None, "at": None})
        types = {name: one.get("type") for name, one in json.loads(unknown.parameters)["properties"].items()}
        self.assertEqual(types, {"place": None, "tags": ["array", "null"], "sizes": ["object", "null"], "names": "array"})

    def test_a_whole_number_comes_as_an_int_where_one_is_asked_for(self):
        seen = []

        @scena.tool(everywhere=True)
        def weather(city: str, days: int, hours: "int | None", degrees: float, rest: "int | float", plain=None):
            seen.append([days, hours, degrees, rest, plain])
            return "18"

        given = {"city": "Oslo", "days": 1.0, "hours": 2.0, "degrees": 3.0, "rest": 4.0, "plain": 5.0}
        asks = {**ASKS, "tools": [{"name": "weather", "arguments": given}]}
        with engine(asks, TELLS, tools=[weather]) as e:
            e.create_session("job-interview").send("How is the weather?").result()
        self.assertEqual([[type(one) for one in call] for call in seen], [[int, int, float, float, float]])

    def test_what_is_given_goes_before_what_is_read_off_a_function(self):
        def look(where: "str", hard: bool = True, request=None):
            "Looks."
            return where

        read, given = scena.tool(look), scena.tool(name="see", description="", parameters={}, max_result_bytes=9, idempotent=True)(look)
        self.assertEqual((read.name, read.description, read("there")), ("look", "Looks.", "there"))
        self.assertEqual(read.parameters, '{"type": "object", "properties": {"where": {"type": "string"}, "hard": {"type": "boolean"}}, '
                         '"required": ["where"]}')
        self.assertEqual((given.name, given.description, given.parameters, given.max_result_bytes, given.idempotent), ("see", "", "", 9, True))
        self.assertEqual(scena.tool(lambda request: "").parameters, "")
        self.assertEqual((read.time_limit, read.cache_for, read.max_result_bytes, read.max_result_tokens, read.idempotent,
                          read.needs_approval, read.everywhere), (None, None, 64 << 10, 16_000, False, False, False))

    def test_a_tool_is_called_as_its_options_say(self):
        called = []

        def made(function=lambda city: called.append(city) or "18 degrees", **options):
            return scena.tool(name="weather", everywhere=True, **options)(function)

        async def never(city):
            await asyncio.Event().wait()

        self.assertIn("18 degrees", answer_with(made())[0])
        for options in ({"max_result_bytes": 3}, {"max_result_tokens": 1}):
            text, (use,) = answer_with(made(**options))
            self.assertTrue(use.failed, options)
            self.assertIn("larger than it may be", text)
        self.assertTrue(answer_with(made(never, time_limit=0.02), clock="real")[1][0].failed)
        del called[:]
        for cached in (None, 60):
            with engine(ASKS, TELLS, ASKS, TELLS, tools=[made(cache_for=cached)]) as e:
                session = e.create_session("job-interview")
                for _ in range(2):
                    session.send("How is the weather?").result()
                uses = [use.cached for message in session.messages() for use in message.tools]
            self.assertEqual((uses, len(called)), (([False, False], 2) if cached is None else ([False, True], 3)))

    def test_an_approval_is_true_itself(self):
        weather = scena.tool(name="weather", everywhere=True, needs_approval=True)(lambda city: "18 degrees")

        async def raises(request):
            raise LookupError("no desk")

        for given in (1, "", [True], None, False):
            self.assertTrue(answer_with(weather, tool_approval=lambda request: given)[1][0].failed, given)
        for options in ({}, {"clock": "real"}):
            self.assertIn("LookupError: no desk", answer_with(weather, tool_approval=raises, **options)[0])

    def test_arguments_that_break_the_schema_never_reach_the_tool(self):
        called = []

        @scena.tool(everywhere=True)
        def weather(town: str):
            called.append(town)

        text, uses = answer_with(weather)
        self.assertEqual((called, uses[0].failed), ([], True))

    def test_what_a_tool_raises_is_told_to_the_model(self):
        @scena.tool(everywhere=True)
        def weather(city):
            raise LookupError("no station there")

        text, uses = answer_with(weather)
        self.assertIn("no station there", text)
        self.assertTrue(uses[0].failed)
        self.assertEqual(self.raised, [])

    def test_a_tool_can_be_a_coroutine(self):
        @scena.tool(everywhere=True)
        async def weather(city):
            return "18 degrees"

        for options in ({}, {"clock": "real"}, {"clock": "real", "threads": 2}):
            text, uses = answer_with(weather, **options)
            self.assertIn("It has 18 degrees.", text)

    def test_approval_lets_through_or_refuses_with_a_reason(self):
        @scena.tool(everywhere=True, needs_approval=True)
        def weather(city):
            return "18 degrees"

        async def later(request):
            return request.arguments["city"] == "Oslo"

        def broken(request):
            raise ValueError("no")

        self.assertIn("18 degrees", answer_with(weather, tool_approval=lambda request: True)[0])
        self.assertIn("18 degrees", answer_with(weather, tool_approval=later)[0])
        self.assertIn("not today", answer_with(weather, tool_approval=lambda request: "not today")[0])
        self.assertNotIn("18 degrees", answer_with(weather, tool_approval=broken)[0])
        self.assertEqual(self.raised, [ValueError])


class Analyzers(Raised):
    def test_scores_stand_beside_the_built_in_ones(self):
        class Repeats(scena.Analyzer):
            name = "repeats"

            def measure(self, message, history):
                earlier = {word for said in history if said.speaker == message.speaker for word in said.text.split()}
                again = [word for word in message.text.split() if word in earlier]
                at = message.text.encode().find(again[0].encode()) if again else 0
                span = scena.Evidence(message.id, at, at + len(again[0].encode()), "repeated") if again else None
                return scena.Score("repeats", len(again), 0.5, "some" if again else "", (span,) if span else ())

        with engine("Fine.", analyzers=[Repeats()]) as e:
            session = e.create_session("job-interview")
            session.send("über alles").result()
            session.send("Now über more").result()
            score = [one.score("repeats") for one in session.messages() if one.from_human][1]
            self.assertEqual((score.value, score.confidence, score.label), (1.0, 0.5, "some"))
            self.assertEqual((score.evidence[0].begin, score.evidence[0].end), (4, 9))
            session.undo().result()
            session.send("Now über more").result()
            self.assertEqual([one.score("repeats") for one in session.messages() if one.from_human][1].value, 1.0)

    def test_a_coroutine_can_measure_and_what_raises_gives_no_score(self):
        class Later(scena.Analyzer):
            name = "later"

            async def measure(self, message, history):
                return len(history)

        class Broken(scena.Analyzer):
            name = "broken"

            def measure(self, message, history):
                raise ValueError("no")

        with engine("Fine.", analyzers=[Later(), Broken()]) as e:
            session = e.create_session("job-interview")
            self.assertEqual(session.send("Hello").result().outcome, "complete")
            self.assertIsNotNone(session.messages()[-1].score("later"))
            self.assertIsNone(session.messages()[-1].score("broken"))
        self.assertEqual(set(self.raised), {ValueError})


    def test_an_analyzer_sees_the_line_as_it_is_chosen(self):
        seen = []

        class Watching(scena.Analyzer):
            name = "seen"

            def measure(self, message, history):
                self.last = message
                seen.append(("".join(said.text[0] for said in history), message.text[0]))

        own = Watching()
        with engine("A.", "B.", "C.", "D.", "E.", analyzers=[own], live_metrics=False) as e:
            session = e.create_session("job-interview")
            session.send("1").result()
            session.regenerate().result()
            self.assertEqual(seen, [("", "G"), ("G", "1"), ("G1", "A"), ("G1", "B")])
            self.assertEqual((own.last.id, own.last.speaker, own.last.from_human), (session.messages()[-1].id, "interviewer", False))
            self.assertLess(abs(own.last.time - session.messages()[-1].time), datetime.timedelta(seconds=1))
            session.edit(session.messages()[1].id, "2").result()
            self.assertEqual([history for history, _ in seen[4:]], ["G", "G2"])
            e.advance(30)
            del seen[:]
            session.send("3", reply=False).result()
            self.assertEqual(len(seen[0][0]), 3)
            self.assertEqual(own.last.latency, 30)

    def test_one_analyzer_may_give_several_scores_and_whole_numbers(self):
        class Pair(scena.Analyzer):
            name = "pair"

            def measure(self, message, history):
                return (scena.Score(name, value, 0.5) for name, value in (("first", 1), ("second", True)))

        with engine("Fine.", analyzers=[Pair()]) as e:
            session = e.create_session("job-interview")
            session.send("Hello").result()
            found = {one.metric: (one.value, one.confidence) for one in session.messages()[-1].metrics}
            self.assertEqual((found["first"], found["second"]), ((1.0, 0.5), (1.0, 0.5)))

    def test_the_name_of_a_built_in_metric_is_taken(self):
        class Own(scena.Analyzer):
            name = "sentiment"

            def measure(self, message, history):
                return 1.0

        with self.assertRaisesRegex(scena.InvalidArgumentError, 'analyzers: "sentiment" is a built-in metric'):
            scena.Engine(analyzers=[Own()])


class Filters(Raised):
    def talk(self, own, text="Hello", **options):
        with engine("Your reimbursement is on its way.", filter=own, **options) as e:
            session = e.create_session("job-interview")
            turn = session.send(text)
            return "".join(turn), turn.result()

    def test_output_is_rewritten_also_where_a_word_was_cut(self):
        class House(scena.Filter):
            hold_back = len("reimbursement")

            def check_output(self, context, text):
                return text.replace("reimbursement", "refund") if "reimbursement" in text else None

        streamed, result = self.talk(House())
        self.assertEqual((streamed, result.text), ("Your refund is on its way.",) * 2)

    def test_a_filter_is_told_whose_text_it_is_and_when_it_ends(self):
        seen = []

        class Watching(scena.Filter):
            hold_back = 4

            def check_input(self, context, text):
                seen.append((context, text))

            def check_output(self, context, text):
                seen.append((context, text))

        with engine("Fine, thank you.", filter=Watching()) as e:
            session = e.create_session("job-interview")
            session.send("Hello").result()
            (asked, _), *told = seen
            self.assertEqual(asked, scena.FilterContext(session.id, "candidate", True))
            self.assertEqual({(one.session, one.speaker) for one, _ in told}, {(session.id, "interviewer")})
            self.assertEqual([one.is_final for one, _ in told], [False] * (len(told) - 1) + [True])
            self.assertTrue(told[-1][1].endswith("you."))

        class Plain:
            check_input = check_output = Watching.check_output

        del seen[:]
        with engine("Fine, thank you.", filter=Plain()) as e:
            e.create_session("job-interview").send("Hello").result()
            self.assertEqual([text for _, text in seen[1:]], ["Fine", ",", " thank", " you", "."])  # each word but once: nothing is held back

    def test_a_coroutine_of_a_filter_that_raises_blocks_and_says_what(self):
        class Broken(scena.Filter):
            async def check_input(self, context, text):
                raise LookupError("the message's text")

        for options in ({}, {"clock": "real"}):
            with self.assertRaisesRegex(scena.ContentFilteredError, "LookupError") as caught:
                self.talk(Broken(), **options)
            self.assertNotIn("text", str(caught.exception))

    def test_coroutines_decide_and_failures_block(self):
        class Later(scena.Filter):
            async def check_input(self, context, text):
                return scena.Block("not that") if "secret" in text else None

        class Broken(scena.Filter):
            def check_input(self, context, text):
                raise ValueError("no")

        for options in ({}, {"clock": "real"}):
            self.assertEqual(self.talk(Later(), **options)[1].outcome, "complete")
            with self.assertRaises(scena.ContentFilteredError):
                self.talk(Later(), "a secret", **options)
        with self.assertRaises(scena.ContentFilteredError):
            self.talk(Broken())
        self.assertEqual(self.raised, [ValueError])


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

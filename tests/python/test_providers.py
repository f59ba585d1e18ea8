"""Providers written in Python."""
import types
import unittest

import scena
from support import Later, Raised, engine, reply_of


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


if __name__ == "__main__":
    unittest.main()

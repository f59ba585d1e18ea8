"""Embedders, token counters and event sinks written in Python."""
import asyncio
import base64
import tempfile
import threading
import unittest

import scena
from support import Raised, engine


class Vectors:
    def __init__(self):
        self.asked = []

    def embed(self, texts, *, purpose, dimensions):
        self.asked.append((list(texts), purpose, dimensions))
        if texts[0] == "busy":
            raise scena.OverloadedError("too busy")
        if texts[0] == "broken":
            raise KeyError("no")
        return {"few": [], "odd": [[1.0], [1.0, 2.0]], "nan": [[float("nan")]], "word": [["a"]]}.get(
            texts[0], [[float(len(text)), 0.5] for text in texts]
        )


class Embedders(unittest.TestCase):
    def test_texts_become_vectors_in_their_order(self):
        mine = Vectors()
        with engine(embedders={"mine": mine}) as made:
            found = made.embed(["a", "abc"], provider="mine").result()
            self.assertEqual([list(one) for one in found.vectors], [[1.0, 0.5], [3.0, 0.5]])
            self.assertTrue(found.usage.estimated)
        self.assertEqual(mine.asked, [(["a", "abc"], "document", None)])

    def test_a_coroutine_function_takes_its_time(self):
        class Later(scena.Embedder):
            async def embed(self, texts):
                await asyncio.sleep(0)
                return [[1.0] for _ in texts]

        for options in ({}, {"clock": "real", "threads": 1}):
            with engine(embedders={"mine": Later()}, **options) as made:
                self.assertEqual([list(one) for one in made.embed(["a"], provider="mine").result().vectors], [[1.0]])

    def test_vectors_may_come_one_by_one_and_one_that_cancels_itself_has_failed(self):
        class Own:
            def embed(self, texts):
                return ([float(len(text))] for text in texts)

        class Cancelled:
            async def embed(self, texts):
                raise asyncio.CancelledError

        with engine(embedders={"own": Own(), "cancelled": Cancelled()}) as made:
            self.assertEqual(made.embed(["a", "abc"], provider="own").result().vectors, ([1.0], [3.0]))
            with self.assertRaises(scena.ProviderError):
                made.embed(["a"], provider="cancelled").result()

    def test_what_is_no_answer_is_a_failure_with_a_code(self):
        with engine(embedders={"mine": Vectors()}) as made:
            for text, kind in [
                ("busy", scena.OverloadedError),
                ("broken", scena.ProviderError),
                ("few", scena.ProtocolError),
                ("odd", scena.ProtocolError),
                ("nan", scena.ProtocolError),
                ("word", scena.ProviderError),
            ]:
                with self.subTest(text), self.assertRaises(kind):
                    made.embed([text], provider="mine").result()

    def test_what_is_no_number_is_named(self):
        for given, words in (("x", "a list of numbers, and has a str"), ([["a"]], "and has a str"), ([[None]], "and has a NoneType"), (5, "'int' object")):
            class Own(scena.Embedder):
                def embed(self, texts):
                    return given

            with self.subTest(given), engine(embedders={"own": Own()}) as made, self.assertRaisesRegex(scena.ProviderError, words):
                made.embed(["a"], provider="own").result()

    def test_an_engine_that_closes_ends_the_coroutine(self):
        begun, ended = threading.Event(), threading.Event()

        class Never(scena.Embedder):
            async def embed(self, texts):
                begun.set()
                try:
                    await asyncio.Event().wait()
                finally:
                    ended.set()

        with engine(clock="real", threads=1, embedders={"mine": Never()}) as made:
            pending = made.embed(["a"], provider="mine")
            self.assertTrue(begun.wait(30))
        self.assertTrue(ended.wait(30))
        with self.assertRaises((scena.CancelledError, scena.ClosedError)):
            pending.result()


class TokenCounters(Raised):
    def test_tokens_are_counted_by_the_host(self):
        counted = []

        def count(text):
            counted.append(text)
            return 1_000_000_000

        prices = {"*": {"input": "1"}}
        with engine("Yes.", session_budget="1", prices=prices, token_counters={"*": count}) as made:
            with self.assertRaises(scena.BudgetExhaustedError):
                made.create_session("job-interview").send("Hello").result()
        self.assertTrue(counted and all(isinstance(text, str) for text in counted))

    def test_one_that_returns_no_number_of_tokens_is_told_of_and_counts_by_four_bytes(self):
        async def later(text):
            return 3

        for count, kind in ((lambda text: -1, ValueError), (lambda text: 2**70, ValueError), (lambda text: "x", TypeError),
                            (lambda text: None, TypeError), (lambda text: 1.5, TypeError), (later, TypeError)):
            self.raised.clear()
            with self.subTest(kind), engine("Yes.", token_counters={"*": count}) as made:
                self.assertEqual(made.create_session("job-interview").send("Hello").result().text, "Yes.")
            self.assertEqual(set(self.raised), {kind})

    def test_one_that_raises_counts_by_four_bytes(self):
        def count(text):
            raise ValueError("no vocabulary")

        with engine("Yes.", session_budget="1", prices={"*": {"input": "1"}}, token_counters={"*": count}) as made:
            self.assertEqual(made.create_session("job-interview").send("Hello").result().text, "Yes.")
        self.assertTrue(self.raised)


class Secrets(unittest.TestCase):
    def test_keys_come_from_a_mapping_or_a_function_and_no_error_holds_one(self):
        options = {"config": {"webhooks": {"audit": {"url": "http://127.0.0.1:9/", "secret": "AUDIT", "events": ["session.deleted"]}}}}
        key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

        def broken(name):
            raise KeyError(key)

        for secrets in ({"AUDIT": key}, lambda name: key if name == "AUDIT" else None):
            engine(secrets=secrets, **options).close()
        for secrets, kind in (({}, scena.UnauthenticatedError), (lambda name: None, scena.UnauthenticatedError), (broken, scena.Error)):
            with self.assertRaises(kind) as caught:
                engine(secrets=secrets, **options)
            self.assertNotIn(key, str(caught.exception))


class TokenFiles(unittest.TestCase):
    def reserved(self, **options):
        with engine("Yes.", model="gpt-4o-mini", prices={"*": {"input": "1"}}, **options) as made:
            session = made.create_session("job-interview")
            events = session.events()
            session.send("The harbour, please: 12 ships.").result()
            (reserved,) = [event.data["reserved"] for event in events.take() if event.type == "turn.started"]
            return reserved

    def test_a_file_of_byte_pairs_counts_exactly(self):
        with tempfile.TemporaryDirectory() as folder:
            ranks = [bytes([byte]) for byte in range(256)]
            path = folder + "/bytes.tiktoken"
            with open(path, "wb") as file:
                file.writelines(base64.b64encode(token) + b" %d\n" % rank for rank, token in enumerate(ranks))
            setting = {"gpt-4o": {"file": path, "cut": "o200k"}}
            exact = self.reserved(token_counters={"*": lambda text: len(text.encode())})
            self.assertEqual(self.reserved(token_counters=setting), exact)
            self.assertEqual(self.reserved(config={"token_counters": setting}), exact)
            self.assertEqual(self.reserved(token_counters={**setting, "*": lambda text: 7}), exact)
            self.assertNotEqual(self.reserved(), exact)
            with self.assertRaises(scena.NotFoundError) as caught:
                engine(token_counters={"gpt-4o": {"file": folder + "/none", "cut": "o200k"}})
            self.assertEqual(caught.exception.pointer, "/token_counters/gpt-4o/file")


class EventSinks(unittest.TestCase):
    def test_events_come_in_order_and_again_where_one_failed(self):
        seen = []

        async def take(event, job):
            await asyncio.sleep(0)
            seen.append((event.type, job.attempts))
            if len(seen) == 1:
                raise OSError("not yet")

        sink = scena.EventSink(take, events=["message.stored", "turn.finished"], parallel=1, time_limit=5)
        with engine("Yes.", event_sinks={"audit": sink}) as made:
            made.create_session("job-interview").send("Hello").result()
            made.advance(3600)
        self.assertEqual(seen[:2], [("message.stored", 1), ("message.stored", 2)])
        self.assertEqual(seen[-1][0], "turn.finished")

    def test_types_of_events_are_a_list(self):
        with self.assertRaisesRegex(TypeError, r"events: must be a list of types, such as \['turn\.finished'\]"):
            scena.EventSink(print, events="turn.finished")

    def test_what_a_sink_asks_for_holds(self):
        tries, strangers = [], []

        def refuse(event, job):
            tries.append(job.attempts)
            raise OSError("never")

        sink = scena.EventSink(refuse, events=["turn.finished"], max_attempts=2, max_waiting=5, parallel=3, time_limit=9)
        self.assertEqual((sink.max_attempts, sink.max_waiting, sink.parallel, sink.time_limit), (2, 5, 3, 9))
        other = scena.EventSink(lambda event, job: strangers.append(event), tenant="somebody-else")
        with engine("Yes.", event_sinks={"audit": sink, "other": other}) as made:
            made.create_session("job-interview").send("Hello").result()
            made.advance(3600)
        self.assertEqual((tries, strangers), ([1, 2], []))

    def test_a_function_will_do_and_what_gives_up_is_not_tried_again(self):
        seen = []

        def take(event, job):
            seen.append(event.seq)
            raise scena.GiveUp("unknown event")

        with engine("Yes.", event_sinks={"audit": take}) as made:
            made.create_session("job-interview").send("Hello").result()
            made.advance(3600)
        self.assertEqual(seen, sorted(set(seen)))
        self.assertGreater(len(seen), 2)


if __name__ == "__main__":
    unittest.main()

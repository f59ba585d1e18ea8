"""Coroutines and replies of a host that end before their time, at it, or never."""
import asyncio
import gc
import threading
import types
import unittest
import unittest.mock
import warnings

import scena
from support import Later, awaited, engine


class Endings(unittest.TestCase):
    """From Python 3.12 on no thread starts any more once the interpreter ends, while engines are still open."""

    def test_a_coroutine_that_nothing_can_run_any_more_fails_and_is_closed(self):
        class Slow:
            async def reply(self, request):
                raise AssertionError("nobody runs it")

        def refuse(thread):  # an exception made here alone: one that is kept keeps what it went through
            raise RuntimeError("can't create new thread at interpreter shutdown")

        refused = unittest.mock.patch("threading.Thread.start", refuse)
        with warnings.catch_warnings(record=True) as told, engine(clock="real", providers={"own": Slow()}, provider="own") as e:
            warnings.simplefilter("always")
            turn = e.create_session("job-interview").send("Hello")
            with refused:
                self.assertEqual(turn.result().outcome, "failed")
            gc.collect()
        self.assertEqual(told, [])


    def test_a_provider_that_cancels_its_own_coroutine_has_failed(self):
        async def raising(request):
            yield "Half "
            raise asyncio.CancelledError

        async def awaiting(request):
            yield "Half "
            task = asyncio.ensure_future(asyncio.Event().wait())
            task.cancel()
            await task

        for reply in raising, awaiting:
            for options in {}, {"clock": "virtual"}:
                own = types.SimpleNamespace(reply=reply)
                with self.subTest(reply.__name__, **options), scena.Engine(provider="own", providers={"own": own}, **options) as e:
                    turn = e.create_session("job-interview").send("Hello")
                    result = turn.result()
                    self.assertEqual((result.outcome, result.text, type(result.error)), ("truncated", "Half ", scena.ProviderError))
                    self.assertIn("coroutine was cancelled", str(result.error))
                    with self.assertRaises(scena.ProviderError):
                        list(turn)

    def test_a_wait_for_a_coroutine_of_a_loop_that_stopped_is_refused_on_every_thread(self):
        async def begin(e):
            session = e.create_session("job-interview")
            await session.start()
            turn = session.send("Hello")
            for _ in range(100):
                e.poll()
            return turn

        told = []

        def wait(turn):
            try:
                turn.result(timeout=10)
            except scena.Error as error:
                told.append(type(error))

        loop = asyncio.new_event_loop()
        with engine(clock="real", providers={"own": Later()}, provider="own") as e:
            turn = loop.run_until_complete(begin(e))
            thread = threading.Thread(target=wait, args=(turn,))
            thread.start()
            thread.join()
            self.assertEqual(told, [scena.WrongStateError])
            self.assertEqual(loop.run_until_complete(awaited(turn)).text, "One two.")
        loop.close()

    def test_closing_waits_for_what_a_coroutine_does_at_its_end(self):
        begun, ended = threading.Event(), []

        class Own:
            async def reply(self, request):
                try:
                    begun.set()
                    await asyncio.Event().wait()
                finally:
                    threading.Event().wait(0.05)  # as what it has open is written
                    ended.append(threading.current_thread())
                yield ""

        with engine(clock="real", threads=1, providers={"own": Own()}, provider="own") as e:
            e.create_session("job-interview").send("Hello")
            self.assertTrue(begun.wait(30))
        self.assertEqual([one.is_alive() for one in ended], [False])

    def test_what_is_awaited_of_a_closed_engine_keeps_nothing(self):
        async def talk(e):
            turn = e.create_session("job-interview").send("Hello")
            await turn
            e.close()
            return (await turn).text

        e = engine("Fine.", clock="real")
        self.assertEqual((asyncio.run(talk(e)), e._runner._pumps), ("Fine.", {}))

    def test_a_loop_that_does_not_run_or_is_closed_is_given_no_coroutine(self):
        loop, provider = asyncio.new_event_loop(), Later()
        with engine(clock="real", threads=1, providers={"own": provider}, provider="own") as e:
            session = e.create_session("job-interview")
            loop.run_until_complete(awaited(session.start()))
            for is_closed in (False, True):
                if is_closed:
                    loop.close()
                    loop.is_running = lambda: True  # so one finds it that asked a moment before
                turn, ended = session.send("Hello"), threading.Event()
                turn._core.then(ended.set)  # no blocking call, which would hold the loop up
                self.assertTrue(ended.wait(30))
                self.assertEqual(e._runner._host.waiting, set())
                self.assertEqual(turn.result().text, "One two.")
        self.assertNotIn(threading.get_ident(), provider.threads)

    def test_an_engine_is_closed_by_a_coroutine_of_its_own(self):
        closed = threading.Event()

        class Own:
            async def reply(self, request):
                e.close()
                closed.set()
                yield "late"

        e = engine(clock="real", threads=1, providers={"own": Own()}, provider="own")
        turn = e.create_session("job-interview").send("Hello")
        self.assertTrue(closed.wait(30))
        self.assertEqual(turn.result(timeout=30).outcome, "interrupted")

    def test_a_coroutine_that_was_cancelled_before_it_began_does_nothing(self):
        begun = []

        class Own:
            async def reply(self, request):
                begun.append(request.session)
                await asyncio.sleep(0)
                return "late"

        async def cancelled(e):
            session = e.create_session("job-interview")
            await session.start()  # from now on coroutines run on this loop, which does not turn until the next await
            turn = session.send("Hello")
            for _ in range(100):
                e.poll()
            waiting = list(e._runner._host.waiting)
            turn.cancel()
            for _ in range(100):
                e.poll()
            return len(waiting), (await turn).outcome

        with engine(clock="real", providers={"own": Own()}, provider="own") as e:
            self.assertEqual((asyncio.run(cancelled(e)), begun), ((1, "cancelled"), []))


class Endless(unittest.TestCase):
    """A provider that never stops is cut at the limit of a reply, and the engine closes."""

    def replies(self, provider, **options):
        limits = {"answer_bytes": 4096}
        with engine(providers={"own": provider}, provider="own", limits=limits, max_retries=0, **options) as e:
            result = e.create_session("job-interview").send("Hello").result(timeout=30)
            self.assertIn(result.outcome, ("truncated", "failed"))
            self.assertIsInstance(result.error, scena.TooLargeError)
            self.assertIn("limits.answer_bytes", str(result.error))
            return result

    def test_a_generator(self):
        class Pieces:
            def reply(self, request):
                while True:
                    yield "word "

        for options in ({}, {"clock": "real"}, {"clock": "real", "threads": 1}):
            self.assertLessEqual(len(self.replies(Pieces(), **options).text), 4096)

    def test_a_generator_of_thoughts_and_one_of_nothing(self):
        class Thoughts:
            def reply(self, request):
                while True:
                    yield piece

        for piece in (scena.Reasoning("hm"), "", scena.Counted(1, 1), scena.ToolCall("none", {})):
            self.replies(Thoughts(), clock="real")

    def test_an_asynchronous_generator(self):
        class Pieces:
            async def reply(self, request):
                while True:
                    yield "word "

        for options in ({}, {"clock": "real"}, {"clock": "real", "threads": 1}):
            self.replies(Pieces(), **options)

    def test_closing_waits_no_longer_than_a_bound(self):
        going_on, busy = threading.Event(), threading.Event()

        class Busy:
            async def reply(self, request):
                busy.set()
                going_on.wait(60)  # blocks the loop of the coroutines
                yield "late"

        with engine(clock="real", providers={"own": Busy()}, provider="own") as e:
            e.create_session("job-interview").send("Hello").cancel()
            e.create_session("job-interview").send("Hello").wait_accepted()
            while not busy.is_set():
                e.poll(0.01)
        self.assertFalse(going_on.is_set())
        going_on.set()


if __name__ == "__main__":
    unittest.main()

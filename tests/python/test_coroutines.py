"""Where the coroutines of a host run, and that each call of one is answered."""
import asyncio
import gc
import signal
import threading
import types
import unittest
import unittest.mock
import warnings

import scena
from support import engine
from test_extensions import ASKS, TELLS, Raised, answer_with


class Later:
    """A provider that lets its loop turn before each piece."""

    def __init__(self):
        self.threads = []

    async def reply(self, request):
        self.threads.append(threading.get_ident())
        for piece in ("One ", "two."):
            await asyncio.sleep(0)
            yield piece


class BlockingCells(unittest.IsolatedAsyncioTestCase):
    """A notebook: cells run inside a loop, and one of them blocks after others awaited."""

    async def test_a_provider_answers_a_blocking_call_after_an_awaited_one(self):
        for threads in (0, 2):
            provider = Later()
            with engine(clock="real", threads=threads, providers={"own": provider}, provider="own") as e:
                session = e.create_session("job-interview")
                self.assertEqual((await session.send("Hello")).text, "One two.")
                self.assertEqual(session.send("Hello").result(timeout=30).text, "One two.")
                self.assertEqual("".join(session.send("Hello")), "One two.")
                self.assertEqual(session.run(max_turns=1).result(timeout=30).turns, 0)
                self.assertEqual((await session.send("Hello")).text, "One two.")
                here = threading.get_ident()
                self.assertEqual([one == here for one in provider.threads], [True, False, False, True])

    async def test_a_command_that_waits_for_the_turn_of_its_caller_is_an_error(self):
        outcomes = []

        @scena.tool(everywhere=True)
        async def weather(city):
            outcomes.append(session.annotate("note", {}).result().state)  # waits for no turn
            with self.assertRaisesRegex(scena.WrongStateError, "await it"):
                session.pause().result()
            with self.assertRaises(scena.TimeoutError):
                session.resume().result(timeout=0.01)
            outcomes.append(earlier.result().outcome)  # is over
            return "18 degrees"

        replies = [{"tools": [{"name": "weather", "arguments": {"city": "Graz"}}], "text": "Let me look."}, {"after": "weather", "text": "%result%."}]
        script = {"url": "script:", "options": {"replies": replies, "instant": True}}
        with engine(clock="real", providers={"own": script}, provider="own", tools=[weather]) as e:
            session = e.create_session("job-interview")
            earlier = session.send("Later.", reply=False)
            await earlier
            self.assertTrue((await session.send("Hello")).text.endswith("18 degrees."))
            self.assertEqual(outcomes, ["active", "complete"])
            e.run_until_idle()
            self.assertEqual(session.info().state, "active")  # both were carried out behind the turn
            self.assertIn('"session.paused"', session.export("jsonl"))

    async def test_a_command_whose_own_time_was_over_is_no_error_of_its_caller(self):
        class Late:
            """A command that has ended, as the extension has it."""

            def ready(self):
                return True

            def result(self, seconds):
                raise scena.TimeoutError("the reply took too long")

        told = []

        @scena.tool(everywhere=True)
        async def weather(city):
            with self.assertRaisesRegex(scena.TimeoutError, "the reply took too long"):
                scena.Pending(e, Late(), str, session.id).result()
            told.append("told")
            return "18 degrees"

        with engine(ASKS, TELLS, clock="real", tools=[weather]) as e:
            session = e.create_session("job-interview")
            await session.send("How is the weather?")
        self.assertEqual(told, ["told"])

    async def test_it_is_an_error_in_a_filter_an_approval_and_a_provider_too(self):
        told = []
        patch = unittest.mock.patch("scena._turn._SOON", 0.02)
        patch.start()
        self.addCleanup(patch.stop)

        def refused():
            with self.assertRaisesRegex(scena.WrongStateError, "await it"):
                session.pause().result()
            told.append("told")

        class Passing(scena.Filter):
            async def check_input(self, context, text):
                refused()

        class Own:
            async def reply(self, request):
                refused()
                yield "Well."

        async def approve(request):
            refused()
            return True

        weather = scena.tool(name="weather", everywhere=True, needs_approval=True)(lambda city: "18 degrees")
        for replies, options in (("Well.",), {"filter": Passing()}), ((), {"providers": {"own": Own()}, "provider": "own"}), \
                                ((ASKS, TELLS), {"tools": [weather], "tool_approval": approve}):
            with engine(*replies, clock="real", **options) as e:
                session = e.create_session("job-interview")
                self.assertEqual((await session.send("How is the weather?")).outcome, "complete")
        self.assertEqual(told, ["told"] * 3)

    async def test_a_tool_and_a_filter_answer_it_too(self):
        @scena.tool(everywhere=True)
        async def weather(city):
            await asyncio.sleep(0)
            return "18 degrees"

        class Passing(scena.Filter):
            async def check_input(self, context, text):
                await asyncio.sleep(0)

        for threads in (0, 2):
            with engine(ASKS, TELLS, ASKS, TELLS, clock="real", threads=threads, tools=[weather], filter=Passing()) as e:
                session = e.create_session("job-interview")
                self.assertIn("18 degrees", (await session.send("How is the weather?")).text)
                self.assertIn("18 degrees", session.send("How is the weather?").result(timeout=30).text)

    async def test_events_can_be_waited_for_after_an_awaited_turn(self):
        with engine(clock="real", providers={"own": Later()}, provider="own") as e:
            session = e.create_session("job-interview")
            await session.send("Hello")
            for wait in (iter, lambda events: iter(lambda: events.next(timeout=30), None)):
                session.send("Hello")
                types = []
                for event in wait(session.events(after="live")):
                    types.append(event.type)
                    if event.type == "turn.finished":
                        break
                self.assertIn("delta", types)

    async def test_a_coroutine_that_has_not_begun_goes_to_the_thread_of_its_own(self):
        provider = Later()
        with engine(clock="real", providers={"own": provider}, provider="own") as e:
            session = e.create_session("job-interview")
            await session.start()  # from now on coroutines run on this loop, which does not turn until the next await
            turn = session.send("Hello")
            for _ in range(100):
                e.poll()
            self.assertEqual(len(e._runner._host.waiting), 1)
            self.assertEqual(turn.result(timeout=30).text, "One two.")
            await asyncio.sleep(0)  # lint: lets the loop find that there is nothing to begin
            self.assertEqual([one == threading.get_ident() for one in provider.threads], [False])

    async def test_one_that_went_there_does_not_begin_on_the_loop_as_well(self):
        going_on = threading.Event()

        class Waiting:
            async def reply(self, request):
                while not going_on.is_set():
                    await asyncio.sleep(0.001)  # lint: until it is told
                yield "Yes."

        with engine(clock="real", providers={"own": Waiting()}, provider="own", max_retries=0) as e:
            session = e.create_session("job-interview")
            await session.start()
            turn = session.send("Hello")
            for _ in range(100):
                e.poll()
            with self.assertRaises(scena.TimeoutError):
                turn.result(timeout=0.02)
            for _ in range(5):
                await asyncio.sleep(0)  # lint: lets the loop find that there is nothing to begin
            going_on.set()
            self.assertEqual((await turn).text, "Yes.")

    async def test_a_call_that_would_wait_for_itself_is_refused(self):
        begun = asyncio.Event()

        class Waiting:
            async def reply(self, request):
                begun.set()
                await asyncio.sleep(0)
                await going_on.wait()
                yield "Yes."

        going_on = asyncio.Event()
        with engine(clock="real", providers={"own": Waiting()}, provider="own") as e:
            turn = e.create_session("job-interview").send("Hello")
            task = asyncio.ensure_future(awaited(turn))
            await begun.wait()
            with self.assertRaisesRegex(scena.WrongStateError, "await the turn"):
                turn.result()
            going_on.set()
            self.assertEqual((await task).text, "Yes.")
            self.assertEqual(turn.result().text, "Yes.")

    async def test_an_engine_and_one_under_rights_are_awaited_on_one_loop(self):
        going_on, begun = asyncio.Event(), asyncio.Event()

        class Waiting:
            async def reply(self, request):
                begun.set()
                await going_on.wait()
                yield "Yes."

        with engine(clock="real", storage_thread="off", providers={"own": Waiting()}, provider="own") as e:
            slow = asyncio.ensure_future(awaited(e.create_session("job-interview").send("Hello")))
            await begun.wait()
            await e.as_principal(subject="ann").create_session("job-interview").start()  # its waiting ends first
            going_on.set()
            self.assertEqual((await asyncio.wait_for(slow, 30)).text, "Yes.")



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


class Answers(Raised):
    """A coroutine that ends without an answer is an answer."""

    def each_clock(self):
        return ({}, {"clock": "real"})

    def test_a_filter_that_is_cancelled_blocks(self):
        class Cancelled(scena.Filter):
            async def check_input(self, context, text):
                raise asyncio.CancelledError

        for options in self.each_clock():
            with engine("Fine.", filter=Cancelled(), **options) as e:
                with self.assertRaisesRegex(scena.ContentFilteredError, ""):
                    e.create_session("job-interview").send("Hello").result(timeout=30)

    def test_a_tool_that_is_cancelled_has_failed(self):
        @scena.tool(everywhere=True)
        async def weather(city):
            raise asyncio.CancelledError

        for options in self.each_clock():
            text, uses = answer_with(weather, **options)
            self.assertIn("CancelledError", text)
            self.assertTrue(uses[0].failed)

    def test_an_approval_that_is_cancelled_refuses(self):
        @scena.tool(everywhere=True, needs_approval=True)
        def weather(city):
            return "18 degrees"

        async def approve(request):
            raise asyncio.CancelledError

        for options in self.each_clock():
            text, uses = answer_with(weather, tool_approval=approve, **options)
            self.assertIn("CancelledError", text)
            self.assertTrue(uses[0].failed)

    def test_a_coroutine_that_leaves_the_program_is_a_failed_call(self):
        @scena.tool(everywhere=True)
        async def weather(city):
            raise SystemExit("no")

        for options in self.each_clock():
            with engine(ASKS, TELLS, ASKS, TELLS, tools=[weather], **options) as e:
                session = e.create_session("job-interview")
                for _ in range(2):  # the thread of the coroutines goes on
                    self.assertIn("SystemExit: no", session.send("How is the weather?").result(timeout=30).text)

    def test_on_the_virtual_clock_real_time_is_bounded(self):
        begun, stopped = threading.Event(), threading.Event()

        async def never(*_):
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()

        class Silent:
            async def reply(self, request):
                await never()
                yield ""

        class Judging(scena.Filter):
            check_input = never

        class Measuring(scena.Analyzer):
            name = "silent"
            measure = never

        weather = scena.tool(name="weather", everywhere=True, parameters={"type": "object"})(lambda **_: never())
        limit = {"coroutine_timeout": 0.02}
        with engine(providers={"own": Silent()}, provider="own", max_retries=0, **limit) as e:
            error = e.create_session("job-interview").send("Hello").result().error
            self.assertIsInstance(error, scena.TimeoutError)
            self.assertIn("0.02 s of real time; coroutine_timeout", str(error))
            self.assertTrue(not begun.is_set() or stopped.wait(30))
        self.assertIn("coroutine_timeout", answer_with(weather, **limit)[0])
        with engine("Fine.", filter=Judging(), **limit) as e, self.assertRaises(scena.ContentFilteredError):
            e.create_session("job-interview").send("Hello").result()
        self.assertEqual(self.raised, [])
        with engine("Fine.", analyzers=[Measuring()], live_metrics=False, **limit) as e:
            session = e.create_session("job-interview")
            session.send("Hello").result()
            self.assertIsNone(session.messages()[-1].score("silent"))
        self.assertEqual(set(self.raised), {scena.TimeoutError})

    def test_the_limit_is_above_zero(self):
        for wrong in (0, -1, float("nan")):
            with self.assertRaisesRegex(scena.InvalidArgumentError, "coroutine_timeout: must be above 0"):
                scena.Engine(coroutine_timeout=wrong)


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


class Interrupts(Raised):
    """Ctrl-C in a host's function ends its call, and leaves the call that waits."""

    def setUp(self):
        super().setUp()
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGINT, before)

    def interrupted(self, *replies, **options):
        for clock in ("virtual", "real"):
            self.stopped = False
            with engine(*replies, clock=clock, **options) as e:
                session = e.create_session("job-interview")
                turn = session.send("How is the weather?")
                with self.assertRaises(KeyboardInterrupt):
                    turn.result()
                self.assertTrue(turn.result(timeout=30).outcome)  # the engine goes on
        self.assertEqual(self.raised, [])

    def test_in_a_tool(self):
        @scena.tool(everywhere=True)
        def weather(city):
            signal.raise_signal(signal.SIGINT)

        self.interrupted(ASKS, TELLS, tools=[weather])

    def test_in_a_provider(self):
        class Own:
            def reply(self, request):
                yield "One"
                signal.raise_signal(signal.SIGINT)

        self.interrupted(providers={"own": Own()}, provider="own")

    def test_in_a_filter_an_analyzer_an_approval_and_a_log(self):
        def stop(*_):
            if not self.stopped:
                self.stopped = True
                signal.raise_signal(signal.SIGINT)

        class Judging(scena.Filter):
            check_output = stop

        class Measuring(scena.Analyzer):
            name = "own"
            measure = stop

        @scena.tool(everywhere=True, needs_approval=True)
        def weather(city):
            return "18 degrees"

        self.interrupted("Fine.", filter=Judging())
        self.interrupted("Fine.", analyzers=[Measuring()])
        self.interrupted(ASKS, TELLS, tools=[weather], tool_approval=stop)

    def test_leaving_the_program_leaves_the_call(self):
        @scena.tool(everywhere=True)
        def weather(city):
            raise SystemExit(3)

        with engine(ASKS, TELLS, tools=[weather]) as e:
            with self.assertRaises(SystemExit) as caught:
                e.create_session("job-interview").send("How is the weather?").result()
        self.assertEqual(caught.exception.code, 3)

    def test_in_a_running_loop_it_ends_the_run(self):
        @scena.tool(everywhere=True)
        def weather(city):
            raise SystemExit(3)

        async def talk(e):
            return await e.create_session("job-interview").send("How is the weather?")

        for clock in ("virtual", "real"):
            with engine(ASKS, TELLS, clock=clock, tools=[weather]) as e:
                with self.assertRaises(SystemExit):
                    asyncio.run(talk(e))

    def test_in_a_coroutine_on_a_running_loop_it_ends_the_run_too(self):
        @scena.tool(everywhere=True)
        async def weather(city):
            raise SystemExit(3)

        async def talk(e):
            return await e.create_session("job-interview").send("How is the weather?")

        with engine(ASKS, TELLS, clock="real", tools=[weather]) as e:
            with self.assertRaises(SystemExit):
                asyncio.run(talk(e))

    def test_a_loop_that_was_left_goes_on_with_its_next_run(self):
        left = []

        @scena.tool(everywhere=True)
        def weather(city):
            if not left:
                left.append(city)
                raise SystemExit(3)
            return "18 degrees"

        async def talk(e):
            return await e.create_session("job-interview").send("How is the weather?")

        for clock in ("virtual", "real"):
            del left[:]
            loop = asyncio.new_event_loop()
            with engine(ASKS, TELLS, clock=clock, tools=[weather]) as e:
                task = loop.create_task(talk(e))
                with self.assertRaises(SystemExit):
                    loop.run_until_complete(task)
                self.assertTrue(loop.run_until_complete(asyncio.wait_for(task, 30)).outcome)
            loop.close()

    def test_while_a_coroutine_is_waited_for_it_is_cancelled(self):
        ended = threading.Event()

        class Own:
            async def reply(self, request):
                try:
                    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
                    await asyncio.Event().wait()
                finally:
                    ended.set()

        with engine(providers={"own": Own()}, provider="own") as e:
            turn = e.create_session("job-interview").send("Hello")
            with self.assertRaises(KeyboardInterrupt):
                turn.result()
            self.assertTrue(ended.wait(30))
        self.assertEqual(self.raised, [])

    def test_the_model_of_a_later_call_is_asked_again(self):
        calls = []

        @scena.tool(everywhere=True)
        def weather(city):
            calls.append(city)
            if len(calls) == 1:
                signal.raise_signal(signal.SIGINT)
            return "18 degrees"

        with engine(ASKS, TELLS, ASKS, TELLS, tools=[weather]) as e:
            session = e.create_session("job-interview")
            with self.assertRaises(KeyboardInterrupt):
                session.send("How is the weather?").result()
            self.assertIn("18 degrees", session.send("How is the weather?").result().text)


async def awaited(something):
    return await something


if __name__ == "__main__":
    unittest.main()

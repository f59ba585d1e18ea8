"""Where the coroutines of a host run, and that each call of one is answered."""
import asyncio
import threading
import types
import unittest
import unittest.mock

import scena
from support import ASKS, TELLS, Later, Raised, answer_with, awaited, engine


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


if __name__ == "__main__":
    unittest.main()

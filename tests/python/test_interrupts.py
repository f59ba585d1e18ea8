"""Ctrl-C while a host's function runs."""
import asyncio
import signal
import threading
import unittest

import scena
from support import ASKS, TELLS, Raised, engine


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


if __name__ == "__main__":
    unittest.main()

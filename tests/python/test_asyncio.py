"""The package on a running asyncio loop: no thread, nothing that blocks it."""
import asyncio
import concurrent.futures
import gc
import os
import select
import threading
import unittest
import unittest.mock
import weakref

import scena
from scena._bell import Bell
from support import ASKS, TELLS, engine


def threads_of_this_process():
    return len(os.listdir("/proc/self/task"))


class Awaiting(unittest.IsolatedAsyncioTestCase):
    async def test_a_reply_is_streamed_without_a_thread(self):
        before = threads_of_this_process()
        with engine("One two three.", clock="real", storage_thread="off") as e:
            session = e.create_session("job-interview")
            pieces = [piece async for piece in session.send("Hello")]
            self.assertEqual("".join(pieces), "One two three.")
            self.assertEqual(threads_of_this_process(), before)

    async def test_a_turn_and_a_command_can_be_awaited(self):
        with engine("One.", "Two.") as e:
            session = e.create_session("job-interview")
            self.assertEqual((await session.send("Hello")).text, "One.")
            self.assertEqual((await session.pause()).state, "paused")
            with self.assertRaises(scena.WrongStateError):
                await session.send("Hello")
            self.assertEqual((await session.resume()).state, "active")
            self.assertEqual((await session.fork()).info().parent, session.id)

    async def test_other_tasks_run_while_a_reply_comes(self):
        with engine("One two three four.", clock="real") as e:
            turns = 0

            async def count():
                nonlocal turns
                while True:
                    turns += 1
                    await asyncio.sleep(0)  # lint: lets the loop turn, no time passes

            counting = asyncio.ensure_future(count())
            await e.create_session("job-interview").send("Hello")
            counting.cancel()
            self.assertGreater(turns, 10)

    async def test_many_sessions_at_once(self):
        with engine("One two.", clock="real") as e:
            turns = [e.create_session("job-interview").send("Hello") for _ in range(50)]
            results = await asyncio.gather(*turns)
            self.assertEqual({one.text for one in results}, {"One two."})

    async def test_a_command_that_nobody_awaits_is_done_meanwhile(self):
        with engine("One two.", clock="real") as e:
            first, second = e.create_session("job-interview"), e.create_session("job-interview")
            turn = asyncio.ensure_future(awaited(first.send("Hello")))
            await asyncio.sleep(0)  # lint: lets the task begin, no time passes
            unwatched = second.start()
            await turn
            self.assertTrue(unwatched.done())

    async def test_a_reader_gets_each_piece_while_another_task_awaits_the_turn(self):
        with engine("One two three four.") as e:
            turn = e.create_session("job-interview").send("Hello")
            early = []

            async def read():
                async for piece in turn:
                    early.append((piece, turn.done()))

            reader = asyncio.ensure_future(read())
            await asyncio.sleep(0)  # lint: lets the task begin, no time passes
            self.assertEqual((await turn).text, "One two three four.")
            await reader
            self.assertEqual("".join(piece for piece, _ in early), "One two three four.")
            self.assertGreater(sum(not done for _, done in early), 2)

    async def test_what_waits_can_be_read_to_its_end_after_close(self):
        with engine("One.") as e:
            session = e.create_session("job-interview")
            await session.start()
            with session.events(types=["app.*"], max_events=5000) as events:
                for i in range(2100):
                    session.annotate("mark", {"i": i}).result()
            self.assertEqual([event.data["i"] async for event in events], list(range(2100)))

    async def test_two_readers_of_one_viewer_both_come_to_its_end(self):
        with engine("One two.") as e:
            session = e.create_session("job-interview")
            events = session.events()

            async def read():
                return [event.type async for event in events]

            readers = [asyncio.ensure_future(read()) for _ in range(2)]
            await asyncio.sleep(0)  # lint: lets the tasks begin, no time passes
            await session.send("Hello")
            events.close()
            first, second = await asyncio.wait_for(asyncio.gather(*readers), 30)
            self.assertIn("turn.finished", first + second)

    async def test_a_queue_is_told_once_and_wakes_each_reader(self):
        with engine("One two.") as e:
            bell, told = Bell(), []
            for _ in range(2):
                with bell.signal(e._pump(), told.append) as signal:
                    told[0]()
                    await asyncio.wait_for(signal.wait(), 30)
            self.assertEqual(len(told), 1)

    async def test_events_come_one_by_one(self):
        with engine("One two.") as e:
            session = e.create_session("job-interview")
            session.send("Hello")
            seen = []
            async for event in session.events():
                seen.append(event.type)
                if event.type == "turn.finished":
                    break
            self.assertEqual(seen[0], "session.created")
            self.assertIn("delta", seen)

    async def test_a_cancelled_task_leaves_the_turn(self):
        with engine("One two.", clock="real") as e:
            session = e.create_session("job-interview")
            turn = session.send("Hello")
            task = asyncio.ensure_future(awaited(turn))
            await asyncio.sleep(0)  # lint: lets the task begin, no time passes
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertEqual((await turn).text, "One two.")

    async def test_a_wait_that_is_cancelled_does_not_hold_up_virtual_time(self):
        with engine("One two.") as e:
            turn = e.create_session("job-interview").send("Hello")
            waiting = asyncio.ensure_future(awaited(turn))
            await asyncio.sleep(0)  # lint: lets the task wait, no time passes
            waiting.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await waiting
            self.assertEqual((await asyncio.wait_for(awaited(turn), 30)).text, "One two.")

    async def test_nothing_of_a_reader_that_went_stays_on_the_loop(self):
        loop = asyncio.get_running_loop()
        with engine("One two three.", clock="real") as e:
            session = e.create_session("job-interview")
            turn, events = session.send("Hello"), session.events()
            self.assertFalse(loop.remove_reader(e.wait_fd()))
            async for _ in turn:
                break
            async for _ in events:
                break
            gc.collect()
            for _ in range(3):
                await asyncio.sleep(0)  # lint: lets the loop close what was left, no time passes
            self.assertFalse(loop.remove_reader(e.wait_fd()))
            self.assertEqual((turn._bell._signals, events._bell._signals), ([], []))
            self.assertEqual((await turn).text, "One two three.")
            self.assertFalse(loop.remove_reader(e.wait_fd()))

    async def test_a_reply_that_was_cut_off_raises_behind_its_text(self):
        with scena.Engine(clock="virtual", seed=1, provider="fault:cut_after=3", max_retries=0) as e:
            turn, pieces = e.create_session("job-interview").send("Hello"), []
            with self.assertRaises(scena.NetworkError):
                async for piece in turn:
                    pieces.append(piece)
            self.assertEqual("".join(pieces), (await turn).text)
            self.assertTrue(pieces)

    async def test_the_end_of_a_viewer_of_rights_is_not_that_of_the_engine(self):
        with engine("One two.", clock="real") as e:
            slow = asyncio.ensure_future(awaited(e.create_session("job-interview").send("Hello")))
            await asyncio.sleep(0)  # lint: lets the task begin, no time passes
            async with e.as_principal(subject="ann") as ann:
                ann.presets()
            self.assertEqual((await asyncio.wait_for(slow, 30)).text, "One two.")

    async def test_commands_are_done_though_all_that_is_awaited_takes_long(self):
        slow = {"url": "script:", "options": {"delay_ms": 60000, "replies": ["x"]}}
        with engine("One two.", clock="real", providers={"slow": slow}) as e:
            waiting = asyncio.ensure_future(awaited(e.create_session("job-interview", provider="slow").send("Hello")))
            for _ in range(20):
                await asyncio.sleep(0.001)  # lint: until nothing is left to do
            session = e.create_session("job-interview")
            starting, calling = session.start(), e.complete("Hello", provider="slow")
            while not starting.done():
                await asyncio.sleep(0.001)  # lint: until the loop was told
            turn = session.send("Hello")
            while not turn.done():
                await asyncio.sleep(0.001)  # lint: until the loop was told
            calling.cancel()
            while not calling.done():
                await asyncio.sleep(0.001)  # lint: until the loop was told
            self.assertEqual((turn.result().text, calling.result().outcome), ("One two.", "cancelled"))
            waiting.cancel()

    async def test_blocking_calls_work_inside_a_running_loop(self):
        # What a notebook does: its cells run inside the loop, and call what blocks.
        with engine("One two.", clock="real") as e:
            session = e.create_session("job-interview")
            self.assertEqual("".join(session.send("Hello")), "One two.")
            self.assertEqual((await session.send("Again")).text, "One two.")

    async def test_threads_of_the_engine_answer_the_loop(self):
        with engine("One two.", clock="real", threads=2) as e:
            session = e.create_session("job-interview")
            self.assertEqual([one async for one in session.send("Hello")] and (await session.send("x")).outcome, "complete")

    async def test_reading_goes_on_behind_a_wait_that_blocked(self):
        with engine("One two three.", clock="real", threads=2) as e:
            session = e.create_session("job-interview")
            events = session.events()
            async for _ in events:
                break
            self.assertIsNone(events.next(timeout=0.001))

            async def read():
                async for event in events:
                    if event.type == "turn.finished":
                        return

            reader = asyncio.ensure_future(read())
            await asyncio.sleep(0)  # lint: lets the task begin, no time passes
            session.send("Hello")
            await asyncio.wait_for(reader, 30)

    async def test_closing_the_engine_ends_who_waits(self):
        with engine("One two.", clock="real", providers={
                "slow": {"url": "script:", "options": {"delay_ms": 60000, "replies": ["x"]}}}, provider="slow") as e:
            task = asyncio.ensure_future(awaited(e.create_session("job-interview").send("Hello")))
            await asyncio.sleep(0)  # lint: lets the task begin, no time passes
            told = []
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))
            e.close()
            try:
                self.assertEqual((await asyncio.wait_for(task, 5)).outcome, "interrupted")
            except scena.ClosedError:
                pass
            self.assertEqual(told, [])

    async def test_an_engine_that_closes_on_a_thread_is_no_longer_run_by_the_loop(self):
        with engine("One two.", clock="real") as e:
            waiting = asyncio.ensure_future(awaited(e.create_session("job-interview").send("Hello")))
            await asyncio.sleep(0)  # lint: lets the task begin, no time passes
            loop, descriptor = asyncio.get_running_loop(), e.wait_fd()
            closing = asyncio.ensure_future(e.aclose())
            await asyncio.sleep(0)  # lint: lets the task begin, no time passes
            self.assertFalse(loop.remove_reader(descriptor))
            await closing
            with self.assertRaises(scena.ClosedError):
                await e.create_session("job-interview").start()
            await asyncio.wait([waiting], timeout=30)
            self.assertTrue(waiting.done())
            waiting.exception()

    async def test_no_timer_is_left_behind_what_was_awaited(self):
        loop, timers = asyncio.get_running_loop(), []
        later = loop.call_later
        for clock in ("real", "virtual"):
            with engine("One two.", clock=clock) as e:
                with unittest.mock.patch.object(loop, "call_later", lambda *given: timers.append(later(*given)) or timers[-1]):
                    await e.create_session("job-interview").send("Hello")
                self.assertTrue(timers)
                self.assertEqual([one for one in timers if not one.cancelled() and one.when() > loop.time()], [])

    async def test_on_the_virtual_clock_an_answer_may_come_from_another_thread(self):
        with engine("One two.") as e:
            session = e.create_session("job-interview")
            await session.send("Hello")
            await session.complete()
            e.run_until_idle()
            reader = asyncio.ensure_future(first_of(session.events(after="live")))
            while e._pump()._asleep == 0:
                await asyncio.sleep(0)  # lint: lets the task wait, no time passes
            for _ in range(10):
                await asyncio.sleep(0)  # lint: lets the engine find nothing to do, no time passes
            thread = threading.Thread(target=session.annotate, args=("note", {}))
            thread.start()
            self.assertEqual((await asyncio.wait_for(reader, 30)).type, "app.note")
            thread.join()


    async def test_an_aclose_that_is_cancelled_or_comes_too_late_closes_all_the_same(self):
        slow = {"url": "script:", "options": {"delay_ms": 60000, "replies": ["x"]}}

        async def cancelled(e):
            closing = asyncio.ensure_future(e.aclose())
            await asyncio.sleep(0)  # lint: lets the task begin, no time passes
            closing.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await closing

        async def late(e):
            try:
                await asyncio.wait_for(e.aclose(), 0)
            except asyncio.TimeoutError:
                pass

        async def at_the_end(e):
            async def task():
                async with e:
                    await asyncio.Event().wait()

            using = asyncio.ensure_future(task())
            for _ in range(2):  # the second one falls into the end of the block
                await asyncio.sleep(0)  # lint: lets the task go on, no time passes
                using.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await using

        go_on = threading.Event()
        pool = concurrent.futures.ThreadPoolExecutor(1)
        asyncio.get_running_loop().set_default_executor(pool)
        pool.submit(go_on.wait)  # the loop's own threads are busy
        try:
            for end in cancelled, late, at_the_end:
                e = engine(clock="real", providers={"slow": slow}, provider="slow")
                turn = e.create_session("job-interview").send("Hello")
                waiting = asyncio.ensure_future(awaited(turn))
                await asyncio.sleep(0)  # lint: lets the task begin, no time passes
                with self.subTest(end.__name__):
                    await end(e)
                    await asyncio.wait_for(e.aclose(), 10)
                    with self.assertRaises(scena.ClosedError):
                        e.stats()
                    try:
                        self.assertEqual((await asyncio.wait_for(waiting, 10)).outcome, "interrupted")
                    except scena.ClosedError:
                        pass
        finally:
            go_on.set()
            pool.shutdown()


class Extensions(unittest.IsolatedAsyncioTestCase):
    async def test_coroutines_of_the_host_run_on_its_loop(self):
        loop_thread = threading.get_ident()
        seen = []

        class Slow:
            async def reply(self, request):
                seen.append(threading.get_ident())
                await asyncio.sleep(0.001)  # lint: what a real service would do
                yield "It has "
                yield "18 degrees."

        with engine(clock="real", providers={"own": Slow()}, provider="own") as e:
            result = await e.create_session("job-interview").send("Hello")
            self.assertEqual((result.outcome, result.text), ("complete", "It has 18 degrees."))
            self.assertEqual(seen, [loop_thread])

    async def test_cancelling_a_turn_cancels_the_coroutine(self):
        ended = asyncio.Event()

        class Endless:
            async def reply(self, request):
                try:
                    yield "One"
                    await asyncio.Event().wait()
                finally:
                    ended.set()

        with engine(clock="real", providers={"own": Endless()}, provider="own") as e:
            turn = e.create_session("job-interview").send("Hello")
            async for piece in turn:
                turn.cancel()
            self.assertEqual((await turn).outcome, "cancelled")
            await asyncio.wait_for(ended.wait(), 5)


    async def test_cancelling_a_turn_cancels_the_coroutine_of_its_tool(self):
        begun, ended = asyncio.Event(), asyncio.Event()

        @scena.tool(everywhere=True)
        async def weather(city):
            try:
                begun.set()
                await asyncio.Event().wait()
            finally:
                ended.set()

        with engine(ASKS, TELLS, clock="real", tools=[weather]) as e:
            turn = e.create_session("job-interview").send("How is the weather?")
            waiting = asyncio.ensure_future(awaited(turn))
            await asyncio.wait_for(begun.wait(), 30)
            turn.cancel()
            self.assertEqual((await waiting).outcome, "cancelled")
            await asyncio.wait_for(ended.wait(), 30)


class ManyLoops(unittest.TestCase):
    def test_a_loop_of_ones_own_runs_an_engine(self):
        with engine("One two.", clock="real") as e:
            turn = e.create_session("job-interview").send("Hello")
            ran = 0
            while not turn.done():
                select.select([e.wait_fd()], [], [], e.next_deadline())
                ran += e.poll(0.001)
            self.assertEqual(turn.result().text, "One two.")
            self.assertGreater(ran, 3)

    def test_each_run_has_its_own_loop_and_none_is_kept(self):
        seen, loops = [], []

        class Own:
            async def reply(self, request):
                seen.append(asyncio.get_running_loop() is loops[-1]())
                yield "Fine."

        async def talk(e):
            loops.append(weakref.ref(asyncio.get_running_loop()))
            return (await e.create_session("job-interview").send("Hello")).text

        with engine(clock="real", providers={"own": Own()}, provider="own") as e:
            self.assertEqual([asyncio.run(talk(e)) for _ in range(3)], ["Fine."] * 3)
            self.assertEqual(seen, [True] * 3)
            gc.collect()
            self.assertEqual([one() for one in loops[:2]], [None] * 2)

    def test_a_loop_that_closes_meanwhile_keeps_no_other_from_waking(self):
        class Closing(asyncio.SelectorEventLoop):
            closes = False

            def is_closed(self):
                return super().is_closed() and not self.closes

        with engine("One two.", clock="real", threads=2) as e:
            session = e.create_session("job-interview")
            events = session.events()
            self.assertEqual(events.next(timeout=30).type, "session.created")
            other, left = Closing(), events.__aiter__()

            async def begin():
                step = left.__anext__()
                step.send(None)
                return step

            step = other.run_until_complete(begin())
            other.close()
            other.closes = True  # so one finds it that asked a moment before

            async def read():
                reading = asyncio.ensure_future(first_of(events))
                await asyncio.sleep(0)  # lint: lets the task begin, no time passes
                session.send("Hello")
                return await asyncio.wait_for(reading, 30)

            try:
                self.assertNotEqual(asyncio.run(read()).type, "")
            finally:
                other.closes = False
                with self.assertRaises(GeneratorExit):
                    step.throw(GeneratorExit)


async def awaited(something):
    return await something


async def first_of(something):
    async for one in something:
        return one


if __name__ == "__main__":
    unittest.main()

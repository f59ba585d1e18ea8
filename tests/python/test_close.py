"""What a closed engine lets go of: everything that its host gave it."""
import asyncio
import gc
import threading
import unittest
import unittest.mock
import weakref

import scena
from scena import _lent


class Owner:
    """Holds its engine, and gives it what it calls: a ring that only close() can open."""

    hold_back = 0
    name = "looks"

    def __init__(self, part, **options):
        given = {
            "tools": [scena.tool(name="look", everywhere=True, parameters={})(self.look)],
            "tool_approval": self.look,
            "providers": {"own": self},
            "analyzers": [self],
            "filter": self,
            "log": self.log,
            "secrets": self.secrets,
            "job_handlers": {"mail": scena.JobHandler(self.look)},
            "event_sinks": {"audit": self.sink},
            "embedders": {"own": self},
            "token_counters": {"*": self.count},
        }
        if part != "all":
            given = {part: given[part]}
        self.engine = scena.Engine(clock="virtual", log_level="trace", **given, **options)
        self.calls = 0

    def look(self, *_):
        self.calls += 1

    log = sink = secrets = measure = check_input = check_output = look

    def count(self, text):
        self.calls += 1
        return len(text)

    async def reply(self, request):
        self.calls += 1
        yield "Fine."

    def embed(self, texts):
        self.calls += 1
        return [[1.0] for _ in texts]


class LettingGo(unittest.TestCase):
    PARTS = ("tools", "tool_approval", "providers", "analyzers", "filter", "log", "secrets", "job_handlers",
             "event_sinks", "embedders", "token_counters", "all")

    def is_gone(self, owner):
        """What the engine's last thread still holds is let go of a moment after close()."""
        for _ in range(1000):
            gc.collect()
            if owner() is None:
                return True
            threading.Event().wait(0.01)
        return False

    def talk(self, owner):
        session = owner.engine.create_session("job-interview")
        self.assertEqual(session.send("Hello").result().outcome, "complete")
        return session

    def test_a_closed_engine_lets_go_of_what_its_host_gave(self):
        for part in self.PARTS:
            with self.subTest(part):
                owner = Owner(part, **({"provider": "own"} if part in ("providers", "all") else {}))
                session = self.talk(owner)
                owner.engine.close()
                calls = owner.calls
                owner.engine.close()
                seen, owner.session = weakref.ref(owner), session
                if part not in ("tools", "tool_approval", "secrets", "job_handlers", "embedders"):
                    self.assertGreater(calls, 0)
                del owner, session
                self.assertTrue(self.is_gone(seen))

    def test_one_that_was_awaited_is_collected_too(self):
        async def use():
            owner = Owner("all", provider="own")
            async with owner.engine as made:
                owner.session = made.create_session("job-interview")
                owner.view, owner.turn = owner.session.events(), owner.session.send("Hello")
                self.assertEqual((await owner.turn).outcome, "complete")
                async for event in owner.view:
                    if event.type == "turn.finished":
                        break
            with self.assertRaises(scena.ClosedError):
                await owner.session.pause()
            self.assertEqual((await owner.turn).text, "Fine.")
            return weakref.ref(owner), weakref.ref(made._runner)  # what leads from the parts to the engine

        for seen in asyncio.run(use()):
            self.assertTrue(self.is_gone(seen), seen)

    def test_nothing_of_the_host_is_called_after_close(self):
        raised = []
        patch = unittest.mock.patch("sys.unraisablehook", raised.append)
        patch.start()
        self.addCleanup(patch.stop)
        owner = Owner("all", provider="own")
        session = self.talk(owner)
        ann, view = owner.engine.as_principal(subject="ann"), session.events()
        owner.engine.close()
        calls = owner.calls
        for call in (
            lambda: session.send("Hello").result(),
            lambda: ann.create_session("job-interview"),
            lambda: owner.engine.embed(["a"], provider="own").result(),
            lambda: owner.engine.enqueue_job("mail", "x"),
            lambda: owner.engine.complete("Hello", provider="own").result(),
        ):
            with self.assertRaises(scena.ClosedError):
                call()
        list(view)
        del session, view, ann, call
        gc.collect()
        self.assertEqual((owner.calls, raised), (calls, []))

    def test_what_was_taken_back_tells_that_the_engine_was_closed(self):
        lent = _lent.Lent(len)
        self.assertEqual((lent("abc"), lent.__name__, lent.is_here()), (3, "len", True))
        lent.take_back()
        self.assertFalse(lent.is_here())
        for use in (lambda: lent("abc"), lambda: lent.name):
            with self.assertRaisesRegex(scena.ClosedError, "the engine was closed"):
                use()

    def test_closing_does_not_wait_for_a_generator_that_goes_on(self):
        for threads in (0, 2):
            begun = threading.Event()

            class Endless:
                def reply(self, request):
                    while True:
                        begun.set()
                        yield "x"
                        threading.Event().wait(0.001)  # as a model in this process takes its time

            e = scena.Engine(threads=threads, provider="own", providers={"own": Endless()}, limits={"answer_bytes": 2**26})
            turn = e.create_session("job-interview").send("Hello")
            outcomes = []
            reader = threading.Thread(target=lambda: outcomes.append(turn.result().outcome), daemon=True)
            reader.start()
            self.assertTrue(begun.wait(30))
            closing = threading.Thread(target=e.close, daemon=True)
            closing.start()
            closing.join(30)
            self.assertFalse(closing.is_alive(), f"{threads} threads")
            reader.join(30)
            self.assertEqual(outcomes, ["interrupted"], f"{threads} threads")

    def test_an_engine_that_cannot_close_here_keeps_its_parts(self):
        class Model:
            def reply(self, request):
                self.engine.close()
                yield "Fine."

        model = Model()
        with scena.Engine(clock="virtual", providers={"own": model}, provider="own") as model.engine:
            session = model.engine.create_session("job-interview")
            for _ in range(2):
                self.assertEqual(session.send("Hello").result().text, "Fine.")


if __name__ == "__main__":
    unittest.main()

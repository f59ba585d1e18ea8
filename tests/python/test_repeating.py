"""The same again: seeds, batches and virtual time over Python."""
import json
import unittest

import scena
from support import engine


class Repeating(unittest.TestCase):
    def talk(self, seed):
        with scena.Engine(clock="virtual", seed=seed) as e:
            sessions = e.run_sessions("salary-negotiation", 3, max_turns=4)
            return [session.export("jsonl") for session in sessions]

    def test_one_seed_gives_the_same_bytes(self):
        self.assertEqual(self.talk(7), self.talk(7))
        self.assertNotEqual(self.talk(7), self.talk(8))

    def test_a_batch_tells_its_progress(self):
        class Bar:
            def __init__(self, total):
                bars.append(self)
                self.total, self.done, self.closed = total, 0, False

            def update(self, by):
                self.done += by

            def close(self):
                self.closed = True

        bars = []
        with scena.Engine(clock="virtual", seed=7) as e:
            sessions = e.run_sessions("job-interview", 5, max_turns=2, at_once=2, progress=Bar)
            self.assertEqual([one.info().turns for one in sessions], [2] * 5)
        self.assertEqual([(bar.total, bar.done, bar.closed) for bar in bars], [(5, 5, True)])

    def test_counts_of_sessions_are_whole_and_in_range(self):
        with scena.Engine(clock="virtual", seed=7) as e:
            self.assertEqual(e.run_sessions("job-interview", 0), [])
            for name, given in [("at_once", 0), *((name, one) for name in ("count", "at_once") for one in (-1, 1.5, "3", None))]:
                options = {"count": 1, name: given}
                with self.subTest(name, given=given), self.assertRaisesRegex(scena.InvalidArgumentError, f"^{name}: must be "):
                    e.run_sessions("job-interview", max_turns=1, **options)
            self.assertEqual(e.sessions()[0], [])

    def test_a_batch_runs_as_many_sessions_at_once_as_it_is_told(self):
        made, seen = [], []

        class Bar:
            def __init__(self, total):
                self.close = lambda: seen.append("closed")

            def update(self, by):
                seen.append(len(made))
                if len(seen) == 6:
                    raise LookupError("no terminal")

        with scena.Engine(clock="virtual", seed=7) as e:
            create = e.create_session
            e.create_session = lambda *given, **options: made.append(create(*given, **options)) or made[-1]
            sessions = e.run_sessions("job-interview", 4, max_turns=1, at_once=2, progress=Bar)
            self.assertEqual((seen, sessions, {one.info().turns for one in sessions}), ([2, 3, 4, 4, "closed"], made, {1}))
            with self.assertRaises(LookupError):
                e.run_sessions("job-interview", 4, max_turns=1, progress=Bar)
            self.assertEqual(seen[-1], "closed")
            for wrong in (0, -1):
                with self.assertRaisesRegex(scena.InvalidArgumentError, "^at_once: must be 1 or more"):
                    e.run_sessions("job-interview", 4, at_once=wrong)

    def test_a_batch_takes_a_preset_in_every_form_and_who_plays_in_it(self):
        with scena.Engine(clock="virtual", seed=7) as e:
            preset = e.preset("job-interview")
            for given in (preset, json.dumps(preset), "\n" + json.dumps(preset)):
                self.assertEqual([one.info().turns for one in e.run_sessions(given, 1, max_turns=2)], [2])
            (session,) = e.run_sessions("job-interview", 1, max_turns=2, played_by={"candidate": "human"})
            self.assertEqual([one.is_human for one in session.info().participants], [False, True])
            for faulty, pointer in ((dict(preset, characters=5), "/characters"), ({"id": "x", "title": "X"}, "/characters"),
                                    (json.dumps({"id": "x", "characters": [{"id": "a"}]}), "/title"), ("{", ""), (5, "")):
                with self.subTest(faulty), self.assertRaisesRegex(scena.InvalidArgumentError, "^preset: ") as caught:
                    e.run_sessions(faulty, 1)
                self.assertEqual(caught.exception.pointer, pointer)
            with self.assertRaises(scena.NotFoundError):
                e.run_sessions("no-such-preset", 1)

    def test_virtual_days_pass_at_once(self):
        with engine("Fine.") as e:
            before = e.now
            e.advance(86_400)
            self.assertEqual((e.now - before).total_seconds(), 86_400)
            with self.assertRaises(scena.WrongStateError), engine("x", clock="real") as real:
                real.advance(1)

    def test_a_step_in_seconds_is_exact(self):
        with engine("Fine.") as e:
            for milliseconds in range(1, 2_000):
                before = e.now
                e.advance(milliseconds / 1000)
                self.assertEqual(round((e.now - before).total_seconds() * 1e6), milliseconds * 1000)

    def test_a_deadline_below_a_millisecond_is_one(self):
        with scena.Engine(clock="virtual", seed=7) as e:
            result = e.create_session("job-interview").send("Hello.", deadline=0.0004).result()
            self.assertIsInstance(result.error, scena.TimeoutError)


if __name__ == "__main__":
    unittest.main()

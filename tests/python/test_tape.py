"""The tape over Python: what a service in another process sent is recorded, and replayed without it."""
import os
import pathlib
import re
import stat
import sys
import tempfile
import unittest

import scena

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from chat_service import ChatService, WORDS  # noqa: E402

PRESET = {"id": "room", "title": "Room", "characters": [{"id": "host", "name": "Host"},
                                                        {"id": "guest", "name": "Guest", "played_by": "human"}]}
ENDINGS = {"whole": ("complete", None), "cut": ("truncated", scena.ErrorCode.NETWORK), "reset": ("truncated", scena.ErrorCode.NETWORK),
           "busy": ("failed", scena.ErrorCode.RATE_LIMITED)}


def untimed(events):
    """The bytes of events without their times: those of a recording are the wall clock's."""
    return [re.sub(r'"time":\d+,', "", event) for event in events]


class Tapes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tape = pathlib.Path(folder.name) / "talk.tape"

    def engine(self, url, **options):
        provider = {"url": "openai:m", "base_url": url, "api_key": "sk-secret-key"}
        # Of the metrics one that looks at the text alone: engagement counts how soon a person answers, by the wall clock.
        return scena.Engine(seed=7, metrics=["sentiment"], live_metrics=False, provider="p", providers={"p": provider}, max_retries=0, **options)

    def talk(self, url, *, step=None, **options):
        """One conversation, in which every ending comes once: (event bytes, results)."""
        with self.engine(url, **options) as engine:
            session = engine.create_session(PRESET, id="talk")
            viewer = session.events()
            results = []
            for ending in ENDINGS:
                turn = session.send(f"Please {ending}")
                while step is not None and not turn.done():
                    engine.advance(step)
                results.append(turn.result())
            engine.run_until_idle()
            return [event.to_json() for event in viewer.take(10_000)], results

    def recorded(self):
        """The address of a service that is gone, and the events of a talk with it that is on the tape."""
        with ChatService() as service:
            events, results = self.talk(service.url, tape_record=self.tape)
        self.assertEqual([(one.outcome, one.error and one.error.code) for one in results], list(ENDINGS.values()))
        self.assertEqual(results[0].text, "".join(WORDS))
        return service.url, events

    def test_a_recorded_talk_is_replayed_with_equal_events_at_every_pace(self):
        url, first = self.recorded()
        replayed = {speed: self.talk(url, tape_replay=self.tape, tape_speed=speed, clock="virtual")[0] for speed in (1, 1000, 0)}
        for speed, events in replayed.items():
            with self.subTest(speed):
                self.assertEqual(untimed(events), untimed(first))
        self.assertEqual(replayed[1], self.talk(url, tape_replay=self.tape, clock="virtual")[0], "byte by byte, times included")
        self.assertEqual(untimed(self.talk(url, tape_replay=self.tape, clock="virtual", step=0.0005)[0]), untimed(first), "step by step")

    def test_a_replay_takes_the_recorded_time_divided_by_its_speed(self):
        url, _ = self.recorded()
        took = {}
        for speed in (1, 1000, 0):
            times = [int(re.search(r'"time":(\d+)', event)[1])
                     for event in self.talk(url, tape_replay=self.tape, tape_speed=speed, clock="virtual")[0]]
            took[speed] = times[-1] - times[0]
        self.assertGreater(took[1], 1_000)  # microseconds, for some 80 pieces that each are read before the next is sent
        self.assertLess(took[1000], took[1] // 100)
        self.assertEqual(took[0], 0)

    def test_what_is_not_on_the_tape_fails_and_says_what_comes_next(self):
        url, _ = self.recorded()
        with self.engine(url, tape_replay=self.tape, clock="virtual") as engine:
            result = engine.create_session(PRESET, id="talk").send("Something else").result()
        self.assertEqual((result.outcome, result.error.code), ("failed", scena.ErrorCode.NOT_FOUND))
        self.assertIn("/chat/completions", str(result.error))

    def test_a_tape_is_private_and_holds_no_key(self):
        self.recorded()
        self.assertEqual(stat.S_IMODE(os.stat(self.tape).st_mode), 0o600)
        self.assertNotIn("sk-secret-key", self.tape.read_text(encoding="utf-8"))

    def test_tapes_that_cannot_be_are_refused(self):
        with self.assertRaises(scena.InvalidArgumentError):
            scena.Engine(tape_record=self.tape, tape_replay=self.tape)
        with self.assertRaises(scena.InvalidArgumentError):
            scena.Engine(tape_replay=self.tape, tape_speed=1001)
        with self.assertRaises(scena.NotFoundError):
            scena.Engine(tape_replay=self.tape)
        self.tape.write_text('{"tape":"scena","version":2}\n', encoding="utf-8")
        with self.assertRaises(scena.VersionMismatchError):
            scena.Engine(tape_replay=self.tape)
        self.tape.write_text('{"tape":"scena","version":1}\nnonsense\n', encoding="utf-8")
        with self.assertRaisesRegex(scena.Error, "line 2"):
            scena.Engine(tape_replay=self.tape)


if __name__ == "__main__":
    unittest.main()

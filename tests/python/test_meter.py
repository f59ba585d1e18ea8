"""Messages measured without an engine."""
import concurrent.futures
import json
import os
import subprocess
import unittest

import scena
from support import engine

ASKED = "Why did you leave your last job?"
MESSAGES = [
    "I love this! It is wonderful.",
    {"id": 7, "question": ASKED, "text": "No comment."},
    {"id": "x", "text": "I have never been to Berlin.", "history": [
        {"role": "self", "text": "I lived in Berlin for three years."}, {"role": "other", "text": "Really?"}]},
    {"text": "Das ist kein Englisch, und wir messen es nicht."},
]


class Meters(unittest.TestCase):
    def test_rows_are_those_of_the_command(self):
        lines = "".join(json.dumps({"text": one} if isinstance(one, str) else one) + "\n" for one in MESSAGES)
        told = subprocess.run([os.path.join(os.environ["SCENA_BUILD"], "scena"), "measure"], input=lines, capture_output=True,
                              text=True, check=True, timeout=60).stdout
        self.assertEqual(scena.Meter().rows(MESSAGES), [json.loads(line) for line in told.splitlines()])

    def test_scores_are_those_of_a_session_with_their_evidence(self):
        with engine(ASKED) as e:
            session = e.create_session("job-interview")
            session.send("I rebuilt the scheduler.").result()
            session.send("No comment.", reply=False).result()
            *before, last = session.messages()
        history = [{"role": "self" if one.from_human else "other", "text": one.text} for one in before]
        measured = scena.Meter().measure(last.text, question=before[-1].text, history=history)
        self.assertEqual([(one.metric, one.value, one.confidence, one.label) for one in measured],
                         [(one.metric, one.value, one.confidence, one.label) for one in last.metrics])
        self.assertNotEqual(scena.Meter().measure(last.text), scena.Meter().measure(last.text, question=ASKED))
        evasive = next(one for one in measured if one.metric == "evasiveness")
        self.assertEqual({one.message for one in evasive.evidence}, {"text"})

    def test_what_is_no_message_is_refused_by_name(self):
        meter = scena.Meter()
        for history in ([{"role": "cook", "text": "a"}], [{"text": "a"}], [{"role": "self"}]):
            with self.assertRaisesRegex(scena.InvalidArgumentError, r"history\[0\]"):
                meter.measure("Hello", history=history)
        for given in (7, None, b"Hello", ["Hello"]):
            with self.assertRaises(TypeError):
                meter.measure(given)
        with self.assertRaises(TypeError):
            meter.measure("Hello", history=[{"role": "self", "text": 7}])
        with self.assertRaises(scena.InvalidArgumentError):
            meter.measure("\ud800")
        for given in ({}, {"text": 7}, {"text": "a", "history": 7}, 7):
            with self.assertRaisesRegex(scena.InvalidArgumentError, r"^messages\[1\]: "):
                meter.rows(["fine", given])
        self.assertEqual(meter.rows([]), [])
        self.assertEqual(meter.measure(""), meter.measure("", question="", history=[]))

    def test_threads_share_one(self):
        meter = scena.Meter()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            rows = list(pool.map(lambda _: meter.rows(MESSAGES), range(40)))
        self.assertTrue(all(one == rows[0] for one in rows))


if __name__ == "__main__":
    unittest.main()

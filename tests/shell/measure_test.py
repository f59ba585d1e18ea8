"""Messages measured from standard input."""

import json
import os
import subprocess
import sys
import unittest

import command
from command import CommandTest, environment

MEMBERS = ["id", "sentiment", "evasiveness", "contradiction", "toxicity", "engagement", "sophistication", "coverage", "industry"]
RANGES = {"sentiment": (-1, 1)}


class Measure(CommandTest):
    def measure(self, *items, code=0):
        """The answers to items (raw lines where they are text), by their order."""
        lines = [item if isinstance(item, str) else json.dumps(item) for item in items]
        text = "".join(line + "\n" for line in lines)
        done = self.ok("measure", stdin=text) if code == 0 else self.fails(code, "measure", stdin=text)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        for answer in answers:
            self.assertEqual(list(answer), MEMBERS)
            for name in MEMBERS[1:-1]:
                low, high = RANGES.get(name, (0, 1))
                self.assertTrue(answer[name] is None or low <= answer[name] <= high, answer)
            self.assertIsInstance(answer["industry"], str)
        return answers, done.stderr

    def test_a_line_gives_a_line_with_its_id_and_every_metric(self):
        answers, errors = self.measure(
            {"id": "a", "question": "When does the course begin?", "text": "I would rather not say."},
            {"id": 7, "history": [{"role": "self", "text": "I live in Rome."}, {"role": "other", "text": "I see."}], "text": "I do not live in Rome."},
            {"text": "This is a wonderful, brilliant idea, thank you!"})
        self.assertEqual([answer["id"] for answer in answers], ["a", 7, None])
        self.assertGreater(answers[0]["evasiveness"], 1 / 3)
        self.assertGreater(answers[1]["contradiction"], 0.5)
        self.assertGreater(answers[2]["sentiment"], 0.5)
        self.assertIsNone(answers[2]["contradiction"])
        self.assertIsNone(answers[2]["evasiveness"])
        self.assertEqual(errors, "")

    def test_odd_texts_get_an_answer(self):
        turns = [{"role": ("self", "other")[i % 2], "text": f"I paid {i} dollars in May."} for i in range(2000)]
        answers, _ = self.measure(
            {"text": ""}, {"text": "   "}, {"text": "a\0b is good"}, {"text": "\u202ethis is terrible\u202c"},
            '{"text": "lone \\ud800 surrogate, very good"}', '{"text": "\\ude00\\ud83d"}', '{"text": "\\\\ud800 is text"}',
            {"text": "It was a good day for all of us. " * 32768}, {"history": turns, "text": "I paid 3 dollars in May."},
            {"text": "Das ist doch gar nicht wahr, und du weißt es auch ganz genau."}, {"text": "x" * 100000})
        self.assertEqual(len(answers), 11)
        self.assertIsNone(answers[0]["sentiment"])
        self.assertIsNone(answers[1]["sentiment"])
        self.assertLess(answers[3]["sentiment"], 0)
        self.assertGreater(answers[4]["sentiment"], 0)
        self.assertGreater(answers[7]["sentiment"], 0)
        self.assertIsNotNone(answers[8]["contradiction"])
        self.assertIsNone(answers[9]["sentiment"])

    def test_bytes_that_are_not_utf8_count_as_replacement_characters(self):
        done = subprocess.run([command.SCENA, "measure"], input=b'{"text": "very \xed\xa0\x80 good \xff"}\r\n', capture_output=True,
                              env=environment(), check=True, timeout=60)
        self.assertGreater(json.loads(done.stdout)["sentiment"], 0)

    def test_a_bad_line_is_named_and_the_rest_goes_on(self):
        answers, errors = self.measure(
            {"id": 1, "text": "fine"}, {"id": 2, "text": 5}, "", "no json", {"id": 3, "text": "fine", "question": []}, [],
            {"id": 4, "text": "fine", "history": [{"role": "self", "text": "a"}, {"role": "they", "text": "b"}]},
            {"id": 5, "text": "fine", "history": [{"role": "self"}]}, {"id": 6, "text": "fine", "history": {}},
            {"id": 7, "text": "fine", "history": None, "question": None}, code=1)
        self.assertEqual([answer["id"] for answer in answers], [1, 7])
        expected = {2: '"text"', 4: "JSON", 5: '"question"', 6: "object", 7: '"history/1/role"', 8: '"history/0/text"', 9: '"history"'}
        lines = errors.splitlines()
        self.assertEqual(len(lines), len(expected))
        for line, (number, field) in zip(lines, expected.items()):
            self.assertTrue(line.startswith(f"scena: line {number}: "), line)
            self.assertIn(field, line)

    def test_two_runs_give_the_same_bytes(self):
        text = "".join(json.dumps({"id": i, "question": "Why are you late?", "text": f"Well, {i} trains were late, sorry!"}) + "\n" for i in range(500))
        self.assertEqual(self.ok("measure", stdin=text).stdout, self.ok("measure", stdin=text).stdout)

    def test_a_byte_order_mark_before_the_first_line_is_no_part_of_it(self):
        line = '{"text": "good"}\n'
        self.assertEqual(self.ok("measure", stdin="\ufeff" + line + line).stdout, self.ok("measure", stdin=line + line).stdout)
        self.assertIn("line 2", self.fails(1, "measure", stdin=line + "\ufeff" + line).stderr)

    def test_of_a_line_that_is_not_read_to_its_end_nothing_is_told(self):
        reader, writer = os.pipe()
        os.close(reader)
        piece = ('{"text": "It was a good day."}\n' * 20000).encode()  # a read ends within a line
        done = subprocess.run([command.SCENA, "measure"], input=piece, stdout=writer, stderr=subprocess.PIPE, env=environment(), timeout=60)
        os.close(writer)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_the_last_line_may_lack_its_end(self):
        done = self.ok("measure", stdin='{"text": "good"}\n{"text": "bad"}')
        self.assertEqual(len(done.stdout.splitlines()), 2)


if __name__ == "__main__":
    command.SCENA = sys.argv.pop(1)
    unittest.main(verbosity=2)

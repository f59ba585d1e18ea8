"""The cases of tests/cases hold over Python, and give the same bytes as over C++."""
import os
import pathlib
import subprocess
import unittest

import cases

FOLDER = pathlib.Path(__file__).parents[1] / "cases"


class Cases(unittest.TestCase):
    def test_every_case_gives_the_same_events_as_over_cpp(self):
        found = sorted(FOLDER.glob("*.case"))
        self.assertGreaterEqual(len(found), 25)
        for path in found:
            with self.subTest(path.name):
                seen = cases.run(path)
                other = subprocess.run([os.environ["SCENA_CASES"], "--events", path], capture_output=True, check=True)
                self.assertEqual(seen.encode(), other.stdout)

    def test_a_case_that_does_not_hold_is_told(self):
        for path in sorted(FOLDER.glob("wrong/*.case")):
            with self.subTest(path.name), self.assertRaises(cases.Wrong):
                cases.run(path)

"""The cases of tests/cases that must fail do; that the others hold and show the recorded bytes, compare.py looks at."""
import pathlib
import unittest

import cases

FOLDER = pathlib.Path(__file__).parents[1] / "cases"


class Cases(unittest.TestCase):
    def test_a_case_that_does_not_hold_is_told(self):
        found = sorted(FOLDER.glob("wrong/*.case"))
        self.assertGreaterEqual(len(found), 5)
        for path in found:
            with self.subTest(path.name), self.assertRaises(cases.Wrong):
                cases.run(path)

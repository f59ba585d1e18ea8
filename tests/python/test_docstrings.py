"""The examples in the docstrings run and give what they say."""
import doctest
import importlib
import unittest


class Docstrings(unittest.TestCase):
    def test_examples_hold(self):
        ran = 0
        for name in ("scena", "scena._batch", "scena._engine", "scena._errors", "scena._extensions", "scena._session"):
            with self.subTest(name):
                result = doctest.testmod(importlib.import_module(name))
                self.assertEqual(result.failed, 0)
                ran += result.attempted
        self.assertGreater(ran, 25)

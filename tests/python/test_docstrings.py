"""The examples in the docstrings run and give what they say."""
import doctest
import importlib
import pkgutil
import unittest

import scena


class Docstrings(unittest.TestCase):
    def test_examples_hold(self):
        ran = {}
        for name in ["scena", *("scena." + one.name for one in pkgutil.iter_modules(scena.__path__))]:
            with self.subTest(name):
                result = doctest.testmod(importlib.import_module(name))
                self.assertEqual(result.failed, 0)
                ran[name] = result.attempted
        self.assertGreater(sum(ran.values()), 45, ran)
        for name in ("scena._provider", "scena._tool", "scena._turn", "scena._watchers", "scena._engine_jobs"):
            self.assertGreater(ran[name], 0, name)

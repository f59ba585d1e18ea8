"""The examples in the docstrings run and give what they say."""
import doctest
import importlib
import inspect
import pkgutil
import unittest

import scena


def is_described(kind, member):
    """Whether it is a method or a property, not a value."""
    found = inspect.getattr_static(kind, member)
    return isinstance(found, (property, staticmethod, classmethod)) or inspect.isroutine(found)


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

    def test_everything_public_says_what_it_is_at_run_time(self):
        silent = []
        for name in scena.__all__:
            one = getattr(scena, name)
            silent += [] if one.__doc__ else [name]
            if isinstance(one, type):
                members = [member for base in one.__mro__ if base.__module__.startswith("scena") for member in vars(base)]
                silent += [f"{name}.{member}" for member in members if not member.startswith("_") and is_described(one, member)
                           and not inspect.getdoc(getattr(one, member))]
        self.assertEqual(silent, [])

    def test_options_are_given_by_name(self):
        told = {"config", "principal", "format", "timeout", "budget", "most", "character", "message"}  # what a call is about
        found = []
        for kind in (scena.Engine, scena.Session, scena.Turn, scena.Events, scena.Meter, scena.JobHandler, scena.EventSink, scena.Tool):
            for name, one in inspect.getmembers(kind, inspect.isroutine):
                if name != "__init__" and (name.startswith("_") or not hasattr(one, "__module__") or not str(one.__module__).startswith("scena")):
                    continue
                for option in inspect.signature(one).parameters.values():
                    if option.default is not option.empty and option.kind is not option.KEYWORD_ONLY:
                        found.append((kind.__name__, name, option.name))
        for option in inspect.signature(scena.run_batch).parameters.values():
            self.assertTrue(option.name == "plan" or option.kind in (option.KEYWORD_ONLY, option.VAR_KEYWORD), option.name)
        self.assertGreater(len(found), 8)
        self.assertEqual([one for one in found if one[2] not in told], [])

    def test_what_everybody_calls_has_an_example(self):
        calls = {
            scena.Engine: ["create_session", "run_sessions", "complete", "enqueue_job", "close"],
            scena.Session: ["send", "run", "messages", "rows", "fork", "join", "analysis"],
            scena.Turn: ["accepted", "result"],
            scena.Events: ["next"],
        }
        for kind, names in calls.items():
            for name in names:
                self.assertIn(">>> ", getattr(kind, name).__doc__, name)

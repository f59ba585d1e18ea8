"""Runs the scena command as a person or a script would."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

# A shell's background job ignores SIGINT, and the command keeps what is ignored: here it heeds them all.
for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL), (signal.SIGHUP, signal.SIG_DFL)):
    signal.signal(number, handler)

SCENA = ""
VIRTUAL = ["--clock", "virtual", "--seed", "7"]
LINES = "Good morning, I am glad to be here.\nI wrote the scheduler myself.\n\nWe measured it together.\n"


def environment(**more):
    """An environment without anything that would configure the engine."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR", "LLVM_PROFILE_FILE")}
    if "LLVM_PROFILE_FILE" in kept:
        # A file of its own: what two programs count cannot be told apart by their sizes.
        kept["LLVM_PROFILE_FILE"] = os.path.join(os.path.dirname(kept["LLVM_PROFILE_FILE"]), "scena-%4m.profraw")
    kept.update(more)
    return kept


def scena(*args, stdin=None, env=None, timeout=120, cwd=None):
    return subprocess.run([SCENA, *map(str, args)], input=stdin, capture_output=True, text=True, timeout=timeout,
                          env=env or environment(), cwd=cwd, **({} if stdin is not None else {"stdin": subprocess.DEVNULL}))


def events_of(text):
    return [json.loads(line) for line in text.splitlines()]


def of_type(events, kind):
    return [event for event in events if event["type"] == kind]


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scena-shell-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def ok(self, *args, **more):
        done = scena(*args, **more)
        self.assertEqual(done.returncode, 0, f"{args}\n{done.stdout[-2000:]}\n{done.stderr}")
        return done

    def fails(self, code, *args, **more):
        done = scena(*args, **more)
        self.assertEqual(done.returncode, code, f"{args}\n{done.stdout[-2000:]}\n{done.stderr}")
        for line in done.stderr.splitlines():
            self.assertTrue(line.startswith("scena: "), line)
        self.assertNotEqual(done.stderr, "")
        return done

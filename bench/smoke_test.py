#!/usr/bin/env python3
"""The benchmark programs do what they say: the form of their output, and the text behind it.

    smoke_test.py FOLDER     where the programs are

Speed is not judged here.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import mock_model

PROGRAMS = pathlib.Path(".")
HERE = pathlib.Path(__file__).resolve().parent
KOFFI = HERE.parent / "bindings/node/node_modules/koffi"
# The fields of the harness's Result, in its order.
FIELDS = ("peer version workload streams tokens_per_reply rate tokens bytes replies errors cpu_s sys_s wall_s "
          "tok_per_cpu_s tok_per_wall_s us_per_tok rss0_kb rss1_kb rss_per_stream_kb ttft_p50_ms ttft_p99_ms "
          "delay_p50_ms delay_p99_ms").split()


def run(program, *args):
    return subprocess.run([PROGRAMS / program, *map(str, args)], capture_output=True, text=True, timeout=120)


def lines(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


class Streams(unittest.TestCase):
    def streams(self, *args):
        """One run against a server of its own; (row, stderr)."""
        done = run("scena_streams", "--port", mock_model.start(), *args)
        rows = lines(done)
        self.assertEqual(len(rows), 1)
        self.assertEqual(list(rows[0]), FIELDS)
        return rows[0], done.stderr

    def test_unpaced_replies_arrive_whole_in_every_mode(self):
        for mode in ("transport", "session", "sqlite"):
            with self.subTest(mode):
                row, told = self.streams("--mode", mode, "--workload", "w2", "--streams", 3, "--tokens", 40, "--reps", 2,
                                         "--warm", 1, "--threads", 1)
                self.assertEqual((row["errors"], told), (0, ""))
                self.assertEqual((row["replies"], row["tokens"]), (6, 240))
                self.assertEqual(row["bytes"], 6 * mock_model.reply_bytes(40))
                self.assertEqual((row["workload"], row["streams"], row["tokens_per_reply"]), ("w2", 3, 40))
                self.assertEqual(row["ttft_p50_ms"], -1)

    def test_paced_tokens_carry_their_delay(self):
        for mode in ("transport", "session"):
            with self.subTest(mode):
                row, told = self.streams("--mode", mode, "--workload", "w3", "--streams", 2, "--tokens", 10, "--rate", 50,
                                         "--secs", 1, "--ttft", 20)
                self.assertEqual((row["errors"], told), (0, ""))
                self.assertGreater(row["tokens"], 20)
                self.assertGreaterEqual(row["delay_p99_ms"], row["delay_p50_ms"])
                self.assertGreater(row["delay_p50_ms"], 0)
                self.assertGreater(row["ttft_p50_ms"], 0)

    def test_the_peers_name_chooses_the_mode(self):
        row, _ = self.streams("--peer", "scena-transport", "--tokens", 5, "--reps", 1)
        self.assertEqual((row["peer"], row["bytes"]), ("scena-transport", mock_model.reply_bytes(5)))

    def test_what_cannot_be_done_is_refused(self):
        for args in (["--speed", "1"], ["--streams"], ["--streams", "0"], ["--threads", "2"], ["--mode", "fast"]):
            with self.subTest(args):
                self.assertEqual(run("scena_streams", *args).returncode, 2)

    def test_a_server_that_is_not_there_counts_as_errors(self):
        done = run("scena_streams", "--mode", "transport", "--port", 1, "--tokens", 5, "--reps", 1, "--warm", 0)
        self.assertEqual(lines(done)[0]["errors"], 1)


class Others(unittest.TestCase):
    def test_rollouts_do_not_depend_on_the_workers(self):
        one, two = (lines(run("rollouts", "--sessions", 120, "--turns", 3, "--workers", n))[0] for n in (1, 2))
        self.assertEqual((one["sessions"], one["turns"], one["workers"], two["workers"]), (120, 360, 1, 2))
        self.assertEqual((one["sha256"], one["event_bytes"]), (two["sha256"], two["event_bytes"]))
        self.assertEqual(len(one["sha256"]), 64)
        other = lines(run("rollouts", "--sessions", 120, "--turns", 3, "--seed", 8))[0]
        self.assertNotEqual(one["sha256"], other["sha256"])

    def test_polling_makes_no_thread_that_nobody_asked_for(self):
        for storage, threads in (("memory", 1), ("slow", 2)):
            row = lines(run("poll_budget", "--calls", 2000, "--sessions", 5, "--storage", storage))[0]
            self.assertEqual((row["storage"], row["calls"], row["threads"]), (storage, 2000, threads))
            self.assertLessEqual(row["overrun_p99_us"], row["overrun_p999_us"])
            self.assertLessEqual(row["overrun_p999_us"], row["overrun_max_us"])

    def test_appends_are_measured_in_both_durabilities_and_three_groups(self):
        with tempfile.TemporaryDirectory() as folder:
            rows = lines(run("sqlite_append", folder, 4000, 1))
            left = list(pathlib.Path(folder).iterdir())
        self.assertEqual([(r["durability"], r["group"]) for r in rows],
                         [(d, g) for d in ("process", "power") for g in (1, 10, 100)])
        self.assertTrue(all(r["ratio"] > 0 for r in rows))
        self.assertEqual(left, [])

    def test_delivery_is_measured_to_queues_and_callbacks(self):
        rows = lines(run("fanout_bench", 20, 4))
        self.assertEqual([(r["bench"], r["viewers"], r["batch"]) for r in rows][:2],
                         [("push to queues", 20, 4), ("read from queues", 20, 4)])
        self.assertIn("one callback", [r["bench"] for r in rows])
        self.assertTrue(all(r["ns_each"] > 0 and r["deliveries"] > 0 for r in rows))

    def test_memory_is_measured_for_streams_and_idle_sessions(self):
        rows = lines(run("memory_bench", "--sessions", 50, "--streams", 5, "--tokens", 200))
        self.assertEqual([r["bench"] for r in rows], ["open_stream", "open_stream", "idle_session", "idle_session"])
        self.assertEqual([(r["tls"], r["errors"]) for r in rows[:2]], [(False, 0), (True, 0)])
        self.assertEqual([r["talked"] for r in rows[2:]], [False, True])


class Bindings(unittest.TestCase):
    """What the languages cost, looked at once: each figure is there and is one."""

    def figures(self, program):
        done = subprocess.run([sys.executable, HERE / program, PROGRAMS.parent, "quick"], capture_output=True, text=True, timeout=250)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = {}
        for line in done.stdout.splitlines():
            name, rest = re.match(r"(.*?)  +(.*)", line).groups()
            found[name] = [float(number) for number in re.findall(r"-?[\d.]*\d", rest)]
            self.assertTrue(found[name], line)
        return found

    def test_python_tells_import_and_token(self):
        found = self.figures("python_import.py")
        self.assertEqual(list(found), ["import scena", "of the standard library", "a start with the import"])
        both, ratio, bare = found["a start with the import"]
        self.assertAlmostEqual(ratio, both / bare, delta=0.1)
        found = self.figures("token_cost.py")
        self.assertEqual(list(found), ["import", "a token in C++", "a token in C", "a token in Python", "with others, in C", "with others, Python",
                                       "100 sessions"])
        self.assertTrue(all(numbers[0] > 0 for name, numbers in found.items() if name.startswith("a token")))

    @unittest.skipUnless(KOFFI.exists(), "the Node package is not installed: make setup")
    def test_node_tells_import_token_poll_and_hold(self):
        found = self.figures("node_figures.py")
        self.assertEqual(list(found), ["import", "a start with the import", "a token in C", "a token in Node", "a poll, 1 waiting",
                                       "a poll, 2000 waiting", "sync of 50 ms, 20 turns"])
        for name in ("a token in C", "a token in Node", "a poll, 1 waiting"):
            self.assertGreater(found[name][0], 0)

    @unittest.skipUnless(KOFFI.exists(), "the Node package is not installed: make setup")
    def test_node_streams_whole_replies(self):
        environment = {**os.environ, "SCENA_LIBRARY": str(PROGRAMS.parent / "capi/libscena.so")}
        for mode in ("complete", "session"):
            with self.subTest(mode):
                done = subprocess.run(["node", HERE / "node_streams.mjs", "--workload", "w2", "--port", str(mock_model.start()), "--streams", "3",
                                       "--tokens", "40", "--reps", "2", "--warm", "1", "--mode", mode], env=environment, capture_output=True,
                                      text=True, timeout=60)
                row = lines(done)[0]
                self.assertEqual(list(row), FIELDS[:len(row)])
                self.assertEqual((row["errors"], row["replies"], row["bytes"]), (0, 6, 6 * mock_model.reply_bytes(40)))


if __name__ == "__main__":
    PROGRAMS = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()

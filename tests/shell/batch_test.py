"""Batches as a night runs them: killed, stopped, watched on a terminal, and compared."""

import csv
import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import sys
import time
import unittest

import command
from command import CommandTest, VIRTUAL, environment, events_of
from terminal_test import pieces_of, resize

PLAN = {"name": "Interviews", "presets": ["job-interview", "angry-customer"], "seeds": {"count": 12}, "max_turns": 4,
        "outcomes": [{"name": "warm", "metric": "sentiment", "above": 0.05}]}
CLOCK = ["--clock", "virtual"]


class Batch(CommandTest):
    def plan(self, **more):
        return self.file("plan.json", json.dumps({**PLAN, **more}))

    def bytes_of(self, folder):
        """All that a batch leaves, but for its journal: that tells of the order in which sessions ended."""
        return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*"))
                if path.is_file() and path.name != "journal.jsonl"}

    def whole(self, **more):
        out = self.folder / "whole"
        self.ok("batch", self.plan(**more), "-o", out, *CLOCK, "--workers", 1)
        return out

    def rows_in(self, journal):
        """The keys of the journal's whole lines; a last one that is torn does not count."""
        text = journal.read_text() if journal.exists() else ""
        return [json.loads(line)["row"]["key"] for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def start(self, out, *more):
        return subprocess.Popen([command.SCENA, "batch", str(self.folder / "plan.json"), "-o", str(out), *CLOCK, *more], env=environment(),
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)

    def until_rows(self, process, out, count):
        limit = time.monotonic() + 60
        while process.poll() is None and len(self.rows_in(out / "journal.jsonl")) < count:
            self.assertLess(time.monotonic(), limit)

    def test_killed_at_any_point_it_ends_with_the_bytes_of_a_whole_run(self):
        whole = self.whole()
        for point in (0, 1, 2, 5, 11, 19, 23):
            out = self.folder / f"killed-{point}"
            process = self.start(out, "--workers", "2")
            self.until_rows(process, out, point)
            process.kill()
            process.wait()
            before = self.rows_in(out / "journal.jsonl")
            self.ok("batch", self.folder / "plan.json", "-o", out, *CLOCK, "--workers", 2)
            after = self.rows_in(out / "journal.jsonl")
            self.assertEqual(after[:len(before)], before)
            self.assertEqual(len(set(after)), len(after))  # nothing was run twice
            self.assertEqual(self.bytes_of(out), self.bytes_of(whole), point)

    def test_killed_again_and_again_it_still_ends(self):
        whole, out, kills = self.whole(), self.folder / "often", 0
        for goal in range(2, 24, 3):
            process = self.start(out, "--workers", "2")
            self.until_rows(process, out, goal)
            process.kill()
            kills += process.wait() == -signal.SIGKILL
        self.assertGreater(kills, 3)
        self.ok("batch", self.folder / "plan.json", "-o", out, *CLOCK)
        self.assertEqual(self.bytes_of(out), self.bytes_of(whole))

    def test_a_torn_journal_is_mended(self):
        whole = self.whole()
        journal = (whole / "journal.jsonl").read_bytes()
        for cut in (1, len(journal) // 3, len(journal) // 2, len(journal) - 1):
            out = self.folder / f"torn-{cut}"
            shutil.copytree(whole, out)
            (out / "journal.jsonl").write_bytes(journal[:cut])
            self.ok("batch", self.folder / "plan.json", "-o", out, *CLOCK)
            self.assertEqual(self.bytes_of(out), self.bytes_of(whole))
            again = self.ok("batch", self.folder / "plan.json", "-o", out, *CLOCK)
            self.assertIn("24 from before, 0 left", again.stdout)

    def test_a_signal_ends_it_with_what_is_finished_and_it_goes_on_later(self):
        whole = self.whole(seeds={"count": 80})  # long enough that the signal comes in time
        for number in (signal.SIGINT, signal.SIGTERM):
            out = self.folder / f"stopped-{number}"
            process = self.start(out, "--workers", "2")
            self.until_rows(process, out, 3)
            process.send_signal(number)
            self.assertEqual(process.wait(60), 1)
            rows = events_of((out / "rows.jsonl").read_text())
            self.assertEqual({row["key"] for row in rows}, set(self.rows_in(out / "journal.jsonl")))
            self.assertLess(len(rows), 160)
            self.ok("batch", self.folder / "plan.json", "-o", out, *CLOCK)
            self.assertEqual(self.bytes_of(out), self.bytes_of(whole))

    def test_rows_say_the_same_as_csv_and_as_json_lines(self):
        out = self.whole()
        rows = events_of((out / "rows.jsonl").read_text())
        with open(out / "rows.csv", newline="") as file:
            cells = list(csv.DictReader(file))
        self.assertEqual(len(rows), 24)
        for row, cell in zip(rows, cells, strict=True):
            for name in ("key", "preset", "outcome", "end", "session"):
                self.assertEqual(row[name], cell[name])
            self.assertEqual(int(cell["turns"]), 4)
            self.assertEqual(row["metrics"]["sentiment"], float(cell["metric.sentiment"]))
        self.assertEqual({row["outcome"] for row in rows}, {"warm", "max_turns"})

    def test_the_summary_has_intervals(self):
        done = self.ok("batch", self.plan(), "-o", self.folder / "out", *CLOCK, "--json")
        groups = json.loads(done.stdout)["groups"]
        self.assertEqual([group["preset"] for group in groups], ["", "job-interview", "angry-customer"])
        self.assertEqual((self.folder / "out" / "summary.json").read_text(), done.stdout)
        for group in groups:
            share = group["outcomes"]["warm"]
            self.assertLessEqual(0, share["low"])
            self.assertLess(share["low"], share["value"] + 1e-9)
            self.assertLess(share["value"], share["high"] + 1e-9)
            self.assertLess(group["metrics"]["sentiment"]["low"], group["metrics"]["sentiment"]["high"])

    def test_failed_sessions_are_rows_and_end_with_1(self):
        plan = self.plan(models=[{"name": "good", "provider": "script:"}, {"name": "bad", "provider": "fault:401x99"}])
        done = command.scena("batch", plan, "-o", self.folder / "out", *CLOCK)
        self.assertEqual(done.returncode, 1)
        self.assertIn("48 rows, 0 from before, 0 left", done.stdout)
        self.assertIn("failed: unauthenticated", done.stdout)
        summary = json.loads((self.folder / "out" / "summary.json").read_text())
        self.assertEqual([group["errors"] for group in summary["groups"] if group["model"] != "good"][0], {"unauthenticated": 24})
        self.assertEqual(done.stderr, "")
        rows = events_of((self.folder / "out" / "rows.jsonl").read_text())
        self.assertEqual({row["error"] for row in rows if row["model"] == "bad"}, {"unauthenticated"})
        self.assertEqual({row["error"] for row in rows if row["model"] == "good"}, {""})

    def test_money_ends_it_with_1_and_says_so(self):
        config = self.file("prices.json", json.dumps({"prices": {"*": {"request": "0.01"}}}))
        plan = self.plan(limits={"money": "0.2", "session_money": "0.05"})
        done = command.scena("batch", plan, "-o", self.folder / "out", *CLOCK, "--config", config)
        self.assertEqual(done.returncode, 1)
        self.assertIn("4 rows, 0 from before, 20 left (money), $0.16", done.stdout)

    def test_an_outcome_that_no_session_can_end_with_is_a_fault(self):
        plan = self.plan(outcomes=[{"name": "deal", "end": "phrases"}])
        done = self.fails(3, "batch", plan, "-o", self.folder / "out")
        self.assertIn("scena: /outcomes/0/end: is no end of a session; give ", done.stderr)

    def test_every_fault_of_a_plan_is_told(self):
        done = self.fails(3, "batch", self.file("bad.json", '{"presets":["x"],"seeds":[],"odd":1}'), "-o", self.folder / "out")
        for pointer in ("/presets/0", "/seeds", "/odd"):
            self.assertIn(f"scena: {pointer}: ", done.stderr)
        self.assertFalse((self.folder / "out").exists())
        self.fails(4, "batch", self.folder / "none.json", "-o", self.folder / "out")
        self.fails(2, "batch", self.plan())

    def test_another_plan_or_another_batch_in_the_folder_is_refused(self):
        out = self.whole()
        self.fails(6, "batch", self.plan(max_turns=5), "-o", out, *CLOCK)
        shutil.rmtree(out)
        self.plan(seeds={"count": 2000})
        process = self.start(out)
        self.until_rows(process, out, 1)
        done = self.fails(6, "batch", self.folder / "plan.json", "-o", out, *CLOCK)
        self.assertIn("another batch works in this folder", done.stderr)
        process.kill()
        process.wait()

    def test_virtual_time_waits_for_no_service(self):
        self.fails(3, "batch", self.plan(models=[{"name": "a", "provider": "openai:gpt-4o"}]), "-o", self.folder / "out", *CLOCK)

    def test_a_stored_session_is_rolled_out_from_a_message(self):
        store = ["--storage", f"sqlite:{self.folder}/talks.db"]
        self.ok("run", "salary-negotiation", "--auto", *VIRTUAL, *store)
        session = events_of(self.ok("sessions", *store, "--json").stdout)[0]["id"]
        plan = self.file("fork.json", json.dumps({"fork": {"session": session, "message": "m4"}, "seeds": {"count": 8}, "max_turns": 6}))
        for workers in (1, 2):
            self.ok("batch", plan, "-o", self.folder / f"out{workers}", *CLOCK, *store, "--workers", workers)
        self.assertEqual(self.bytes_of(self.folder / "out1"), self.bytes_of(self.folder / "out2"))
        rows = events_of((self.folder / "out1" / "rows.jsonl").read_text())
        self.assertEqual([row["turns"] for row in rows], [6] * 8)
        self.assertGreater(len({json.dumps(row["metrics"]) for row in rows}), 1)

    def test_a_terminal_gets_a_bar_that_goes_and_a_pipe_gets_none(self):
        self.plan()
        screen, line = pty.openpty()
        resize(screen, 60)
        process = subprocess.Popen([command.SCENA, "batch", str(self.folder / "plan.json"), "-o", str(self.folder / "out"), *CLOCK],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=line, env=environment(TERM="xterm"))
        os.close(line)
        shown = b"".join(pieces_of(screen)).decode()
        os.close(screen)
        told = process.communicate(timeout=60)[0].decode()
        self.assertEqual(process.returncode, 0)
        lines = [part.removesuffix("\x1b[K") for part in shown.split("\r") if part]
        self.assertIn("24 of 24", lines[-2])
        self.assertEqual(lines[-1], "")
        for part in lines:
            self.assertLessEqual(len(part), 59)
        self.assertNotIn("\r", told)
        again = self.ok("batch", self.folder / "plan.json", "-o", self.folder / "out", *CLOCK)
        self.assertEqual(again.stderr, "")

    def test_stored_sessions_are_counted(self):
        store = ["--storage", f"sqlite:{self.folder}/talks.db"]
        for seed, preset in enumerate(("job-interview", "job-interview", "salary-negotiation")):
            self.ok("run", preset, "--auto", "--clock", "virtual", "--seed", seed, *store)
        rows = events_of(self.ok("analytics", *store, "--by", "preset", "--by", "month").stdout)
        self.assertEqual([(row["preset"], row["sessions"], row["completed"]) for row in rows],
                         [("job-interview", 2, 2), ("salary-negotiation", 1, 1)])
        text = self.ok("analytics", *store, "--flow", "--csv", "--preset", "job-interview").stdout
        flow = list(csv.DictReader(text.splitlines()))
        self.assertEqual(sum(int(row["sessions"]) for row in flow if row["from"] == "(start)"), 2)
        self.assertEqual(sum(int(row["sessions"]) for row in flow if row["to"] == "(completed)"), 2)
        self.assertEqual(self.ok("analytics", *store, "--agreement").stdout, "")
        text = self.ok("analytics", *store, "--agreement", "--csv").stdout
        self.assertEqual(text.strip(), "preset,sessions,metric,messages,difference,correlation,labelled,same_label,kappa")
        self.fails(3, "analytics", *store, "--from", "yesterday")
        self.fails(2, "analytics", *store, "--by", "mood")

    def test_no_report_takes_the_place_of_what_a_batch_reads_or_writes(self):
        preset = self.file("mine.json", self.ok("presets", "show", "job-interview").stdout)
        self.ok("run", "salary-negotiation", "--auto", "--max-turns", 4, *VIRTUAL, "--storage", f"sqlite:{self.folder}/talks.db")
        session = self.ok("sessions", "--json", "--storage", f"sqlite:{self.folder}/talks.db").stdout
        talk = self.folder / "talk.json"
        self.ok("export", json.loads(session)["id"], "--storage", f"sqlite:{self.folder}/talks.db", "-o", talk)
        (self.folder / "link.html").symlink_to("out/journal.jsonl")
        plans = ({"presets": ["mine.json"], "seeds": [1], "max_turns": 2}, {"fork": {"file": "talk.json"}, "seeds": [1], "max_turns": 2})
        for plan, source in zip(plans, (preset, talk), strict=True):
            plan = self.file("plan.json", json.dumps(plan))
            shutil.rmtree(self.folder / "out", ignore_errors=True)
            for folders in (["out", "out/", "out/sessions"], []):  # before there is a folder, and when it has everything
                before = {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
                for name in (source.name, "plan.json", "link.html", "out/journal.jsonl", "out/rows.jsonl", "out/rows.csv",
                             "out/summary.json", "out/sessions/page.html", "out/sessions/../sessions/s1.json", *folders):
                    done = self.fails(3, "batch", plan, "-o", "out", *CLOCK, "--report", name, cwd=self.folder)
                    self.assertIn("name another file", done.stderr, name)
                self.assertEqual({path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}, before)
                self.ok("batch", plan, "-o", "out", *CLOCK, cwd=self.folder)

    def test_what_a_batch_leaves_is_its_owners_alone_and_nothing_beside_it_is_touched(self):
        out = self.folder / "new" / "out"
        victim = self.file("victim.txt", "mine")
        self.ok("batch", self.plan(seeds=[1]), "-o", out, *CLOCK)
        for folder in (out.parent, out, out / "sessions"):
            self.assertEqual(folder.stat().st_mode & 0o777, 0o700, folder)
        self.assertEqual(len([path for path in out.rglob("*") if path.is_file()]), 6)
        for path in out.rglob("*"):
            if path.is_file():
                self.assertEqual(path.stat().st_mode & 0o777, 0o600, path)
        (out / "rows.jsonl.part").write_text("mine")
        (out / "rows.csv.part").symlink_to(victim)
        (out / "sessions" / "key.json.0123456789abcdef.part").write_text("of a batch that was killed")
        self.ok("batch", self.folder / "plan.json", "-o", out, *CLOCK)
        self.assertEqual((out / "rows.jsonl.part").read_text(), "mine")
        self.assertEqual(victim.read_text(), "mine")
        self.assertEqual(len(list((out / "sessions").iterdir())), 2)

    def test_a_report_may_stand_in_the_new_folder_of_its_batch(self):
        for name in ("page.html", "rows.html"):
            self.ok("batch", self.plan(seeds=[1]), "-o", "out", *CLOCK, "--report", f"out/{name}", cwd=self.folder)
            self.assertIn("2 sessions in 2 groups", (self.folder / "out" / name).read_text())
        done = self.fails(6, "batch", self.folder / "plan.json", "-o", "new", *CLOCK, "--report", "new/sub/page.html", cwd=self.folder)
        self.assertIn("No such file", done.stderr)
        self.assertFalse((self.folder / "new").exists())

    def test_the_plans_of_the_examples_run(self):
        plans = sorted((pathlib.Path(__file__).parents[2] / "examples" / "plans").glob("*.json"))
        self.assertGreater(len(plans), 0)
        for plan in plans:
            self.ok("batch", plan, "-o", self.folder / plan.stem, *CLOCK)

    def test_batches_and_stores_are_compared(self):
        out, page = self.whole(), self.folder / "page.html"
        self.ok("compare", out, "-o", page)
        text = page.read_text()
        self.assertNotIn("<script", text)
        self.assertIn("24 sessions in 2 groups", text)
        self.ok("compare", out, out / "rows.jsonl", f"{out}/../{out.name}", "-o", page)
        self.assertIn("24 sessions in 2 groups", page.read_text())
        self.ok("compare", out, self.file("other.jsonl", (out / "rows.jsonl").read_text()), "-o", page)
        self.assertIn("48 sessions in 4 groups", page.read_text())
        store = ["--storage", f"sqlite:{self.folder}/talks.db"]
        self.ok("run", "salary-negotiation", "--auto", *VIRTUAL, *store)
        self.ok("run", "job-interview", "--auto", "--clock", "virtual", "--seed", "8", *store)
        self.ok("compare", *store, "-o", page)
        self.assertIn("2 sessions in 2 groups", page.read_text())
        self.assertIn("salary-negotiation", page.read_text())
        self.fails(3, "compare", self.file("bad.jsonl", "{}\n"), "-o", page)
        self.fails(4, "compare", self.folder / "none", "-o", page)


if __name__ == "__main__":
    command.SCENA = sys.argv.pop(1)
    unittest.main(verbosity=2)

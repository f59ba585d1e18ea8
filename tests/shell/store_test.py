"""Stored sessions and presets, and what doctor finds."""

import json
import math
import re
import sqlite3
import subprocess
import sys
import unittest

import command
from command import CommandTest, VIRTUAL, environment, events_of


class Stored(CommandTest):
    def setUp(self):
        super().setUp()
        self.store = ["--storage", f"sqlite:{self.folder}/talks.db"]
        done = self.ok("run", "salary-negotiation", "--auto", "--max-turns", "4", *VIRTUAL, *self.store)
        self.session = done.stdout.split()[-1]

    def test_a_stored_session_is_shown(self):
        text = self.ok("show", self.session, *self.store).stdout
        self.assertIn(self.session, text)
        self.assertIn("m1", text)
        self.assertIn("sentiment", text)
        json.loads(self.ok("show", self.session, "--json", *self.store).stdout)

    def test_the_analysis_of_a_stored_session_is_printed_and_given_as_json(self):
        text = self.ok("analysis", self.session, *self.store).stdout
        self.assertIn("measured, without a model", text)
        analysis = json.loads(self.ok("analysis", self.session, "--json", *self.store).stdout)
        self.assertEqual(analysis["source"], "offline")
        self.assertEqual([question["id"] for question in analysis["questions"]], ["reason", "share", "proof", "offer"])
        self.assertEqual(self.fails(4, "analysis", "nothing", *self.store).stdout, "")

    def test_sessions_lists_what_is_stored(self):
        self.assertIn(self.session, self.ok("sessions", *self.store).stdout)
        listed = [json.loads(line) for line in self.ok("sessions", "--json", *self.store).stdout.splitlines()]
        self.assertEqual([info["id"] for info in listed], [self.session])
        self.assertEqual(self.ok("sessions", "--state", "active", "--json", *self.store).stdout, "")

    def test_an_exported_session_imports_as_an_equal_one(self):
        copy = self.folder / "talk.json"
        self.ok("export", self.session, "-o", copy, *self.store)
        other = ["--storage", f"sqlite:{self.folder}/other.db"]
        self.assertEqual(self.ok("import", copy, *other).stdout.strip(), self.session)
        for arguments in (["show", self.session, "--json"], ["export", self.session, "--format", "markdown"]):
            self.assertEqual(self.ok(*arguments, *other).stdout, self.ok(*arguments, *self.store).stdout)
        self.assertEqual(self.ok("export", self.session, *other).stdout, copy.read_text())
        document = json.loads(copy.read_text())
        self.assertEqual(list(document), ["format", "version", "id", "preset", "events"])
        newer = self.file("newer.json", json.dumps({**document, "version": 2}))
        self.assertIn("newer", self.fails(6, "import", newer, "--storage", f"sqlite:{self.folder}/third.db").stderr)
        lines = [events_of(self.ok("export", self.session, "--format", "jsonl", *store).stdout) for store in (self.store, other)]
        self.assertEqual(*lines)
        self.fails(6, "import", copy, *other)
        self.fails(3, "import", self.file("no.json", "{}"), *other)

    def test_short_changes_start_no_jobs_that_wait_in_the_store(self):
        later = ["--config", self.file("later.json", json.dumps({"jobs": {"run": False}}))]
        done = self.ok("run", "job-interview", "--auto", "--max-turns", "2", "--clock", "virtual", "--seed", "3", *later, *self.store)
        session = done.stdout.split()[-1]
        self.fails(4, "analysis", session, *self.store)
        self.ok("rebuild", session, *self.store)
        self.ok("fork", session, *self.store)
        self.ok("presets", "seed", *self.store)
        database = sqlite3.connect(f"file:{self.folder}/talks.db?mode=ro", uri=True)
        jobs = database.execute("SELECT state, attempts FROM job WHERE kind = 'scena.analysis' AND id LIKE ?", (f"%{session}%",)).fetchall()
        database.close()
        self.assertEqual([attempts for _, attempts in jobs], [0])
        self.ok("run", "angry-customer", "--auto", "--max-turns", "2", "--clock", "virtual", *self.store)
        self.ok("analysis", session, *self.store)

    def test_a_fork_ends_with_the_message_named(self):
        fork = self.ok("fork", self.session, "--at", "m3", *self.store).stdout.strip()
        self.assertNotEqual(fork, self.session)
        text = self.ok("show", fork, *self.store).stdout
        self.assertIn("fork of " + self.session, text)
        self.assertIn("  m3", text)
        self.assertNotIn("  m4", text)
        self.fails(4, "fork", self.session, "--at", "m999", *self.store)

    def test_the_next_question_of_a_session_that_goes_on(self):
        fork = self.ok("fork", self.session, "--at", "m3", *self.store).stdout.strip()
        done = self.ok("next-question", fork, *self.store)
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.assertIn("the next planned question (no_model)", done.stderr)
        said = json.loads(self.ok("next-question", fork, "--json", *self.store).stdout)
        self.assertEqual(list(said), ["text", "covers", "fallback", "reason", "usage", "cost"])
        self.assertEqual((said["text"], said["fallback"], said["reason"]), (done.stdout.strip(), True, "no_model"))
        events = events_of(self.ok("export", fork, "--format", "jsonl", *self.store).stdout)
        chosen = [event["data"] for event in events if event["type"] == "question.chosen"]
        self.assertEqual([one["covers"] for one in chosen], [said["covers"]] * 2)
        self.fails(4, "next-question", fork, "--character", "nobody", *self.store)
        self.fails(1, "next-question", self.session, *self.store)  # it is over
        self.fails(4, "next-question", "nothing", *self.store)

    def said(self):
        events = json.loads(self.ok("export", self.session, *self.store).stdout)["events"]
        return events, [event["data"]["message"]["text"] for event in events if event["type"] == "message.stored"]

    def test_replay_prints_the_whole_conversation_again_in_order(self):
        text = " ".join(self.ok("replay", self.session, "--speed", "0", *self.store).stdout.split())
        place = 0
        for message in self.said()[1]:
            found = text.find(" ".join(message.split()), place)
            self.assertGreaterEqual(found, 0, message)
            place = found + len(message)

    def test_replay_asks_for_the_pauses_of_the_conversation_at_its_speed(self):
        events = self.said()[0]
        last = max(place for place, event in enumerate(events) if event["type"] == "message.stored")
        times = [event["time"] for event in events[:last + 1]]
        gaps = [(after - before) / 1000 for before, after in zip(times, times[1:]) if after > before]
        self.assertGreater(sum(gaps), 5000)
        # A leak checker is a tracer, too, and there may be one alone.
        env = environment()
        env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        for speed in (1, 4):
            seen = self.folder / "seen"
            # Every poll is answered at once: what is looked at is how long each would have waited.
            done = subprocess.run(["strace", "-f", "-qq", "-o", seen, "-e", "trace=?poll,?ppoll", "-e", "inject=?poll,?ppoll:retval=0",
                                   command.SCENA, "replay", self.session, "--speed", str(speed), *self.store],
                                  capture_output=True, text=True, env=env, timeout=120)
            self.assertEqual(done.returncode, 0, done.stderr)
            asked = [int(ms) for ms in re.findall(r"\bpoll\(\[\{fd=\d+, events=POLLIN\}\], 1, (\d+)\)", seen.read_text())]
            asked += [1000 * int(s) + int(ns) // 1000000
                      for s, ns in re.findall(r"ppoll\(\[\{fd=\d+, events=POLLIN\}\], 1, \{tv_sec=(\d+), tv_nsec=(\d+)\}", seen.read_text())]
            self.assertEqual(asked, [math.ceil(int(gap * 1000 / speed) / 1000) for gap in gaps])

    def test_what_is_told_of_a_session_later_is_no_part_of_its_time(self):
        before = self.ok("show", self.session, *self.store).stdout.splitlines()[2]
        document = json.loads(self.ok("export", self.session, *self.store).stdout)
        week = 7 * 24 * 3600 * 1000000
        last = document["events"][-1]
        document["events"].append({**last, "seq": last["seq"] + 1, "time": last["time"] + week, "type": "app.feedback", "actor": "host",
                                   "data": {"satisfied": True}})
        other = ["--storage", f"sqlite:{self.folder}/other.db"]
        self.ok("import", self.file("told.json", json.dumps(document)), *other)
        self.assertEqual(self.ok("show", self.session, *other).stdout.splitlines()[2], before)
        replayed = self.ok("replay", self.session, "--speed", "1000", *other, timeout=60).stdout  # a week would be ten minutes
        self.assertEqual(replayed.splitlines()[-1], before)
        listed = json.loads(self.ok("sessions", "--json", *other).stdout)
        self.assertEqual(listed["updated"] - week, last["time"])

    def test_replay_pauses_for_nothing_behind_the_last_message(self):
        document = json.loads(self.ok("export", self.session, *self.store).stdout)
        month = 30 * 24 * 3600 * 1000000
        ended = [event["type"] for event in document["events"]].index("session.completed")
        told = document["events"][:ended]
        told.append({**told[-1], "seq": told[-1]["seq"] + 1, "time": told[-1]["time"] + month, "type": "app.feedback", "actor": "host",
                     "data": {"satisfied": True}})
        late = document["events"][:ended] + [{**event, "time": event["time"] + month} for event in document["events"][ended:]]
        for name, events in (("never-ended", told), ("ended-late", late)):
            other = ["--storage", f"sqlite:{self.folder}/{name}.db"]
            self.ok("import", self.file(name, json.dumps({**document, "events": events})), *other)
            self.ok("replay", self.session, "--speed", "1000", *other, timeout=60)  # a month would be 43 minutes

    def test_a_fork_is_replayed_and_reported_with_its_shared_beginning(self):
        fork = self.ok("fork", self.session, "--at", "m3", *self.store).stdout.strip()
        stored = [event["data"]["message"] for event in events_of(self.ok("export", fork, "--format", "jsonl", *self.store).stdout)
                  if event["type"] == "message.stored"]
        self.assertEqual([message["id"] for message in stored], ["m1", "m2", "m3"])
        replayed = " ".join(self.ok("replay", fork, "--speed", "0", *self.store).stdout.split())
        for message in stored:
            self.assertIn(" ".join(message["text"].split()), replayed)
        self.ok("replay", fork, "--speed", "1000", *self.store, timeout=60)  # the time between the two is no pause
        report = self.folder / "fork.html"
        self.ok("report", fork, "-o", report, *self.store)
        timing = report.read_text().split('id="timing"')[1].split("</section>")[0]
        self.assertEqual(timing.count("not kept"), sum(bool(message.get("turn")) for message in stored))

    def test_rebuild_and_backup(self):
        self.assertIn("agree", self.ok("rebuild", self.session, *self.store).stdout)
        copy = self.folder / "copy.db"
        self.ok("backup", copy, *self.store)
        self.assertEqual(self.ok("show", self.session, "--json", "--storage", f"sqlite:{copy}").stdout,
                         self.ok("show", self.session, "--json", *self.store).stdout)

    def test_a_backup_is_one_file_and_is_read_where_nothing_can_be_written(self):
        folder = self.folder / "shelf"
        folder.mkdir()
        copy = folder / "copy.db"
        (folder / "copy.db.part").write_bytes(b"of a backup that died")
        self.ok("backup", copy, *self.store)
        database = sqlite3.connect(f"file:{copy}?mode=ro", uri=True)
        self.assertEqual(database.execute("PRAGMA journal_mode").fetchone(), ("delete",))
        database.close()
        self.assertEqual(sorted(path.name for path in folder.iterdir()), ["copy.db", "copy.db.part"])

    def test_explain_shows_the_request(self):
        replies = [event["data"]["message"]["id"] for event in events_of(self.ok("export", self.session, "--format", "jsonl", *self.store).stdout)
                   if event["type"] == "message.stored" and event["data"]["message"].get("turn")]
        self.assertIn("sha256", self.ok("explain", self.session, replies[0], "--seed", "7", *self.store).stdout)
        self.assertIn("equal to the one recorded", self.ok("explain", self.session, replies[0], *self.store).stdout)
        json.loads(self.ok("explain", self.session, replies[0], "--json", "--seed", "7", *self.store).stdout)

    def test_no_file_that_is_written_takes_the_place_of_the_store(self):
        store = self.folder / "talks.db"
        before = store.read_bytes()
        (self.folder / "link.db").symlink_to("talks.db")
        for name in ("talks.db", "link.db", "talks.db-wal", "talks.db-shm", "talks.db.lock"):
            for words in (["report", self.session, "-o", name], ["export", self.session, "-o", name], ["compare", "-o", name],
                          ["backup", name]):
                self.assertIn("name another file", self.fails(3, *words, *self.store, cwd=self.folder).stderr, words)
        self.assertEqual(store.read_bytes(), before)
        rows = self.file("rows.jsonl", "")
        self.assertIn("what is compared", self.fails(3, "compare", rows, "-o", rows).stderr)
        self.assertIn(self.session, self.ok("sessions", *self.store).stdout)

    def test_what_shows_a_conversation_is_its_owners_alone_to_read(self):
        names = [self.folder / name for name in ("talk.json", "talk.html", "run.html", "compared.html")]
        self.ok("export", self.session, "-o", names[0], *self.store)
        self.ok("report", self.session, "-o", names[1], *self.store)
        self.ok("run", "angry-customer", "--auto", "--max-turns", "1", *VIRTUAL, "--report", names[2])
        self.ok("compare", "-o", names[3], *self.store)
        names[0].chmod(0o644)
        self.ok("export", self.session, "-o", names[0], *self.store)
        for name in names:
            self.assertEqual(name.stat().st_mode & 0o777, 0o600, name)

    def test_what_stands_beside_a_file_that_is_written_is_left_alone(self):
        victim = self.file("victim.txt", "mine")
        self.file("talk.json.part", "mine")
        (self.folder / "compared.html.part").symlink_to(victim)
        self.ok("export", self.session, "-o", self.folder / "talk.json", *self.store)
        self.ok("compare", "-o", self.folder / "compared.html", *self.store)
        self.ok("run", "angry-customer", "--auto", "--max-turns", "1", *VIRTUAL, "--report", self.folder / "talk.json")
        self.assertEqual([(self.folder / name).read_text() for name in ("talk.json.part", "compared.html.part", "victim.txt")], ["mine"] * 3)
        left = sorted(path.name for ending in ("part", "new") for path in self.folder.glob("*." + ending))
        self.assertEqual(left, ["compared.html.part", "talk.json.part"])

    def test_a_link_to_what_is_not_there_yet_is_written_through(self):
        for name, words in (("a", ["run", "angry-customer", "--auto", "--max-turns", "1", *VIRTUAL, "--report"]),
                            ("b", ["compare", *self.store, "-o"]), ("c", ["export", self.session, *self.store, "-o"])):
            link = self.folder / name
            link.symlink_to(name + ".html")
            self.ok(*words, link)
            self.assertTrue(link.is_symlink())
            self.assertGreater((self.folder / (name + ".html")).stat().st_size, 1000, name)
        lost = self.folder / "lost"
        lost.symlink_to("nowhere/page.html")
        self.fails(6, "run", "angry-customer", "--auto", *VIRTUAL, "--report", lost)

    def test_a_copy_that_a_killed_backup_left_goes_with_the_next_one(self):
        for ending in ("", "-journal", "-wal"):
            self.file(f"copy.db.0123456789abcdef.part{ending}", "people's text")
        self.file("other.db.0123456789abcdef.part", "of another")
        self.ok("backup", self.folder / "copy.db", *self.store)
        self.assertEqual([path.name for path in self.folder.glob("*.part*")], ["other.db.0123456789abcdef.part"])

    def test_a_backup_needs_no_hard_links_and_still_replaces_nothing(self):
        copy = self.folder / "copy.db"
        refuse = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=?link,?linkat", "-e", "inject=?link,?linkat:error=EPERM",
                  command.SCENA, "backup", str(copy), *self.store]
        env = environment()
        env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        for code in (0, 6):
            done = subprocess.run(refuse, capture_output=True, text=True, env=env, timeout=120)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(self.session, self.ok("sessions", "--storage", f"sqlite:{copy}").stdout)
        self.assertEqual(list(self.folder.glob("*.part*")), [])

    def test_a_day_that_is_none_is_refused(self):
        for day in ("2026-13-01", "2026-02-30"):
            self.assertIn("from: must be a day", self.fails(3, "analytics", "--from", day, *self.store).stderr)

    def test_unknown_sessions_are_not_found(self):
        for name in ("show", "export", "fork", "replay", "rebuild"):
            self.fails(4, name, "01900000-0000-7000-8000-000000000000", *self.store)
        self.fails(4, "explain", self.session, "m999", *self.store)

    def test_stored_sessions_are_read_beside_a_run_that_goes_on(self):
        process = subprocess.Popen([command.SCENA, "run", "job-interview", "--input", "-", "--json", *self.store], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True, env=environment())
        process.stdin.write("I built the queue myself.\n")
        process.stdin.flush()
        seen = []
        while not seen or seen[-1]["type"] != "turn.finished":
            seen.append(json.loads(process.stdout.readline()))
        session = seen[0]["stream"].removeprefix("session:")
        listed = [json.loads(line) for line in self.ok("sessions", "--state", "active", "--json", *self.store).stdout.splitlines()]
        self.assertEqual([info["id"] for info in listed], [session])
        self.assertIn("I built the queue myself.", self.ok("show", session, *self.store).stdout)
        database = sqlite3.connect(f"file:{self.folder}/talks.db?mode=ro", uri=True)
        self.assertIn(("I built the queue myself.",), database.execute("SELECT text FROM v_messages").fetchall())
        for view in ("v_sessions", "v_metrics", "v_costs"):
            self.assertGreater(database.execute(f"SELECT count(*) FROM {view}").fetchone()[0], 0, view)
        database.close()
        self.ok("backup", self.folder / "copy.db", *self.store)
        self.fails(6, "fork", session, *self.store)  # one engine writes
        process.stdin.close()
        process.stdout.read()
        process.stdout.close()
        self.assertEqual(process.wait(30), 0)

    def test_a_store_that_another_program_holds_is_a_failure_of_the_storage(self):
        other = sqlite3.connect(self.folder / "talks.db", isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        for words in (["run", "angry-customer", "--auto", "--max-turns", "1", *VIRTUAL], ["fork", self.session]):
            self.assertIn("locked by another program", self.fails(6, *words, *self.store).stderr, words)

    def test_a_reply_that_a_locked_store_refused_is_a_failure_of_the_storage(self):
        for words, stdin in ((["--auto", "--max-turns", "3"], None), (["--input", "-"], "I wrote it myself.\nIt was fast.\n")):
            process = subprocess.Popen([command.SCENA, "run", "job-interview", "--json", *words, *self.store], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
            if stdin:
                process.stdin.write(stdin)
            process.stdin.close()
            for line in process.stdout:
                if json.loads(line)["type"] == "delta":
                    break
            other = sqlite3.connect(self.folder / "talks.db", isolation_level=None, timeout=30)
            other.execute("BEGIN IMMEDIATE")
            process.stdout.read()
            self.assertIn("locked by another program", process.stderr.read())
            self.assertEqual(process.wait(60), 6, words)
            other.close()
            process.stdout.close()
            process.stderr.close()

    def test_reading_creates_no_store(self):
        self.assertIn("there is no file", self.fails(6, "sessions", "--storage", f"sqlite:{self.folder}/none.db").stderr)
        self.assertFalse((self.folder / "none.db").exists())

    def test_a_change_of_what_is_not_there_creates_no_store(self):
        for change in ("fork", "rebuild"):
            self.assertIn("there is no file", self.fails(6, change, "one", "--storage", f"sqlite:{self.folder}/none.db").stderr)
        self.assertFalse((self.folder / "none.db").exists())

    def test_a_refused_import_creates_no_store(self):
        self.fails(3, "import", self.file("broken.json", '{"session": '), "--storage", f"sqlite:{self.folder}/none.db")
        self.assertEqual(list(self.folder.glob("none.db*")), [])


class Presets(CommandTest):
    def test_presets_are_listed_and_shown(self):
        text = self.ok("presets").stdout
        for name in ("job-interview", "police-interrogation", "salary-negotiation", "angry-customer", "doctor-patient", "journalist-politician"):
            self.assertIn(name, text)
            self.assertEqual(json.loads(self.ok("presets", "show", name).stdout)["id"], name)
        self.fails(4, "presets", "show", "nowhere")

    def test_check_reports_every_fault_on_a_line(self):
        done = self.fails(3, "presets", "check", self.file("bad.json", '{"id": "UPPER", "title": 7, "colour": "red", "characters": []}'))
        self.assertGreaterEqual(len(done.stderr.splitlines()), 3)
        self.assertIn("/colour", done.stderr)
        good = self.file("good.json", self.ok("presets", "show", "job-interview").stdout)
        self.assertIn("no faults", self.ok("presets", "check", good).stdout)

    def test_seeding_twice_stores_once(self):
        store = ["--storage", f"sqlite:{self.folder}/talks.db"]
        self.assertRegex(self.ok("presets", "seed", *store).stdout, r"^[6-9] presets stored\.")
        self.assertEqual(self.ok("presets", "seed", *store).stdout, "0 presets stored.\n")
        self.assertIn("--storage", self.fails(3, "presets", "seed").stderr)


class Doctor(CommandTest):
    def test_a_line_for_each_dependency(self):
        done = command.scena("doctor", "--storage", f"sqlite:{self.folder}/talks.db")
        for name in ("scena", "configuration", "engine", "tls", "storage", "presets", "provider", "certificates"):
            self.assertRegex(done.stdout, rf"(?m)^(ok|warn|FAULT) +{name} ")
        self.assertFalse((self.folder / "talks.db").exists())

    def test_a_store_that_is_no_store_is_a_fault(self):
        path = self.file("talks.db", "this is not a database, but a text that is long enough to be read as one" * 20)
        done = command.scena("doctor", "--storage", f"sqlite:{path}")
        self.assertRegex(done.stdout, r"(?m)^FAULT storage ")
        self.assertEqual(done.returncode, 6)

    def test_a_damaged_page_is_found_before_anybody_reads_it(self):
        path = self.folder / "talks.db"
        for _ in range(3):
            self.ok("run", "job-interview", "--auto", "--clock", "virtual", "--storage", f"sqlite:{path}")
        done = self.ok("doctor", "--storage", f"sqlite:{path}")
        self.assertRegex(done.stdout, r"(?m)^ok +storage .*every page is whole")
        whole = path.read_bytes()
        path.write_bytes(whole[:-24576] + b"\xee" * 24576)
        done = command.scena("doctor", "--storage", f"sqlite:{path}")
        self.assertRegex(done.stdout, r"(?m)^FAULT storage .*backup")
        self.assertEqual(done.returncode, 6)

    def test_only_a_provider_that_is_asked_over_tls_needs_certificates(self):
        none = {"SSL_CERT_FILE": str(self.folder / "none.crt")}
        for provider in ("script:", "fault:ok", "ollama:any", "openai:any@http://127.0.0.1:9/v1"):
            done = self.ok("doctor", "--provider", provider, env=environment(**none))
            self.assertRegex(done.stdout, r"(?m)^warn  certificates .*ca-certificates")
        done = command.scena("doctor", "--provider", "openai:any", env=environment(OPENAI_API_KEY="k", **none))
        self.assertRegex(done.stdout, r"(?m)^FAULT certificates .*ca-certificates")
        self.assertEqual(done.returncode, 5)
        done = command.scena("doctor", "--provider", "anthropic:any", env=environment(**none))
        self.assertRegex(done.stdout, r"(?m)^FAULT certificates ")

    def test_a_provider_that_the_engine_refuses_is_a_fault_and_its_password_is_not_shown(self):
        for provider in ("openai+http://ann:hush-1@127.0.0.1:1/v1", "openai:any@http://ann:hush-1@127.0.0.1:1/v1"):
            config = self.file("config.json", json.dumps({"provider": provider}))
            for given in (["--config", config], ["--provider", provider]):
                done = command.scena("doctor", *given)
                self.assertEqual(done.returncode, 3)
                self.assertEqual(len(re.findall(r"(?m)^FAULT ", done.stdout)), 1, done.stdout)
                self.assertRegex(done.stdout, r"(?m)^FAULT engine .*/provider: .*a user in the base URL")
                self.assertRegex(done.stdout, r"(?m)^ok    presets ")
                self.assertNotIn("hush-1", done.stdout + done.stderr)

    def test_a_provider_without_its_key_is_a_fault(self):
        done = command.scena("doctor", "--provider", "openai:gpt-4o")
        self.assertRegex(done.stdout, r"(?m)^FAULT provider .*OPENAI_API_KEY")
        self.assertNotEqual(done.returncode, 0)
        own = command.scena("doctor", "--provider", "openai:any", env=environment(OPENAI_BASE_URL="http://127.0.0.1:9/v1"))
        self.assertRegex(own.stdout, r"(?m)^warn  provider .*OPENAI_API_KEY if the server asks")
        self.assertEqual(own.returncode, 0)


if __name__ == "__main__":
    command.SCENA = sys.argv.pop(1)
    unittest.main()

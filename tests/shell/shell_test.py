"""The scena command, from the outside: output, exit codes, stored sessions, signals."""

import fcntl
import json
import os
import pty
import re
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
import time
import unittest

import command
from command import CommandTest, VIRTUAL, environment
from other_server import REPLY, OtherServer

LINES = "Good morning, I am glad to be here.\nI wrote the scheduler myself.\n\nWe measured it together.\n"


def events_of(text):
    return [json.loads(line) for line in text.splitlines()]


def of_type(events, kind):
    return [event for event in events if event["type"] == kind]


class Run(CommandTest):
    def test_a_persons_lines_come_from_a_file(self):
        lines = self.file("lines.txt", LINES)
        done = self.ok("run", "job-interview", "--input", lines, *VIRTUAL)
        self.assertIn("I wrote the scheduler myself.", done.stdout)
        self.assertIn("evasiveness", done.stdout)
        self.assertNotIn("\x1b", done.stdout)
        self.assertNotIn("{{", done.stdout)
        self.assertRegex(done.stdout.splitlines()[-1], r"^7 messages, 3 turns, .* tokens in, .* out, \$0, .*, completed, session [0-9a-f-]{36}$")

    def test_a_persons_lines_come_from_standard_input(self):
        done = self.ok("run", "job-interview", "--input", "-", *VIRTUAL, stdin=LINES)
        self.assertIn("We measured it together.", done.stdout)

    def test_two_runs_of_one_seed_on_the_virtual_clock_print_the_same_bytes(self):
        for more in ([], ["--json"]):
            first = self.ok("run", "police-interrogation", "--auto", *VIRTUAL, *more)
            second = self.ok("run", "police-interrogation", "--auto", *VIRTUAL, *more)
            self.assertGreater(len(first.stdout), 1000)
            self.assertEqual(first.stdout, second.stdout)

    def test_another_seed_gives_another_conversation(self):
        first = self.ok("run", "police-interrogation", "--auto", *VIRTUAL)
        second = self.ok("run", "police-interrogation", "--auto", "--clock", "virtual", "--seed", "8")
        self.assertNotEqual(first.stdout, second.stdout)

    def test_without_a_seed_two_runs_differ(self):
        said = [[event["data"]["message"]["text"] for event in of_type(events_of(self.ok(
            "run", "police-interrogation", "--auto", "--clock", "virtual", "--json").stdout), "message.stored")] for _ in range(3)]
        self.assertNotEqual(said[0], said[1])
        self.assertNotEqual(said[1], said[2])

    def test_json_prints_every_event_and_nothing_else(self):
        done = self.ok("run", "angry-customer", "--auto", "--json", "--max-turns", "4", *VIRTUAL)
        events = events_of(done.stdout)
        types = {event["type"] for event in events}
        self.assertLessEqual({"session.created", "message.stored", "metrics.stored", "turn.started", "delta", "turn.finished",
                              "session.completed"}, types)
        durable = [event["seq"] for event in events if event["type"] not in ("delta", "metrics.live", "reasoning.delta", "presence", "signal")]
        self.assertEqual(durable, list(range(1, len(durable) + 1)))
        self.assertEqual(len(of_type(events, "turn.finished")), 4)
        self.assertEqual(done.stderr, "")

    def test_deltas_add_up_to_the_stored_reply(self):
        events = events_of(self.ok("run", "angry-customer", "--auto", "--json", "--max-turns", "2", *VIRTUAL).stdout)
        text = {}
        for event in of_type(events, "delta"):
            text[event["data"]["turn"]] = text.get(event["data"]["turn"], "") + event["data"]["text"]
        stored = {event["data"]["message"]["turn"]: event["data"]["message"]["text"]
                  for event in of_type(events, "message.stored") if event["data"]["message"].get("turn")}
        self.assertEqual(text, stored)

    def test_max_turns_ends_the_conversation(self):
        done = self.ok("run", "angry-customer", "--auto", "--max-turns", "3", *VIRTUAL)
        self.assertIn(" 3 turns, ", done.stdout.splitlines()[-1])

    def test_variables_stand_in_the_text(self):
        done = self.ok("run", "job-interview", "--auto", "--max-turns", "1", "--var", "candidate_name=Robin Vale", *VIRTUAL)
        self.assertIn("Good morning, Robin Vale", done.stdout)

    def test_a_person_who_does_not_know_the_script_is_answered_to_the_end(self):
        lines = self.file("lines.txt", "Bananas are yellow, and I like them.\n" * 14)
        for preset in ("angry-customer", "doctor-patient", "job-interview", "journalist-politician", "police-interrogation",
                       "salary-negotiation"):
            events = events_of(self.ok("run", preset, "--input", lines, "--json", *VIRTUAL).stdout)
            self.assertEqual(of_type(events, "session.completed")[0]["data"]["reason"], "phrase", preset)
            said = [event["data"]["message"]["text"] for event in of_type(events, "message.stored") if event["data"]["message"].get("turn")
                    and not event["data"]["message"].get("from_human")]
            self.assertEqual(len(said), 10, preset)
            self.assertEqual(len(set(said)), 10, preset)
            for text in said:
                self.assertNotRegex(text, r"(?i)forty percent|twelve percent|scheduler", preset)  # only the scripted partner says these

    def test_a_person_joins_a_preset_of_characters_alone(self):
        preset = self.file("rosa.json", json.dumps({"id": "small-talk", "title": "Small talk", "characters": [
            {"id": "neighbour", "name": "Rosa", "opening_line": "Lovely morning, isn't it?"}]}))
        done = self.ok("run", preset, "--input", "-", *VIRTUAL, stdin="Good morning, Rosa.\nI like bees.\n")
        self.assertIn("\nYou\n  Good morning, Rosa.\n", done.stdout)
        self.assertIn("5 messages, 2 turns", done.stdout)

    def test_an_escape_sequence_cannot_drive_the_terminal(self):
        lines = self.file("lines.txt", "Look: \x1b[2J\x1b]0;owned\x07 done\n")
        done = self.ok("run", "job-interview", "--input", lines, *VIRTUAL)
        self.assertNotIn("\x1b", done.stdout)
        self.assertNotIn("\x07", done.stdout)


class Faults(CommandTest):
    def test_no_subcommand_is_a_usage_error(self):
        self.fails(2)
        self.fails(2, "run")
        self.fails(2, "run", "job-interview", "--nonsense")

    def test_a_mistyped_subcommand_is_told_what_there_is(self):
        self.assertIn('did you mean "run"?', self.fails(2, "rnu", "job-interview").stderr)
        self.assertIn("fault-server", self.fails(2, "converse").stderr)
        self.assertIn('did you mean "show"?', self.fails(2, "presets", "shwo", "job-interview").stderr)

    def test_an_empty_value_is_not_taken_for_the_default(self):
        self.assertIn("--storage", self.fails(2, "run", "job-interview", "--auto", "--storage", "").stderr)
        self.assertIn("SESSION", self.fails(2, "show", "", "--storage", "sqlite:x.db").stderr)

    def test_numbers_that_are_none(self):
        for value in ("x", "-1", "1.5", "99999999999999999999"):
            self.assertIn("--seed", self.fails(2, "run", "job-interview", "--auto", "--seed", value).stderr)
        self.fails(2, "fault-server", "--port", "99999")

    def test_virtual_time_does_not_wait_for_a_network(self):
        provider = ["--provider", "openai+http://127.0.0.1:9/v1", "--model", "any"]
        self.assertIn("--tape-replay", self.fails(3, "run", "job-interview", "--auto", *VIRTUAL, *provider).stderr)

    def test_somebody_who_takes_no_part_cannot_speak(self):
        done = self.fails(3, "run", "job-interview", "--as", "nobody", "--input", self.file("lines.txt", "Hello.\n"))
        self.assertIn("candidate", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_help_has_examples_for_every_subcommand(self):
        for name in ("run", "show", "export", "import", "fork", "replay", "rebuild", "backup", "report", "explain", "sessions",
                     "presets", "doctor", "fault-server", "simulate-policy"):
            self.assertIn("Examples:", self.ok(name, "--help").stdout, name)

    def test_another_policy_is_tried_on_recorded_calls(self):
        tape = os.path.join(os.path.dirname(__file__), "..", "golden", "tape", "0.1.0.tape")
        policy = self.file("policy.json", json.dumps({
            "retry": {"max_retries": 0}, "services": [{"failures_to_open": 0}], "degraded": "Later."}))
        done = json.loads(self.ok("simulate-policy", tape, "--policy", policy, "--json").stdout)
        self.assertEqual((done["before"]["calls"], done["before"]["failed"]), (8, 6))
        self.assertEqual((done["after"]["failed"], done["after"]["degraded"]), (2, 4))
        table = self.ok("simulate-policy", tape, "--policy", policy).stdout
        for word in ("before", "after", "error rate", "latency p95", "cost"):
            self.assertIn(word, table)
        bad = self.file("bad.json", '{"cash": {}}')
        self.assertIn("cache", self.fails(3, "simulate-policy", tape, "--policy", bad).stderr)

    def test_version(self):
        self.assertRegex(self.ok("--version").stdout, r"^scena \d+\.\d+\.\d+\n$")

    def test_an_unknown_preset_names_the_known_ones(self):
        done = self.fails(4, "run", "job-intervew", "--auto")
        self.assertIn("job-interview", done.stderr)

    def test_a_bad_provider_names_the_allowed_kinds(self):
        done = self.fails(3, "run", "job-interview", "--auto", "--provider", "opnai:gpt-4o")
        self.assertIn("openai", done.stderr)

    def test_a_missing_variable_is_named(self):
        preset = json.loads(self.ok("presets", "show", "job-interview").stdout)
        for variable in preset["variables"]:
            variable.pop("default", None)
        path = self.file("mine.json", json.dumps(preset))
        done = self.fails(3, "run", path, "--auto", "--var", "company=Acme")
        self.assertIn("candidate_name", done.stderr)
        self.assertIn("position", done.stderr)
        self.assertNotIn('"company"', done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 2)

    def test_an_unknown_variable_is_refused(self):
        self.assertIn("colour", self.fails(3, "run", "job-interview", "--auto", "--var", "colour=red").stderr)
        self.fails(3, "run", "job-interview", "--auto", "--var", "red")

    def test_empty_input_is_an_error(self):
        self.fails(3, "run", "job-interview", "--input", self.file("empty.txt", "\n  \n"), *VIRTUAL)

    def test_missing_files_are_named(self):
        self.assertIn("nowhere.txt", self.fails(4, "run", "job-interview", "--input", self.folder / "nowhere.txt").stderr)
        self.assertIn("nowhere.json", self.fails(4, "run", self.folder / "nowhere.json", "--auto").stderr)

    def test_nobody_speaks(self):
        self.assertIn("--auto", self.fails(3, "run", "job-interview").stderr)

    def test_words_that_options_do_not_know(self):
        self.assertIn("virtual", self.fails(3, "run", "job-interview", "--auto", "--clock", "sand").stderr)
        self.assertIn("active", self.fails(3, "sessions", "--state", "lost", "--storage", "sqlite:x.db").stderr)

    def test_reading_needs_a_store(self):
        self.assertIn("--storage", self.fails(3, "sessions").stderr)

    def test_a_report_that_cannot_be_written_is_told_before_anything_is_said(self):
        done = self.fails(6, "run", "job-interview", "--auto", "--report", self.folder / "nowhere" / "report.html", *VIRTUAL)
        self.assertIn("report.html", done.stderr)
        self.assertEqual(done.stdout, "")
        self.fails(6, "run", "job-interview", "--auto", "--report", self.folder, *VIRTUAL)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_output_that_is_lost_is_a_failure(self):
        for arguments in (["presets"], ["run", "job-interview", "--auto", *VIRTUAL], ["run", "job-interview", "--auto", "--json", *VIRTUAL]):
            with open("/dev/full", "w") as full:
                done = subprocess.run([command.SCENA, *arguments], stdout=full, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                                      env=environment(), timeout=120)
            self.assertEqual(done.returncode, 6, arguments)
            self.assertEqual(done.stderr, "scena: standard output cannot be written: No space left on device\n")

    def test_a_closed_output_does_not_lead_into_the_store(self):
        store = self.folder / "talks.db"
        arguments = ["run", "job-interview", "--auto", "--max-turns", "2", *VIRTUAL, "--storage", f"sqlite:{store}"]
        done = subprocess.run(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", command.SCENA, *arguments], env=environment(), timeout=120)
        self.assertEqual(done.returncode, 0)
        self.assertIn("job-interview", self.ok("sessions", "--json", "--storage", f"sqlite:{store}").stdout)
        with sqlite3.connect(store) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        database.close()

    def test_a_link_or_a_device_is_written_to_and_not_replaced(self):
        target, link = self.folder / "target.html", self.folder / "link.html"
        target.touch()
        link.symlink_to(target)
        self.ok("run", "job-interview", "--auto", "--max-turns", "1", *VIRTUAL, "--report", link)
        self.assertTrue(link.is_symlink())
        self.assertIn("<!doctype html>", target.read_text())
        done = self.ok("run", "job-interview", "--auto", "--max-turns", "1", *VIRTUAL, "--report", "/dev/stdout")
        self.assertIn("<!doctype html>", done.stdout)

    def test_broken_text_is_refused(self):
        path = self.folder / "broken.txt"
        path.write_bytes(b"caf\xe9\n")
        self.fails(3, "run", "job-interview", "--input", path, *VIRTUAL)


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

    def test_a_fork_ends_with_the_message_named(self):
        fork = self.ok("fork", self.session, "--at", "m3", *self.store).stdout.strip()
        self.assertNotEqual(fork, self.session)
        text = self.ok("show", fork, *self.store).stdout
        self.assertIn("fork of " + self.session, text)
        self.assertIn("  m3", text)
        self.assertNotIn("  m4", text)
        self.fails(4, "fork", self.session, "--at", "m999", *self.store)

    def test_replay_prints_the_conversation_again(self):
        text = self.ok("replay", self.session, "--speed", "0", *self.store).stdout
        said = json.loads(self.ok("export", self.session, *self.store).stdout)
        for event in said["events"]:
            if event["type"] == "message.stored":
                self.assertIn(event["data"]["message"]["text"].split()[0], text)

    def test_rebuild_and_backup(self):
        self.assertIn("agree", self.ok("rebuild", self.session, *self.store).stdout)
        copy = self.folder / "copy.db"
        self.ok("backup", copy, *self.store)
        self.assertEqual(self.ok("show", self.session, "--json", "--storage", f"sqlite:{copy}").stdout,
                         self.ok("show", self.session, "--json", *self.store).stdout)

    def test_explain_shows_the_request(self):
        replies = [event["data"]["message"]["id"] for event in events_of(self.ok("export", self.session, "--format", "jsonl", *self.store).stdout)
                   if event["type"] == "message.stored" and event["data"]["message"].get("turn")]
        self.assertIn("sha256", self.ok("explain", self.session, replies[0], "--seed", "7", *self.store).stdout)
        self.assertIn("equal to the one recorded", self.ok("explain", self.session, replies[0], *self.store).stdout)
        json.loads(self.ok("explain", self.session, replies[0], "--json", "--seed", "7", *self.store).stdout)

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

    def test_reading_creates_no_store(self):
        self.assertIn("there is no file", self.fails(6, "sessions", "--storage", f"sqlite:{self.folder}/none.db").stderr)
        self.assertFalse((self.folder / "none.db").exists())


class Serving:
    """A fault server of its own, ended politely."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([command.SCENA, "fault-server", "--port", "0", *arguments], stdout=subprocess.PIPE, text=True,
                                        env=environment())
        self.url = re.fullmatch(r"listening on (http://127\.0\.0\.1:\d+)\n", self.process.stdout.readline()).group(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(30)
        self.process.stdout.close()
        return code


class Server(CommandTest):
    def run_against(self, url, *more, key="test-key-12345"):
        return ["run", "job-interview", "--auto", "--max-turns", "2", "--provider", f"openai+{url}/v1", "--model", "test-model",
                *more], environment(OPENAI_API_KEY=key)

    def test_a_conversation_over_http(self):
        with Serving() as server:
            arguments, env = self.run_against(server.url)
            done = self.ok(*arguments, env=env)
            self.assertIn("2 turns", done.stdout.splitlines()[-1])

    def test_a_trace_has_every_exchange_and_no_key_and_replays(self):
        tape = self.folder / "exchange.tape"
        with Serving() as server:
            arguments, env = self.run_against(server.url, "--trace", tape, "--seed", "7", "--json")
            first = self.ok(*arguments, env=env)
        content = tape.read_text(errors="replace")
        self.assertIn("chat/completions", content)
        self.assertNotIn("test-key-12345", content)
        arguments, env = self.run_against(server.url, "--tape-replay", tape, "--speed", "0", "--seed", "7", "--json")
        second = self.ok(*arguments, env=env)
        said = [[event["data"]["message"]["text"] for event in of_type(events_of(run.stdout), "message.stored")] for run in (first, second)]
        self.assertEqual(*said)

    def test_a_server_that_is_not_ours(self):
        with OtherServer() as server:
            arguments, _ = self.run_against(server.url, "--json")
            done = self.ok(*arguments, env=environment())  # no key: none is sent
            path, headers, request = server.requests[0]
        stored = [event["data"]["message"] for event in of_type(events_of(done.stdout), "message.stored") if event["data"]["message"].get("turn")]
        self.assertEqual([message["text"] for message in stored], ["".join(REPLY)] * 2)
        self.assertEqual(stored[0]["usage"], {"input_tokens": 40, "output_tokens": 11})
        self.assertEqual(path, "/v1/chat/completions")
        self.assertNotIn("Authorization", headers)
        self.assertEqual((request["model"], request["stream"]), ("test-model", True))
        self.assertEqual(request["messages"][0]["role"], "system")

    def test_the_environment_alone_leads_to_a_server_of_ones_own(self):
        with OtherServer() as server:
            env = environment(OPENAI_BASE_URL=f"{server.url}/v1", OPENAI_API_KEY="test-key-12345")
            for choice in (["--provider", "openai:test-model"], ["--provider", "openai", "--model", "test-model"]):
                done = self.ok("run", "job-interview", "--auto", "--max-turns", "1", *choice, env=env)
                self.assertIn("".join(REPLY), done.stdout)
            for _, headers, request in server.requests:
                self.assertEqual((headers["Authorization"], request["model"]), ("Bearer test-key-12345", "test-model"))

    def test_a_refused_key_is_a_provider_failure(self):
        with Serving("--api-key", "another-key-987") as server:
            arguments, env = self.run_against(server.url)
            done = self.fails(5, *arguments, env=env)
            self.assertNotIn("test-key-12345", done.stderr + done.stdout)

    def test_nobody_listens(self):
        with Serving() as server:
            pass
        arguments, env = self.run_against(server.url)
        self.fails(5, *arguments, env=env)

    def test_signals_end_the_server_with_success(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            self.assertEqual(Serving().end(number), 0)

    def test_a_bad_schedule_is_refused(self):
        self.fails(3, "fault-server", "--schedule", "{nonsense")

    def test_cases_are_listed(self):
        self.assertGreater(len(self.ok("fault-server", "--list").stdout.splitlines()), 5)


class Signals(CommandTest):
    def test_sigterm_ends_a_run_with_success_and_keeps_what_was_said(self):
        store = f"sqlite:{self.folder}/talks.db"
        process = subprocess.Popen([command.SCENA, "run", "job-interview", "--auto", "--json", "--storage", store], stdout=subprocess.PIPE,
                                   text=True, env=environment())
        for line in process.stdout:
            event = json.loads(line)
            if event["type"] == "delta":
                break
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        self.assertEqual(process.wait(30), 0)
        process.stdout.close()
        finished = of_type(events_of(rest), "turn.finished")
        self.assertEqual(finished[-1]["data"]["outcome"], "cancelled")
        listed = json.loads(self.ok("sessions", "--json", "--storage", store).stdout)
        self.assertIn("cancelled", self.ok("show", listed["id"], "--storage", store).stdout)

    def test_a_second_signal_ends_a_run_at_once(self):
        process = subprocess.Popen([command.SCENA, "run", "job-interview", "--input", "-", "--json"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True, env=environment())
        self.assertTrue(process.stdout.readline())
        process.send_signal(signal.SIGSTOP)  # so that the second comes before the first is dealt with
        os.waitpid(process.pid, os.WUNTRACED)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
            process.send_signal(number)
        self.assertIn(process.wait(30), (128 + signal.SIGINT, 128 + signal.SIGTERM))
        process.stdin.close()
        process.stdout.close()

    def test_a_closed_pipe_ends_a_run(self):
        process = subprocess.Popen([command.SCENA, "run", "job-interview", "--auto", "--json"], stdout=subprocess.PIPE, env=environment())
        process.stdout.readline()
        process.stdout.close()
        started = time.monotonic()
        self.assertEqual(process.wait(60), 0)
        self.assertLess(time.monotonic() - started, 30)


def pieces_of(screen):
    """What is written to a terminal, piece by piece, until nobody has it open any more."""
    while True:
        try:
            piece = os.read(screen, 4096)
        except OSError:
            return
        if not piece:
            return
        yield piece


class Screen:
    """What a terminal would show of `text`, as rows without an end at the top; knows the codes that the command uses."""

    def __init__(self, columns, text):
        self.rows, self.drawn, row, column, saved = [""], 0, 0, 0, (0, 0)
        for code, count, letter, plain in re.findall(r"(\x1b(?:\[([\d;]*)([A-Zm])|[78]))|([^\x1b])", text):
            if code == "\x1b7":
                saved, self.drawn = (row, column), self.drawn + 1
            elif code == "\x1b8":
                row, column = saved
            elif letter in ("A", "B"):
                row += int(count) * (1 if letter == "B" else -1)
            elif letter == "G":
                column = int(count) - 1
            elif plain == "\n":
                row, column = row + 1, 0
            elif plain:
                self.rows += [""] * (row + 1 - len(self.rows))
                self.rows[row] = self.rows[row].ljust(column)[:column] + plain + self.rows[row][column + 1:]
                column += 1
                if column == columns:
                    row, column = row + 1, 0
            assert row >= 0


class Terminal(CommandTest):
    def talk(self, typed, **more):
        """Runs a conversation at a terminal of our own, typing a line at each prompt; then Ctrl-D."""
        screen, line = pty.openpty()
        process = subprocess.Popen([command.SCENA, "run", "job-interview", *VIRTUAL], stdin=line, stdout=line, stderr=line,
                                   env=environment(TERM="xterm", **more))
        os.close(line)
        seen, prompts, typed = b"", 0, [*typed, "\x04"]
        for piece in pieces_of(screen):
            seen += piece
            if seen.count(b"\n> ") > prompts and typed:
                prompts += 1
                text = typed.pop(0)
                os.write(screen, text.encode() if text == "\x04" else (text + "\n").encode())
        os.close(screen)
        return process.wait(60), seen.decode().replace("\r\n", "\n")

    def test_a_person_talks_at_a_terminal(self):
        code, seen = self.talk(["Good morning.", "", "I built the queue."])  # an empty line is asked again
        self.assertEqual(code, 0, seen)
        self.assertEqual(seen.count("Good morning.\n"), 1)  # as typed, not printed again
        self.assertIn("\x1b[1;36mDana Whitfield\x1b[0m", seen)
        self.assertIn("5 messages, 2 turns", seen)

    def watch(self, columns, **more):
        """What a run without a person writes to a terminal of that width."""
        screen, line = pty.openpty()
        fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        arguments = ["run", "police-interrogation", "--auto", "--max-turns", "6", *VIRTUAL]
        process = subprocess.Popen([command.SCENA, *arguments], stdin=line, stdout=line, stderr=line, env=environment(TERM="xterm", **more))
        os.close(line)
        seen = b"".join(pieces_of(screen))
        os.close(screen)
        self.assertEqual(process.wait(60), 0)
        return seen.decode().replace("\r\n", "\n")

    def test_metrics_stand_beside_the_message_and_move_while_it_is_written(self):
        seen = Screen(100, self.watch(100))
        rows = [row for row in seen.rows if "evasiveness" in row and "!" not in row]
        self.assertEqual(len(rows), 6)  # one a message; the opening has none
        for row in rows:
            self.assertRegex(row, r"^.{72}evasiveness    \d\.\d\d [ ▏▎▍▌▋▊▉█]*$")
            self.assertNotEqual(row[:69].strip(), "")  # the text is there, not overwritten
        self.assertGreater(seen.drawn, 3 * 7)  # while the text came, not only at its end

    def test_a_narrow_terminal_has_them_in_lines_that_fit(self):
        seen = re.sub(r"\x1b\[[\d;]*m", "", self.watch(40))
        self.assertNotIn("\x1b", seen)
        self.assertIn("\n  contradiction 0.00", seen)
        self.assertRegex(seen, r"completed,\s+session\s+[0-9a-f-]{36}\n$")
        for row in seen.splitlines():
            if not row.startswith("session "):
                self.assertLessEqual(len(row), 40, row)

    def test_no_colour_where_it_is_not_wanted(self):
        self.assertNotIn("\x1b", self.talk(["Good morning."], NO_COLOR="1")[1])


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

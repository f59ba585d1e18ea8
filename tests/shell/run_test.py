"""scena run, and what each subcommand says to bad input."""

import json
import os
import pathlib
import re
import resource
import sqlite3
import subprocess
import sys
import unittest

import command
from command import CommandTest, LINES, VIRTUAL, environment, events_of, of_type

PRESETS = pathlib.Path(__file__).resolve().parents[2] / "src/domain/presets"


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

    def test_the_analyses_of_the_presets_list_no_pair_that_is_none(self):
        true_pairs = {("I have always been transparent", "I have not been transparent"),
                      ("I was at home all evening", "I was not at home all evening")}
        found = set()
        for preset in sorted(path.stem for path in PRESETS.glob("*.json")):
            for seed in ("1", "2"):
                done = self.ok("run", preset, "--auto", "--json", "--clock", "virtual", "--seed", seed)
                stored = of_type(events_of(done.stdout), "analysis.stored")
                self.assertEqual(len(stored), 1, preset)
                found |= {(pair["earlier"]["text"], pair["later"]["text"]) for pair in stored[0]["data"]["analysis"]["contradictions"]}
        self.assertEqual(found, true_pairs)

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

    def test_no_text_turns_the_direction_of_the_line_it_stands_in(self):
        turns = [chr(code) for code in (*range(0x202a, 0x202f), *range(0x2066, 0x206a))]
        kept = "\u2029\u202f\u2065\u206a\u200f \u05d0 caf\u00e9 \u20ac"
        lines = self.folder / "lines.txt"
        lines.write_text("Paid " + "".join(turns) + " to Ann " + kept + "\n", encoding="utf-8")
        report = self.folder / "talk.html"
        done = self.ok("run", "job-interview", "--input", lines, "--report", report, *VIRTUAL)
        self.assertIn("Paid " + "\ufffd" * len(turns) + " to Ann " + kept, done.stdout)
        self.assertIn("unicode-bidi:isolate", report.read_text(encoding="utf-8"))


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
        for kind in ("openai", "openai_responses", "azure", "anthropic", "gemini", "cohere", "ollama"):
            provider = ["--provider", f"{kind}+http://127.0.0.1:9/v1", "--model", "any"]
            self.assertIn("--tape-replay", self.fails(3, "run", "job-interview", "--auto", *VIRTUAL, *provider).stderr, kind)

    def test_a_reply_that_was_cut_shows_in_the_exit_code(self):
        lines = self.file("lines.txt", "Hello.\n")
        for how in ("cut_after=3", "stall_after=3"):
            done = command.scena("run", "job-interview", "--input", lines, *VIRTUAL, "--provider", f"fault:{how}")
            self.assertEqual(done.returncode, 5, done.stderr)
            self.assertIn("scena: the reply failed: ", done.stderr)

    def test_a_line_without_an_end_is_refused_in_bounded_time_and_memory(self):
        done = self.fails(3, "run", "job-interview", "--input", self.file("long.txt", "a" * (40 << 20)), *VIRTUAL)
        self.assertIn("message_bytes", done.stderr)

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
        self.assertEqual((done["after"]["failed"], done["after"]["degraded"]), (4, 2))
        table = self.ok("simulate-policy", tape, "--policy", policy).stdout
        for word in ("before", "after", "error rate", "latency p95", "cost"):
            self.assertIn(word, table)
        self.assertNotIn("no pauses between tries", table)
        bad = self.file("bad.json", '{"cash": {}}')
        self.assertIn("/cash", self.fails(3, "simulate-policy", tape, "--policy", bad).stderr)

    def test_version(self):
        self.assertRegex(self.ok("--version").stdout, r"^scena \d+\.\d+\.\d+\n$")

    def test_an_unknown_preset_names_the_known_ones(self):
        done = self.fails(4, "run", "job-intervew", "--auto")
        self.assertIn("job-interview", done.stderr)

    def test_a_bad_provider_names_the_allowed_kinds(self):
        done = self.fails(3, "run", "job-interview", "--auto", "--provider", "opnai:gpt-4o")
        self.assertIn("openai", done.stderr)

    def test_a_missing_key_is_told_before_there_is_a_session(self):
        store = self.folder / "talks.db"
        lines = self.file("lines.txt", "Hello.\n")
        for provider, key in (("openai", "OPENAI_API_KEY"), ("openai_responses:m", "OPENAI_API_KEY"), ("anthropic:m", "ANTHROPIC_API_KEY"),
                              ("azure:m@http://127.0.0.1:9", "AZURE_OPENAI_API_KEY"), ("cohere:m", "CO_API_KEY")):
            for more in (["--auto"], ["--input", lines]):
                done = self.fails(5, "run", "job-interview", "--provider", provider, "--storage", f"sqlite:{store}", *more)
                self.assertIn(f"no key; set {key}", done.stderr)
                self.assertEqual(done.stdout, "")
        self.assertEqual(self.ok("sessions", "--json", "--storage", f"sqlite:{store}").stdout, "")
        # Where something else may answer, the conversation begins.
        config = self.file("config.json", json.dumps({"policy": {"fallbacks": [{"from": "openai", "provider": "script:"}]}}))
        done = command.scena("run", "job-interview", "--provider", "openai:m", "--input", lines, "--config", config)
        self.assertIn("Dana Whitfield", done.stdout)

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
        for text in ("", "\n  \n"):
            done = self.fails(3, "run", "job-interview", "--input", self.file("empty.txt", text), *VIRTUAL)
            self.assertIn("holds no message", done.stderr)
            self.assertEqual(done.stdout, "")  # nor was the opening played
            self.assertIn("holds no message", self.fails(3, "run", "job-interview", "--input", "-", *VIRTUAL, stdin=text).stderr)

    def test_missing_files_are_named(self):
        self.assertIn("nowhere.txt", self.fails(4, "run", "job-interview", "--input", self.folder / "nowhere.txt").stderr)
        self.assertIn("nowhere.json", self.fails(4, "run", self.folder / "nowhere.json", "--auto").stderr)

    def test_nobody_speaks(self):
        self.assertIn("--auto", self.fails(3, "run", "job-interview").stderr)

    def test_words_that_options_do_not_know(self):
        self.assertIn("virtual", self.fails(3, "run", "job-interview", "--auto", "--clock", "sand").stderr)
        self.assertIn("active", self.fails(3, "sessions", "--state", "lost", "--storage", "sqlite:x.db").stderr)

    def test_faults_of_file_environment_and_options_are_told_together(self):
        config = self.file("config.json", '{"threads": -1, "zz": 1}')
        env = environment(SCENA_SEED="-1", LOG_LEVEL="shout", OPENAI_BASE_URL="htp://x")
        done = self.fails(3, "run", "job-interview", "--auto", "--config", config, "--clock", "warp", "--log", "loud", env=env)
        for word in ("/threads", "/zz", "SCENA_SEED", "LOG_LEVEL", "OPENAI_BASE_URL", '--clock: "warp"', '--log: "loud"'):
            self.assertEqual(done.stderr.count(word), 1, done.stderr)
        done = self.fails(4, "run", "job-interview", "--auto", "--config", self.folder / "none.json", "--clock", "warp")
        self.assertIn("none.json", done.stderr)
        self.assertIn("--clock", done.stderr)

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

    def test_broken_text_is_refused_by_its_line_before_anything_is_sent(self):
        path = self.folder / "broken.txt"
        for broken in (b"caf\xe9", b"half a pair \xed\xa0\x80", b"too long \xe0\x80\x80"):
            path.write_bytes(b"Good morning.\n\n" + broken + b"\nNever sent.\n")
            done = self.fails(3, "run", "job-interview", "--input", path, *VIRTUAL)
            self.assertIn("line 3 is not valid UTF-8", done.stderr)
            self.assertEqual(done.stdout, "")

    def test_what_is_no_message_is_refused_by_its_line_before_anything_is_sent(self):
        path = self.folder / "lines.txt"
        config = self.file("config.json", json.dumps({"limits": {"message_bytes": 2000}}))
        preset = json.loads(self.ok("presets", "show", "job-interview").stdout)
        preset.setdefault("limits", {})["message_bytes"] = 1000
        mine = self.file("mine.json", json.dumps(preset))
        for name, line, more, word in (("job-interview", b"hel\0lo", [], "line 3 holds a NUL"),
                                       ("job-interview", b"a" * 262145, [], "line 3 is longer than 262144 bytes (limits.message_bytes)"),
                                       ("job-interview", b"a" * 2001, ["--config", config], "line 3 is longer than 2000 bytes"),
                                       (mine, b"a" * 1001, ["--config", config], "line 3 is longer than 1000 bytes")):
            path.write_bytes(b"Good morning.\n\n" + line + b"\nNever sent.\n")
            done = self.fails(3, "run", name, "--input", path, *VIRTUAL, *more)
            self.assertIn(word, done.stderr)
            self.assertEqual(done.stdout, "")
        path.write_bytes(b"\xef\xbb\xbf" + b"a" * 1000 + b"\r\n")
        self.ok("run", mine, "--input", path, *VIRTUAL)

    def test_lines_behind_the_end_of_the_conversation_are_told(self):
        said = "".join(f"I wrote number {number} of them.\n" for number in range(1, 31))
        told = "scena: the conversation ended (phrase) after line 10; the lines after it were not sent\n"
        for source, stdin in (("-", said), (self.file("lines.txt", said), None)):
            self.assertEqual(self.ok("run", "job-interview", "--input", source, *VIRTUAL, stdin=stdin).stderr, told)
        ten = "".join(said.splitlines(True)[:10]) + "\n \n"
        self.assertEqual(self.ok("run", "job-interview", "--input", "-", *VIRTUAL, stdin=ten).stderr, "")
        self.assertEqual(self.ok("run", "job-interview", "--input", "-", "--max-turns", "2", *VIRTUAL, stdin=said).stderr, "")

    def test_a_byte_order_mark_is_no_part_of_the_first_message(self):
        path = self.folder / "lines.txt"
        path.write_bytes(b"\xef\xbb\xbfGood morning.\r\n")
        events = events_of(self.ok("run", "job-interview", "--input", path, "--json", *VIRTUAL).stdout)
        said = [event["data"]["message"]["text"] for event in of_type(events, "message.stored")
                if event["data"]["message"].get("from_human")]
        self.assertEqual(said, ["Good morning."])

    def test_what_breaks_a_run_off_costs_neither_summary_nor_report(self):
        report = self.folder / "talk.html"
        said = b"I wrote the scheduler myself.\ncaf\xe9\n"
        done = subprocess.run([command.SCENA, "run", "job-interview", "--input", "-", "--report", report, *VIRTUAL], input=said,
                              capture_output=True, env=environment(), timeout=120)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"line 2 is not valid UTF-8", done.stderr)
        self.assertRegex(done.stdout.decode().splitlines()[-1], r"^3 messages, 1 turn, .*, active, session [0-9a-f-]{36}$")
        marked = re.sub("</?mark[^>]*>", "", report.read_text())  # which words, the weights decide
        self.assertIn("I wrote the scheduler myself.", marked)

    def test_a_budget_that_refuses_a_turn_costs_neither_summary_nor_report(self):
        report = self.folder / "talk.html"
        config = self.file("config.json", json.dumps({"session_budget": "0.02", "prices": {"*": {"input": "1", "output": "30"}}}))
        done = self.fails(1, "run", "angry-customer", "--auto", "--config", config, "--report", report, *VIRTUAL)
        self.assertIn("budget", done.stderr)
        self.assertRegex(done.stdout.splitlines()[-1], r"^[1-9]\d* messages?, [1-9].*, session [0-9a-f-]{36}$")
        self.assertIn("<!doctype html>", report.read_text())

    def test_auto_without_an_end_is_refused_and_told_the_way_out(self):
        scene = {"id": "small-talk", "title": "Small talk", "characters": [{"id": "ada", "name": "Ada"}, {"id": "bob", "name": "Bob"}]}
        endless = self.file("endless.json", json.dumps(scene))
        done = self.fails(3, "run", endless, "--auto", *VIRTUAL)
        self.assertIn("--max-turns N", done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertIn(" 3 turns, ", self.ok("run", endless, "--auto", "--max-turns", "3", *VIRTUAL).stdout.splitlines()[-1])
        for end in ({"end_conditions": [{"kind": "turns", "count": 2}]}, {"limits": {"session_time_ms": 20000}}):
            self.ok("run", self.file("ending.json", json.dumps({**scene, **end})), "--auto", *VIRTUAL)

    def test_a_provider_that_is_none_is_not_told_to_change_its_clock(self):
        for url, word in (("openaix:foo", "openai"), ("memory:", "does not exist"), ("openai+ftp://h", "ftp")):
            done = self.fails(3, "run", "job-interview", "--auto", *VIRTUAL, "--provider", url)
            self.assertIn(word, done.stderr)
            self.assertNotIn("clock", done.stderr)

    def test_one_seed_on_the_virtual_clock_twice_in_one_store_is_explained(self):
        arguments = ["run", "angry-customer", "--auto", "--max-turns", "1", *VIRTUAL, "--storage", f"sqlite:{self.folder}/talks.db"]
        self.ok(*arguments)
        done = self.fails(6, *arguments)
        for word in ("--seed 7", "virtual clock", "talks.db", "another seed"):
            self.assertIn(word, done.stderr)
        self.assertNotIn("leave `id` empty", done.stderr)
        self.ok(*[word if word != "7" else "8" for word in arguments])

    def test_no_output_takes_the_place_of_the_store_of_an_input_or_of_another(self):
        store = self.folder / "talks.db"
        arguments = ["run", "angry-customer", "--auto", "--max-turns", "1", *VIRTUAL, "--storage", f"sqlite:{store}"]
        self.ok(*arguments)
        before = store.read_bytes()
        (self.folder / "link.db").symlink_to("talks.db")
        os.link(store, self.folder / "hard.db")
        for name in ("talks.db", "./talks.db", "link.db", "hard.db", "talks.db-wal", "talks.db.lock"):
            for option in ("--report", "--trace"):
                self.assertIn("the store; name another file", self.fails(3, *arguments, option, name, cwd=self.folder).stderr)
        new = self.folder / "new.db"
        (self.folder / "later.db").symlink_to("new.db")  # leads to what is not there yet
        for report in (new, self.folder / "later.db"):
            self.fails(3, *arguments[:-1], f"sqlite:{new}", "--report", report)
        self.assertFalse(new.exists())
        both = self.folder / "both"
        self.assertIn("what --trace writes", self.fails(3, *arguments[:-2], "--report", both, "--trace", both).stderr)
        lines = self.file("lines.txt", "Hello.\n")
        self.assertIn("the input", self.fails(3, "run", "job-interview", "--input", lines, "--report", lines, *VIRTUAL).stderr)
        self.assertEqual(lines.read_text(), "Hello.\n")
        self.assertEqual(store.read_bytes(), before)
        self.assertIn("exists", self.fails(6, *arguments[:-2], "--report", "/dev/null", "--trace", "/dev/null").stderr)  # of the tape

    def test_a_run_on_a_disk_that_fills_never_ends_with_0(self):
        # A limit on the size of files stands for the disk: at each one, either everything is stored or the command says 6.
        def limited(size):
            store = self.folder / f"{size}.db"
            done = subprocess.run([command.SCENA, "run", "angry-customer", "--auto", *VIRTUAL, "--storage", f"sqlite:{store}"],
                                  capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment(), timeout=120,
                                  restore_signals=False,  # SIGXFSZ stays ignored: writes fail, as on a full disk
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
            return done
        in_mid_run = 0
        for size in range(128 << 10, 1024 << 10, 32 << 10):
            done = limited(size)
            if done.returncode == 0:
                self.assertIn(", completed, ", done.stdout)
                break
            self.assertEqual(done.returncode, 6, f"{size}: {done.stdout[-400:]}\n{done.stderr}")
            in_mid_run += ", active, session" in done.stdout
        self.assertEqual(done.returncode, 0)
        self.assertGreater(in_mid_run, 0)


if __name__ == "__main__":
    command.SCENA = sys.argv.pop(1)
    unittest.main()

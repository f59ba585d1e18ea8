"""scena run over HTTP, scena fault-server, and signals to both."""

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import unittest

import command
from command import CommandTest, environment, events_of, of_type
from other_server import REPLY, OtherServer


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

    def test_whatever_a_service_answers_a_reply_that_failed_ends_with_5(self):
        with Serving() as server:
            for place in ("fault/404", "fault/413", "fault/400", "case/F12", "case/gzip_bomb"):
                for more in (["--auto", "--max-turns", "1"], ["--input", self.file("lines.txt", "I wrote it myself.\n")]):
                    done = self.fails(5, "run", "job-interview", "--provider", f"openai+{server.url}/{place}/v1", "--model", "any", *more,
                                      env=environment(OPENAI_API_KEY="test-key-12345"))
                    self.assertIn("the reply failed: ", done.stderr, place)

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


class Silent:
    """Takes every connection and never answers."""

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        return self

    def __exit__(self, *_):
        self.socket.close()


class Signals(CommandTest):
    def ending(self, config, until):
        """A run of two lines, and its events as far as the first of type `until`."""
        env = environment(SCENA_TEST_SECRET="whsec_" + base64.b64encode(b"s" * 32).decode(), OPENAI_API_KEY="test-key-12345")
        process = subprocess.Popen([command.SCENA, "run", "job-interview", "--json", "--config", self.file("config.json", json.dumps(config)),
                                    "--input", self.file("lines.txt", "I wrote it myself.\nIt was fast.\n")],
                                   stdout=subprocess.PIPE, text=True, env=env)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        events = []
        for line in process.stdout:
            events.append(json.loads(line))
            if events[-1]["type"] == until:
                return process, events
        self.fail(f"{until} did not come")

    def ends_by_signal(self, process):
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        self.assertEqual(process.wait(60), 0)
        self.assertLess(time.monotonic() - started, 10)
        return rest

    def test_a_webhook_that_nobody_answers_holds_neither_a_message_nor_a_signal_up(self):
        with Silent() as hook:
            config = {"webhooks": {"hook": {"url": f"{hook.url}/x", "secret": "SCENA_TEST_SECRET", "time_limit_ms": 25000}}}
            process, events = self.ending(config, "session.completed")
            self.ends_by_signal(process)
        finished = of_type(events, "turn.finished")
        asked = [event for event in of_type(events, "message.stored") if event["data"]["message"].get("from_human")]
        self.assertEqual(len(finished), 2)
        self.assertLess((asked[1]["time"] - finished[0]["time"]) / 1e6, 10)
        self.assertLess((finished[1]["time"] - events[0]["time"]) / 1e6, 20)

    def test_a_signal_is_heeded_while_a_model_analyses_the_session(self):
        with Silent() as model:
            process, _ = self.ending({"analysis": {"provider": f"openai+{model.url}/v1", "model": "any"}}, "analysis.queued")
            self.assertEqual(of_type(events_of(self.ends_by_signal(process)), "analysis.stored"), [])

    def talking(self, *more, ignored=()):
        """A run whose first reply has begun."""
        process = subprocess.Popen([command.SCENA, "run", "job-interview", "--auto", "--json", *more], stdout=subprocess.PIPE, text=True,
                                   env=environment(), preexec_fn=lambda: [signal.signal(number, signal.SIG_IGN) for number in ignored])
        self.addCleanup(process.stdout.close)
        for line in process.stdout:
            if json.loads(line)["type"] == "delta":
                return process
        self.fail("nothing was said")

    def test_a_signal_ends_a_run_with_success_and_keeps_what_was_said(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            store = f"sqlite:{self.folder}/{number}.db"
            process = self.talking("--storage", store)
            process.send_signal(number)
            rest = process.stdout.read()
            self.assertEqual(process.wait(30), 0, number)
            finished = of_type(events_of(rest), "turn.finished")
            self.assertEqual(finished[-1]["data"]["outcome"], "cancelled")
            listed = json.loads(self.ok("sessions", "--json", "--storage", store).stdout)
            self.assertIn("cancelled", self.ok("show", listed["id"], "--storage", store).stdout)

    def test_a_signal_that_the_parent_ignores_stays_ignored(self):
        numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)  # nohup; background jobs of a script
        process = self.talking("--max-turns", "1", ignored=numbers)
        for number in numbers:
            process.send_signal(number)
        rest = process.stdout.read()
        self.assertEqual(process.wait(30), 0)
        self.assertEqual(of_type(events_of(rest), "turn.finished")[-1]["data"]["outcome"], "complete")

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


if __name__ == "__main__":
    command.SCENA = sys.argv.pop(1)
    unittest.main()

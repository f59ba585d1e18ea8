"""turn of scena_conformance, against the fault server over loopback."""

import json
import subprocess
import time
import unittest

from support import CONFORMANCE, FaultServer, run


PROVIDERS = ("openai", "anthropic", "gemini", "cohere", "ollama")
AT_ONCE = json.dumps({"steps": "ok", "instant": True, "replies": ["Gr\u00fc\u00dfe, \U0001f600 \u65e5\u672c und mehr."]})


class Turn(unittest.TestCase):
    def test_a_whole_answer_is_ok_with_finish_and_usage(self):
        with FaultServer() as server:
            for provider in PROVIDERS:
                for stream in (True, False):
                    answer = server.turn(provider, stream=stream)
                    self.assertEqual((answer["status"], answer["code"], answer["finish"]), ("ok", None, "stop"), answer)
                    self.assertTrue(answer["text"])
                    self.assertGreater(answer["usage"]["output"], 0)

    def test_refusals_get_their_code_and_the_key_is_never_shown(self):
        words = {"400": "invalid", "401": "auth", "403": "auth", "404": "not_found", "413": "too_large",
                 "422": "invalid", "429": "rate_limited", "500": "provider", "503": "provider", "529": "provider",
                 "408": "provider", "quota": "rate_limited", "refuse": "network", "reset": "network",
                 "context": "invalid"}
        with FaultServer() as server:
            for provider in PROVIDERS:
                for step, word in words.items():
                    answer = server.turn(provider, path=f"/fault/{step}")
                    self.assertEqual((answer["status"], answer["code"]), ("error", word), (step, answer))
                    self.assertEqual((answer["text"], answer["usage"], answer["finish"]), ("", None, None))
                    self.assertTrue(answer["message"])
                    self.assertNotIn("sk-conformance-secret", json.dumps(answer))

    def test_two_retries_hide_two_failures(self):
        with FaultServer("503x2,ok") as server:
            self.assertEqual(server.turn(max_retries=2)["status"], "ok")
        with FaultServer("503x2,ok") as server:
            self.assertEqual(server.turn(max_retries=1)["code"], "provider")

    def test_what_is_cut_is_partial_never_ok(self):
        with FaultServer() as server:
            for step in ("cut_after=3", "reset_after=3"):
                for provider in PROVIDERS:
                    answer = server.turn(provider, path=f"/fault/{step}")
                    self.assertEqual((answer["status"], answer["code"], answer["finish"]), ("partial", "network", None), answer)
                    self.assertTrue(answer["text"])

    def test_silence_ends_in_time(self):
        limits = {"connect": 2000, "first": 2000, "idle": 1500, "total": 4000}
        with FaultServer(AT_ONCE) as server:
            for step, status in (("stall_head", "error"), ("stall_after=2", "partial"), ("comments@100ms", "error"),
                                 ("drip@900ms", "partial")):
                began = time.monotonic()
                answer = server.turn(path=f"/fault/{step}", timeouts_ms=limits)
                self.assertEqual((answer["status"], answer["code"]), (status, "timeout"), (step, answer))
                self.assertLess(time.monotonic() - began, 20)

    def test_an_endless_answer_is_stopped_at_the_limit(self):
        with FaultServer(AT_ONCE) as server:
            answer = server.turn(path="/fault/endless", max_bytes=5_000)
            self.assertEqual((answer["status"], answer["code"]), ("partial", "limit"), answer)
            self.assertLessEqual(len(answer["text"].encode()), 5_000)
            self.assertGreater(len(answer["text"].encode()), 4_000)

    def test_a_stream_cut_inside_a_character_leaves_whole_characters(self):
        whole = json.loads(AT_ONCE)["replies"][0]
        seen = set()
        with FaultServer(AT_ONCE) as server:
            for provider in PROVIDERS:
                for at in range(0, 3000, 37):
                    answer = server.turn(provider, path=f"/fault/cut_byte={at}")
                    self.assertTrue(whole.startswith(answer["text"]), answer)
                    self.assertTrue(answer["status"] != "ok" or answer["text"] == whole, answer)
                    seen.add(answer["status"])
        self.assertEqual(seen, {"error", "partial", "ok"})

    def test_odd_answers_are_protocol_errors(self):
        with FaultServer() as server:
            for case in ("D26", "garbage", "redirect", "no_content", "wrong_type", "bad_chunk", "broken_gzip"):
                answer = server.turn(path=f"/case/{case}")
                self.assertEqual((answer["status"], answer["code"]), ("error", "protocol"), (case, answer))

    def test_cancel_ends_the_turn_and_keeps_what_came(self):
        with FaultServer() as server:
            began = time.monotonic()
            answer = server.turn(path="/fault/drip@100ms", cancel_after_ms=1000)
            self.assertEqual((answer["status"], answer["code"]), ("cancelled", None), answer)
            self.assertTrue(answer["text"])
            self.assertLess(time.monotonic() - began, 20)

    def test_unknown_providers_and_broken_requests_are_invalid(self):
        for line in ('{"provider": "mistral", "base_url": "http://127.0.0.1:1"}', '{"provider": "openai"}', "[]", "{"):
            status, lines = run("turn", line + "\n")
            self.assertEqual((status, len(lines)), (0, 1))
            answer = json.loads(lines[0])
            self.assertEqual((answer["status"], answer["code"]), ("error", "invalid"), answer)

    def test_one_process_answers_line_by_line(self):
        with FaultServer() as server:
            request = json.dumps({"provider": "openai", "base_url": f"http://127.0.0.1:{server.port}", "api_key": "k"})
            with subprocess.Popen([CONFORMANCE, "turn"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
                for _ in range(2):
                    child.stdin.write(request + "\n")
                    child.stdin.flush()
                    self.assertEqual(json.loads(child.stdout.readline())["status"], "ok")
                child.stdin.close()
                self.assertEqual(child.wait(20), 0)


if __name__ == "__main__":
    unittest.main()

"""scena complete when the answer is a refusal, a failure or broken."""

import json
import os
import sys
import time
import unittest

import command
from completing import ALL, KEY, TEXT, CompleteTest, reply
from fake_service import ANTHROPIC, CLOSE, GEMINI, OLLAMA, OPENAI, RESPONSES, answer, cut_hard, data, hang_up, head, line, silent, stream


class Refusals(CompleteTest):
    KINDS = {400: "invalid_request", 401: "auth", 402: "quota", 403: "permission", 404: "not_found", 405: "invalid_request",
             408: "timeout", 409: "invalid_request", 413: "too_large", 415: "invalid_request", 422: "invalid_request",
             429: "rate_limit", 451: "invalid_request", 500: "server", 501: "server", 502: "server", 503: "server", 504: "server",
             520: "server", 529: "overloaded", 599: "server"}

    def test_each_status_has_its_kind_and_the_providers_words(self):
        words = "Something is wrong with it."
        self.each((vendor, answer(vendor.failure(words), status), self.failed(kind, status, words), *more)
                  for status, kind in self.KINDS.items() for vendor in ALL
                  for more in (((), ("--no-stream",)) if status in (400, 429) else ((),)))

    def test_words_are_found_in_every_shape(self):
        words = "The thing is not right: 17 \u00e9."
        shapes = ({"error": {"message": words, "type": "t", "param": None, "code": None}}, {"error": words}, {"message": words},
                  {"detail": words}, {"detail": [{"loc": ["body"], "msg": words, "type": "value_error"}]},
                  [{"error": {"code": 400, "message": words, "status": "X"}}], {"errors": [{"message": words}]}, {"errors": [words]},
                  {"error_msg": words, "error_code": 17}, {"error": {"error": {"message": words}}},
                  {"error": {"message": json.dumps({"error": {"message": words}})}}, {"success": False, "error": words},
                  {"error": {"message": words, "code": 400, "metadata": {"provider_name": "x"}}},
                  {"object": "error", "message": words, "type": "BadRequestError", "param": None, "code": 400}, {"msg": words},
                  {"title": "Bad", "detail": words, "status": 400}, {"code": "InvalidParameter", "message": words, "request_id": "r"},
                  {"type": "error", "error": {"type": "x", "message": words}}, {"error": {"detail": words}})
        for status in (400, 429, 500):
            kind = self.KINDS[status]
            self.each((vendor, answer(json.dumps(shape).encode(), status, kind=type_), self.failed(kind, status, words))
                      for shape in shapes for vendor, type_ in ((OPENAI, "application/json"), (ANTHROPIC, "text/plain")))
        self.each((OPENAI, answer(words.encode(), 400, kind=type_), self.failed("invalid_request", 400, words))
                  for type_ in ("text/plain", "application/json", "", "text/event-stream", "application/octet-stream"))

    def test_pages_and_nothing_are_failures_too(self):
        page = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>"
        self.each((vendor, answer(body, status, kind="text/html"), self.failed(kind, status))
                  for vendor in (OPENAI, GEMINI) for body in (page, b"") for status, kind in ((502, "server"), (404, "not_found")))

    def test_what_the_body_says_beats_the_status(self):
        cases = ((429, {"error": {"message": "You exceeded your current quota", "type": "insufficient_quota", "code": "insufficient_quota"}}, "quota"),
                 (400, {"error": {"message": "This model's maximum context length is 10 tokens", "code": "context_length_exceeded"}}, "context_length"),
                 (400, {"error": {"message": "The response was filtered", "code": "content_filter"}}, "content_filter"),
                 (503, {"error": {"message": "The model is overloaded. Please try again later.", "code": 503, "status": "UNAVAILABLE"}}, "overloaded"))
        self.each((OPENAI, answer(json.dumps(body).encode(), status), self.failed(kind, status)) for status, body, kind in cases)

    def test_waits_come_from_the_head_or_the_body(self):
        failure = OPENAI.failure("slow down")
        for fields, wait in ((("Retry-After: 7",), 7000), (("Retry-After: 1.5",), 1500), (("Retry-After-Ms: 250",), 250),
                             (("Retry-After: 9", "Retry-After-Ms: 1234"), 1234), ((), None)):
            self.each([(OPENAI, answer(failure, 429, *fields), self.failed("rate_limit", 429, "slow down", wait=wait))])
        info = {"error": {"code": 429, "message": "Quota", "status": "RESOURCE_EXHAUSTED", "details": [
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "38.5s"}]}}
        self.each([(GEMINI, answer(json.dumps(info).encode(), 429), self.failed("rate_limit", 429, wait=38500)),
                   (OPENAI, answer(OPENAI.failure("Rate limit reached. Please try again in 1.2s."), 429),
                    self.failed("rate_limit", 429, wait=1200))])

    def test_the_key_is_in_no_answer(self):
        self.each((vendor, answer(vendor.failure(f"Incorrect key {KEY} given"), 401), self.failed("auth", 401, "Incorrect key"))
                  for vendor in ALL)


class Broken(CompleteTest):
    def test_a_failure_inside_a_success_is_told(self):
        for vendor in ALL:
            self.each([(vendor, answer(vendor.failure("it broke")), self.failed("provider", message="it broke"), *more)
                       for more in ((), ("--no-stream",))])
        for vendor in (OPENAI, ANTHROPIC, GEMINI, RESPONSES):
            word = {"rate_limit_error": "rate_limit", "api_error": "stream"}
            for kind, status in (("rate_limit_error", 429), ("api_error", 500)):
                self.each([(vendor, reply(vendor, vendor.start(), vendor.text("Hi"), vendor.error(kind, status)),
                            self.failed(word[kind], message="no", text="Hi"))])

    def test_a_failure_in_any_shape_is_told_as_body_first_event_and_in_the_middle(self):
        def told(words, text):
            def check(said):
                self.assertIsNotNone(said["error"], said)
                self.assertEqual(said["text"], text)
                self.assertNotIn(said["error"]["kind"], ("incomplete", "protocol", "invalid_response"), said)
                self.assertIn(words, said["error"]["message"])
            return check
        for document in ({"error": 500, "message": "it broke"}, {"error": 500}, {"error": "it broke"}, {"error": True, "message": "it broke"},
                         {"errors": [{"message": "it broke"}]}, {"message": "it broke", "code": 418}, {"detail": "it broke"},
                         {"type": "error", "message": "it broke"}, {"base_resp": {"status_code": 1004, "status_msg": "it broke"}}, {"object": "error", "message": "it broke", "code": 400},
                         [{"error": {"message": "it broke", "code": 503}}]):
            body = json.dumps(document).encode()
            words = "it broke" if b"it broke" in body else "reported a failure"
            for vendor in ALL:
                event = line(document) if vendor is OLLAMA else data(document)
                self.each([(vendor, answer(body), told(words, ""), "--no-stream"), (vendor, reply(vendor, event), told(words, "")),
                           (vendor, reply(vendor, vendor.start(), vendor.text("Hi"), event), told(words, "Hi"))])

    def test_what_is_no_reply_is_told(self):
        for body in (b"{}", b"[]", b"null", b"{\"ok\": true}", b"{\"choices\": [", b"upstream died", b""):
            self.each([(vendor, answer(body), self.failed("invalid_response"), *more) for vendor in ALL for more in ((), ("--no-stream",))])
        page = b"<!DOCTYPE html><html><body>Sign in</body></html>"
        for script in (answer(page, kind="text/html"), answer(page, kind="text/event-stream"), answer(b"no", kind="text/plain"),
                       answer(b"", 204, kind=""), answer(b"x", kind="image/png"), lambda peer: peer.send(b"SSH-2.0-OpenSSH_9.2\r\n"),
                       answer(b"", 302, "Location: http://127.0.0.1:9/")):
            self.each([(vendor, script, self.failed("protocol")) for vendor in (OPENAI, GEMINI, OLLAMA)])

    def test_a_server_without_reasons_is_not_believed_without_a_reply(self):
        compatible = "openai-compatible"
        for body in (b"{}", b"{\"ok\": true}", b"{\"choices\": []}"):
            self.each([(OPENAI, answer(body), self.failed("invalid_response"), *more, compatible) for more in ((), ("--no-stream",))])
        self.each([(OPENAI, stream(data(b"[DONE]")), self.failed("incomplete"), compatible)])
        half = {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "id": "c", "function": {
            "name": "weather", "arguments": "{\"city\":"}}]}}]}
        self.each([(OPENAI, stream(data(half), data(b"[DONE]")), self.failed("incomplete"), compatible)])

    def test_a_value_that_is_no_object_tells_its_words(self):
        self.each([(vendor, answer(b"\"Service down\""), self.failed("invalid_response", message="Service down"), "--no-stream")
                   for vendor in ALL])

    def test_a_stream_that_ends_too_early_is_incomplete(self):
        for vendor in ALL:
            some = (vendor.start(), vendor.text("One "), vendor.text("two"))
            body = b"".join(some)

            def short(peer):
                peer.send(head(200, f"Content-Length: {len(body) + 50}", kind=vendor.kind) + body)
            scripts = (reply(vendor, *some), reply(vendor, *some, last=False), reply(vendor, *some, fields=(CLOSE,)), short,
                       reply(vendor, *some, last=False, then=lambda peer: peer.gone_within(0.2) or peer.reset()))
            self.each([(vendor, script, self.failed("incomplete", text="One two")) for script in scripts])
            self.each([(vendor, reply(vendor, last=False), self.failed("incomplete"))])

    def test_a_document_that_is_cut_is_incomplete(self):
        for vendor in ALL:
            body = vendor.whole(TEXT)

            def short(peer):
                peer.send(head(200, f"Content-Length: {len(body)}", kind="application/json") + body[:-9])
            self.each([(vendor, short, self.failed("incomplete"), "--no-stream"),
                       (vendor, stream(body[:-9], fields=(CLOSE,), kind="application/json"), self.failed("incomplete"), "--no-stream")])

    def test_no_cut_passes_for_the_whole(self):
        step = 1 if os.environ.get("SCENA_EVERY_OFFSET") else 29
        for vendor in ALL:
            body = vendor.start() + vendor.text("Gr\u00fc\u00dfe") + vendor.text(" \U0001f600.") + vendor.finish() + vendor.end()
            whole = "Gr\u00fc\u00dfe \U0001f600."

            def check(said):
                self.assertTrue(whole.startswith(said["text"]), said)
                if said["error"]:
                    self.assertEqual(said["error"]["kind"], "incomplete")
                else:
                    self.assertEqual((said["text"], said["finish_reason"]), (whole, "stop"))
            self.each([(vendor, reply(vendor, body[:at], last=False), check) for at in range(0, len(body), step)])
            self.each([(vendor, reply(vendor, body[:at], fields=(CLOSE,)), check) for at in range(7, len(body), step)])

    def test_connections_that_fail_are_network(self):
        for vendor in ALL:
            self.each([(vendor, script, self.failed("network")) for script in (hang_up, cut_hard)])

    def test_silence_is_a_timeout(self):
        for vendor in ALL:
            for script, text in ((silent, ""), (reply(vendor, vendor.start(), vendor.text("Hi"), last=False, then=silent), "Hi")):
                began = time.monotonic()
                self.each([(vendor, script, self.failed("timeout", text=text), "--timeout-ms", "700")])
                self.assertLess(time.monotonic() - began, 10)


if __name__ == "__main__":
    command.SCENA = sys.argv.pop(1)
    unittest.main(verbosity=2)

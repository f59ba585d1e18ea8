"""scena complete against raw sockets that play answers as real services send them, under every wire condition."""

import concurrent.futures
import gzip
import json
import os
import pathlib
import sys
import time
import unittest

import command
from command import CommandTest, environment, scena

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "conformance"))
from fake_service import (ANTHROPIC, CHUNKED, CLOSE, COHERE, GEMINI, KEEP, LAST_CHUNK, OLLAMA, OPENAI, RESPONSES, SSE, VENDORS,
                          FakeService, answer, chunk, cut_hard, data, hang_up, head, line, named, silent, stream)

KEY = "sk-complete-Secret_0123456789"
TEXT = "Gr\u00fc\u00dfe, \U0001f600 \u65e5\u672c \"x\" \\ y.\nEnd"
ALL = (*VENDORS, RESPONSES)
EVENTS = (*SSE, RESPONSES)
MEMBERS = {"text", "finish_reason", "tool_calls", "usage", "error"}
TOOLS = [{"name": "weather", "description": "Weather of a city", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}]


def all_of(vendor, text=TEXT):
    return vendor.start() + b"".join(vendor.text(c) for c in text) + vendor.finish() + vendor.end()


def reply(vendor, *pieces, **more):
    return stream(*pieces, kind=vendor.kind, **more)


def sent(vendor, body, *fields, **more):
    return answer(body, 200, *fields, kind=more.get("kind", vendor.kind))


class CompleteTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.prompt = self.file("prompt.txt", "Hello there")

    def ask(self, vendor, script, *more, kind=None, key=KEY, timeout=60):
        """One call of the command; returns its object and the requests that the service saw."""
        with FakeService(script) as service:
            base = f"http://127.0.0.1:{service.port}" + ("/v1" if vendor.name.startswith("openai") else "")
            done = scena("complete", "--provider", kind or vendor.name, "--base-url", base, "--model", "m", "--prompt-file", self.prompt,
                         "--json", *more, env=environment(SCENA_API_KEY=key), timeout=timeout)
            said = json.loads(done.stdout)
            self.assertEqual(set(said), MEMBERS)
            self.assertEqual(done.returncode, 1 if said["error"] else 0, done)
            self.assertEqual(done.stderr, "")
            self.assertNotIn(key, done.stdout)
            if said["error"]:
                self.assertEqual(set(said["error"]), {"kind", "status", "message", "retry_after_ms"})
                self.assertTrue(said["error"]["message"])
                self.assertNotIn(said["finish_reason"], ("stop", "length", "tool_calls"))
            return said, service.requests

    def each(self, cases):
        """Runs (vendor, script, check, more...) side by side."""
        def one(case):
            vendor, script, check, *more = case
            kind = more.pop() if more and more[-1] == "openai-compatible" else None
            said, requests = self.ask(vendor, script, *more, kind=kind)
            return vendor, said, requests, check, more
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            for vendor, said, requests, check, more in pool.map(one, list(cases)):
                with self.subTest(vendor=vendor.name, more=more):
                    self.assertEqual(len(requests), 1, "one request, no retry")
                    check(said)

    def whole(self, text=TEXT, finish="stop"):
        def check(said):
            self.assertIsNone(said["error"], said)
            self.assertEqual((said["text"], said["finish_reason"], said["tool_calls"]), (text, finish, []))
            self.assertEqual(said["usage"], {"input_tokens": 9, "output_tokens": 20})
        return check

    def failed(self, kind, status=None, message=None, text="", wait=None):
        def check(said):
            self.assertIsNotNone(said["error"], said)
            self.assertEqual((said["error"]["kind"], said["text"], said["error"]["retry_after_ms"]), (kind, text, wait), said)
            if status:
                self.assertEqual(said["error"]["status"], status)
            if message:
                self.assertIn(message, said["error"]["message"])
        return check


class Wire(CompleteTest):
    def framings(self, vendor, body):
        packed = gzip.compress(body)

        def old(peer):
            peer.send(head(200, version="1.0", kind=vendor.kind) + body)

        def interim(peer):
            peer.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
            return reply(vendor, body)(peer)

        def extended(peer):
            peer.send(head(200, CHUNKED, kind=vendor.kind))
            for at in range(0, len(body), 50):
                piece = body[at:at + 50]
                peer.send(b"%X;name=value;other=\"quo;ted\"\r\n%s\r\n" % (len(piece), piece))
            peer.send(b"000;last\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n")
            return KEEP
        yield reply(vendor, body)
        yield reply(vendor, *[body[i:i + 1] for i in range(len(body))])
        yield reply(vendor, *[body[i:i + 3] for i in range(0, len(body), 3)])  # cuts characters
        yield reply(vendor, *[packed[i:i + 5] for i in range(0, len(packed), 5)], fields=(CHUNKED, "Content-Encoding: gzip"))
        yield reply(vendor, body, fields=(CLOSE,))
        yield sent(vendor, body)
        yield sent(vendor, body, kind=vendor.kind + ";charset=UTF-8")
        yield from (old, interim, extended)

    def test_every_framing_gives_the_same_reply(self):
        self.each((vendor, script, self.whole()) for vendor in ALL for script in self.framings(vendor, all_of(vendor)))

    def test_every_line_end_and_mark_of_events_gives_the_same_reply(self):
        def forms(body):
            yield body.replace(b"\n", b"\r\n")
            yield body.replace(b"\n", b"\r")
            yield b"\xef\xbb\xbf" + body
            yield body.replace(b"data: ", b"data:").replace(b"event: ", b"event:")
            yield body.replace(b"\n\n", b"\n\n: ping\n\n")
            yield body.replace(b"data: ", b": in between\nid: 7\nretry: 5\ndata: ")
            yield body.replace(b"data: {", b"data:\ndata: {\ndata: ")
            yield body.replace(b"\n\n", b"\n\ndata: : keepalive\n\ndata:\n\n")
        self.each((vendor, reply(vendor, form), self.whole()) for vendor in EVENTS for form in forms(all_of(vendor)))

    def test_lines_of_ollama_end_in_any_way(self):
        body = all_of(OLLAMA)
        forms = (body.replace(b"\n", b"\r\n"), body[:-1], body.replace(b"\n", b"\n\n"))
        self.each((OLLAMA, reply(OLLAMA, form), self.whole()) for form in forms)
        self.each([(OLLAMA, sent(OLLAMA, body, kind=kind), self.whole()) for kind in ("application/json", "application/x-ndjson; charset=utf-8",
                                                                                    "application/jsonl")])

    def test_a_reply_that_is_asked_for_as_a_whole_says_the_same(self):
        for vendor in ALL:
            body = vendor.whole(TEXT)
            scripts = (answer(body), answer(b"\n\n  " + body), answer(b"\xef\xbb\xbf" + body), stream(body, kind="application/json"),
                       stream(body, fields=(CLOSE,), kind="application/json"),
                       answer(gzip.compress(body), 200, "Content-Encoding: gzip"), answer(body, kind="application/json; charset=utf-8"))
            self.each((vendor, script, self.whole(), "--no-stream") for script in scripts)
            self.each([(vendor, answer(body), self.whole())])  # although a stream was asked for

    def test_types_that_say_nothing_are_read_by_what_comes(self):
        for vendor in (OPENAI, ANTHROPIC, COHERE):
            for kind in ("text/plain", "application/octet-stream", "application/json", ""):
                self.each([(vendor, answer(all_of(vendor), kind=kind), self.whole())])
            for kind in ("text/plain; charset=utf-8", "text/event-stream", ""):
                self.each([(vendor, answer(vendor.whole(TEXT), kind=kind), self.whole())])


class Requests(CompleteTest):
    def seen(self, vendor, *more, key=KEY):
        _, requests = self.ask(vendor, reply(vendor, all_of(vendor)) if "--no-stream" not in more else answer(vendor.whole(TEXT)),
                               *more, key=key)
        return requests[0][1], json.loads(requests[0][2])

    def test_the_path_is_that_of_the_provider(self):
        for vendor in ALL:
            first = self.seen(vendor)[0].split("\r\n")[0]
            self.assertEqual(first, f"POST {vendor.path} HTTP/1.1")
            first = self.seen(vendor, "--no-stream")[0].split("\r\n")[0]
            path = "/v1beta/models/m:generateContent" if vendor is GEMINI else vendor.path
            self.assertEqual(first, f"POST {path} HTTP/1.1")

    def test_the_key_goes_where_the_provider_wants_it(self):
        fields = {OPENAI: f"authorization: bearer {KEY}", RESPONSES: f"authorization: bearer {KEY}", ANTHROPIC: f"x-api-key: {KEY}",
                  GEMINI: f"x-goog-api-key: {KEY}", COHERE: f"authorization: bearer {KEY}"}
        for vendor, field in fields.items():
            self.assertIn(field.lower(), self.seen(vendor)[0].lower())

    def test_the_usual_variable_is_the_second_choice(self):
        names = {OPENAI: "OPENAI_API_KEY", ANTHROPIC: "ANTHROPIC_API_KEY", GEMINI: "GEMINI_API_KEY", COHERE: "CO_API_KEY"}
        for vendor, name in names.items():
            with FakeService(reply(vendor, all_of(vendor))) as service:
                base = f"http://127.0.0.1:{service.port}" + ("/v1" if vendor is OPENAI else "")
                self.ok("complete", "--provider", vendor.name, "--base-url", base, "--model", "m", "--prompt-file", self.prompt, "--json",
                        env=environment(**{name: KEY}))
                self.assertIn(KEY, service.requests[0][1])

    def test_prompt_model_and_stream_are_in_the_body(self):
        for vendor in ALL:
            for more in ((), ("--no-stream",)):
                _, body = self.seen(vendor, *more)
                self.assertIn("Hello there", json.dumps(body))
                if vendor is not GEMINI:
                    self.assertEqual(body["model"], "m")
                    self.assertEqual(body.get("stream", False), not more)

    def test_tools_are_offered_as_the_provider_wants_them(self):
        tools = self.file("tools.json", json.dumps(TOOLS))
        shapes = {OPENAI: lambda b: b["tools"][0]["function"], RESPONSES: lambda b: b["tools"][0], ANTHROPIC: lambda b: b["tools"][0],
                  GEMINI: lambda b: b["tools"][0]["functionDeclarations"][0], COHERE: lambda b: b["tools"][0]["function"],
                  OLLAMA: lambda b: b["tools"][0]["function"]}
        for vendor, shape in shapes.items():
            _, body = self.seen(vendor, "--tools-file", tools)
            tool = shape(body)
            self.assertEqual((tool["name"], tool["description"]), ("weather", "Weather of a city"))
            schema = next(tool[name] for name in ("parameters", "input_schema", "parametersJsonSchema") if name in tool)
            self.assertEqual(schema["properties"]["city"]["type"].lower(), "string")

    def test_what_is_wrong_before_a_byte_is_sent_names_the_option(self):
        base = ("complete", "--prompt-file", self.prompt, "--json")
        bad_tools = self.file("bad.json", "[{\"name\": \"x\"")
        for more, word in ((("--provider", "nobody", "--model", "m"), "--provider"),
                           (("--provider", "openai-compatible", "--model", "m"), "--base-url"),
                           (("--provider", "openai", "--model", "m", "--base-url", "ftp://x"), "http"),
                           (("--provider", "openai", "--model", "m", "--base-url", "localhost:80"), "http"),
                           (("--provider", "openai", "--base-url", "http://127.0.0.1:1/v1", "--model", "m", "--tools-file", bad_tools),
                            "--tools-file"),
                           (("--provider", "openai", "--base-url", "http://127.0.0.1:1/v1", "--model", "m", "--prompt-file", "/nowhere"),
                            "--prompt-file")):
            done = self.fails_quietly(*(base if "--prompt-file" not in more else ("complete", "--json")), *more)
            self.assertEqual(done["error"]["kind"], "invalid_request", done)
            self.assertIn(word, done["error"]["message"])
        done = self.fails_quietly(*base, "--provider", "openai", "--model", "m")
        self.assertEqual(done["error"]["kind"], "auth")

    def test_an_empty_model_is_refused_as_a_usage(self):
        for more in ((), ("--json",)):
            done = scena("complete", "--provider", "ollama", "--model", "", "--prompt-file", self.prompt, *more, env=environment())
            self.assertEqual((done.returncode, done.stdout), (2, ""), done)
            self.assertIn("--model: it is empty", done.stderr)

    def fails_quietly(self, *args):
        done = scena(*args, env=environment())
        self.assertEqual((done.returncode, done.stderr), (1, ""), done)
        return json.loads(done.stdout)

    def test_without_json_the_text_streams_and_the_figures_follow(self):
        with FakeService(reply(OPENAI, all_of(OPENAI))) as service:
            done = self.ok("complete", "--provider", "openai", "--base-url", f"http://127.0.0.1:{service.port}/v1", "--model", "m",
                           "--prompt-file", self.prompt, env=environment(SCENA_API_KEY=KEY))
        self.assertEqual(done.stdout, TEXT + "\n")
        self.assertEqual(done.stderr, "9 tokens in, 20 out, $0, stop\n")

    def test_without_json_a_failure_has_the_usual_exit_code(self):
        with FakeService(answer(OPENAI.failure("no such"), 404)) as service:
            done = scena("complete", "--provider", "openai", "--base-url", f"http://127.0.0.1:{service.port}/v1", "--model", "m",
                         "--prompt-file", self.prompt, env=environment(SCENA_API_KEY=KEY))
        self.assertEqual(done.returncode, 4)
        self.assertIn("no such", done.stderr)


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


class ShapeTest(CompleteTest):
    def chunks(self, *documents, done=True):
        return reply(OPENAI, *[data(d) for d in documents], *([data(b"[DONE]")] if done else []))

    def choice(self, delta, finish=None, **more):
        return {"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}

    def told(self, script, vendor=OPENAI, kind=None, more=(), **members):
        said, _ = self.ask(vendor, script, *more, kind=kind)
        self.assertIsNone(said["error"], said)
        for name, value in members.items():
            self.assertEqual(said[name], value, said)
        return said


class Shapes(ShapeTest):
    """What recorded answers of OpenAI-compatible services and the others hold."""

    def test_usage_is_found_wherever_it_stands(self):
        counts = {"prompt_tokens": 9, "completion_tokens": 20, "total_tokens": 29}
        text = self.choice({"content": "Hi"})
        end = self.choice({}, "stop")
        expected = {"input_tokens": 9, "output_tokens": 20}
        running = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}
        for documents in ((text, end, {"choices": [], "usage": counts}), (text, {**end, "usage": counts}),
                          (text, self.choice({"content": ""}, "stop", usage=counts), self.choice({}, None, usage=None)),
                          ({**text, "usage": running}, {**end, "usage": counts}), (text, {**end, "x_groq": {"usage": counts}}),
                          ({**text, "usage": {"prompt_tokens": 0, "completion_tokens": 0}}, end, {"choices": [], "usage": counts}),
                          ({**text, "usage": {}}, {**end, "usage": None}, {"usage": counts}),
                          (self.choice({"content": "Hi"}, "stop", usage=counts),)):
            self.told(self.chunks(*documents), usage=expected, text="Hi", finish_reason="stop")
        self.told(self.chunks(text, end), usage={"input_tokens": 0, "output_tokens": 0})

    def test_output_counts_reasoning(self):
        thought = {"candidates": [{"content": {"parts": [{"text": "Hm", "thought": True}, {"text": "Hi"}]}, "finishReason": "STOP"}],
                   "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 5, "thoughtsTokenCount": 15}}
        self.told(reply(GEMINI, data(thought)), GEMINI, text="Hi", usage={"input_tokens": 9, "output_tokens": 20})
        self.told(answer(json.dumps(thought).encode()), GEMINI, more=("--no-stream",), text="Hi",
                  usage={"input_tokens": 9, "output_tokens": 20})

    def test_what_is_billed_counts_where_nothing_else_is_counted(self):
        body = {"finish_reason": "COMPLETE", "message": {"content": [{"type": "text", "text": "Hi"}]},
                "usage": {"billed_units": {"input_tokens": 9, "output_tokens": 20}}}
        self.told(answer(json.dumps(body).encode()), COHERE, more=("--no-stream",), usage={"input_tokens": 9, "output_tokens": 20})

    def test_input_counts_what_was_cached(self):
        body = {"id": "m1", "type": "message", "role": "assistant", "model": "m", "content": [{"type": "text", "text": "Hi"}],
                "stop_reason": "end_turn", "usage": {"input_tokens": 2, "cache_creation_input_tokens": 3, "cache_read_input_tokens": 4,
                                                     "output_tokens": 20}}
        self.told(answer(json.dumps(body).encode()), ANTHROPIC, more=("--no-stream",), usage={"input_tokens": 9, "output_tokens": 20})

    def test_finish_reasons_come_in_many_ways(self):
        text = self.choice({"content": "Hi"})
        for documents, word in (((text, self.choice({}, "stop"), self.choice({}, None)), "stop"),
                                ((text, self.choice({}, "stop"), self.choice({}, "stop")), "stop"),
                                ((text, self.choice({}, "length"), self.choice({}, "")), "length"),
                                ((text, self.choice({}, "content_filter")), "content_filter"), ((text, self.choice({}, "eos")), "stop"),
                                ((text, self.choice({}, "sparkle")), "other"), ((self.choice({"content": "Hi"}, "stop"),), "stop")):
            self.told(self.chunks(*documents), text="Hi", finish_reason=word)
        self.told(self.chunks(text), kind="openai-compatible", text="Hi", finish_reason=None)
        self.told(answer(json.dumps({"choices": [{"message": {"content": "Hi"}}]}).encode()), kind="openai-compatible",
                  more=("--no-stream",), text="Hi", finish_reason=None)
        for vendor in ALL:
            for reason, word in vendor.finishes.items():
                pieces = [vendor.start(), vendor.text("Hi"), vendor.finish(reason)]
                if vendor is not RESPONSES or reason == "completed":
                    pieces.append(vendor.end())
                self.told(reply(vendor, *pieces), vendor, text="Hi", finish_reason="refusal" if reason == "refusal" else word)

    def test_a_failure_as_the_finish_word_is_told(self):
        said, _ = self.ask(OPENAI, self.chunks(self.choice({"content": "Hi"}), self.choice({}, "error")))
        self.assertEqual((said["error"]["kind"], said["finish_reason"], said["text"]), ("provider", "error", "Hi"))
        said, _ = self.ask(OPENAI, self.chunks(self.choice({"content": "Hi"}), self.choice({}, "error", error={"message": "no", "code": 502})))
        self.assertEqual((said["error"]["kind"], said["error"]["message"], said["finish_reason"]), ("stream", "no", "error"))
        said, _ = self.ask(COHERE, reply(COHERE, COHERE.start(), COHERE.text("Hi"), COHERE.error("", 500)))
        self.assertEqual((said["error"]["kind"], said["finish_reason"], said["text"]), ("provider", "error", "Hi"))
        bad = GEMINI.document("Hi", 20)
        bad["candidates"][0] = {"finishReason": "MALFORMED_FUNCTION_CALL", "index": 0}
        said, _ = self.ask(GEMINI, reply(GEMINI, data(bad)))
        self.assertEqual((said["error"]["kind"], said["finish_reason"]), ("provider", "error"))

    def test_text_is_text_alone(self):
        for deltas in ([{"role": "assistant", "content": None}, {"content": "Hi"}], [{"content": [{"type": "text", "text": "Hi"}]}],
                       [{"reasoning_content": "Hm", "content": None}, {"reasoning_content": None, "content": "Hi"}],
                       [{"content": "", "reasoning": "Hm"}, {"content": "Hi"}], [{"role": "", "content": "H"}, {"content": "i"}],
                       [{"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}]}, {"content": "Hi"}]):
            self.told(self.chunks(*[self.choice(d) for d in deltas], self.choice({}, "stop")), text="Hi")
        odd = ({"choices": None}, {"choices": [{"index": 0, "delta": None, "finish_reason": None}]}, {"choices": [{"index": 0}]},
               self.choice({"content": "Hi"}), {"choices": [{"index": 1, "delta": {"content": "other"}, "finish_reason": "stop"}]},
               self.choice({}, "stop"))
        self.told(self.chunks(*odd), text="Hi", finish_reason="stop")

    def test_what_gateways_in_front_of_anthropic_leave_out_is_read(self):
        counts = {"input_tokens": 9, "output_tokens": 20}
        whole = {"id": "m1", "type": "message", "content": "Hi", "stop_reason": "end_turn", "usage": counts}
        self.told(answer(json.dumps(whole).encode()), ANTHROPIC, more=("--no-stream",), text="Hi")
        call = {"type": "tool_use", "id": "t1", "name": "weather", "input": "{\"city\":\"Rome\"}"}
        whole = {**whole, "content": [call], "stop_reason": "tool_use"}
        self.told(answer(json.dumps(whole).encode()), ANTHROPIC, more=("--no-stream",),
                  tool_calls=[{"name": "weather", "arguments": {"city": "Rome"}}])

    def test_keep_alives_of_any_kind_say_nothing(self):
        for beat in (b"event: ping\ndata: 2026-01-01T00:00:00Z\n\n", b"event: heartbeat\ndata: ok\n\n", b"data: null\n\n",
                     b"event: ping\ndata: {}\n\n"):
            for vendor in EVENTS:
                self.each([(vendor, reply(vendor, beat, vendor.start(), beat, vendor.text(TEXT), vendor.finish(), vendor.end()),
                            self.whole())])

    def test_a_last_chunk_that_repeats_the_message_adds_nothing(self):
        last = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Gr\u00fc\u00dfe \"x\""}, "finish_reason": "stop"}]}
        self.told(self.chunks(self.choice({"content": "Gr\u00fc\u00dfe "}), self.choice({"content": "\"x\""}), last, done=False),
                  text="Gr\u00fc\u00dfe \"x\"", finish_reason="stop")
        self.told(self.chunks(last, done=False), text="Gr\u00fc\u00dfe \"x\"", finish_reason="stop")

    def test_events_may_be_named_in_front_of_their_data_alone(self):
        def bare(*events):
            return b"".join(b"event: %s\ndata: %s\n\n" % (name.encode(), json.dumps(rest).encode()) for name, rest in events)
        self.told(reply(ANTHROPIC, bare(("message_start", {"message": {"id": "m1", "usage": {"input_tokens": 9}}}),
                                        ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
                                        ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": "Hi"}}),
                                        ("message_delta", {"delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 20}}),
                                        ("message_stop", {}))), ANTHROPIC, text="Hi", finish_reason="stop")
        self.told(reply(RESPONSES, bare(("response.output_text.delta", {"output_index": 0, "content_index": 0, "delta": "Hi"}),
                                        ("response.completed", {"response": {"status": "completed", "output": []}}))),
                  RESPONSES, text="Hi", finish_reason="stop")

    def test_calls_are_assembled(self):
        def call(**members):
            return self.choice({"tool_calls": [members]})
        paris = [{"name": "weather", "arguments": {"city": "Paris"}}]
        whole = "{\"city\": \"Paris\"}"
        first = {"id": "a", "type": "function", "function": {"name": "weather", "arguments": ""}}
        for documents in ((call(index=0, **first), call(index=0, function={"arguments": whole[:5]}), call(index=0, function={"arguments": whole[5:]})),
                          (call(index=3, **first), call(index=3, function={"arguments": whole})), (call(**first), call(function={"arguments": whole})),
                          (call(index=0, id="a", function={"name": "weather", "arguments": whole}),),
                          (call(index=0, id=7, function={"name": "weather", "arguments": {"city": "Paris"}}),)):
            for word in ("tool_calls", "stop"):
                self.told(self.chunks(*documents, self.choice({}, word)), tool_calls=paris, finish_reason="tool_calls", text="")
        self.told(self.chunks(call(index=0, id="a", function={"name": "now", "arguments": ""}), self.choice({}, "tool_calls")),
                  tool_calls=[{"name": "now", "arguments": {}}])
        self.told(self.chunks(call(index=0, **first), call(index=0, function={"arguments": whole[:9]}), self.choice({}, "length")),
                  tool_calls=[{"name": "weather", "arguments": whole[:9]}], finish_reason="length")

    def test_calls_of_every_provider_say_the_same(self):
        paris = [{"name": "weather", "arguments": {"city": "Paris"}}]
        anthropic = (named("message_start", message={"id": "m1", "role": "assistant", "model": "m", "content": [], "usage": {"input_tokens": 9, "output_tokens": 1}})
                     + named("content_block_start", index=1, content_block={"type": "tool_use", "id": "t", "name": "weather", "input": {}})
                     + named("content_block_delta", index=1, delta={"type": "input_json_delta", "partial_json": "{\"city\":"})
                     + named("content_block_delta", index=1, delta={"type": "input_json_delta", "partial_json": "\"Paris\"}"})
                     + named("content_block_stop", index=1) + ANTHROPIC.finish("tool_use") + ANTHROPIC.end())
        gemini = GEMINI.document("", 20, finishReason="STOP")
        gemini["candidates"][0]["content"]["parts"] = [{"functionCall": {"name": "weather", "args": {"city": "Paris"}}}]
        cohere = (named("message-start", id="m1", delta={"message": {"role": "assistant"}})
                  + named("tool-plan-delta", delta={"message": {"tool_plan": "I look."}})
                  + named("tool-call-start", index=0, delta={"message": {"tool_calls": {"id": "t", "type": "function", "function": {"name": "weather", "arguments": ""}}}})
                  + named("tool-call-delta", index=0, delta={"message": {"tool_calls": {"function": {"arguments": "{\"city\": \"Paris\"}"}}}})
                  + named("tool-call-end", index=0) + named("message-end", delta={"finish_reason": "TOOL_CALL", "usage": COHERE.counts}))
        ollama = OLLAMA.document("")
        ollama["message"]["tool_calls"] = [{"function": {"name": "weather", "arguments": {"city": "Paris"}}}]
        responses = (RESPONSES.start()
                     + named("response.output_item.added", output_index=1, item={"type": "function_call", "id": "f", "call_id": "t", "name": "weather", "arguments": ""})
                     + named("response.function_call_arguments.delta", item_id="f", output_index=1, delta="{\"city\": \"Paris\"}")
                     + named("response.function_call_arguments.done", item_id="f", output_index=1, arguments="{\"city\": \"Paris\"}")
                     + named("response.output_item.done", output_index=1, item={"type": "function_call", "id": "f", "call_id": "t", "name": "weather",
                                                                              "arguments": "{\"city\": \"Paris\"}", "status": "completed"})
                     + RESPONSES.end())
        for vendor, body in ((ANTHROPIC, anthropic), (GEMINI, data(gemini)), (COHERE, cohere), (OLLAMA, line(ollama) + OLLAMA.finish()),
                             (RESPONSES, responses)):
            self.told(reply(vendor, body), vendor, tool_calls=paris, finish_reason="tool_calls", text="",
                      usage={"input_tokens": 9, "output_tokens": 20})


class Odd(ShapeTest):
    """Answers that their provider's description does not have and that services and gateways send all the same."""

    COUNTS = {"input_tokens": 9, "output_tokens": 20}
    CITY = "{\"city\":\"Paris\"}"
    PARIS = {"name": "weather", "arguments": {"city": "Paris"}}
    NOTHING = {"name": "weather", "arguments": {}}

    def hi(self, vendor, *events, usage=COUNTS, text="Hi", finish_reason="stop", **members):
        self.told(reply(vendor, *events), vendor, usage=usage, text=text, finish_reason=finish_reason, **members)

    def body(self, vendor, body, usage=COUNTS, text="Hi", finish_reason="stop", **members):
        self.told(answer(json.dumps(body).encode()), vendor, more=("--no-stream",), usage=usage, text=text, finish_reason=finish_reason, **members)

    def test_counts_may_be_texts(self):
        counts = {"prompt_tokens": "9", "completion_tokens": "20", "total_tokens": "29"}
        self.hi(OPENAI, data(self.choice({"content": "Hi"}, "stop", usage=counts)), data(b"[DONE]"))
        self.body(OPENAI, {"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}], "usage": counts})
        self.told(self.chunks(self.choice({"content": "Hi"}, "stop", usage={"prompt_tokens": "nine", "completion_tokens": "-1"})),
                  usage={"input_tokens": 0, "output_tokens": 0})
        gemini = GEMINI.document("Hi", finishReason="STOP")
        gemini["usageMetadata"] = {"promptTokenCount": "9", "candidatesTokenCount": "20"}
        self.hi(GEMINI, data(gemini))
        self.body(GEMINI, gemini)
        texts = {"input_tokens": "9", "output_tokens": "20"}
        self.hi(RESPONSES, RESPONSES.start(), RESPONSES.text("Hi"),
                named("response.completed", response={**RESPONSES.response("completed"), "usage": texts}))
        self.hi(ANTHROPIC, named("message_start", message={"id": "m1", "usage": {"input_tokens": "9"}}), ANTHROPIC.text("Hi"),
                named("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": "20"}), ANTHROPIC.end())
        self.hi(COHERE, COHERE.start(), COHERE.text("Hi"), named("message-end", delta={"finish_reason": "COMPLETE", "usage": {"tokens": texts}}))
        self.body(COHERE, {"finish_reason": "COMPLETE", "message": {"content": "Hi"}, "usage": {"tokens": {"input_tokens": "9", "output_tokens": "20.0"}}})
        last = {**OLLAMA.last("", "stop"), "prompt_eval_count": "9", "eval_count": "20"}
        self.hi(OLLAMA, OLLAMA.text("Hi"), line(last))
        self.body(OLLAMA, {**last, "message": {"content": "Hi"}})

    def test_a_last_chunk_that_repeats_thoughts_too_adds_nothing(self):
        def last(**message):
            return {"choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}]}
        said = [self.choice({"content": piece}) for piece in ("<thi", "nk>Hm", "</think>\n\n", "Hi")]
        for end in (last(content="<think>Hm</think>\n\nHi"), last(content="Hi"), last(content="Hi", reasoning_content="Hm")):
            self.told(self.chunks(*said, end, done=False), kind="openai-compatible", text="Hi", finish_reason="stop")
        self.told(self.chunks(self.choice({"reasoning_content": "Hm"}), self.choice({"content": "Hi"}), last(content="<think>Hm</think>\n\nHi"),
                              done=False), kind="openai-compatible", text="Hi", finish_reason="stop")
        self.told(self.chunks(self.choice({"reasoning_content": "Hm"}), last(content="Hi"), done=False), kind="openai-compatible", text="Hi")

    def test_workers_ai_answers_in_its_own_manner(self):
        counts = {"prompt_tokens": 9, "completion_tokens": 20, "total_tokens": 29}
        self.told(self.chunks({"response": "H", "p": "abc"}, {"response": "i", "p": "ab"}, {"response": "", "usage": counts}),
                  kind="openai-compatible", text="Hi", usage=self.COUNTS)
        for body in ({"response": "Hi", "usage": counts},
                     {"result": {"response": "Hi", "usage": counts}, "success": True, "errors": [], "messages": []}):
            self.told(answer(json.dumps(body).encode()), kind="openai-compatible", more=("--no-stream",), text="Hi", usage=self.COUNTS)

    def anthropic(self, *events, reason="end_turn", usage={"output_tokens": 20}, end=None):
        start = named("message_start", message={"id": "m1", "role": "assistant", "model": "m", "content": [], "usage": {"input_tokens": 9}})
        last = named("message_delta", delta={"stop_reason": reason}, usage=usage)
        return [start, *events, last, end or named("message_stop")]

    def block(self, index, *deltas, stop=True, **start):
        pieces = [named("content_block_start", index=index, content_block=start)]
        pieces += [named("content_block_delta", index=index, delta=delta) for delta in deltas]
        return b"".join(pieces + [named("content_block_stop", index=index)] * stop)

    def test_anthropic_text_in_odd_blocks(self):
        text = {"type": "text_delta", "text": "Hi"}
        thought = {"type": "thinking_delta", "thinking": "Hm"}
        signature = {"type": "signature_delta", "signature": "AA"}
        for events in ([self.block(0, {"text": "Hi"}, type="text", text="")], [self.block(0, thought, text, type="thinking", thinking="")],
                       [self.block(0, thought, signature, type="thinking", thinking="", signature=""), self.block(0, text, type="text", text="")],
                       [self.block(0, type="redacted_thinking", data="x"), self.block(1, text, type="text", text=None)],
                       [self.block(0, {"type": "thinking_delta", "thinking": None}, {"type": "signature_delta", "signature": None},
                                   type="thinking", thinking=None, signature=None), self.block(1, type="text", text="Hi")],
                       [self.block(0, {"type": "text_delta", "text": None}, {"type": "glow", "text": "no"}, None, text,
                                   {"type": "citations_delta", "citation": None}, type="text", text="")],
                       [named("sparkle", text="no"), self.block(0, text, type="text", text=""), self.block(1, {"text": "no"}, type="new_kind")]):
            self.hi(ANTHROPIC, *self.anthropic(*events))
        whole = {"id": "m1", "type": "message", "stop_reason": "end_turn", "usage": self.COUNTS}
        for content in (["Hi"], {"type": "text", "text": "Hi"}, [{"text": "Hi"}], [{"type": "text", "text": None}, {"type": "text", "text": "Hi"}],
                        [{"type": "thinking", "thinking": "Hm", "signature": "AA"}, {"type": "redacted_thinking", "data": "x"},
                         {"type": "text", "text": "Hi", "citations": None}]):
            self.body(ANTHROPIC, {**whole, "content": content})
        self.body(ANTHROPIC, {**whole, "content": None}, text="")

    def test_anthropic_counts_and_ends_at_odd_places(self):
        hi = self.block(0, {"type": "text_delta", "text": "Hi"}, type="text", text="")
        stop = named("message_delta", delta={"stop_reason": None}, usage=None)
        for pieces in (self.anthropic(hi, usage={"input_tokens": 0, "output_tokens": 20}), self.anthropic(hi, usage={"input_tokens": 9, "output_tokens": 20}),
                       self.anthropic(hi, usage=None, end=named("message_stop", usage={"output_tokens": 20})),
                       self.anthropic(hi, named("message_delta", delta={"stop_reason": "end_turn", "usage": {"output_tokens": 20}}), usage=None),
                       self.anthropic(hi, stop), self.anthropic(hi, end=stop + named("message_stop")),
                       self.anthropic(hi, named("message_delta", stop_reason="end_turn"), reason=None), self.anthropic(hi, end=data(b"[DONE]"))):
            self.hi(ANTHROPIC, *pieces)
        for reason, word in (("stop", "stop"), ("length", "length"), ("content_filter", "content_filter"), ("pause_turn", "other"),
                             ("model_context_window_exceeded", "length"), ("sparkle", "other")):
            self.hi(ANTHROPIC, *self.anthropic(hi, reason=reason), finish_reason=word)
        for end in (data(b"[DONE]"), named("message_stop")):
            said, _ = self.ask(ANTHROPIC, reply(ANTHROPIC, *self.anthropic(hi, reason=None, end=end)))
            self.assertEqual((said["error"]["kind"], said["text"]), ("incomplete", "Hi"))

    def test_anthropic_input_of_tools_in_odd_pieces(self):
        def tool(*pieces, stop=True, start={}, name="t"):
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
            return self.block(0, *deltas, stop=stop, type="tool_use", id=name, name="weather", input=start)
        paris = {"city": "Paris"}
        for event in (tool(*self.CITY), tool("", self.CITY), tool(paris), tool(self.CITY, start=None), tool(self.CITY, start=""),
                      tool(start=paris), tool(start=self.CITY), tool(start=paris, stop=False), tool(self.CITY, start=paris), tool(self.CITY, stop=False)):
            for reason in ("tool_use", "end_turn", "tool_calls"):
                self.hi(ANTHROPIC, *self.anthropic(event, reason=reason), text="", finish_reason="tool_calls", tool_calls=[self.PARIS])
        self.hi(ANTHROPIC, *self.anthropic(tool(), tool(self.CITY, name="u"), reason="tool_use"), text="", finish_reason="tool_calls",
                tool_calls=[self.NOTHING, self.PARIS])
        self.hi(ANTHROPIC, *self.anthropic(tool(self.CITY[:5]), reason="max_tokens"), text="", finish_reason="length",
                tool_calls=[{"name": "weather", "arguments": self.CITY[:5]}])
        calls = [{"type": "tool_use", "id": "t", "name": "weather", "input": None}, {"type": "server_tool_use", "id": "s", "name": "q", "input": {}},
                 {"type": "tool_use", "id": "u", "name": "weather", "input": paris}]
        self.body(ANTHROPIC, {"type": "message", "content": calls, "stop_reason": "tool_use", "usage": self.COUNTS}, text="",
                  finish_reason="tool_calls", tool_calls=[self.NOTHING, self.PARIS])

    def cohere(self, *contents, end={"finish_reason": "COMPLETE"}, usage=COHERE.counts):
        pieces = [named(f"content-{kind}", index=0, delta={"message": {"content": content}}) for kind, content in contents]
        return [named("message-start", id="m1", delta={"message": {"role": "assistant"}}), *pieces, named("message-end", delta={**end, "usage": usage})]

    def test_cohere_text_in_odd_parts(self):
        for contents in ([("delta", "Hi")], [("start", {"type": "text", "text": "H"}), ("delta", {"text": "i"})],
                         [("start", None), ("delta", None), ("delta", {"text": None}), ("delta", []), ("delta", [{"type": "text", "text": "Hi"}])],
                         [("start", {"type": "thinking", "thinking": "H"}), ("delta", {"thinking": "m"}), ("delta", {"text": "Hi"})],
                         [("delta", {"type": "thinking", "text": "Hm"}), ("delta", {"text": "Hi"})], [("sparkle", {"text": "no"}), ("delta", {"text": "Hi"})]):
            self.hi(COHERE, *self.cohere(*contents))
        for citations in (None, [], {"start": 0, "end": 2, "text": "Hi", "sources": None}):
            self.hi(COHERE, *self.cohere(("delta", {"text": "Hi"}))[:-1], named("citation-start", index=0, delta={"message": {"citations": citations}}),
                    named("citation-end", index=0), self.cohere()[-1])
        whole = {"id": "m1", "finish_reason": "COMPLETE", "usage": COHERE.counts}
        for content in ("Hi", ["Hi"], {"type": "text", "text": "Hi"}, [{"type": "thinking", "text": "Hm"}, {"type": "text", "text": "Hi"}]):
            self.body(COHERE, {**whole, "message": {"content": content, "citations": None, "tool_calls": None, "tool_plan": None}})

    def test_cohere_counts_and_ends_in_odd_ways(self):
        hi = ("delta", {"text": "Hi"})
        for usage in ({"input_tokens": 9, "output_tokens": 20}, {"tokens": {"input_tokens": 0, "output_tokens": 0}, "billed_units": self.COUNTS},
                      {"tokens": None, "billed_units": self.COUNTS}):
            self.hi(COHERE, *self.cohere(hi, usage=usage))
        self.hi(COHERE, *self.cohere(hi, usage=None), usage={"input_tokens": 0, "output_tokens": 0})
        for word, reason in (("complete", "stop"), ("max_tokens", "length"), ("ERROR_TOXIC", "content_filter"), ("ERROR_LIMIT", "length"),
                             ("USER_CANCEL", "other"), (None, None)):
            self.hi(COHERE, *self.cohere(hi, end={"finish_reason": word, "error": None}), finish_reason=reason)
        for end, words in (({"finish_reason": "ERROR", "error": "no room"}, "no room"), ({"finish_reason": "ERROR", "error": {"message": "no room"}}, "no room"),
                           ({"finish_reason": "COMPLETE", "error": "no room"}, "no room"), ({"finish_reason": "complete", "error": "no room"}, "no room"),
                           ({"finish_reason": "error", "error": "no room"}, "no room"), ({"error": "no room"}, "no room"),
                           ({"finish_reason": "TIMEOUT"}, "TIMEOUT")):
            said, _ = self.ask(COHERE, reply(COHERE, *self.cohere(hi, end=end)))
            self.assertEqual((said["error"]["kind"], said["finish_reason"], said["text"]), ("provider", "error", "Hi"))
            self.assertIn(words, said["error"]["message"])

    def test_cohere_calls_in_odd_pieces(self):
        def event(kind, index, **function):
            call = {"function": function, **({"id": f"t{index}", "type": "function"} if "name" in function else {})}
            return named(f"tool-call-{kind}", index=index, delta={"message": {"tool_calls": call}})
        end = named("tool-call-end", index=0)
        plan = named("tool-plan-delta", delta={"message": {"tool_plan": None}}) + named("tool-plan-delta", delta={"message": {"tool_plan": "I look."}})
        whole = event("start", 0, name="weather", arguments=self.CITY)
        for calls in ([whole, end], [whole], [event("start", 0, name="weather", arguments={"city": "Paris"}), end],
                      [event("start", 0, name="weather", arguments=None), event("delta", 0, arguments=None), event("delta", 0, arguments=self.CITY), end],
                      [event("start", 0, name="weather", arguments=""), *[event("delta", 0, arguments=c) for c in self.CITY], end]):
            for word in ("TOOL_CALL", "COMPLETE"):
                start, last = self.cohere(end={"finish_reason": word})
                self.hi(COHERE, start, plan, *calls, last, text="", finish_reason="tool_calls", tool_calls=[self.PARIS])
        start, last = self.cohere(end={"finish_reason": "TOOL_CALL"})
        self.hi(COHERE, start, event("start", 0, name="weather", arguments=""), end, event("start", 1, name="weather", arguments=self.CITY),
                named("tool-call-end", index=1), last,
                text="", finish_reason="tool_calls", tool_calls=[self.NOTHING, self.PARIS])

    def ollama(self, message, **members):
        return line({**OLLAMA.document(""), "message": message, **members})

    def test_ollama_messages_of_odd_shape(self):
        end = OLLAMA.finish()
        for message in ({"content": "Hi", "thinking": "Hm"}, {"content": [{"type": "text", "text": "H"}, "i"]}, "Hi", {"content": {"text": "Hi"}},
                        {"content": "Hi", "thinking": None, "tool_calls": None}):
            self.hi(OLLAMA, self.ollama(message), end)
            self.body(OLLAMA, {**OLLAMA.last("", "stop"), "message": message})
        for first in (None, {"content": None}, {"role": "assistant"}, {"thinking": "Hm"}):
            self.hi(OLLAMA, self.ollama(first), OLLAMA.text("Hi"), end)
        self.hi(OLLAMA, OLLAMA.text("Hi"), line({**OLLAMA.last("", "stop"), "done": "true"}))
        self.hi(OLLAMA, OLLAMA.text("Hi"), line({"model": "m", "done": True, "done_reason": "stop"}), usage={"input_tokens": 0, "output_tokens": 0})
        self.hi(OLLAMA, OLLAMA.finish("load"), text="", finish_reason="other")
        self.hi(OLLAMA, OLLAMA.text("Hi"), OLLAMA.finish(None), finish_reason=None)
        for error in ({"error": "no"}, {"error": {"message": "no"}}, OLLAMA.document("", error="no")):
            said, _ = self.ask(OLLAMA, reply(OLLAMA, OLLAMA.text("Hi"), line(error)))
            self.assertEqual((said["error"]["kind"], said["error"]["message"], said["text"]), ("stream", "no", "Hi"))

    def test_ollama_calls_of_odd_shape(self):
        def call(*arguments):
            return {"function": {"name": "weather", **({"arguments": arguments[0]} if arguments else {})}}
        paris = {"city": "Paris"}
        for calls, expected in (([call(paris)], [self.PARIS]), ([call(self.CITY)], [self.PARIS]), (call(paris), [self.PARIS]),
                                ([call(), call(None), call(""), call(paris)], [self.NOTHING] * 3 + [self.PARIS])):
            message = {"content": None, "tool_calls": calls}
            for word in ("stop", "tool_calls"):
                self.hi(OLLAMA, self.ollama(message), OLLAMA.finish(word), text="", finish_reason="tool_calls", tool_calls=expected)
            self.body(OLLAMA, {**OLLAMA.last("", "stop"), "message": message}, text="", finish_reason="tool_calls", tool_calls=expected)


if __name__ == "__main__":
    command.SCENA = sys.argv.pop(1)
    unittest.main(verbosity=2)

"""scena complete under every wire condition, and what it asks."""

import gzip
import json
import os
import subprocess
import sys
import unittest

import command
from command import environment, scena
from completing import ALL, EVENTS, KEY, MEMBERS, TEXT, TOOLS, CompleteTest, all_of, reply, sent
from fake_service import ANTHROPIC, CHUNKED, CLOSE, COHERE, GEMINI, KEEP, OLLAMA, OPENAI, RESPONSES, FakeService, answer, head, stream


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

    def test_an_alias_of_the_configuration_stands_for_its_model_and_its_provider(self):
        with FakeService(reply(OPENAI, all_of(OPENAI))) as named, FakeService(reply(COHERE, all_of(COHERE))) as other:
            config = self.file("config.json", json.dumps({
                "max_retries": 5,
                "providers": {"second": {"url": "cohere:", "base_url": f"http://127.0.0.1:{other.port}", "api_key": KEY},
                              "cohere": {"url": "cohere:", "base_url": f"http://127.0.0.1:{other.port}", "api_key": KEY},
                              "unused": {"url": "openai:", "base_url": "http://127.0.0.1:9/v1"}},
                "policy": {"aliases": {"quick": {"model": "small-1"}, "far": {"provider": "second", "model": "command-x"},
                                       "own": {"provider": "cohere:command-y"}},
                           "fallbacks": [{"provider": "unused"}]}}))
            for model, service, asked in (("quick", named, "small-1"), ("far", other, "command-x"), ("own", other, "command-y"), ("plain", named, "plain")):
                said = self.ok("complete", "--config", config, "--provider", "openai", "--base-url", f"http://127.0.0.1:{named.port}/v1",
                               "--model", model, "--prompt-file", self.prompt, "--json", env=environment(SCENA_API_KEY=KEY))
                self.assertIsNone(json.loads(said.stdout)["error"])
                self.assertEqual(json.loads(service.requests[-1][2])["model"], asked)
            self.assertEqual((len(named.requests), len(other.requests)), (2, 2))

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

    def test_a_wrong_command_line_is_told_as_an_object_too(self):
        whole = ("--provider", "ollama", "--model", "m", "--prompt-file", self.prompt)
        for more, word in ((("--provider", "ollama", "--model", "", "--prompt-file", self.prompt), "--model: it is empty"),
                           ((*whole, "--bad-flag"), "--bad-flag"), (whole[:4], "--prompt-file is required"), ((), "is required"),
                           ((*whole, "--timeout-ms", "0"), "--timeout-ms"), ((*whole, "--base-url", ""), "--base-url"),
                           ((*whole, "--tools-file"), "--tools-file")):
            done = scena("complete", *more, env=environment())
            self.assertEqual((done.returncode, done.stdout), (2, ""), done)
            self.assertIn(word, done.stderr)
            for flag in ("--json", "--json=true"):
                said = self.fails_quietly("complete", flag, *more)
                self.assertEqual((set(said), said["error"]["kind"]), (MEMBERS, "invalid_request"))
                self.assertIn(word, said["error"]["message"])
            self.assertEqual(scena("complete", "--json=false", *more, env=environment()).returncode, 2)

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

    def test_a_key_that_the_service_repeats_is_in_no_output(self):
        said, shown = f"It is {KEY}{KEY}, and {KEY[:9]}", f"It is ******, and {KEY[:9]}"
        for vendor in ALL:
            self.each([(vendor, reply(vendor, all_of(vendor, said)), self.whole(shown))])
            self.each([(vendor, answer(vendor.whole(said)), self.whole(shown), "--no-stream")])
        for name in ("SCENA_API_KEY", "OPENAI_API_KEY"):
            with FakeService(reply(OPENAI, all_of(OPENAI, said))) as service:
                done = self.ok("complete", "--provider", "openai", "--base-url", f"http://127.0.0.1:{service.port}/v1", "--model", "m",
                               "--prompt-file", self.prompt, env=environment(**{name: KEY}))
            self.assertEqual(done.stdout, shown + "\n")

    def test_keys_in_headers_are_masked_and_other_fields_are_left(self):
        said = f"Hi {KEY}, at your Job interview of 2024-10-21"
        with FakeService(reply(OPENAI, all_of(OPENAI, said))) as service:
            config = self.file("config.json", json.dumps({
                "providers": {"own": {"url": "openai:", "base_url": f"http://127.0.0.1:{service.port}/v1", "query": {"api-version": "2024-10-21"},
                                      "headers": {"X-Title": "Job interview", "Authorization": f"Bearer {KEY}"}}},
                "policy": {"aliases": {"far": {"provider": "own", "model": "m"}}}}))
            done = self.ok("complete", "--config", config, "--provider", "openai", "--base-url", "http://127.0.0.1:9/v1", "--model", "far",
                           "--prompt-file", self.prompt, "--json", env=environment(SCENA_API_KEY="another-key-1"))
        self.assertEqual(json.loads(done.stdout)["text"], said.replace(KEY, "***"))

    def test_a_reply_that_nobody_reads_ends_in_silence(self):
        for more in ((), ("--json",)):
            with FakeService(reply(OPENAI, all_of(OPENAI, "word " * 5000))) as service:
                reader, writer = os.pipe()
                os.close(reader)
                done = subprocess.run([command.SCENA, "complete", "--provider", "openai", "--base-url", f"http://127.0.0.1:{service.port}/v1",
                                       "--model", "m", "--prompt-file", self.prompt, *more], stdout=writer, stderr=subprocess.PIPE, text=True,
                                      timeout=60, env=environment(SCENA_API_KEY=KEY))
                os.close(writer)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn("scena: ", done.stderr)

    def test_without_json_a_failure_has_the_usual_exit_code(self):
        with FakeService(answer(OPENAI.failure("no such"), 404)) as service:
            done = scena("complete", "--provider", "openai", "--base-url", f"http://127.0.0.1:{service.port}/v1", "--model", "m",
                         "--prompt-file", self.prompt, env=environment(SCENA_API_KEY=KEY))
        self.assertEqual(done.returncode, 4)
        self.assertIn("no such", done.stderr)
        with FakeService(answer(OPENAI.failure("held"), 409)) as service:
            done = scena("complete", "--provider", "openai", "--base-url", f"http://127.0.0.1:{service.port}/v1", "--model", "m",
                         "--prompt-file", self.prompt, env=environment(SCENA_API_KEY=KEY))
        self.assertEqual(done.returncode, 5, done.stderr)  # of a store it would be 6


if __name__ == "__main__":
    command.SCENA = sys.argv.pop(1)
    unittest.main(verbosity=2)

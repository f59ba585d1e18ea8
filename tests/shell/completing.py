"""What the tests of scena complete share: one call of the command against a raw socket that plays an answer."""

import concurrent.futures
import json
import pathlib
import sys

from command import CommandTest, environment, scena

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "conformance"))
from fake_service import OPENAI, RESPONSES, SSE, VENDORS, FakeService, answer, data, stream

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

"""turn of scena_conformance against a service that shares no code with it: what it must never do.

Each trap says what comes over the wire, and what the line of answer must hold: status, code, finish,
text, the number of requests, and the time that it may take.
"""

import concurrent.futures
import gzip
import json
import os
import socket
import subprocess
import time
import unittest
import zlib
from email.utils import formatdate

from fake_service import (ANTHROPIC, CHUNKED, CLOSE, COHERE, GEMINI, KEEP, LAST_CHUNK, OLLAMA, OPENAI, SSE, VENDORS, FakeService,
                          answer, chunk, cut_hard, hang_up, head, silent, stream)
from support import CONFORMANCE, run

KEY = "sk-conformance-Secret_0123456789"
TEXT = "Gr\u00fc\u00dfe, \U0001f600 \u65e5\u672c."
HASTY = {"connect": 1000, "first": 1200, "idle": 1000, "total": 3000}
PATIENT = {"connect": 2000, "first": 10_000, "idle": 10_000, "total": 20_000}
SLACK = 3.0  # seconds of a busy machine; the limits themselves are tested on virtual time


def ask(vendor, port, **members):
    request = {"provider": vendor.name, "base_url": f"http://127.0.0.1:{port}", "api_key": KEY, "model": "m", "stream": True,
               "timeouts_ms": PATIENT, "max_retries": 2, "max_bytes": 1 << 20, "cancel_after_ms": None, "message": "hello",
               **members}
    began = time.monotonic()
    status, lines = run("turn", json.dumps(request) + "\n")
    assert status == 0 and len(lines) == 1, (status, lines)
    return json.loads(lines[0]), time.monotonic() - began


def all_of(vendor, text=TEXT):
    return vendor.start() + b"".join(vendor.text(c) for c in text) + vendor.finish() + vendor.end()


def reply(vendor, *pieces, **more):
    return stream(*pieces, kind=vendor.kind, **more)


class Trap(unittest.TestCase):
    def check(self, vendor, answered, status, code=None, text=None, finish=None):
        self.assertEqual((answered["status"], answered["code"], answered["finish"]), (status, code, finish), (vendor.name, answered))
        if text is not None:
            self.assertEqual(answered["text"], text, vendor.name)
        if status == "error":
            self.assertEqual(answered["text"], "", vendor.name)
        if status in ("error", "partial"):
            self.assertTrue(answered["message"], vendor.name)
        self.assertNotIn(KEY, json.dumps(answered))
        self.assertEqual(set(answered), {"status", "code", "finish", "text", "usage", "message"})

    def expect(self, scripts, status, code=None, requests=None, text=None, finish=None, vendors=VENDORS, **members):
        """Runs one trap with each of the vendors; `scripts(vendor)` gives the service's scripts."""
        def one(vendor):
            made = scripts(vendor)
            with FakeService(*(made if isinstance(made, tuple) else (made,))) as service:
                answered, took = ask(vendor, service.port, **members)
                return vendor, answered, took, service.requests
        results = []
        with concurrent.futures.ThreadPoolExecutor(len(vendors)) as pool:
            for vendor, answered, took, seen in pool.map(one, vendors):
                with self.subTest(vendor=vendor.name):
                    self.check(vendor, answered, status, code, text, finish)
                    if requests is not None:
                        self.assertEqual(len(seen), requests, answered)
                    results.append((vendor, answered, took, seen))
        return results


class Whole(Trap):
    def test_every_framing_of_a_whole_stream_is_ok(self):
        def bytewise(vendor):
            return reply(vendor, *[all_of(vendor)[i:i + 1] for i in range(len(all_of(vendor)))])

        def sized(vendor):
            return answer(all_of(vendor), kind=vendor.kind + "; charset=utf-8")

        def old(vendor):
            def script(peer):
                peer.send(head(200, version="1.0", kind=vendor.kind) + all_of(vendor))
            return script

        def interim(vendor):
            def script(peer):
                peer.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
                return reply(vendor, all_of(vendor))(peer)
            return script

        def zipped(vendor):
            packed = gzip.compress(all_of(vendor))
            return reply(vendor, *[packed[i:i + 7] for i in range(0, len(packed), 7)], fields=(CHUNKED, "Content-Encoding: gzip"))

        def left_open(vendor):
            return reply(vendor, all_of(vendor), last=False, then=silent)

        def odd_lines(vendor):
            lines = all_of(vendor).replace(b"\n", b"\r\n").replace(b"\r\n\r\n", b"\r\n\r\n: ping\r\n\r\n")
            return reply(vendor, b"\xef\xbb\xbf: hello\r\n\r\n" + lines)

        def trailing(vendor):
            return reply(vendor, all_of(vendor) + b"data: {\"junk\"\n\nmore")

        marked = (OPENAI, ANTHROPIC, COHERE)  # those whose end mark ends the reading
        for script, vendors in ((lambda v: reply(v, all_of(v)), VENDORS), (bytewise, VENDORS), (sized, VENDORS), (old, VENDORS),
                                (interim, VENDORS), (zipped, VENDORS), (left_open, (*marked, OLLAMA)), (odd_lines, SSE),
                                (trailing, (*marked, OLLAMA)), (lambda v: reply(v, all_of(v), fields=(CLOSE,)), VENDORS),
                                (lambda v: reply(v, all_of(v), fields=()), VENDORS)):
            for vendor, answered, took, seen in self.expect(script, "ok", finish="stop", text=TEXT, requests=1, vendors=vendors):
                self.assertEqual(answered["usage"], {"input": 9, "output": 20}, vendor.name)
                self.assertLess(took, SLACK + 2)
                lines = seen[0][1].split("\r\n")
                self.assertEqual(lines[0], f"POST {vendor.path} HTTP/1.1")

    def test_every_framing_of_a_whole_document_is_ok(self):
        def closed(vendor):
            def script(peer):
                peer.send(head(200, CLOSE, kind="application/json") + vendor.whole(TEXT))
            return script

        def queued(vendor):
            def script(peer):
                peer.send(head(200, CHUNKED, kind="application/json") + chunk(b"\n\n\n") + chunk(vendor.whole(TEXT)) + LAST_CHUNK)
                return KEEP
            return script
        for script in (lambda v: answer(v.whole(TEXT)), closed, queued):
            for streamed in (True, False):
                self.expect(script, "ok", finish="stop", text=TEXT, requests=1, stream=streamed)

    def test_reasons_of_the_service_have_their_word(self):
        for vendor in VENDORS:
            for reason, word in vendor.finishes.items():
                with FakeService(reply(vendor, vendor.start(), vendor.text("Hi."), vendor.finish(reason), vendor.end())) as service:
                    answered, _ = ask(vendor, service.port)
                    self.check(vendor, answered, "ok", text="Hi.", finish=word)

    def test_a_slash_behind_the_base_url_changes_nothing(self):
        for vendor in VENDORS:
            with FakeService(reply(vendor, all_of(vendor))) as service:
                answered, _ = ask(vendor, service.port, base_url=f"http://127.0.0.1:{service.port}/")
                self.check(vendor, answered, "ok", text=TEXT, finish="stop")
                self.assertTrue(service.requests[0][1].startswith(f"POST {vendor.path} "))


class Cut(Trap):
    def pieces(self, vendor):
        return vendor.start(), vendor.text("One "), vendor.text("two "), vendor.text("three")

    def test_a_cut_stream_is_partial_and_asked_for_once(self):
        def short(vendor):
            body = b"".join(self.pieces(vendor))

            def script(peer):
                peer.send(head(200, f"Content-Length: {len(body) + 50}", kind=vendor.kind) + body)
            return script

        for script in (lambda v: reply(v, *self.pieces(v), last=False), lambda v: reply(v, *self.pieces(v), fields=(CLOSE,)),
                       lambda v: reply(v, *self.pieces(v)), short,
                       lambda v: reply(v, *self.pieces(v), last=False, then=lambda peer: peer.gone_within(0.3) or peer.reset())):
            self.expect(script, "partial", "network", requests=1, text="One two three")

    def test_without_the_end_mark_nothing_is_whole(self):
        for vendor, pieces in ((OPENAI, (b"data: [DONE]\n\n",)), (ANTHROPIC, (ANTHROPIC.finish(),)), (ANTHROPIC, (ANTHROPIC.end(),)),
                               (GEMINI, ()), (COHERE, (COHERE.end(),)), (OLLAMA, ())):
            with FakeService(reply(vendor, vendor.start(), vendor.text("Hi"), *pieces)) as service:
                answered, _ = ask(vendor, service.port)
                self.check(vendor, answered, "partial", "network", text="Hi")
                self.assertEqual(len(service.requests), 1)

    def test_what_breaks_behind_the_end_mark_changes_nothing(self):
        for vendor, end in ((OPENAI, b""), (ANTHROPIC, ANTHROPIC.end()), (COHERE, b""), (OLLAMA, b"")):
            for after in (hang_up, lambda peer: peer.gone_within(0.3) or peer.reset()):
                with FakeService(reply(vendor, vendor.start(), vendor.text("Hi"), vendor.finish(), end, last=False, then=after)) as service:
                    answered, _ = ask(vendor, service.port)
                    self.check(vendor, answered, "ok", text="Hi", finish="stop")
                    self.assertEqual(len(service.requests), 1)

    def test_without_counts_of_the_service_usage_is_null(self):
        vendor = OPENAI
        with FakeService(reply(vendor, vendor.start(), vendor.text("Hi"), vendor.finish(), vendor.end(usage=False))) as service:
            answered, _ = ask(vendor, service.port)
            self.check(vendor, answered, "ok", text="Hi", finish="stop")
            self.assertIsNone(answered["usage"])

    def test_half_a_character_is_dropped(self):
        for vendor in VENDORS:
            whole = all_of(vendor)
            for character in TEXT:
                if len(character.encode()) == 1:
                    continue
                at = whole.index(character.encode()) + 1
                with FakeService(reply(vendor, whole[:at], last=False)) as service:
                    answered, _ = ask(vendor, service.port, max_retries=0)
                    before = TEXT[:TEXT.index(character)]
                    self.check(vendor, answered, "partial", "network", text=before)

    def test_a_document_that_is_cut_is_no_answer(self):
        def script(vendor):
            body = vendor.whole(TEXT)

            def send(peer):
                peer.send(head(200, f"Content-Length: {len(body)}", kind="application/json") + body[:-9])
            return send
        self.expect(script, "error", "network", requests=3, stream=False)


class Refused(Trap):
    def test_refusals_that_stay_are_asked_for_once(self):
        words = {400: "invalid", 401: "auth", 403: "auth", 404: "not_found", 413: "too_large", 422: "invalid"}
        for status, word in words.items():
            self.expect(lambda v, status=status: answer(v.failure(f"bad key {KEY}"), status), "error", word, requests=1)

    def test_refusals_that_may_pass_are_tried_twice_more(self):
        words = {408: "provider", 429: "rate_limited", 500: "provider", 502: "provider", 503: "provider", 504: "provider",
                 529: "provider"}
        for status, word in words.items():
            self.expect(lambda v, status=status: answer(v.failure("no"), status, "Retry-After: 0"), "error", word, requests=3)

    def test_without_a_wait_asked_for_the_second_and_third_try_come_later_and_later(self):
        for _, _, _, seen in self.expect(lambda v: (answer(b"", 503), answer(b"x", 500), reply(v, all_of(v))), "ok", text=TEXT,
                                         finish="stop", requests=3):
            first, second = seen[1][0] - seen[0][0], seen[2][0] - seen[1][0]
            self.assertGreater(first, 0.3)
            self.assertGreater(second, 0.7)

    def test_a_wait_asked_for_is_kept(self):
        for field in ("Retry-After: 1", "Retry-After-Ms: 1000"):
            for _, _, _, seen in self.expect(lambda v, field=field: (answer(v.failure("no"), 429, field), reply(v, all_of(v))), "ok",
                                             text=TEXT, finish="stop", requests=2):
                self.assertGreaterEqual(seen[1][0] - seen[0][0], 0.99)

    def test_a_date_asked_for_is_kept(self):
        due = []

        def script(vendor):
            when = int(time.time()) + 3
            due.append(when)
            return answer(vendor.failure("no"), 429, f"Retry-After: {formatdate(when, usegmt=True)}"), reply(vendor, all_of(vendor))
        self.expect(script, "ok", text=TEXT, finish="stop", requests=2)
        self.assertGreaterEqual(time.time(), max(due))

    def test_a_wait_beyond_the_total_time_is_handed_on_at_once(self):
        for field in ("Retry-After: 60", f"Retry-After: {formatdate(time.time() + 60, usegmt=True)}"):
            for _, answered, took, _ in self.expect(lambda v, field=field: answer(v.failure("no"), 429, field), "error",
                                                    "rate_limited", requests=1):
                self.assertLess(took, SLACK)
                self.assertRegex(answered["message"], r"wait (60|59|58|57) s")

    def test_connections_that_break_before_an_answer_are_tried_twice_more(self):
        for script in (hang_up, cut_hard, lambda peer: peer.send(b"HTTP/1.1 200 O")):
            self.expect(lambda v, script=script: script, "error", "network", requests=3)
            self.expect(lambda v, script=script: (script, script, reply(v, all_of(v))), "ok", text=TEXT, finish="stop", requests=3)

    def test_a_port_where_nobody_listens_is_a_network_error(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        for vendor in VENDORS:
            answered, took = ask(vendor, port)
            self.check(vendor, answered, "error", "network")
            self.assertLess(took, SLACK + 2)

    def test_a_redirect_is_not_followed(self):
        for status in (301, 302, 303, 307, 308):
            with FakeService(hang_up) as elsewhere:
                target = f"Location: http://127.0.0.1:{elsewhere.port}/v1/chat/completions"
                self.expect(lambda v, status=status, target=target: answer(b"", status, target), "error", "protocol", requests=1)
                self.assertEqual(elsewhere.peers, [])

    def test_a_refusal_whose_body_never_ends_is_told_in_time(self):
        def script(vendor):
            def send(peer):
                peer.send(head(429, CHUNKED, "Retry-After: 60", kind="application/json") + chunk(vendor.failure("no")))
                while peer.send(chunk(b" " * 65536)):
                    pass
            return send
        for _, _, took, _ in self.expect(script, "error", "rate_limited", requests=1):
            self.assertLess(took, SLACK)


class Silence(Trap):
    def timed(self, script, status, limit, text=None, vendors=VENDORS):
        for _, _, took, _ in self.expect(script, status, "timeout", requests=1, text=text, vendors=vendors, timeouts_ms=HASTY):
            self.assertGreaterEqual(took, limit)
            self.assertLess(took, limit + SLACK)

    def test_silence_ends_at_its_limit(self):
        def slow_head(vendor):
            def script(peer):
                for byte in head(200, CHUNKED, kind=vendor.kind):
                    if not peer.send(bytes([byte])) or peer.gone_within(0.1):
                        return
            return script
        self.timed(lambda v: silent, "error", 1.2)
        self.timed(lambda v: reply(v, last=False, then=silent), "error", 1.2)
        self.timed(slow_head, "error", 1.2)
        self.timed(lambda v: reply(v, v.start(), v.text("Hi"), last=False, then=silent), "partial", 1.0, text="Hi")

    def test_drips_and_comments_end_at_the_total_limit(self):
        def dripping(vendor, piece, first=b""):
            def script(peer):
                peer.send(head(200, CHUNKED, kind=vendor.kind) + (chunk(first) if first else b""))
                while peer.send(chunk(piece)) and not peer.gone_within(0.2):
                    pass
            return script
        self.timed(lambda v: dripping(v, b": ping\n\n"), "error", 3.0, vendors=SSE)
        self.timed(lambda v: dripping(v, b" "), "error", 3.0)
        self.timed(lambda v: dripping(v, b"data: : keepalive\n\n"), "error", 3.0, vendors=SSE)
        self.timed(lambda v: dripping(v, v.text("x"), v.start()), "partial", 3.0)

    def test_a_server_that_takes_no_connection_ends_at_the_connect_limit(self):
        with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
            port = listener.getsockname()[1]
            waiting = []
            for _ in range(8):  # until the queue of the listener is full
                other = socket.socket()
                other.setblocking(False)
                other.connect_ex(("127.0.0.1", port))
                waiting.append(other)
            answered, took = ask(OPENAI, port, timeouts_ms={**PATIENT, "connect": 500})
            self.check(OPENAI, answered, "error", "timeout")
            self.assertGreaterEqual(took, 0.5)
            self.assertLess(took, 0.5 + SLACK)
            for other in waiting:
                other.close()


class Garbage(Trap):
    def test_answers_that_are_none_are_protocol_errors(self):
        page = b"<!DOCTYPE html><html><body>Sign in</body></html>\n"
        noise = bytes(range(128, 256)) * 40

        def plain(*pieces):
            def script(peer):
                for piece in pieces:
                    peer.send(piece)
            return script
        for script in (answer(page, kind="text/html; charset=utf-8"), answer(page, kind="text/event-stream"),
                       stream(page, fields=(CLOSE,)), stream(page), answer(noise, kind="text/event-stream"),
                       stream(noise, fields=(CLOSE,)), answer(b"", 204, kind=""), plain(b"HTTP/1.1 204 No Content\r\n\r\n"),
                       answer(page, kind="image/png"), answer(b"upstream died", kind="text/plain"), answer(b"{\"choices\": [", 200),
                       answer(b"[]"), answer(b"null"), answer(b"{}"), answer(b"{\"ok\": true}"), plain(noise), plain(b"SSH-2.0-OpenSSH_9.2\r\n"),
                       plain(b"HTTP/2 200 OK\r\n\r\n"), stream(b"hello", fields=(CHUNKED, "Content-Encoding: gzip")),
                       answer(gzip.compress(b"data: x\n\n" * 50)[:-12], 200, "Content-Encoding: gzip", kind="text/event-stream"),
                       answer(b"data: x\n\n", 200, "Content-Encoding: br", kind="text/event-stream"),
                       plain(head(200, CHUNKED), b"zz\r\nhello\r\n"),
                       plain(head(200, *[f"X-Filler-{i}: {'f' * 60}" for i in range(2000)], CHUNKED), LAST_CHUNK),
                       plain(head(200, "X-Long: " + "f" * 200_000, CHUNKED), LAST_CHUNK),
                       plain(head(200, "Content-Length: 5", CHUNKED), b"hello")):
            self.expect(lambda v, script=script: script, "error", "protocol", requests=1)

    def test_broken_events_end_the_stream_as_protocol_errors(self):
        for broken in (b"data: {\"choices\": [\n\n", b"data: hello\n\n", b"data: {} {}\n\n", b"data: [1]\n\n",
                       b"data: " + b"[" * 100_000 + b"]" * 100_000 + b"\n\n"):
            self.expect(lambda v, broken=broken: reply(v, v.start(), broken, v.text("no"), v.finish(), v.end()), "error",
                        "protocol", requests=1, vendors=SSE)
            self.expect(lambda v, broken=broken: reply(v, v.start(), v.text("Hi"), broken, v.text("no"), v.finish(), v.end()),
                        "partial", "protocol", requests=1, text="Hi", vendors=SSE)
        for broken in (b"{\"message\": {\n", b"hello\n", b"{} {}\n", b"[1]\n", b"[" * 100_000 + b"]" * 100_000 + b"\n"):
            self.expect(lambda v, broken=broken: reply(v, v.start(), v.text("Hi"), broken, v.text("no"), v.finish()), "partial",
                        "protocol", requests=1, text="Hi", vendors=(OLLAMA,))

    def test_bytes_that_are_no_text_leave_a_valid_prefix(self):
        for bad in (b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"):
            self.expect(lambda v, bad=bad: reply(v, v.start(), v.text("Hi "), v.text("@").replace(b'"@"', b'"o' + bad + b'x"'),
                                                  v.finish(), v.end()), "partial", "protocol", requests=1, text="Hi o")

    def test_error_events_are_the_services_failures(self):
        words = {"overloaded_error": (529, "provider"), "rate_limit_error": (429, "rate_limited"),
                 "authentication_error": (401, "auth"), "invalid_request_error": (400, "invalid"), "api_error": (500, "provider")}
        coded = (OPENAI, ANTHROPIC, GEMINI)
        for kind, (status, word) in words.items():
            tries = 1 if word in ("auth", "invalid") else 3
            self.expect(lambda v, kind=kind, status=status: reply(v, v.error(kind, status)), "error", word, requests=tries,
                        vendors=coded)
            self.expect(lambda v, kind=kind, status=status: reply(v, v.start(), v.text("Hi"), v.error(kind, status), v.finish(), v.end()),
                        "partial", word, requests=1, text="Hi", vendors=coded)
        for vendor in (COHERE, OLLAMA):  # whose streams have no codes
            self.expect(lambda v: reply(v, v.error("", 500)), "error", "provider", requests=3, vendors=(vendor,))
            self.expect(lambda v: reply(v, v.start(), v.text("Hi"), v.error("", 500)), "partial", "provider", requests=1, text="Hi",
                        vendors=(vendor,))
        for line in (b"error: {\"code\":500,\"message\":\"slot failed\",\"type\":\"server_error\"}\n\n",
                     b"{\"error\":{\"code\":500,\"message\":\"no data: in front\"}}\n"):
            self.expect(lambda v, line=line: reply(v, v.start(), v.text("Hi"), line), "partial", "provider", requests=1, text="Hi",
                        vendors=SSE)
        self.expect(lambda v: answer(v.failure("no")), "error", "provider", requests=3)


class Floods(Trap):
    def bounded(self, script, status, vendors=VENDORS, **members):
        """The code is `limit`, and what the process held at most is told by the system."""
        def one(vendor):
            with FakeService(script(vendor)) as service:
                request = {"provider": vendor.name, "base_url": f"http://127.0.0.1:{service.port}", "api_key": KEY, "model": "m",
                           "timeouts_ms": PATIENT, "max_bytes": 100_000, "message": "hello", **members}
                with subprocess.Popen([CONFORMANCE, "turn"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
                    child.stdin.write(json.dumps(request).encode() + b"\n")
                    child.stdin.flush()
                    answered = json.loads(child.stdout.readline())
                    with open(f"/proc/{child.pid}/status", encoding="ascii") as status_file:
                        peak = next(int(line.split()[1]) for line in status_file if line.startswith("VmHWM:"))
                    child.stdin.close()
                return vendor, answered, peak, len(service.requests)
        with concurrent.futures.ThreadPoolExecutor(len(vendors)) as pool:
            for vendor, answered, kilobytes, requests in pool.map(one, vendors):
                with self.subTest(vendor=vendor.name):
                    self.check(vendor, answered, status, "limit")
                    self.assertLessEqual(len(answered["text"].encode()), 100_000)
                    self.assertEqual(requests, 1)
                    if not os.environ.get("SCENA_SANITIZE"):  # which multiplies it
                        self.assertLess(kilobytes, 200_000)

    @staticmethod
    def endless(vendor, piece, first=b""):
        def script(peer):
            peer.send(head(200, CHUNKED, kind=vendor.kind) + (chunk(first) if first else b""))
            while peer.send(chunk(piece)):
                pass
        return script

    def test_endless_text_stops_at_max_bytes(self):
        self.bounded(lambda v: self.endless(v, v.text("word " * 200), v.start()), "partial")
        self.bounded(lambda v: answer(v.whole("word " * 50_000)), "partial", stream=False)

    def test_endless_lines_events_and_comments_stop_at_their_limits(self):
        self.bounded(lambda v: self.endless(v, b"x" * 65536), "error")
        self.bounded(lambda v: self.endless(v, b"y" * 65536, b"data: "), "error", vendors=SSE)
        self.bounded(lambda v: self.endless(v, b"data: " + b"z" * 60_000 + b"\n"), "error", vendors=SSE)
        self.bounded(lambda v: self.endless(v, b": " + b"ping" * 20_000 + b"\n\n"), "error", vendors=SSE)

    def test_an_event_of_20_mb_stops_at_its_limit(self):
        self.bounded(lambda v: reply(v, v.start(), v.text("a" * 20_000_000), v.finish(), v.end()), "error", max_bytes=100_000)

    def test_a_bomb_of_gzip_stops_at_its_limit(self):
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        bomb = b"".join(packer.compress(b": " + b" " * 1_000_000 + b"\n") for _ in range(100)) + packer.flush()
        self.bounded(lambda v: answer(bomb, 200, "Content-Encoding: gzip", kind=v.kind), "error")
        self.bounded(lambda v: answer(bomb, 200, "Content-Encoding: gzip"), "error")


class Cancel(Trap):
    def test_cancelling_closes_the_connection_at_once_and_keeps_what_came(self):
        gone = {}

        def script(vendor):
            def send(peer):
                peer.send(head(200, CHUNKED, kind=vendor.kind) + chunk(vendor.start() + vendor.text("Hi")))
                gone[vendor.name] = peer.gone_within(20) and time.monotonic()
            return send
        for vendor, _, _, seen in self.expect(script, "cancelled", requests=1, text="Hi", cancel_after_ms=600):
            self.assertLess(gone[vendor.name] - seen[0][0], 0.6 + SLACK)

    def test_cancelling_before_anything_came_leaves_nothing(self):
        self.expect(lambda v: silent, "cancelled", requests=1, text="", cancel_after_ms=500)


if __name__ == "__main__":
    unittest.main()

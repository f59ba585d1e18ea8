"""sse, json and url of scena_conformance."""

import base64
import json
import unittest

from support import run


def chunks(*pieces):
    return json.dumps({"id": 1, "chunks": [base64.b64encode(piece).decode() for piece in pieces]}) + "\n"


class Sse(unittest.TestCase):
    def decode(self, *pieces):
        status, lines = run("sse", chunks(*pieces))
        self.assertEqual((status, len(lines)), (0, 1))
        return json.loads(lines[0])

    def test_events_come_out_whole_however_the_bytes_are_cut(self):
        stream = b"id: 7\nevent: tick\ndata: one\ndata: tw\xc3\xb6\nretry: 250\r\n\r\n"
        whole = self.decode(stream)
        self.assertEqual(whole, {"events": [{"type": "tick", "data": "one\ntw\u00f6", "id": "7"}],
                                 "retry": 250, "lastId": "7"})
        self.assertEqual(self.decode(*[bytes([byte]) for byte in stream]), whole)

    def test_an_event_without_its_blank_line_is_dropped_at_the_end(self):
        self.assertEqual(self.decode(b"data: half")["events"], [])

    def test_one_line_of_answer_for_each_line_of_input(self):
        status, lines = run("sse", chunks(b"data: a\n\n") + chunks(b"data: b\n\n"))
        self.assertEqual(status, 0)
        self.assertEqual([json.loads(line)["events"][0]["data"] for line in lines], ["a", "b"])


class JsonDocuments(unittest.TestCase):
    def test_a_document_is_accepted_by_exit_status(self):
        for text in ("{}", ' [1, "a", null] ', '"\u20ac"', "-0.5e3"):
            self.assertEqual(run("json", text), (0, []), text)

    def test_what_is_not_one_document_is_refused(self):
        for text in (b"", b"{} {}", b"[1,]", b"{'a':1}", b"\xff", b'"a\x00"', b"[" * 65 + b"]" * 65, b"{}\x00"):
            self.assertEqual(run("json", text), (1, []), text)


class Urls(unittest.TestCase):
    def test_only_public_https_addresses_are_allowed(self):
        cases = {
            "https://example.org/hook": "allow", "https://93.184.216.34/": "allow",
            "http://example.org/": "deny", "https://localhost/": "deny", "https://10.0.0.1/": "deny",
            "https://0x7f.1/": "deny", "https://2130706433/": "deny", "https://[::1]/": "deny",
            "https://169.254.169.254/latest": "deny", "https://example.org:25/": "deny",
            "https://user@example.org/": "deny", '"https://example.org/\\nHost: x"': "deny",
        }
        status, lines = run("url", "\n".join(cases) + "\n")
        self.assertEqual(status, 0)
        self.assertEqual(dict(zip(cases, lines)), cases)


if __name__ == "__main__":
    unittest.main()

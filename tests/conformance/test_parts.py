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

    def test_the_rules_of_the_html_standard(self):
        def event(data, kind="message", name=""):
            return {"type": kind, "data": data, "id": name}
        cases = [  # bytes, events, retry, last id
            (b"\xef\xbb\xbfdata: a\n\n", [event("a")], None, ""),
            (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n", [event("b")], None, ""),
            (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", [event("a")], None, ""),
            (b"data: a\rdata: b\r\rdata: c\r\n\r\ndata: d\n\n", [event("a\nb"), event("c"), event("d")], None, ""),
            (b"data:a\ndata: b\ndata:  c\ndata\n\n", [event("a\nb\n c\n")], None, ""),
            (b"data\n\ndata\ndata\n\ndata:", [event(""), event("\n")], None, ""),
            (b"data: a\n\ndata: b\n", [event("a")], None, ""),
            (b"data: a\n\ndata: b\n\ndata: c", [event("a"), event("b")], None, ""),
            (b": x\n\n:\n:data: n\ndata: a\n: y\n\n", [event("a")], None, ""),
            (b"event: x\n\ndata: a\n\nevent: y\ndata: b\n\nevent\ndata: c\n\nevent: z\nevent:\ndata: d\n\n",
             [event("a"), event("b", "y"), event("c"), event("d")], None, ""),
            (b"id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\nid: 2\n\nid: 3\n",
             [event("a", name="1"), event("b", name="1"), event("c")], None, "2"),
            (b"id: 1\ndata: a\n\nid: 2\x003\ndata: b\n\n", [event("a", name="1"), event("b", name="1")], None, "1"),
            (b"id:  x \ndata: a\n\n", [event("a", name=" x ")], None, " x "),
            (b"retry: 100\nretry: 1.5\nretry: -1\nretry: x\nretry:\nretry:  7\nretry: 8 \n", [], 100, ""),
            (b"retry: 007\ndata: a\n\n", [event("a")], 7, ""),
            (b"retry: 9\nRetry: 1\n retry: 2\n", [], 9, ""),
            (b"Data: a\n data: b\ndata : c\nfoo: d\nbar\ndata: e\n\n", [event("e")], None, ""),
            (b"data: a\x00b\n\n", [event("a\0b")], None, ""),
            (b"data: \xe2\x82\nx\n\ndata: \xff\xf0\x9f\x98y\n\n", [event("\ufffd"), event("\ufffd\ufffdy")], None, ""),
            (b"data: :a: b\ndata:\tc\n\n", [event(":a: b\n\tc")], None, ""),
            (b"\n\n\r\r\n\ndata: a\n\n", [event("a")], None, ""),
            (b"", [], None, ""), (b"\n", [], None, ""), (b"\xef\xbb", [], None, ""),
            (b"data: " + b"x" * 3_000_000 + b"\n\n", [event("x" * 3_000_000)], None, ""),
        ]
        for stream, events, retry, last in cases:
            wanted = {"events": events, "retry": retry, "lastId": last}
            self.assertEqual(self.decode(stream), wanted, stream[:80])
            self.assertEqual(self.decode(), {"events": [], "retry": None, "lastId": ""})
            if len(stream) < 1000:
                self.assertEqual(self.decode(*[stream[i:i + 1] for i in range(len(stream))]), wanted, stream)
                for cut in range(len(stream)):
                    self.assertEqual(self.decode(stream[:cut], b"", stream[cut:]), wanted, (stream, cut))

    def test_one_line_of_answer_for_each_line_of_input(self):
        status, lines = run("sse", chunks(b"data: a\n\n") + chunks(b"data: b\n\n"))
        self.assertEqual(status, 0)
        self.assertEqual([json.loads(line)["events"][0]["data"] for line in lines], ["a", "b"])


class JsonDocuments(unittest.TestCase):
    def test_a_document_is_accepted_by_exit_status(self):
        for text in ("{}", ' [1, "a", null] ', '"\u20ac"', "-0.5e3", '{"a": 1, "a": 2}', '"\\u0000"', '"\\ud83d\\ude00"',
                     "[" * 64 + "]" * 64, "\t\r\n 0 \n", "true", "1E22", "123e65", "-0", "[0e+1]",
                     "[123123123123123123123123123123123]", '"\x7f"', '"' + "x" * 1_000_000 + '"'):
            self.assertEqual(run("json", text), (0, []), text)

    def test_what_is_not_one_document_is_refused(self):
        for text in (b"", b" ", b"{} {}", b"[1,]", b"[,1]", b"[1,,2]", b"{'a':1}", b"\xff", b'"a\x00"', b"[" * 65 + b"]" * 65,
                     b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 65 + b"1" + b"}" * 65, b"{}\x00", b"\x00{}",
                     b"\xef\xbb\xbf{}", b'"\xc3"', b'"\xed\xa0\x80"', b'"\xc0\xaf"', b'"\xf4\x90\x80\x80"', b'"\\ud800"',
                     b'"\\udc00"', b'"\\ud800\\u0041"', b'"\\x41"', b'"\\u12"', b'"\n"', b'"\t"', b"01", b"+1", b"1.", b".5", b"1e",
                     b"0x1", b"NaN", b"Infinity", b"-", b"1e999", b"nul", b"True", b"{a:1}", b'{"a"}', b'{"a":1,}', b'{"a":1 "b":2}',
                     b"[1] // no", b"/* */ 1", b'"open', b"]", b"{]", b"[}", b"\x0c1", b"\xc2\xa01", b"[" + b"1," * 5_000_000 + b"1]"):
            self.assertEqual(run("json", text), (1, []), text)


class Urls(unittest.TestCase):
    def judge(self, urls):
        # As lines where that is possible, and all as JSON strings.
        plain = [url for url in urls if not set(url) & set('\n\r"')]
        status, lines = run("url", "".join(url + "\n" for url in plain))
        self.assertEqual((status, len(lines)), (0, len(plain)))
        judged = dict(zip(plain, lines))
        status, lines = run("url", "".join(json.dumps(url) + "\n" for url in urls))
        self.assertEqual((status, len(lines)), (0, len(urls)))
        for url, line in zip(urls, lines):
            self.assertEqual(judged.setdefault(url, line), line, url)
        return judged

    def test_public_https_addresses_are_allowed(self):
        urls = ["https://example.org/hook", "https://93.184.216.34/", "HTTPS://EXAMPLE.ORG", "https://example.org:8443/x?y=1#z",
                "https://example.org:443/", "https://a.b-c.example.co.uk/%20", "https://[2606:2800:220:1::1]/",
                "https://xn--mnchen-3ya.example/", "https://api.openai.com/v1/chat/completions", "https://example.org/?u=http://10.0.0.1/",
                "https://172.15.0.1/", "https://172.32.0.1/", "https://11.0.0.1/", "https://192.167.1.1/", "https://192.169.1.1/",
                "https://126.255.255.255/", "https://128.0.0.1/", "https://localhost.example.org/", "https://example.org/@x",
                "https://10.example.org/", "https://127.0.0.1.example.org/"]
        self.assertEqual(self.judge(urls), dict.fromkeys(urls, "allow"))

    def test_everything_else_is_denied(self):
        urls = [
            # other schemes, and none
            "http://example.org/", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "ws://example.org/",
            "javascript:alert(1)", "data:,x", "//example.org/", "example.org", "", "https:", "https://", "https:///x", "https:example.org",
            "https:/example.org", "ht\ntps://example.org/", "dict://example.org:11211/", "ldap://example.org/", "\u017fttps://example.org/",
            # names that stay here
            "https://localhost/", "https://LocalHost./", "https://a.localhost/", "https://localhost.localdomain/", "https://printer/",
            "https://printer.local/", "https://metadata.google.internal/", "https://metadata/", "https://kubernetes.default.svc/",
            "https://x.home.arpa/", "https://127.0.0.1.nip.io/", "https://localtest.me/", "https://host.docker.internal/",
            # IPv4, and its odd forms
            "https://127.0.0.1/", "https://127.1/", "https://127.0.1/", "https://0x7f.1/", "https://0x7f000001/", "https://0X7F.0.0.1/",
            "https://2130706433/", "https://017700000001/", "https://0177.0.0.1/", "https://127.0.0.01/", "https://127.0.0.1./",
            "https://0/", "https://0.0.0.0/", "https://0.0.0.0:8443/", "https://10.0.0.1/", "https://172.16.0.1/", "https://172.31.255.255/",
            "https://192.168.0.1/", "https://169.254.169.254/latest/meta-data/", "https://2852039166/", "https://0xa9fea9fe/",
            "https://0251.0376.0251.0376/", "https://169.254.43518/", "https://100.64.0.1/", "https://100.100.100.200/",
            "https://192.0.0.1/", "https://192.0.2.1/", "https://198.18.0.1/", "https://198.51.100.1/", "https://203.0.113.1/",
            "https://224.0.0.1/", "https://240.0.0.1/", "https://255.255.255.255/", "https://256.1.1.1/", "https://1.2.3/",
            "https://1.2.3.4.5/", "https://999999999999/", "https://%31%32%37.0.0.1/", "https://127%2E0.0.1/", "https://127.0.0.1%00.example.org/",
            "https://\u2460\u2461\u2466.0.0.1/", "https://\uff11\uff12\uff17.0.0.1/", "https://127\u30020\u30020\u30021/",
            # IPv6
            "https://[::1]/", "https://[::]/", "https://[0:0:0:0:0:0:0:1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
            "https://[::ffff:a9fe:a9fe]/", "https://[::127.0.0.1]/", "https://[fc00::1]/", "https://[fd00:ec2::254]/", "https://[fe80::1]/",
            "https://[fe80::1%25eth0]/", "https://[fe80::1%eth0]/", "https://[fec0::1]/", "https://[ff02::1]/", "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/", "https://[2001::1]/", "https://[2001:db8::1]/", "https://[100::1]/", "https://[::1/", "https://::1/",
            "https://[]/", "https://[1.2.3.4]/", "https://[g::1]/",
            # users, and hosts that two readers see differently
            "https://user@example.org/", "https://user:pw@example.org/", "https://@example.org/", "https://example.org@127.0.0.1/",
            "https://example.org:443@127.0.0.1/", "https://127.0.0.1\\@example.org/", "https://example.org\\.127.0.0.1/",
            "https://example.org#@127.0.0.1/", "https://example.org?@127.0.0.1/", "https:\\\\example.org/", "https://example.org%2f@127.0.0.1/",
            "https://exam%70le.org/", "https://example..org/", "https://.example.org/", "https://example.org./", "https://-a.example.org/",
            "https://b\u00fccher.example/", "https://ex\u00adample.org/", "https://example\uff0eorg/", "https://ex\u0430mple.org/",
            # white space and controls
            " https://example.org/", "https://example.org/ ", "https://example.org/\n", "https://example.org/\r\nHost: x", "https://exa\tmple.org/",
            "https://example.org/\u0000", "https://example.org\u0000.evil.example/", "https://example.org/\u007f", "https://example.org/\u00a0",
            "https://exam ple.org/", "https://example.org/%0d%0aHost:%20x", "\ufeffhttps://example.org/", "https://example.org/\u2028",
            # ports
            "https://example.org:0/", "https://example.org:/", "https://example.org:22/", "https://example.org:25/", "https://example.org:53/",
            "https://example.org:80/", "https://example.org:110/", "https://example.org:143/", "https://example.org:445/",
            "https://example.org:587/", "https://example.org:993/", "https://example.org:2375/", "https://example.org:3306/",
            "https://example.org:5432/", "https://example.org:5672/", "https://example.org:6379/", "https://example.org:9200/",
            "https://example.org:11211/", "https://example.org:27017/", "https://example.org:6667/", "https://example.org:65536/",
            "https://example.org:99999999999999999999/", "https://example.org:-1/", "https://example.org:0443/", "https://example.org:44a/",
            "https://example.org:443:443/", "https://example.org:\uff14\uff14\uff13/",
            "https://example.org/" + "a" * 5000, "https://" + "a" * 64 + ".example.org/", "https://" + "a." * 130 + "org/",
        ]
        self.assertEqual(self.judge(urls), dict.fromkeys(urls, "deny"))

    def test_a_line_that_begins_like_a_json_string_and_is_none_is_denied(self):
        for line in ('"https://example.org/', '"https://example.org/" x', '"\\ud800"', '""'):
            self.assertEqual(run("url", line + "\n"), (0, ["deny"]), line)


if __name__ == "__main__":
    unittest.main()

"""A model service made of raw sockets: every byte and every pause of an answer is a test's own.

It shares no code with the library, so that both cannot be wrong in the same way.
"""

import json
import select
import socket
import struct
import threading
import time


class Peer:
    """The service's end of one connection."""

    def __init__(self, connection):
        self.connection = connection
        self.read = b""

    def request(self):
        """One whole request as (head, body); None when the client is gone."""
        while b"\r\n\r\n" not in self.read:
            if not self._more():
                return None
        head, _, rest = self.read.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(rest) < length:
            if not self._more():
                return None
            rest = self.read.partition(b"\r\n\r\n")[2]
        self.read = rest[length:]
        return head.decode(), rest[:length].decode()

    def _more(self):
        try:
            piece = self.connection.recv(65536)
        except OSError:
            return False
        self.read += piece
        return bool(piece)

    def send(self, data):
        """False when the client is gone."""
        try:
            self.connection.sendall(data)
            return True
        except OSError:
            return False

    def gone_within(self, seconds):
        """Waits for the client to hang up; True when it did."""
        readable, _, _ = select.select([self.connection], [], [], seconds)
        if not readable:
            return False
        try:
            return self.connection.recv(65536) == b""
        except OSError:
            return True

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


class FakeService:
    """Answers the n-th request by the n-th script, and further ones by the last."""

    def __init__(self, *scripts):
        self.scripts = scripts
        self.requests = []  # (time, head, body)
        self.peers = []
        self.threads = []
        self.lock = threading.Lock()

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.acceptor = threading.Thread(target=self._accept)
        self.acceptor.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.acceptor.join()
        for peer in self.peers:
            try:
                peer.connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self.threads:
            thread.join()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer = Peer(connection)
            self.peers.append(peer)
            self.threads.append(threading.Thread(target=self._serve, args=(peer,)))
            self.threads[-1].start()

    def _serve(self, peer):
        while True:
            request = peer.request()
            if request is None:
                break
            with self.lock:
                self.requests.append((time.monotonic(), *request))
                script = self.scripts[min(len(self.requests), len(self.scripts)) - 1]
            if script(peer) is not KEEP:
                break
        try:
            peer.connection.close()
        except OSError:
            pass


KEEP = object()  # what a script returns that leaves the connection to the next request


def data(value):
    return b"data: " + (value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()) + b"\n\n"


def line(value):
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def named(name, **members):
    return b"event: " + name.encode() + b"\n" + data({"type": name, **members})


class OpenAi:
    name = "openai"
    kind = "text/event-stream"  # of a stream
    path = "/v1/chat/completions"
    finishes = {"stop": "stop", "length": "length", "tool_calls": "tool_calls", "content_filter": "content_filter"}

    @staticmethod
    def chunk(**choice):
        return data({"id": "c", "object": "chat.completion.chunk", "model": "m",
                     "choices": [{"index": 0, "finish_reason": None, **choice}]})

    def start(self):
        return self.chunk(delta={"role": "assistant", "content": ""})

    def text(self, text):
        return self.chunk(delta={"content": text})

    def finish(self, reason="stop"):
        return self.chunk(delta={}, finish_reason=reason)

    def end(self, usage=True):
        counts = {"id": "c", "model": "m", "choices": [],
                  "usage": {"prompt_tokens": 9, "completion_tokens": 20, "total_tokens": 29}}
        return (data(counts) if usage else b"") + data(b"[DONE]")

    def error(self, kind, status):
        return data({"error": {"message": "no", "type": kind, "code": status}})

    def whole(self, text):
        return json.dumps({"id": "c", "model": "m",
                           "choices": [{"index": 0, "message": {"role": "assistant", "content": text},
                                        "finish_reason": "stop"}],
                           "usage": {"prompt_tokens": 9, "completion_tokens": 20}}).encode()

    def failure(self, message):
        return json.dumps({"error": {"message": message, "type": "x", "param": None, "code": None}}).encode()


class Anthropic:
    name = "anthropic"
    kind = "text/event-stream"
    path = "/v1/messages"
    finishes = {"end_turn": "stop", "max_tokens": "length", "tool_use": "tool_calls", "refusal": "content_filter"}

    def start(self):
        return (named("message_start", message={"id": "m1", "role": "assistant", "model": "m", "content": [],
                                                "stop_reason": None, "usage": {"input_tokens": 9, "output_tokens": 1}})
                + named("content_block_start", index=0, content_block={"type": "text", "text": ""}))

    def text(self, text):
        return named("content_block_delta", index=0, delta={"type": "text_delta", "text": text})

    def finish(self, reason="end_turn"):
        return (named("content_block_stop", index=0)
                + named("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage={"output_tokens": 20}))

    def end(self, usage=True):
        return named("message_stop")

    def error(self, kind, status):
        return named("error", error={"type": kind, "message": "no"})

    def whole(self, text):
        return json.dumps({"id": "m1", "type": "message", "role": "assistant", "model": "m",
                           "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
                           "usage": {"input_tokens": 9, "output_tokens": 20}}).encode()

    def failure(self, message):
        return json.dumps({"type": "error", "error": {"type": "x", "message": message}}).encode()


class Gemini:
    name = "gemini"
    kind = "text/event-stream"
    path = "/v1beta/models/m:streamGenerateContent?alt=sse"
    finishes = {"STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "content_filter", "RECITATION": "content_filter"}
    states = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
              429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE", 529: "UNAVAILABLE"}

    @staticmethod
    def document(text, output=None, **candidate):
        counts = {"promptTokenCount": 9, "totalTokenCount": 9 + (output or 0)}
        if output is not None:
            counts["candidatesTokenCount"] = output
        return {"candidates": [{"content": {"parts": [{"text": text}], "role": "model"}, "index": 0, **candidate}],
                "usageMetadata": counts, "modelVersion": "m", "responseId": "r"}

    def start(self):
        return data(self.document(""))

    def text(self, text):
        return data(self.document(text))

    def finish(self, reason="STOP"):
        return data(self.document("", 20, finishReason=reason))

    def end(self, usage=True):
        return b""

    def error(self, kind, status):
        return data({"error": {"code": status, "message": "no", "status": self.states[status]}})

    def whole(self, text):
        return json.dumps(self.document(text, 20, finishReason="STOP")).encode()

    def failure(self, message):
        return json.dumps({"error": {"code": 0, "message": message, "status": "UNKNOWN"}}).encode()


class Cohere:
    name = "cohere"
    kind = "text/event-stream"
    path = "/v2/chat"
    finishes = {"COMPLETE": "stop", "STOP_SEQUENCE": "stop", "MAX_TOKENS": "length", "TOOL_CALL": "tool_calls"}
    counts = {"billed_units": {"input_tokens": 3, "output_tokens": 20}, "tokens": {"input_tokens": 9.0, "output_tokens": 20.0}}

    def start(self):
        return (named("message-start", id="m1", delta={"message": {"role": "assistant"}})
                + named("content-start", index=0, delta={"message": {"content": {"type": "text", "text": ""}}}))

    def text(self, text):
        return named("content-delta", index=0, delta={"message": {"content": {"text": text}}})

    def finish(self, reason="COMPLETE"):
        return (named("content-end", index=0)
                + named("message-end", id="m1", delta={"finish_reason": reason, "usage": self.counts}))

    def end(self, usage=True):
        return data(b"[DONE]")

    def error(self, kind, status):
        return named("message-end", id="m1", delta={"finish_reason": "ERROR", "error": "no"})

    def whole(self, text):
        return json.dumps({"id": "m1", "finish_reason": "COMPLETE", "usage": self.counts,
                           "message": {"role": "assistant", "content": [{"type": "text", "text": text}]}}).encode()

    def failure(self, message):
        return json.dumps({"id": "e1", "message": message}).encode()


class Ollama:
    name = "ollama"
    kind = "application/x-ndjson"
    path = "/api/chat"
    finishes = {"stop": "stop", "length": "length"}

    @staticmethod
    def document(text, **members):
        return {"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": {"role": "assistant", "content": text},
                "done": False, **members}

    def last(self, text, reason):
        return self.document(text, done=True, done_reason=reason, total_duration=5_000_000, prompt_eval_count=9, eval_count=20)

    def start(self):
        return line(self.document(""))

    def text(self, text):
        return line(self.document(text))

    def finish(self, reason="stop"):
        return line(self.last("", reason))

    def end(self, usage=True):
        return b""

    def error(self, kind, status):
        return line({"error": "no"})

    def whole(self, text):
        return json.dumps(self.last(text, "stop")).encode()

    def failure(self, message):
        return json.dumps({"error": message}).encode()


class Responses:
    """The newer service of OpenAI; scena_conformance turn has no word for it, scena complete does."""

    name = "openai-responses"
    kind = "text/event-stream"
    path = "/v1/responses"
    finishes = {"completed": "stop", "max_output_tokens": "length", "content_filter": "content_filter"}

    @staticmethod
    def response(status, text="", reason=None):
        item = {"type": "message", "id": "i1", "role": "assistant", "status": "completed",
                "content": [{"type": "output_text", "text": text, "annotations": []}]}
        return {"id": "r1", "object": "response", "model": "m", "status": status, "error": None,
                "incomplete_details": reason and {"reason": reason}, "output": [item] if text else [],
                "usage": None if status == "in_progress" else {"input_tokens": 9, "output_tokens": 20, "total_tokens": 29,
                                                               "output_tokens_details": {"reasoning_tokens": 5}}}

    def start(self):
        return (named("response.created", response=self.response("in_progress"))
                + named("response.output_item.added", output_index=0, item={"type": "message", "id": "i1", "role": "assistant",
                                                                            "status": "in_progress", "content": []}))

    def text(self, text):
        return named("response.output_text.delta", item_id="i1", output_index=0, content_index=0, delta=text)

    def finish(self, reason="completed"):
        return b"" if reason == "completed" else self.closing("incomplete", reason)

    def closing(self, status, reason=None):
        return named(f"response.{status}", response=self.response(status, reason=reason))

    def end(self, usage=True):
        return self.closing("completed")

    def error(self, kind, status):
        return named("error", code=kind, message="no", param=None)

    def whole(self, text):
        return json.dumps(self.response("completed", text)).encode()

    def failure(self, message):
        return json.dumps({"error": {"message": message, "type": "x", "param": None, "code": None}}).encode()


VENDORS = (OpenAi(), Anthropic(), Gemini(), Cohere(), Ollama())
OPENAI, ANTHROPIC, GEMINI, COHERE, OLLAMA = VENDORS
RESPONSES = Responses()
SSE = VENDORS[:4]  # those that stream server-sent events


def head(status=200, *fields, kind="text/event-stream", version="1.1"):
    lines = [f"HTTP/{version} {status} Some Words"]
    if kind:
        lines.append(f"Content-Type: {kind}")
    return ("\r\n".join(lines + list(fields)) + "\r\n\r\n").encode()


CHUNKED = "Transfer-Encoding: chunked"
CLOSE = "Connection: close"


def chunk(data_):
    return b"%x\r\n%s\r\n" % (len(data_), data_)


LAST_CHUNK = b"0\r\n\r\n"


def answer(body, status=200, *fields, kind="application/json"):
    """A script that sends one whole sized answer and keeps the connection."""
    def script(peer):
        peer.send(head(status, f"Content-Length: {len(body)}", *fields, kind=kind) + body)
        return KEEP
    return script


def stream(*pieces, fields=(CHUNKED,), last=True, then=None, kind="text/event-stream"):
    """A script that sends pieces of a stream, chunked unless the fields say otherwise."""
    def script(peer):
        peer.send(head(200, *fields, kind=kind))
        chunked = CHUNKED in fields
        for piece in filter(None, pieces):
            if not peer.send(chunk(piece) if chunked else piece):
                return None
        if chunked and last:
            peer.send(LAST_CHUNK)
        if then:
            return then(peer)
        return KEEP if chunked and last else None
    return script


def silent(peer):
    peer.gone_within(30)


def hang_up(peer):
    del peer


def cut_hard(peer):
    peer.reset()

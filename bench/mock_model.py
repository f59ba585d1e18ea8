"""A small OpenAI-compatible server for the smoke test: streams replies as the harness's mock does.

The model's name holds the settings: mock-t40-r50-f10-s is 40 tokens, 50 a second, the first after
10 ms, each the time of its sending. `cut-t40` closes the connection in the middle of the reply.
"""
import json
import re
import socketserver
import threading
import time

WORDS = [" the", " scene", ",", " don't", ' "wait"', "\n\n", " caf\u00e9", " \U0001f642", "\t-", " it.", " You"]


def word(index):
    return WORDS[index % len(WORDS)]


def reply_bytes(tokens):
    return sum(len(word(i).encode()) for i in range(tokens))


def event(delta, finish=None):
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "model": "mock", "choices": [choice], "usage": None}


class Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        while self.rfile.readline().strip():
            length = 0
            for line in iter(self.rfile.readline, b"\r\n"):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            request = json.loads(self.rfile.read(length))
            if not self.stream(request["model"]):
                return

    def send(self, data):
        line = b"data: " + (data if isinstance(data, bytes) else json.dumps(data).encode()) + b"\n\n"
        self.wfile.write(b"%x\r\n%b\r\n" % (len(line), line))

    def stream(self, model):
        tokens = int(re.search(r"-t(\d+)", model)[1])
        rate = re.search(r"-r([\d.]+)", model)
        first = re.search(r"-f(\d+)", model)
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.send(event({"role": "assistant", "content": ""}))
        time.sleep(int(first[1]) / 1000 if first else 0)
        for i in range(tokens):
            if model.startswith("cut") and i == tokens // 2:
                return False
            text = f"t{time.monotonic_ns() // 1000:016d}" if model.endswith("-s") else word(i)
            self.send(event({"content": text}))
            time.sleep(1 / float(rate[1]) if rate else 0)
        self.send(event({}, "stop"))
        usage = {"prompt_tokens": 42, "completion_tokens": tokens, "total_tokens": 42 + tokens}
        self.send({**event({}), "choices": [], "usage": usage})
        self.send(b"[DONE]")
        self.wfile.write(b"0\r\n\r\n")
        return True


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that ends closes its connections


def start():
    """Serves on a free port of 127.0.0.1 until the process ends; returns the port."""
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]

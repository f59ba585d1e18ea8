"""A model service in a process of its own, on a free port of loopback: OpenAI's streamed replies, cut anywhere.

The last word of the last message says how the reply to it ends: `cut` and `reset` in its middle; `busy` is refused with
429; anything else gets a whole one.

    with ChatService() as service: service.url
    python3 chat_service.py COMMAND...   # runs the command with SCENA_CHAT_URL
"""
import json
import os
import pathlib
import random
import socket
import socketserver
import struct
import subprocess
import sys
import threading

WORDS = ["I ", "rebuilt ", "the ", "sch\u00e9duler", " \U0001f642", ", and ", "\u65e5\u672c", " slept.", " Then", " I ", "did ", "not."]


def unread(reader, connection):
    """True while the other end of a connection, a socket of this machine, has something that its program did not read."""
    local, remote = (f"{struct.unpack('=I', socket.inet_aton(host))[0]:08X}:{port:04X}" for host, port in (reader, connection.getsockname()))
    with open("/proc/net/tcp", encoding="ascii") as sockets:
        for one in sockets:
            fields = one.split()
            if fields[1:3] == [local, remote]:
                return int(fields[4].split(":")[1], 16) > 0
    return False


class Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        generator = random.Random(20261129)
        while self.rfile.readline().strip():
            length = 0
            for line in iter(self.rfile.readline, b"\r\n"):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            ending = json.loads(self.rfile.read(length))["messages"][-1]["content"].split()[-1]
            if ending == "busy":
                body = b'{"error":{"message":"busy"}}'
                self.wfile.write(b"HTTP/1.1 429 Busy\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            elif not self.stream(ending, generator):
                return

    def stream(self, ending, generator):
        """The events in chunks of any length, sent in pieces of any other."""
        choices = [{"role": "assistant", "content": ""}, *({"content": word} for word in WORDS)]
        events = [json.dumps({"id": "r1", "model": "m", "choices": [{"index": 0, "delta": delta}]}) for delta in choices]
        events += [json.dumps({"id": "r1", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}), "[DONE]"]
        body = "".join(f"data: {event}\n\n" for event in events).encode()
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        while body:
            length = generator.randint(1, 100)
            answer += b"%x\r\n%b\r\n" % (len(body[:length]), body[:length])
            body = body[length:]
        answer = answer + b"0\r\n\r\n" if ending not in ("cut", "reset") else answer[:len(answer) // 2]
        while answer:
            length = generator.randint(1, 300)
            self.wfile.write(answer[:length])
            answer = answer[length:]
            while unread(self.client_address, self.connection):  # each piece is to arrive by itself
                os.sched_yield()
        if ending == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        return ending not in ("cut", "reset")

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass  # a connection that was reset


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that ends closes its connections


class ChatService:
    def __enter__(self):
        self._process = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}/v1"
        return self

    def __exit__(self, *_):
        self._process.stdin.close()  # ends it, as our own end would
        self._process.wait()
        self._process.stdout.close()


if __name__ == "__main__" and len(sys.argv) > 1:
    with ChatService() as service:
        sys.exit(subprocess.run(sys.argv[1:], env={**os.environ, "SCENA_CHAT_URL": service.url}).returncode)
elif __name__ == "__main__":
    with Server(("127.0.0.1", 0), Handler) as server:
        print(server.server_address[1], flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()

"""An OpenAI-compatible server that shares nothing with scena: the standard library alone, the habits of llama.cpp."""

import http.server
import json
import threading

REPLY = ["Good", " morning", ".", " Tell", " me", " about", " the", " café", " you", " ran", "."]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, dict(self.headers), request))
        if self.path != "/v1/chat/completions":
            return self.send_error(404)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()  # HTTP/1.0: the body ends with the connection
        self.chunk({"role": "assistant", "content": None})
        for piece in REPLY:
            self.chunk({"content": piece})
        self.chunk({}, "stop", usage={"prompt_tokens": 40, "completion_tokens": 11, "total_tokens": 51}, timings={"predicted_ms": 3.2})
        self.wfile.write(b"data: [DONE]\n\n")

    def chunk(self, delta, finish=None, **more):
        body = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], "created": 1700000000, "id": "chatcmpl-x1",
                "model": "any.gguf", "system_fingerprint": "b1", "object": "chat.completion.chunk", **more}
        self.wfile.write(b"data: " + json.dumps(body).encode() + b"\n\n")

    def log_message(self, *_):
        pass


class OtherServer:
    """Runs in a thread of its own, on a free port."""

    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.requests = self.server.requests = []
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

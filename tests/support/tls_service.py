"""A model service behind TLS on a free port of loopback: any POST is answered with one streamed reply in the form of
OpenAI. Its certificate, for "localhost" alone, is made anew each time.

    with TlsService() as service: service.url, service.certificate
    python3 tls_service.py COMMAND...   # runs the command with SCENA_TLS_URL and SCENA_TLS_CERTIFICATE
"""
import http.server
import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import threading

REPLY = "Sealed."


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = (f'data: {{"id":"r1","model":"m","choices":[{{"index":0,"delta":{{"content":"{REPLY}"}}}}]}}\n\n'
                'data: {"id":"r1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
                "data: [DONE]\n\n").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class TlsService:
    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self._folder.name)
        self.certificate, key = str(folder / "certificate.pem"), str(folder / "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", self.certificate],
                       check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"https://localhost:{self._server.server_address[1]}/v1"
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._folder.cleanup()


if __name__ == "__main__":
    with TlsService() as service:
        environment = dict(os.environ, SCENA_TLS_URL=service.url, SCENA_TLS_CERTIFICATE=service.certificate)
        sys.exit(subprocess.run(sys.argv[1:], env=environment).returncode)

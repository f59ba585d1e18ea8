#!/usr/bin/env python3
"""Runs the SSE server example and talks to it as a plain HTTP client: sse_test.py NODE PROGRAM."""

import http.client
import json
import os
import re
import subprocess
import sys


def request(port: int, method: str, path: str, body: object = None, headers: "dict[str, str] | None" = None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, json.dumps(body) if body is not None else None,
                       {"Content-Type": "application/json", **(headers or {})})
    return connection.getresponse()


def events(response):
    """(id, type, data) of each event of a stream."""
    known = {}
    for line in response:
        line = line.decode().rstrip("\n")
        if line:
            name, _, value = line.partition(": ")
            known[name] = value
        else:
            yield known["id"], known["event"], json.loads(known["data"])
            known = {}


def until_finished(response):
    seen = []
    for one in events(response):
        seen.append(one)
        if one[1] == "turn.finished":
            break
    return seen


def other_presets(port):
    """The person has another name in each; nobody sees a preset where nobody is a person."""
    made = json.load(request(port, "POST", "/sessions", {"preset": "angry-customer"}))
    assert made["participant"] not in ("", "candidate"), made
    viewer = request(port, "GET", f"/sessions/{made['id']}/events")
    assert viewer.status == 200, viewer.status
    request(port, "POST", f"/sessions/{made['id']}/messages", {"text": "Hello"}).read()
    assert any(kind == "message.stored" and data["actor"] == made["participant"] for _, kind, data in until_finished(viewer))
    characters = [{"id": "anna", "name": "Anna"}, {"id": "bob", "name": "Bob"}]
    refused = request(port, "POST", "/sessions", {"preset": {"id": "alone", "title": "Alone", "characters": characters}})
    assert refused.status == 409, (refused.status, refused.read())


def main() -> int:
    config = {"provider": "s", "providers": {"s": {"url": "script:", "options": {"replies": ["Good morning to you."], "instant": True}}}}
    environment = {**os.environ, "PORT": "0", "SCENA_CONFIG": json.dumps(config)}
    server = subprocess.Popen(sys.argv[1:3], stdout=subprocess.PIPE, text=True, env=environment)
    try:
        port = int(re.search(r":(\d+)$", server.stdout.readline().strip()).group(1))
        session = json.load(request(port, "POST", "/sessions", {"preset": "job-interview"}))["id"]
        live = request(port, "GET", f"/sessions/{session}/events")
        assert live.status == 200 and live.headers["content-type"] == "text/event-stream", live.status
        turn = json.load(request(port, "POST", f"/sessions/{session}/messages", {"text": "Grüß Gott"}))["turn"]
        seen = until_finished(live)
        said = "".join(data["data"]["text"] for _, kind, data in seen if kind == "delta")
        assert turn == "t1" and said == "Good morning to you.", (turn, said)
        # Who comes back behind an event gets what follows it, once.
        middle = next(number for number, one in enumerate(seen) if one[1] == "turn.started")
        again = until_finished(request(port, "GET", f"/sessions/{session}/events", headers={"Last-Event-ID": seen[middle][0]}))
        durable = [one for one in seen[middle + 1 :] if one[1] not in ("delta", "metrics.live")]
        # By number and type: a cursor of the reply under way has its place in the text, too.
        assert [(one[2]["seq"], one[1]) for one in again] == [(one[2]["seq"], one[1]) for one in durable], again
        # The host's own events are not for the browser.
        assert not any(kind.startswith(("budget.", "metrics.")) for _, kind, _ in seen), seen
        for method, path, body, status in [
            ("GET", "/sessions/none/events", None, 404),
            ("POST", f"/sessions/{session}/none", {}, 404),
            ("POST", f"/sessions/{session}/messages", {"text": ""}, 400),
            ("POST", "/sessions", {"preset": "none"}, 404),
            ("GET", "/", None, 200),
            ("POST", "/", {}, 404),
            ("GET", "/none", None, 404),
            ("POST", "/sessions", {"preset": "x" * 200_000}, 413),
            ("POST", "/sessions", "no object", 400),
        ]:
            answer = request(port, method, path, body)
            assert answer.status == status, (method, path, answer.status, answer.read())
        other_presets(port)
        bad = request(port, "GET", f"/sessions/{session}/events", headers={"Last-Event-ID": "garbage"})
        assert bad.status == 400 and json.load(bad)["error"]["code"] == "invalid_argument", bad.status
        taken = subprocess.run(sys.argv[1:3], capture_output=True, text=True, env={**environment, "PORT": str(port)}, timeout=60)
        assert taken.returncode == 1 and taken.stdout == "", taken
        assert "EADDRINUSE" in taken.stderr and "PORT" in taken.stderr and "TypeError" not in taken.stderr, taken.stderr
        viewer = request(port, "GET", f"/sessions/{session}/events")
        server.terminate()
        for _ in events(viewer):  # the stream ends with the server
            pass
        assert server.wait(timeout=60) == 0, server.returncode
    except (http.client.IncompleteRead, ConnectionResetError):
        assert server.wait(timeout=60) == 0
    finally:
        if server.poll() is None:
            server.kill()
    print("sse: streamed, resumed, refused and ended")
    return 0


if __name__ == "__main__":
    sys.exit(main())

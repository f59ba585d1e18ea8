#!/usr/bin/env python3
"""Ends a server at random moments and compares what it had acknowledged with what it finds again.

durability.py CONFORMANCE SYNC_PRELOAD [--rounds N] [--sessions N] [--messages N] [--ready SECONDS] [--seed N]

Each round starts `scena_conformance serve-log` on the same folder, compares every message that an earlier
round had acknowledged, appends over HTTP from one writer a session, and ends the server in mid-work: the
first half of the rounds with SIGKILL, the rest with SIGKILL or SIGTERM. Nothing acknowledged may be lost,
doubled, changed or out of order. SYNC_PRELOAD ends the server when it acknowledges without a sync.
`--sessions` are stored before the first round, `--messages` at least must have been acknowledged, and the
server must be ready again within `--ready` seconds.
"""

import argparse
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

WRITERS = 8
ROUNDS_A_SESSION = 25  # then its writer begins a new one; all are compared once more at the end


class Wrong(Exception):
    """A promise was not kept."""


class Server:
    """serve-log as a child process."""

    def __init__(self, options, folder):
        began = time.monotonic()
        self.process = subprocess.Popen([options.conformance, "serve-log", folder, "--port", "0"], stdout=subprocess.PIPE,
                                        text=True, env={**os.environ, "LD_PRELOAD": os.path.abspath(options.preload)})
        line = self.process.stdout.readline()
        if not line:
            raise Wrong(f"the server did not open its store, status {self.process.wait()}")
        self.port = int(line)
        ready = self.connection()
        ready.request("GET", "/ready")
        ready.getresponse().read()
        self.ready_after = time.monotonic() - began
        ready.close()

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def log(self, session):
        connection = self.connection()
        connection.request("GET", f"/log/{session}")
        lines = [json.loads(line) for line in connection.getresponse().read().decode().splitlines()]
        connection.close()
        return [(line["seq"], line["text"]) for line in lines]

    def end(self, how):
        self.process.send_signal(how)
        status = self.process.wait(10)
        self.process.stdout.close()
        if status not in (-signal.SIGKILL, 0):
            raise Wrong(f"the server ended with status {status}")
        if how == signal.SIGTERM and status != 0:
            raise Wrong(f"SIGTERM: status {status}")


class Writer:
    """What one session was sent, and the sequence number of what was acknowledged."""

    def __init__(self, name):
        self.name = name
        self.sent = []  # [text, seq or None]

    def append(self, connection):
        entry = [f"{self.name} message {len(self.sent)} \u00e4" + "x" * (len(self.sent) * 131 % 3000), None]
        self.sent.append(entry)
        connection.request("POST", f"/append/{self.name}", entry[0].encode())
        answer = connection.getresponse()
        body = answer.read().decode()
        if answer.status != 200:
            raise Wrong(f"{self.name}: {answer.status} {body}")
        entry[1] = int(body)

    def write(self, server, done):
        connection = server.connection()
        try:
            while not done.is_set():
                self.append(connection)
                done.one_more()
        except (OSError, http.client.HTTPException):
            pass  # the server was ended
        finally:
            connection.close()

    def compare(self, stored):
        """The log is what was sent, in order, without some that were never acknowledged."""
        if [seq for seq, _ in stored] != sorted({seq for seq, _ in stored}):
            raise Wrong(f"{self.name}: sequence numbers are not in order")
        left = iter(stored)
        kept = []
        found = next(left, None)
        for text, seq in self.sent:
            if found is not None and found[1] == text and seq in (None, found[0]):
                kept.append([text, found[0]])
                found = next(left, None)
            elif seq is not None:
                raise Wrong(f"{self.name}: message {seq} was acknowledged and is lost, changed or out of order")
        if found is not None:
            raise Wrong(f"{self.name}: message {found[0]} was not sent, or is there twice")
        self.sent = kept


class Countdown(threading.Event):
    """Set when so many messages were acknowledged."""

    def __init__(self, wanted):
        super().__init__()
        self.left, self.lock = wanted, threading.Lock()

    def one_more(self):
        with self.lock:
            self.left -= 1
            if self.left <= 0:
                self.set()


def fill(server, sessions):
    """Stores sessions of one message each."""
    def work(first):
        connection = server.connection()
        for i in range(first, sessions, WRITERS):
            Writer(f"filler-{i}").append(connection)
        connection.close()
    threads = [threading.Thread(target=work, args=(i,)) for i in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def one_round(server, writers, wanted, how):
    done = Countdown(wanted)
    threads = [threading.Thread(target=writer.write, args=(server, done)) for writer in writers]
    for thread in threads:
        thread.start()
    for _ in range(600):
        if done.wait(0.1) or server.process.poll() is not None:
            break
    if server.process.poll() is not None:
        raise Wrong(f"the server ended by itself with status {server.process.returncode}")
    if not done.is_set():
        raise Wrong(f"only {wanted - done.left} of {wanted} messages were acknowledged within a minute")
    server.end(how)
    for thread in threads:
        thread.join()
    return wanted - done.left


def run(options, folder):
    draw = random.Random(options.seed)
    writers, closed = [], []
    if options.sessions:
        server = Server(options, folder)
        fill(server, options.sessions)
        server.end(signal.SIGTERM)
    acknowledged, slowest, ended = 0, 0.0, {signal.SIGKILL: 0, signal.SIGTERM: 0}
    for number in range(options.rounds + 1):
        server = Server(options, folder)
        slowest = max(slowest, server.ready_after)
        if options.ready and server.ready_after > options.ready:
            raise Wrong(f"ready after {server.ready_after:.2f} s")
        last = number == options.rounds
        for writer in writers + (closed if last else []):
            writer.compare(server.log(writer.name))
        if last:
            server.end(signal.SIGTERM)
            break
        if number % ROUNDS_A_SESSION == 0:
            closed += writers
            writers = [Writer(f"session-{number}-{i}") for i in range(WRITERS)]
        mixed = number >= options.rounds // 2
        how = draw.choice((signal.SIGKILL, signal.SIGTERM)) if mixed else signal.SIGKILL
        acknowledged += one_round(server, writers, draw.randint(1, 150), how)
        ended[how] += 1
    if acknowledged < options.messages:
        raise Wrong(f"only {acknowledged} messages were acknowledged")
    return {"rounds": options.rounds, "kill": ended[signal.SIGKILL], "term": ended[signal.SIGTERM],
            "sessions_stored": options.sessions + len(writers) + len(closed), "acknowledged": acknowledged, "lost": 0, "doubled": 0,
            "out_of_order": 0, "without_sync": 0, "slowest_ready_s": round(slowest, 3)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("conformance")
    parser.add_argument("preload")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--sessions", type=int, default=0)
    parser.add_argument("--messages", type=int, default=0)
    parser.add_argument("--ready", type=float, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            print(json.dumps(run(options, folder)))
        except Wrong as wrong:
            print(wrong)
            return 1
        checked = subprocess.run([options.conformance, "store-check", folder], check=False)
        return checked.returncode


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Makes the n-th allocation, file call and network call fail, for every n.

torture.py CONFORMANCE PRELOAD FAULT_SERVER [--every N] [--length N] [--kind alloc|store|net] [--jobs N]

Runs one engine from open to close (torture-turn, torture-store, turn over loopback) with each call of the
process made to fail in turn. A run is good when it exits 0 within 10 s and frees what it took: nothing
crashes, hangs or leaks, every failure is reported as an error. With a store, store-check must call it whole
afterwards. `--every N` samples every N-th allocation; calls to the store and the network
are always tried in full. `--length N` lets N calls in a row fail.
"""

import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

LONGEST = 10


class Scene:
    """One program run and what is checked after it."""

    def __init__(self, options, name, kind):
        self.options, self.name, self.kind = options, name, kind
        self.calls, self.blocks = 0, None

    def environment(self, at, report):
        return {**os.environ, "LD_PRELOAD": os.path.abspath(self.options.preload), "SCENA_TORTURE_KIND": self.kind,
                "SCENA_TORTURE_AT": str(at), "SCENA_TORTURE_LAST": str(at + self.options.length - 1) if at else "0",
                "SCENA_TORTURE_REPORT": report}

    def command(self, folder):
        return [self.options.conformance, self.name] + ([folder] if self.name == "torture-store" else [])

    def run(self, at):
        """Returns what was wrong, or nothing."""
        with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile("r") as report:
            try:
                done = subprocess.run(self.command(folder), env=self.environment(at, report.name), timeout=LONGEST,
                                      input=self.input(), capture_output=True, check=False)
            except subprocess.TimeoutExpired:
                return "hangs"
            if done.returncode != 0:
                return f"status {done.returncode}: {done.stderr.decode(errors='replace').strip()[-300:]}"
            self.calls, blocks = map(int, report.read().split() or (0, 0))
            if self.blocks is not None and blocks > self.blocks:
                return f"{blocks - self.blocks} blocks are never freed"
            if at == 0:
                self.blocks = blocks
            return self.judge(done, folder)

    def input(self):
        return b""

    def judge(self, _, folder):
        if self.name != "torture-store":
            return None
        checked = subprocess.run([self.options.conformance, "store-check", folder], capture_output=True,
                                 timeout=LONGEST, check=False)
        return f"the store is not whole: {checked.stderr.decode().strip()}" if checked.returncode else None

    def count(self):
        """Runs it without any fault. What that leaves unfreed (libraries' caches) is nobody's leak."""
        wrong = self.run(0)
        if wrong:
            sys.exit(f"{self.name} fails without any fault: {wrong}")
        return self.calls


class NetScene(Scene):
    """A turn over loopback sockets: its answer must be one line, whatever failed."""

    def __init__(self, options, port):
        super().__init__(options, "turn", "net")
        self.port = port

    def input(self):
        return json.dumps({"provider": "openai", "base_url": f"http://127.0.0.1:{self.port}", "api_key": "key",
                           "max_retries": 1, "timeouts_ms": {"connect": 500, "first": 500, "idle": 500, "total": 2000},
                           }).encode() + b"\n"

    def judge(self, done, folder):
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            return "no answer"
        good = answer["status"] == "ok" or (answer["status"] in ("error", "partial") and answer["message"])
        return None if good else f"answer {answer}"


def torture(scene, every, jobs):
    total = scene.count()
    tried = list(range(1, total + 1, every))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        wrong = [(at, what) for at, what in zip(tried, pool.map(scene.run, tried)) if what]
    print(json.dumps({"run": scene.name, "kind": scene.kind, "calls": total, "tried": len(tried), "wrong": len(wrong)}),
          flush=True)
    for at, what in wrong[:20]:
        print(f"  {scene.kind} call {at}: {what}")
    return len(wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("conformance")
    parser.add_argument("preload")
    parser.add_argument("fault_server")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--length", type=int, default=1)
    parser.add_argument("--kind", choices=("alloc", "store", "net"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    server = subprocess.Popen([options.fault_server], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    scenes = [(Scene(options, "torture-turn", "alloc"), options.every), (Scene(options, "torture-store", "alloc"), options.every),
              (Scene(options, "torture-turn", "net"), 1), (Scene(options, "torture-store", "store"), 1),
              (NetScene(options, int(server.stdout.readline())), 1)]
    wrong = sum(torture(scene, every, options.jobs) for scene, every in scenes if options.kind in (None, scene.kind))
    server.stdin.close()
    server.wait(LONGEST)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""Programs under test, as child processes."""

import json
import os
import subprocess

CONFORMANCE = os.environ["SCENA_CONFORMANCE"]
FAULT_SERVER = os.environ["SCENA_FAULT_SERVER"]
LONGEST = 60


def run(subcommand, text="", *arguments):
    """Runs one subcommand over the whole input; returns status and lines."""
    data = text if isinstance(text, bytes) else text.encode()
    done = subprocess.run([CONFORMANCE, subcommand, *arguments], input=data,
                          stdout=subprocess.PIPE, timeout=LONGEST, check=False)
    return done.returncode, done.stdout.decode().splitlines()


class FaultServer:
    """The fault server on a port of its own, as long as the `with` block lasts."""

    def __init__(self, schedule=""):
        self.schedule = schedule

    def __enter__(self):
        self.process = subprocess.Popen([FAULT_SERVER, self.schedule], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(LONGEST)
        self.process.stdout.close()

    def turn(self, provider="openai", path="", **members):
        """One turn against this server; `path` chooses a case or a fault."""
        request = {"provider": provider, "base_url": f"http://127.0.0.1:{self.port}{path}",
                   "api_key": "sk-conformance-secret", "model": "m", "message": "hello",
                   "timeouts_ms": {"connect": 1000, "first": 2000, "idle": 2000, "total": 6000},
                   "max_retries": 0, **members}
        status, lines = run("turn", json.dumps(request) + "\n")
        assert status == 0 and len(lines) == 1, (status, lines)
        return json.loads(lines[0])

#!/usr/bin/env python3
"""Runs one host-loop program and looks at what it printed: a reply that came in pieces, and a clean end.

Usage: host_test.py COMMAND...
"""

import os
import subprocess
import sys
import time


def main() -> int:
    host = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    pieces = []
    limit = time.monotonic() + 100
    while piece := os.read(host.stdout.fileno(), 65536):
        pieces.append(piece)
        if time.monotonic() > limit:
            host.kill()
    errors = host.stderr.read().decode(errors="replace")
    status = host.wait()
    reply = b"".join(pieces).decode()
    faults = []
    if status != 0 or errors:
        faults.append(f"exit status {status}, stderr: {errors}")
    if len(reply.split()) < 5 or not reply.endswith("\n"):
        faults.append(f"no whole reply: {reply!r}")
    if len(pieces) < 5:
        faults.append(f"the reply came in {len(pieces)} pieces: it was not streamed")
    print("\n".join(faults) or reply)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

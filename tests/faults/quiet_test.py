#!/usr/bin/env python3
"""quiet_test.py PROGRAM: with `memory:` and `script:` an engine makes no socket call at all, and opens no
file once it is constructed. PROGRAM says on stderr when that is."""

import re
import subprocess
import sys
import tempfile

MARK = "the engine is open"


def main():
    with tempfile.NamedTemporaryFile("r") as trace:
        subprocess.run(["strace", "-f", "-s", "64", "-e", "trace=%network,%file,write", "-o", trace.name, sys.argv[1]],
                       check=True, stderr=subprocess.DEVNULL)
        lines = trace.read().splitlines()
    calls = [re.sub(r"^\d+ +", "", line) for line in lines]
    constructed = next(i for i, call in enumerate(calls) if MARK in call)
    network = r"(socket|socketpair|connect|bind|listen|accept4?|send(to|m?msg)?|recv(from|m?msg)?|getaddrinfo)\("
    wrong = [call for call in calls if re.match(network, call)]
    wrong += [call for call in calls[constructed:] if re.match(r"(open|openat|openat2|creat)\(", call)]
    for call in wrong:
        print("not quiet:", call)
    print(f"{len(calls)} calls seen, {len(calls) - constructed} after the engine was open")
    return 1 if wrong or constructed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())

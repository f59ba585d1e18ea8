#!/usr/bin/env python3
"""node_figures.py BUILD [quick]: what the Node package costs, beside C in one run.

Prints the time of an import, the cost of a token beside C (bench/token_cost_c), what a poll costs with 1 and with
2,000 replies waiting, and how long the JavaScript thread was held while a store whose sync takes 50 ms took messages.
"quick" looks once and at little: that it runs.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import process_cost

root = pathlib.Path(__file__).parents[1]
build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/release").resolve()
quick = "quick" in sys.argv
turns = 20 if quick else 1000
environment = {**os.environ, "SCENA_LIBRARY": str(build / "capi/libscena.so")}
SLOW_SYNC = """
#include <unistd.h>
int fdatasync(int fd) { (void)fd; usleep(50000); return 0; }
int fsync(int fd) { (void)fd; usleep(50000); return 0; }
"""


def node(what, *more, **extra):
    done = subprocess.run(["node", root / "bench/node_figures.mjs", what, *map(str, more)], env={**environment, **extra},
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def median(times, of):
    return statistics.median(of() for _ in range(1 if quick else times))


print(f"import                    {median(11, lambda: node('import')['ms']):8.1f} ms")
package = (root / "bindings/node/lib/index.js").as_uri()
print(process_cost.beside_bare(["node", "-e", "0"], ["node", "-e", f"import({package!r})"], environment=environment, times=1 if quick else 11))
pairs = []
for _ in range(1 if quick else 5):
    done = subprocess.run([build / "bench/token_cost_c", str(turns)], capture_output=True, text=True, check=True)
    tokens, us = done.stdout.split()
    there = node("tokens", turns)
    assert int(tokens) == there["tokens"], "both read the same tokens"
    pairs.append((float(us), there["us"]))
c, js = (statistics.median(one[i] for one in pairs) for i in (0, 1))
print(f"a token in C              {c:8.2f} us\na token in Node           {js:8.2f} us, {js - c:.2f} us more")
for waiting in (1, 2000):
    print(f"{f'a poll, {waiting} waiting':24}  {median(3, lambda: node('poll', waiting)['us']):8.2f} us")
with tempfile.TemporaryDirectory() as folder:
    shim = pathlib.Path(folder) / "slow_sync"
    shim.with_suffix(".c").write_text(SLOW_SYNC)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", f"{shim}.so", f"{shim}.c"], check=True)
    held = node("store", f"{folder}/slow.db", LD_PRELOAD=f"{shim}.so")
    print(f"sync of 50 ms, {held['turns']} turns  longest hold {held['held_ms']:.1f} ms in {held['ms']:.0f} ms; "
          f"presets, import, rebuild: {held['changes_held_ms']:.1f} ms in {held['changes_ms']:.0f} ms")

#!/usr/bin/env python3
"""python_import.py BUILD [quick]: what `import scena` costs, in milliseconds of the processor, and what of it is whose.

The median of fresh interpreters; the standard library's modules are those that a bare interpreter has not loaded.
"quick" looks once: that it runs.
"""
import os
import pathlib
import statistics
import subprocess
import sys

import process_cost

build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/release").resolve()
environment = {**os.environ, "PYTHONPATH": str(build / "bindings/python")}
environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package is compiled
TIMES = 1 if "quick" in sys.argv else 15


def cost(modules):
    code = f"import time; began = time.process_time(); import {modules}; print((time.process_time() - began) * 1000)"
    run = [subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
           for _ in range(TIMES + 1)]
    return statistics.median(float(one.stdout) for one in run[1:])  # the first one compiles


print(f"import scena             {cost('scena'):8.1f} ms")
print(f"of the standard library  {cost('json, dataclasses, datetime, decimal, inspect, typing, weakref, threading'):8.1f} ms")
print(process_cost.beside_bare([sys.executable, "-c", "pass"], [sys.executable, "-c", "import scena"], environment=environment, times=TIMES))

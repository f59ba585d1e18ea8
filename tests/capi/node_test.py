#!/usr/bin/env python3
"""Runs a Node program when its packages are there; skips (77) when they are not, fails in CI.

Usage: node_test.py FOLDER COMMAND...
"""

import os
import sys
from pathlib import Path

folder, command = Path(sys.argv[1]), sys.argv[2:]
if not (folder / "node_modules" / "koffi").is_dir():
    print(f"no koffi in {folder}: run `make setup`, or `npm ci` there")
    sys.exit(1 if os.environ.get("CI") else 77)
os.execv(sys.executable, [sys.executable, *command])

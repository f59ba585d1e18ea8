#!/usr/bin/env python3
"""Runs a Node program, which must succeed; its output must hold the text expected.

Usage: run_test.py NODE ARGUMENT... [--expect TEXT]
"""

import subprocess
import sys

command, expected = sys.argv[1:], ""
if "--expect" in command:
    at = command.index("--expect")
    command, expected = command[:at], command[at + 1]
ran = subprocess.run(command, capture_output=True, text=True, timeout=280)
print(ran.stdout, ran.stderr, sep="\n")
sys.exit(0 if ran.returncode == 0 and expected in ran.stdout else 1)

#!/usr/bin/env python3
"""Runs every case over one way in and compares what it shows with tests/cases/recorded.txt, byte by byte.

    compare.py COMMAND...             runs COMMAND --record CASE...; exits 1 and shows the first difference
    compare.py --changed COMMAND...   the same with one byte of the recorded changed, which must be noticed
    compare.py --wrong COMMAND...     runs COMMAND with each case of wrong/, which must fail in its last line
    compare.py --write COMMAND...     writes recorded.txt anew; meant for `scena_cases` alone

A change of recorded.txt is a change of what hosts see: look at it before it is committed.
"""
import pathlib
import re
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent  # what the paths in cases are relative to
RECORDED = FOLDER / "recorded.txt"


def record(command: list[str]) -> bytes:
    cases = sorted(str(path) for path in FOLDER.glob("*.case"))
    ran = subprocess.run([*command, "--record", *cases], capture_output=True, timeout=250, check=False, cwd=ROOT)
    if ran.returncode != 0:
        sys.exit(f"compare: {command[0]} failed\n" + ran.stderr.decode(errors="replace")[-4000:])
    return ran.stdout


def first_difference(wanted: bytes, seen: bytes) -> str:
    """Where two records part: the case and both lines; empty when they do not."""
    case = "?"
    ours, theirs = wanted.split(b"\n"), seen.split(b"\n")
    for number in range(max(len(ours), len(theirs))):
        left = ours[number] if number < len(ours) else b"(nothing)"
        right = theirs[number] if number < len(theirs) else b"(nothing)"
        if left != right:
            return f"case {case}, line {number + 1}\nrecorded: {left.decode(errors='replace')}\nseen:     {right.decode(errors='replace')}"
        if left.startswith(b"= "):
            case = left[2:].decode()
    return ""


def not_noticed(command: list[str]) -> list[str]:
    """The cases of wrong/ that COMMAND does not refuse, or refuses for something else than what their last line says."""
    found = []
    cases = sorted(FOLDER.glob("wrong/*.case"))
    if not cases:
        return ["there are no wrong cases"]
    for path in cases:
        ran = subprocess.run([*command, str(path)], capture_output=True, timeout=60, check=False, cwd=ROOT)
        said = ran.stderr.decode(errors="replace")
        last = len(path.read_text(encoding="utf-8").splitlines())
        is_last = re.match(re.escape(str(path)) + rf":(?: line )?{last}: ", said)
        is_judged = ("the command before failed" in said) == (path.stem == "unexpected_failure")
        if ran.returncode != 1 or not is_last or not is_judged:
            found.append(f"wrong/{path.name}, line {last}: exit {ran.returncode}: {said.strip()}")
    return found


def main() -> int:
    how, command = ("", sys.argv[1:]) if not sys.argv[1].startswith("--") else (sys.argv[1], sys.argv[2:])
    if how == "--wrong":
        missed = not_noticed(command)
        print("\n".join(missed) or "compare: every wrong case is refused")
        return int(bool(missed))
    seen = record(command)
    if how == "--write":
        RECORDED.write_bytes(seen)
        print(f"compare: wrote {len(seen)} bytes")
        return 0
    wanted = RECORDED.read_bytes()
    if how == "--changed":
        middle = wanted.index(b'"seq":', len(wanted) // 2) + 6
        wanted = wanted[:middle] + bytes([wanted[middle] ^ 1]) + wanted[middle + 1:]
    found = first_difference(wanted, seen)
    print(found if found else f"compare: {seen.count(bytes([10]) + b'= ') + 1} cases, {len(seen)} bytes, no difference")
    return int(bool(found) != (how == "--changed"))


if __name__ == "__main__":
    sys.exit(main())

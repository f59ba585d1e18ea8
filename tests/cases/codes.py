#!/usr/bin/env python3
"""Looks whether the cases hold every code of an error: codes.py ROOT

A code counts that a line `fails` or `error` of a case names. In a case with a line `own` the host's service says what
it is told to say: there stand the codes that README.md names as those that nothing in a case brings about, and they
must be all that are missing elsewhere.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
CASES = ROOT / "tests/cases"


def all_codes() -> set[str]:
    listed = re.search(r"enum class ErrorCode[^{]*\{(.*?)\};", (ROOT / "include/scena/error.hpp").read_text(), re.S)
    assert listed
    return set(re.findall(r"^\s*(\w+) = [1-9]\d*,", listed[1], re.M))


def codes_of(cases: list[str]) -> set[str]:
    return {code for case in cases for code in re.findall(r"^(?:fails|error) +(\w+)$", case, re.M)}


def excepted() -> set[str]:
    table = (CASES / "README.md").read_text().partition("| code | why not here |")[2]
    return {code for row in re.findall(r"^\| (`[^|]*`) \|", table, re.M) for code in re.findall(r"`(\w+)`", row)}


def main() -> int:
    cases = [path.read_text() for path in sorted(CASES.glob("*.case"))]
    told = [case for case in cases if re.search(r"^own ", case, re.M)]
    caused = codes_of([case for case in cases if case not in told])
    faults = [f"no case fails with {code}, and README.md does not say why" for code in all_codes() - caused - excepted()]
    faults += [f"README.md says that no case can cause {code}, but one does" for code in excepted() & caused]
    faults += [f"no host's own service fails with {code}" for code in excepted() - codes_of(told)]
    faults += [f"{code} is no code" for code in (caused | excepted() | codes_of(told)) - all_codes()]
    print("\n".join(sorted(faults)) or f"codes: {len(caused)} are caused, {len(excepted())} told by a host's service")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())

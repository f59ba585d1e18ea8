#!/usr/bin/env python3
"""fuzz_reach.py SYMBOLS FOLDER: whether the random calls of tests/fuzz/capi reach every function of the C ABI.

Prints each that none of them calls, and exits 1 when there is one.
"""
import re
import sys
from pathlib import Path

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)


def main() -> int:
    symbols, folder = Path(sys.argv[1]), Path(sys.argv[2])
    listed = [line.split()[0] for line in symbols.read_text().splitlines() if line and not line.startswith("#")]
    sources = sorted(folder.glob("*.[ch]pp"))
    called = set(re.findall(r"\bscena_\w+", "\n".join(COMMENT.sub("", path.read_text()) for path in sources)))
    missed = [name for name in listed if name not in called]
    for name in missed:
        print(f"{name}: the fuzzer of the C ABI never calls it; see {folder}")
    if not listed or not sources:
        print("no functions or no fuzzer were found")
        return 1
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

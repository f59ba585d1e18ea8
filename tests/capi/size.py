#!/usr/bin/env python3
"""size.py LIBRARY MIB: whether the library is at most so large without its symbols. Prints its size, exits 1 when it is not."""
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> int:
    library, most = sys.argv[1], float(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        stripped = Path(folder) / "library"
        subprocess.run(["strip", "-o", stripped, library], check=True)
        size = stripped.stat().st_size / 2**20
    print(f"{size:.2f} MiB without symbols, of at most {most:g}: docs/design/library-size.md tells what is in it")
    return 0 if size <= most else 1


if __name__ == "__main__":
    sys.exit(main())

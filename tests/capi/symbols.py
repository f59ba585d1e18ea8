#!/usr/bin/env python3
"""Compares scena.h, symbols.txt and the shared library, and looks at how the library is closed off.

Usage: symbols.py HEADER SYMBOLS LIBRARY STATIC(0|1). Prints each difference, exits 1 when there is one.
"""

import re
import subprocess
import sys
from pathlib import Path

STEPS = {"unstable", "stable", "deprecated"}
# What Node and other hosts export themselves: an undefined one of these would bind to theirs.
FOREIGN = re.compile(r"^(SSL_|EVP_|OPENSSL_|CRYPTO_|BIO_|X509_|ERR_|ares_|inflate|deflate|crc32|sqlite3_)")


def declared(header: str) -> dict[str, str]:
    """Each function with the comment in front of it."""
    found = re.findall(r"/\*\*((?:(?!\*/).)*)\*/\s*SCENA_API[^;]*?\b(scena_\w+)\(", header, re.S)
    return {name: comment for comment, name in found}


def listed(text: str) -> dict[str, str]:
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return {words[0]: words[1] for words in lines}


def nm(library: str, which: str) -> set[str]:
    out = subprocess.run(["nm", "-D", which, library], check=True, capture_output=True, text=True).stdout
    return {line.split()[-1].split("@")[0] for line in out.splitlines()}


def check(header: str, symbols: str, defined: set[str], undefined: set[str], static: bool) -> list[str]:
    functions, steps = declared(header), listed(symbols)
    faults = [f"{name}: in scena.h, not in symbols.txt" for name in functions.keys() - steps.keys()]
    faults += [f"{name}: in symbols.txt, not in scena.h" for name in steps.keys() - functions.keys()]
    faults += [f"{name}: declared, not exported" for name in functions.keys() - defined]
    faults += [f"{name}: exported, not declared" for name in defined - functions.keys()]
    faults += [f"{name}: unknown step {step}" for name, step in steps.items() if step not in STEPS]
    for name, comment in functions.items():
        for line in ("Ownership:", "Threading:", "Since: ABI"):
            if line not in comment:
                faults.append(f"{name}: its comment has no line '{line}'")
    count = len(re.findall(r"^SCENA_API ", header, re.M))
    if count != len(functions):
        faults.append(f"{count} functions are declared, {len(functions)} of them with a comment")
    unstable = header.split("#ifdef SCENA_ENABLE_UNSTABLE", 1)[-1]
    faults += [f"{name}: unstable, but outside of SCENA_ENABLE_UNSTABLE"
               for name, step in steps.items() if step == "unstable" and f" {name}(" not in unstable.replace("*", " ")]
    if static:
        faults += [f"{name}: would bind to the host's own library" for name in undefined if FOREIGN.match(name)]
    return faults


def main() -> int:
    header, symbols, library, static = sys.argv[1:5]
    faults = check(Path(header).read_text(), Path(symbols).read_text(), nm(library, "--defined-only"),
                   nm(library, "--undefined-only"), static == "1")
    headers = subprocess.run(["objdump", "-p", library], check=True, capture_output=True, text=True).stdout
    (name,) = re.findall(r"SONAME +(\S+)", headers)
    version = re.search(r"#define SCENA_ABI_VERSION (\d+)", Path(header).read_text()).group(1)
    if name != f"libscena.so.{version}":
        faults.append(f"its SONAME is {name}: programs ask for libscena.so.{version}")
    print("\n".join(sorted(faults)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

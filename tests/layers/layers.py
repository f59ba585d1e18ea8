#!/usr/bin/env python3
"""Compares every #include with the modules' USES lists and the rules of the floors.

Usage: layers.py ROOT. Prints each breach as file:line and exits 1 when there is one.
"""

import re
import sys
from pathlib import Path

FLOORS = {
    "base": 1, "domain": 2, "net": 3, "storage": 4, "bus": 4, "guard": 4,
    "llm": 5, "metrics": 5, "engine": 6, "gateway": 7, "shell": 8,
}
PUBLIC_ONLY = {"gateway", "shell"}
INTERFACE_ONLY = {"storage", "bus", "guard", "llm", "metrics"}  # engine never sees below backends/
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
STANDARD = re.compile(r"^[a-z_0-9]+(\.h)?$")


def uses_of(cmake: Path) -> set[str]:
    text = re.sub(r"#[^\n]*", "", cmake.read_text())
    found = re.search(r"scena_module\(\s*\w+(.*?)\)", text, re.S)
    if not found:
        return set()
    words, uses, collecting = found.group(1).split(), set(), False
    for word in words:
        if word.isupper():
            collecting = word == "USES"
        elif collecting:
            uses.add(word)
    return uses


def includes(path: Path):
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)


def check(root: Path) -> list[str]:
    faults = []
    source = root / "src"
    uses = {}
    for module in sorted(p.name for p in source.iterdir() if p.is_dir()):
        cmake = source / module / "CMakeLists.txt"
        if module not in FLOORS:
            faults.append(f"src/{module}: unknown module; a new one is a design decision")
            continue
        uses[module] = uses_of(cmake) if cmake.exists() else set()
        for used in sorted(uses[module]):
            if FLOORS.get(used, 99) >= FLOORS[module]:
                faults.append(f"src/{module}/CMakeLists.txt: USES {used}, which is not on a lower floor")
    for module in uses:
        for path in sorted((source / module).rglob("*")):
            if path.suffix not in (".cpp", ".hpp", ".h"):
                continue
            where = path.relative_to(root)
            for number, kind, name in includes(path):
                target = name.split("/")[0]
                if kind == '"' and target in FLOORS and target != module:
                    if module in PUBLIC_ONLY:
                        faults.append(f"{where}:{number}: {module} uses the public API alone, not \"{name}\"")
                    elif target not in uses[module]:
                        faults.append(f"{where}:{number}: \"{name}\", but USES has no {target}")
                if kind == '"' and "/backends/" in name:
                    inside = "backends" in path.relative_to(source / module).parts
                    if target != module or (not inside and path.name != "registry.cpp"):
                        faults.append(f"{where}:{number}: only {target}/registry.cpp may include \"{name}\"")
    for path in sorted((root / "include").rglob("*.hpp")):
        for number, kind, name in includes(path):
            if kind == '"' or not (name.startswith("scena/") or STANDARD.match(name)):
                faults.append(f"{path.relative_to(root)}:{number}: a public header includes {name}")
    for path in sorted((root / "capi" / "include").rglob("*.h")):
        for number, _, name in includes(path):
            if name not in ("stddef.h", "stdint.h", "stdbool.h") and not name.startswith("scena/"):
                faults.append(f"{path.relative_to(root)}:{number}: the C header includes {name}")
    return faults


def main() -> int:
    faults = check(Path(sys.argv[1]))
    print("\n".join(faults) if faults else "every include follows the floors")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Packs the npm packages that a user installs: scena-engine, and the one with the library for a platform.

Usage: node_packages.py ROOT LIBRARY OUT [--platform linux-x64]

LIBRARY is the built libscena.so of that platform; it is packed without symbols that only a debugger reads. The
package scena-engine gets each platform's package as an optional dependency of its own version, so that npm brings the
one that fits. Both carry LICENSE, NOTICE and a README. In the repository it has none: npm would look for them in the registry. Writes two .tgz files into OUT
and prints their names.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NAME = "libscena.so.1"


def pack(folder: Path, out: Path) -> Path:
    done = subprocess.run(
        ["npm", "pack", "--offline", "--silent", "--pack-destination", str(out)],
        cwd=folder, check=True, capture_output=True, text=True,
    )
    return out / done.stdout.split()[-1]


def add_terms(folder: Path, root: Path) -> None:
    """What NOTICE names must go with every copy. npm packs a README and a LICENSE by itself, and NOTICE when it is listed."""
    for name in ("LICENSE", "NOTICE"):
        shutil.copy(root / name, folder)
    record = folder / "package.json"
    package = json.loads(record.read_text())
    package["files"].append("NOTICE")
    record.write_text(json.dumps(package, indent=2) + "\n")


def library_package(source: Path, library: Path, work: Path) -> Path:
    folder = work / source.name
    shutil.copytree(source, folder)
    subprocess.run(["strip", "--strip-unneeded", "-o", str(folder / NAME), str(library)], check=True)
    return folder


def engine_package(source: Path, platforms: list[dict], work: Path) -> Path:
    folder = work / "scena-engine"
    folder.mkdir()
    shutil.copytree(source / "lib", folder / "lib")
    shutil.copy(source / "README.md", folder)
    package = json.loads((source / "package.json").read_text())
    for one in platforms:
        if one["version"] != package["version"]:
            sys.exit(f"node_packages: {one['name']} has version {one['version']}, not {package['version']}")
    package.pop("devDependencies", None)
    package["optionalDependencies"] = {one["name"]: one["version"] for one in platforms}
    (folder / "package.json").write_text(json.dumps(package, indent=2) + "\n")
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("library", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--platform", default="linux-x64")
    options = parser.parse_args()
    source = options.root / "bindings/node"
    platforms = sorted((source / "platforms").iterdir())
    if options.platform not in [one.name for one in platforms]:
        sys.exit(f"node_packages: no package for \"{options.platform}\"; there is {', '.join(p.name for p in platforms)}")
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        library = library_package(source / "platforms" / options.platform, options.library.resolve(), Path(work))
        records = [json.loads((one / "package.json").read_text()) for one in platforms]
        engine = engine_package(source, records, Path(work))
        for folder in (engine, library):
            add_terms(folder, options.root)
            print(pack(folder, out))


if __name__ == "__main__":
    main()

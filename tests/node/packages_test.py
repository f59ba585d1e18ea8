#!/usr/bin/env python3
"""The npm packages as a user has them: packed, installed by npm into an empty folder, used from there.

Usage: packages_test.py NODE ROOT LIBRARY
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NODE, ROOT, LIBRARY = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
PLATFORM = "scena-engine-linux-x64"


def run(*command, cwd, expect=0):
    environment = {name: value for name, value in os.environ.items() if name not in ("SCENA_LIBRARY", "LD_LIBRARY_PATH")}
    ran = subprocess.run([str(each) for each in command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=200)
    assert ran.returncode == expect, f"{command}: exit {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
    return ran


def packed(out: Path) -> list[Path]:
    """Ours, and koffi's two, which npm would bring from the registry."""
    made = run(sys.executable, ROOT / "scripts/node_packages.py", ROOT, LIBRARY, out, cwd=out).stdout.split()
    modules = ROOT / "bindings/node/node_modules"
    for folder in (modules / "koffi", *(modules / "@koromix").iterdir()):
        name = run("npm", "pack", "--offline", "--silent", "--ignore-scripts", "--pack-destination", out, cwd=folder).stdout
        made.append(str(out / name.split()[-1]))
    return [Path(each) for each in made]


def install(packages: list[Path], folder: Path) -> None:
    folder.mkdir()
    (folder / "package.json").write_text('{"name": "own", "type": "module", "private": true}')
    run("npm", "install", "--offline", "--no-audit", "--no-fund", "--silent", "--cache", folder / "cache", *packages, cwd=folder)
    program = (ROOT / "examples/node/first_reply.mjs").read_text()
    own = program.replace("'../../bindings/node/lib/index.js'", "'scena-engine'")
    assert own != program
    (folder / "first.mjs").write_text(own)


with tempfile.TemporaryDirectory() as work:
    packages = packed(Path(work))
    own = Path(work) / "own"
    install(packages, own)
    record = json.loads((own / "node_modules/scena-engine/package.json").read_text())
    assert record["optionalDependencies"] == {PLATFORM: record["version"]}, record
    assert "complete" in run(NODE, "first.mjs", cwd=own).stdout
    assert (own / "node_modules" / PLATFORM / "libscena.so.1").stat().st_size < LIBRARY.stat().st_size, "not stripped"

    # As where npm could not get the optional package, or has none for the platform.
    shutil.rmtree(own / "node_modules" / PLATFORM)
    failed = run(NODE, "first.mjs", cwd=own, expect=1).stderr
    assert "optional packages" in failed and "SCENA_LIBRARY" in failed, failed

    library = (own / "node_modules/scena-engine/lib/library.js").as_uri()
    choose = (
        f"import {{ packageFor }} from '{library}';"
        "console.log([packageFor('linux', 'x64'), packageFor('linux', 'arm64'), packageFor('darwin', 'x64')].join())"
    )
    chosen = run(NODE, "--input-type=module", "-e", choose, cwd=own).stdout
    assert chosen.strip() == f"{PLATFORM},,", chosen
print("packages: installed and used, 0 failures")

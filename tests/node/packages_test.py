#!/usr/bin/env python3
"""The npm packages as a user has them: packed, installed by npm into an empty folder, used from there, as docs/start-node.md says.

Usage: packages_test.py NODE ROOT LIBRARY
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NODE, ROOT, LIBRARY = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
PLATFORM = "scena-engine-linux-x64"
PAGE = (ROOT / "docs/start-node.md").read_text()


def run(*command, cwd, expect=0, **more):
    environment = {name: value for name, value in os.environ.items() if name not in ("SCENA_LIBRARY", "LD_LIBRARY_PATH")}
    ran = subprocess.run([str(each) for each in command], cwd=cwd, env={**environment, **more}, capture_output=True, text=True,
                         timeout=200)
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


def first_program() -> str:
    """The page's first block, as it stands there."""
    program = re.search(r"(?ms)^## The first reply$.*?^```js\n(.*?)^```$", PAGE).group(1)
    assert "from 'scena-engine'" in program, program
    assert len(program.splitlines()) < 15, "the first reply takes less than fifteen lines"
    return program


def install(packages: list[Path], folder: Path, *options: str) -> None:
    """Into an empty folder, as a user does: without a package.json, which npm makes."""
    folder.mkdir()
    run("npm", "install", "--offline", "--no-audit", "--no-fund", "--silent", "--cache", folder / "cache", *options, *packages,
        cwd=folder)
    (folder / "first.mjs").write_text(first_program())


def has_terms(folder: Path) -> None:
    for name in ("LICENSE", "NOTICE"):
        assert (folder / name).read_bytes() == (ROOT / name).read_bytes(), f"{folder}: {name}"
    assert folder.name in (folder / "README.md").read_text(), folder


with tempfile.TemporaryDirectory() as work:
    packages = packed(Path(work))
    own = Path(work) / "own"
    install(packages, own)
    record = json.loads((own / "node_modules/scena-engine/package.json").read_text())
    assert record["optionalDependencies"] == {PLATFORM: record["version"]}, record
    assert "complete" in run(NODE, "first.mjs", cwd=own).stdout
    assert (own / "node_modules" / PLATFORM / "libscena.so.1").stat().st_size < LIBRARY.stat().st_size, "not stripped"

    for name in ("scena-engine", PLATFORM):
        has_terms(own / "node_modules" / name)

    # A library that is there and cannot be loaded is named, and so is what says where it is.
    nowhere = "/nowhere/libscena.so"
    failed = run(NODE, "first.mjs", cwd=own, expect=1, SCENA_LIBRARY=nowhere).stderr
    assert f"SCENA_LIBRARY names {nowhere}" in failed, failed
    library = own / "node_modules" / PLATFORM / "libscena.so.1"
    library.write_text("no library")
    failed = run(NODE, "first.mjs", cwd=own, expect=1).stderr
    assert f"{library} cannot be loaded" in failed and "SCENA_LIBRARY" in failed, failed

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

    # From the repository, as the page says: without the platform's package, with the library that SCENA_LIBRARY names.
    assert "npm install --install-links .../bindings/node" in PAGE
    linked = Path(work) / "linked"
    koffi = [each for each in packages if not each.name.startswith("scena-engine")]
    install([*koffi, ROOT / "bindings/node"], linked, "--install-links")
    assert "complete" in run(NODE, "first.mjs", cwd=linked, SCENA_LIBRARY=LIBRARY).stdout
print("packages: installed and used, 0 failures")

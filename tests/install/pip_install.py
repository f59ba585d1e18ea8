#!/usr/bin/env python3
"""pip_install.py ROOT FOLDER PYTHON: `pip install ./bindings/python`, as the start page says, from a clean clone.

PYTHON has the build backend and auditwheel (scripts/setup), so that nothing is fetched: pip's two halves are a wheel from the
clone, of which auditwheel must say what the page says, and its installation into a new environment, which then speaks from
an empty folder. The clone's place stays the same, so that ccache knows its files in the next run. What is not committed is
not in it.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

REPLY = """
import scena
assert scena.__file__.startswith({folder!r}), scena.__file__
with scena.Engine() as engine:
    turn = engine.create_session("job-interview").send("Good morning!")
    assert "".join(turn) == turn.result().text != ""
    print(scena.__version__, turn.result().outcome, len(scena.Meter().measure("I love this.")))
"""


def run(*command, **options):
    return subprocess.run([str(one) for one in command], check=True, text=True, **options)


def main() -> int:
    root, folder, python = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(), sys.argv[3]
    clone, wheels = folder / "clone", folder / "wheels"
    for old in (clone, wheels):
        shutil.rmtree(old, ignore_errors=True)
    run("git", "clone", "--quiet", "--depth", "1", root.as_uri(), clone)
    run(python, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-index", "--no-build-isolation", "--no-deps",
        "--wheel-dir", wheels, clone / "bindings/python")
    [wheel] = wheels.iterdir()
    assert re.fullmatch(r"scena-[\d.]+-cp3\d+-cp3\d+-linux_x86_64\.whl", wheel.name), wheel.name
    content = zipfile.ZipFile(wheel)
    names = content.namelist()
    for terms in ("LICENSE", "NOTICE"):
        [path] = [name for name in names if name.endswith(f".dist-info/licenses/{terms}")]
        assert content.read(path) == (root / terms).read_bytes(), path
    wanted = {path.relative_to(clone / "bindings/python").as_posix() for path in (clone / "bindings/python/scena").iterdir()}
    assert wanted <= set(names), wanted - set(names)
    rest = [name for name in names if name not in wanted and ".dist-info/" not in name]
    assert len(rest) == 1 and rest[0].startswith("scena/_core."), rest
    audit = run(python, "-m", "auditwheel", "show", wheel, capture_output=True).stdout
    [promised] = re.findall(r"calls it consistent with `(manylinux_\w+)`", " ".join((root / "docs/start-python.md").read_text().split()))
    assert re.search(rf'consistent with the\s+following platform tag: "{promised}"', audit), audit
    with tempfile.TemporaryDirectory() as empty:
        run(sys.executable, "-m", "venv", f"{empty}/env")
        run(f"{empty}/env/bin/pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", wheel)
        said = run(f"{empty}/env/bin/python", "-I", "-c", REPLY.format(folder=empty), cwd=empty, capture_output=True).stdout
    print(f"pip_install: {wheel.name}, {wheel.stat().st_size / 1e6:.1f} MB, says: {said.strip()}; 0 failures")
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Installs a build into an empty prefix and uses it from projects that know nothing else.

Usage: install_test.py CMAKE BUILD_DIR CXX_COMPILER C_COMPILER CAPI(0|1) [FLAGS]
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def run(*command, **options) -> str:
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, **options)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stdout}")
    return done.stdout


def use(cmake, project: Path, work: Path, prefix: Path, settings: list[str], program: str) -> str:
    run(cmake, "-S", project, "-B", work, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}", *settings)
    run(cmake, "--build", work)
    return run(work / program)


def pkg_config(source: Path, work: Path, prefix: Path, compiler: str) -> str:
    libdir = next(prefix.glob("lib*/**/pkgconfig")).parent
    environment = {**os.environ, "PKG_CONFIG_PATH": str(libdir / "pkgconfig")}
    flags = run("pkg-config", "--cflags", "--libs", "scena", env=environment).split()
    run(compiler, source, "-o", work / "by_pkg_config", *flags, f"-Wl,-rpath,{libdir}")
    return run(work / "by_pkg_config")


def follow_start_page(cmake, page: Path, work: Path, prefix: Path, settings: list[str]) -> None:
    """Does what docs/start.md says in an empty folder: its two files, its session, its look into the store."""
    work.mkdir()
    blocks = re.findall(r"```(\w+)\n(.*?)^```$", page.read_text(), re.S | re.M)
    (work / "CMakeLists.txt").write_text(next(code for language, code in blocks if language == "cmake"))
    (work / "talk.cpp").write_text(next(code for language, code in blocks if language == "cpp"))
    run(cmake, "-B", work / "build", "-S", work, f"-DCMAKE_PREFIX_PATH={prefix}", *settings)
    run(cmake, "--build", work / "build")
    said = run(work / "build" / "talk", input="Good morning.\nI built the queue myself.\n", cwd=work)
    session = re.search(r"stored as (\S+)$", said.strip())[1]
    store = ["--storage", "sqlite:talk.db"]
    scena = prefix / "bin" / "scena"
    if session not in run(scena, "sessions", *store, cwd=work):
        raise SystemExit("docs/start.md: the session is not listed")
    if "I built the queue myself." not in run(scena, "show", session, *store, cwd=work):
        raise SystemExit("docs/start.md: the session is not shown")
    run(scena, "report", session, *store, "-o", "talk.html", cwd=work)
    run(scena, "doctor", cwd=work)


def follow_c_page(cmake, page: Path, work: Path, prefix: Path, compiler: str) -> str:
    """Does what docs/start-c.md says in an empty folder: its program by one command and by its lines of CMake."""
    work.mkdir()
    blocks = re.findall(r"```(\w+)\n(.*?)^```$", page.read_text(), re.S | re.M)
    program = next(code for language, code in blocks if language == "c")
    if len([line for line in program.splitlines() if line.strip()]) >= 15:
        raise SystemExit("docs/start-c.md: the first streamed reply has 15 lines or more")
    (work / "first.c").write_text(program)
    (work / "CMakeLists.txt").write_text(next(code for language, code in blocks if language == "cmake"))
    said = pkg_config(work / "first.c", work, prefix, compiler)
    run(cmake, "-B", work / "build", "-S", work, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_C_COMPILER={compiler}")
    run(cmake, "--build", work / "build")
    return said + run(work / "build" / "first")


def main() -> int:
    cmake, build, cxx, cc, capi = sys.argv[1:6]
    flags = sys.argv[6] if len(sys.argv) > 6 else ""
    here = Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        work, prefix = Path(folder), Path(folder) / "prefix"
        run(cmake, "--install", build, "--prefix", prefix)
        private = [path for path in prefix.rglob("*.hpp") if "scena" not in path.relative_to(prefix).parts]
        if private:
            raise SystemExit(f"private headers were installed: {private}")
        settings = [f"-DCMAKE_CXX_COMPILER={cxx}", f"-DCMAKE_CXX_FLAGS={flags}"]
        follow_start_page(cmake, here.parents[1] / "docs" / "start.md", work / "start", prefix, settings)
        replies = [use(cmake, here / "cxx", work / "cxx", prefix, settings, "game")]
        if capi == "1":
            settings = [f"-DCMAKE_C_COMPILER={cc}"]
            replies.append(use(cmake, here / "c", work / "c", prefix, settings, "tool"))
            replies.append(pkg_config(here / "c" / "main.c", work, prefix, cc))
            replies.append(follow_c_page(cmake, here.parents[1] / "docs" / "start-c.md", work / "start-c", prefix, cc))
        for reply in replies:
            if len(reply.split()) < 5:
                raise SystemExit(f"no reply: {reply!r}")
        print("\n".join(replies))
    return 0


if __name__ == "__main__":
    sys.exit(main())

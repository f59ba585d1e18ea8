#!/usr/bin/env python3
"""check_source.py ROOT: the house rules that a compiler does not know.

SQL comes from literals and bound parameters only; the library neither prints, exits nor touches
signals; tests do not sleep; no path of somebody's machine stands in the sources; what is public has
a comment.
A line that must break a rule ends with a comment `lint: <reason>`.
"""
import pathlib
import re
import subprocess
import sys

from public_docs import undocumented

SQL = r'"\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|ATTACH|VACUUM)\b[^"]*"'
LIBRARY = re.compile(r"^(src|capi/src|bindings/python/src)/(?!shell/)")
TESTS = re.compile(r"^tests/")
PUBLIC = re.compile(r"^include/scena/.*\.hpp$")
ANY = re.compile(r"\.(c|h|cpp|hpp|py|js|mjs|sh|cmake|txt|json|md|html)$|^(Makefile|scripts/|\.ci/)")

RULES = [
    (LIBRARY, re.compile(SQL + r"\s*(\+|s?\s*,\s*[a-z_]+\s*\+)|(format|fmt::format)\(\s*" + SQL + r"|\+\s*" + SQL),
     "SQL is a literal with bound parameters, never put together from pieces"),
    (LIBRARY, re.compile(r"std::(cout|cerr|clog|wcout)\b|(?<![\w:.>])(std::)?(printf|puts|putchar|perror)\s*\(|fprintf\s*\(\s*std(out|err)"),
     "the library does not print; use the LogSink"),
    (LIBRARY, re.compile(r"(?<![\w.>:])(std::|::)(exit|_exit|quick_exit|abort|terminate)\s*\(|(?<![\w.>:])_?exit\s*\("),
     "the library does not end the process"),
    (LIBRARY, re.compile(r"(?<![\w.>:])((std::|::)(signal|sigaction|raise)|sigaction|sigprocmask|signal)\s*\(\s*(SIG|[a-z])"),
     "the library does not touch signals"),
    (LIBRARY, re.compile(r"\b(setlocale|std::locale::global|putenv|setenv|unsetenv|srand)\s*\("),
     "the library changes nothing of the process"),
    (LIBRARY, re.compile(r"\bgetenv\s*\("), "the library reads the environment in configuration alone"),
    (TESTS, re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\s*\(|(?<![\w.>])(::)?sleep\s*\(|time\.sleep\s*\("),
     "tests do not sleep; pass time in, or wait for what is expected"),
    (ANY, re.compile(r"(?<![\w./-])/(home|Users|root|work)/\w"), "no path of one machine"),
]
TEST_NAME = re.compile(r'TEST_CASE\w*\(\s*(?:"[^"]*"\s*)+')
SELF = {"scripts/check_source.py", "tests/docs/test_check_source.py"}


def faults_of(path: str, text: str) -> list[str]:
    """Every broken rule of one file, as `path:line: rule`."""
    rules = [(pattern, rule) for where, pattern, rule in RULES if where.search(path)]
    faults = []
    if not rules or path in SELF:
        return faults
    for number, line in enumerate(text.splitlines(), 1):
        code = re.sub(r"//.*", "", line) if path.endswith((".cpp", ".hpp", ".h", ".c")) and '"' not in line else line
        if re.search(r"(//|#) lint: \w", line):
            continue
        faults += [f"{path}:{number}: {rule}: {line.strip()[:90]}" for pattern, rule in rules if pattern.search(code)]
    if PUBLIC.search(path):
        faults += [f"{path}:{number}: {name} is public and has no /// comment" for number, name in undocumented(text)]
    for name in TEST_NAME.finditer(text) if TESTS.search(path) else ():
        if ";" in name.group():
            number = text.count("\n", 0, name.start()) + 1
            faults.append(f"{path}:{number}: a test's name holds a semicolon, where CMake would cut it in two")
    return faults


def unbuilt(root: pathlib.Path, path: str) -> list[str]:
    """A unit test that its folder's CMakeLists.txt does not name is never run."""
    test = pathlib.PurePath(path)
    if not path.startswith("tests/unit/") or test.suffix != ".cpp":
        return []
    lists = (root / test.parent / "CMakeLists.txt").read_text(encoding="utf-8")
    return [] if re.search(rf"(?<![\w.]){re.escape(test.name)}(?![\w.])", lists) else [f"{path}: no CMakeLists.txt names it, so it is in no target"]


def sources(root: pathlib.Path) -> list[str]:
    """What git would keep; where there is no git, everything that was not built."""
    command = ["git", "ls-files", "-z", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, check=False)
    if listed.returncode == 0:
        return [path for path in listed.stdout.decode().split("\0") if path]
    paths = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(str(path) for path in paths if not {"build", "node_modules", ".git"} & set(path.parts))


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    faults, files = [], 0
    for path in sources(root):
        if (root / path).is_file() and not path.startswith(("tests/fuzz/corpus/", "tests/golden/")):
            files += 1
            faults += unbuilt(root, path)
            faults += faults_of(path, (root / path).read_text(encoding="utf-8", errors="replace"))
    print("\n".join(faults + [f"check_source: {files} files, {len(faults)} failures"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

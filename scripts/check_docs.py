#!/usr/bin/env python3
"""check_docs.py ROOT [--scena PROGRAM] [--cxx COMPILER]: the documents say nothing that is not so.

In README.md and docs/**/*.md:
- every ```cpp block compiles: programs as they are, fragments inside a function that knows `engine`,
  `session`, `turn`, `config`, `preset` and `event`;
- every ```c block that is a program compiles as C99 without a warning, runs over the C library beside PROGRAM, and
  ends with 0; parts of a file name it (`<!-- part of FILE -->`), and tests compare them with it;
- every ```json and ```jsonl block parses; configurations and presets are judged by the program;
- in ```sh blocks the lines that call `scena` run, in one empty folder per document, in their order;
  files written by `cat > NAME <<'EOF'` are there for them. What cannot run offline is ```console;
- every relative link leads to a file, every #anchor to a heading.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

PRELUDE = """
#include <cassert>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>
#include <vector>
{headers}
using namespace scena;  // fragments stand after `using namespace scena;` in the reader's eyes
using namespace std::chrono_literals;
"""
FRAGMENT = """
namespace fragment_{number} {{
[[maybe_unused]] static void run([[maybe_unused]] Engine& engine, [[maybe_unused]] Session& session,
    [[maybe_unused]] Turn& turn, [[maybe_unused]] Config& config, [[maybe_unused]] Preset& preset,
    [[maybe_unused]] Event& event) {{
  {{
#line {line} "{path}"
{code}
  }}
}}
}}
"""
AT_FILE_LEVEL = re.compile(r"^\s*(class|struct|namespace|template|enum|/// )")


class Block:
    def __init__(self, path, line, language, code):
        self.path, self.line, self.language, self.code = path, line, language, code

    def where(self):
        return f"{self.path}:{self.line}"


def blocks_of(path: str, text: str) -> list[Block]:
    """The fenced blocks of one document, also those indented below a list."""
    found, start, fence, language, lines = [], 0, None, "", []
    for number, line in enumerate(text.splitlines(), 1):
        mark = re.match(r"^(\s*)(```+)\s*([\w+-]*)\s*$", line)
        if fence is None and mark:
            indent, fence, language, start, lines = len(mark[1]), mark[2], mark[3], number + 1, []
        elif fence is not None and line.strip() == fence:
            found.append(Block(path, start, language, "\n".join(lines) + "\n"))
            fence = None
        elif fence is not None:
            lines.append(line[indent:] if line[:indent].isspace() or indent == 0 else line)
    if fence is not None:
        found.append(Block(path, start, "unclosed", ""))
    return found


class Checker:
    def __init__(self, root, scena, compiler):
        self.root, self.scena, self.compiler = root, scena, compiler
        self.faults, self.counts = [], {"cpp": 0, "c": 0, "json": 0, "sh": 0, "links": 0}

    def fault(self, where, what):
        self.faults.append(f"{where}: {what}")

    # C++ ------------------------------------------------------------------------------------------
    def compile(self, name, source, where):
        with tempfile.NamedTemporaryFile("w", suffix=".cpp", prefix="scena_doc_") as file:
            file.write(source)
            file.flush()
            command = [self.compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wno-unused", "-I",
                       str(self.root / "include"), "-I", str(self.root / "capi/include"), file.name]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                errors = [line.replace(file.name, where) for line in done.stderr.splitlines() if "error" in line]
                self.fault(where, f"{name} does not compile\n    " + "\n    ".join(errors[:8]))

    def check_cpp(self, blocks):
        headers = "\n".join(f"#include <{path.relative_to(self.root / 'include')}>"
                            for path in sorted((self.root / "include/scena").rglob("*.hpp")))
        jobs, fragments, includes = [], "", set()
        for number, block in enumerate(blocks):
            self.counts["cpp"] += 1
            own = set(re.findall(r"^\s*#include .*$", block.code, re.M))
            code = re.sub(r"^\s*#include .*$", "", block.code, flags=re.M)
            if re.search(r"\bint main\s*\(", code):
                jobs.append((f"program", f'#line {block.line} "{block.path}"\n{block.code}', block.where()))
            elif AT_FILE_LEVEL.match(code.lstrip("\n")):
                jobs.append(("block", PRELUDE.format(headers=headers) + "\n".join(sorted(own)) +
                             f'\n#line {block.line} "{block.path}"\n{code}', block.where()))
            else:
                includes |= own
                fragments += FRAGMENT.format(number=number, line=block.line, path=block.path, code=code)
        if fragments:
            jobs.append(("a fragment", PRELUDE.format(headers=headers) + "\n".join(sorted(includes)) + fragments, "fragments"))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda job: self.compile(*job), jobs))

    # C --------------------------------------------------------------------------------------------
    def check_c(self, block):
        library = self.scena.parent / "capi"
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "program.c"
            source.write_text(f'#line {block.line} "{block.path}"\n{block.code}')
            command = ["cc", "-std=c99", "-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-I", self.root / "capi/include",
                       source, "-L", library, "-lscena", f"-Wl,-rpath,{library}", "-o", f"{folder}/program"]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                self.fault(block.where(), "does not compile\n    " + done.stderr.strip()[:1000])
                return
            self.counts["c"] += 1
            try:
                done = subprocess.run([f"{folder}/program"], cwd=folder, capture_output=True, text=True, timeout=120)
            except subprocess.TimeoutExpired:
                self.fault(block.where(), "takes too long")
                return
            if done.returncode != 0:
                self.fault(block.where(), f"exit {done.returncode}\n    " + done.stderr.strip()[-600:])

    # JSON -----------------------------------------------------------------------------------------
    def check_json(self, block):
        self.counts["json"] += 1
        lines = [line for line in block.code.splitlines() if line.strip()]
        one_a_line = block.language == "jsonl" or len(lines) > 1 and all(re.match(r"\{.*\}$", line) for line in lines)
        texts = lines if one_a_line else [block.code]
        for text in texts:
            try:
                value = json.loads("{" + text + "}" if text.lstrip().startswith('"') else text)  # a member alone
            except ValueError as error:
                self.fault(block.where(), f"not JSON: {error}")
                continue
            if self.scena and isinstance(value, dict) and {"id", "characters"} <= value.keys():
                self.check_preset(block, text)

    def check_preset(self, block, text):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "preset.json").write_text(text)
            done = self.run(["presets", "check", "preset.json"], folder)
            if done.returncode != 0:
                self.fault(block.where(), "the preset is refused\n    " + (done.stderr or done.stdout).strip()[:600])

    # Shell ----------------------------------------------------------------------------------------
    def run(self, arguments, folder):
        return subprocess.run([self.scena, *arguments], cwd=folder, capture_output=True, text=True, timeout=120,
                              stdin=subprocess.DEVNULL)

    def check_sh(self, path, blocks):
        lines = [line for block in blocks for line in calls_of(block)]
        if not lines or not self.scena:
            return
        with tempfile.TemporaryDirectory() as folder:
            for example in (self.root / "examples").glob("presets/*.json"):
                target = pathlib.Path(folder) / "examples/presets" / example.name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(example.read_text())
            environment = {**os.environ, "PATH": f"{self.scena.parent}:{os.environ['PATH']}", "HOME": folder}
            for block, line, is_call in lines:
                try:
                    done = subprocess.run(["bash", "-euo", "pipefail", "-c", line], cwd=folder, env=environment, timeout=180,
                                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
                except subprocess.TimeoutExpired:
                    self.fault(block.where(), f"takes too long: {line}")
                    continue
                self.counts["sh"] += is_call
                if done.returncode != 0:
                    self.fault(block.where(), f"exit {done.returncode}: {line}\n    " + done.stderr.strip()[-600:])

    # Links ----------------------------------------------------------------------------------------
    def check_links(self, path, text):
        prose = re.sub(r"^\s*```.*?^\s*```", "", text, flags=re.M | re.S)
        for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", prose):
            if re.match(r"[a-z]+:", target):
                continue
            self.counts["links"] += 1
            name, _, anchor = target.partition("#")
            file = (self.root / path).parent / name if name else self.root / path
            if not file.exists():
                self.fault(path, f"dead link: {target}")
            elif anchor and file.suffix == ".md" and anchor not in anchors_of(file.read_text()):
                self.fault(path, f"no such heading: {target}")


    # The log's lines ------------------------------------------------------------------------------
    def check_log_lines(self):
        path = "docs/guide/logs.md"
        told = set(re.findall(r"^\| [a-z, ]+ \| `[a-z]+` \| (.*?)(?: \(a warning when it failed\))? \|$",
                              (self.root / path).read_text(), flags=re.M))
        written = set()
        call = re.compile(r'log\w*(?:\(\))?\.(?:logger\("\w+"\)\.)?(?:log\(level, |(?:warn|error|info|debug|trace)\(\s*)'
                          r'((?:"(?:[^"\\]|\\.)*"\s*)+)')
        for file in sorted((self.root / "src").rglob("*.cpp")):
            if file.parts[-2] == "shell":
                continue
            for texts in call.findall(file.read_text(encoding="utf-8")):
                line = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', texts)).replace('\\"', '"')
                written.add(line)
        self.counts["log lines"] = len(written)
        for line in sorted(written - told):
            self.fault(path, f"the table lacks a line that is logged: {line}")
        for line in sorted(told - written):
            self.fault(path, f"the table has a line that nothing logs: {line}")


def is_part(text, block):
    """Whether a comment in front of a block names the file that it is from: a test compares them."""
    before = text.splitlines()[:block.line - 2]
    return bool(before) and bool(re.match(r"\s*<!-- (from|part of) ", before[-1]))


def anchors_of(text):
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def calls_of(block):
    """(block, command, calls scena?) in their order; continued lines joined, here-documents kept whole."""
    lines, at = block.code.splitlines(), 0
    while at < len(lines):
        line = lines[at].removeprefix("$ ")
        at += 1
        while line.endswith("\\") and at < len(lines):
            line = line[:-1] + lines[at].strip()
            at += 1
        here = re.match(r"cat > \S+ <<'(\w+)'$", line)
        if here:
            end = lines.index(here[1], at)
            yield block, "\n".join([line, *lines[at:end + 1]]) + "\n", False
            at = end + 1
        elif re.search(r"(^|\| )scena ", line):
            yield block, line, True


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--scena", type=pathlib.Path)
    parser.add_argument("--cxx", default=os.environ.get("CXX", "g++"))
    options = parser.parse_args()
    root = options.root.resolve()
    checker = Checker(root, options.scena and options.scena.resolve(), options.cxx)
    documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
    documents += sorted(str(path.relative_to(root)) for path in (root / "docs").rglob("*.md"))
    cpp = []
    for path in documents:
        text = (root / path).read_text(encoding="utf-8")
        blocks = blocks_of(path, text)
        for block in blocks:
            if block.language == "unclosed":
                checker.fault(block.where(), "a fenced block is never closed")
            elif block.language in ("json", "jsonl"):
                checker.check_json(block)
            elif block.language == "c" and checker.scena and "int main(" in block.code and not is_part(text, block):
                checker.check_c(block)
        cpp += [block for block in blocks if block.language == "cpp"]
        checker.check_sh(path, [block for block in blocks if block.language == "sh"])
        checker.check_links(path, text)
    checker.check_cpp(cpp)
    checker.check_log_lines()
    done = ", ".join(f"{count} {name}" for name, count in checker.counts.items())
    print("\n".join(checker.faults + [f"check_docs: {len(documents)} documents, {done}, {len(checker.faults)} failures"]))
    return 1 if checker.faults else 0


if __name__ == "__main__":
    sys.exit(main())

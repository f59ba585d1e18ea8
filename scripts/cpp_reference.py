#!/usr/bin/env python3
"""cpp_reference.py ROOT [--check]: writes docs/reference/cpp.md from the comments of include/scena.

With --check nothing is written: exit 1 when the page is not what the headers say, or when a header has no place on it.
(check_source.py asks for the comments themselves.)
"""
import pathlib
import re
import sys
import textwrap

HEAD = """# C++ reference

Made from the headers in `include/scena` and their comments by `scripts/cpp_reference.py`; [start](../start.md) leads from
nothing to a first reply, [embedding](../guide/embedding.md) says what runs on which thread. Everything is in namespace
`scena`. What stands here is what hosts use: bodies, private members and what the library needs for itself are left out.

"""
SUBJECTS = [
    ("Engine", ["engine", "config", "principal", "costs", "completion"]),
    ("Sessions and turns", ["session", "session_state", "pending", "event", "message"]),
    ("Presets", ["preset"]),
    ("Errors and values", ["error", "result", "usage", "secret"]),
    ("Metrics, analyses and reports", ["metrics", "analysis", "analytics"]),
    ("Runs of many sessions", ["batch", "batch_row"]),
    ("Jobs", ["jobs"]),
    ("Policies", ["policy", "policy_simulator"]),
    ("Written by the host", ["ext/provider", "ext/tool", "ext/filter", "ext/analyzer", "ext/embedder", "ext/event_sink",
                             "ext/job_handler", "ext/log_sink", "ext/clock", "ext/secret_source", "ext/token_counter", "ext/storage"]),
    ("Ready-made parts", ["log_sinks", "byte_pairs", "vector_index", "fault_server"]),
]
TYPE = re.compile(r"^(?:template <[^;{]*?>\s*)?(class|struct|enum(?: class)?|union|namespace)\b")
NAME = re.compile(r"\b(?:class|struct|enum class|enum)\s+(?:\[\[\w+\]\]\s*)?(\w+(?:<\w+>)?)")
OWN = re.compile(r"^\s*(?:class Impl;|friend [^;]*;|explicit \w+\([^)]*Impl>[^;]*;)\s*$")


def tokens(text: str) -> list:
    """Comments, strings and single signs, in order."""
    return re.findall(r"//[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])'|R\"\(.*?\)\"|.", text, re.S)


def is_body(head: str) -> bool:
    """Whether a brace behind `head` opens the body of a function."""
    head = head.strip()
    return ")" in head and head.count("(") == head.count(")") and not TYPE.match(head) and not re.search(r"=\s*$", head)


def without_bodies(text: str) -> str:
    """Declarations alone: a function's body, with what initialises members before it, is a semicolon."""
    out, head, skipped = [], "", 0
    for token in tokens(text):
        if skipped:
            skipped += (token == "{") - (token == "}")
            if skipped == 0:
                out.append(";")
                head = ""
            continue
        if token == "{" and is_body(head):
            whole = "".join(out)
            cut = re.search(r"\)((?:\s*(?:const|noexcept|override|final|&{1,2}))*)\s*:\s*(?!:)[^;]*\Z", head)
            keep = whole[: len(whole) - len(head) + cut.end(1)] if cut else whole
            out, skipped = [keep.rstrip()], 1
            continue
        out.append(token)
        if token.startswith("//") or token in "{};" or (token == ":" and re.fullmatch(r"\s*(public|private|protected)", head)):
            head = ""
        else:
            head += token
    return re.sub(r";\s*;", ";", "".join(out))


def public_part(text: str) -> str:
    """A type without what is private, at its own level and in the types inside."""
    shown, out, levels = [TYPE.match(text).group(1) != "class"], [], 0
    for line in text.splitlines():
        access = re.fullmatch(r"\s*(public|private|protected):", line)
        code = re.sub(r"//.*", "", line)
        if access:
            shown[-1] = access[1] == "public"
            continue
        opens = code.count("{") - code.count("}")
        if opens < 0:
            shown.pop()
            levels -= 1
        if (all(shown[1:]) if levels else True) and not OWN.match(line):
            out.append(line)
        if opens > 0:
            inner = TYPE.match(code.strip())
            shown.append(not inner or inner.group(1) != "class")
            levels += 1
    made = "\n".join(out)
    return re.sub(r"\n{2,}(?=\s*\})|(?<=\{)\n{2,}", "\n", re.sub(r"\n{3,}", "\n\n", made))


def pieces(text: str) -> list:
    """(comment, declaration) of what stands in namespace scena."""
    found, comment, lines, depth, hidden = [], [], [], 0, 0
    for line in text.splitlines():
        bare = line.strip()
        code = re.sub(r'//.*|"(?:\\.|[^"\\])*"', "", line)
        braces = code.count("{") - code.count("}")
        if hidden:
            hidden += braces
            continue
        if not lines and re.match(r"namespace (detail|engine|\w+::\w+)\b", bare):
            hidden = braces
            continue
        if not lines and (not bare or bare.startswith(("#", "namespace ", "}", "// "))):
            comment = []
            continue
        if not lines and bare.startswith("///"):
            comment.append(bare[3:].removeprefix(" "))
            continue
        lines.append(line)
        depth += braces + code.count("(") - code.count(")")
        if depth == 0 and bare.split("//")[0].rstrip().endswith((";", "}")):
            found.append(("\n".join(comment), textwrap.dedent("\n".join(lines))))
            comment, lines = [], []
    return found


def prose(comment: str) -> str:
    text = re.sub(r"\bdocs/reference/([\w/-]+\.\w+)", r"[\1](\1)", comment)
    text = re.sub(r"\bdocs/([\w/-]+\.md)", r"[\1](../\1)", text)
    text = re.sub(r"(?m)^@throws ?", "Throws ", re.sub(r" @throws ", "\n\nThrows ", text))
    text = re.sub(r"(?m)^@return ?", "Returns ", text)
    return re.sub(r"\n+(?=Threading: |Throws |Returns )", "\n\n", text).strip()


def entry(comment: str, declaration: str) -> str:
    declaration = without_bodies(declaration)
    kind = TYPE.match(declaration)
    if kind:
        declaration = public_part(declaration)
    code = f"```c++\n{declaration.strip()}\n```\n"
    named = NAME.search(re.sub(r"^template <.*?>\s", "", declaration)) if kind else None
    if named:
        return f"### {named[1]}\n\n" + (prose(comment) + "\n\n" if comment else "") + code
    return (prose(comment) + "\n\n" if comment else "") + code


def page(folder: pathlib.Path, faults: list) -> str:
    placed = {name for _, names in SUBJECTS for name in names}
    headers = {str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.hpp")}
    faults += [f"include/scena/{name}.hpp has no place on the page" for name in sorted(headers - placed)]
    faults += [f"include/scena/{name}.hpp is not there" for name in sorted(placed - headers)]
    parts = [HEAD]
    for title, names in SUBJECTS:
        parts.append(f"## {title}\n")
        for name in names:
            if name not in headers:
                continue
            shown = [(said, code) for said, code in pieces((folder / f"{name}.hpp").read_text(encoding="utf-8"))
                     if said or TYPE.match(code)]
            shown = [(said, code) for said, code in shown if not re.fullmatch(r"(class|struct|enum class) [\w: ]+;", code.strip())]
            if shown:
                parts.append(f"`#include <scena/{name}.hpp>`\n")
            parts += [entry(said, code) for said, code in shown]
    return "\n".join(parts)


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    target, faults = root / "docs/reference/cpp.md", []
    made = page(root / "include/scena", faults)
    if "--check" not in sys.argv:
        target.write_text(made, encoding="utf-8")
    elif not target.exists() or target.read_text(encoding="utf-8") != made:
        faults.append(f"{target} is not what the headers say; run scripts/cpp_reference.py .")
    print("\n".join(faults + [f"cpp_reference: {len(faults)} failures"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

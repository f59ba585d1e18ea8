#!/usr/bin/env python3
"""c_reference.py ROOT [--check]: writes docs/reference/c.md from the comments of capi/include/scena/scena.h.

With --check nothing is written: exit 1 when the page is not what the header says, or when something in it has no
comment.
"""
import pathlib
import re
import sys

HEAD = """# C reference

Made from the comments of `scena/scena.h` by `scripts/c_reference.py`; [start-c](../start-c.md) leads from nothing to a
first reply, [extensions in C](c-extensions.md) says what the host's own functions are handed.

"""
GROUPS = [  # functions by what they begin with, the first that fits
    ("Library", ["scena_version_", "scena_abi_"]),
    ("Errors, texts and answers", ["scena_error_", "scena_text_", "scena_pending_"]),
    ("Extensions", ["scena_extensions_"]),
    ("What a host's functions answer with", ["scena_reply_", "scena_tool_call_", "scena_filter_answer_", "scena_approval_",
                                             "scena_job_run_", "scena_embedding_", "scena_secret_", "scena_scores_"]),
    ("Logs", ["scena_logs_"]),
    ("Engine", ["scena_engine_"]),
    ("Session", ["scena_session_"]),
    ("Turn", ["scena_turn_"]),
    ("Events", ["scena_events_"]),
    ("Batch", ["scena_batch_"]),
    ("Other functions", ["scena_"]),
]
FUNCTION = re.compile(r"(/\*\*(?:(?!\*/).)*\*/)?\s*\nSCENA_API ([^;]*?)\b(scena_\w+)\(([^;]*)\);", re.S)
STRUCT = re.compile(r"(/\*\*(?:(?!\*/).)*\*/)?\s*\ntypedef struct (scena_\w+) \{\n(.*?)\n\} scena_\w+;", re.S)
HANDLE = re.compile(r"(/\*\*(?:(?!\*/).)*\*/)?\s*\ntypedef struct (scena_\w+) scena_\w+;", re.S)
CONSTANT = re.compile(r"(/\*\*(?:(?!\*/).)*\*/\s*\n)?#define (SCENA_\w+) (\S[^\n]*?)(?:\s*/\*\*< (.*?) \*/)?\n")


def prose(comment: str) -> str:
    """A comment without its stars."""
    text = re.sub(r"^/\*\*|\*/$", "", comment.strip())
    return "\n".join(re.sub(r"^ \* ?", "", line).rstrip() for line in text.splitlines()).strip()


def one_line(comment: str) -> str:
    return " ".join(prose(comment).split()).replace("|", "\\|")


def body(comment: str) -> str:
    """What a function does; its parameters, result, ownership, threads and first version as a list."""
    out = []
    for line in prose(comment).splitlines():
        tag = re.match(r"@param (\w+)\s+(.*)", line) or re.match(r"@(return)\s+(.*)", line)
        fact = re.match(r"(Ownership|Threading|Since): (.*)", line)
        if tag:
            name = "returns" if tag[1] == "return" else f"`{tag[1]}`"
            out.append(f"- {name}: {tag[2]}")
        elif fact:
            out.append(f"- {fact[1].lower()}: {fact[2]}")
        elif line.startswith(" ") and out and out[-1].startswith(("- ", "  ")):
            out.append("  " + line.strip())
        elif out and out[-1].startswith(("- ", "  ")) and line:
            out.append("  " + line)
        else:
            out.append(line)
    text = "\n".join(out)
    text = re.sub(r"\n\n(?=- (?:ownership|returns|`))", "\n", text)  # one list
    return re.sub(r"(?m)^((?!- |  ).+)\n(?=- )", r"\1\n\n", text)


def page(header: str) -> tuple:
    """The page, and the names that have no comment."""
    out, bare = [HEAD], []
    rules = re.match(r"/\*\*.*?\*/", header, re.S)
    out.append("## Rules\n\n" + prose(rules[0]).split("\n\n", 1)[1] + "\n\n")
    out.append("## Handles\n\n| handle | |\n| --- | --- |\n")
    for comment, name in HANDLE.findall(header):
        bare += [] if comment else [name]
        out.append(f"| `{name}` | {one_line(comment or '')} |\n")
    out.append("\n## Constants\n\n| name | value | |\n| --- | --- | --- |\n")
    for above, name, value, behind in CONSTANT.findall(header):
        out.append(f"| `{name}` | `{value}` | {behind or one_line(above)} |\n")
    out.append("\n## Structs\n")
    for comment, name, members in STRUCT.findall(header):
        bare += [] if comment else [name]
        out.append(f"\n### {name}\n\n{prose(comment or '')}\n\n```c\ntypedef struct {name} {{\n{members}\n}} {name};\n```\n")
    groups = {title: [] for title, _ in GROUPS}
    for comment, kind, name, parameters in FUNCTION.findall(header):
        bare += [] if comment else [name]
        title = next(title for title, starts in GROUPS if name.startswith(tuple(starts)))
        flat = " ".join(parameters.split())
        groups[title].append(f"\n### {name}\n\n```c\n{' '.join(kind.split())} {name}({flat});\n```\n\n{body(comment or '')}\n")
    for title, functions in groups.items():
        if functions:
            out.append(f"\n## {title}\n" + "".join(functions))
    return "".join(out), bare


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    header = (root / "capi/include/scena/scena.h").read_text(encoding="utf-8")
    target = root / "docs/reference/c.md"
    made, bare = page(header)
    declared = len(re.findall(r"(?m)^SCENA_API ", header))
    shown = made.count(");\n```")
    if bare or declared != shown:
        print(f"without a comment: {bare}; {declared} functions declared, {shown} shown")
        return 1
    if "--check" not in sys.argv:
        target.write_text(made, encoding="utf-8")
        return 0
    if not target.exists() or target.read_text(encoding="utf-8") != made:
        print("docs/reference/c.md is not what scena.h says: python3 scripts/c_reference.py .")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

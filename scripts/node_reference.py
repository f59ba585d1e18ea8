#!/usr/bin/env python3
"""node_reference.py ROOT [--check]: writes docs/reference/node.md from the types of the Node package and their comments.

With --check nothing is written: exit 1 when the page is not what the types say, or when an exported declaration or a member
of one, however deep it stands, has no comment. `code` of the classes of the codes has that of ScenaError.
"""
import pathlib
import re
import sys
import textwrap

HEAD = """# Node reference

Made from the types of the package `scena-engine` and their comments by `scripts/node_reference.py`;
[start-node](../start-node.md) leads from nothing to a first reply. Everything is imported from `scena-engine` itself.

"""
SUBJECTS = [
    ("engine", "The engine"), ("session", "Sessions and turns"), ("extensions", "Written by the host"), ("jobs", "Background jobs"),
    ("standalone", "Without an engine"), ("messages", "Messages and events"), ("reports", "Reports and batches"), ("errors", "Errors"),
]
DECLARATION = re.compile(r"^(?:export )?(?:declare )?(class|interface|type|function|const)\s+(\w+)")
TOKEN = re.compile(r"/\*.*?\*/|//[^\n]*|'[^'\n]*'|[\w$]+|[^\s\w]", re.DOTALL)


def comment_of(lines: list) -> str:
    text = "\n".join(lines).strip()
    if not text.startswith("/**"):
        return ""
    text = re.sub(r"^/\*\*|\*/$", "", text)
    text = "\n".join(re.sub(r"^\s*\* ?", "", line).strip() for line in text.splitlines()).strip()
    text = re.sub(r"(?m)^@throws ?", "Throws: ", re.sub(r" @throws ", "\nThrows: ", text))
    text = re.sub(r"(?m)^@param (\w+) ", r"`\1`: ", text)
    text = re.sub(r"\bdocs/([\w/-]+\.md)", lambda found: f"[{found[1]}](../{found[1]})", text)
    return re.sub(r"\n(?=Throws: |`\w+`: )", "\n\n", text)


def pieces(lines: list) -> list:
    """(comment, text) of each declaration or member: one ends where brackets are closed again."""
    found, comment, text, depth, is_comment = [], [], [], 0, False
    for line in lines:
        bare = line.strip()
        if not text and (is_comment or bare.startswith("/**")):
            comment = [*comment, bare] if is_comment else [bare]
            is_comment = not bare.endswith("*/")
            continue
        if not text and (bare == "" or bare.startswith("//")):
            comment = comment if bare else []
            continue
        text.append(line)
        depth += sum(line.count(sign) for sign in "({[") - sum(line.count(sign) for sign in ")}]")
        has_body = re.match(r"(?:export )?(?:class|interface)\b", text[0]) is not None
        if depth == 0 and bare.endswith("}" if has_body else ";"):
            found.append((comment_of(comment), textwrap.dedent("\n".join(text))))
            comment, text = [], []
    return found


def uncommented(text: str) -> list:
    """The first lines of the members without a comment, in all braces of a declaration: there one begins behind { and ;."""
    found, brackets, begins, said = [], [], False, False
    for token in TOKEN.finditer(text):
        sign = token[0]
        if sign.startswith(("/*", "//")):
            said = said or comment_of([sign]) != ""
            continue
        if begins and sign != "}" and not said and sign not in ("private", "protected"):
            found.append(text[token.start():].splitlines()[0])
        begins = sign == "{" or (sign == ";" and brackets[-1:] == ["{"])
        said = False
        if sign in "{([":
            brackets.append(sign)
        elif sign in "})]":
            brackets.pop()
    return found


def class_entry(name: str, said: str, text: str) -> str:
    lines = text.splitlines()
    base = re.search(r"extends (\w+)", lines[0])
    parts = [f"### {name}\n", f"*extends {base[1]}*\n" if base else "", said + "\n" if said else ""]
    for comment, member in pieces(lines[1:-1]):
        if member.startswith(("private", "protected")):
            continue
        signature = re.sub(r"\s+", " ", member).rstrip(";")
        is_short = len(signature) < 90 and "/**" not in signature
        heading = signature if is_short else re.match(r"(?:static )?[\w\[\].]+", member)[0]
        code = "" if heading == signature else f"```ts\n{member}\n```\n\n"
        parts.append(f"#### `{heading}`\n\n{code}{comment}\n")
    return "\n".join(part for part in parts if part)


def entries(path: pathlib.Path, faults: list) -> list:
    made, classes = [], []
    for said, text in pieces(path.read_text(encoding="utf-8").splitlines()):
        declared = DECLARATION.match(text)
        if not declared or not text.startswith("export"):
            continue
        kind, name = declared.groups()
        code = re.search(r"readonly code: '(\w+)'", text)
        if not said:
            faults.append(f"{path.name}: {name} has no comment")
        faults += [f"{path.name}: {name}: {member} has no comment" for member in uncommented(text) if not (code and code[0] in member)]
        if kind == "class" and code:
            classes.append(f"| `{name}` | `{code[1]}` | {' '.join(said.split())} |")
        elif kind == "class":
            made.append(class_entry(name, said, text))
        else:
            made.append("\n".join([f"### {name}\n", *([said + "\n"] if said else []), f"```ts\n{text.removeprefix('export ')}\n```\n"]))
    if classes:
        made.append("One class for each code; [errors.md](errors.md) has their numbers, and what the engine retries by itself.\n\n"
                    "| class | code | when, and what to do |\n| --- | --- | --- |\n" + "\n".join(classes) + "\n")
    return made


def page(types: pathlib.Path, faults: list) -> str:
    known = {name for name, _ in SUBJECTS}
    faults += [f"{path} has no place on the page" for path in sorted(types.glob("*.d.ts")) if path.name.removesuffix(".d.ts") not in known]
    parts = [HEAD]
    for name, title in SUBJECTS:
        parts += [f"## {title}\n", *entries(types / f"{name}.d.ts", faults)]
    return "\n".join(parts)


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    target, faults = root / "docs/reference/node.md", []
    made = page(root / "bindings/node/lib/types", faults)
    if "--check" not in sys.argv:
        target.write_text(made, encoding="utf-8")
    elif not target.exists() or target.read_text(encoding="utf-8") != made:
        faults.append(f"{target} is not what the types say; run scripts/node_reference.py .")
    print("\n".join(faults + [f"node_reference: {len(faults)} failures"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""python_reference.py ROOT [--check]: writes docs/reference/python.md from the docstrings of the package.

With --check nothing is written: exit 1 when the page is not what the docstrings say, or when something public has
no docstring.
"""
import ast
import pathlib
import re
import sys

HEAD = """# Python reference

Made from the docstrings of the package `scena` by `scripts/python_reference.py`; [start-python](../start-python.md)
leads from nothing to a first reply. Everything is imported from `scena` itself.

"""
GROUPS = [
    ("Engine and sessions", ["Engine", "run_batch", "Meter", "Session", "Turn", "Pending", "CompletionCall", "Events", "Event"]),
    ("Written by the host", ["Provider", "ReplyRequest", "PromptMessage", "ToolCall", "Reasoning", "Counted", "tool", "Tool",
                             "ToolRequest", "Analyzer", "Said", "Filter", "FilterContext", "Block", "JobHandler", "GiveUp", "LogRecord"]),
    ("Values", None),
    ("Errors", ["Error", "ErrorCode"]),
]


def definitions(package: pathlib.Path) -> dict:
    """Public name -> its class or function in the package's sources."""
    found = {}
    for path in [*sorted(package.glob("_*.py")), package / "_core.pyi"]:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and (path.suffix == ".py" or node.name == "Event"):
                found[node.name] = node  # the last overload is the function itself
    return found


def public_names(package: pathlib.Path) -> list:
    """What `from scena import *` brings, but for what the extension defines."""
    for node in ast.parse((package / "__init__.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return [ast.literal_eval(item) for item in node.value.elts]
    return []


def prose(docstring: str) -> str:
    """A docstring in numpy's form as Markdown."""
    text = re.sub(r"(?m)^(\w+)\n-+$", r"**\1**\n", docstring)
    text = re.sub(r":(?:class|meth|func):`([^`]+)`", r"`\1`", text).replace("``", "`")
    lines, out, inside = text.splitlines(), [], False
    for number, line in enumerate(lines):
        example = line.startswith((">>>", "...")) or (inside and line.strip() != "")
        if example and not inside:
            out += ["", "```pycon"]
        elif inside and not example:
            out += ["```", ""]
        inside = example
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if not inside and re.fullmatch(r"[\w, ]+", line) and following.startswith("    "):
            line = f"- `{line}`:"
        elif not inside and line.startswith("    "):
            line = "  " + line.strip()
        out.append(line)
    if inside:
        out.append("```")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out).strip())


def signature(node: ast.FunctionDef) -> str:
    arguments = node.args
    first = [argument for argument in arguments.posonlyargs + arguments.args if argument.arg not in ("self", "cls")]
    defaults = [None] * (len(arguments.posonlyargs + arguments.args) - len(arguments.defaults)) + arguments.defaults
    words = [one(argument, default) for argument, default in zip(first, defaults[len(defaults) - len(first):])]
    if arguments.vararg:
        words.append("*" + arguments.vararg.arg)
    elif arguments.kwonlyargs:
        words.append("*")
    words += [one(argument, default) for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults)]
    if arguments.kwarg:
        words.append("**" + arguments.kwarg.arg)
    return f"{node.name}({', '.join(words)})"


def one(argument: ast.arg, default) -> str:
    return argument.arg if default is None else f"{argument.arg}={ast.unparse(default)}"


def parts_of(node, found: dict) -> list:
    """What a class has from bases that are no public names: parts of it in files of their own."""
    bases, waiting = {}, [node]
    for one in waiting:
        names = [ast.unparse(base) for base in one.bases]
        waiting += [found[name] for name in names if name.startswith("Engine") and name not in bases]
        bases.update({name: found[name] for name in names if name.startswith("Engine")})
    return [item for base in bases.values() for item in base.body]


def entry(name: str, node, found: dict, faults: list) -> str:
    documented = ast.get_docstring(node)
    if not documented:
        faults.append(f"{name} has no docstring")
    if isinstance(node, ast.FunctionDef):
        return f"### {name}\n\n`{signature(node)}`\n\n{prose(documented or '')}\n"
    inherited = parts_of(node, found)
    bases = "" if inherited else ", ".join(ast.unparse(base) for base in node.bases if not ast.unparse(base).startswith(("Value", "Generic")))
    parts = [f"### {name}\n", f"*{bases}*\n" if bases else "", prose(documented or "") + "\n"]
    fields = [f"`{item.target.id}`" for item in node.body if isinstance(item, ast.AnnAssign) and not item.target.id.startswith("_")]
    if fields and name != "Error":
        parts.append("Members: " + ", ".join(fields) + ".\n")
    for item in [*node.body, *inherited]:
        if not isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) or item.name.startswith("_") and item.name != "__init__":
            continue
        said = ast.get_docstring(item)
        if item.name == "__init__":
            if name == "Engine":
                parts.append(f"`{signature(item).replace('__init__', name)}`\n")
            continue
        is_member = any(ast.unparse(word) == "property" for word in item.decorator_list)
        if not said and name != "Event":
            faults.append(f"{name}.{item.name} has no docstring")
        heading = f"`{item.name}`" if is_member else f"`{signature(item)}`"
        parts.append(f"#### {heading}\n\n{prose(said)}\n" if said else "")
    if name == "Event":
        names = [item.name for item in node.body if isinstance(item, ast.FunctionDef)]
        parts.append("Members: " + ", ".join(f"`{item}`" for item in names) + "; [events.md](events.md) tells what they hold.\n")
    return "\n".join(part for part in parts if part)


def page(package: pathlib.Path, faults: list) -> str:
    found = definitions(package)
    names = public_names(package)
    errors = [name for name in names if name.endswith("Error") and name != "Error"]
    named = {name for _, group in GROUPS for name in group or []} | set(errors) | {"check_preset", "version"}
    parts = [HEAD]
    for title, group in GROUPS:
        parts.append(f"## {title}\n")
        for name in group or [name for name in names if name not in named]:
            parts.append(entry(name, found[name], found, faults))
    rows = [f"| `{name}` | `{ast.unparse(found[name].body[1].value).split('.')[-1].lower()}` | {ast.get_docstring(found[name])} |"
            for name in errors]
    parts.append("One class for each code; [errors.md](errors.md) says for each whether a retry may help.\n\n"
                 "| class | code | meaning |\n| --- | --- | --- |\n" + "\n".join(rows).replace("``", "`") + "\n")
    return "\n".join(parts)


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    target, faults = root / "docs/reference/python.md", []
    made = page(root / "bindings/python/scena", faults)
    if "--check" not in sys.argv:
        target.write_text(made, encoding="utf-8")
    elif not target.exists() or target.read_text(encoding="utf-8") != made:
        faults.append(f"{target} is not what the docstrings say; run scripts/python_reference.py .")
    print("\n".join(faults + [f"python_reference: {len(faults)} failures"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

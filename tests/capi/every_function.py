#!/usr/bin/env python3
"""every_function.py HEADER OUTPUT: a call of every function of scena.h, for every_function_test.c.

Each call gets the handles of a `world` and good values, but for what a `given` says: arguments that
are missing (NULL), and a text that stands in the place of one of them.
"""
import re
import sys
from pathlib import Path

FUNCTION = re.compile(r"^SCENA_API ([^;(]*?)\s*\b(scena_\w+)\(([^;]*)\);", re.S | re.M)
STRUCT = re.compile(r"^typedef struct (scena_\w+) \{", re.M)
# What is of use to a function, by the name of the argument; other texts are "x", other documents "{}".
GOOD = {
    "preset": "job-interview", "text": "Hello", "question": "Hello?", "payload": "Hello", "format": "json",
    "character": "interviewer", "participant": "candidate", "provider": "s", "kind": "j", "models": "*",
    "principal_json": r'{\"subject\": \"ann\"}',
    "participant_json": r'{\"id\": \"bob\", \"name\": \"Bob\"}',
    "plan_json": r'{\"presets\": [\"job-interview\"], \"max_turns\": 1}',
    "config_json": r'{\"clock\": \"virtual\"}',
}
IN_FUNCTION = {  # where the same name means something else
    ("scena_engine_complete", "request_json"): r'{\"messages\": [{\"role\": \"user\", \"text\": \"Hello\"}]}',
    ("scena_engine_embed", "request_json"): r'{\"texts\": [\"Hello\"]}',
    ("scena_meter_measure", "message_json"): r'{\"text\": \"Hello\"}',
}


def arguments(text: str) -> list[tuple[str, str]]:
    """Type and name of each."""
    if text.strip() == "void":
        return []
    found = []
    for argument in text.replace("\n", " ").split(","):
        kind, name = re.fullmatch(r"\s*(.*?[\s*])(\w+)\s*", argument).groups()
        found.append((" ".join(kind.split()).replace(" *", "*"), name))
    return found


def call(result: str, name: str, parameters: list[tuple[str, str]], structs: set[str]) -> str:
    """One function that calls `name`."""
    before, values, after = [], [], []
    for place, (kind, of) in enumerate(parameters):
        bare = kind.replace("const ", "").rstrip("*")
        value = None
        if kind == "scena_error**":
            value = "&made.error"
        elif kind.endswith("**"):
            before.append(f"  {bare}* {of} = NULL;")
            after.append(f"  made.touched |= {of} != NULL;")
            if bare == "scena_pending":
                after.append(f"  if ({of} != NULL) made.later = scena_pending_wait({of}, with->wait_ms, NULL, NULL);")
            after.append(f"  {bare}_destroy({of});")
            value = f"&{of}"
        elif kind == "const char*":
            good = IN_FUNCTION.get((name, of)) or GOOD.get(of) or ("{}" if of.endswith("_json") else "x")
            value = f'text_of(with, {place}, "{good}")'
        elif bare in structs:
            before += [f"  {bare} {of};", f"  memset(&{of}, 0, sizeof {of});", f"  {of}.struct_size = (uint32_t)sizeof {of};"]
            if f"fill_{bare}" in FILLED:
                before.append(f"  fill_{bare}(&{of});")
            value = f"&{of}"
        elif kind == "const float*":
            before.append(f"  const float {of}[1] = {{1}};")
            value = of
        elif kind.endswith("*") and bare.startswith("scena_"):
            value = f"world->{bare.removeprefix('scena_')}"
        elif kind.endswith("*"):
            before.append(f"  {bare} {of}[4] = {{0}};")
            value = of
        elif of.endswith("_len"):
            value = "with->length"
        else:
            value = "0"
        pointer = kind.endswith("*")
        values.append(f"HAS({place}) ? {value} : NULL" if pointer else value)
    told = f"{name}({', '.join(values)})"
    kept = {"scena_status": "made.status = ", "const char*": "made.text = ", "void": ""}.get(result, "made.number = (int64_t)")
    lines = [f"static outcome call_{name}(const struct world* world, const struct given* with) {{", "  outcome made = nothing_made;"]
    lines += before + ["  (void)world, (void)with;", f"  {kept}{told};"] + after + ["  return made;", "}"]
    return "\n".join(lines)


def row(result: str, name: str, parameters: list[tuple[str, str]]) -> str:
    texts = sum(1 << i for i, (kind, _) in enumerate(parameters) if kind == "const char*")
    documents = sum(1 << i for i, (kind, of) in enumerate(parameters) if kind == "const char*" and of.endswith("_json"))
    pointers = sum(1 << i for i, (kind, _) in enumerate(parameters) if kind.endswith("*"))
    error = next((1 << i for i, (kind, _) in enumerate(parameters) if kind == "scena_error**"), 0)
    first = parameters[0][0].replace("const ", "") if parameters else ""
    handle = first.removeprefix("scena_").rstrip("*") if re.fullmatch(r"scena_\w+\*", first) else ""
    gives = {"scena_status": "status", "const char*": "text", "void": "nothing"}.get(result, "number")
    return f'    {{"{name}", call_{name}, gives_{gives}, "{handle}", {pointers}u, {texts}u, {documents}u, {error}u}},'


FILLED: set[str] = set()


def main() -> int:
    header, output = Path(sys.argv[1]), Path(sys.argv[2])
    tests = Path(__file__).with_name("every_function_test.c").read_text()
    FILLED.update(re.findall(r"\b(fill_scena_\w+)\(", tests))
    text = header.read_text()
    structs = set(STRUCT.findall(text))
    functions = [(result, name, arguments(given)) for result, name, given in FUNCTION.findall(text)]
    parts = ["/* Made by every_function.py from scena.h. */"]
    parts += [call(*function, structs) for function in functions]
    parts += ["static const struct function functions[] = {"] + [row(*function) for function in functions] + ["};"]
    output.write_text("\n".join(parts) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Which public declarations of a C++ header have no `///` comment.

Types, functions, data members and aliases want one, above or behind them. An overload directly below
its namesake shares that one's, enumerators share their type's. Constructors, destructors, operators,
overrides, friends, namespace `detail` and what is private need none.
"""
import dataclasses
import re

BEHIND, ABOVE = "\x01", "\x02"
NOISE = [  # strings, comments by kind, preprocessor lines, separators of digits
    (r'"(?:[^"\\\n]|\\.)*"', '""'), (r"(?<=\d)'(?=\d)", ""), (r"(?m)///<.*$", BEHIND), (r"(?m)^[ \t]*///.*$", ABOVE),
    (r"(?m)//.*$", ""), (r"(?m)^[ \t]*#.*$", ""),
]
TOKEN = re.compile(rf"[\n{BEHIND}{ABOVE}{{}};]|[^\n{BEHIND}{ABOVE}{{}};]+")
TYPE = re.compile(r"(namespace|class|struct|enum)\b(?: class)?\s*([\w:]*)")
EXEMPT = re.compile(r"^(friend|static_assert|~|virtual ~)|\boperator\b|\boverride\b")
FORWARD = re.compile(r"(class|struct|enum)( class)? \w+")


@dataclasses.dataclass
class Scope:
    kind: str
    name: str
    inner: bool  # whether its members are public at all
    shown: bool  # whether those that follow are: `public:` and `private:` change it


def bare(head: str) -> str:
    """A declaration without template arguments and attributes."""
    if "operator" in head:
        return head
    before = None
    while before != head:
        before, head = head, re.sub(r"<[^<>]*>|\[\[\w+\]\]", "", head)
    return re.sub(r"\s+", " ", head.replace("template ", "")).strip()


def name_of(declaration: str) -> str:
    if declaration.startswith("using "):
        return declaration.split()[1]
    declaration = declaration.split("=")[0].strip()
    name = re.search(r"([\w~]+)\s*\(", declaration) or re.search(r"(\w+)$", declaration)
    return name.group(1) if name else ""


def undocumented(text: str) -> list[tuple[int, str]]:
    """Line and name of each public declaration without a comment, in order."""
    for pattern, by in NOISE:
        text = re.sub(pattern, by, text)
    scopes, found = [Scope("namespace", "", True, True)], []
    head, first, documented, namesake = "", 0, False, ""
    line, empty, body = 1, True, 0

    def declare() -> None:
        nonlocal documented, namesake
        declaration, scope = bare(head), scopes[-1]
        name = name_of(declaration)
        exempt = name == scope.name or EXEMPT.search(declaration) or (token == ";" and FORWARD.fullmatch(declaration))
        needed = scope.shown and scope.kind != "enum" and not exempt
        documented = documented or name == namesake
        namesake = name if documented else ""
        found.append([first, name, documented or not needed])

    for token in TOKEN.findall(text):
        if token == "\n":
            access = re.fullmatch(r"(public|protected|private):", head)
            if access:
                scopes[-1].shown = scopes[-1].inner and access.group(1) != "private"
                head = ""
            namesake = "" if empty else namesake
            line, empty = line + 1, True
            continue
        empty = empty and not token.strip()
        if token == BEHIND:
            if head or not found:
                documented = True
            else:
                found[-1][2] = True
                namesake = found[-1][1]
        elif body:
            body += (token == "{") - (token == "}")
        elif token == ABOVE:
            documented = True
        elif token == "{":
            declaration = bare(head)
            kind, is_function = TYPE.match(declaration), declaration.count("(") == declaration.count(")") > 0
            if kind or is_function:
                if not kind or kind.group(1) != "namespace":
                    declare()
                if kind:
                    inner = scopes[-1].shown and kind.group(2) != "detail"
                    scopes.append(Scope(kind.group(1), kind.group(2), inner, inner and kind.group(1) != "class"))
                head, documented = "", False
            body = 0 if kind else 1
        elif token in "};":
            if token == "}":
                scopes.pop()
            elif head:
                declare()
            head, documented = "", False
        elif token.strip():
            first = first if head else line
            head = f"{head} {token.strip()}".strip()
    return [(number, name) for number, name, known in found if not known]

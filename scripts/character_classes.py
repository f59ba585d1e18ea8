#!/usr/bin/env python3
"""Writes src/domain/tokens/character_classes.inc: where runs of characters of one class begin."""

import pathlib
import unicodedata

CLASSES = {"Lu": 1, "Lt": 1, "Ll": 2, "Lm": 3, "Lo": 3}
SPACES = {*range(9, 14), 32, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}
OUT = pathlib.Path(__file__).resolve().parent.parent / "src/domain/tokens/character_classes.inc"


def class_of(point: int) -> int:
    if point in SPACES:
        return 6
    category = unicodedata.category(chr(point))
    return CLASSES.get(category, {"M": 4, "N": 5}.get(category[0], 0))


def main() -> None:
    runs, last = [], 0
    for point in range(0x110000):
        kind = class_of(point)
        if kind != last:
            runs.append(f"0x{point * 8 + kind:x}")
        last = kind
    lines = [f"// Unicode {unicodedata.unidata_version}, by scripts/character_classes.py: code point * 8 + class."]
    line = ""
    for run in runs:
        if len(line) + len(run) + 2 > 99:
            lines.append(line.rstrip())
            line = ""
        line += run + ", "
    lines.append(line.rstrip())
    OUT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

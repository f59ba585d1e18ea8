#!/usr/bin/env python3
"""Compares the code blocks of a page with the files they were taken from.

A block that follows a line `<!-- from FILE -->` must be that file, or `<!-- part of FILE -->` stand in it. Where a file imports the
Node package by its path in the repository, the page has the package's name, as a user writes it.
Usage: snippets.py ROOT PAGE. Prints each difference, exits 1 when there is one or no block was found.
"""

import re
import sys
import textwrap
from pathlib import Path

BLOCK = re.compile(r"^<!-- (from|part of) (\S+) -->\n```\w*\n(.*?)^```$", re.S | re.M)

NODE_PACKAGE = re.compile(r"from '[./]+/bindings/node/lib/index\.js'")


def check(root: Path, page: str) -> list[str]:
    blocks = BLOCK.findall(page)
    faults = [] if blocks else ["no block names its file"]
    if len(blocks) != page.count("<!-- from ") + page.count("<!-- part of "):
        faults.append("a comment that names a file has no block after it")
    for how, name, text in blocks:
        source = NODE_PACKAGE.sub("from 'scena-engine'", (root / name).read_text())
        if how == "from" and text != source:
            faults.append(f"{name}: the page shows another text than the file")
        if how == "part of" and not any(textwrap.indent(textwrap.dedent(text), " " * deep) in source for deep in (0, 2, 4, 8)):
            faults.append(f"{name}: the part on the page does not stand in the file")
    return faults


if __name__ == "__main__":
    found = check(Path(sys.argv[1]), Path(sys.argv[2]).read_text())
    print("\n".join(found))
    sys.exit(1 if found else 0)

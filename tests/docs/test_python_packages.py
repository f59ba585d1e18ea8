#!/usr/bin/env python3
"""What docs/start-python.md installs by apt is all that building the Python package looks for."""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What is looked for, in Debian's packages; pip itself fetches the build's own requirements (pyproject.toml).
PACKAGES = {"Interpreter": "python3-dev", "Development.Module": "python3-dev", "python3 -m venv": "python3-venv"}


def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


class Packages(unittest.TestCase):
    def test_the_start_page_installs_what_pip_needs(self):
        commands = re.search(r"```console\n(.*?)```", text_of("docs/start-python.md"), re.S)[1]
        self.assertLess(commands.index("make setup WHAT=build "), commands.index("pip install ./bindings/python"))
        told = set(re.search(r"apt-get install -y ([a-z0-9 -]+?) +#", commands)[1].split())
        told |= set(re.search(r"^build=\((.*?)\)", text_of("scripts/setup"), re.S | re.M)[1].split())
        wanted = re.search(r"find_package\(Python3 [\d.]+ REQUIRED COMPONENTS ([^)]*)\)", text_of("bindings/python/CMakeLists.txt"))[1].split()
        wanted += ["python3 -m venv"] if "python3 -m venv" in commands else []
        self.assertIn("Development.Module", wanted)
        self.assertLessEqual({PACKAGES[one] for one in wanted} | {"cmake", "ninja-build", "g++"}, told)
        fetched = re.search(r"requires = \[(.*)\]", text_of("bindings/python/pyproject.toml"))[1]
        for name in re.findall(r"find_package\((?!Python3)(\w+)", text_of("bindings/python/CMakeLists.txt")):
            self.assertIn(name, fetched)


if __name__ == "__main__":
    unittest.main()

"""The installed package stands alone, and its stub tells what the extension holds."""
import ast
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from scena import _core

ROOT = pathlib.Path(__file__).parents[2]
PAGE = ROOT / "docs/start-python.md"


class Installed(unittest.TestCase):
    def test_it_works_from_an_empty_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([os.environ["SCENA_CMAKE"], "--install", os.environ["SCENA_BUILD"], "--component", "python", "--prefix",
                            folder], check=True, capture_output=True)
            names = {path.name for path in (pathlib.Path(folder) / "scena").iterdir()}
            self.assertLessEqual({"__init__.py", "py.typed", "_core.pyi"}, names)
            for terms in ("LICENSE", "NOTICE"):
                self.assertEqual((pathlib.Path(folder) / "scena" / terms).read_bytes(), (ROOT / terms).read_bytes())
            code = (f"import sys; sys.path.insert(0, {folder!r}); import scena; assert scena.__file__.startswith({folder!r}); "
                    "print(scena.Engine().create_session('job-interview').send('Hello').result().outcome)")
            done = subprocess.run([sys.executable, "-I", "-c", code], cwd=folder, capture_output=True, text=True, timeout=60)
            self.assertEqual((done.stdout, done.returncode), ("complete\n", 0), done.stderr)


class Binary(unittest.TestCase):
    def test_it_asks_for_nothing_but_the_runtimes_of_debian_12(self):
        told = subprocess.run(["objdump", "-p", _core.__file__], check=True, capture_output=True, text=True).stdout
        needed = set(re.findall(r"NEEDED +(\S+)", told))
        self.assertLessEqual(needed, {"libstdc++.so.6", "libm.so.6", "libgcc_s.so.1", "libc.so.6", "ld-linux-x86-64.so.2"})
        newest = {name: max(tuple(map(int, number.split("."))) for number in re.findall(rf"\b{name}_([\d.]+)", told))
                  for name in ("GLIBC", "GLIBCXX")}
        promised = re.search(r"needs glibc (\d+)\.(\d+) ", PAGE.read_text(encoding="utf-8"))
        self.assertLessEqual(newest["GLIBC"], tuple(map(int, promised.groups())))
        self.assertLessEqual(newest["GLIBCXX"], (3, 4, 30))


class Stub(unittest.TestCase):
    def test_the_stub_names_every_member_of_the_extension(self):
        stub = ast.parse((pathlib.Path(_core.__file__).parent / "_core.pyi").read_text(encoding="utf-8"))
        told = {}
        for node in stub.body:
            if isinstance(node, ast.ClassDef):
                told[node.name] = {item.name for item in node.body if isinstance(item, ast.FunctionDef) and not item.name.startswith("_")}
            elif isinstance(node, ast.FunctionDef):
                told[node.name] = set()
        held = {}
        for name in dir(_core):
            if not name.startswith("_"):
                one = getattr(_core, name)
                held[name] = {member for member in vars(one) if not member.startswith("_")} if isinstance(one, type) else set()
        self.assertEqual(told, held)


if __name__ == "__main__":
    unittest.main()

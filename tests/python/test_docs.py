"""What the start page, the README and the examples show runs as it stands."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parents[2]


class Documents(unittest.TestCase):
    def run_code(self, *command):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([sys.executable, "-W", "error", *command], cwd=folder, env=dict(os.environ), capture_output=True,
                                  text=True, timeout=100)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(done.stdout.strip())
        return done.stdout

    def test_every_block_of_python_runs(self):
        ran = 0
        for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
            for block in re.findall(r"(?ms)^```python\n(.*?)^```", page.read_text(encoding="utf-8")):
                if "import scena\n" not in block:
                    continue  # a program over the C library
                with self.subTest(page=page.name, block=block[:60]):
                    self.run_code("-c", block)
                    ran += 1
        self.assertGreaterEqual(ran, 5)

    def test_the_first_reply_takes_less_than_fifteen_lines(self):
        page = (ROOT / "docs/start-python.md").read_text(encoding="utf-8")
        first = re.search(r"(?ms)^```python\n(.*?)^```", page)[1]
        self.assertLess(len(first.splitlines()), 15)

    def test_the_examples_run(self):
        self.assertIn("order 99", self.run_code(ROOT / "examples/python/tool.py"))
        self.run_code(ROOT / "examples/python/analyzer.py")

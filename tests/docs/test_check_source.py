#!/usr/bin/env python3
"""The house rules find what they forbid and leave the rest alone."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts"))
from check_source import faults_of  # noqa: E402

BROKEN = {
    "src/storage/a.cpp": [
        'auto sql = "SELECT a FROM t WHERE b = \'" + name + "\'";',
        'db.run(fmt::format("DELETE FROM t WHERE id = {}", id));',
    ],
    "src/engine/a.cpp": ['std::cout << 1;', 'printf("x");', 'std::abort();', 'exit(1);', '::signal(SIGINT, stop);',
                         'sigaction(SIGTERM, &action, nullptr);', 'setlocale(LC_ALL, "");', 'if (std::getenv("X")) return;', 'fprintf(stderr, "x");'],
    "tests/unit/a.cpp": ['std::this_thread::sleep_for(1ms);', '::usleep(5);', 'TEST_CASE("a; b") {', 'TEST_CASE(\n  "a "\n "b; c") {'],
    "docs/a.md": ['see /home/ann/file'],
    "include/scena/a.hpp": [
        'struct A {};', 'class A : public B {};', 'int f();', 'using A = int;', 'enum class A { one, two };',
        'template <class T>\nT f(T value = {}) {\n  return value;\n}', '/// A type.\nstruct A {\n  int member = 1;\n};',
        '/// A type.\nclass A {\n public:\n  virtual void f(const B& b = {}) = 0;\n};',
        '/// One.\nint f();\nint g();', '/// One.\nint f();\n\nint f(int);',
        '/// A type.\nstruct A {\n  enum Kind { one };\n  int a = 0;  ///< Has one.\n};',
        '/// A type.\nstruct A {\n  /// One.\n  std::function<void(int)> call;\n  std::map<int, int> map{};\n};',
    ],
}
FINE = {
    "src/storage/a.cpp": ['db.run("SELECT a FROM t WHERE b = ?1", name);', 'fmt::format("PRAGMA {}", name)'],
    "src/engine/a.cpp": ['run->abort(error);', 'abort(*error);', 'wakes.signal();', 'snprintf(buffer, 4, "x");',
                         'cancel();  // never calls exit()', 'std::abort();  // lint: a broken promise of our own'],
    "src/shell/a.cpp": ['std::cout << 1;', 'std::signal(SIGINT, stop);'],
    "tests/unit/a.cpp": ['clock.advance(20s);', 'TEST_CASE("a, b") { f("x; y"); }'],
    "docs/a.md": ['`/v1/work/items` and build/release'],
    "include/scena/a.hpp": [
        '/// A type.\nclass A final : public B {\n public:\n  A(int a) : a_{a} {}\n  ~A() override;\n  int f() override;\n'
        '  bool operator==(const A&) const = default;\n\n private:\n  int a_ = 0;\n  void g();\n};',
        'class Declared;', 'namespace detail {\nint f();\n}', '/// One.\nint f();\nint f(int);', 'int f();  ///< One.',
        '/// A type.\nenum class A {\n  one,  ///< The first.\n  two,\n};\n\n/// A name.\nusing B = int;',
        '/// A type.\nstruct A {\n  std::string\n      text;  ///< Up to {1}.\n  int count = 1\'000;  ///< Of them.\n};',
    ],
    "src/base/a.hpp": ['int f();'],
}


class CheckSource(unittest.TestCase):
    def test_each_forbidden_line_is_one_fault(self):
        for path, lines in BROKEN.items():
            for line in lines:
                self.assertEqual(len(faults_of(path, line)), 1, f"{path}: {line}")

    def test_allowed_lines_pass(self):
        for path, lines in FINE.items():
            for line in lines:
                self.assertEqual(faults_of(path, line), [], f"{path}: {line}")


if __name__ == "__main__":
    unittest.main()

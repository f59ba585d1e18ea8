#!/usr/bin/env python3
"""Each breach that layers.py exists for is planted in a small tree and must be found."""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import layers  # noqa: E402


def tree(files: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in {"include/scena/a.hpp": "#include <vector>\n", **files}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return layers.check(root)


def expect(name: str, faults: list[str], part: str) -> bool:
    good = (not faults) if not part else any(part in fault for fault in faults)
    print(("ok   " if good else "FAIL ") + name + ("" if good else f": {faults}"))
    return good


def main() -> int:
    cmake = {"src/base/CMakeLists.txt": "scena_module(base SOURCES a.cpp)",
             "src/net/CMakeLists.txt": "scena_module(net USES base SOURCES a.cpp)",
             "src/llm/CMakeLists.txt": "scena_module(llm USES base net SOURCES a.cpp)",
             "src/engine/CMakeLists.txt": "scena_module(engine USES base llm SOURCES a.cpp)"}
    results = [
        expect("a clean tree passes", tree({**cmake, "src/net/a.cpp": '#include "base/x.hpp"\n'}), ""),
        expect("an include without USES", tree({**cmake, "src/net/a.cpp": '#include "domain/x.hpp"\n'}), "no domain"),
        expect("an include upwards", tree({**cmake, "src/base/a.cpp": '#include "net/x.hpp"\n'}), "no net"),
        expect("a neighbour in USES", tree({"src/bus/CMakeLists.txt": "scena_module(bus USES storage)"}), "lower floor"),
        expect("a backend seen from outside",
               tree({**cmake, "src/engine/a.cpp": '#include "llm/backends/openai/wire.hpp"\n'}), "registry.cpp"),
        expect("a public header with a library", tree({"include/scena/b.hpp": "#include <nlohmann/json.hpp>\n",
                                                       **cmake}), "public header"),
        expect("the shell beside the public API", tree({"src/shell/a.cpp": '#include "engine/x.hpp"\n', **cmake}),
               "public API"),
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

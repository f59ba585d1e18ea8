#!/usr/bin/env python3
"""token_cost.py BUILD [quick]: what the C functions and the Python package cost, beside the C++ API in one run.

Prints the cost of a token read by `for delta in turn` beside the same replies in C++ (token_cost) and C (token_cost_c), the time of
`import scena`, and the memory that 10,000 sessions leave. "quick" looks once and at little: that it runs.
"""
import gc
import os
import pathlib
import statistics
import subprocess
import sys
import time

build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/release").resolve()
package = build / "bindings/python"
sys.path.insert(0, str(package))
import scena  # noqa: E402

quick = "quick" in sys.argv
TURNS, ROUNDS, SESSIONS = (5, 1, 100) if quick else (100, 5, 10_000)
WORDS = "".join(f"word{i} " for i in range(400))


def python_tokens(turns):
    """Microseconds a token, in Python."""
    model = {"url": "script:", "options": {"delay_ms": 1, "token_ms": 1, "replies": [WORDS]}}
    with scena.Engine(clock="virtual", seed=7, live_metrics=False, provider="model", providers={"model": model}) as engine:
        deltas = 0
        began = time.perf_counter()
        for _ in range(turns):
            for _ in engine.create_session("job-interview").send("Hello"):
                deltas += 1
        return deltas, (time.perf_counter() - began) * 1e6 / deltas


def python_batched(turns):
    """Tokens that come with others, as token_cost_c reads them: (tokens, microseconds of the processor a token)."""
    model = {"url": "script:", "options": {"instant": True, "replies": [" ".join(f"word{i}" for i in range(400))]}}
    with scena.Engine(seed=7, live_metrics=False, metrics=["sentiment"], provider="model", providers={"model": model}) as engine:
        tokens, kept = 0, []
        began = time.process_time()
        for _ in range(turns):
            kept.append(engine.create_session("job-interview"))
            turn = kept[-1].send("Hello")
            for _ in turn:
                pass
            tokens += turn.result().usage.output_tokens
        return tokens, (time.process_time() - began) * 1e6 / tokens


def native_tokens(*command):
    """The same in C++ or C."""
    done = subprocess.run([build / "bench" / command[0], *command[1:]], capture_output=True, text=True, check=True)
    deltas, cost = done.stdout.split()
    return int(deltas), float(cost)


def import_ms():
    """Milliseconds of `import scena`, beside those of starting the interpreter."""
    code = "import time; t = time.perf_counter(); import scena; print((time.perf_counter() - t) * 1000)"
    run = lambda: subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(package)},
                                 capture_output=True, text=True, check=True)
    return statistics.median(float(run().stdout) for _ in range(1 if quick else 11))


def held():
    gc.collect()
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def talk(count):
    """Sessions of one turn each, a hundred to an engine."""
    for _ in range(count // 100):
        with scena.Engine(clock="virtual", seed=7, live_metrics=False) as engine:
            for _ in range(100):
                list(engine.create_session("job-interview").send("Hello"))


print(f"import              {import_ms():8.1f} ms")
runs = [(native_tokens("token_cost", str(TURNS)), native_tokens("token_cost", str(TURNS), "json"),
         native_tokens("token_cost_c", str(TURNS), "each"), native_tokens("token_cost_c", str(TURNS), "each", "json"),
         python_tokens(TURNS)) for _ in range(ROUNDS)]
assert len({deltas for run in runs for deltas, _ in run}) == 1, "all read the same tokens"
cpp, cpp_json, c, c_json, python = (statistics.median(run[i][1] for run in runs) for i in range(5))
print(f"a token in C++      {cpp:8.2f} us, {cpp_json:.2f} us with its JSON")
print(f"a token in C        {c:8.2f} us, {c_json:.2f} us with its JSON: {c / cpp:.2f} and {c_json / cpp_json:.2f} times those")
print(f"a token in Python   {python:8.2f} us, {python - cpp:.2f} us more")
runs = [(native_tokens("token_cost_c", str(10 * TURNS)), python_batched(10 * TURNS)) for _ in range(ROUNDS)]
assert len({tokens for run in runs for tokens, _ in run}) == 1, "both read the same tokens"
c, python = (statistics.median(run[i][1] for run in runs) for i in range(2))
print(f"with others, in C   {c:8.2f} us")
print(f"with others, Python {python:8.2f} us, {python - c:.2f} us more")
talk(max(SESSIONS // 10, 100))
before = held()
talk(SESSIONS)
print(f"{SESSIONS:,} sessions     {(held() - before) / 1024:8.0f} KiB more")

"""Memory after many sessions of one engine that were made and dropped."""
import os
import subprocess
import sys
import unittest

TALKS = """
import asyncio, ctypes, gc, os, sys, tempfile, scena

libc = ctypes.CDLL("libc.so.6")

class Model:
    def reply(self, request):
        yield "Good morning."

@scena.tool(everywhere=True)
def clock():
    return "12:30"

def resident():
    gc.collect()
    libc.malloc_trim(0)  # what the allocator keeps for later is no growth
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

def talk(engine):
    session = engine.create_session("job-interview")
    with session.events() as events:
        assert "".join(session.send("Hello")) == "Good morning."
        assert events.next(timeout=10) is not None
    assert len(session.rows()) == 3
    session.complete().result()

async def talk_awaited(engine):
    session = engine.create_session("job-interview")
    assert "".join([piece async for piece in session.send("Hello")]) == "Good morning."
    await session.complete()

def talks(engine, count):
    for _ in range(count // 2):
        talk(engine)
    async def awaited():
        for _ in range(count // 2):
            await talk_awaited(engine)
    asyncio.run(awaited())

with tempfile.TemporaryDirectory() as folder:
    with scena.Engine(storage=f"sqlite:{folder}/talks.db", durability="process", providers={"model": Model()},
                      provider="model", tools=[clock]) as engine:
        talks(engine, 1000)  # caches fill
        before, objects = resident(), len(gc.get_objects())
        talks(engine, int(sys.argv[1]))
        print(resident() - before, len(gc.get_objects()) - objects, engine.stats().sessions_loaded)
"""


class Growth(unittest.TestCase):
    def test_sessions_that_were_dropped_leave_no_memory(self):
        sessions = int(os.environ.get("SCENA_GROWTH_SESSIONS", 1000))
        done = subprocess.run([sys.executable, "-c", TALKS, str(sessions)], capture_output=True, text=True, timeout=880,
                              env={**os.environ, "MALLOC_ARENA_MAX": "1"})
        self.assertEqual(done.returncode, 0, done.stderr)
        grown, objects, loaded = map(int, done.stdout.split())
        self.assertLess(grown, 1_000_000 + 100 * sessions, "bytes resident")
        self.assertLess(objects, 100, "objects of Python")
        self.assertLessEqual(loaded, 5)


if __name__ == "__main__":
    unittest.main()

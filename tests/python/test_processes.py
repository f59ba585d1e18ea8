"""Processes with engines: names, signals, threads, forks, interpreters and memory."""
import gc
import os
import pathlib
import subprocess
import tempfile
import threading
import unittest
import weakref

import scena
from support import engine, python


class Processes(unittest.TestCase):
    def test_only_one_name_is_exported(self):
        (module,) = pathlib.Path(scena.__file__).parent.glob("_core*.so")
        names = subprocess.run(["nm", "-D", "--defined-only", module], capture_output=True, text=True, check=True).stdout
        self.assertEqual([line.split()[-1] for line in names.splitlines()], ["PyInit__core"])

    def test_tls_is_the_libraries_own(self):
        (module,) = pathlib.Path(scena.__file__).parent.glob("_core*.so")
        needed = subprocess.run(["ldd", module], capture_output=True, text=True, check=True).stdout
        self.assertNotIn("libssl", needed)
        self.assertNotIn("libsqlite3", needed)
        with engine("x") as e:
            self.assertTrue(e.capabilities()["https"])

    def test_a_process_ends_well_with_everything_open(self):
        code = """
import scena
class Slow:
    async def reply(self, request):
        import asyncio
        await asyncio.Event().wait()
engines = [scena.Engine(threads=2, log=print, providers={"own": Slow()}, provider="own"), scena.Engine()]
sessions = [e.create_session("job-interview") for e in engines]
turns = [s.send("Hello") for s in sessions]
views = [s.events() for s in sessions]
for turn in turns:
    turn.wait_accepted()
"""
        for _ in range(5):
            done = python(code)
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_ctrl_c_ends_a_wait(self):
        code = """
import os, signal, threading, scena
e = scena.Engine(provider="slow", providers={"slow": {"url": "script:", "options": {"delay_ms": 60000, "replies": ["x"]}}})
turn = e.create_session("job-interview").send("Hello")
turn.wait_accepted()
for wait in turn.result, e.run_until_idle, lambda: list(turn):
    threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    try:
        wait()
    except KeyboardInterrupt:
        print("interrupted")
assert not turn.done()
"""
        for threads in 0, 1:
            done = python(code.replace("Engine(", f"Engine(threads={threads}, "))
            self.assertEqual((done.stdout, done.returncode), ("interrupted\n" * 3, 0), done.stderr)

    def test_an_engine_that_nobody_closed_is_closed_when_it_is_collected(self):
        def threads():
            return len(os.listdir("/proc/self/task"))

        before = threads()
        with tempfile.TemporaryDirectory() as folder:
            e = scena.Engine(threads=2, storage=f"sqlite:{folder}/talks.db")
            session = e.create_session("job-interview")
            session.start().result()
            self.assertGreater(threads(), before)
            seen = weakref.ref(e)
            del e, session
            gc.collect()
            self.assertIsNone(seen())
            self.assertEqual(threads(), before)

    def test_the_thread_of_its_coroutines_ends_with_it(self):
        class Own:
            async def reply(self, request):
                threads.append(threading.current_thread())
                return "Fine."

        for clock in ("real", "virtual"):
            threads = []
            e = engine(clock=clock, providers={"own": Own()}, provider="own")
            self.assertEqual(e.create_session("job-interview").send("Hello").result().text, "Fine.")
            self.assertIsNot(threads[0], threading.current_thread())
            del e
            gc.collect()
            threads[0].join(30)
            self.assertFalse(threads[0].is_alive())

    def test_threads_of_an_engine_need_the_real_clock(self):
        with self.assertRaises(scena.InvalidArgumentError) as caught:
            scena.Engine(threads=2, clock="virtual")
        self.assertEqual(caught.exception.pointer, "/threads")

    def test_an_engine_that_is_not_idle_in_time_goes_on(self):
        with scena.Engine(clock="virtual", seed=7) as e:
            turn = e.create_session("job-interview").send("Hello.")
            with self.assertRaises(scena.TimeoutError):
                e.run_until_idle(timeout=0.01)
            self.assertFalse(turn.done())
            e.run_until_idle(timeout=60)
            self.assertTrue(turn.done())

    def test_a_forked_child_may_not_use_the_parents_engine(self):
        code = """
import os, scena
e = scena.Engine()
child = os.fork()
if child == 0:
    try:
        e.create_session("job-interview")
    except scena.WrongStateError:
        os._exit(7)
    os._exit(1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
        done = python(code)
        self.assertEqual(done.stdout, "7\n", done.stderr)

    def test_nothing_is_awaited_in_a_forked_child(self):
        code = """
import asyncio, os, signal, sys, scena
e = scena.Engine(providers={"slow": {"url": "script:", "options": {"delay_ms": 60000, "replies": ["x"]}}}, provider="slow")
session = e.create_session("job-interview")
turn, pending, events = session.send("Hello"), session.pause(), session.events(after="live")
turn.wait_accepted()
async def wait(given):
    await given
async def read(given):
    async for _ in given:
        pass
for work, given in (wait, turn), (wait, pending), (read, turn), (read, events):
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        try:
            asyncio.run(work(given))
        except scena.WrongStateError:
            os._exit(7)
        os._exit(1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
        done = python(code)
        self.assertEqual(done.stdout, "7\n" * 4, done.stderr)

    def test_other_interpreters_of_the_process_are_refused(self):
        code = """
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
def in_another():
    text = "try:\\n import scena\\n print('imported', flush=True)\\nexcept ImportError as e: print('interpreter' in str(e), flush=True)"
    interpreters.run_string(interpreters.create(), f"import sys; sys.path[:] = {sys.path!r}\\n{text}")
in_another()
import scena
def reply():
    with scena.Engine() as engine:
        print(engine.create_session("job-interview").send("Hello").result().outcome, flush=True)
reply()
in_another()
reply()
"""
        done = python(code)
        self.assertEqual(done.stdout, "True\ncomplete\nTrue\ncomplete\n", done.stderr)

    def test_ten_thousand_sessions_leave_no_memory(self):
        code = """
import gc, os, scena
def held():
    gc.collect()
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGESIZE")
def talk(count):
    for _ in range(count // 100):
        with scena.Engine(clock="virtual", seed=7, live_metrics=False) as e:
            for _ in range(100):
                list(e.create_session("job-interview").send("Hello"))
talk(1000)
before = held()
talk(10000)
print(held() - before)
"""
        done = python(code)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLess(int(done.stdout), 8 << 20)


if __name__ == "__main__":
    unittest.main()

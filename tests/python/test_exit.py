"""The end of a process in which threads of daemons still wait for the engine: nobody is waited for, nothing aborts."""
import os
import subprocess
import sys
import unittest

# Each thread waits in the library, which alone gives the lock back there. It may be told of the engine's end while the
# interpreter is taken apart.
WAITING = """
import linecache, os, sys, threading, scena

class Model:
    async def reply(self, request):
        yield "Well"
        await __import__("asyncio").Event().wait()

threads = int(sys.argv[1])
engine = scena.Engine(threads=threads, provider="own", providers={"own": Model()})
waiting = []

def wait(call):
    def run():
        try:
            call()
        except scena.Error:
            pass
    waiting.append(threading.Thread(target=run, daemon=True))
    waiting[-1].start()

def is_in_the_library(thread):
    frame = sys._current_frames().get(thread.ident)
    while frame is not None:
        if frame.f_code.co_name == "blocking" and "call(*given)" in linecache.getline(frame.f_code.co_filename, frame.f_lineno):
            return True
        frame = frame.f_back
    return False

def read_events(session):
    with session.events() as events:
        while events.next() is not None:
            pass

for _ in range(3):
    session = engine.create_session("job-interview")
    for call in (session.send("Hello").result, lambda: list(session.send("Hello?")), lambda: read_events(session),
                 session.pause().result, engine.run_until_idle):
        wait(call)
while not all(map(is_in_the_library, waiting)):
    os.sched_yield()
print(len(waiting))
"""

BATCH = """
import threading, scena

begun = threading.Event()

class Model:
    def reply(self, request):
        begun.set()
        for _ in range(100_000):  # where it loses the lock, and wants it back
            pass
        yield "Well."

plan = {"presets": ["salary-negotiation"], "seeds": {"first": 1, "count": 10000}, "max_turns": 50}
run = lambda: scena.run_batch(plan, workers=2, provider="own", providers={"own": Model()})
threading.Thread(target=run, daemon=True).start()
begun.wait()
"""

# Keeps the interpreter, which is being taken apart, from being gone until a thread wants the lock back; that it was seen
# to come is printed, since a busy machine may give it no turn.
LAST = """
import atexit, os, sys, threading, time

class Last:
    def __init__(self, thread, wakes=None):
        self.status = os.open(f"/proc/self/task/{thread}/status", os.O_RDONLY)
        self.wakes = wakes
    def switches(self, pread=os.pread):
        return pread(self.status, 4096, 0).partition(b"nonvoluntary")[0].partition(b"voluntary_ctxt_switches:")[2]
    def __del__(self, others=os.sched_yield, now=time.monotonic, write=os.write):
        before, end = self.switches(), now() + 2
        if self.wakes is not None:
            write(self.wakes, b"x" * 1000)
        while self.switches() == before and now() < end:
            others()
        write(1, b"late" if self.switches() != before else b"")
"""

# A host's function that sleeps on past the goodbye, in a thread of the engine's, which Last wakes. Of all modules sys is
# taken apart last.
SLEEPING = LAST + """
import scena, scena._batch

scena._batch._GOODBYE = 0.0
begun = threading.Event()
waits, wakes = os.pipe()

def hold(*given, read=os.read, waits=waits):
    if not begun.is_set():
        globals()["thread"] = threading.get_native_id()
        begun.set()
    read(waits, 1)

class Model:
    def reply(self, request):
        hold()
        yield "Well."

class Filter:
    def check_input(self, context, text):
        hold()
    check_output = check_input

class Analyzer:
    name = "mine"
    def measure(self, message, text):
        hold()

@scena.tool(name="look", everywhere=True)
def look():
    "Looks."
    hold()

def scripted(*replies, **more):
    return {"provider": "s", "providers": {"s": {"url": "script:", "options": {"replies": replies or ["Well."]}}}, **more}

class Hook:
    name = "mine"
    def measure(self, message, text):
        sys.unraisablehook = hold
        raise ValueError("for the hook")

parts = {
    "provider": {"provider": "own", "providers": {"own": Model()}},
    "tool": scripted({"tools": [{"name": "look", "arguments": {}}]}, "Well.", tools=[look]),
    "filter": scripted(filter=Filter()),
    "analyzer": scripted(analyzers=[Analyzer()]),
    "unraisablehook": scripted(analyzers=[Hook()]),
    "log": scripted(log=hold, log_level="trace"),
    "token counter": scripted(token_counters={"*": hold}),
}
plan = {"presets": ["salary-negotiation"], "seeds": {"first": 1, "count": 10000}, "max_turns": 50}
run = lambda: scena.run_batch(plan, workers=2, **parts[sys.argv[1]])
threading.Thread(target=run, daemon=True).start()
if begun.wait(30):
    sys.last = Last(thread, wakes)
"""

# That thread waits in slices. It is there before the interpreter ends: 3.12 starts none later.
LATE = LAST + """
opened, turns = threading.Event(), []

def wait():
    opened.wait()
    turns[0].result()

thread = threading.Thread(target=wait, daemon=True)
thread.start()

@atexit.register  # before scena's own: it comes after that
def open_one():
    engine = scena.Engine(provider="own", providers={"own": {"url": "script:", "options": {"delay_ms": 3600000}}})
    turns.append(engine.create_session("job-interview").send("Hello"))
    opened.set()
    try:
        while True:
            engine.poll()
    except scena.WrongStateError:
        pass  # that thread runs the engine now
    sys.last = Last(thread.native_id), engine

import scena
"""


# A child of fork() has the batch and none of its threads: nothing would end it there.
FORKED = BATCH + """
import os, sys, warnings
from scena import _batch

def waits(self, seconds):
    print("waited", flush=True)

warnings.simplefilter("ignore", DeprecationWarning)  # of Python 3.12, for a fork beside threads
child = os.fork()
if child == 0:
    _batch._Running.wait = waits
    sys.exit(3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


class Exit(unittest.TestCase):
    def ends_well(self, program, *arguments, times):
        """What each run printed."""
        printed = []
        for _ in range(times):
            done = subprocess.run([sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True,
                                  timeout=60, env=os.environ)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            printed.append(done.stdout)
        return printed

    def test_threads_that_wait_do_not_abort_the_process(self):
        for threads in (0, 2):
            with self.subTest(threads=threads):
                self.assertEqual(self.ends_well(WAITING, threads, times=6), ["15\n"] * 6)

    def test_a_batch_of_a_daemon_is_given_up(self):
        self.ends_well(BATCH, times=12)

    def test_a_forked_child_does_not_wait_for_its_parents_batch(self):
        self.assertEqual(self.ends_well(FORKED, times=1), ["3\n"])

    def test_a_function_that_runs_on_past_the_goodbye_stands_still(self):
        for part in ("provider", "tool", "filter", "analyzer", "unraisablehook", "log", "token counter"):
            with self.subTest(part):
                tries = 0
                while "late" not in self.ends_well(SLEEPING, part, times=3):
                    tries += 1
                    self.assertLess(tries, 5, "its thread never came")

    def test_a_wait_that_nobody_ends_does_not_abort_it_either(self):
        tries = 0
        while "late" not in self.ends_well(LATE, times=3):
            tries += 1
            self.assertLess(tries, 5, "its thread never came")


if __name__ == "__main__":
    unittest.main()

"""With memory: and script: there is no network call at all, and no file is opened once the engine stands."""
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77


def traced(program):
    """The system calls of a run, one a line, in order."""
    with tempfile.NamedTemporaryFile("r", suffix=".trace") as out:
        command = ["strace", "-f", "-qq", "-o", out.name, "-e", "trace=%network,open,openat,openat2,creat,write", program]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if "ptrace" in done.stderr and done.returncode != 0:
            print("skipped: this system does not let strace look: " + done.stderr.strip())
            sys.exit(SKIPPED)
        assert done.returncode == 0, (done.returncode, done.stderr)
        return [re.sub(r"^\d+\s+", "", line) for line in out.read().splitlines()]


def main():
    if not shutil.which("strace"):
        print("skipped: strace is not installed")
        sys.exit(SKIPPED)
    calls = traced(sys.argv[1])
    start = next(i for i, call in enumerate(calls) if call.startswith("write(") and "the engine stands" in call)
    end = next(i for i, call in enumerate(calls) if call.startswith("write(") and "is over" in call)
    assert start < end
    opened = [call for call in calls[start:end] if call.startswith(("open", "creat"))]
    assert not opened, opened
    network = [call for call in calls[:end] if not call.startswith(("open", "creat", "write", "---", "+++"))]
    assert not network, network
    # The trace must have seen something: the loader opens libraries before main().
    assert any(call.startswith("openat(") for call in calls[:start]), calls[:5]


main()

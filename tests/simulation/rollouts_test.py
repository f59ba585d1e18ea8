"""One worker and two give the same hash over every event; another seed gives another."""
import json
import subprocess
import sys


def run(program, workers, seed):
    command = [program, "--sessions", "120", "--turns", "4", "--workers", str(workers), "--seed", str(seed)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    one, two, other = run(sys.argv[1], 1, 7), run(sys.argv[1], 2, 7), run(sys.argv[1], 2, 8)
    assert one["turns"] == 480, one
    assert one["sha256"] == two["sha256"], (one, two)
    assert one["sha256"] != other["sha256"], other


main()

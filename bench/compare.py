#!/usr/bin/env python3
"""Runs scena_streams beside the bare client of the peers' harness and prints ratios.

Clients take turns within a round, the mock server sits on one core and the client on another, and
every ratio is taken inside one round; what is printed is the median over the rounds, with the
smallest and the largest. CPU time counts, not wall time, so a busy machine blurs the figures but
does not turn them around.

    compare.py --mock PATH --bare PATH --streams PATH [--parts w1,w2,paced,rss] [--rounds 5]
               [--modes transport,session,sqlite] [--paced-streams 1000] [--json]

`--mock` and `--bare` are mockllm and client_bare of the harness, compiled as its script does it.
"""
import argparse
import json
import statistics
import subprocess
import sys
import time
import urllib.request

PARTS = {
    "w1": ["--workload", "w1", "--streams", "1", "--tokens", "20000", "--warm", "1"],
    "w2": ["--workload", "w2", "--streams", "200", "--tokens", "500", "--warm", "1"],
    "paced": ["--workload", "w3", "--tokens", "100", "--rate", "50", "--secs", "4"],
    "rss": ["--workload", "w3", "--streams", "500", "--tokens", "15", "--rate", "5", "--secs", "3"],
}
# Replies a stream that count, as the harness has them (EXTRA_W1 is 10 there: too short to time).
REPS = {("w1", "bare"): 100, ("w1", "ours"): 30, ("w2", "bare"): 20, ("w2", "ours"): 2}


def pinned(cpu, command):
    return ["taskset", "-c", str(cpu), *command]


def expected_bytes(port, tokens):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/expected?t={tokens}", timeout=10) as answer:
        return json.load(answer)["bytes"]


def run(args, part, client):
    """One fresh process; returns its JSON line."""
    bare = client == "bare"
    command = [args.bare, "--mode", "simdjson"] if bare else [args.streams, "--mode", client]
    command += ["--port", str(args.port), *PARTS[part]]
    if part == "paced":
        command += ["--streams", str(args.paced_streams)]
    if part in ("w1", "w2"):
        command += ["--reps", str(REPS[part, "bare" if bare else "ours"])]
    done = subprocess.run(pinned(args.client_cpu, command), capture_output=True, text=True, timeout=180)
    if done.returncode != 0:
        sys.exit(f"{client} {part}: exit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def spread(values, digits):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def check(part, client, row, want):
    if row["errors"]:
        print(f"!! {part} {client}: {row['errors']} errors", file=sys.stderr)
    if part in ("w1", "w2") and row["bytes"] != want * row["replies"]:
        print(f"!! {part} {client}: wrong text, {row['bytes'] / row['replies']} bytes a reply, not {want}", file=sys.stderr)


def report(part, rows):
    bare = rows["bare"]
    print(f"\n{part}: {len(bare)} rounds, median (smallest-largest)")
    for client, ours in rows.items():
        if part == "rss":
            print(f"  {client:10} KiB a stream {spread([r['rss_per_stream_kb'] for r in ours], 1)}")
            continue
        cost = spread([r["us_per_tok"] for r in ours], 3)
        line = f"  {client:10} us CPU a token {cost}"
        if client != "bare":
            ratios = [b["us_per_tok"] / o["us_per_tok"] for b, o in zip(bare, ours)]
            if part == "paced":
                line += f"  x bare {spread([1 / r for r in ratios], 2)}"
            else:
                line += f"  % of bare's tokens per CPU-second {spread([100 * r for r in ratios], 0)}"
        if part == "paced":
            line += f"  first token p50 ms {spread([r['ttft_p50_ms'] for r in ours], 2)}"
            line += f"  delay p99 ms {spread([r['delay_p99_ms'] for r in ours], 1)}"
            line += f"  KiB a stream {spread([r['rss_per_stream_kb'] for r in ours], 1)}"
        print(line)
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mock", required=True)
    parser.add_argument("--bare", required=True)
    parser.add_argument("--streams", required=True, help="the program scena_streams")
    parser.add_argument("--parts", default="w1,w2,paced,rss")
    parser.add_argument("--modes", default="transport,session,sqlite")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--paced-streams", type=int, default=1000)
    parser.add_argument("--port", type=int, default=18080)
    parser.add_argument("--server-cpu", type=int, default=0)
    parser.add_argument("--client-cpu", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print every run's line too")
    args = parser.parse_args()
    mock = subprocess.Popen(pinned(args.server_cpu, [args.mock, "--port", str(args.port)]),
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                want = {"w1": expected_bytes(args.port, 20000), "w2": expected_bytes(args.port, 500)}
                break
            except OSError:
                time.sleep(0.05)
        else:
            sys.exit("the mock server did not start")
        for part in args.parts.split(","):
            rows = {client: [] for client in ["bare", *args.modes.split(",")]}
            for _ in range(args.rounds):
                for client in rows:
                    row = run(args, part, client)
                    check(part, client, row, want.get(part))
                    rows[client].append(row)
                    if args.json:
                        print(json.dumps({**row, "client": client, "part": part}))
            report(part, rows)
    finally:
        mock.terminate()
        mock.wait()


if __name__ == "__main__":
    main()

"""200 sessions of AI against AI on the virtual clock: metrics over the course of the talk, as text and as a page.

    python3 batch.py [SESSIONS] [page.html]

The same seed gives the same figures, whatever the machine. Each "# %%" begins a cell for editors with notebooks.
"""
# %%
import statistics
import sys
import time

import scena

count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
began = time.monotonic()
engine = scena.Engine(clock="virtual", seed=7, live_metrics=False)
sessions = engine.run_sessions("salary-negotiation", count, max_turns=8)

# %% One row a score, as pandas.DataFrame would take them.
rows = [row for session in sessions for row in session.metric_rows()]
by_metric: dict = {}
for row in rows:
    by_metric.setdefault((row["metric"], row["speaker"]), []).append(row["value"])

print(f"{count} sessions, {len(rows)} scores, {time.monotonic() - began:.1f} s")
print(f"{'metric':<14}{'speaker':<14}{'mean':>8}{'spread':>8}  from 0 to 1")
for (metric, speaker), values in sorted(by_metric.items()):
    mean = statistics.mean(values)
    bar = "#" * round(max(mean, 0) * 30)
    print(f"{metric:<14}{speaker:<14}{mean:>8.3f}{statistics.pstdev(values):>8.3f}  {bar}")

# %% How sentiment moves in the course of the talk, over all sessions.
places: dict = {}
for session in sessions:
    for place, row in enumerate(session.rows()):
        if "sentiment" in row:
            places.setdefault(place, []).append(row["sentiment"])
print("\nsentiment by message")
for place, values in sorted(places.items()):
    mean = statistics.mean(values)
    print(f"{place + 1:>3} {mean:>7.3f} {' ' * round((min(mean, 0) + 1) * 20)}{'#' * round(abs(mean) * 20)}")

# %% In a notebook the name of a session alone shows this page.
if len(sys.argv) > 2:
    with open(sys.argv[2], "w", encoding="utf-8") as page:
        page.write("<!doctype html><meta charset='utf-8'>" + sessions[0]._repr_html_())

engine.close()

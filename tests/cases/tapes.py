#!/usr/bin/env python3
"""A tape of one language is replayed in all of them: equal bytes of events.

    tapes.py COMMAND -- COMMAND ...   the ways in, each a runner of cases that takes --record FILE

Records a conversation with a service in another process, over TCP and cut anywhere, by the Python package (PYTHONPATH).
Then every way in replays it as a case, at three speeds, without the service: they must show the same bytes at each speed,
and but for times and ids those that were recorded.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import scena

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from chat_service import ChatService, WORDS  # noqa: E402

SAID = ["Please whole", "Please cut", "Please reset", "Please busy"]
SPEEDS = (1, 1000, 0)


def preset(url):
    people = [{"id": "host", "name": "Host"}, {"id": "guest", "name": "Guest", "played_by": "human"}]
    return {"id": "room", "title": "Room", "characters": people, "model": {"provider": f"openai:m@{url}"}}


def record(url, tape):
    """What a viewer saw, as lines."""
    with scena.Engine(seed=7, metrics=["sentiment"], live_metrics=False, max_retries=0, tape_record=tape) as engine:
        session = engine.create_session(preset(url))
        viewer = session.events()
        for text in SAID:
            session.send(text).result()
        engine.run_until_idle()
        return [event.to_json() for event in viewer.take(10_000)]


def replay(command, case):
    ran = subprocess.run([*command, "--record", case], capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)
    if ran.returncode != 0:
        sys.exit(f"tapes: {command[-1]} failed\n{ran.stderr[-4000:]}")
    return [line for line in ran.stdout.splitlines() if line.startswith("{")]


def untimed(lines):
    """Lines without times and ids, which come of the clock."""
    return [re.sub(r'"time":\d+,|[0-9a-f]{8}-[0-9a-f-]{27}', "", line) for line in lines]


def main() -> int:
    commands = [part.split("\n") for part in "\n".join(sys.argv[1:]).split("\n--\n")]
    with tempfile.TemporaryDirectory() as folder:
        tape, case = str(pathlib.Path(folder) / "talk.tape"), str(pathlib.Path(folder) / "talk.case")
        with ChatService() as service:
            recorded = record(service.url, tape)
        assert "".join(WORDS) in "".join(recorded), "the first reply came whole"
        for speed in SPEEDS:
            config = {"tape_replay": tape, "tape_speed": speed, "max_retries": 0}
            lines = [f"# A tape at speed {speed}.", f"config {json.dumps(config)}", f"preset {json.dumps(preset(service.url))}"]
            pathlib.Path(case).write_text("\n".join([*lines, *(f"do send {text}" for text in SAID)]) + "\n", encoding="utf-8")
            shown = [replay(command, case) for command in commands]
            for command, lines in zip(commands, shown):
                if lines != shown[0]:
                    sys.exit(f"tapes: at speed {speed} {command[-1]} shows other bytes than {commands[0][-1]}")
            if untimed(shown[0]) != untimed(recorded):
                sys.exit(f"tapes: at speed {speed} the events are not those that were recorded")
    print(f"tapes: {len(commands)} ways in, {len(SPEEDS)} speeds, {len(recorded)} events, no difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())

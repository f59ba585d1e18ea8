#!/usr/bin/env python3
"""Talks to the SSE server example as a person does, in a real browser: sse_browser_test.py NODE PROGRAM."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from browser import Browser, is_there  # noqa: E402

WORDS = "One by one these words arrive, and nobody waits for the last of them."
SCRIPT = {"url": "script:", "options": {"replies": [WORDS], "delay_ms": 50, "token_ms": 40}}

# Types a line, sends it, and gives every state of the reply up to its end.
TALK = """
const done = arguments[arguments.length - 1], states = [];
const look = () => {
  const reply = document.querySelector('#talk .mine + .theirs');
  if (!reply) return;
  if (states[states.length - 1] !== reply.textContent) states.push(reply.textContent);
  if (!reply.dataset.outcome) return;
  watching.disconnect();
  done({states, outcome: reply.dataset.outcome, mine: document.querySelector('#talk .mine').textContent,
        paragraphs: document.querySelectorAll('#talk p').length});
};
const watching = new MutationObserver(look);
watching.observe(document.getElementById('talk'), {subtree: true, childList: true, characterData: true, attributes: true});
document.getElementById('line').value = arguments[0];
document.querySelector('#say button').click();
"""
LISTENS = """
const done = arguments[arguments.length - 1], look = () => document.body.dataset.session && done(document.body.dataset.session);
new MutationObserver(look).observe(document.body, {attributes: true});
look();
"""


def look(browser: Browser, url: str) -> None:
    browser.ask("POST", browser.session + "/timeouts", {"script": 60_000})
    browser.go(url)
    assert browser.run_until(LISTENS)
    line = "Good <b>morning</b> & hello"
    seen = browser.run_until(TALK, line)
    assert seen["mine"] == line, seen  # text stays text
    assert seen["outcome"] == "complete" and seen["states"][-1] == WORDS, seen
    # Token by token: the page had it in many states, each the beginning of the next.
    assert len(seen["states"]) > 8, seen
    assert all(later.startswith(earlier) for earlier, later in zip(seen["states"], seen["states"][1:])), seen
    assert seen["paragraphs"] == 3, seen  # the opening, the line, the reply: none twice
    assert browser.log("browser") == [], "the console has something to say"


# As behind a connection that was lost in the middle of a reply and came back at its end: no further delta.
FEW_DELTAS = """
const listen = EventSource.prototype.addEventListener;
let deltas = 0;
EventSource.prototype.addEventListener = function (type, use) {
  listen.call(this, type, type === 'delta' ? (event) => (deltas += 1) <= 3 && use(event) : use);
};
"""


def look_after_a_gap(browser: Browser, url: str) -> None:
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", source=FEW_DELTAS)
    browser.go(url)
    assert browser.run_until(LISTENS)
    seen = browser.run_until(TALK, "Hello")
    assert len(seen["states"]) <= 5, seen
    assert seen["outcome"] == "complete" and seen["states"][-1] == WORDS, seen


def main() -> int:
    if not is_there():
        print("chromium or chromedriver is not installed: skipped")
        return 77
    config = {"provider": "s", "providers": {"s": SCRIPT}}
    environment = {**os.environ, "PORT": "0", "SCENA_CONFIG": json.dumps(config)}
    server = subprocess.Popen(sys.argv[1:3], stdout=subprocess.PIPE, text=True, env=environment)
    try:
        url = re.search(r"http://\S+$", server.stdout.readline().strip()).group()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            browser = Browser(folder)
            try:
                browser.start()
                look(browser, url)
                look_after_a_gap(browser, url)
            finally:
                browser.close()
        server.terminate()
        assert server.wait(timeout=60) == 0, server.returncode
    finally:
        if server.poll() is None:
            server.kill()
    print("sse in a browser: sent a line, saw its reply grow")
    return 0


if __name__ == "__main__":
    sys.exit(main())

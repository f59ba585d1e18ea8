"""A real browser for tests: Chromium, driven as the WebDriver protocol says."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.request

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")


def is_there():
    return bool(CHROMIUM and DRIVER)


class Browser:
    """Chromium behind chromedriver's wire protocol; its own profile, no network of its own."""

    def __init__(self, folder):
        self.driver = subprocess.Popen([DRIVER, "--port=0", "--log-level=SEVERE"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                       start_new_session=True, text=True)
        started = next(filter(None, (re.search(r"started successfully on port (\d+)", line) for line in self.driver.stdout)))
        self.url = f"http://127.0.0.1:{started[1]}"
        self.folder = folder
        self.session = ""

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=120) as answer:
            return json.load(answer)["value"]

    def start(self):
        profile = tempfile.mkdtemp(dir=self.folder)
        arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                     "--disable-component-update", "--disable-sync", "--hide-scrollbars", f"--user-data-dir={profile}"]
        options = {"binary": CHROMIUM, "args": arguments}
        capabilities = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options,
                                        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}
        self.session = "/session/" + self.ask("POST", "/session", {"capabilities": capabilities})["sessionId"]

    def devtools(self, name, **params):
        return self.ask("POST", self.session + "/goog/cdp/execute", {"cmd": name, "params": params})

    def go(self, url):
        self.ask("POST", self.session + "/url", {"url": url})

    def run(self, script, *arguments):
        """What the script returns in the page."""
        return self.ask("POST", self.session + "/execute/sync", {"script": script, "args": arguments})

    def run_until(self, script, *arguments):
        """What the script hands to the function that is its last argument, now or later."""
        return self.ask("POST", self.session + "/execute/async", {"script": script, "args": arguments})

    def log(self, kind):
        return self.ask("POST", self.session + "/se/log", {"type": kind})

    def requests(self):
        messages = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        return [message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"]

    def close(self):
        try:
            if self.session:
                self.ask("DELETE", self.session)
        finally:
            os.killpg(self.driver.pid, signal.SIGTERM)
            self.driver.wait(30)

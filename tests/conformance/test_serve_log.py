"""torture-*, store-check and serve-log of scena_conformance."""

import concurrent.futures
import json
import os
import subprocess
import tempfile
import unittest
import urllib.request

from support import CONFORMANCE, run


class Server:
    """serve-log as a child process."""

    def __init__(self, folder):
        self.process = subprocess.Popen([CONFORMANCE, "serve-log", folder, "--port", "0"],
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def get(self, path, body=None):
        data = None if body is None else body.encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", data, timeout=20) as answer:
            return answer.read().decode()

    def log(self, session):
        return [json.loads(line) for line in self.get(f"/log/{session}").splitlines()]

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class ServeLog(unittest.TestCase):
    def test_what_was_acknowledged_is_there_after_kill_9(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(folder)
            self.assertEqual(server.get("/ready"), "ready")
            acknowledged = {}
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                jobs = {pool.submit(server.get, f"/append/s{i % 4}", f"text {i} \u00e4"): i for i in range(80)}
                for job, i in jobs.items():
                    acknowledged[f"s{i % 4}", int(job.result())] = f"text {i} \u00e4"
            self.assertEqual(len(acknowledged), 80)
            server.kill()
            server = Server(folder)
            stored = {}
            for session in ("s0", "s1", "s2", "s3"):
                lines = server.log(session)
                numbers = [line["seq"] for line in lines]
                self.assertEqual(numbers, sorted(set(numbers)))
                stored |= {(session, line["seq"]): line["text"] for line in lines}
            server.kill()
            self.assertEqual(stored, acknowledged)

    def test_an_empty_text_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(folder)
            try:
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    server.get("/append/a", "")
                refused.exception.close()
                self.assertEqual(refused.exception.code, 503)
                self.assertEqual(server.log("a"), [])
            finally:
                server.kill()


class Torture(unittest.TestCase):
    def test_a_session_from_open_to_close_without_faults(self):
        self.assertEqual(run("torture-turn"), (0, []))

    def test_the_same_with_a_store_that_is_whole_afterwards(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(run("torture-store", "", folder), (0, []))
            self.assertEqual(run("store-check", "", folder), (0, []))

    def test_a_damaged_store_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            run("torture-store", "", folder)
            path = os.path.join(folder, "scena.db")
            with open(path, "r+b") as file:
                file.seek(100)
                file.write(b"\xff" * (os.path.getsize(path) - 100))
            self.assertEqual(run("store-check", "", folder)[0], 1)

    def test_a_folder_where_no_store_came_to_be_is_whole_and_one_that_is_missing_is_not(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(run("store-check", "", folder)[0], 0)
            self.assertEqual(run("store-check", "", os.path.join(folder, "none"))[0], 1)
            self.assertFalse(os.path.exists(os.path.join(folder, "none")))


if __name__ == "__main__":
    unittest.main()

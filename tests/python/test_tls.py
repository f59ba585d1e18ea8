"""TLS inside the interpreter's process: the engine's own library serves it, whatever the interpreter brings."""
import os
import pathlib
import sys
import unittest

import scena

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from tls_service import REPLY, TlsService  # noqa: E402


class Tls(unittest.TestCase):
    def talk(self, service, **options):
        provider = {"url": "openai:m", "base_url": service.url, "api_key": "k"}
        with scena.Engine(provider="sealed", providers={"sealed": provider}, **options) as engine:
            return engine.create_session("job-interview").send("Hello").result()

    def test_a_session_over_tls(self):
        with TlsService() as service:
            turn = self.talk(service, http={"ca_file": service.certificate})
            self.assertEqual((turn.outcome, turn.text), ("complete", REPLY))

    def test_an_unknown_certificate_is_refused(self):
        with TlsService() as service:
            turn = self.talk(service)
            self.assertEqual((turn.outcome, turn.text), ("failed", ""))

    def test_which_library_serves_it(self):
        with scena.Engine() as engine:
            self.assertEqual(engine.capabilities()["tls_library"], "OpenSSL " + os.environ["SCENA_OPENSSL_VERSION"])


if __name__ == "__main__":
    unittest.main()

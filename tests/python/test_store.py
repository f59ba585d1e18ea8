"""What an engine stores over Python: sessions, presets, rights, pages of lists and money."""
import decimal
import json
import pathlib
import tempfile
import types
import unittest
import unittest.mock

import scena
from support import engine


class Store(unittest.TestCase):
    def test_a_damaged_store_is_told_when_it_is_asked_for(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "talks.db"
            options = {"storage": f"sqlite:{path}", "storage_thread": "off"}
            with engine("Hi.", **options) as e:
                session = e.create_session("job-interview")
                for _ in range(20):
                    session.send("x" * 2000).result()
            whole = path.read_bytes()
            path.write_bytes(whole[:-24576] + b"\xee" * 24576)
            with engine("Hi.", seed=8, **options) as e:
                with self.assertRaises(scena.StorageCorruptError):
                    e.check_storage()

    def test_sessions_stay_in_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:{folder}/talks.db"
            with engine("Hi.", storage=url, storage_thread="off") as e:
                first = e.create_session("job-interview", owner="ann")
                first.send("Hello").result()
                e.backup(pathlib.Path(folder) / "copy.db")
                with self.assertRaises(scena.AlreadyExistsError):
                    e.backup(f"{folder}/copy.db")
                e.check_storage()
            with engine("Hi.", storage=url, storage_thread="off", seed=8) as e:
                self.assertEqual(e.session(first.id).messages()[-1].text, "Hi.")
                for _ in range(3):
                    e.create_session("job-interview").start().result()
                page, after = e.sessions(limit=3)
                self.assertEqual((len(page), bool(after)), (3, True))
                page, after = e.sessions(limit=3, after=after)
                self.assertEqual((len(page), after), (1, ""))
                with self.assertRaises(scena.InvalidArgumentError):
                    e.sessions(state="asleep")

    def test_presets_are_stored_seeded_and_removed(self):
        with engine("Hi.") as e:
            preset = e.preset("job-interview")
            preset["id"], preset["title"] = "mine", "Mine"
            e.put_preset(preset)
            self.assertIn("mine", [one.id for one in e.presets()])
            self.assertEqual(e.create_session("mine").start().result().title, "Mine")
            self.assertGreater(e.seed_presets(), 0)
            self.assertEqual(e.seed_presets(), 0)
            e.remove_preset("mine")
            with self.assertRaises(scena.NotFoundError):
                e.preset("mine")

    def test_a_preset_is_checked_without_an_engine_and_every_fault_is_named_at_once(self):
        faulty = {"id": 1, "characters": [{"id": "a"}]}
        faults = scena.check_preset(faulty)
        self.assertEqual(faults, scena.check_preset(json.dumps(faulty)))
        self.assertEqual([one.pointer for one in faults if one.pointer in ("/id", "/title")], ["/id", "/title"])
        for fault in faults:
            self.assertTrue(fault.message)
            self.assertIsInstance(fault.example, str)
        self.assertEqual(len(scena.check_preset("{")), 1)
        with engine("Hi.") as e:
            self.assertEqual(scena.check_preset(e.preset("job-interview")), [])

    def test_rights_of_a_principal(self):
        with engine("Hi.") as e:
            ann = e.as_principal(subject="ann")
            e.create_session("job-interview", owner="bob").start().result()
            mine = ann.create_session("job-interview", owner="ann")
            mine.start().result()
            self.assertEqual([one.id for one in ann.sessions()[0]], [mine.id])
            with self.assertRaises(scena.PermissionDeniedError):
                ann.seed_presets()
            ann.close()
            self.assertEqual(mine.info().state, "active")
            self.assertEqual([one.id for one in e.as_principal(scena.Principal("ann")).sessions()[0]], [mine.id])
            with self.assertRaisesRegex(scena.InvalidArgumentError, "^principal: .* not both"):
                e.as_principal(scena.Principal("ann"), tenant="elsewhere")

    def test_lists_are_read_to_their_last_page(self):
        with engine("Hi.") as e:
            preset = e.preset("job-interview")
            for i in range(60):
                e.put_preset({**preset, "id": f"mine-{i:02}", "category": "mine"})
            self.assertEqual((len(e.presets(category="mine", limit=0)), len(e.presets(category="mine"))), (50, 60))
            for _ in range(3):
                e.create_session("job-interview").start().result()
            whole = [e.presets(), e.session_rows()]
            core = e._core
            paged = types.SimpleNamespace(presets=lambda category, after, limit: core.presets(category, after, 7),
                                          sessions=lambda after, limit, state: core.sessions(after, 2, state))
            with unittest.mock.patch.object(e, "_core", paged):
                short = [e.presets(), e.session_rows()]
            self.assertEqual(short, whole)
            self.assertEqual([len(e.sessions(state=one)[0]) for one in ("active", "paused")], [3, 0])

    def test_money_is_exact(self):
        with engine("Fine.", prices={"*": {"input": "1", "output": "2.5"}}) as e:
            session = e.create_session("job-interview")
            result = session.send("Hello").result()
            self.assertEqual(result.cost, (decimal.Decimal(result.usage.input_tokens)
                                           + decimal.Decimal("2.5") * result.usage.output_tokens) / 1_000_000)
            (row,) = e.costs(by=["preset"])
            self.assertEqual(e.costs(by="preset"), [row])  # one key, not its letters
            self.assertEqual(e.costs(by=(key for key in ["preset"])), [row])
            for wrong in (5, None):
                with self.assertRaisesRegex(scena.InvalidArgumentError, "^by: must be a str, or a list of them, not "):
                    e.costs(by=wrong)
            self.assertEqual((row.group, row.calls, row.cost), (("job-interview",), 1, result.cost))
            e.set_prices({"*": {"input": "0", "output": "0"}})
            self.assertEqual(session.send("Again").result().cost, 0)
            e.update_policy({"cache": {"max_bytes": 1000000}})
            self.assertEqual(e.cache_figures(), {})
            health = e.service_health()["model"]
            self.assertEqual((health.breaker, health.wait, health.answered, health.failed), ("closed", 0.0, 2, 0))
            with self.assertRaises(scena.InvalidArgumentError):
                e.costs(by=["colour"])


if __name__ == "__main__":
    unittest.main()

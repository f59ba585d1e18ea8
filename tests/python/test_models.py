"""Calls of models outside of sessions, lists of presets, and numbers that are out of range."""
import asyncio
import datetime
import decimal
import types
import unittest
import unittest.mock

import scena
from support import engine


class Asked:
    """A provider that keeps what it was asked."""

    def __init__(self, *pieces):
        self.pieces = pieces
        self.requests = []

    def reply(self, request):
        self.requests.append(request)
        return list(self.pieces)


@scena.tool
def weather(city: str) -> str:
    "The weather of a city."
    return "18 degrees"


class Completions(unittest.TestCase):
    def test_tools_are_offered_and_their_results_go_back(self):
        own = Asked("Let me look.", scena.ToolCall("weather", {"city": "Oslo"}, "c1"))
        with engine(providers={"own": own}) as e:
            asked = e.complete("How is the weather?", provider="own", tools=[weather], tool_choice="weather").result()
            (call,) = asked.tool_calls
            self.assertEqual((call.id, call.name, call.arguments, asked.finish_reason),
                             ("c1", "weather", '{"city": "Oslo"}', "tool_calls"))
            (offered,) = own.requests[0].raw["tools"]
            self.assertEqual((offered["name"], offered["description"]), ("weather", "The weather of a city."))
            self.assertEqual(own.requests[0].raw["tool_choice_name"], "weather")
            e.complete(
                [
                    ("user", "How is the weather?"),
                    {"role": "assistant", "text": asked.text, "tool_calls": asked.tool_calls, "state": asked.state},
                    {"role": "tool", "name": "weather", "text": "no station", "tool_call_id": "c1", "tool_failed": True},
                    {"role": "assistant", "tool_calls": [{"id": "c2", "name": "weather", "arguments": {"city": "Rom"}}]},
                ],
                provider="own",
            ).result()
            said = own.requests[1].raw["messages"]
            self.assertEqual([one["role"] for one in said], ["user", "assistant", "tool", "assistant"])
            self.assertEqual((said[1]["tool_calls"][0]["id"], said[2]["tool_call_id"], said[2]["tool_failed"]), ("c1", "c1", True))
            self.assertIn("Rom", str(said[3]["tool_calls"][0]))

    def test_what_a_call_says_comes_to_the_model(self):
        def clock():
            "The time."

        said = {"model": "m", "system": "Be brief.", "temperature": 0.5, "max_tokens": 9, "seed": 3}
        own = Asked("{}")
        with engine(providers={"own": own}) as e:
            e.complete(iter([("user", "Hello")]), provider="own", json_schema={"type": "object"}, **said).result()
            e.complete("Hello", provider="own", tools=[clock], tool_choice="none").result()
            e.complete([{"role": "user", "text": "Hello", "name": "Ann"}], provider="own", tools=[clock]).result()
        self.assertEqual([own.requests[i].messages[0].name for i in (0, 2)], ["", "Ann"])
        first, none, plain = [one.raw for one in own.requests]
        self.assertEqual({name: first[name] for name in said}, said)
        self.assertEqual((first["json_schema"], first["messages"]), ('{"type": "object"}', [{"role": "user", "text": "Hello"}]))
        self.assertEqual(set(first) & {"tools", "tool_choice"}, set())
        self.assertEqual([one["name"] for one in none["tools"]], ["clock"])
        self.assertNotEqual(none, plain)

    def test_services_and_prices_are_changed_while_the_engine_runs(self):
        with engine(providers={"own": Asked("Fine.")}) as e:
            with self.assertRaisesRegex(scena.InvalidArgumentError, "written in Python"):
                e.set_providers({"other": Asked("x")})
            e.set_providers({"model": "script:", "later": "script:"})
            self.assertEqual(e.complete("Hello", provider="later").result().outcome, "complete")
            self.assertEqual(e.complete("Hello", provider="own").result().text, "Fine.")
            for change in (e.set_providers, e.set_prices, e.set_models, e.update_policy):
                with self.subTest(change.__name__), self.assertRaises(scena.InvalidArgumentError):
                    change({"x": {"colour": 1}})

    def test_the_cache_tells_what_it_did(self):
        policy = {"cache": {"max_bytes": 1_000_000, "ttl_ms": 3_600_000}}
        with engine(prices={"*": {"input": "1", "output": "1"}}, policy=policy, providers={"own": Asked("Fine.", scena.Counted(100, 10))}, provider="own") as e:
            for _ in range(2):
                e.create_session("job-interview", seed=1).send("Hello", model="m").result()
            ((model, figures),) = e.cache_figures().items()
            self.assertEqual((model, figures.hits, figures.misses), ("m", 1, 1))
            self.assertEqual(figures.saved, e.costs()[0].cost)
            self.assertIsInstance(figures.saved, decimal.Decimal)

    def test_the_ledger_is_narrowed_to_what_is_asked_for(self):
        with engine("Fine.", providers={"own": Asked("Fine.")}) as e:
            ann = e.create_session("job-interview", owner="ann")
            ann.send("Hello").result()
            e.create_session("angry-customer", owner="bob", provider="own", model="m9").send("Hello").result()
            day = e.now.date()
            only = {"session": ann.id, "user": "ann", "provider": "script", "model": "script", "preset": "job-interview"}
            for name, value in only.items():
                self.assertEqual([row.group for row in e.costs(by="user", **{name: value})], [("ann",)], name)
            for days, calls in (({"first_day": day}, 2), ({"last_day": day}, 2), ({"first_day": day + datetime.timedelta(1)}, 0),
                                ({"last_day": day - datetime.timedelta(1)}, 0)):
                found = e.costs(**{name: str(one) for name, one in days.items()})
                self.assertEqual(sum(row.calls for row in found), calls, days)

    def test_what_a_callback_raises_goes_to_the_hook_and_the_call_goes_on(self):
        raised = []

        def broken(_):
            raise LookupError("no ears")

        with unittest.mock.patch("sys.unraisablehook", lambda args: raised.append(args.exc_type)):
            with engine(providers={"own": Asked(scena.Reasoning("Hm."), "Fine.")}) as e:
                answer = e.complete("Hello", provider="own", on_text=broken, on_reasoning=broken).result()
            self.assertEqual((answer.outcome, answer.text, raised), ("complete", "Fine.", [LookupError] * 2))
            with engine("Fine.", log=broken, log_level="trace") as e:
                self.assertEqual(e.create_session("job-interview").send("Hello").result().text, "Fine.")
        self.assertEqual(set(raised), {LookupError})
        self.assertGreater(len(raised), 2)

    def test_a_message_with_an_unknown_member_or_role_is_refused(self):
        with engine("Fine.") as e:
            for wrong in ({"role": "user", "txt": "Hello"}, {"role": "captain", "text": "Hello"}):
                with self.assertRaisesRegex(scena.InvalidArgumentError, "messages: a"):
                    e.complete([wrong], provider="model")

    def test_the_text_is_heard_while_it_comes(self):
        own = Asked(scena.Reasoning("Hm."), "One ", "two.")
        for options in ({}, {"clock": "real"}, {"clock": "real", "threads": 1}):
            pieces, thoughts = [], []
            with engine(providers={"own": own}, **options) as e:
                answer = e.complete("Hello", provider="own", on_text=pieces.append, on_reasoning=thoughts.append).result()
            self.assertEqual(("".join(pieces), "".join(thoughts), answer.text), ("One two.", "Hm.", "One two."))

    def test_a_call_can_be_cancelled(self):
        class Endless:
            async def reply(self, request):
                yield "One"
                await asyncio.Event().wait()

        with engine(clock="real", providers={"own": Endless()}) as e:
            call = e.complete("Hello", provider="own", on_text=lambda _: call.cancel())
            answer = call.result(timeout=30)
            self.assertEqual((answer.outcome, answer.text), ("cancelled", "One"))
            call.cancel()  # does nothing any more

            async def cancelled():
                call = e.complete("Hello", provider="own")
                asyncio.get_running_loop().call_soon(call.cancel)
                return await call

            self.assertEqual(asyncio.run(cancelled()).outcome, "cancelled")

    def test_no_services_are_services_too(self):
        script = {"url": "script:", "options": {"replies": ["Yes."]}}
        with scena.Engine(clock="virtual", seed=7, provider="script:", providers={"model": script}) as e:
            self.assertEqual(e.complete("Hello", provider="model").result().text, "Yes.")
            e.set_prices({})
            e.set_providers({})
            with self.assertRaises(scena.InvalidArgumentError):
                e.complete("Hello", provider="model").result()
        with scena.Engine(clock="virtual", seed=7, provider="model", providers={"model": script}) as e:
            with self.assertRaisesRegex(scena.InvalidArgumentError, '"model"'):
                e.set_providers({})  # which leaves nobody to answer

    def test_vectors_have_a_purpose_and_dimensions(self):
        asked = []

        class Own:
            def embed(self, texts, model, purpose, dimensions):
                asked.append((model, purpose, dimensions))
                return [[1.0] * (dimensions or 3) for _ in texts]

        with engine(embedders={"own": Own()}) as e:
            found = e.embed(["a"], provider="own", model="m", purpose="query", dimensions=2).result()
            self.assertEqual(len(found.vectors[0]), 2)
            e.embed(["a"], provider="own").result()
            with self.assertRaisesRegex(scena.InvalidArgumentError, "purpose: "):
                e.embed(["a"], provider="own", purpose="fun")
        self.assertEqual(asked, [("m", "query", 2), ("", "document", None)])


class Presets(unittest.TestCase):
    def test_presets_come_in_pages_and_by_category(self):
        with engine() as e:
            every = e.presets()
            self.assertGreater(len(every), 3)
            pages, after = [], ""
            while page := e.presets(after=after, limit=2):
                self.assertLessEqual(len(page), 2)
                pages += page
                after = page[-1].id
            self.assertEqual(pages, every)
            kind = every[0].category
            self.assertEqual(e.presets(category=kind), [one for one in every if one.category == kind])
            self.assertEqual(e.presets(category="none such"), [])
            for limit in (-1, 1001, 2**70):
                for page in (e.presets, e.sessions, e.jobs):
                    with self.subTest(page.__name__, limit=limit):
                        with self.assertRaisesRegex(scena.InvalidArgumentError, "^limit: (must be 0 to|at most) 1000") as caught:
                            page(limit=limit)
                        self.assertEqual(caught.exception.pointer, "/limit")


class Numbers(unittest.TestCase):
    def test_what_is_out_of_range_is_named(self):
        with engine("Fine.") as e:
            session = e.create_session("job-interview")
            nan = float("nan")
            for field, call in [
                ("max_events", lambda: session.events(max_events=-1)),
                ("max_bytes", lambda: session.events(max_bytes=2**70)),
                ("most", lambda: session.events().take(-1)),
                ("limit", lambda: e.sessions(limit=-1)),
                ("limit", lambda: e.jobs(limit=-1)),
                ("after", lambda: e.jobs(after=-1)),
                ("max_turns", lambda: session.run(max_turns=-1)),
                ("seed", lambda: e.create_session("job-interview", seed=-1)),
                ("max_tokens", lambda: e.complete("Hello", provider="model", max_tokens=2**70)),
                ("dimensions", lambda: e.embed(["a"], dimensions=-1)),
                ("priority", lambda: e.enqueue_job("mail", "x", priority=2**40)),
                ("max_result_bytes", lambda: scena.Engine(tools=[scena.tool(max_result_bytes=-1)(lambda: 0)])),
                ("parallel", lambda: scena.Engine(job_handlers={"mail": scena.JobHandler(print, parallel=-1)})),
                ("workers", lambda: scena.run_batch({"presets": ["job-interview"]}, workers=-1)),
                ("step", lambda: e.advance(1e30)),
                ("step", lambda: e.advance(nan)),
                ("step", lambda: e.advance(-1)),
                ("budget", lambda: e.poll(nan)),
                ("budget", lambda: e.poll(float("inf"))),
                ("timeout", lambda: session.start().result(timeout=nan)),
                ("deadline", lambda: session.send("Hello", deadline=nan)),
                ("delay", lambda: e.enqueue_job("mail", "x", delay=nan)),
            ]:
                with self.subTest(field), self.assertRaisesRegex(ValueError, f"^{field}: "):
                    call()
            for field, call in [
                ("max_events", lambda: session.events(max_events="1")),
            ]:
                with self.subTest(field), self.assertRaisesRegex(TypeError, field):
                    call()

    def test_what_must_be_a_dict_is_told_by_its_name(self):
        with engine("Fine.") as e:
            session = e.create_session("job-interview", variables=types.MappingProxyType({}), labels={"team": "red"})
            for field in ("variables", "labels", "played_by"):
                for wrong in (5, "team", ["team"], [("team", "red")]):
                    with self.assertRaisesRegex(scena.InvalidArgumentError, f"^{field}: must be a dict, of names and values, not "):
                        e.create_session("job-interview", **{field: wrong})
            with self.assertRaisesRegex(scena.InvalidArgumentError, "^labels: must be a dict"):
                session.update(labels="red")
            self.assertEqual(session.update(labels={"team": None}).result().labels, {})

    def test_a_time_is_seconds_or_a_timedelta_and_not_below_zero(self):
        with engine("Fine.", job_handlers={"mail": lambda job: None}) as e:
            session = e.create_session("job-interview")
            turn, view = session.send("Hello"), session.events()
            turn.result()
            message = session.messages()[-2].id
            pending = session.undo()
            e.run_until_idle()
            takers = [
                ("deadline", lambda time: session.send("Hello", deadline=time)),
                ("deadline", lambda time: session.prompt(deadline=time)),
                ("deadline", lambda time: session.regenerate(deadline=time)),
                ("deadline", lambda time: session.continue_reply(deadline=time)),
                ("deadline", lambda time: session.edit(message, "Hi", deadline=time)),
                ("timeout", lambda time: pending.result(timeout=time)),
                ("timeout", lambda time: turn.result(timeout=time)),
                ("timeout", lambda time: turn.wait_accepted(timeout=time)),
                ("timeout", lambda time: view.next(timeout=time)),
                ("retention_ttl", lambda time: e.create_session("job-interview", retention="session", retention_ttl=time)),
                ("delay", lambda time: e.enqueue_job("mail", "anna", delay=time)),
                ("step", e.advance),
                ("budget", e.poll),
                ("time_limit", lambda time: scena.tool(time_limit=time)(lambda: "")),
                ("cache_for", lambda time: scena.tool(cache_for=time)(lambda: "")),
                ("time_limit", lambda time: scena.JobHandler(len, time_limit=time)),
                ("time_limit", lambda time: scena.EventSink(print, time_limit=time)),
                ("coroutine_timeout", lambda time: scena.Engine(coroutine_timeout=time)),
            ]
            for field, take in takers:
                for wrong in (-5, -0.001, datetime.timedelta(seconds=-1), float("nan"), "30", True, [1], 10**400):
                    with self.subTest(field, time=wrong):
                        with self.assertRaisesRegex(scena.InvalidArgumentError, f"^{field}: must be "):
                            take(wrong)
            for field, take in takers[:5]:
                for none in (0, 0.0, datetime.timedelta()):
                    with self.subTest(field, time=none), self.assertRaisesRegex(scena.InvalidArgumentError, "^deadline: must be above 0"):
                        take(none)  # it would not be the preset's own, but over at once
            for right in (1, 0.5, datetime.timedelta(seconds=1), decimal.Decimal("0.5")):
                self.assertEqual(session.send("Hello", deadline=right, reply=False).result().outcome, "complete")


if __name__ == "__main__":
    unittest.main()

"""Tools written in Python, and their approval."""
import asyncio
import json
import unittest
from typing import Optional

import scena
from support import ASKS, TELLS, Raised, answer_with, engine


class Tools(Raised):
    def test_a_tool_gets_its_arguments_and_its_request(self):
        seen = []

        @scena.tool(everywhere=True)
        def weather(city: str, request: scena.ToolRequest):
            seen.append((city, request.character))
            return {"degrees": 18}

        text, uses = answer_with(weather)
        self.assertIn('{"degrees": 18}', text)
        self.assertEqual(seen, [("Oslo", "interviewer")])
        self.assertEqual((uses[0].name, uses[0].failed), ("weather", False))

    def test_the_schema_comes_from_the_annotations(self):
        @scena.tool
        def book(city: str, nights: int = 1, tags: "list[str]" = ()):
            "Books a room."

        self.assertEqual(book.description, "Books a room.")
        self.assertEqual(book.parameters, '{"type": "object", "properties": {"city": {"type": "string"}, "nights": '
                         '{"type": "integer"}, "tags": {"type": "array"}}, "required": ["city"]}')
        with self.assertRaises(TypeError):
            scena.tool(lambda *many: 0)

    def test_a_union_lets_each_of_its_types_through(self):
        class Place:
            pass

        @scena.tool
        def find(tags: "list[str] | None", sizes: "dict[str, int] | str", near: "Place | list[str]", first: Optional[int],
                 both: "Union[int, str]", limit: int = None, anything: "Any" = 1, at: Place = 2):
            pass

        @scena.tool
        def unknown(place: "Nowhere", tags: "list[str] | None", sizes: "Optional[dict[str, int]]", names: "typing.List[str]"):
            pass

        types = {name: one.get("type") for name, one in json.loads(find.parameters)["properties"].items()}
        self.assertEqual(types, {"tags": ["array", "null"], "sizes": ["object", "string"], "near": None, "first": ["integer", "null"],
                                 "both": ["integer", "string"], "limit": ["integer", "null"], "anything": None, "at": None})
        types = {name: one.get("type") for name, one in json.loads(unknown.parameters)["properties"].items()}
        self.assertEqual(types, {"place": None, "tags": ["array", "null"], "sizes": ["object", "null"], "names": "array"})

    def test_a_whole_number_comes_as_an_int_where_one_is_asked_for(self):
        seen = []

        @scena.tool(everywhere=True)
        def weather(city: str, days: int, hours: "int | None", degrees: float, rest: "int | float", plain=None):
            seen.append([days, hours, degrees, rest, plain])
            return "18"

        given = {"city": "Oslo", "days": 1.0, "hours": 2.0, "degrees": 3.0, "rest": 4.0, "plain": 5.0}
        asks = {**ASKS, "tools": [{"name": "weather", "arguments": given}]}
        with engine(asks, TELLS, tools=[weather]) as e:
            e.create_session("job-interview").send("How is the weather?").result()
        self.assertEqual([[type(one) for one in call] for call in seen], [[int, int, float, float, float]])

    def test_what_is_given_goes_before_what_is_read_off_a_function(self):
        def look(where: "str", hard: bool = True, request=None):
            "Looks."
            return where

        read, given = scena.tool(look), scena.tool(name="see", description="", parameters={}, max_result_bytes=9, idempotent=True)(look)
        self.assertEqual((read.name, read.description, read("there")), ("look", "Looks.", "there"))
        self.assertEqual(read.parameters, '{"type": "object", "properties": {"where": {"type": "string"}, "hard": {"type": "boolean"}}, '
                         '"required": ["where"]}')
        self.assertEqual((given.name, given.description, given.parameters, given.max_result_bytes, given.idempotent), ("see", "", "", 9, True))
        self.assertEqual(scena.tool(lambda request: "").parameters, "")
        self.assertEqual((read.time_limit, read.cache_for, read.max_result_bytes, read.max_result_tokens, read.idempotent,
                          read.needs_approval, read.everywhere), (None, None, 64 << 10, 16_000, False, False, False))

    def test_a_tool_is_called_as_its_options_say(self):
        called = []

        def made(function=lambda city: called.append(city) or "18 degrees", **options):
            return scena.tool(name="weather", everywhere=True, **options)(function)

        async def never(city):
            await asyncio.Event().wait()

        self.assertIn("18 degrees", answer_with(made())[0])
        for options in ({"max_result_bytes": 3}, {"max_result_tokens": 1}):
            text, (use,) = answer_with(made(**options))
            self.assertTrue(use.failed, options)
            self.assertIn("larger than it may be", text)
        self.assertTrue(answer_with(made(never, time_limit=0.02), clock="real")[1][0].failed)
        del called[:]
        for cached in (None, 60):
            with engine(ASKS, TELLS, ASKS, TELLS, tools=[made(cache_for=cached)]) as e:
                session = e.create_session("job-interview")
                for _ in range(2):
                    session.send("How is the weather?").result()
                uses = [use.cached for message in session.messages() for use in message.tools]
            self.assertEqual((uses, len(called)), (([False, False], 2) if cached is None else ([False, True], 3)))

    def test_an_approval_is_true_itself(self):
        weather = scena.tool(name="weather", everywhere=True, needs_approval=True)(lambda city: "18 degrees")

        async def raises(request):
            raise LookupError("no desk")

        for given in (1, "", [True], None, False):
            self.assertTrue(answer_with(weather, tool_approval=lambda request: given)[1][0].failed, given)
        for options in ({}, {"clock": "real"}):
            self.assertIn("LookupError: no desk", answer_with(weather, tool_approval=raises, **options)[0])

    def test_arguments_that_break_the_schema_never_reach_the_tool(self):
        called = []

        @scena.tool(everywhere=True)
        def weather(town: str):
            called.append(town)

        text, uses = answer_with(weather)
        self.assertEqual((called, uses[0].failed), ([], True))

    def test_what_a_tool_raises_is_told_to_the_model(self):
        @scena.tool(everywhere=True)
        def weather(city):
            raise LookupError("no station there")

        text, uses = answer_with(weather)
        self.assertIn("no station there", text)
        self.assertTrue(uses[0].failed)
        self.assertEqual(self.raised, [])

    def test_a_tool_can_be_a_coroutine(self):
        @scena.tool(everywhere=True)
        async def weather(city):
            return "18 degrees"

        for options in ({}, {"clock": "real"}, {"clock": "real", "threads": 2}):
            text, uses = answer_with(weather, **options)
            self.assertIn("It has 18 degrees.", text)

    def test_approval_lets_through_or_refuses_with_a_reason(self):
        @scena.tool(everywhere=True, needs_approval=True)
        def weather(city):
            return "18 degrees"

        async def later(request):
            return request.arguments["city"] == "Oslo"

        def broken(request):
            raise ValueError("no")

        self.assertIn("18 degrees", answer_with(weather, tool_approval=lambda request: True)[0])
        self.assertIn("18 degrees", answer_with(weather, tool_approval=later)[0])
        self.assertIn("not today", answer_with(weather, tool_approval=lambda request: "not today")[0])
        self.assertNotIn("18 degrees", answer_with(weather, tool_approval=broken)[0])
        self.assertEqual(self.raised, [ValueError])


if __name__ == "__main__":
    unittest.main()

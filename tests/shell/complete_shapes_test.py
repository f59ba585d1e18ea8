"""scena complete and the shapes of answers that real services send."""

import json
import sys
import unittest

import command
from completing import ALL, EVENTS, TEXT, ShapeTest, reply
from fake_service import ANTHROPIC, COHERE, GEMINI, OLLAMA, OPENAI, RESPONSES, answer, data, line, named


class Shapes(ShapeTest):
    """What recorded answers of OpenAI-compatible services and the others hold."""

    def test_usage_is_found_wherever_it_stands(self):
        counts = {"prompt_tokens": 9, "completion_tokens": 20, "total_tokens": 29}
        text = self.choice({"content": "Hi"})
        end = self.choice({}, "stop")
        expected = {"input_tokens": 9, "output_tokens": 20}
        running = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}
        for documents in ((text, end, {"choices": [], "usage": counts}), (text, {**end, "usage": counts}),
                          (text, self.choice({"content": ""}, "stop", usage=counts), self.choice({}, None, usage=None)),
                          ({**text, "usage": running}, {**end, "usage": counts}), (text, {**end, "x_groq": {"usage": counts}}),
                          ({**text, "usage": {"prompt_tokens": 0, "completion_tokens": 0}}, end, {"choices": [], "usage": counts}),
                          ({**text, "usage": {}}, {**end, "usage": None}, {"usage": counts}),
                          (self.choice({"content": "Hi"}, "stop", usage=counts),)):
            self.told(self.chunks(*documents), usage=expected, text="Hi", finish_reason="stop")
        self.told(self.chunks(text, end), usage={"input_tokens": 0, "output_tokens": 0})

    def test_output_counts_reasoning(self):
        thought = {"candidates": [{"content": {"parts": [{"text": "Hm", "thought": True}, {"text": "Hi"}]}, "finishReason": "STOP"}],
                   "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 5, "thoughtsTokenCount": 15}}
        self.told(reply(GEMINI, data(thought)), GEMINI, text="Hi", usage={"input_tokens": 9, "output_tokens": 20})
        self.told(answer(json.dumps(thought).encode()), GEMINI, more=("--no-stream",), text="Hi",
                  usage={"input_tokens": 9, "output_tokens": 20})

    def test_what_is_billed_counts_where_nothing_else_is_counted(self):
        body = {"finish_reason": "COMPLETE", "message": {"content": [{"type": "text", "text": "Hi"}]},
                "usage": {"billed_units": {"input_tokens": 9, "output_tokens": 20}}}
        self.told(answer(json.dumps(body).encode()), COHERE, more=("--no-stream",), usage={"input_tokens": 9, "output_tokens": 20})

    def test_input_counts_what_was_cached(self):
        body = {"id": "m1", "type": "message", "role": "assistant", "model": "m", "content": [{"type": "text", "text": "Hi"}],
                "stop_reason": "end_turn", "usage": {"input_tokens": 2, "cache_creation_input_tokens": 3, "cache_read_input_tokens": 4,
                                                     "output_tokens": 20}}
        self.told(answer(json.dumps(body).encode()), ANTHROPIC, more=("--no-stream",), usage={"input_tokens": 9, "output_tokens": 20})

    def test_finish_reasons_come_in_many_ways(self):
        text = self.choice({"content": "Hi"})
        for documents, word in (((text, self.choice({}, "stop"), self.choice({}, None)), "stop"),
                                ((text, self.choice({}, "stop"), self.choice({}, "stop")), "stop"),
                                ((text, self.choice({}, "length"), self.choice({}, "")), "length"),
                                ((text, self.choice({}, "content_filter")), "content_filter"), ((text, self.choice({}, "eos")), "stop"),
                                ((text, self.choice({}, "sparkle")), "other"), ((self.choice({"content": "Hi"}, "stop"),), "stop")):
            self.told(self.chunks(*documents), text="Hi", finish_reason=word)
        self.told(self.chunks(text), kind="openai-compatible", text="Hi", finish_reason=None)
        self.told(answer(json.dumps({"choices": [{"message": {"content": "Hi"}}]}).encode()), kind="openai-compatible",
                  more=("--no-stream",), text="Hi", finish_reason=None)
        for vendor in ALL:
            for reason, word in vendor.finishes.items():
                pieces = [vendor.start(), vendor.text("Hi"), vendor.finish(reason)]
                if vendor is not RESPONSES or reason == "completed":
                    pieces.append(vendor.end())
                self.told(reply(vendor, *pieces), vendor, text="Hi", finish_reason="refusal" if reason == "refusal" else word)

    def test_a_failure_as_the_finish_word_is_told(self):
        said, _ = self.ask(OPENAI, self.chunks(self.choice({"content": "Hi"}), self.choice({}, "error")))
        self.assertEqual((said["error"]["kind"], said["finish_reason"], said["text"]), ("provider", "error", "Hi"))
        said, _ = self.ask(OPENAI, self.chunks(self.choice({"content": "Hi"}), self.choice({}, "error", error={"message": "no", "code": 502})))
        self.assertEqual((said["error"]["kind"], said["error"]["message"], said["finish_reason"]), ("stream", "no", "error"))
        said, _ = self.ask(COHERE, reply(COHERE, COHERE.start(), COHERE.text("Hi"), COHERE.error("", 500)))
        self.assertEqual((said["error"]["kind"], said["finish_reason"], said["text"]), ("provider", "error", "Hi"))
        bad = GEMINI.document("Hi", 20)
        bad["candidates"][0] = {"finishReason": "MALFORMED_FUNCTION_CALL", "index": 0}
        said, _ = self.ask(GEMINI, reply(GEMINI, data(bad)))
        self.assertEqual((said["error"]["kind"], said["finish_reason"]), ("provider", "error"))

    def test_text_is_text_alone(self):
        for deltas in ([{"role": "assistant", "content": None}, {"content": "Hi"}], [{"content": [{"type": "text", "text": "Hi"}]}],
                       [{"reasoning_content": "Hm", "content": None}, {"reasoning_content": None, "content": "Hi"}],
                       [{"content": "", "reasoning": "Hm"}, {"content": "Hi"}], [{"role": "", "content": "H"}, {"content": "i"}],
                       [{"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}]}, {"content": "Hi"}]):
            self.told(self.chunks(*[self.choice(d) for d in deltas], self.choice({}, "stop")), text="Hi")
        odd = ({"choices": None}, {"choices": [{"index": 0, "delta": None, "finish_reason": None}]}, {"choices": [{"index": 0}]},
               self.choice({"content": "Hi"}), {"choices": [{"index": 1, "delta": {"content": "other"}, "finish_reason": "stop"}]},
               self.choice({}, "stop"))
        self.told(self.chunks(*odd), text="Hi", finish_reason="stop")

    def test_what_gateways_in_front_of_anthropic_leave_out_is_read(self):
        counts = {"input_tokens": 9, "output_tokens": 20}
        whole = {"id": "m1", "type": "message", "content": "Hi", "stop_reason": "end_turn", "usage": counts}
        self.told(answer(json.dumps(whole).encode()), ANTHROPIC, more=("--no-stream",), text="Hi")
        call = {"type": "tool_use", "id": "t1", "name": "weather", "input": "{\"city\":\"Rome\"}"}
        whole = {**whole, "content": [call], "stop_reason": "tool_use"}
        self.told(answer(json.dumps(whole).encode()), ANTHROPIC, more=("--no-stream",),
                  tool_calls=[{"name": "weather", "arguments": {"city": "Rome"}}])

    def test_keep_alives_of_any_kind_say_nothing(self):
        for beat in (b"event: ping\ndata: 2026-01-01T00:00:00Z\n\n", b"event: heartbeat\ndata: ok\n\n", b"data: null\n\n",
                     b"event: ping\ndata: {}\n\n"):
            for vendor in EVENTS:
                self.each([(vendor, reply(vendor, beat, vendor.start(), beat, vendor.text(TEXT), vendor.finish(), vendor.end()),
                            self.whole())])

    def test_a_last_chunk_that_repeats_the_message_adds_nothing(self):
        last = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Gr\u00fc\u00dfe \"x\""}, "finish_reason": "stop"}]}
        self.told(self.chunks(self.choice({"content": "Gr\u00fc\u00dfe "}), self.choice({"content": "\"x\""}), last, done=False),
                  text="Gr\u00fc\u00dfe \"x\"", finish_reason="stop")
        self.told(self.chunks(last, done=False), text="Gr\u00fc\u00dfe \"x\"", finish_reason="stop")

    def test_events_may_be_named_in_front_of_their_data_alone(self):
        def bare(*events):
            return b"".join(b"event: %s\ndata: %s\n\n" % (name.encode(), json.dumps(rest).encode()) for name, rest in events)
        self.told(reply(ANTHROPIC, bare(("message_start", {"message": {"id": "m1", "usage": {"input_tokens": 9}}}),
                                        ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
                                        ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": "Hi"}}),
                                        ("message_delta", {"delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 20}}),
                                        ("message_stop", {}))), ANTHROPIC, text="Hi", finish_reason="stop")
        self.told(reply(RESPONSES, bare(("response.output_text.delta", {"output_index": 0, "content_index": 0, "delta": "Hi"}),
                                        ("response.completed", {"response": {"status": "completed", "output": []}}))),
                  RESPONSES, text="Hi", finish_reason="stop")

    def test_a_nul_in_the_text_is_a_replacement_character(self):
        for vendor in ALL:
            self.told(reply(vendor, vendor.start() + vendor.text("a\0b") + vendor.text("\0") + vendor.finish() + vendor.end()), vendor, text="a\ufffdb\ufffd")
            self.told(answer(vendor.whole("a\0b"), 200), vendor, more=("--no-stream",), text="a\ufffdb")
        call = {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "now\0then", "arguments": "{\"a\":\"\0\"}"}}]}
        self.told(self.chunks(self.choice(call), self.choice({}, "tool_calls")), tool_calls=[{"name": "now\ufffdthen", "arguments": {"a": "\ufffd"}}])

    def test_calls_are_assembled(self):
        def call(**members):
            return self.choice({"tool_calls": [members]})
        paris = [{"name": "weather", "arguments": {"city": "Paris"}}]
        whole = "{\"city\": \"Paris\"}"
        first = {"id": "a", "type": "function", "function": {"name": "weather", "arguments": ""}}
        for documents in ((call(index=0, **first), call(index=0, function={"arguments": whole[:5]}), call(index=0, function={"arguments": whole[5:]})),
                          (call(index=3, **first), call(index=3, function={"arguments": whole})), (call(**first), call(function={"arguments": whole})),
                          (call(index=0, id="a", function={"name": "weather", "arguments": whole}),),
                          (call(index=0, id=7, function={"name": "weather", "arguments": {"city": "Paris"}}),)):
            for word in ("tool_calls", "stop"):
                self.told(self.chunks(*documents, self.choice({}, word)), tool_calls=paris, finish_reason="tool_calls", text="")
        self.told(self.chunks(call(index=0, id="a", function={"name": "now", "arguments": ""}), self.choice({}, "tool_calls")),
                  tool_calls=[{"name": "now", "arguments": {}}])
        now = {"name": "now", "arguments": {}}
        for arguments in ("", None, "null", "{}"):
            bare = [{"type": "function", "function": {"name": "now", "arguments": arguments}}] * 2
            document = {"choices": [{"index": 0, "message": {"role": "assistant", "content": None, "tool_calls": bare}, "finish_reason": "tool_calls"}]}
            self.told(self.chunks(self.choice({"tool_calls": bare}), self.choice({}, "tool_calls")), tool_calls=[now, now])
            self.told(answer(json.dumps(document).encode(), 200), more=("--no-stream",), tool_calls=[now, now])
        bare = [{"function": {"name": "weather", "arguments": text}} for text in (whole[:9], whole[9:])]
        self.told(self.chunks(self.choice({"tool_calls": bare}), self.choice({}, "tool_calls")), tool_calls=paris)
        self.told(self.chunks(call(index=0, **first), call(index=0, function={"arguments": whole[:9]}), self.choice({}, "length")),
                  tool_calls=[{"name": "weather", "arguments": whole[:9]}], finish_reason="length")

    def test_calls_of_every_provider_say_the_same(self):
        paris = [{"name": "weather", "arguments": {"city": "Paris"}}]
        anthropic = (named("message_start", message={"id": "m1", "role": "assistant", "model": "m", "content": [], "usage": {"input_tokens": 9, "output_tokens": 1}})
                     + named("content_block_start", index=1, content_block={"type": "tool_use", "id": "t", "name": "weather", "input": {}})
                     + named("content_block_delta", index=1, delta={"type": "input_json_delta", "partial_json": "{\"city\":"})
                     + named("content_block_delta", index=1, delta={"type": "input_json_delta", "partial_json": "\"Paris\"}"})
                     + named("content_block_stop", index=1) + ANTHROPIC.finish("tool_use") + ANTHROPIC.end())
        gemini = GEMINI.document("", 20, finishReason="STOP")
        gemini["candidates"][0]["content"]["parts"] = [{"functionCall": {"name": "weather", "args": {"city": "Paris"}}}]
        cohere = (named("message-start", id="m1", delta={"message": {"role": "assistant"}})
                  + named("tool-plan-delta", delta={"message": {"tool_plan": "I look."}})
                  + named("tool-call-start", index=0, delta={"message": {"tool_calls": {"id": "t", "type": "function", "function": {"name": "weather", "arguments": ""}}}})
                  + named("tool-call-delta", index=0, delta={"message": {"tool_calls": {"function": {"arguments": "{\"city\": \"Paris\"}"}}}})
                  + named("tool-call-end", index=0) + named("message-end", delta={"finish_reason": "TOOL_CALL", "usage": COHERE.counts}))
        ollama = OLLAMA.document("")
        ollama["message"]["tool_calls"] = [{"function": {"name": "weather", "arguments": {"city": "Paris"}}}]
        responses = (RESPONSES.start()
                     + named("response.output_item.added", output_index=1, item={"type": "function_call", "id": "f", "call_id": "t", "name": "weather", "arguments": ""})
                     + named("response.function_call_arguments.delta", item_id="f", output_index=1, delta="{\"city\": \"Paris\"}")
                     + named("response.function_call_arguments.done", item_id="f", output_index=1, arguments="{\"city\": \"Paris\"}")
                     + named("response.output_item.done", output_index=1, item={"type": "function_call", "id": "f", "call_id": "t", "name": "weather",
                                                                              "arguments": "{\"city\": \"Paris\"}", "status": "completed"})
                     + RESPONSES.end())
        for vendor, body in ((ANTHROPIC, anthropic), (GEMINI, data(gemini)), (COHERE, cohere), (OLLAMA, line(ollama) + OLLAMA.finish()),
                             (RESPONSES, responses)):
            self.told(reply(vendor, body), vendor, tool_calls=paris, finish_reason="tool_calls", text="",
                      usage={"input_tokens": 9, "output_tokens": 20})


class Odd(ShapeTest):
    """Answers that their provider's description does not have and that services and gateways send all the same."""

    COUNTS = {"input_tokens": 9, "output_tokens": 20}
    CITY = "{\"city\":\"Paris\"}"
    PARIS = {"name": "weather", "arguments": {"city": "Paris"}}
    NOTHING = {"name": "weather", "arguments": {}}

    def hi(self, vendor, *events, usage=COUNTS, text="Hi", finish_reason="stop", **members):
        self.told(reply(vendor, *events), vendor, usage=usage, text=text, finish_reason=finish_reason, **members)

    def body(self, vendor, body, usage=COUNTS, text="Hi", finish_reason="stop", **members):
        self.told(answer(json.dumps(body).encode()), vendor, more=("--no-stream",), usage=usage, text=text, finish_reason=finish_reason, **members)

    def test_counts_may_be_texts(self):
        counts = {"prompt_tokens": "9", "completion_tokens": "20", "total_tokens": "29"}
        self.hi(OPENAI, data(self.choice({"content": "Hi"}, "stop", usage=counts)), data(b"[DONE]"))
        self.body(OPENAI, {"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}], "usage": counts})
        self.told(self.chunks(self.choice({"content": "Hi"}, "stop", usage={"prompt_tokens": "nine", "completion_tokens": "-1"})),
                  usage={"input_tokens": 0, "output_tokens": 0})
        gemini = GEMINI.document("Hi", finishReason="STOP")
        gemini["usageMetadata"] = {"promptTokenCount": "9", "candidatesTokenCount": "20"}
        self.hi(GEMINI, data(gemini))
        self.body(GEMINI, gemini)
        texts = {"input_tokens": "9", "output_tokens": "20"}
        self.hi(RESPONSES, RESPONSES.start(), RESPONSES.text("Hi"),
                named("response.completed", response={**RESPONSES.response("completed"), "usage": texts}))
        self.hi(ANTHROPIC, named("message_start", message={"id": "m1", "usage": {"input_tokens": "9"}}), ANTHROPIC.text("Hi"),
                named("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": "20"}), ANTHROPIC.end())
        self.hi(COHERE, COHERE.start(), COHERE.text("Hi"), named("message-end", delta={"finish_reason": "COMPLETE", "usage": {"tokens": texts}}))
        self.body(COHERE, {"finish_reason": "COMPLETE", "message": {"content": "Hi"}, "usage": {"tokens": {"input_tokens": "9", "output_tokens": "20.0"}}})
        last = {**OLLAMA.last("", "stop"), "prompt_eval_count": "9", "eval_count": "20"}
        self.hi(OLLAMA, OLLAMA.text("Hi"), line(last))
        self.body(OLLAMA, {**last, "message": {"content": "Hi"}})

    def test_a_last_chunk_that_repeats_thoughts_too_adds_nothing(self):
        def last(**message):
            return {"choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}]}
        said = [self.choice({"content": piece}) for piece in ("<thi", "nk>Hm", "</think>\n\n", "Hi")]
        for end in (last(content="<think>Hm</think>\n\nHi"), last(content="Hi"), last(content="Hi", reasoning_content="Hm")):
            self.told(self.chunks(*said, end, done=False), kind="openai-compatible", text="Hi", finish_reason="stop")
        self.told(self.chunks(self.choice({"reasoning_content": "Hm"}), self.choice({"content": "Hi"}), last(content="<think>Hm</think>\n\nHi"),
                              done=False), kind="openai-compatible", text="Hi", finish_reason="stop")
        self.told(self.chunks(self.choice({"reasoning_content": "Hm"}), last(content="Hi"), done=False), kind="openai-compatible", text="Hi")

    def test_workers_ai_answers_in_its_own_manner(self):
        counts = {"prompt_tokens": 9, "completion_tokens": 20, "total_tokens": 29}
        self.told(self.chunks({"response": "H", "p": "abc"}, {"response": "i", "p": "ab"}, {"response": "", "usage": counts}),
                  kind="openai-compatible", text="Hi", usage=self.COUNTS)
        for body in ({"response": "Hi", "usage": counts},
                     {"result": {"response": "Hi", "usage": counts}, "success": True, "errors": [], "messages": []}):
            self.told(answer(json.dumps(body).encode()), kind="openai-compatible", more=("--no-stream",), text="Hi", usage=self.COUNTS)

    def anthropic(self, *events, reason="end_turn", usage={"output_tokens": 20}, end=None):
        start = named("message_start", message={"id": "m1", "role": "assistant", "model": "m", "content": [], "usage": {"input_tokens": 9}})
        last = named("message_delta", delta={"stop_reason": reason}, usage=usage)
        return [start, *events, last, end or named("message_stop")]

    def block(self, index, *deltas, stop=True, **start):
        pieces = [named("content_block_start", index=index, content_block=start)]
        pieces += [named("content_block_delta", index=index, delta=delta) for delta in deltas]
        return b"".join(pieces + [named("content_block_stop", index=index)] * stop)

    def test_anthropic_text_in_odd_blocks(self):
        text = {"type": "text_delta", "text": "Hi"}
        thought = {"type": "thinking_delta", "thinking": "Hm"}
        signature = {"type": "signature_delta", "signature": "AA"}
        for events in ([self.block(0, {"text": "Hi"}, type="text", text="")], [self.block(0, thought, text, type="thinking", thinking="")],
                       [self.block(0, thought, signature, type="thinking", thinking="", signature=""), self.block(0, text, type="text", text="")],
                       [self.block(0, type="redacted_thinking", data="x"), self.block(1, text, type="text", text=None)],
                       [self.block(0, {"type": "thinking_delta", "thinking": None}, {"type": "signature_delta", "signature": None},
                                   type="thinking", thinking=None, signature=None), self.block(1, type="text", text="Hi")],
                       [self.block(0, {"type": "text_delta", "text": None}, {"type": "glow", "text": "no"}, None, text,
                                   {"type": "citations_delta", "citation": None}, type="text", text="")],
                       [named("sparkle", text="no"), self.block(0, text, type="text", text=""), self.block(1, {"text": "no"}, type="new_kind")]):
            self.hi(ANTHROPIC, *self.anthropic(*events))
        whole = {"id": "m1", "type": "message", "stop_reason": "end_turn", "usage": self.COUNTS}
        for content in (["Hi"], {"type": "text", "text": "Hi"}, [{"text": "Hi"}], [{"type": "text", "text": None}, {"type": "text", "text": "Hi"}],
                        [{"type": "thinking", "thinking": "Hm", "signature": "AA"}, {"type": "redacted_thinking", "data": "x"},
                         {"type": "text", "text": "Hi", "citations": None}]):
            self.body(ANTHROPIC, {**whole, "content": content})
        self.body(ANTHROPIC, {**whole, "content": None}, text="")

    def test_anthropic_counts_and_ends_at_odd_places(self):
        hi = self.block(0, {"type": "text_delta", "text": "Hi"}, type="text", text="")
        stop = named("message_delta", delta={"stop_reason": None}, usage=None)
        for pieces in (self.anthropic(hi, usage={"input_tokens": 0, "output_tokens": 20}), self.anthropic(hi, usage={"input_tokens": 9, "output_tokens": 20}),
                       self.anthropic(hi, usage=None, end=named("message_stop", usage={"output_tokens": 20})),
                       self.anthropic(hi, named("message_delta", delta={"stop_reason": "end_turn", "usage": {"output_tokens": 20}}), usage=None),
                       self.anthropic(hi, stop), self.anthropic(hi, end=stop + named("message_stop")),
                       self.anthropic(hi, named("message_delta", stop_reason="end_turn"), reason=None), self.anthropic(hi, end=data(b"[DONE]"))):
            self.hi(ANTHROPIC, *pieces)
        for reason, word in (("stop", "stop"), ("length", "length"), ("content_filter", "content_filter"), ("pause_turn", "other"),
                             ("model_context_window_exceeded", "length"), ("sparkle", "other")):
            self.hi(ANTHROPIC, *self.anthropic(hi, reason=reason), finish_reason=word)
        for end in (data(b"[DONE]"), named("message_stop")):
            said, _ = self.ask(ANTHROPIC, reply(ANTHROPIC, *self.anthropic(hi, reason=None, end=end)))
            self.assertEqual((said["error"]["kind"], said["text"]), ("incomplete", "Hi"))

    def test_anthropic_input_of_tools_in_odd_pieces(self):
        def tool(*pieces, stop=True, start={}, name="t"):
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
            return self.block(0, *deltas, stop=stop, type="tool_use", id=name, name="weather", input=start)
        paris = {"city": "Paris"}
        for event in (tool(*self.CITY), tool("", self.CITY), tool(paris), tool(self.CITY, start=None), tool(self.CITY, start=""),
                      tool(start=paris), tool(start=self.CITY), tool(start=paris, stop=False), tool(self.CITY, start=paris), tool(self.CITY, stop=False)):
            for reason in ("tool_use", "end_turn", "tool_calls"):
                self.hi(ANTHROPIC, *self.anthropic(event, reason=reason), text="", finish_reason="tool_calls", tool_calls=[self.PARIS])
        self.hi(ANTHROPIC, *self.anthropic(tool(), tool(self.CITY, name="u"), reason="tool_use"), text="", finish_reason="tool_calls",
                tool_calls=[self.NOTHING, self.PARIS])
        self.hi(ANTHROPIC, *self.anthropic(tool(self.CITY[:5]), reason="max_tokens"), text="", finish_reason="length",
                tool_calls=[{"name": "weather", "arguments": self.CITY[:5]}])
        calls = [{"type": "tool_use", "id": "t", "name": "weather", "input": None}, {"type": "server_tool_use", "id": "s", "name": "q", "input": {}},
                 {"type": "tool_use", "id": "u", "name": "weather", "input": paris}]
        self.body(ANTHROPIC, {"type": "message", "content": calls, "stop_reason": "tool_use", "usage": self.COUNTS}, text="",
                  finish_reason="tool_calls", tool_calls=[self.NOTHING, self.PARIS])

    def cohere(self, *contents, end={"finish_reason": "COMPLETE"}, usage=COHERE.counts):
        pieces = [named(f"content-{kind}", index=0, delta={"message": {"content": content}}) for kind, content in contents]
        return [named("message-start", id="m1", delta={"message": {"role": "assistant"}}), *pieces, named("message-end", delta={**end, "usage": usage})]

    def test_cohere_text_in_odd_parts(self):
        for contents in ([("delta", "Hi")], [("start", {"type": "text", "text": "H"}), ("delta", {"text": "i"})],
                         [("start", None), ("delta", None), ("delta", {"text": None}), ("delta", []), ("delta", [{"type": "text", "text": "Hi"}])],
                         [("start", {"type": "thinking", "thinking": "H"}), ("delta", {"thinking": "m"}), ("delta", {"text": "Hi"})],
                         [("delta", {"type": "thinking", "text": "Hm"}), ("delta", {"text": "Hi"})], [("sparkle", {"text": "no"}), ("delta", {"text": "Hi"})]):
            self.hi(COHERE, *self.cohere(*contents))
        for citations in (None, [], {"start": 0, "end": 2, "text": "Hi", "sources": None}):
            self.hi(COHERE, *self.cohere(("delta", {"text": "Hi"}))[:-1], named("citation-start", index=0, delta={"message": {"citations": citations}}),
                    named("citation-end", index=0), self.cohere()[-1])
        whole = {"id": "m1", "finish_reason": "COMPLETE", "usage": COHERE.counts}
        for content in ("Hi", ["Hi"], {"type": "text", "text": "Hi"}, [{"type": "thinking", "text": "Hm"}, {"type": "text", "text": "Hi"}]):
            self.body(COHERE, {**whole, "message": {"content": content, "citations": None, "tool_calls": None, "tool_plan": None}})

    def test_cohere_counts_and_ends_in_odd_ways(self):
        hi = ("delta", {"text": "Hi"})
        for usage in ({"input_tokens": 9, "output_tokens": 20}, {"tokens": {"input_tokens": 0, "output_tokens": 0}, "billed_units": self.COUNTS},
                      {"tokens": None, "billed_units": self.COUNTS}):
            self.hi(COHERE, *self.cohere(hi, usage=usage))
        self.hi(COHERE, *self.cohere(hi, usage=None), usage={"input_tokens": 0, "output_tokens": 0})
        for word, reason in (("complete", "stop"), ("max_tokens", "length"), ("ERROR_TOXIC", "content_filter"), ("ERROR_LIMIT", "length"),
                             ("USER_CANCEL", "other"), (None, None)):
            self.hi(COHERE, *self.cohere(hi, end={"finish_reason": word, "error": None}), finish_reason=reason)
        for end, words in (({"finish_reason": "ERROR", "error": "no room"}, "no room"), ({"finish_reason": "ERROR", "error": {"message": "no room"}}, "no room"),
                           ({"finish_reason": "COMPLETE", "error": "no room"}, "no room"), ({"finish_reason": "complete", "error": "no room"}, "no room"),
                           ({"finish_reason": "error", "error": "no room"}, "no room"), ({"error": "no room"}, "no room"),
                           ({"finish_reason": "TIMEOUT"}, "TIMEOUT")):
            said, _ = self.ask(COHERE, reply(COHERE, *self.cohere(hi, end=end)))
            self.assertEqual((said["error"]["kind"], said["finish_reason"], said["text"]), ("provider", "error", "Hi"))
            self.assertIn(words, said["error"]["message"])

    def test_cohere_calls_in_odd_pieces(self):
        def event(kind, index, **function):
            call = {"function": function, **({"id": f"t{index}", "type": "function"} if "name" in function else {})}
            return named(f"tool-call-{kind}", index=index, delta={"message": {"tool_calls": call}})
        end = named("tool-call-end", index=0)
        plan = named("tool-plan-delta", delta={"message": {"tool_plan": None}}) + named("tool-plan-delta", delta={"message": {"tool_plan": "I look."}})
        whole = event("start", 0, name="weather", arguments=self.CITY)
        for calls in ([whole, end], [whole], [event("start", 0, name="weather", arguments={"city": "Paris"}), end],
                      [event("start", 0, name="weather", arguments=None), event("delta", 0, arguments=None), event("delta", 0, arguments=self.CITY), end],
                      [event("start", 0, name="weather", arguments=""), *[event("delta", 0, arguments=c) for c in self.CITY], end]):
            for word in ("TOOL_CALL", "COMPLETE"):
                start, last = self.cohere(end={"finish_reason": word})
                self.hi(COHERE, start, plan, *calls, last, text="", finish_reason="tool_calls", tool_calls=[self.PARIS])
        start, last = self.cohere(end={"finish_reason": "TOOL_CALL"})
        self.hi(COHERE, start, event("start", 0, name="weather", arguments=""), end, event("start", 1, name="weather", arguments=self.CITY),
                named("tool-call-end", index=1), last,
                text="", finish_reason="tool_calls", tool_calls=[self.NOTHING, self.PARIS])

    def ollama(self, message, **members):
        return line({**OLLAMA.document(""), "message": message, **members})

    def test_ollama_messages_of_odd_shape(self):
        end = OLLAMA.finish()
        for message in ({"content": "Hi", "thinking": "Hm"}, {"content": [{"type": "text", "text": "H"}, "i"]}, "Hi", {"content": {"text": "Hi"}},
                        {"content": "Hi", "thinking": None, "tool_calls": None}):
            self.hi(OLLAMA, self.ollama(message), end)
            self.body(OLLAMA, {**OLLAMA.last("", "stop"), "message": message})
        for first in (None, {"content": None}, {"role": "assistant"}, {"thinking": "Hm"}):
            self.hi(OLLAMA, self.ollama(first), OLLAMA.text("Hi"), end)
        self.hi(OLLAMA, OLLAMA.text("Hi"), line({**OLLAMA.last("", "stop"), "done": "true"}))
        self.hi(OLLAMA, OLLAMA.text("Hi"), line({"model": "m", "done": True, "done_reason": "stop"}), usage={"input_tokens": 0, "output_tokens": 0})
        self.hi(OLLAMA, OLLAMA.finish("load"), text="", finish_reason="other")
        self.hi(OLLAMA, OLLAMA.text("Hi"), OLLAMA.finish(None), finish_reason=None)
        for error in ({"error": "no"}, {"error": {"message": "no"}}, OLLAMA.document("", error="no")):
            said, _ = self.ask(OLLAMA, reply(OLLAMA, OLLAMA.text("Hi"), line(error)))
            self.assertEqual((said["error"]["kind"], said["error"]["message"], said["text"]), ("stream", "no", "Hi"))

    def test_ollama_calls_of_odd_shape(self):
        def call(*arguments):
            return {"function": {"name": "weather", **({"arguments": arguments[0]} if arguments else {})}}
        paris = {"city": "Paris"}
        for calls, expected in (([call(paris)], [self.PARIS]), ([call(self.CITY)], [self.PARIS]), (call(paris), [self.PARIS]),
                                ([call(), call(None), call(""), call(paris)], [self.NOTHING] * 3 + [self.PARIS])):
            message = {"content": None, "tool_calls": calls}
            for word in ("stop", "tool_calls"):
                self.hi(OLLAMA, self.ollama(message), OLLAMA.finish(word), text="", finish_reason="tool_calls", tool_calls=expected)
            self.body(OLLAMA, {**OLLAMA.last("", "stop"), "message": message}, text="", finish_reason="tool_calls", tool_calls=expected)


if __name__ == "__main__":
    command.SCENA = sys.argv.pop(1)
    unittest.main(verbosity=2)

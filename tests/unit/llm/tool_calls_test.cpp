#include "llm/tool_calls.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "support/reply_log.hpp"

using namespace scena;
using llm::ToolCalls;
using llm::ToolPiece;
using test::ReplyLog;

namespace {

struct Calls {
  ToolCalls calls;
  ReplyLog log;

  void add(std::optional<std::int64_t> index, std::string id, std::string name,
           std::string arguments) {
    CHECK(calls.add({index, std::move(id), std::move(name), std::move(arguments)}, log));
  }
  const std::vector<ToolCall>& finish(bool cut = false) {
    calls.finish(cut, log);
    return log.calls;
  }
};

const std::string kA = R"({"a":1})";
const std::string kB = R"({"b":2})";

}  // namespace

TEST_CASE("a call's pieces are joined and told from start to end") {
  Calls calls;
  calls.add(0, "c1", "look", "");
  calls.add(0, "", "", R"({"a":)");
  calls.add(0, "", "", "1}");
  calls.finish();
  CHECK(calls.log.lines == std::vector<std::string>{"tool 0 c1 look", R"(args 0 {"a":)",
                                                    "args 0 1}", R"(call 0 c1 look {"a":1})"});
}

TEST_CASE("parallel calls with interleaved pieces keep apart, numbered from 0") {
  Calls calls;
  calls.add(3, "c1", "one", R"({"a":)");
  calls.add(5, "c2", "two", R"({"b":)");
  calls.add(3, "", "", "1}");
  calls.add(5, "", "", "2}");
  CHECK(calls.finish() == std::vector<ToolCall>{{"c1", "one", kA}, {"c2", "two", kB}});
  CHECK(calls.log.lines.at(0) == "tool 0 c1 one");
}

TEST_CASE("a call that only a name has begun does not hold up the number of one that starts") {
  Calls calls;
  calls.add(0, "c1", "one", "");
  calls.add(5, "c2", "two", kB);
  calls.add(0, "", "", kA);
  calls.finish();
  CHECK(calls.log.lines == std::vector<std::string>{"tool 0 c2 two", R"(args 0 {"b":2})",
                                                    "tool 1 c1 one", R"(args 1 {"a":1})",
                                                    R"(call 1 c1 one {"a":1})",
                                                    R"(call 0 c2 two {"b":2})"});
}

TEST_CASE("without an index the id tells the call, and a new id is the next call") {
  Calls calls;
  calls.add(std::nullopt, "c1", "one", R"({"a":)");
  calls.add(std::nullopt, "c1", "", "1}");
  calls.add(std::nullopt, "c2", "two", kB);
  CHECK(calls.finish() == std::vector<ToolCall>{{"c1", "one", kA}, {"c2", "two", kB}});
}

TEST_CASE("without index and id a piece belongs to the newest call") {
  Calls calls;
  calls.add(std::nullopt, "", "one", R"({"a":)");
  calls.add(std::nullopt, "", "", "1}");
  REQUIRE(calls.finish().size() == 1);
  CHECK(calls.log.calls[0].arguments == kA);
  CHECK(calls.log.calls[0].id == "call_0");
}

TEST_CASE("different ids under one index are different calls") {
  Calls calls;
  calls.add(0, "c1", "one", kA);
  calls.add(0, "c2", "two", kB);
  CHECK(calls.finish() == std::vector<ToolCall>{{"c1", "one", kA}, {"c2", "two", kB}});
  Calls bare;  // nothing but the id tells them apart
  bare.add(0, "c1", "now", "");
  bare.add(0, "c2", "now", "");
  CHECK(bare.finish() == std::vector<ToolCall>{{"c1", "now", "{}"}, {"c2", "now", "{}"}});
}

TEST_CASE("a name that is repeated counts once, and one in pieces is joined") {
  Calls repeated;
  repeated.add(0, "c1", "look_up", "");
  repeated.add(0, "", "look_up", R"({"a":)");
  repeated.add(0, "", "look_up", "1}");
  CHECK(repeated.finish() == std::vector<ToolCall>{{"c1", "look_up", kA}});
  Calls pieces;
  pieces.add(0, "c1", "look", "");
  pieces.add(0, "", "_up", "");
  pieces.add(0, "", "", kA);
  CHECK(pieces.finish() == std::vector<ToolCall>{{"c1", "look_up", kA}});
}

TEST_CASE("objects joined under one index become calls of their own") {
  Calls calls;
  calls.add(0, "c1", "look", kA + kB);
  CHECK(calls.finish() == std::vector<ToolCall>{{"c1", "look", kA}, {"call_1", "look", kB}});
}

TEST_CASE("null for arguments is none, and a whole call") {
  Calls calls;
  calls.add({}, "", "now", "null");
  calls.add({}, "", "now", "null");
  calls.add({}, "", "later", " null ");
  const auto& whole = calls.finish();
  REQUIRE(whole.size() == 3);
  for (const auto& call : whole) CHECK((call.arguments == "{}" && call.valid));
  CHECK(whole[2].name == "later");
}

TEST_CASE("calls under one index without ids are told apart by a name behind a whole object") {
  Calls calls;
  calls.add(0, "", "delete", kA);
  calls.add(0, "", "look_up", kB);
  calls.add(0, "", "look_up", R"({"b":)");
  calls.add(0, "", "look_up", R"({"c":"}"}})");
  const auto& whole = calls.finish();
  REQUIRE(whole.size() == 3);
  CHECK(whole[0].name == "delete");
  CHECK(whole[0].arguments == kA);
  CHECK(whole[1].name == "look_up");
  CHECK(whole[1].arguments == kB);
  CHECK(whole[2].name == "look_up");
  CHECK(whole[2].arguments == R"({"b":{"c":"}"}})");
}

TEST_CASE("a closing piece that says the whole call again is no second call") {
  struct Row {
    std::optional<std::int64_t> index;
    std::string id, name, arguments;
  };
  for (const Row& again : std::vector<Row>{{0, "c1", "look", kA},
                                           {0, "c1", "", kA},
                                           {0, "", "look", kA},
                                           {0, "", "", kA},
                                           {std::nullopt, "c1", "look", kA},
                                           {1, "c1", "look", kA},
                                           {0, "c1", "look", R"( { "a": 1 } )"}}) {
    CAPTURE(again.id + again.name + again.arguments);
    Calls calls;
    calls.add(0, "c1", "look", R"({"a":)");
    calls.add(0, "", "", "1}");
    calls.add(again.index, again.id, again.name, again.arguments);
    CHECK(calls.finish() == std::vector<ToolCall>{{"c1", "look", kA}});
    CHECK(calls.log.lines.size() == 4);
  }
  Calls other;
  other.add(0, "c1", "look", kA);
  other.add(0, "c2", "look", kA);
  CHECK(other.finish().size() == 2);
}

TEST_CASE("a whole call with an id that was there with the same arguments is no second call") {
  Calls calls;
  const auto add = [&](const char* id, const char* name, const std::string& arguments) {
    CHECK(calls.calls.add_whole(id, name, arguments, calls.log));
  };
  add("c1", "look", kA);
  add("c1", "look", R"({ "a":1})");
  add("c1", "look", kB);
  add("c2", "look", kA);
  add("c3", "now", "");
  add("c3", "now", "{}");
  add("", "look", kA);
  add("", "look", kA);
  CHECK(calls.finish() == std::vector<ToolCall>{{"c1", "look", kA},
                                                {"call_1", "look", kB},
                                                {"c2", "look", kA},
                                                {"c3", "now", "{}"},
                                                {"call_4", "look", kA},
                                                {"call_5", "look", kA}});
}

TEST_CASE("a call that is said twice under its id is one, also in pieces and under another index") {
  Calls calls;
  calls.add(0, "c1", "look", "");
  calls.add(0, "", "", kA);
  calls.calls.end(0, calls.log);
  calls.add(1, "c1", "look", "");
  calls.add(1, "", "", R"({"a":)");
  calls.add(1, "", "", " 1}");
  calls.calls.end(1, calls.log);
  calls.add(2, "c1", "look", "");  // begun a third time, and nothing said
  calls.calls.end(2, calls.log);
  calls.add(3, "c2", "look", "");
  calls.add(3, "", "", kA);
  CHECK(calls.finish() == std::vector<ToolCall>{{"c1", "look", kA}, {"c2", "look", kA}});
  CHECK(calls.log.lines.at(3) == "tool 1 c2 look");

  Calls begun;
  begun.add(0, "c1", "look", "");
  begun.calls.end(0, begun.log);
  begun.add(1, "c1", "look", R"({"a":)");
  begun.add(1, "", "", "1}");
  CHECK(begun.finish() == std::vector<ToolCall>{{"c1", "look", kA}});
}

TEST_CASE("calls that share one id are told apart and get ids of their own") {
  // A whole list, without indexes.
  Calls calls;
  calls.add(std::nullopt, "c1", "look", kA);
  calls.add(std::nullopt, "c1", "jump", kB);
  calls.add(std::nullopt, "c1", "jump", kA);
  calls.add(std::nullopt, "c1", "jump", kA);
  CHECK(calls.finish() ==
        std::vector<ToolCall>{{"c1", "look", kA}, {"call_1", "jump", kB}, {"call_2", "jump", kA}});
  for (const auto& line : calls.log.lines) CHECK_FALSE(line.starts_with("warning"));

  // Pieces that take turns are told apart by their indexes.
  Calls turns;
  turns.add(0, "c1", "look", R"({"a":)");
  turns.add(1, "c1", "jump", R"({"b":)");
  turns.add(0, "c1", "", "1}");
  turns.add(1, "c1", "", "2}");
  CHECK(turns.finish() == std::vector<ToolCall>{{"c1", "look", kA}, {"call_1", "jump", kB}});

  Calls same;
  same.add(0, "c1", "look", R"({"a":)");
  same.add(1, "c1", "look", R"({"b":)");
  same.add(0, "c1", "", "1}");
  same.add(1, "c1", "", "2}");
  CHECK(same.finish() == std::vector<ToolCall>{{"c1", "look", kA}, {"call_1", "look", kB}});

  // Also where the id comes late.
  Calls late;
  late.add(0, "c1", "look", kA);
  late.add(1, "", "look", "");
  late.add(1, "c1", "look", kB);
  CHECK(late.finish() == std::vector<ToolCall>{{"c1", "look", kA}, {"call_1", "look", kB}});

  // An id of ours is nobody else's.
  Calls taken;
  taken.add(0, "call_1", "look", kA);
  taken.add(1, "call_1", "look", kB);
  CHECK(taken.finish() == std::vector<ToolCall>{{"call_1", "look", kA}, {"call_1_", "look", kB}});

  // Cut off, it is the raw text of a call like any.
  Calls cut;
  cut.add(0, "c1", "look", kA);
  cut.add(1, "c1", "look", R"({"b)");
  REQUIRE(cut.finish(true).size() == 2);
  CHECK_FALSE(cut.log.calls.at(1).valid);
}

TEST_CASE("arguments said as a whole count where their pieces made no object, there alone") {
  Calls calls;
  calls.add(0, "c1", "look", "x8Fq/0==");
  calls.calls.amend(0, kA);
  calls.calls.end(0, calls.log);
  CHECK(calls.log.calls == std::vector<ToolCall>{{"c1", "look", kA}});
  calls.add(1, "c2", "look", kA);
  calls.calls.amend(1, kB);
  calls.add(2, "c3", "look", R"({"a)");
  calls.calls.amend(2, "no object");
  const auto& all = calls.finish();
  CHECK(all.at(1) == ToolCall{"c2", "look", kA});
  CHECK_FALSE(all.at(2).valid);
}

TEST_CASE("a call whose arguments never began is half a call, unless it was told to have none") {
  Calls calls;
  calls.add(0, "c1", "look", "");
  CHECK(calls.calls.has_half());
  calls.add(0, "", "", "null");
  CHECK_FALSE(calls.calls.has_half());
}

TEST_CASE("without index and id a name that is repeated with each piece begins no call") {
  Calls calls;
  calls.add(std::nullopt, "", "look", "");
  calls.add(std::nullopt, "", "look", R"({"a":)");
  calls.add(std::nullopt, "", "look", "1}");
  calls.add(std::nullopt, "", "look", R"({"b":)");
  calls.add(std::nullopt, "", "look", "2}");
  calls.add(std::nullopt, "", "now", "");
  CHECK(calls.finish() == std::vector<ToolCall>{{"call_0", "look", kA},
                                                {"call_1", "look", kB},
                                                {"call_2", "now", "{}"}});
}

TEST_CASE("a piece without a name begins no call behind an unfinished one, whatever its id") {
  for (const std::optional<std::int64_t> index : {std::optional<std::int64_t>(0), {}}) {
    Calls calls;
    calls.add(index, "c1", "one", "");
    calls.add(index, "c2", "", R"({"a":)");
    calls.add(index, "c3", "", "1}");
    calls.add(index, "c4", "two", R"({"b":)");
    calls.add(index, "c5", "", "2}");
    CHECK(calls.finish() == std::vector<ToolCall>{{"c1", "one", kA}, {"c4", "two", kB}});
  }
  Calls late;
  late.add(0, "", "one", R"({"a":)");
  late.add(0, "c1", "", "1}");
  CHECK(late.finish() == std::vector<ToolCall>{{"call_0", "one", kA}});
  Calls counted;
  counted.add(0, "c1", "one", R"({"a":)");
  counted.add(1, "", "", "1}");
  CHECK(counted.finish() == std::vector<ToolCall>{{"c1", "one", kA}});
}

TEST_CASE("arguments that come before the name wait for it") {
  Calls calls;
  calls.add(0, "c1", "", R"({"a":)");
  CHECK(calls.log.lines.empty());
  CHECK_FALSE(calls.calls.empty());
  calls.add(0, "", "look", "1}");
  CHECK(calls.finish() == std::vector<ToolCall>{{"c1", "look", kA}});
}

TEST_CASE("arguments without a name are a call without one") {
  Calls calls;
  calls.add(0, "c1", "", kA);
  CHECK(calls.finish() == std::vector<ToolCall>{{"c1", "", kA}});
}

TEST_CASE("no arguments are an empty object") {
  Calls calls;
  calls.add(0, "c1", "now", "");
  calls.add(1, "c2", "then", "null");
  CHECK(calls.finish() == std::vector<ToolCall>{{"c1", "now", "{}"}, {"c2", "then", "{}"}});
}

TEST_CASE("arguments that the token limit cut never become an invented object") {
  for (const std::string cut : {R"({"a":1)", R"({"a":"x)", "", R"({"a":1},)"}) {
    Calls calls;
    calls.add(0, "c1", "one", kA);
    calls.add(1, "c2", "two", cut);
    const auto& whole = calls.finish(true);
    REQUIRE(whole.size() == 2);
    CHECK(whole[0].valid);
    CHECK_FALSE(whole[1].valid);
    CHECK(whole[1].arguments == cut);
  }
}

TEST_CASE("the end of a call's pieces ends it only when its arguments are an object") {
  Calls calls;
  calls.add(0, "c1", "one", kA);
  calls.calls.end(0, calls.log);
  CHECK(calls.log.calls.size() == 1);
  calls.add(1, "c2", "two", R"({"b":)");
  calls.calls.end(1, calls.log);
  CHECK(calls.log.calls.size() == 1);
  calls.finish(true);
  CHECK_FALSE(calls.log.calls.at(1).valid);
}

TEST_CASE("calls end in the order in which they began, whatever order their ends are told in") {
  Calls calls;
  calls.add(1, "c1", "one", kA);
  calls.add(2, "c2", "two", kB);
  calls.add(3, "c3", "three", "");
  calls.add(4, "c4", "four", kA);
  calls.calls.end(2, calls.log);
  calls.calls.end(4, calls.log);
  CHECK(calls.log.calls.empty());
  calls.calls.end(1, calls.log);
  CHECK(calls.log.calls.size() == 2);
  CHECK(calls.finish() ==
        std::vector<ToolCall>{
            {"c1", "one", kA}, {"c2", "two", kB}, {"c3", "three", "{}"}, {"c4", "four", kA}});
}

TEST_CASE("arguments cut inside a character reach the sink as whole characters") {
  Calls calls;
  const std::string text = R"({"a":"é"})";
  const std::size_t inside = text.find("é") + 1;
  calls.add(0, "c1", "say", text.substr(0, inside));
  calls.add(0, "", "", text.substr(inside));
  CHECK(calls.finish() == std::vector<ToolCall>{{"c1", "say", text}});
  CHECK(calls.log.lines.at(1) == R"(args 0 {"a":")");
}

TEST_CASE("more calls than the bound are refused") {
  Calls calls;
  for (std::size_t i = 0; i < ToolCalls::kMaxCalls; ++i)
    calls.add(static_cast<std::int64_t>(i), "", "look", "");
  CHECK_FALSE(calls.calls.add({ToolCalls::kMaxCalls, "", "look", ""}, calls.log));
}

TEST_CASE("without id, index and arguments, another name is another call, the same one a repeat") {
  Calls calls;
  calls.add(std::nullopt, "", "clock", "");
  calls.add(std::nullopt, "", "weather", "");
  calls.add(std::nullopt, "", "weather", "");
  CHECK(calls.finish() ==
        std::vector<ToolCall>{{"call_0", "clock", "{}"}, {"call_1", "weather", "{}"}});
}

TEST_CASE("half a surrogate pair in arguments is joined over pieces, else it is U+FFFD") {
  Calls calls;
  calls.add(0, "c1", "say", "{\"a\":\"\xED\xA0\xBD");
  calls.add(0, "", "", "\xED\xB8\x80\xED\xA0\xBD");
  calls.add(0, "", "", R"(!\ud83d"})");
  calls.add(1, "c2", "say", R"({"b":"\ud83d\ude00 \\ud83d \ude00"})");
  CHECK(calls.finish() ==
        std::vector<ToolCall>{{"c1", "say", "{\"a\":\"\xF0\x9F\x98\x80\xEF\xBF\xBD!\\ufffd\"}"},
                              {"c2", "say", R"({"b":"\ud83d\ude00 \\ud83d \ufffd"})"}});
}

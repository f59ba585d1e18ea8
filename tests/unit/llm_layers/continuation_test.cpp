#include "llm/layers/continuation.hpp"

#include <doctest/doctest.h>

#include <random>

#include "domain/prompt.hpp"
#include "unit/llm_layers/support.hpp"

using namespace scena;
using namespace scena::llm;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

Play cut(std::vector<std::string> texts) {
  return {.texts = std::move(texts), .error = Error::fixed(ErrorCode::network, "cut")};
}

struct ContinuationStage : Stage {
  std::shared_ptr<StartLog> run(std::deque<Play> plays, int attempts = 1,
                                const std::string& name = "openai") {
    service = std::make_shared<Played>(loop, name);
    service->plays = std::move(plays);
    ContinuationProvider provider(service, loop, attempts);
    return ask(provider);
  }
};

}  // namespace

TEST_CASE("a reply that broke off is taken up, and the reader sees one text and one end") {
  ContinuationStage stage;
  const auto log = stage.run({cut({"The quick brown", " fox"}), {.texts = {" jumps", " high."}}});
  CHECK(log->log.text == "The quick brown fox jumps high.");
  CHECK(log->starts.size() == 1);
  CHECK(log->log.end().outcome == Outcome::complete);
  CHECK(log->log.late == 0);
  int marks = 0;
  for (const auto& line : log->log.lines) marks += line == "warning continued";
  CHECK(marks == 1);
}

TEST_CASE(
    "the text so far is a prefill for anthropic, and stands before an instruction elsewhere") {
  ContinuationStage stage;
  stage.run({cut({"So far"}), Play{}}, 1, "anthropic");
  auto messages = stage.service->requests.at(1).messages;
  REQUIRE(messages.size() == 2);
  CHECK(messages[1].role == PromptRole::assistant);
  CHECK(messages[1].text == "So far");
  stage.run({cut({"So far"}), Play{}}, 1, "openai");
  messages = stage.service->requests.at(1).messages;
  REQUIRE(messages.size() == 3);
  CHECK(messages[1].text == "So far");
  CHECK(messages[2].role == PromptRole::user);
}

TEST_CASE("a model that takes no prefill, by its record, is told to go on as other services' are") {
  for (const char* model : {"claude-opus-4-6", "claude-sonnet-4-6-20260205", "claude-opus-4-5"}) {
    CAPTURE(model);
    ContinuationStage stage;
    Play first = cut({"So far"});
    first.model = model;
    stage.run({first, Play{}}, 1, "anthropic");
    const auto& messages = stage.service->requests.at(1).messages;
    const bool prefills = std::string_view(model).ends_with("4-5");
    CHECK(messages.back().role == (prefills ? PromptRole::assistant : PromptRole::user));
    CHECK(messages.size() == (prefills ? 2u : 3u));
  }
}

TEST_CASE("a reply under a schema is not continued: a second whole one would make no JSON of it") {
  ContinuationStage stage;
  stage.request.json_schema = R"({"type":"object"})";
  const auto log = stage.run({cut({R"({"a":)"}), {.texts = {R"({"a":1})"}}});
  CHECK(log->log.text == R"({"a":)");
  CHECK(log->log.end().outcome == Outcome::truncated);
  CHECK(stage.service->requests.size() == 1);
}

TEST_CASE("what the model repeats of the text before is dropped, in whatever pieces it comes") {
  const std::string before = "The quick brown fox jumps over";
  for (const std::string& again : {std::string("fox jumps over"), before}) {
    for (std::size_t piece = 1; piece < 20; ++piece) {
      CAPTURE(again);
      CAPTURE(piece);
      std::vector<std::string> texts;
      const std::string whole = again + " the lazy dog.";
      for (std::size_t at = 0; at < whole.size(); at += piece)
        texts.push_back(whole.substr(at, piece));
      ContinuationStage stage;
      const auto log = stage.run({cut({before}), {.texts = texts}});
      CHECK(log->log.text == before + " the lazy dog.");
    }
  }
}

TEST_CASE("no text is lost or doubled at any cut of any text") {
  std::mt19937 random(3);
  for (int run = 0; run < 500; ++run) {
    std::string text;
    while (text.size() < 200) text += "abc d"[random() % 5];
    const std::size_t at = 60 + random() % 100;
    const std::size_t overlap = random() % 2 == 0 ? 0 : 8 + random() % 50;
    OverlapFilter filter(std::string_view(text).substr(0, at));
    std::string shown = text.substr(0, at);
    const std::string next = text.substr(at - overlap);
    for (std::size_t i = 0; i < next.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 9, next.size() - i);
      shown += filter.feed(std::string_view(next).substr(i, size));
      i += size;
    }
    shown += filter.finish();
    // Text of five letters repeats itself by chance: never is more dropped than the overlap and
    // what looks like one.
    CHECK(shown.size() <= text.size() + overlap);
    CHECK(shown.ends_with(next.substr(next.size() - 20)));
    if (overlap > 30) CHECK(shown == text);
  }
}

TEST_CASE("short repetitions are chance and stay") {
  OverlapFilter filter("ha");
  std::string shown(filter.feed("ha ha."));
  shown += filter.finish();
  CHECK(shown == "ha ha.");
}

TEST_CASE("never inside a tool call, never behind the budget, never after a stop or a limit") {
  ContinuationStage stage;
  Play tool = cut({"Let me see. "});
  tool.tool = true;
  CHECK(stage.run({tool, Play{}})->log.end().outcome == Outcome::truncated);
  CHECK(stage.service->requests.size() == 1);
  CHECK(stage.run({cut({"one"}), cut({" two"}), Play{}})->log.text == "one two");
  CHECK(stage.service->requests.size() == 2);
  CHECK(stage.run({cut({"one"}), cut({" two"}), {.texts = {" three"}}}, 2)->log.text ==
        "one two three");
  Play large = {.texts = {"long"}, .error = Error::fixed(ErrorCode::too_large, "limit")};
  CHECK(stage.run({large, Play{}})->code() == ErrorCode::too_large);
  CHECK(stage.service->requests.size() == 1);
  CHECK(stage.run({failing(ErrorCode::network), Play{}})->log.end().outcome == Outcome::failed);
}

TEST_CASE("all parts together stay within the limits of one reply") {
  ContinuationStage stage;
  stage.request.max_tokens = 100;
  stage.request.max_bytes = 1'000;
  const std::string before = "The quick brown fox jumps over";
  stage.run({cut({before}), Play{}});
  const ReplyRequest& next = stage.service->requests.at(1);
  CHECK(next.max_bytes == 1'000 - before.size());
  REQUIRE(next.max_tokens.has_value());
  CHECK(*next.max_tokens == 100 - estimate_tokens(before));
}

TEST_CASE("usage of all parts is one sum, estimated where a part told nothing") {
  ContinuationStage stage;
  Play first = cut({"one two three"});
  first.usage = used(10, 3);
  auto log = stage.run({first, {.texts = {" four"}, .usage = used(14, 1)}});
  CHECK(log->log.usage.input_tokens == 24);
  CHECK(log->log.usage.output_tokens == 4);
  CHECK_FALSE(log->log.usage.estimated);
  stage.request.context.prompt_tokens = 100;
  log = stage.run({cut({"one two three"}), {.texts = {" four"}, .usage = used(14, 1)}});
  CHECK(log->log.usage.input_tokens == 114);
  CHECK(log->log.usage.output_tokens == 4);
  CHECK(log->log.usage.estimated);
}

TEST_CASE("a part that another model wrote is told apart, and one of the same is not") {
  ContinuationStage stage;
  Play first = cut({"one two three"});
  first.usage = used(10, 3);
  first.model = "m1";
  Play second = cut({" four"});
  second.usage = used(14, 1);
  second.model = "m2";
  const auto log =
      stage.run({first, second, {.texts = {" five"}, .usage = used(15, 1), .model = "m1"}}, 2);
  CHECK(log->log.text == "one two three four five");
  CHECK(log->log.usage.input_tokens == 39);
  CHECK(log->others == "openai/m2 14 1; ");
}

TEST_CASE("a part that told only its input has its output estimated in the sum") {
  ContinuationStage stage;
  Play first = cut({"one two three"});
  first.usage = used(10, 3);
  Play second{.texts = {" four five"}};
  second.usage.input_tokens = 14;
  const auto log = stage.run({first, second});
  CHECK(log->log.usage.input_tokens == 24);
  CHECK(log->log.usage.output_tokens == 5);
  CHECK(log->log.usage.estimated);
}

TEST_CASE("what came behind the last report of a part that was cut counts in the sum") {
  ContinuationStage stage;
  Play first = cut({"one two three"});
  first.usage = used(10, 1);
  const auto log = stage.run({first, {.texts = {" four"}, .usage = used(14, 1)}});
  CHECK(log->log.usage.output_tokens == 3 + 1);  // Played tells its usage before its text
}

TEST_CASE("a prefill for anthropic does not end in a blank, and the reader gets the blank once") {
  struct Case {
    const char* before;
    const char* sent;
    std::vector<std::string> next;
    const char* whole;
  };
  const Case cases[] = {
      {"So far ", "So far", {" and", " on."}, "So far and on."},
      {"So far ", "So far", {"and", " on."}, "So far and on."},
      {"A line.\n\n", "A line.", {"\n", "\nAnother."}, "A line.\n\nAnother."},
      {"A line. \n", "A line.", {" Another."}, "A line. \nAnother."},
      {"So far", "So far", {" and"}, "So far and"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.before);
    ContinuationStage stage;
    const auto log = stage.run({cut({one.before}), {.texts = one.next}}, 1, "anthropic");
    CHECK(stage.service->requests.at(1).messages.at(1).text == one.sent);
    CHECK(log->log.text == one.whole);
  }
  ContinuationStage stage;
  const auto log = stage.run({cut({" \n"}), {.texts = {"Well."}}}, 1, "anthropic");
  CHECK(stage.service->requests.at(1).messages.size() == 1);
  CHECK(log->log.text == " \nWell.");
}

TEST_CASE("what could not be taken up is truncated, not failed") {
  ContinuationStage stage;
  const auto log = stage.run({cut({"one"}), failing(ErrorCode::overloaded)});
  CHECK(log->log.end().outcome == Outcome::truncated);
  CHECK(log->code() == ErrorCode::overloaded);
  CHECK(log->log.text == "one");
}

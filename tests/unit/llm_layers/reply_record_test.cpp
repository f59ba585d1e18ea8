#include "llm/layers/reply_record.hpp"

#include <doctest/doctest.h>

#include "unit/llm_layers/support.hpp"

using namespace scena;
using namespace scena::llm;
using namespace scena::test;

namespace {

std::string full_record() {
  ReplyRecord record;
  ReplyStart start{"openai", "gpt-4o", "req-1"};
  start.route = "long: 8000 tokens";
  start.asked_model = "gpt";
  record.start(start);
  record.text(ReplyRecord::kReasoning, "Hm. ");
  record.text(ReplyRecord::kText, "Gr\xC3\xBC\xC3\x9F");
  record.flush();
  record.text(ReplyRecord::kRefusal, "No.");
  record.tool_start(3, "call-1", "weather");
  record.tool_args(3, "{\"city\":");
  record.tool_end(3, {"call-1", "weather", "{\"city\":1}", false});
  record.citation({"text", "title", "https://example.com", "{}"});
  record.text(ReplyRecord::kState, "{\"sig\":1}");
  UsageUpdate usage = used(12, 300);
  usage.billed_output_tokens = 7;
  record.usage(usage);
  record.warning("empty_answer", "detail");
  record.flush();
  ReplyEnd end{.outcome = Outcome::complete, .reason = FinishReason::refusal, .raw_reason = "r"};
  end.ignored = 5;
  end.extra = "{\"x\":1}";
  record.done(end);
  return record.take();
}

}  // namespace

TEST_CASE("a record plays every call again, in order and with every value") {
  StartLog log;
  REQUIRE(play_record(full_record(), log));
  CHECK(log.log.lines ==
        std::vector<std::string>{"start openai gpt-4o req-1", "reasoning Hm. ",
                                 "text Gr\xC3\xBC\xC3\x9F", "refusal No.", "tool 3 call-1 weather",
                                 "args 3 {\"city\":", "call 3 call-1 weather {\"city\":1} invalid",
                                 "citation text title https://example.com", "state {\"sig\":1}",
                                 "usage 12 300 - - - billed - 7", "warning empty_answer",
                                 "done complete refusal raw=r"});
  CHECK(log.log.flushes == 2);
  CHECK(log.starts.at(0).cached);
  CHECK(log.starts.at(0).route == "long: 8000 tokens");
  CHECK(log.starts.at(0).asked_model == "gpt");
  CHECK(record_facts(full_record())->asked_model == "gpt");
  CHECK(log.log.usage.billed_output_tokens == 7);
  CHECK(log.log.end().ignored == 5);
  CHECK(log.log.end().extra == "{\"x\":1}");
}

TEST_CASE("a record of the version before, which did not keep what was asked for, plays too") {
  const std::string_view before("\x01S\x01p\x01m\x01i\x01rt\x02HiD\x00\x01r\x00\x00", 20);
  StartLog log;
  REQUIRE(play_record(before, log));
  CHECK(log.log.text == "Hi");
  CHECK(log.starts.at(0).model == "m");
  CHECK(log.starts.at(0).route == "r");
  CHECK(log.starts.at(0).asked_model.empty());
}

TEST_CASE("a record that is cut anywhere, or longer, or changed in one byte, never plays half") {
  const std::string whole = full_record();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    StartLog log;
    CHECK_FALSE(play_record(std::string_view(whole).substr(0, size), log));
    CHECK(log.log.lines.empty());
  }
  StartLog longer;
  CHECK_FALSE(play_record(whole + "F", longer));
  CHECK(longer.log.lines.empty());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const unsigned char flip : {0x01, 0x80, 0xFF}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ flip);
      StartLog log;
      const bool played = play_record(changed, log);
      CHECK(log.log.ends.size() == (played ? 1 : 0));
      if (!played) CHECK(log.log.lines.empty());
    }
  }
}

TEST_CASE("the facts for the books are the model and the last usage") {
  const auto facts = record_facts(full_record());
  REQUIRE(facts.has_value());
  CHECK(facts->model == "gpt-4o");
  CHECK(facts->usage.output_tokens == 300);
  CHECK_FALSE(record_facts("").has_value());
}

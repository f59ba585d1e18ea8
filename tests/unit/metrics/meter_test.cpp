#include <doctest/doctest.h>

#include <algorithm>
#include <scena/metrics.hpp>

using namespace scena;

namespace {

const MetricScore* score_of(const std::vector<MetricScore>& scores, std::string_view metric) {
  const auto found = std::find_if(scores.begin(), scores.end(),
                                  [&](const MetricScore& score) { return score.metric == metric; });
  return found == scores.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("a meter's evidence names the text, the question or a message of the history") {
  const Meter meter;
  const auto scores = meter.measure({.question = "Where do you live?",
                                     .history = {{false, "Hello."}, {true, "I live in Rome."}},
                                     .text = "I do not live in Rome."});
  const MetricScore* contradiction = score_of(scores, "contradiction");
  REQUIRE(contradiction != nullptr);
  REQUIRE(contradiction->evidence.size() == 2);
  CHECK(contradiction->evidence[0].message == "1");
  CHECK(contradiction->evidence[1].message == "text");
}

TEST_CASE("a question that ends the history is one message") {
  const Meter meter;
  const std::string_view question = "When did you leave?";
  const auto once = meter.measure({.question = question, .text = "At nine o'clock."});
  const auto in_history =
      meter.measure({.history = {{false, question}}, .text = "At nine o'clock."});
  const auto both = meter.measure(
      {.question = question, .history = {{false, question}}, .text = "At nine o'clock."});
  REQUIRE(score_of(once, "evasiveness") != nullptr);
  CHECK(score_of(once, "evasiveness")->value == score_of(both, "evasiveness")->value);
  CHECK(in_history == both);
}

TEST_CASE("a meter's answer in JSON keeps the id and has null for what is not computed") {
  const Meter meter;
  const auto answer = meter.measure_json(R"({"id": {"n": [1, "x"]}, "text": ""})");
  REQUIRE(answer);
  CHECK(answer->starts_with(R"({"id":{"n":[1,"x"]},"sentiment":null,"evasiveness":null,)"));
  const auto fault = meter.measure_json(R"({"text": "a", "history": [{"role": "self"}]})");
  REQUIRE_FALSE(fault);
  CHECK(fault.error().code() == ErrorCode::invalid_argument);
  CHECK(fault.error().pointer() == "/history/0/text");
  CHECK_FALSE(meter.measure_json("[]"));
  CHECK_FALSE(meter.measure_json(""));
}

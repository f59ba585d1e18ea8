#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "base/json.hpp"
#include "conversation.hpp"
#include "weights_built_in.hpp"

using namespace scena;
using namespace scena::test;

namespace {

std::vector<Json> load(const std::string& metric) {
  std::ifstream file(std::string(SCENA_TEST_DIR) + "/cases/metrics/" + metric + ".jsonl");
  std::vector<Json> cases;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) cases.push_back(parse_json(line).value_or_throw());
  }
  return cases;
}

struct Outcome {
  std::optional<MetricScore> score;
  std::vector<std::string> texts;  // of the messages m1, m2, ...
};

Outcome measure(const Json& planted, const std::string& metric) {
  Conversation talk;
  Outcome outcome;
  for (const Json& message : planted["history"]) {
    outcome.texts.push_back(message["text"]);
    talk.say(message["speaker"].get<std::string>(), outcome.texts.back());
  }
  outcome.texts.push_back(planted["text"]);
  const auto latency = std::chrono::milliseconds(planted.value("latency_ms", 0));
  outcome.score = find_score(
      talk.say(planted["speaker"].get<std::string>(), outcome.texts.back(), latency), metric);
  return outcome;
}

std::string quoted(const Outcome& outcome, const Evidence& evidence) {
  const std::size_t index = std::stoul(evidence.message.substr(1)) - 1;
  return outcome.texts.at(index).substr(evidence.begin, evidence.end - evidence.begin);
}

bool quotes(const Outcome& outcome, const std::string& words) {
  const auto& evidence = outcome.score->evidence;
  return std::any_of(evidence.begin(), evidence.end(), [&](const Evidence& e) {
    return quoted(outcome, e).find(words) != std::string::npos;
  });
}

void check(const Json& planted, const std::string& metric) {
  const Outcome outcome = measure(planted, metric);
  CAPTURE(planted["id"].get<std::string>());
  CAPTURE(planted["text"].get<std::string>());
  REQUIRE(outcome.score.has_value() != planted.value("absent", false));
  if (!outcome.score) return;
  const MetricScore& score = *outcome.score;
  CAPTURE(score.value);
  if (planted.contains("sign")) CHECK(score.value * planted["sign"].get<int>() > 0);
  if (planted.contains("min")) CHECK(score.value >= planted["min"].get<double>());
  // The small weights know fewer words that differ, and tell less of what is no contradiction.
  const double slack = has_weights() && !has_full_weights() ? 0.02 : 0;
  if (planted.contains("max")) CHECK(score.value <= planted["max"].get<double>() + slack);
  if (planted.contains("label")) CHECK(score.label == planted["label"].get<std::string>());
  if (planted.contains("evidence")) {
    for (const Json& words : planted["evidence"]) CHECK(quotes(outcome, words.get<std::string>()));
  }
  if (planted.contains("pair")) {
    REQUIRE(score.evidence.size() == 2);
    CHECK(quoted(outcome, score.evidence[0]).find(planted["pair"][0].get<std::string>()) !=
          std::string::npos);
    CHECK(quoted(outcome, score.evidence[1]).find(planted["pair"][1].get<std::string>()) !=
          std::string::npos);
    CHECK(score.evidence[1].message == "m" + std::to_string(outcome.texts.size()));
  }
}

void check_all(const std::string& metric, std::size_t count = 20) {
  const auto cases = load(metric);
  REQUIRE(cases.size() == count);
  for (const Json& planted : cases) check(planted, metric);
}

}  // namespace

TEST_CASE("every planted example of sentiment comes out right") {
  check_all("sentiment");
}
TEST_CASE("every planted example of evasiveness comes out right") {
  check_all("evasiveness", 23);
}
TEST_CASE("every planted contradiction is found, and no false one") {
  check_all("contradiction");
}
TEST_CASE("every planted example of engagement comes out right") {
  check_all("engagement");
}
TEST_CASE("every planted example of toxicity comes out right") {
  check_all("toxicity", 13);
}
TEST_CASE("every planted example of sophistication comes out right") {
  if (has_weights()) {
    check_all("sophistication", 6);
    return;
  }
  for (const Json& planted : load("sophistication"))
    CHECK_FALSE(measure(planted, "sophistication").score.has_value());
}

// The figures of the second and the third blind set of tests/metrics-data: lines that were labelled
// before anything was measured with them, and none of which became a training line.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <scena/metrics.hpp>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "weights_built_in.hpp"

using namespace scena;
using namespace scena::test;

namespace {

struct Judged {
  double label = 0;
  double value = 0;
};

// Of all pairs with different labels the share that has the values in the same order.
double concordance(const std::vector<Judged>& items) {
  double pairs = 0, right = 0;
  for (const Judged& a : items) {
    for (const Judged& b : items) {
      if (a.label <= b.label) continue;
      ++pairs;
      right += a.value > b.value ? 1 : a.value == b.value ? 0.5 : 0;
    }
  }
  return pairs == 0 ? 0 : right / pairs;
}

// The lines of a set by metric, but for those of industry, whose labels are words.
std::map<std::string, std::vector<Judged>> judged_in(int set) {
  const Meter meter;
  std::ifstream file(std::string(SCENA_TEST_DIR) + "/metrics-data/blind.jsonl");
  std::map<std::string, std::vector<Judged>> judged;
  for (std::string line; std::getline(file, line);) {
    const Json item = parse_json(line).value_or_throw();
    if (item["set"] != set || item["metric"] == "industry") continue;
    const Json scores = parse_json(meter.measure_json(line).value_or_throw()).value_or_throw();
    const auto metric = item["metric"].get<std::string>();
    const Json& found = scores[metric];
    judged[metric].push_back(
        {item["label"].get<double>(), found.is_null() ? 0 : found.get<double>()});
  }
  return judged;
}

}  // namespace

TEST_CASE("lines that nothing was trained on keep their order in each metric") {
  if (!has_weights()) return;
  const Meter meter;
  std::ifstream file(std::string(SCENA_TEST_DIR) + "/metrics-data/blind.jsonl");
  std::map<std::string, std::vector<Judged>> judged;
  int industries = 0, right = 0;
  for (std::string line; std::getline(file, line);) {
    const Json item = parse_json(line).value_or_throw();
    if (item["set"] != 2) continue;
    const Json scores = parse_json(meter.measure_json(line).value_or_throw()).value_or_throw();
    const auto metric = item["metric"].get<std::string>();
    const Json& found = scores[metric];
    if (metric == "industry") {
      ++industries;
      right += found == item["label"];
      continue;
    }
    judged[metric].push_back(
        {item["label"].get<double>(), found.is_null() ? 0 : found.get<double>()});
  }
  const std::map<std::string, double> least = {{"contradiction", 0.72}, {"coverage", 0.75},
                                               {"engagement", 0.92},    {"evasiveness", 0.85},
                                               {"sentiment", 0.80},     {"sophistication", 0.88},
                                               {"toxicity", 0.86}};
  REQUIRE(judged.size() == least.size());
  for (const auto& one : judged) {
    CAPTURE(one.first);
    const double share = concordance(one.second);
    CAPTURE(share);
    REQUIRE(one.second.size() >= 50);
    CHECK(share >= least.at(one.first));
  }
  REQUIRE(industries == 60);
  CHECK(right >= 54);
}

TEST_CASE("lines of the third blind set keep their order, and few false contradictions are told") {
  if (!has_full_weights()) return;
  auto judged = judged_in(3);
  const std::map<std::string, double> least = {
      {"contradiction", 0.75}, {"coverage", 0.81}, {"toxicity", 0.78}};
  REQUIRE(judged.size() == least.size());
  for (const auto& one : judged) {
    CAPTURE(one.first);
    const double share = concordance(one.second);
    CAPTURE(share);
    CHECK(share >= least.at(one.first));
  }
  const auto& contradictions = judged["contradiction"];
  REQUIRE(contradictions.size() == 218);
  const auto told = [&](double label) {
    return std::count_if(contradictions.begin(), contradictions.end(),
                         [&](const Judged& one) { return one.label == label && one.value >= 0.5; });
  };
  CHECK(told(1) >= 28);
  CHECK(told(0) <= 8);
}

TEST_CASE("lines of a stranger, the fifth blind set, keep their order") {
  if (!has_full_weights()) return;
  auto judged = judged_in(5);
  const std::map<std::string, double> least = {{"contradiction", 0.60}, {"coverage", 0.68},
                                               {"engagement", 0.86},    {"evasiveness", 0.83},
                                               {"sentiment", 0.80},     {"toxicity", 0.92}};
  REQUIRE(judged.size() == least.size());
  for (const auto& one : judged) {
    CAPTURE(one.first);
    const double share = concordance(one.second);
    CAPTURE(share);
    CHECK(share >= least.at(one.first));
  }
}

TEST_CASE("short statements of the fourth blind set keep their order") {
  if (metrics::builtin_weights_file().empty()) return;
  const auto judged = judged_in(4)["contradiction"];
  REQUIRE(judged.size() == 120);
  CHECK(concordance(judged) >= 0.83);
}

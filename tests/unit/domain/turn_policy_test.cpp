#include "domain/turn_policy.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace scena;

namespace {

using Order = TurnPolicy::Kind;
using Names = std::vector<std::string_view>;

const std::vector<TurnParticipant> kTwo = {{"doctor", true}, {"patient", false}};
const std::vector<TurnParticipant> kGroup = {{"ann", true}, {"bob", false}, {"cyd", false}};

std::string next(TurnPolicy policy, const std::vector<TurnParticipant>& present,
                 const Names& speakers) {
  return next_speaker(policy, present, speakers).value_or("");
}

}  // namespace

TEST_CASE("alternate lets human and character answer each other") {
  CHECK(next({}, kTwo, {"patient"}) == "doctor");
  CHECK(next({}, kTwo, {"patient", "doctor"}) == "patient");
  CHECK(next({}, kTwo, {"doctor", "doctor"}) == "patient");
  CHECK(next({}, kTwo, {}) == "doctor");
  CHECK(next({.order = {"patient", "doctor"}}, kTwo, {}) == "patient");
}

TEST_CASE("alternate gives the word to the character that was silent longest") {
  CHECK(next({}, kGroup, {"ann"}) == "bob");
  CHECK(next({}, kGroup, {"ann", "bob", "ann"}) == "cyd");
  CHECK(next({}, kGroup, {"ann", "bob", "ann", "cyd", "ann"}) == "bob");
  CHECK(next({}, kGroup, {"ann", "bob"}) == "ann");
}

TEST_CASE("two characters without a human take turns") {
  const std::vector<TurnParticipant> present = {{"a", false}, {"b", false}};
  CHECK(next({}, present, {"a"}) == "b");
  CHECK(next({}, present, {"a", "b"}) == "a");
}

TEST_CASE("round_robin follows the order, humans included, also when somebody left") {
  const TurnPolicy policy{Order::round_robin, {"cyd", "ann", "bob"}};
  CHECK(next(policy, kGroup, {}) == "cyd");
  CHECK(next(policy, kGroup, {"cyd"}) == "ann");
  CHECK(next(policy, kGroup, {"cyd", "ann", "bob"}) == "cyd");
  const std::vector<TurnParticipant> without_ann = {{"bob", false}, {"cyd", false}};
  CHECK(next(policy, without_ann, {"cyd", "ann"}) == "bob");
}

TEST_CASE("who is not named in the order comes after those who are") {
  CHECK(next({Order::round_robin, {"cyd"}}, kGroup, {"cyd"}) == "ann");
}

TEST_CASE("with policy host, or with nobody present, nobody speaks by itself") {
  CHECK_FALSE(next_speaker({Order::host, {}}, kTwo, Names{"patient"}));
  CHECK_FALSE(next_speaker({}, {}, Names{"patient"}));
}

TEST_CASE("the first rule that holds of the last message decides before any order") {
  const auto measured = [](const char* metric, double value, const char* label) {
    return std::vector<MetricScore>{{.metric = metric, .value = value, .label = label}};
  };
  TurnPolicy policy;
  policy.when = {{.metric = "evasiveness", .speaker = "ann", .above = 0.6, .next = "cyd"},
                 {.metric = "evasiveness", .below = 0.1, .next = "bob"},
                 {.metric = "evasiveness", .above = 0.9, .next = "ann"},
                 {.metric = "industry", .label = "legal", .next = "cyd"}};
  const auto who = [&](const Names& speakers, const std::vector<MetricScore>& scores) {
    return next_speaker(policy, kGroup, speakers, scores).value_or("");
  };
  CHECK(who({"ann"}, measured("evasiveness", 0.61, "ambivalent")) == "cyd");
  CHECK(who({"ann"}, measured("evasiveness", 0.95, "non-reply")) == "cyd");
  CHECK(who({"ann"}, measured("evasiveness", 0.6, "ambivalent")) == "bob");  // by the order
  CHECK(who({"cyd", "ann", "bob"}, measured("evasiveness", 0.05, "clear")) == "bob");  // again
  CHECK(who({"bob"}, measured("evasiveness", 0.95, "non-reply")) == "ann");
  CHECK(who({"bob", "ann"}, measured("industry", 0.2, "legal")) == "cyd");
  CHECK(who({"ann"}, measured("industry", 0.9, "retail")) == "bob");
  CHECK(who({"ann"}, {}) == "bob");
  CHECK(who({}, measured("industry", 0.9, "legal")) == "ann");  // nobody spoke
  policy.kind = Order::host;
  CHECK(who({"ann"}, measured("industry", 0.9, "legal")) == "cyd");
  CHECK(who({"ann"}, {}) == "");
}

TEST_CASE("a rule for somebody who is not present is passed over") {
  const std::vector<MetricScore> angry = {{.metric = "mood", .value = 1}};
  TurnPolicy policy;
  policy.when = {{.metric = "mood", .above = 0.5, .next = "dan"},
                 {.metric = "mood", .above = 0.5, .next = "cyd"}};
  CHECK(next_speaker(policy, kGroup, Names{"ann"}, angry) == "cyd");
}

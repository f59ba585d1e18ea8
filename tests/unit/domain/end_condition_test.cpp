#include "domain/end_condition.hpp"

#include <doctest/doctest.h>

using namespace scena;
using namespace std::chrono_literals;

namespace {

Preset with(EndCondition condition) {
  Preset preset;
  preset.end_conditions.push_back(std::move(condition));
  return preset;
}

// A message with one score.
Message scored(std::string speaker, std::string metric, double value) {
  Message message;
  message.speaker = std::move(speaker);
  message.metrics.push_back({.metric = std::move(metric), .value = value});
  return message;
}

Message said(std::string speaker, std::string text) {
  Message message;
  message.speaker = std::move(speaker);
  message.parts.push_back({.text = std::move(text)});
  return message;
}

using Kind = EndCondition::Kind;

}  // namespace

TEST_CASE("a session ends with the counted reply and not before") {
  const auto preset = with({.kind = Kind::turns, .count = 3});
  CHECK_FALSE(session_end(preset, {.ai_replies = 2}));
  CHECK(session_end(preset, {.ai_replies = 3}) == "turns");
}

TEST_CASE("a session ends at its time by the clock it is given") {
  auto preset = with({.kind = Kind::time, .after = 10s});
  CHECK_FALSE(session_end(preset, {.elapsed = 9'999ms}));
  CHECK(session_end(preset, {.elapsed = 10s}) == "time");
  CHECK(session_end_time(preset) == EndTime{10s, "time"});
  preset.limits.session_time = 5s;
  CHECK(session_end(preset, {.elapsed = 5s}) == "session_time");
  CHECK(session_end_time(preset) == EndTime{5s, "session_time"});
  CHECK_FALSE(session_end_time(Preset{}));
}

TEST_CASE("a phrase ends a session as whole words, in any case, from the right speaker only") {
  const auto preset = with({.kind = Kind::phrase, .phrase = "good night", .speaker = "host"});
  const auto ends = [&](const Message& message) {
    const Message* const line[] = {&message};
    return session_end(preset, {.line = line}).has_value();
  };
  CHECK(ends(said("host", "Thank you, and Good Night!")));
  CHECK(ends(said("host", "good night")));
  CHECK_FALSE(ends(said("guest", "good night")));
  CHECK_FALSE(ends(said("host", "a good nightmare")));
  CHECK_FALSE(ends(said("host", "no-good nights")));
  CHECK_FALSE(ends(said("host", "")));
  CHECK_FALSE(session_end(preset, {}));
}

TEST_CASE("a variable ends a session when it has the value") {
  const auto preset = with({.kind = Kind::variable, .variable = "deal", .equals = "true"});
  VariableValues values{{"deal", "false"}};
  CHECK_FALSE(session_end(preset, {.variables = &values}));
  values["deal"] = "true";
  CHECK(session_end(preset, {.variables = &values}) == "variable");
}

TEST_CASE("without conditions a session goes on") {
  CHECK_FALSE(session_end({}, {.ai_replies = 1'000'000, .elapsed = 99h}));
}

TEST_CASE("a metric ends a session after so many measured messages in a row beyond its bound") {
  const auto preset = with({.kind = Kind::metric,
                            .count = 2,
                            .speaker = "guest",
                            .metric = "evasiveness",
                            .above = 0.6,
                            .below = 0.1});
  std::vector<Message> messages;
  const auto ends = [&] {
    std::vector<const Message*> line;
    for (const auto& message : messages) line.push_back(&message);
    return session_end(preset, {.line = line});
  };
  CHECK_FALSE(ends());
  messages.push_back(scored("guest", "evasiveness", 0.7));
  CHECK_FALSE(ends());
  messages.push_back(scored("host", "evasiveness", 0.3));  // somebody else
  messages.push_back(scored("guest", "sentiment", 0.3));   // something else
  CHECK_FALSE(ends());
  messages.push_back(scored("guest", "evasiveness", 0.05));  // beyond on the other side
  CHECK(ends() == "metric");
  messages.push_back(scored("guest", "evasiveness", 0.6));  // the bound itself is not beyond it
  CHECK_FALSE(ends());
  messages.push_back(scored("guest", "evasiveness", 0.61));
  CHECK_FALSE(ends());  // the row was broken
  messages.push_back(scored("guest", "evasiveness", 0.9));
  CHECK(ends() == "metric");
}

TEST_CASE("a metric condition without a count needs one message, and without a speaker anybody's") {
  const auto preset = with({.kind = Kind::metric, .metric = "toxicity", .above = 0.5});
  const Message message = scored("anybody", "toxicity", 0.51);
  const Message* const line[] = {&message};
  CHECK(session_end(preset, {.line = line}) == "metric");
}

TEST_CASE("a class ends a session after so many measured messages of it in a row") {
  const auto preset = with({.kind = Kind::metric, .count = 2, .metric = "mood", .label = "sour"});
  Message sour = scored("guest", "mood", 0.9);
  sour.metrics[0].label = "sour";
  Message sweet = sour;
  sweet.metrics[0].label = "sweet";
  const auto ends = [&](std::vector<const Message*> line) {
    return session_end(preset, {.line = line}).has_value();
  };
  CHECK(ends({&sour, &sour}));
  CHECK_FALSE(ends({&sour}));
  CHECK_FALSE(ends({&sour, &sour, &sweet}));
  CHECK_FALSE(ends({&sour, &sweet, &sour}));
}

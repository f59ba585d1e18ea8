#include <doctest/doctest.h>

#include <fstream>
#include <scena/batch.hpp>
#include <set>

#include "engine/batch/plan.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

BatchPlan plan_of(const std::string& json) {
  return BatchPlan::from_json(json).value_or_throw();
}

std::string faults_of(const std::string& json) {
  const auto plan = BatchPlan::from_json(json);
  REQUIRE_FALSE(plan);
  CHECK(plan.error().code() == ErrorCode::invalid_argument);
  return plan.error().what();
}

bool names(const std::string& faults, const std::string& pointer) {
  return faults.find("\n" + pointer + ": ") != std::string::npos;
}

}  // namespace

TEST_CASE("a plan is every combination of its lists, the seeds changing fastest") {
  const auto runs = batch_runs(plan_of(R"({
    "presets": ["job-interview", "angry-customer"],
    "models": [{"name": "small"}, {"name": "large"}],
    "variables": [{"name": "ann", "values": {}}],
    "seeds": [7, 9]})"));
  REQUIRE(runs.size() == 8);
  CHECK(runs[0].key == "job-interview.small.ann.s7");
  CHECK(runs[1].key == "job-interview.small.ann.s9");
  CHECK(runs[2].key == "job-interview.large.ann.s7");
  CHECK(runs[4].key == "angry-customer.small.ann.s7");
  std::set<std::string> keys;
  for (const auto& run : runs) keys.insert(run.key);
  CHECK(keys.size() == runs.size());
}

TEST_CASE("parts that a plan does not compare stand in no key") {
  const auto runs = batch_runs(plan_of(R"({"presets": ["job-interview"]})"));
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].key == "job-interview.s1");
}

TEST_CASE("every fault of a plan is told at once with its pointer") {
  const std::string faults = faults_of(R"({
    "presets": ["nobody-knows-it", {"id": "x"}],
    "characters": [{"name": "calm", "changes": 3}],
    "models": [{"name": "A B"}, {"provider": 3}],
    "variables": [{"name": "v", "values": {"a": []}}],
    "seeds": [1, 1, -2],
    "max_turns": 0,
    "limits": {"money": "x", "session_money": "0"},
    "outcomes": [{"name": "a"}, {"name": "b", "metric": "sentiment"}],
    "fork": {},
    "sedes": 1})");
  for (const char* pointer :
       {"/presets/0", "/presets/1/title", "/characters/0/changes", "/models/0/name",
        "/models/1/name", "/models/1/provider", "/variables/0/values/a", "/seeds/1", "/seeds/2",
        "/max_turns", "/limits/money", "/limits/session_money", "/outcomes/0", "/outcomes/1",
        "/fork", "/sedes"}) {
    CAPTURE(pointer);
    CHECK(names(faults, pointer));
  }
}

TEST_CASE("what the lists say is checked against each preset") {
  const std::string faults = faults_of(R"({
    "presets": ["job-interview"],
    "characters": [{"name": "ghost", "changes": {"ghost": {}}},
                   {"name": "odd", "changes": {"candidate": {"persnoa": "x"}}}],
    "variables": [{"name": "v", "values": {"nothing": "x"}}]})");
  CHECK(names(faults, "/characters/0/changes"));
  CHECK(names(faults, "/characters/1/changes"));
  CHECK(names(faults, "/variables/0/values/nothing"));
}

TEST_CASE("a plan without presets, without seeds or with too many runs is refused") {
  CHECK(names(faults_of("{}"), "/presets"));
  CHECK(names(faults_of(R"({"presets":["job-interview"],"seeds":[]})"), "/seeds"));
  CHECK(names(faults_of(R"({"presets":["job-interview","angry-customer"],
                            "seeds":{"count":1000000}})"),
              ""));
  CHECK(names(faults_of(R"({"presets":["job-interview"],"fork":{"file":"a","session":"b"}})"),
              "/fork"));
  CHECK(names(faults_of(R"({"presets":["job-interview"],"fork":{"file":"a"}})"), "/presets"));
}

TEST_CASE("money without a session's share is refused, and the other way round") {
  CHECK(names(faults_of(R"({"presets":["job-interview"],"limits":{"money":"1"}})"),
              "/limits/session_money"));
  CHECK(names(faults_of(R"({"presets":["job-interview"],"limits":{"session_money":"1"}})"),
              "/limits/money"));
}

TEST_CASE("what can never hold or never start is a fault of the plan") {
  const std::string faults = faults_of(R"({
    "presets": ["job-interview"],
    "outcomes": [{"name": "a", "metric": "sentiment", "speaker": "candidat", "above": 0},
                 {"name": "b", "metric": "sentiment", "above": 0.5, "below": 0.1}],
    "limits": {"money": "1", "session_money": "2"}})");
  CHECK(names(faults, "/outcomes/0/speaker"));
  CHECK(names(faults, "/outcomes/1/below"));
  CHECK(names(faults, "/limits/session_money"));
}

TEST_CASE("an outcome names what a session may end with, and nothing else") {
  for (const std::string end : {"turns", "time", "phrase", "variable", "metric", "session_time",
                                "max_turns", "failed", "error"}) {
    CAPTURE(end);
    CHECK(BatchPlan::from_json(R"({"presets":["job-interview"],"outcomes":[{"name":"a","end":")" +
                               end + R"("}]})"));
  }
  const std::string faults =
      faults_of(R"({"presets":["job-interview"],"outcomes":[{"name":"a","end":"phrases"}]})");
  CHECK(names(faults, "/outcomes/0/end"));
  CHECK(faults.find("\"max_turns\"") != std::string::npos);
}

TEST_CASE("broken JSON is no plan") {
  for (const char* text : {"", "[", "3", "\"x\"", "{\"presets\":[\"\xff\"]}", "{} {}"})
    CHECK_FALSE(BatchPlan::from_json(text));
}

TEST_CASE("paths in a plan file are relative to its folder") {
  const TempFolder folder;
  Preset preset = *find_builtin_preset("job-interview");
  preset.id = "mine";
  std::ofstream(folder.file("mine.json")) << preset.to_json();
  std::ofstream(folder.file("plan.json")) << R"({"presets": ["mine.json"]})";
  const auto plan = BatchPlan::from_file(folder.file("plan.json"));
  REQUIRE(plan);
  CHECK(plan->presets.at(0).id == "mine");
  CHECK(BatchPlan::from_file(folder.file("none.json")).error().code() == ErrorCode::not_found);
}

TEST_CASE("changes to a character replace its members and nothing else") {
  const Preset& preset = *find_builtin_preset("job-interview");
  const auto changed = engine::with_changes(
      preset, {"calm", {{"candidate", R"({"persona": "Very calm.", "goals": ["Stay."]})"}}});
  REQUIRE(changed);
  CHECK(changed->find_character("candidate")->persona == "Very calm.");
  CHECK(changed->find_character("candidate")->name == preset.find_character("candidate")->name);
  CHECK(*changed->find_character("interviewer") == *preset.find_character("interviewer"));
}

TEST_CASE("a digest changes with everything that a session is made of") {
  const std::string base = R"("presets": ["job-interview"])";
  const auto digest = [](const std::string& members, const Config& config = {},
                         const Dependencies& parts = {}) {
    const BatchPlan plan = plan_of("{" + members + "}");
    return engine::BatchParts(plan, config, parts, "").digest(batch_runs(plan).at(0));
  };
  Config other;
  other.model = "m";
  Config service;
  service.providers["main"].options = R"({"replies":["x"]})";
  Config short_memory;
  short_memory.limits.history_items = 3;
  Config one_metric;
  one_metric.metrics = {"sentiment"};
  Config routed;
  routed.policy.aliases["m"] = {"", "n"};
  Dependencies with_tool;
  with_tool.tools.push_back(
      make_tool({"pay", "Pays.", "{}"}, [](const ToolRequest&) { return ""; }));
  const std::set<std::string> digests{
      digest(base),
      digest(base + R"(, "seeds": [2])"),
      digest(base + R"(, "max_turns": 3)"),
      digest(base + R"(, "models": [{"name": "a", "model": "x"}])"),
      digest(base + R"(, "models": [{"name": "a", "model": "y"}])"),
      digest(base + R"(, "outcomes": [{"name": "a", "end": "turns"}])"),
      digest(base + R"(, "characters": [{"name": "a", "changes": {"candidate": {"style": "x"}}}])"),
      digest(R"("presets": ["angry-customer"])"),
      digest(base, other),
      digest(base, service),
      digest(base, short_memory),
      digest(base, one_metric),
      digest(base, routed),
      digest(base, {}, with_tool)};
  CHECK(digests.size() == 14);
  // Names, places and what is compared beside do not count.
  CHECK(digest(base + R"(, "name": "x", "seeds": [1, 2])") == digest(base));
  // Nor do keys, and what is changed so that a batch goes on.
  Config again = service;
  again.providers["main"].api_key = "another-key";
  again.timeouts.total = std::chrono::milliseconds(1);
  again.max_retries = 9;
  again.session_budget = Money{1};
  CHECK(digest(base, again) == digest(base, service));
}

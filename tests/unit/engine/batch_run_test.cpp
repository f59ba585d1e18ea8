#include <doctest/doctest.h>

#include <atomic>
#include <fstream>
#include <scena/batch.hpp>
#include <set>

#include "support/files.hpp"
#include "support/rank_file.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

BatchPlan small_plan(std::size_t seeds = 6) {
  BatchPlan plan;
  plan.presets = {*find_builtin_preset("job-interview")};
  plan.seeds.clear();
  for (std::size_t i = 0; i < seeds; ++i) plan.seeds.push_back(i + 1);
  plan.max_turns = 4;
  return plan;
}

BatchOptions virtual_options(unsigned workers = 1, const std::string& folder = {}) {
  BatchOptions options;
  options.config.clock = ClockKind::virtual_time;
  options.workers = workers;
  options.folder = folder;
  return options;
}

// A cent a request: `max_turns` cents a session.
BatchOptions with_prices(BatchOptions options) {
  options.config.prices["*"].request = *Money::parse("0.01");
  return options;
}

std::vector<std::string> keys_of(const BatchResult& result) {
  std::vector<std::string> keys;
  for (const auto& row : result.rows) keys.push_back(row.key);
  return keys;
}

std::string all_files(const std::string& folder) {
  std::string bytes;
  for (const char* name : {"rows.jsonl", "rows.csv", "summary.json"})
    bytes += read_file(folder + "/" + name);
  std::set<std::filesystem::path> sessions;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/sessions"))
    sessions.insert(entry.path());
  for (const auto& path : sessions) bytes += path.filename().string() + read_file(path);
  return bytes;
}

}  // namespace

TEST_CASE("a batch gives the same bytes for any number of workers") {
  const TempFolder folder;
  BatchPlan plan = small_plan(9);
  plan.presets.push_back(*find_builtin_preset("angry-customer"));
  plan.models = {{"one", "script:", ""}, {"two", "script:", "other"}};
  const auto one = run_batch(plan, virtual_options(1, folder.file("one")));
  const auto three = run_batch(plan, virtual_options(3, folder.file("three")));
  CHECK(one.rows.size() == 36);
  CHECK(one.rows == three.rows);
  CHECK(one.left == 0);
  CHECK(one.stopped.empty());
  CHECK(all_files(folder.file("one")) == all_files(folder.file("three")));
  CHECK(one.rows[0].turns == 4);
  CHECK(one.rows[0].metrics.contains("sentiment"));
  CHECK(one.rows[0].metrics != one.rows[1].metrics);  // seeds differ
}

TEST_CASE("the vocabularies of a batch are read once, not by each of its engines") {
  const TempFolder folder;
  const std::string file = folder.file("ranks");
  write_file(file, rank_file({}));
  BatchOptions options = virtual_options(2);
  options.config.token_counters["*"] = {.file = file, .cut = TextCut::gpt2};
  options.dependencies = [&file] {
    std::filesystem::remove(file);
    return Dependencies{};
  };
  const auto result = run_batch(small_plan(4), options);
  REQUIRE(result.rows.size() == 4);
  for (const auto& row : result.rows) CHECK(row.error.empty());
  CHECK(code_of([&] { run_batch(small_plan(1), options); }) == ErrorCode::not_found);
}

TEST_CASE("what a batch keeps of a session can be imported") {
  const TempFolder folder;
  run_batch(small_plan(1), virtual_options(1, folder.path()));
  Engine engine = Engine::open(scripted());
  Session session = engine.import_session(read_file(folder.file("sessions/job-interview.s1.json")));
  CHECK(session.id() == "job-interview.s1");
  CHECK(session.info().turns == 4);
}

TEST_CASE("what has a row is not run again, and more seeds are added to it") {
  const TempFolder folder;
  const auto first = run_batch(small_plan(3), virtual_options(1, folder.path()));
  const auto again = run_batch(small_plan(5), virtual_options(2, folder.path()));
  CHECK(again.repeated == 3);
  CHECK(again.rows.size() == 5);
  CHECK(std::equal(first.rows.begin(), first.rows.end(), again.rows.begin()));
}

TEST_CASE("a folder whose sessions were made otherwise is refused") {
  const TempFolder folder;
  run_batch(small_plan(2), virtual_options(1, folder.path()));
  BatchPlan other = small_plan(2);
  other.max_turns = 3;
  CHECK(code_of([&] { run_batch(other, virtual_options(1, folder.path())); }) ==
        ErrorCode::conflict);
}

TEST_CASE("a session that fails is a row and stops nothing") {
  const TempFolder folder;
  BatchPlan plan = small_plan(2);
  plan.models = {{"good", "script:", ""}, {"bad", "fault:401x99", ""}, {"none", "nobody", ""}};
  const auto result = run_batch(plan, virtual_options(2, folder.path()));
  REQUIRE(result.rows.size() == 6);
  CHECK(result.rows[0].error.empty());
  CHECK(result.rows[2].error == "unauthenticated");
  CHECK(result.rows[2].end == "failed");
  CHECK(result.rows[4].error != "");
  CHECK(result.rows[4].session.empty());
  const auto again = run_batch(plan, virtual_options(1, folder.path()));
  CHECK(again.repeated == 6);
  auto options = virtual_options(1, folder.path());
  options.retry_failed = true;
  CHECK(run_batch(plan, options).repeated == 2);
}

TEST_CASE(
    "the money ends a batch before the session that it cannot pay, for any number of workers") {
  BatchPlan plan = small_plan(20);
  plan.session_money = Money::parse("0.05");
  plan.money = Money::parse("0.2");
  const auto one = run_batch(plan, with_prices(virtual_options(1)));
  const auto four = run_batch(plan, with_prices(virtual_options(4)));
  REQUIRE(one.rows.size() == 4);  // 4 cents each; after four of them 16 + 5 cents are too many
  CHECK(one.rows[0].cost.to_string() == "0.04");
  CHECK(one.stopped == "money");
  CHECK(one.left == 16);
  CHECK(one.cost.to_string() == "0.16");
  CHECK(keys_of(one) == keys_of(four));
}

TEST_CASE("more money goes on where less had stopped") {
  const TempFolder folder;
  BatchPlan plan = small_plan(5);
  plan.session_money = Money::parse("0.05");
  plan.money = Money::parse("0.1");
  CHECK(run_batch(plan, with_prices(virtual_options(1, folder.path()))).rows.size() == 2);
  plan.money = Money::parse("1");
  const auto result = run_batch(plan, with_prices(virtual_options(1, folder.path())));
  CHECK(result.rows.size() == 5);
  CHECK(result.repeated == 2);
  CHECK(result.cost.to_string() == "0.2");
}

TEST_CASE("no session costs more than its share") {
  BatchPlan plan = small_plan(2);
  plan.session_money = Money::parse("0.025");
  plan.money = Money::parse("1");
  for (const auto& row : run_batch(plan, with_prices(virtual_options())).rows) {
    CHECK(row.cost <= *plan.session_money);
    CHECK(row.error == "budget_exhausted");
  }
}

TEST_CASE("a stopped batch tells of it and goes on later to the same end") {
  const TempFolder folder;
  std::stop_source stop;
  auto options = virtual_options(2, folder.file("stopped"));
  options.stop = stop.get_token();
  options.progress = [&stop](const BatchProgress& progress) {
    if (progress.done == 3) stop.request_stop();
  };
  const auto stopped = run_batch(small_plan(12), options);
  CHECK(stopped.stopped == "cancelled");
  CHECK(stopped.rows.size() >= 3);
  CHECK(stopped.left == 12 - stopped.rows.size());
  const auto rest = run_batch(small_plan(12), virtual_options(2, folder.file("stopped")));
  CHECK(rest.repeated == stopped.rows.size());
  run_batch(small_plan(12), virtual_options(1, folder.file("whole")));
  CHECK(all_files(folder.file("stopped")) == all_files(folder.file("whole")));
}

TEST_CASE("progress counts every run once") {
  std::vector<BatchProgress> seen;
  auto options = virtual_options(2);
  options.progress = [&seen](const BatchProgress& progress) { seen.push_back(progress); };
  run_batch(small_plan(5), options);
  REQUIRE(seen.size() == 10);  // start and end of each
  CHECK(seen.back().done == 5);
  CHECK(seen.back().total == 5);
  CHECK(seen.back().running == 0);
}

TEST_CASE("the first outcome that fits names the row") {
  BatchPlan plan = small_plan(2);
  plan.outcomes = {{.name = "never", .phrase = "no such words stand there"},
                   {.name = "other-end", .end = "phrase"},
                   {.name = "measured", .speaker = "candidate", .metric = "sentiment", .above = -1},
                   {.name = "late", .end = "max_turns"}};
  for (const auto& row : run_batch(plan, virtual_options()).rows) {
    CHECK(row.outcome == "measured");
    CHECK(row.end == "max_turns");
    CHECK_FALSE(row.completed);
  }
}

TEST_CASE("each end condition of a preset, and its limit of time, is an end of its own") {
  using Kind = EndCondition::Kind;
  const auto ended = [](EndCondition condition, std::chrono::milliseconds session_time = {}) {
    BatchPlan plan = small_plan(1);
    plan.keep_sessions = true;
    Preset& preset = plan.presets[0];
    Variable deal;
    deal.name = "deal";
    deal.default_value = "open";
    preset.variables.push_back(deal);
    preset.end_conditions.clear();
    if (session_time.count() == 0) preset.end_conditions = {std::move(condition)};
    preset.limits.session_time = session_time;
    const TempFolder folder;
    const auto result = run_batch(plan, virtual_options(1, folder.path()));
    const BatchRow row = result.rows.at(0);
    Engine engine = Engine::open(virtual_options().config);
    const Session session =
        engine.import_session(read_file(folder.file("sessions/" + row.key + ".json")));
    const BatchRow stored = session_row(session.info(), session.messages());
    CHECK(stored.end == (row.end == "max_turns" ? "host" : row.end));
    CHECK(stored.completed == row.completed);
    return row.end + (row.completed ? " completed" : "");
  };
  CHECK(ended({.kind = Kind::turns, .count = 2}) == "turns completed");
  CHECK(ended({.kind = Kind::time, .after = std::chrono::milliseconds(1)}) == "time completed");
  CHECK(ended({.kind = Kind::phrase, .phrase = "you"}) == "phrase completed");
  CHECK(ended({.kind = Kind::variable, .variable = "deal", .equals = "open"}) ==
        "variable completed");
  CHECK(ended({.kind = Kind::metric, .count = 1, .metric = "sentiment", .above = -2}) ==
        "metric completed");
  CHECK(ended({}, std::chrono::milliseconds(1)) == "session_time completed");  // its timer's word
  CHECK(ended({.kind = Kind::turns, .count = 100}) == "max_turns");
}

TEST_CASE("several sessions share an engine on the real clock and give the same texts") {
  BatchPlan plan = small_plan(6);
  plan.sessions_at_once = 4;
  for (auto& character : plan.presets[0].characters) {  // no waiting
    if (character.script) {
      character.script->delay_ms = CharacterScript::Range{0, 0};
      character.script->token_ms = CharacterScript::Range{0, 0};
    }
  }
  auto options = virtual_options();
  options.config.clock = ClockKind::real;
  const auto real = run_batch(plan, options);
  const auto simulated = run_batch(plan, virtual_options());
  REQUIRE(real.rows.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(real.rows[i].error.empty());
    CHECK(real.rows[i].output_tokens == simulated.rows[i].output_tokens);
  }
}

TEST_CASE("a fork's runs share the beginning, differ by their seeds, and count from there") {
  const TempFolder folder;
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");  // a person and a character
  session.send_wait("Good morning. I am glad to be here.");
  session.send_wait("I wrote the scheduler myself.");
  std::ofstream(folder.file("talk.json"))
      << engine.export_session(session.id(), ExportFormat::json);
  const std::size_t shared = 3;  // opening, message and reply
  BatchPlan plan;
  plan.fork = BatchFork{folder.file("talk.json"), "", session.messages().at(shared - 1).id};
  plan.seeds = {1, 2, 3, 4};
  plan.max_turns = 4;
  const auto one = run_batch(plan, virtual_options(1, folder.file("one")));
  const auto two = run_batch(plan, virtual_options(2, folder.file("two")));
  CHECK(all_files(folder.file("one")) == all_files(folder.file("two")));
  REQUIRE(one.rows.size() == 4);
  std::set<std::map<std::string, double>> different;
  for (const auto& row : one.rows) {
    CHECK(row.error == "");
    CHECK(row.preset == "job-interview");
    CHECK(row.turns == 4);
    CHECK(row.messages == 4);
    CHECK(row.session != session.id());
    different.insert(row.metrics);
    Session fork =
        engine.import_session(read_file(folder.file("one/sessions/" + row.key + ".json")));
    const auto messages = fork.messages();
    REQUIRE(messages.size() == shared + 4);
    for (std::size_t i = 0; i < shared; ++i)
      CHECK(messages[i].text() == session.messages()[i].text());
    CHECK_FALSE(messages.back().from_human);
  }
  CHECK(different.size() > 1);
}

TEST_CASE("what is no exported session cannot be forked") {
  const TempFolder folder;
  std::ofstream(folder.file("x.json")) << "{}";
  BatchPlan plan;
  plan.fork = BatchFork{folder.file("x.json"), "", ""};
  CHECK(code_of([&] { run_batch(plan, virtual_options()); }) == ErrorCode::invalid_argument);
  plan.fork->file = folder.file("none.json");
  CHECK(code_of([&] { run_batch(plan, virtual_options()); }) == ErrorCode::not_found);
}

TEST_CASE("a folder that cannot be written is told before anything runs") {
  const TempFolder folder;
  std::ofstream(folder.file("taken")) << "x";
  auto options = virtual_options(1, folder.file("taken"));
  CHECK(code_of([&] { run_batch(small_plan(1), options); }) == ErrorCode::storage_failed);
  options = virtual_options(0);
  CHECK(code_of([&] { run_batch(small_plan(1), options); }) == ErrorCode::invalid_argument);
}

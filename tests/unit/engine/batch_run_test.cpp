#include <doctest/doctest.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <mutex>
#include <scena/batch.hpp>
#include <scena/ext/event_sink.hpp>
#include <scena/log_sinks.hpp>
#include <set>

#include "conformance/stage.hpp"
#include "support/files.hpp"
#include "support/rank_file.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/answering_model.hpp"
#include "unit/engine/engine_fixture.hpp"
#include "unit/engine/judge_fixture.hpp"

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

// On the real clock nobody waits for its scripts.
BatchPlan hasty(BatchPlan plan) {
  for (auto& character : plan.presets[0].characters) {
    if (!character.script) continue;
    character.script->delay_ms = CharacterScript::Range{0, 0};
    character.script->token_ms = CharacterScript::Range{0, 0};
  }
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

// Refuses each event, however often it comes.
class RefusingSink final : public EventSink {
 public:
  EventSinkOptions options() const override { return {.events = {"message.stored"}}; }
  void deliver(const Event&, const Job& job, std::shared_ptr<JobAnswer> answer,
               std::stop_token) override {
    retried += job.attempts > 1 ? 1 : 0;
    answer->fail("down");
  }

  int retried = 0;
};

// Keeps its answer until it is let go, so that its first attempt never ends.
class UnansweredSink final : public EventSink {
 public:
  explicit UnansweredSink(std::function<void()> told) : told_(std::move(told)) {}
  EventSinkOptions options() const override { return {.events = {"analysis.stored"}}; }
  void deliver(const Event&, const Job&, std::shared_ptr<JobAnswer> answer,
               std::stop_token) override {
    held_.push_back(std::move(answer));
    told_();
  }

 private:
  std::function<void()> told_;
  std::vector<std::shared_ptr<JobAnswer>> held_;
};

BatchOptions real_options() {
  BatchOptions options = virtual_options();
  options.config.clock = ClockKind::real;
  return options;
}

BatchOptions with_sink(BatchOptions options, std::shared_ptr<EventSink> sink) {
  options.dependencies = [sink = std::move(sink)] {
    Dependencies made;
    made.event_sinks["book"] = sink;
    return made;
  };
  return options;
}

// Takes each session's last event, the second time it comes.
class ReluctantSink final : public EventSink {
 public:
  EventSinkOptions options() const override { return {.events = {"analysis.stored"}}; }
  void deliver(const Event& event, const Job& job, std::shared_ptr<JobAnswer> answer,
               std::stop_token) override {
    if (job.attempts == 1) {
      ++refused;
      return answer->fail("not yet");
    }
    taken.push_back(event.type);
    answer->succeed("");
  }

  std::vector<std::string> taken;
  int refused = 0;
};

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

TEST_CASE("the sessions of a batch are analysed before it lets go of them") {
  const TempFolder folder;
  for (const ClockKind clock : {ClockKind::virtual_time, ClockKind::real}) {
    auto options = virtual_options(1, folder.file(std::to_string(static_cast<int>(clock))));
    options.config.clock = clock;
    const auto result = run_batch(hasty(small_plan(3)), options);
    REQUIRE(result.rows.size() == 3);
    for (const auto& row : result.rows) {
      Engine engine = Engine::open(scripted());
      Session session =
          engine.import_session(read_file(options.folder + "/sessions/" + row.key + ".json"));
      CHECK(session.analysis().messages == row.messages);
    }
  }
}

TEST_CASE("a batch pays for its analyses in its rows, also for those that are tried again") {
  BatchPlan plan = hasty(small_plan(1));
  plan.presets[0].rubric = {{"calm", "Calm", "Good: calm. Poor: loud.", 1}};
  for (const ClockKind clock : {ClockKind::virtual_time, ClockKind::real}) {
    for (const bool works : {true, false}) {
      const auto judge = std::make_shared<AnsweringModel>();
      if (works) {
        judge->answers = {
            R"({"summary":"They met.","criteria":{"calm":{"score":9,"comment":"Calm.","quotes":)"
            R"([{"message":"m1","words":"Good morning"}]}},"turning_points":[],"evasions":[],)"
            R"("contradictions":[]})"};
      }
      auto options = with_prices(virtual_options());
      options.config.clock = clock;
      options.config.max_retries = 0;
      options.config.jobs.first_delay = std::chrono::milliseconds(1);
      options.config.analysis.provider = "judge";
      options.dependencies = [judge] {
        Dependencies made;
        made.providers["judge"] = judge;
        return made;
      };
      const auto result = run_batch(plan, options);
      REQUIRE(result.rows.size() == 1);
      CHECK(judge->requests.size() == (works ? 1 : 3));
      CHECK(result.rows[0].error.empty());
      CHECK(result.rows[0].cost.to_string() == (works ? "0.05" : "0.04"));
      CHECK(result.cost == result.rows[0].cost);
    }
  }
}

TEST_CASE("a batch hands the events of its sessions to sinks before it lets go of them") {
  const auto sink = std::make_shared<ReluctantSink>();
  const auto result = run_batch(small_plan(3), with_sink(virtual_options(), sink));
  CHECK(result.rows.size() == 3);
  CHECK(sink->taken == std::vector<std::string>(3, "analysis.stored"));
  CHECK(sink->refused == 3);
}

TEST_CASE("a batch on the real clock waits for each first attempt of a sink, and for no retry") {
  const auto reluctant = std::make_shared<ReluctantSink>();
  auto options = with_sink(real_options(), reluctant);
  options.config.jobs.first_delay = std::chrono::hours(1);
  options.config.jobs.longest_delay = std::chrono::hours(1);
  CHECK(run_batch(hasty(small_plan(3)), options).rows.size() == 3);
  CHECK(reluctant->refused == 3);
  CHECK(reluctant->taken.empty());
  const auto refusing = std::make_shared<RefusingSink>();
  std::mutex mutex;
  int warnings = 0;
  options.dependencies = [refusing, &mutex, &warnings] {
    Dependencies made;
    made.event_sinks["book"] = refusing;
    made.log = json_lines_sink([&mutex, &warnings](std::string_view line) {
      const std::lock_guard lock(mutex);
      warnings += line.find("does not wait for an event sink") == line.npos ? 0 : 1;
    });
    return made;
  };
  const auto result = run_batch(hasty(small_plan(3)), options);
  CHECK(result.left == 0);
  CHECK(refusing->retried == 0);
  CHECK(warnings == 3);  // one a session
  for (const auto& row : result.rows) CHECK(row.error.empty());
}

TEST_CASE("a stopped batch keeps the rows of sessions that only sinks hold") {
  const TempFolder folder;
  std::stop_source stop;
  int told = 0;
  auto options = with_sink(with_prices(real_options()), std::make_shared<UnansweredSink>([&] {
                             if (++told == 3) stop.request_stop();
                           }));
  options.folder = folder.path();
  options.stop = stop.get_token();
  BatchPlan plan = hasty(small_plan(4));
  plan.sessions_at_once = 3;
  const auto result = run_batch(plan, options);
  CHECK(result.stopped == "cancelled");
  CHECK(result.rows.size() == 3);
  CHECK(result.left == 1);
  for (const auto& row : result.rows) {
    CHECK(row.error.empty());
    CHECK(row.cost.to_string() == "0.04");
  }
  CHECK(result.cost.to_string() == "0.12");
}

TEST_CASE(
    "a batch waits for the opinions of a judge, which are in its rows, also without analyses") {
  BatchPlan plan = small_plan(1);
  plan.presets = {conformance::two_in_a_room()};
  for (const ClockKind clock : {ClockKind::virtual_time, ClockKind::real}) {
    const TempFolder folder;
    const auto judge = std::make_shared<AnsweringModel>();
    judge->failure = ErrorCode::provider_error;  // the first time, so that the talk ends before
    judge->asked = [model = judge.get()] {
      if (model->requests.size() == 2) model->answers = {opinion("more or less")};
    };
    auto options = virtual_options(1, folder.path());
    options.config = judged_config();
    options.config.clock = clock;
    options.config.providers["model"].options =
        std::string(R"({"delay_ms":0,"token_ms":0,"replies":["How did it go? )") + kUnsure +
        R"("]})";
    options.config.analysis.on_completion = false;
    options.config.judge.below_confidence = 1;
    options.config.jobs.first_delay = std::chrono::milliseconds(200);
    options.config.prices.clear();
    options = with_prices(std::move(options));
    options.dependencies = [judge] {
      Dependencies made;
      made.providers["judge"] = judge;
      return made;
    };
    const auto result = run_batch(plan, options);
    REQUIRE(result.rows.size() == 1);
    const BatchRow& row = result.rows[0];
    CHECK(row.error == "");
    REQUIRE(judge->requests.size() > 1);
    Money cost = *Money::parse("0.04");
    for (std::size_t i = 1; i < judge->requests.size(); ++i) cost += *Money::parse("0.01");
    CHECK(row.cost == cost);
    Engine engine = Engine::open(scripted());
    Session session =
        engine.import_session(read_file(folder.file("sessions/" + row.key + ".json")));
    CHECK(session.messages().back().judged.size() == 1);
  }
}

TEST_CASE("what is told of a session behind its last message does not make it longer") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  engine.advance(std::chrono::minutes(1));
  session.send_wait("Good morning.");
  engine.advance(std::chrono::minutes(5));
  session.complete().get();
  engine.run_until_idle();
  engine.advance(std::chrono::hours(24 * 7));
  session.annotate("feedback", R"({"satisfied":true})").get();
  const auto took = session_row(session.info(), session.messages()).duration;
  CHECK(took >= std::chrono::minutes(1));
  CHECK(took < std::chrono::minutes(2));
  Session fork = session.fork("m1").get();
  CHECK(session_row(fork.info(), fork.messages()).duration.count() == 0);
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

TEST_CASE("a reply that was cut ends the run of its session: nobody answers half a sentence") {
  BatchPlan plan = small_plan(1);
  plan.models = {{"cut", "fault:cut_after=3x99", ""}};
  const auto result = run_batch(plan, virtual_options(1, ""));
  REQUIRE(result.rows.size() == 1);
  CHECK(result.rows[0].end == "failed");
  CHECK(result.rows[0].error == "network");
  CHECK(result.rows[0].turns == 1);
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

TEST_CASE("progress begins with what an earlier try has finished, also where nothing is left") {
  const TempFolder folder;
  run_batch(small_plan(3), virtual_options(1, folder.file("out")));
  std::vector<BatchProgress> seen;
  auto options = virtual_options(1, folder.file("out"));
  options.progress = [&seen](const BatchProgress& progress) { seen.push_back(progress); };
  run_batch(small_plan(3), options);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].done == 3);
  CHECK(seen[0].total == 3);
  CHECK(seen[0].running == 0);
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
  BatchPlan plan = hasty(small_plan(6));
  plan.sessions_at_once = 4;
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

TEST_CASE("a fork at a message that the session has not is refused before anything runs") {
  const TempFolder folder;
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  session.start().get();
  std::ofstream(folder.file("talk.json"))
      << engine.export_session(session.id(), ExportFormat::json);
  BatchPlan plan;
  plan.max_turns = 2;
  plan.fork = BatchFork{folder.file("talk.json"), "", "m99"};
  try {
    run_batch(plan, virtual_options(1, folder.path() + "/out"));
    FAIL("it ran");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::not_found);
    CHECK(std::string(error.what()) == "/fork/message: the session has no message \"m99\"");
  }
  plan.fork->message = "m1";
  CHECK(run_batch(plan, virtual_options(1, "")).rows.at(0).error == "");
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

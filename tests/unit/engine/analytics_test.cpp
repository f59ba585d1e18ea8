#include <doctest/doctest.h>

#include <algorithm>
#include <scena/analytics.hpp>

#include "engine/analytics/metric_values.hpp"
#include "storage/registry.hpp"
#include "support/forwarding_storage.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

// Two completed interviews, one left after a message, one failed; a customer who never began.
void fill_store(Engine& engine) {
  const auto talk = [&engine](const char* preset, const char* feedback) {
    Session session = engine.create_session(preset);
    session.send_wait("Good morning.");
    if (*feedback != 0) session.annotate("feedback", feedback).get();
    return session;
  };
  talk("job-interview", R"({"satisfied":true,"rating":5})").complete().get();
  talk("job-interview", R"({"satisfied":false})").complete().get();
  talk("job-interview", "");
  talk("job-interview", R"({"satisfied":"yes","rating":"none"})").fail().get();
  engine.create_session("angry-customer");
  engine.run_until_idle();
}

/// Does something once, within the list of that number.
class ListHook final : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  Result<std::vector<Record>> list(const RecordQuery& query) override {
    if (hook && at-- == 0) std::exchange(hook, nullptr)();
    return inner_->list(query);
  }
  std::function<void()> hook;
  int at = 0;
};

std::uint64_t way(const std::vector<FlowRow>& rows, std::uint32_t step, const std::string& from,
                  const std::string& to) {
  for (const auto& row : rows) {
    if (row.preset == "job-interview" && row.step == step && row.from == from && row.to == to)
      return row.sessions;
  }
  return 0;
}

}  // namespace

TEST_CASE("analytics of an owner are those of the sessions that are stored") {
  Engine engine = Engine::open(scripted());
  fill_store(engine);
  SessionOptions options;
  options.owner = "anna";
  engine.create_session("job-interview", options).send_wait("Good morning.");
  Session gone = engine.create_session("job-interview", options);
  options.owner = "ann";
  engine.create_session("job-interview", options);
  engine.run_until_idle();
  AnalyticsQuery query;
  query.owner = "anna";
  CHECK(session_analytics(engine, query).at(0).sessions == 2);
  CHECK_FALSE(session_flow(engine, query).empty());
  gone.remove().get();
  CHECK(session_analytics(engine, query).at(0).sessions == 1);
  query.owner = "nobody";
  CHECK(session_analytics(engine, query).at(0).sessions == 0);
}

TEST_CASE("a distribution tells mean and quantiles of a metric, by group") {
  Engine engine = Engine::open(scripted());
  fill_store(engine);
  const std::vector<AnalyticsBy> by{AnalyticsBy::preset, AnalyticsBy::character};
  CHECK(session_analytics(engine, {}, by).front().metrics.empty());
  AnalyticsQuery query;
  query.distributions = true;
  const auto rows = session_analytics(engine, query, by);
  std::uint64_t messages = 0;
  for (const AnalyticsRow& row : rows) {
    if (row.metrics.empty()) continue;
    const Distribution& found = row.metrics.at("sentiment");
    CHECK(found.p10 <= found.p50);
    CHECK(found.p50 <= found.p90);
    messages += found.count;
  }
  const auto whole = session_analytics(engine, query);
  CHECK(messages == whole.at(0).metrics.at("sentiment").count);
  CHECK(messages > 4);
  const std::string lines = analytics_to_jsonl(whole, {});
  CHECK(lines.find(R"("metrics":{)") != std::string::npos);
  CHECK(lines.find(R"("sentiment":{"n":)") != std::string::npos);
  CHECK(analytics_to_csv(whole, {}).find("metric.sentiment.n,metric.sentiment.mean,"
                                         "metric.sentiment.p10") != std::string::npos);
  std::vector<Message> said(5);
  for (std::size_t i = 0; i < said.size(); ++i) {
    said[i].speaker = i == 4 ? "other" : "ann";
    said[i].metrics.push_back({.metric = "m", .value = static_cast<double>(4 - i)});
  }
  engine::MetricValues values;
  values.add(said, "");
  CHECK(values.distributions().at("m") == Distribution{5, 2, 0.4, 2, 3.6});
  engine::MetricValues anns;
  anns.add(said, "ann");
  CHECK(anns.distributions().at("m").count == 4);
  CHECK(anns.distributions().at("m").p50 == 2.5);
}

TEST_CASE("analytics count how sessions ended and what people thought of them") {
  Engine engine = Engine::open(scripted());
  fill_store(engine);
  const auto rows = session_analytics(engine, {}, {AnalyticsBy::preset});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].group == std::vector<std::string>{"angry-customer"});
  CHECK(rows[0].sessions == 1);
  CHECK(rows[0].completed == 0);
  const AnalyticsRow& interviews = rows[1];
  CHECK(interviews.sessions == 4);
  CHECK(interviews.completed == 2);
  CHECK(interviews.failed == 1);
  CHECK(interviews.ends == std::map<std::string, std::uint64_t>{{"host", 2}});
  CHECK(interviews.completion == share_interval(2, 4));
  CHECK(interviews.satisfied == share_interval(1, 2));  // a text is no answer
  CHECK(interviews.rating == mean_interval({5}));
}

TEST_CASE("analytics by nothing are one row, also of an empty store") {
  Engine engine = Engine::open(scripted());
  auto rows = session_analytics(engine);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].sessions == 0);
  CHECK(rows[0].completion.count == 0);
  fill_store(engine);
  CHECK(session_analytics(engine).at(0).sessions == 5);
}

TEST_CASE("analytics look only at what is asked for") {
  Engine engine = Engine::open(scripted());
  fill_store(engine);
  const std::string day = session_analytics(engine, {}, {AnalyticsBy::day}).at(0).group.at(0);
  const auto sessions = [&engine](const AnalyticsQuery& query) {
    return session_analytics(engine, query).at(0).sessions;
  };
  CHECK(sessions({.preset = "job-interview"}) == 4);
  CHECK(sessions({.character = "customer"}) == 1);
  CHECK(sessions({.from = day, .to = day}) == 5);
  CHECK(sessions({.from = "2999-01-01"}) == 0);
  CHECK(sessions({.to = "1999-01-01"}) == 0);
  CHECK(code_of([&] { session_analytics(engine, {.from = "yesterday"}); }) ==
        ErrorCode::invalid_argument);
  const auto by_character = session_analytics(engine, {}, {AnalyticsBy::character});
  CHECK(by_character.size() == 4);  // two of each preset
}

TEST_CASE("the flow tells who follows whom and where people leave") {
  Engine engine = Engine::open(scripted());
  fill_store(engine);
  const auto rows = session_flow(engine);
  std::uint64_t started = 0, ended = 0;
  for (const auto& row : rows) {
    if (row.from == "(start)") started += row.sessions;
    if (row.to.starts_with("(")) ended += row.sessions;
  }
  CHECK(started == 5);
  CHECK(ended == 5);
  CHECK(way(rows, 1, "(start)", "interviewer") == 4);  // the opening
  CHECK(way(rows, 2, "interviewer", "candidate") == 4);
  CHECK(way(rows, 3, "candidate", "interviewer") == 4);
  CHECK(way(rows, 4, "interviewer", "(completed)") == 2);
  CHECK(way(rows, 4, "interviewer", "(dropped)") == 1);
  CHECK(way(rows, 4, "interviewer", "(failed)") == 1);
}

TEST_CASE("analytics and flow are the same as JSON Lines and CSV, from a file and from memory") {
  const TempFolder folder;
  Config config = scripted();
  Engine memory = Engine::open(config);
  config.storage = "sqlite:" + folder.file("talks.db");
  Engine file = Engine::open(config);
  fill_store(memory);
  fill_store(file);
  const std::vector<AnalyticsBy> by{AnalyticsBy::preset, AnalyticsBy::month};
  const auto rows = session_analytics(memory, {}, by);
  CHECK(rows == session_analytics(file, {}, by));
  CHECK(session_flow(memory) == session_flow(file));
  const std::string lines = analytics_to_jsonl(rows, by), csv = analytics_to_csv(rows, by);
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 3);
  CHECK(csv.starts_with("preset,month,sessions,completed,failed,messages,cost,completion,"));
  CHECK(lines.find(R"("sessions":4,"completed":2,"failed":1,"ends":{"host":2})") !=
        std::string::npos);
  const std::string flow = flow_to_csv(session_flow(memory));
  CHECK(flow.starts_with("preset,step,from,to,sessions,share,low,high\r\n"));
  CHECK(flow.find("job-interview,1,(start),interviewer,4,1,") != std::string::npos);
}

TEST_CASE("analytics and flow are the host's alone") {
  Engine engine = Engine::open(scripted());
  Engine theirs = engine.as({.subject = "ann"});
  CHECK(code_of([&] { (void)session_analytics(theirs); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { (void)session_flow(theirs); }) == ErrorCode::permission_denied);
}

TEST_CASE("an engine that is closed meanwhile answers questions with closed, never with less") {
  const auto ask = [](bool flow, int at) {
    auto store = std::make_shared<ListHook>(open_storage({.url = "memory:"}).value_or_throw());
    Dependencies dependencies;
    dependencies.storage = store;
    Engine engine = Engine::open(scripted(), dependencies);
    fill_store(engine);
    store->at = at;
    store->hook = [&engine] { engine.close(); };
    std::uint64_t sessions = 5;
    const ErrorCode code = code_of([&] {
      if (flow) {
        (void)session_flow(engine);
      } else {
        sessions = session_analytics(engine).at(0).sessions;
      }
    });
    CHECK(sessions == 5);
    const bool closed = !store->hook;
    CHECK(code == (closed ? ErrorCode::closed : ErrorCode::ok));
    CHECK(closed == (code_of([&] { (void)session_analytics(engine); }) == ErrorCode::closed));
    return closed;
  };
  for (int at = 0; at < 2; ++at) CHECK(ask(false, at));  // its counts, its rows
  CHECK(ask(true, 0));
  CHECK_FALSE(ask(false, 100));
}

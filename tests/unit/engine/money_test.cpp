#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <scena/analytics.hpp>

#include "base/json.hpp"
#include "faults/fault_fixture.hpp"
#include "net/tape.hpp"
#include "storage/registry.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

// One cent an input token, ten an output token: sums are easy to see.
const Price kPrice{.input = Money{10'000'000'000'000'000},
                   .output = Money{100'000'000'000'000'000}};

Money cents(std::int64_t amount) {
  return {amount * 10'000'000'000};
}

UsageUpdate used(std::int64_t input, std::int64_t output) {
  UsageUpdate usage;
  usage.input_tokens = input;
  usage.output_tokens = output;
  return usage;
}

// A model whose every reply used so much.
struct Metered {
  std::int64_t input = 10, output = 4;
  bool tells = true;
  std::vector<std::string> models;  // that were asked for
};

class MeteredModel final : public Provider {
 public:
  explicit MeteredModel(std::shared_ptr<Metered> metered) : metered_(std::move(metered)) {}
  std::string_view name() const noexcept override { return "host"; }
  Result<std::string> request_body(const ReplyRequest& request) const override {
    return "{\"model\":\"" + request.model + "\"}";
  }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token) override {
    metered_->models.push_back(request->model);
    sink->on_start({"host", request->model.empty() ? "model" : request->model, ""});
    if (metered_->tells) sink->on_usage(used(metered_->input, metered_->output));
    sink->on_text("Well.");
    sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  }

 private:
  std::shared_ptr<Metered> metered_;
};

Config budgeted(const std::vector<BudgetRule>& budgets) {
  Config config = hosted();
  config.prices["*"] = kPrice;
  config.policy.budgets = budgets;
  return config;
}

std::vector<std::string> alerts(Engine& engine, Session& session) {
  Events events = session.events();
  std::vector<std::string> found;
  for (const auto& event : drain(engine, events)) {
    if (event.type != "budget.alert") continue;
    const auto data = parse_json(event.data);
    found.push_back(data->value("of", "") + " " + data->value("period", "-") + " " +
                    std::to_string(data->value("mark", 0)) + " " + data->value("spent", ""));
  }
  return found;
}

ErrorCode send_code(Session& session) {
  return code_of([&] { session.send_wait("Hello."); });
}

}  // namespace

TEST_CASE("a call that could pass a budget is refused before it is made, and the others go on") {
  auto metered = std::make_shared<Metered>();
  metered->output = 1'024;
  Engine engine = Engine::open(budgeted({{.of = BudgetOf::user, .limit = cents(2 * 10'500)}}),
                               with_model(std::make_shared<MeteredModel>(metered)));
  Session ada = engine.create_session(conformance::two_in_a_room(), {.owner = "ada"});
  CHECK(send_code(ada) == ErrorCode::ok);
  Session second = engine.create_session(conformance::two_in_a_room(), {.owner = "ada"});
  CHECK(send_code(second) == ErrorCode::ok);
  CHECK(send_code(second) == ErrorCode::budget_exhausted);
  CHECK(metered->models.size() == 2);
  Session bob = engine.create_session(conformance::two_in_a_room(), {.owner = "bob"});
  CHECK(send_code(bob) == ErrorCode::ok);
}

TEST_CASE("each mark of a window raises one alert, also when the engine begins again") {
  TempFolder folder;
  auto metered = std::make_shared<Metered>();
  metered->input = 0;
  metered->output = 1'000;  // 100 USD
  Config config =
      budgeted({{.of = BudgetOf::user, .over = BudgetOver::day, .limit = cents(50'000)}});
  config.storage = "sqlite:" + folder.path() + "/a.db";
  std::string id;
  std::vector<std::string> all;
  for (int run = 0; run < 4; ++run) {
    Engine engine = Engine::open(config, with_model(std::make_shared<MeteredModel>(metered)));
    Session session = id.empty()
                          ? engine.create_session(conformance::two_in_a_room(), {.owner = "ada"})
                          : engine.session(id);
    CHECK(send_code(session) == ErrorCode::ok);
    id = session.info().id;
    all = alerts(engine, session);
    for (auto& alert : all) alert = alert.substr(alert.find(' ', 5) + 1);
    CHECK(all.size() == (run < 2 ? 0u : run - 1u));
  }
  CHECK(all == std::vector<std::string>{"50 300", "80 400"});
}

TEST_CASE("a day's budget knows nothing of the days before, whoever spent in them") {
  for (const BudgetOf of : {BudgetOf::session, BudgetOf::user, BudgetOf::tenant}) {
    CAPTURE(static_cast<int>(of));
    auto metered = std::make_shared<Metered>();
    Engine engine =
        Engine::open(budgeted({{.of = of, .over = BudgetOver::day, .limit = cents(11'000)}}),
                     with_model(std::make_shared<MeteredModel>(metered)));
    metered->output = 1'000;
    Session session = engine.create_session(conformance::two_in_a_room(), {.owner = "ada"});
    for (int day = 0; day < 3; ++day) {
      CHECK(send_code(session) == ErrorCode::ok);
      CHECK(send_code(session) == ErrorCode::budget_exhausted);
      engine.advance(24h);
    }
  }
}

TEST_CASE("a budget of a tier binds those of the tier alone, from the next call on") {
  auto metered = std::make_shared<Metered>();
  metered->output = 1'000;
  Engine engine =
      Engine::open(budgeted({{.of = BudgetOf::user, .tier = "free", .limit = cents(11'000)}}),
                   with_model(std::make_shared<MeteredModel>(metered)));
  const std::string id =
      engine.create_session(conformance::two_in_a_room(), {.owner = "ada"}).info().id;
  Session paying = engine.as({.subject = "ada", .tier = "gold"}).session(id);
  CHECK(send_code(paying) == ErrorCode::ok);
  CHECK(send_code(paying) == ErrorCode::ok);
  Session free = engine.as({.subject = "ada", .tier = "free"}).session(id);
  CHECK(send_code(free) == ErrorCode::budget_exhausted);
  CHECK(send_code(paying) == ErrorCode::ok);
}

TEST_CASE("the ledger's rows count the calls whose usage nobody told") {
  auto metered = std::make_shared<Metered>();
  Engine engine = Engine::open(budgeted({}), with_model(std::make_shared<MeteredModel>(metered)));
  Session session = engine.create_session(conformance::two_in_a_room());
  CHECK(send_code(session) == ErrorCode::ok);
  metered->tells = false;
  CHECK(send_code(session) == ErrorCode::ok);
  CHECK(send_code(session) == ErrorCode::ok);
  const CostRow row = engine.costs().at(0);
  CHECK(row.calls == 3);
  CHECK(row.estimated == 2);
  CHECK(engine.rebuild(session.info().id));
  CHECK(engine.costs().at(0) == row);
}

TEST_CASE("a service's own count of what it bills is paid, and reasoning only within the output") {
  const Price price{.input = Money{1'000'000'000'000},
                    .output = Money{2'000'000'000'000},
                    .reasoning = Money{10'000'000'000'000}};
  Usage usage{.input_tokens = 70, .output_tokens = 30};
  CHECK(cost_of(price, usage) == Money{130'000'000});
  usage.billed_input_tokens = 5;
  usage.billed_output_tokens = 20;
  CHECK(cost_of(price, usage) == Money{45'000'000});
  usage.reasoning_tokens = 50;
  CHECK(cost_of(price, usage) == Money{205'000'000});
}

TEST_CASE("at the limit the cheaper model is asked, and the turn says so") {
  auto metered = std::make_shared<Metered>();
  Config config = budgeted({{.of = BudgetOf::session,
                             .limit = cents(11'000),
                             .at_limit = AtLimit::cheaper,
                             .cheaper = {.model = "tiny"}}});
  config.prices["tiny"] = {.output = Money{1'000'000'000'000}};
  metered->output = 600;
  Engine engine = Engine::open(config, with_model(std::make_shared<MeteredModel>(metered)));
  Session session = engine.create_session(conformance::two_in_a_room());
  CHECK(send_code(session) == ErrorCode::ok);
  CHECK(send_code(session) == ErrorCode::ok);
  CHECK(metered->models == std::vector<std::string>{"", "tiny"});
  std::vector<std::string> sources;
  Events events = session.events();
  for (const auto& event : drain(engine, events)) {
    if (event.type == "turn.started")
      sources.push_back(parse_json(event.data)->value("model_source", ""));
  }
  CHECK(sources == std::vector<std::string>{"provider", "budget"});
}

TEST_CASE("a running reply is cut where the money ends, and never costs more") {
  std::shared_ptr<ReplySink> sink;
  auto model = std::make_shared<HostModel>([&](auto its_sink) { sink = its_sink; });
  for (const AtLimit at_limit : {AtLimit::cut, AtLimit::refuse}) {
    const std::int64_t limit = at_limit == AtLimit::cut ? 5'000 : 11'500;
    Engine engine = Engine::open(
        budgeted({{.of = BudgetOf::session, .limit = cents(limit), .at_limit = at_limit}}),
        with_model(model));
    Session session = engine.create_session(conformance::two_in_a_room());
    Turn turn = session.send("Hello.");
    while (!sink) engine.poll();
    const auto reply = std::exchange(sink, nullptr);
    reply->on_start({"host", "model", ""});
    for (int i = 0; i < 3'000; ++i) {
      reply->on_text("word ");
      if (i % 50 == 0) engine.poll();
    }
    const TurnResult result = turn.wait();
    CHECK(result.outcome == Outcome::truncated);
    REQUIRE(result.error.has_value());
    CHECK(result.error->code() == ErrorCode::budget_exhausted);
    CHECK(result.usage.estimated);
    CHECK(session.info().cost <= cents(limit));
    CHECK(session.info().cost > cents(limit - 50));
  }
}

TEST_CASE("100 turns at the same time do not pass a budget together") {
  std::vector<std::shared_ptr<ReplySink>> sinks;
  auto model = std::make_shared<HostModel>([&](auto sink) { sinks.push_back(sink); });
  Config config =
      budgeted({{.of = BudgetOf::tenant, .over = BudgetOver::month, .limit = cents(30 * 11'000)}});
  Engine engine = Engine::open(config, with_model(model));
  std::vector<Session> sessions;
  std::vector<Turn> turns;
  for (int i = 0; i < 100; ++i) {
    sessions.push_back(engine.create_session(conformance::two_in_a_room()));
    turns.push_back(sessions.back().send("Hello."));
  }
  for (int i = 0; i < 1'000; ++i) engine.poll();
  CHECK(sinks.size() >= 25);
  CHECK(sinks.size() <= 32);
  for (const auto& sink : sinks) {
    sink->on_start({"host", "model", ""});
    sink->on_usage(used(10, 1'024));
    sink->on_text("Well.");
    sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  }
  Money sum;
  int refused = 0;
  for (auto& turn : turns) {
    const ErrorCode code = code_of([&] { sum += turn.wait().cost; });
    refused += code == ErrorCode::budget_exhausted;
  }
  CHECK(refused == 100 - static_cast<int>(sinks.size()));
  CHECK(sum <= cents(30 * 11'000));
  CHECK(engine.costs().at(0).cost == sum);
}

TEST_CASE("reports add up by session, user, model, scenario, day and month in exact money") {
  auto metered = std::make_shared<Metered>();
  Engine engine = Engine::open(budgeted({}), with_model(std::make_shared<MeteredModel>(metered)));
  for (const char* user : {"ada", "bob"}) {
    Session session = engine.create_session(conformance::two_in_a_room(), {.owner = user});
    for (const char* model : {"large", "small", "small"})
      session.send_wait("Hello.", {.model = model});
    session.ask_aside("host", "Well?").get();
    engine.advance(24h);
  }
  const auto by_user = engine.costs({}, {CostBy::user, CostBy::model});
  REQUIRE(by_user.size() == 6);
  CHECK(by_user[0].group == std::vector<std::string>{"ada", "large"});
  CHECK(by_user[0].cost == cents(50));
  CHECK(by_user[1].group == std::vector<std::string>{"ada", "model"});
  CHECK(by_user[2].cost == cents(100));
  CHECK(by_user[2].calls == 2);
  CHECK(by_user[2].usage.output_tokens == 8);
  CHECK(engine.costs({.user = "bob"}).at(0).cost == cents(200));
  CHECK(engine.costs({.user = "bob", .model = "small"}).at(0).calls == 2);
  const auto days = engine.costs({}, {CostBy::day});
  REQUIRE(days.size() == 2);
  CHECK(days[0].cost == cents(200));
  CHECK(engine.costs({.from = days[1].group[0], .to = days[1].group[0]}).at(0).calls == 4);
  CHECK(engine.costs({.preset = "conformance"}, {CostBy::preset}).at(0).cost == cents(400));
  const auto sessions = engine.costs({}, {CostBy::session});
  REQUIRE(sessions.size() == 2);
  CHECK(sessions[0].cost == cents(200));
  engine.advance(31 * 24h);
  Session later = engine.create_session(conformance::two_in_a_room(), {.owner = "ada"});
  later.send_wait("Hello.", {.model = "large"});
  const auto months = engine.costs({}, {CostBy::month, CostBy::user});
  REQUIRE(months.size() == 3);
  CHECK(months[0].group == std::vector<std::string>{"2026-01", "ada"});
  CHECK(months[0].cost == cents(200));
  CHECK(months[1].group == std::vector<std::string>{"2026-01", "bob"});
  CHECK(months[2].group == std::vector<std::string>{"2026-02", "ada"});
  CHECK(months[2].cost == cents(50));
  CHECK(engine.costs({.user = "nobody"}).at(0).calls == 0);
  CHECK(code_of([&] { engine.costs({.from = "yesterday"}); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { engine.as({.subject = "ada"}).costs(); }) == ErrorCode::permission_denied);
}

TEST_CASE("the ledger is made again from the events, equal to what it was") {
  auto metered = std::make_shared<Metered>();
  std::shared_ptr<Storage> store(std::move(*open_storage({.url = "memory:"})));
  Dependencies dependencies = with_model(std::make_shared<MeteredModel>(metered));
  dependencies.storage = store;
  Engine engine = Engine::open(budgeted({}), dependencies);
  Session session = engine.create_session(conformance::two_in_a_room(), {.owner = "ada"});
  for (int i = 0; i < 3; ++i) session.send_wait("Hello.");
  const auto before = engine.costs({}, {CostBy::session, CostBy::day, CostBy::model});
  CHECK(engine.rebuild(session.info().id));
  Batch damage;
  const auto rows = store->list({.tenant = "default", .kind = "ledger"});
  REQUIRE(rows);
  for (const auto& record : *rows) {
    RecordWrite gone;
    gone.key = record.key;
    gone.erase = true;
    damage.records.push_back(gone);
  }
  REQUIRE(damage.records.size() == 1);
  const std::vector<Batch> group{damage};
  REQUIRE(store->commit(group)[0]);
  CHECK(engine.costs().at(0).calls == 0);
  CHECK_FALSE(engine.rebuild(session.info().id));
  CHECK(engine.costs({}, {CostBy::session, CostBy::day, CostBy::model}) == before);
}

TEST_CASE("an imported session brings its ledger, and a fork begins one of its own") {
  auto metered = std::make_shared<Metered>();
  Engine engine = Engine::open(budgeted({}), with_model(std::make_shared<MeteredModel>(metered)));
  Session session = engine.create_session(conformance::two_in_a_room(), {.owner = "ada"});
  for (int i = 0; i < 3; ++i) session.send_wait("Hello.");
  Session fork = session.fork().get();
  fork.send_wait("Hello.");
  CHECK(engine.costs({.session = fork.info().id}).at(0).calls == 1);
  Engine other = Engine::open(budgeted({}), with_model(std::make_shared<MeteredModel>(metered)));
  for (Session* one : {&session, &fork}) {
    const std::string id = one->info().id;
    other.import_session(engine.export_session(id, ExportFormat::json));
    CHECK(other.costs({.session = id}) == engine.costs({.session = id}));
    CHECK(other.rebuild(id));
  }
}

TEST_CASE(
    "a model without a price of the host's costs what the catalog says, which a host extends") {
  auto metered = std::make_shared<Metered>();
  Dependencies dependencies;
  dependencies.providers["model"] = std::make_shared<MeteredModel>(metered);
  Engine engine = Engine::open(hosted(), dependencies);
  Session session = engine.create_session(conformance::two_in_a_room(), {.model = "own-1"});
  CHECK(session.send_wait("Hello.").cost == Money{});
  engine.set_models(R"({"date": "2026-11-28", "source": "here", "models": {
    "own-1": {"family": "own", "price": {"input": "2", "output": "5"}}}})");
  CHECK(session.send_wait("Hello.").cost ==
        cost_of({.input = Money{2'000'000'000'000}, .output = Money{5'000'000'000'000}},
                {.input_tokens = 10, .output_tokens = 4}));
  engine.set_prices({{"own-1", {.output = Money{1'000'000'000'000}}}});
  CHECK(session.send_wait("Hello.").cost == Money{4'000'000});
  CHECK(code_of([&] { engine.set_models(R"({"models": {"m": {"price": {"input": "-1"}}}})"); }) ==
        ErrorCode::invalid_argument);
}

TEST_CASE("input from a service's cache costs what other input does where its price is not given") {
  const Usage usage{.input_tokens = 1'000, .cached_input_tokens = 600, .cache_write_tokens = 300};
  Price price{.input = Money{2'000'000'000'000}};
  CHECK(cost_of(price, usage) == Money{2'000'000'000});
  price.cached_input = Money{};
  CHECK(cost_of(price, usage) == Money{800'000'000});
  price.cache_write = Money{4'000'000'000'000};
  CHECK(cost_of(price, usage) == Money{1'400'000'000});
  const auto config = Config::from_json(R"({"prices":{"m":{"input":"2","output":"8"}}})");
  REQUIRE(config);
  CHECK_FALSE(config->prices.at("m").cached_input);
  CHECK_FALSE(config->prices.at("m").cache_write);
}

TEST_CASE("a price counts for a model whose name has its vendor before a slash") {
  auto metered = std::make_shared<Metered>();
  Config config = hosted();
  config.prices["own-1"] = {.output = Money{1'000'000'000'000}};
  Engine engine = Engine::open(config, with_model(std::make_shared<MeteredModel>(metered)));
  Session session = engine.create_session(conformance::two_in_a_room());
  CHECK(session.send_wait("Hello.", {.model = "vendor/own-1"}).cost == Money{4'000'000});
  CHECK(session.send_wait("Hello.", {.model = "openai/gpt-4o"}).cost > Money{});
}

TEST_CASE("what costs nothing by its price is not told to have none, whatever it calls itself") {
  Config config = hosted();
  config.session_budget = cents(100);
  config.model = "llama3";
  config.prices["llama3"] = {};
  const auto model = std::make_shared<HostModel>([](auto sink) {
    sink->on_start({"host", "llama3-8b-q4", ""});
    sink->on_usage({.input_tokens = 10, .output_tokens = 2});
    sink->on_text("Well.");
    sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  });
  Engine engine = Engine::open(config, with_model(model));
  Session session = engine.create_session(conformance::two_in_a_room());
  CHECK(send_code(session) == ErrorCode::ok);
  session.ask_aside("host", "Well?").get();
  Events events = session.events();
  int settled = 0;
  for (const auto& event : drain(engine, events)) {
    if (event.type != "budget.settled") continue;
    ++settled;
    CHECK_FALSE(parse_json(event.data)->contains("unpriced"));
  }
  CHECK(settled == 2);
}

TEST_CASE("a budget over a model without a price is told, or refuses its calls") {
  struct Lines final : LogSink {
    void write(const LogRecord& record) noexcept override {
      unpriced += record.message.find("has no price") != std::string_view::npos;
    }
    int unpriced = 0;
  };
  auto metered = std::make_shared<Metered>();
  auto lines = std::make_shared<Lines>();
  Config config = hosted();
  config.policy.budgets = {{.of = BudgetOf::session, .limit = cents(100)}};
  Dependencies dependencies = with_model(std::make_shared<MeteredModel>(metered));
  dependencies.log = lines;
  const auto settled = [](Engine& engine, Session& session) {
    Events events = session.events();
    std::vector<bool> marks;
    for (const auto& event : drain(engine, events)) {
      if (event.type == "budget.settled")
        marks.push_back(parse_json(event.data)->value("unpriced", false));
    }
    return marks;
  };
  Engine engine = Engine::open(config, dependencies);
  Session session = engine.create_session(conformance::two_in_a_room());
  for (int i = 0; i < 3; ++i) CHECK(send_code(session) == ErrorCode::ok);
  CHECK(lines->unpriced == 1);
  engine.set_prices({{"*", {.output = Money{1'000'000'000'000}}}});
  CHECK(send_code(session) == ErrorCode::ok);
  CHECK(settled(engine, session) == std::vector<bool>{true, true, true, false});

  config.policy.unpriced = Unpriced::refuse;
  Engine strict = Engine::open(config, dependencies);
  Session refused = strict.create_session(conformance::two_in_a_room());
  metered->models.clear();
  CHECK(send_code(refused) == ErrorCode::unsupported);
  CHECK(metered->models.empty());
  strict.set_prices({{"*", {.output = Money{}}}});  // a model of one's own costs nothing
  CHECK(send_code(refused) == ErrorCode::ok);
  const auto read = Policy::from_json(R"({"unpriced":"refuse"})");
  REQUIRE(read);
  CHECK(read->unpriced == Unpriced::refuse);
}

TEST_CASE("prices change while the engine runs, for what ends from then on") {
  auto metered = std::make_shared<Metered>();
  Engine engine = Engine::open(budgeted({}), with_model(std::make_shared<MeteredModel>(metered)));
  Session session = engine.create_session(conformance::two_in_a_room());
  CHECK(session.send_wait("Hello.").cost == cents(50));
  engine.set_prices({{"model", {.output = Money{1'000'000'000'000}}}});
  CHECK(session.send_wait("Hello.").cost == Money{4'000'000});
  engine.set_prices({{"model", {.output = Money{2'000'000'000'000}}}});
  CHECK(session.send_wait("Hello.").cost == Money{8'000'000});
  CHECK(code_of([&] {
          engine.set_prices({{"m", {.input = Money{-1}}}});
        }) == ErrorCode::invalid_argument);
}

TEST_CASE("an output limit that is set by the provider's body is what a reply is estimated by") {
  TempFolder folder;
  const std::string tape = folder.file("empty.tape");
  std::ofstream(tape) << net::tape::header_line() << "\n";
  Config config = hosted();
  config.tape_replay = tape;
  config.max_retries = 0;
  config.provider = "mine";
  config.prices["*"] = {.output = *Money::parse("1000000")};  // one a token
  const auto reserved = [&](const std::string& body) {
    config.providers["mine"] = {.url = "anthropic:m", .api_key = "k", .body = body};
    Engine engine = Engine::open(config);
    Session session = engine.create_session(conformance::two_in_a_room());
    session.start().get();
    session.send_wait("Hello.");  // nothing on the tape answers
    Events events = session.events();
    for (const auto& event : drain(engine, events)) {
      if (event.type == "turn.started") return parse_json(event.data)->value("reserved", "");
    }
    return std::string();
  };
  CHECK(reserved("") == "1024");
  CHECK(reserved(R"({"max_tokens":37})") == "37");
}

TEST_CASE("costs and analytics are asked for by days of the calendar alone") {
  Engine engine = Engine::open(scripted());
  for (const char* day : {"2026-13-01", "2026-00-10", "2026-02-29", "2026-04-31", "2026-11-00",
                          "2026-11-1", "2026/11/01", "yesterday"}) {
    CAPTURE(day);
    CHECK(code_of([&] { (void)engine.costs({.from = day}); }) == ErrorCode::invalid_argument);
    CHECK(code_of([&] { (void)engine.costs({.to = day}); }) == ErrorCode::invalid_argument);
    CHECK(code_of([&] { (void)session_analytics(engine, {.from = day}); }) ==
          ErrorCode::invalid_argument);
  }
  for (const char* day : {"2026-12-31", "2028-02-29", "2026-01-01"}) {
    CAPTURE(day);
    CHECK(code_of([&] { (void)engine.costs({.from = day, .to = day}); }) == ErrorCode::ok);
    CHECK(code_of([&] { (void)session_analytics(engine, {.from = day}); }) == ErrorCode::ok);
  }
}

#include <doctest/doctest.h>

#include <set>

#include "base/json.hpp"
#include "engine/money/bill.hpp"
#include "faults/fault_fixture.hpp"
#include "storage/registry.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

UsageUpdate tokens(std::int64_t input, std::int64_t output) {
  UsageUpdate usage;
  usage.input_tokens = input;
  usage.output_tokens = output;
  return usage;
}

// A service that tells what it used, and fails, breaks off or answers.
class Telling final : public Provider {
 public:
  struct Step {
    std::string model;
    UsageUpdate usage;
    Outcome outcome = Outcome::complete;
  };
  Telling(std::string name, std::vector<Step> steps)
      : name_(std::move(name)), steps_(std::move(steps)) {}

  std::string_view name() const noexcept override { return name_; }
  Result<std::string> request_body(const ReplyRequest&) const override { return std::string("{}"); }
  void start(std::shared_ptr<const ReplyRequest>, std::shared_ptr<ReplySink> sink,
             std::stop_token) override {
    const Step& step = steps_[at_++ % steps_.size()];
    if (!step.model.empty()) sink->on_start({name_, step.model, ""});
    sink->on_usage(step.usage);
    if (step.outcome != Outcome::failed) sink->on_text("Some words. ");
    ReplyEnd end{.outcome = step.outcome, .reason = FinishReason::stop};
    if (step.outcome != Outcome::complete)
      end.error = Error::fixed(ErrorCode::overloaded, "as told");
    sink->on_done(end);
  }

 private:
  std::string name_;
  std::vector<Step> steps_;
  std::size_t at_ = 0;
};

Config priced(const std::string& provider) {
  Config config = hosted();
  config.provider = provider;
  config.max_retries = 0;
  config.prices = {{"big", {.input = *Money::parse("10"), .output = *Money::parse("30")}},
                   {"small",
                    {.input = *Money::parse("1"),
                     .output = *Money::parse("2"),
                     .request = *Money::parse("0.1")}}};
  return config;
}

// "first" has read 1,000 tokens when it fails, each time; "second" answers.
struct Pair {
  Dependencies dependencies;
  Config config = priced("first");

  // What the two call themselves.
  explicit Pair(const std::string& one = "first", const std::string& other = "second") {
    dependencies.providers["first"] = std::make_shared<Telling>(
        one, std::vector<Telling::Step>{{"big", tokens(1'000, 0), Outcome::failed}});
    dependencies.providers["second"] =
        std::make_shared<Telling>(other, std::vector<Telling::Step>{{"small", tokens(500, 20)}});
    config.policy.fallbacks = {{"first", "second", "small"}};
    config.policy.services = {{.failures_to_open = 0}};
  }
};

// 1,000 at 10 a million; 500 at 1, 20 at 2, and 0.1 for the request.
constexpr const char* kBig = "0.01";
constexpr const char* kSmall = "0.10054";
constexpr const char* kBoth = "0.11054";

std::map<std::string, std::string> costs_by_model(Engine& engine) {
  std::map<std::string, std::string> costs;
  for (const CostRow& row : engine.costs({}, {CostBy::provider, CostBy::model})) {
    costs[row.group[0] + "/" + row.group[1]] = row.cost.to_string() + " " +
                                               std::to_string(row.usage.input_tokens) + " " +
                                               std::to_string(row.usage.output_tokens);
  }
  return costs;
}

std::vector<Json> all_settled_in(Engine& engine, Session& session) {
  Events events = session.events();
  std::vector<Json> found;
  for (const auto& event : drain(engine, events)) {
    if (event.type == "budget.settled") found.push_back(*parse_json(event.data));
  }
  return found;
}

Json settled_in(Engine& engine, Session& session) {
  const auto all = all_settled_in(engine, session);
  return all.empty() ? Json() : all.back();
}

}  // namespace

TEST_CASE("what a model used that failed is billed at its own price, not the fallback's") {
  const Pair pair;
  Engine engine = Engine::open(pair.config, pair.dependencies);
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  const TurnResult result = session.send_wait("Hello.");
  CHECK(result.cost.to_string() == kBoth);
  CHECK(result.usage.input_tokens == 1'500);
  CHECK(session.info().cost.to_string() == kBoth);
  CHECK(session.messages().back().cost.to_string() == kBoth);

  const Json settled = settled_in(engine, session);
  CHECK(settled.value("model", "") == "small");
  CHECK(settled.value("cost", "") == kBoth);
  REQUIRE(settled.value("others", Json::array()).size() == 1);
  const Json& other = settled["others"][0];
  CHECK(other.value("provider", "") == "first");
  CHECK(other.value("model", "") == "big");
  CHECK(other.value("cost", "") == kBig);
  CHECK(other["usage"].value("input_tokens", 0) == 1'000);
}

TEST_CASE(
    "an attempt that failed before it told of itself is booked at the model it was asked for") {
  Pair pair;
  pair.dependencies.providers["first"] = std::make_shared<Telling>(
      "first", std::vector<Telling::Step>{{"", tokens(1'000, 0), Outcome::failed}});
  pair.config.model = "big";
  Engine engine = Engine::open(pair.config, pair.dependencies);
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  CHECK(session.send_wait("Hello.").cost.to_string() == kBoth);
  const Json settled = settled_in(engine, session);
  REQUIRE(settled.value("others", Json::array()).size() == 1);
  CHECK(settled["others"][0].value("model", "") == "big");
  CHECK(costs_by_model(engine).at("first/big") == std::string(kBig) + " 1000 0");
}

TEST_CASE("the ledger has a row for each model of a turn, also when it is made again") {
  const Pair pair;
  Dependencies dependencies = pair.dependencies;
  std::shared_ptr<Storage> store(std::move(*open_storage({.url = "memory:"})));
  dependencies.storage = store;
  Engine engine = Engine::open(pair.config, dependencies);
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  session.send_wait("Hello.");
  session.ask_aside("host", "And now?").get();
  const std::map<std::string, std::string> expected = {{"first/big", "0.02 2000 0"},
                                                       {"second/small", "0.20108 1000 40"}};
  CHECK(costs_by_model(engine) == expected);
  CHECK(engine.costs().at(0).cost.to_string() == "0.22108");
  CHECK(session.info().cost.to_string() == "0.22108");
  CHECK(engine.rebuild(session.info().id));  // nothing to correct

  Batch damage;
  const auto rows = store->list({.tenant = "default", .kind = "ledger"});
  REQUIRE(rows);
  for (const auto& record : *rows) {
    RecordWrite gone;
    gone.key = record.key;
    gone.erase = true;
    damage.records.push_back(gone);
  }
  REQUIRE(damage.records.size() == 2);
  REQUIRE(store->commit(std::vector<Batch>{damage})[0]);
  CHECK_FALSE(engine.rebuild(session.info().id));
  CHECK(costs_by_model(engine) == expected);
}

TEST_CASE("turns, asides, analyses and judgements tell two models of one provider's name apart") {
  Pair pair("openai", "openai");
  pair.config.model = "big";
  pair.config.analysis.provider = pair.config.judge.provider = "first";
  pair.config.analysis.model = pair.config.judge.model = "big";
  pair.config.judge.below_confidence = 1;
  Engine engine = Engine::open(pair.config, pair.dependencies);
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  session.send_wait("I would rather not say.");
  session.ask_aside("host", "And now?").get();
  session.complete().get();
  engine.run_until_idle();
  std::set<std::string> purposes;
  for (const Json& settled : all_settled_in(engine, session)) {
    purposes.insert(settled.value("purpose", ""));
    CAPTURE(settled.dump());
    CHECK(settled.value("cost", "") == kBoth);
    CHECK(settled.value("model", "") == "small");
    CHECK(settled.contains("others"));
  }
  CHECK(purposes == std::set<std::string>{"analysis", "aside", "judge", "turn"});
  CHECK(costs_by_model(engine).count("openai/big") == 1);
}

TEST_CASE("a call is unpriced where one of its models has no price, whichever it is") {
  for (const std::string without : {"big", "small", ""}) {
    CAPTURE(without);
    Pair pair;
    pair.config.policy.budgets = {{.limit = *Money::parse("100")}};
    pair.config.prices["big"].request = *Money::parse("0.1");
    pair.config.prices.erase(without);
    Engine engine = Engine::open(pair.config, pair.dependencies);
    Session session = engine.create_session(conformance::two_in_a_room());
    session.start().get();
    session.send_wait("Hello.");
    const Json settled = settled_in(engine, session);
    CHECK(settled.value("cost", "0") != "0");
    CHECK(settled.value("unpriced", false) == !without.empty());
  }
}

TEST_CASE("a completion of several models costs what each of them charges") {
  const Pair pair;
  Engine engine = Engine::open(pair.config, pair.dependencies);
  ReplyRequest request;
  request.messages.emplace_back().text = "Hello.";
  const Completion reply = engine.complete("first", request).get();
  CHECK(reply.usage.input_tokens == 1'500);
  CHECK(reply.cost.to_string() == kBoth);
}

TEST_CASE("a reply that another model takes up is billed part by part") {
  Config config = priced("one");
  config.policy.continuation.attempts = 1;
  Dependencies dependencies;
  dependencies.providers["one"] = std::make_shared<Telling>(
      "one", std::vector<Telling::Step>{{"big", tokens(1'000, 10), Outcome::truncated},
                                        {"small", tokens(500, 20)}});
  Engine engine = Engine::open(config, dependencies);
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  const TurnResult result = session.send_wait("Hello.");
  CHECK(result.outcome == Outcome::complete);
  CHECK(result.usage.input_tokens == 1'500);
  CHECK(result.cost.to_string() == "0.11084");  // and 10 at 30
  CHECK(costs_by_model(engine) ==
        std::map<std::string, std::string>{{"one/big", "0.0103 1000 10"},
                                           {"one/small", "0.10054 500 20"}});
}

TEST_CASE("a bill keeps rounds of several models apart, and retries of one together") {
  using engine::Bill;
  const auto price = [](const std::string& served, const std::string&, const Usage& usage) {
    return Money{usage.input_tokens * (served == "big" ? 10 : 1)};
  };
  ReplyStart big, small;
  big.provider = small.provider = "p";
  big.model = "big";
  small.model = "small";
  small.fallback_for = "p";
  Bill bill;
  bill.add(big, "big", {.input_tokens = 100}, {{"p", "big", tokens(30, 0)}}, price);
  CHECK(bill.cost() == Money{1'000});
  CHECK(bill.others("p", "big").empty());
  bill.add(small, "big", {.input_tokens = 50}, {{"p", "big", tokens(20, 0)}}, price);
  CHECK(bill.cost() == Money{1'230});
  CHECK(bill.usage().input_tokens == 150);
  const auto others = bill.others("p", "small");
  REQUIRE(others.size() == 1);
  CHECK(others[0].cost == Money{1'200});
  CHECK(others[0].usage.input_tokens == 120);
  const auto own = engine::own_part({"p", "small", bill.usage(), bill.cost()}, others);
  CHECK(own.cost == Money{30});
  CHECK(own.usage.input_tokens == 30);
}

TEST_CASE("what an attempt used that named no model is of the model that was asked for") {
  ReplyStart start;
  start.provider = "p";
  start.model = "small";
  engine::Bill bill;
  bill.add(start, "big", {.input_tokens = 50}, {{"q", "", tokens(20, 0)}},
           [](const std::string& served, const std::string&, const Usage& usage) {
             return Money{usage.input_tokens * (served == "big" ? 10 : 1)};
           });
  const auto others = bill.others("p", "small");
  REQUIRE(others.size() == 1);
  CHECK(others[0].model == "big");
  CHECK(bill.cost() == Money{230});
}

TEST_CASE("an attempt that named no model is not its fallback's, within one service either") {
  const auto price = [](const std::string& served, const std::string&, const Usage& usage) {
    return Money{usage.input_tokens * (served == "big" ? 10 : 1)};
  };
  ReplyStart start;
  start.provider = "p";
  start.model = "small";
  start.fallback_for = "p";
  engine::Bill fallback;
  fallback.add(start, "big", {.input_tokens = 50}, {{"p", "", tokens(20, 0)}}, price);
  CHECK(fallback.cost() == Money{230});
  // A retry of one model is its own, by whichever name the service then answers.
  start.fallback_for.clear();
  start.model = "small-2026";
  engine::Bill retry;
  retry.add(start, "small", {.input_tokens = 50}, {{"p", "", tokens(20, 0)}}, price);
  CHECK(retry.cost() == Money{50});
  CHECK(retry.others("p", "small-2026").empty());
}

TEST_CASE("where one model is billed by a count of its own, the other is by its tokens") {
  Usage whole{.input_tokens = 30, .output_tokens = 0};
  whole.billed_input_tokens = 10 + 15;
  UsageUpdate other = tokens(20, 0);
  other.billed_input_tokens = 15;
  ReplyStart start;
  start.provider = "p";
  start.model = "m";
  engine::Bill bill;
  std::vector<std::int64_t> billed;
  bill.add(start, "m", whole, {{"q", "n", other}},
           [&](const std::string&, const std::string&, const Usage& usage) {
             billed.push_back(usage.billed_input_tokens.value_or(-1));
             return Money{};
           });
  CHECK(billed == std::vector<std::int64_t>{15, 10});
  // Of the whole's count nothing is left: that is no reason to bill the rest by its tokens.
  whole.billed_input_tokens = 15;
  billed.clear();
  bill.add(start, "m", whole, {{"q", "n", other}},
           [&](const std::string&, const std::string&, const Usage& usage) {
             billed.push_back(usage.billed_input_tokens.value_or(-1));
             return Money{};
           });
  CHECK(billed == std::vector<std::int64_t>{15, 0});
}

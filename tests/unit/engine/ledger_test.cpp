#include <doctest/doctest.h>

#include "base/json.hpp"
#include "conformance/stage.hpp"
#include "faults/fault_fixture.hpp"
#include "storage/registry.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

Config priced(Config config) {
  config.prices["*"] = {.input = Money{3'000'000'000'000}, .output = Money{15'000'000'000'000}};
  return config;
}

struct Sums {
  Money messages, asides, ledger, reserved;
  Usage usage;
  std::size_t open = 0;  // reservations without a settlement
};

Sums add_up(Engine& engine, Session& session) {
  Sums sums;
  for (const auto& message : session.messages(true)) {
    sums.messages += message.cost;
    sums.usage += message.usage;
  }
  Events events = session.events();
  for (const auto& event : drain(engine, events)) {
    if (event.type != "budget.settled" && event.type != "budget.reserved") continue;
    const auto data = parse_json(event.data);
    if (event.type == "budget.reserved") {
      ++sums.open;
      continue;
    }
    --sums.open;
    const Money cost = *Money::parse(data->value("cost", ""));
    sums.ledger += cost;
    if (data->value("purpose", "") == "aside") sums.asides += cost;
  }
  return sums;
}

}  // namespace

TEST_CASE(
    "messages, session and ledger agree over whole, cut, cancelled, failed, retried and repeated "
    "calls, at any seed") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Config config = priced(faulty(""));
    config.seed = seed;
    config.providers["model"].url = "fault:";
    config.providers["model"].options =
        R"({"delay_ms":100,"token_ms":50,"replies":["One two three four five six."],"random":)"
        R"({"ok":40,"401":5,"429":10,"503":5,"cut_after=3":10,"error_after=2":10,"empty":5,)"
        R"("stall_after=2":5,"bad_utf8_after=2":5},"seed":)" +
        std::to_string(seed) + "}";
    Engine engine = Engine::open(config);
    Session session = open_stage(engine);
    Usage asides;
    for (int i = 0; i < 12; ++i) {
      const Turn turn = session.send("Count.", {.command_id = "n" + std::to_string(i % 9)});
      if (i % 4 == 1) {
        engine.advance(180ms);
        turn.cancel();
      }
      (void)turn.wait();
      if (i % 3 == 0) {
        try {
          (void)session.regenerate().wait();
        } catch (const Error&) {
          // There may be no reply to make anew.
        }
      }
      if (i % 5 == 0) {
        const auto aside = session.ask_aside("host", "Well?").wait();
        if (aside) asides += aside->usage;
      }
    }
    const Sums sums = add_up(engine, session);
    const SessionInfo info = session.info();
    CHECK(sums.ledger == info.cost);
    CHECK(sums.messages + sums.asides == info.cost);
    CHECK(sums.open == 0);
    CHECK(info.cost.pico_usd > 0);
  }
}

TEST_CASE(
    "a side question is reserved before it is asked and refused where the budget forbids it") {
  Config config = priced(scripted());
  Engine open = Engine::open(config);
  Session session = open.create_session(conformance::two_in_a_room());
  session.start().get();
  session.ask_aside("host", "Well?").get();
  std::vector<std::string> types;
  Events events = session.events();
  for (const auto& event : drain(open, events)) types.push_back(event.type);
  CHECK(types == std::vector<std::string>{"session.created", "session.started", "budget.reserved",
                                          "budget.settled"});
  config.session_budget = Money{1'000'000};
  auto model = std::make_shared<HostModel>([](auto sink) { say(*sink, "No."); });
  Config hosted_config = priced(hosted());
  hosted_config.session_budget = Money{1'000'000};
  Engine poor = Engine::open(hosted_config, with_model(model));
  Session other = poor.create_session(conformance::two_in_a_room());
  other.start().get();
  CHECK(code_of([&] { other.ask_aside("host", "Well?").get(); }) == ErrorCode::budget_exhausted);
  CHECK(model->calls == 0);
}

TEST_CASE("a reply that may take exactly what the budget has left is made, a larger one is not") {
  const auto sent_with = [](std::optional<Money> budget, Money& reserved) {
    Config config = priced(scripted());
    config.session_budget = budget;
    Engine engine = Engine::open(config);
    Session session = engine.create_session(conformance::two_in_a_room());
    const ErrorCode code = code_of([&] { session.send("Hello.").wait(); });
    Events events = session.events();
    for (const auto& event : drain(engine, events)) {
      if (event.type == "budget.reserved")
        reserved = *Money::parse(parse_json(event.data)->value("amount", ""));
    }
    return code;
  };
  Money needed, ignored;
  REQUIRE(sent_with(std::nullopt, needed) == ErrorCode::ok);
  REQUIRE(needed.pico_usd > 0);
  CHECK(sent_with(needed, ignored) == ErrorCode::ok);
  CHECK(sent_with(needed - Money{1}, ignored) == ErrorCode::budget_exhausted);
}

TEST_CASE("side questions and turns at the same time do not pass the budget together") {
  std::vector<std::shared_ptr<ReplySink>> sinks;
  auto model = std::make_shared<HostModel>([&](auto sink) { sinks.push_back(sink); });
  Config config = priced(hosted());
  config.session_budget = Money{40'000'000'000};  // room for two reservations
  Engine engine = Engine::open(config, with_model(model));
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  std::vector<Pending<AsideResult>> asked;
  for (int i = 0; i < 5; ++i) asked.push_back(session.ask_aside("host", "Well?"));
  engine.advance(1s);
  std::size_t refused = 0;
  for (const auto& aside : asked) {
    if (aside.ready() && aside.wait().error().code() == ErrorCode::budget_exhausted) ++refused;
  }
  CHECK(refused == 3);
  CHECK(sinks.size() == 2);
  for (const auto& sink : sinks) say(*sink, "Yes.");
  engine.run_until_idle();
  CHECK(session.info().cost <= *config.session_budget);
}

TEST_CASE("a turn that a crash left open costs what was reserved, marked as an estimate") {
  auto storage = std::shared_ptr<Storage>(std::move(*open_storage({.url = "memory:"})));
  Dependencies dependencies;
  dependencies.storage = storage;
  std::string id;
  {
    Engine engine = Engine::open(priced(scripted()), dependencies);
    Session session = engine.create_session(conformance::two_in_a_room(), {.owner = "ada"});
    session.start().get();
    id = session.id();
    Batch batch;
    Event event;
    event.stream = "session:" + id;
    event.seq = session.info().last_seq + 1;
    event.type = "turn.started";
    event.actor = "host";
    event.cause = "c9";
    event.data = R"({"turn":"t1","kind":"reply","speaker":"host","provider":"model",)"
                 R"("model":"m","model_source":"config","reserved":"0.25"})";
    batch.appends.push_back({"default", event.stream, event.seq - 1, 0, {event}});
    REQUIRE(storage->commit({&batch, 1})[0]);
  }
  Engine engine = Engine::open(priced(scripted()), dependencies);
  Session session = engine.session(id);
  engine.run_until_idle();
  CHECK(session.info().cost.to_string() == "0.25");
  const CostRow row = engine.costs({.user = "ada"}).at(0);
  CHECK(row.cost.to_string() == "0.25");
  CHECK(row.calls == 1);
  CHECK(row.estimated == 1);
  CHECK(session.send_wait("Hello?").outcome == Outcome::complete);
}

TEST_CASE("a side question that a crash left open is booked as an estimate when it is found") {
  auto storage = std::shared_ptr<Storage>(std::move(*open_storage({.url = "memory:"})));
  // What a crash between question and answer leaves in the log.
  Dependencies dependencies;
  dependencies.storage = storage;
  std::string id;
  {
    Engine engine = Engine::open(priced(scripted()), dependencies);
    Session session = engine.create_session(conformance::two_in_a_room());
    session.start().get();
    id = session.id();
    Batch batch;
    Event event;
    event.stream = "session:" + id;
    event.seq = session.info().last_seq + 1;
    event.type = "budget.reserved";
    event.actor = "engine";
    event.cause = "c9";
    event.data = R"({"purpose":"aside","aside":"a1","amount":"0.5"})";
    batch.appends.push_back({"default", event.stream, event.seq - 1, 0, {event}});
    REQUIRE(storage->commit({&batch, 1})[0]);
  }
  Engine engine = Engine::open(priced(scripted()), dependencies);
  Session session = engine.session(id);
  engine.run_until_idle();
  CHECK(session.info().cost.to_string() == "0.5");
  CHECK(add_up(engine, session).open == 0);
  CHECK(session.ask_aside("host", "Well?").get().text == "Good morning.");
}

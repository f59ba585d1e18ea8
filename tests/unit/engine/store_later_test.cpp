#include <doctest/doctest.h>

#include "conformance/stage.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

Preset titled(const char* id, const char* title) {
  Preset preset = conformance::two_in_a_room();
  preset.id = id;
  preset.title = title;
  return preset;
}

}  // namespace

TEST_CASE("changes of the store that do not wait take effect in the order of the calls") {
  Engine engine = Engine::open(scripted());
  const auto put = engine.put_preset_later(titled("mine", "First"));
  const auto over = engine.put_preset_later(titled("mine", "Second"));
  const auto seeded = engine.seed_presets_later();
  CHECK_FALSE(put.ready());
  CHECK(code_of([&] { (void)engine.preset("mine"); }) == ErrorCode::not_found);
  CHECK(seeded.get() == builtin_presets().size());
  CHECK(put.ready());
  CHECK(over.ready());
  CHECK(engine.preset("mine").title == "Second");
  const auto removed = engine.remove_preset_later("mine");
  const auto again = engine.remove_preset_later("mine");
  CHECK(code_of([&] { again.get(); }) == ErrorCode::not_found);
  CHECK(removed.wait().has_value());
}

TEST_CASE("a preset that is on its way to the store is not seeded over") {
  Engine engine = Engine::open(scripted());
  engine.put_preset_later(titled("job-interview", "Mine"));
  CHECK(engine.seed_presets_later().get() == builtin_presets().size() - 1);
  CHECK(engine.preset("job-interview").title == "Mine");
}

TEST_CASE("an engine is idle only when its changes of the store have ended") {
  Engine engine = Engine::open(scripted());
  const auto put = engine.put_preset_later(titled("mine", "Mine"));
  engine.run_until_idle();
  CHECK(put.ready());
}

TEST_CASE("inside a callback a change of the store waits for nothing, and waiting is refused") {
  Engine engine = Engine::open(scripted());
  ErrorCode waited = ErrorCode::ok;
  bool told = false;
  engine.put_preset_later(titled("mine", "Mine")).then([&](const Result<void>& stored) {
    CHECK(stored.has_value());
    waited = code_of([&] { engine.put_preset(titled("other", "Other")); });
    engine.rebuild_later("none").then([&told](const Result<bool>& same) {
      CHECK(same.error().code() == ErrorCode::not_found);
      told = true;
    });
  });
  engine.run_until_idle();
  CHECK(told);
  CHECK(waited == ErrorCode::wrong_state);
  CHECK(code_of([&] { (void)engine.preset("other"); }) == ErrorCode::not_found);
}

TEST_CASE("a session that is imported without waiting is usable, with its ledger") {
  Config config = scripted();
  config.prices["*"] = {.input = *Money::parse("1"), .output = *Money::parse("2")};
  Engine engine = Engine::open(config);
  Session session = engine.create_session("job-interview");
  session.send_wait("Good morning.");
  const std::string text = engine.export_session(session.id(), ExportFormat::json);
  const auto costs = engine.costs();
  CHECK(code_of([&] { engine.import_session_later(text).get(); }) == ErrorCode::already_exists);

  Engine other = Engine::open(config);
  Session copy = other.import_session_later(text).get();
  CHECK(copy.messages() == session.messages());
  CHECK(other.costs() == costs);
  CHECK(other.rebuild_later(copy.id()).get());
  CHECK(code_of([&] { (void)other.import_session_later("[]"); }) == ErrorCode::invalid_argument);
}

TEST_CASE("changes of the store are the host's alone, and told so at once") {
  Engine engine = Engine::open(scripted());
  Engine theirs = engine.as({.subject = "ann"});
  CHECK(code_of([&] { (void)theirs.seed_presets_later(); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { (void)theirs.rebuild_later("x"); }) == ErrorCode::permission_denied);
}

TEST_CASE("an engine that is closed leaves no answer of its store open") {
  std::optional<Engine> engine(Engine::open(scripted()));
  const auto put = engine->put_preset_later(titled("mine", "Mine"));
  engine.reset();
  CHECK(put.ready());
}

TEST_CASE("capabilities name the metrics of the host behind the built-in ones") {
  class Marks final : public Analyzer {
   public:
    std::string_view name() const noexcept override { return "marks"; }
    std::unique_ptr<AnalyzerSession> open_session() const override { return nullptr; }
  };
  Dependencies dependencies;
  dependencies.analyzers.push_back(std::make_shared<Marks>());
  Engine engine = Engine::open(scripted(), dependencies);
  CHECK(engine.capabilities().metrics.back() == "marks");
}

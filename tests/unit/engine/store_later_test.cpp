#include <doctest/doctest.h>

#include <atomic>
#include <scena/analytics.hpp>
#include <thread>

#include "conformance/stage.hpp"
#include "storage/registry.hpp"
#include "support/forwarding_storage.hpp"
#include "support/gated_storage.hpp"
#include "support/temp_folder.hpp"
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

// Two loops of the engine's own, and a storage thread with a file.
Config on_threads(const TempFolder& folder) {
  Config config = scripted();
  config.clock = ClockKind::real;
  config.threads = 2;
  config.storage = "sqlite:" + folder.file("store.db");
  config.storage_thread = StorageThread::on;
  config.durability = Durability::process;
  config.providers["model"].options = R"({"replies":["Good morning."],"instant":true})";
  return config;
}

/// Refuses batches that hold rows of analytics, while it is told to, and counts the others.
class RowRefuser final : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  std::vector<Result<void>> commit(std::span<const Batch> group) override {
    for (const Batch& batch : group) {
      for (const RecordWrite& write : batch.records) {
        if (refuse && write.key.kind == "analytics")
          return {group.size(), Error::fixed(ErrorCode::storage_full, "no room")};
      }
    }
    commits += group.size();
    return inner_->commit(group);
  }
  bool refuse = false;
  std::size_t commits = 0;
};

constexpr std::chrono::seconds kLongEnough{20};

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

TEST_CASE("an import is one batch with its ledger and its row: all of it, or nothing") {
  Config config = scripted();
  config.prices["*"] = {.input = *Money::parse("1"), .output = *Money::parse("2")};
  Engine first = Engine::open(config);
  Session session = first.create_session("job-interview");
  session.send_wait("Good morning.");
  const std::string id = session.id();
  const std::string text = first.export_session(id, ExportFormat::json);

  const auto store =
      std::make_shared<RowRefuser>(open_storage({.url = "memory:"}).value_or_throw());
  Dependencies dependencies;
  dependencies.storage = store;
  Engine second = Engine::open(config, dependencies);
  second.run_until_idle();
  store->refuse = true;
  CHECK(code_of([&] { second.import_session(text); }) == ErrorCode::storage_full);
  CHECK(code_of([&] { second.session(id); }) == ErrorCode::not_found);
  CHECK(second.costs({}, {CostBy::model}).empty());
  store->refuse = false;
  store->commits = 0;
  const auto import = second.import_session_later(text);
  while (!import.ready()) second.poll();
  CHECK(store->commits == 1);
  CHECK(second.costs({}, {CostBy::model}) == first.costs({}, {CostBy::model}));
  CHECK(session_analytics(second) == session_analytics(first));
  CHECK(second.rebuild(id));
}

TEST_CASE("with a storage thread, changes of the store are answered on the engine's threads") {
  const TempFolder folder;
  Engine engine = Engine::open(on_threads(folder));
  std::vector<Pending<void>> puts;
  puts.reserve(40);
  for (int i = 0; i < 40; ++i)
    puts.push_back(engine.put_preset_later(titled("mine", std::to_string(i).c_str())));
  CHECK(engine.seed_presets_later().get(kLongEnough) == builtin_presets().size());
  for (const auto& put : puts) CHECK(put.ready());  // answered in the order of the calls
  CHECK(engine.preset("mine").title == "39");
  CHECK(code_of([&] { engine.remove_preset_later("none").get(kLongEnough); }) ==
        ErrorCode::not_found);

  Session session = engine.create_session("job-interview");
  session.send("Good morning.").wait(kLongEnough);
  const std::string text = engine.export_session(session.id(), ExportFormat::json);
  CHECK(code_of([&] { engine.import_session_later(text).get(kLongEnough); }) ==
        ErrorCode::already_exists);
  CHECK(engine.rebuild_later(session.id()).get(kLongEnough));

  std::atomic<bool> refused{false};
  std::atomic<bool> told{false};
  engine.rebuild_later("none").then([&](const Result<bool>& same) {
    refused = !same && same.error().code() == ErrorCode::not_found;
    engine.remove_preset_later("mine").then([&](const Result<void>& removed) {
      if (removed) told = true;
    });
  });
  engine.run_until_idle();
  CHECK(refused);
  CHECK(told);
}

TEST_CASE("with a storage thread, a change that nobody waits for any more takes effect") {
  const TempFolder folder;
  const Config config = on_threads(folder);
  const auto store = std::make_shared<GatedStorage>(
      open_storage({.url = config.storage, .durability = config.durability}).value_or_throw());
  Dependencies dependencies;
  dependencies.storage = store;
  Engine engine = Engine::open(config, dependencies);
  store->close_gate();
  const auto put = engine.put_preset_later(titled("mine", "Mine"));
  { const auto dropped = engine.put_preset_later(titled("dropped", "Dropped")); }
  store->wait_until_inside();
  CHECK(code_of([&] { put.get(std::chrono::milliseconds(1)); }) == ErrorCode::timeout);
  CHECK_FALSE(put.ready());
  store->open_gate();
  CHECK(put.wait(kLongEnough).has_value());
  engine.run_until_idle();
  CHECK(engine.preset("dropped").title == "Dropped");
}

TEST_CASE(
    "with a storage thread, an engine that closes answers every change, and what it says is so") {
  const TempFolder folder;
  const Config config = on_threads(folder);
  std::vector<Pending<void>> puts;
  {
    const auto store = std::make_shared<GatedStorage>(
        open_storage({.url = config.storage, .durability = config.durability}).value_or_throw());
    Dependencies dependencies;
    dependencies.storage = store;
    Engine engine = Engine::open(config, dependencies);
    store->close_gate();
    for (int i = 0; i < 5; ++i) {
      const std::string id = "p" + std::to_string(i);
      puts.push_back(engine.put_preset_later(titled(id.c_str(), "Mine")));
    }
    store->wait_until_inside();
    // Its callback takes longer than close() gives the loop: the answers behind it are dropped.
    puts.front().then([](const Result<void>&) {
      const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(150);
      while (std::chrono::steady_clock::now() < until) {
      }
    });
    std::atomic<ErrorCode> waited{ErrorCode::ok};
    std::thread waiting([&] { waited = code_of([&] { puts.back().get(); }); });
    std::thread closing([&] { engine.close(); });
    while (code_of([&] { (void)engine.stats(); }) != ErrorCode::closed) std::this_thread::yield();
    store->open_gate();
    closing.join();
    waiting.join();
    CHECK((waited == ErrorCode::ok || waited == ErrorCode::closed));
    CHECK(code_of([&] { (void)engine.put_preset_later(titled("late", "Late")); }) ==
          ErrorCode::closed);
  }
  Engine again = Engine::open(config);
  for (std::size_t i = 0; i < puts.size(); ++i) {
    CAPTURE(i);
    REQUIRE(puts[i].ready());
    const auto put = puts[i].wait();
    const std::string id = "p" + std::to_string(i);
    if (put.has_value()) {
      CHECK(again.preset(id).title == "Mine");
    } else {
      CHECK(put.error().code() == ErrorCode::closed);
    }
  }
  CHECK(code_of([&] { (void)again.preset("late"); }) == ErrorCode::not_found);
}

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/sha256.hpp"
#include "conformance/stage.hpp"
#include "storage/registry.hpp"
#include "support/forwarding_storage.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"
#include "unit/engine/erasure_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kPlight = "harpsichord-lost-in-a-divorce";

/// A preset that a person wrote for one talk; nobody stored it.
Preset told_by(const std::string& words) {
  Preset preset = conformance::two_in_a_room();
  preset.id = "own";
  preset.title = "My " + words;
  preset.characters[0].persona = "Knows of my " + words + ".";
  return preset;
}

std::string name_of(const Preset& preset) {
  return sha256_hex(preset.to_json());
}

bool holds_preset(Storage& storage, const Preset& preset, const std::string& tenant = "default") {
  return storage.blob(tenant, name_of(preset)).value_or_throw().has_value();
}

Engine open_on(std::shared_ptr<Storage> storage) {
  Dependencies parts;
  parts.storage = std::move(storage);
  return Engine::open(scripted(R"(["Go on.","I see."])"), std::move(parts));
}

std::shared_ptr<Storage> in_memory() {
  return open_storage({.url = "memory:"}).value_or_throw();
}

Session made_for(Engine& engine, const std::string& owner, const Preset& preset) {
  SessionOptions options;
  options.owner = owner;
  Session session = engine.create_session(preset, options);
  session.send_wait("Hello");
  return session;
}

/// What asks for the preset's text: an engine that has not seen the session yet.
bool is_whole(const std::shared_ptr<Storage>& storage, const std::string& id) {
  Engine engine = open_on(storage);
  return code_of([&] { engine.export_session(id, ExportFormat::json); }) == ErrorCode::ok &&
         code_of([&] { engine.session(id).send_wait("Still there?"); }) == ErrorCode::ok;
}

}  // namespace

TEST_CASE("of an erased user's own preset no byte is left, in the store and in its files") {
  for (const bool is_deleted : {false, true}) {
    CAPTURE(is_deleted);
    TempFolder folder;
    std::shared_ptr<Storage> storage =
        open_storage({.url = "sqlite:" + folder.file("talk.db")}).value_or_throw();
    Engine engine = open_on(storage);
    const Preset own = told_by(kPlight);
    Session session = made_for(engine, "ada", own);
    session.fork().get();
    if (is_deleted) session.remove().get();
    CHECK(holds_preset(*storage, own));
    REQUIRE_FALSE(files_with(folder, kPlight).empty());
    CHECK(engine.erase_user("ada") == 2);
    CHECK_FALSE(holds_preset(*storage, own));
    CHECK(files_with(folder, kPlight).empty());
    storage->check().value_or_throw();
  }
}

TEST_CASE("of a session with a time to live its preset, too, is gone after it") {
  TempFolder folder;
  std::shared_ptr<Storage> storage =
      open_storage({.url = "sqlite:" + folder.file("talk.db")}).value_or_throw();
  Engine engine = open_on(storage);
  const Preset own = told_by(kPlight);
  SessionOptions brief;
  brief.retention = Retention::session;
  brief.retention_ttl = 0ms;
  Session session = engine.create_session(own, brief);
  session.send_wait("Hello");
  Session fork = session.fork().get();
  session.complete().get();
  engine.advance(1min);
  engine.run_until_idle();
  CHECK(holds_preset(*storage, own));
  fork.send_wait("Are you there?");
  fork.complete().get();
  engine.advance(1min);
  engine.run_until_idle();
  CHECK(storage->streams("default", "", 10).value_or_throw().empty());
  CHECK_FALSE(holds_preset(*storage, own));
  CHECK(files_with(folder, kPlight).empty());
}

TEST_CASE("a preset stays until the last session made of it is erased, whoever has that one") {
  const auto storage = in_memory();
  const Preset shared = told_by("marimba");
  std::optional<Engine> engine = open_on(storage);
  Engine other = engine->as(Principal::host("other"));
  made_for(other, "ada", shared);
  made_for(*engine, "ada", shared);
  const std::string bobs = made_for(*engine, "bob", shared).id();
  Session copied = made_for(*engine, "ada", shared);
  const std::string document = engine->export_session(copied.id(), ExportFormat::json);
  const std::string carls = engine->session(bobs).fork().get().id();
  CHECK(engine->erase_user("ada") == 2);
  engine.reset();
  CHECK(is_whole(storage, bobs));
  CHECK(is_whole(storage, carls));
  engine = open_on(storage);
  CHECK(engine->erase_user("bob") == 2);
  CHECK_FALSE(holds_preset(*storage, shared));
  CHECK(holds_preset(*storage, shared, "other"));
  const std::string imported = engine->import_session(document).id();
  engine.reset();
  CHECK(is_whole(storage, imported));
  engine = open_on(storage);
  CHECK(engine->erase_user("ada") == 1);
  CHECK_FALSE(holds_preset(*storage, shared));
}

TEST_CASE("a session that is made of an erased preset, afterwards or meanwhile, has its text") {
  for (const bool is_meanwhile : {false, true}) {
    CAPTURE(is_meanwhile);
    const auto storage = in_memory();
    const Preset preset = told_by("marimba");
    std::string id;
    {
      Engine engine = open_on(storage);
      made_for(engine, "ada", preset);
      const Pending<std::size_t> erased = engine.erase_user_later("ada");
      if (!is_meanwhile) CHECK(erased.get() == 1);
      id = made_for(engine, "bob", preset).id();
      CHECK(erased.get() == 1);
    }
    CHECK(is_whole(storage, id));
  }
}

namespace {

/// The store as it is while an erasure commits: a hook before it, and a refusal.
struct WatchedErasure final : ForwardingStorage {
  using ForwardingStorage::ForwardingStorage;
  std::vector<Result<void>> commit(std::span<const Batch> group) override {
    for (const Batch& batch : group) {
      if (batch.blob_erasures.empty()) continue;
      are_together = !batch.erasures.empty();
      if (refusals-- > 0) {
        return std::vector<Result<void>>(group.size(),
                                         Error::fixed(ErrorCode::storage_failed, "disk"));
      }
    }
    return inner_->commit(group);
  }
  bool are_together = false;
  int refusals = 1;
};

}  // namespace

TEST_CASE(
    "a preset goes with its sessions in one commit, and with a second try where that failed") {
  auto storage =
      std::make_shared<WatchedErasure>(open_storage({.url = "memory:"}).value_or_throw());
  Engine engine = open_on(storage);
  const Preset own = told_by(kPlight);
  made_for(engine, "ada", own);
  CHECK(code_of([&] { engine.erase_user("ada"); }) == ErrorCode::storage_failed);
  CHECK(storage->are_together);
  CHECK(holds_preset(*storage, own));
  CHECK_FALSE(storage->streams("default", "", 10).value_or_throw().empty());
  CHECK(engine.erase_user("ada") == 1);
  CHECK_FALSE(holds_preset(*storage, own));
}

TEST_CASE("a session that cannot be read takes its preset along") {
  auto torn = std::make_shared<TornStorage>(open_storage({.url = "memory:"}).value_or_throw());
  const Preset own = told_by(kPlight);
  std::optional<Engine> engine = open_on(torn);
  torn->torn = "session:" + made_for(*engine, "ada", own).id();
  engine = open_on(torn);
  CHECK(engine->erase_user("ada") == 1);
  CHECK_FALSE(holds_preset(*torn, own));
}

TEST_CASE("a deleted session that cannot be read takes its preset along when its time is over") {
  auto torn = std::make_shared<TornStorage>(open_storage({.url = "memory:"}).value_or_throw());
  const Preset own = told_by(kPlight);
  Engine engine = open_on(torn);
  SessionOptions brief;
  brief.retention = Retention::session;
  brief.retention_ttl = 1h;
  Session lost = engine.create_session(own, brief);
  lost.send_wait("Hello");
  lost.remove().get();
  torn->torn = "session:" + lost.id();
  engine.advance(2h);
  engine.run_until_idle();
  CHECK(torn->streams("default", "", 10).value_or_throw().empty());
  CHECK_FALSE(holds_preset(*torn, own));
}

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "conformance/stage.hpp"
#include "storage/registry.hpp"
#include "support/forwarding_storage.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

// Counts the results of commands that anybody lists.
class ListedResults final : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  std::size_t read = 0;

  Result<std::vector<Record>> list(const RecordQuery& query) override {
    auto records = ForwardingStorage::list(query);
    if (query.kind == "command" && records) read += records->size();
    return records;
  }

  std::vector<std::string> kept() {
    RecordQuery query;
    query.tenant = "default";
    query.kind = "command";
    query.limit = 500;
    std::vector<std::string> ids;
    for (const Record& record : ForwardingStorage::list(query).value_or_throw())
      ids.push_back(record.key.id);
    return ids;
  }
};

Session talk(Engine& engine, const std::string& owner, const std::string& name) {
  SessionOptions options;
  options.owner = owner;
  options.command_id = "made-" + name;
  Session session = engine.create_session(conformance::two_in_a_room(), options);
  for (int i = 0; i < 3; ++i) {
    SendOptions once;
    once.command_id = "said-" + std::to_string(i);
    session.send_wait("Hello.", once);
  }
  return session;
}

}  // namespace

TEST_CASE("erasing sessions takes their first results, and reads few of the others") {
  const auto storage =
      std::make_shared<ListedResults>(open_storage({.url = "memory:"}).value_or_throw());
  Dependencies parts;
  parts.storage = storage;
  Engine engine = Engine::open(scripted(), std::move(parts));
  // The results of the others stand behind those of the one that goes.
  Session own = talk(engine, "ada", "a");
  own.fork({}, {.command_id = "forked"}).get();
  std::string others;
  for (int i = 0; i < 120; ++i) others = talk(engine, "bob", "b" + std::to_string(i)).id();
  REQUIRE(storage->kept().size() == 120 * 4 + 5);
  storage->read = 0;
  CHECK(engine.erase_user("ada") == 2);
  // A page for each look at a session, and by name those of the commands that made them.
  CHECK(storage->read < 4 * RecordQuery{}.limit);
  const auto kept = storage->kept();
  CHECK(kept.size() == 120 * 4);
  for (const std::string& id : kept) CHECK_FALSE(id.starts_with(own.id()));
  CHECK(std::find(kept.begin(), kept.end(), "/made-a") == kept.end());
  CHECK(std::find(kept.begin(), kept.end(), others + "/said-2") != kept.end());
}

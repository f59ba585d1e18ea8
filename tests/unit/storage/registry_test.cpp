#include "storage/registry.hpp"

#include <doctest/doctest.h>

using namespace scena;

TEST_CASE("an unknown scheme is refused and the known ones are named, secrets are not") {
  const auto opened = open_storage({.url = "postgres://user:hunter2@host/db"});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code() == ErrorCode::invalid_argument);
  const std::string text = opened.error().what();
  CHECK(text.find("\"memory:\"") != std::string::npos);
  CHECK(text.find("hunter2") == std::string::npos);
  CHECK_FALSE(open_storage({.url = "some-file.db"}));
  CHECK_FALSE(open_storage({.url = ""}));
  CHECK_FALSE(open_storage({.url = "memory:name"}));
}

TEST_CASE("a host's own kind of store is opened by its scheme") {
  StorageRegistry registry;
  std::string seen;
  registry.add("mine", [&](const StorageOptions& options) {
    seen = options.location();
    return open_storage({.url = "memory:"});
  });
  CHECK(registry.open({.url = "mine:some/place"}));
  CHECK(seen == "some/place");
}

TEST_CASE("falling back to memory is for places that cannot be written alone") {
  StorageRegistry registry;
  add_builtin_storages(registry);
  ErrorCode code = ErrorCode::storage_failed;
  registry.add("broken", [&](const StorageOptions&) { return Error::fixed(code, "no"); });
  const auto opened = registry.open({.url = "broken:x", .fallback_to_memory = true});
  REQUIRE(opened);
  CHECK(opened.value()->info().backend == "memory");
  CHECK_FALSE(registry.open({.url = "broken:x"}));
  code = ErrorCode::storage_corrupt;
  CHECK_FALSE(registry.open({.url = "broken:x", .fallback_to_memory = true}));
}

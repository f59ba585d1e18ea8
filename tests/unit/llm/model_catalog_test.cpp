#include "llm/model_catalog.hpp"

#include <doctest/doctest.h>

#include "llm/builtin_models.hpp"

using namespace scena;
using namespace scena::llm;

namespace {

std::string fault_of(std::string_view json) {
  const auto read = ModelCatalog::from_json(json);
  return read ? std::string("read") : std::string(read.error().pointer());
}

}  // namespace

TEST_CASE("the catalog that is compiled in is whole, dated and names its source") {
  REQUIRE(builtin_model_sources().size() == 1);
  const auto read = ModelCatalog::from_json(builtin_model_sources()[0].json);
  REQUIRE(read);
  CHECK(ModelCatalog::builtin().models() == read->models());
  CHECK(read->models().size() > 60);
  CHECK(read->date() == "2026-08-05");
  CHECK(read->source().find("llm-prices") != std::string::npos);
}

TEST_CASE("a model is found by its name, by a dated name and behind a vendor's name") {
  const ModelCatalog& catalog = ModelCatalog::builtin();
  const ModelRecord* mini = catalog.find("gpt-4o-mini");
  REQUIRE(mini);
  CHECK(catalog.find("gpt-4o-mini-2024-07-18") == mini);
  CHECK(catalog.find("openai/gpt-4o-mini") == mini);
  CHECK(catalog.find("gpt-4o-2024-08-06") == catalog.find("gpt-4o"));
  CHECK(catalog.find("command-a-03-2025") == catalog.find("command-a"));
  CHECK(catalog.price("command-a-03-2025"));
  CHECK(catalog.find("gpt-4o") != mini);
  CHECK(catalog.find("gpt-5.9")->reasoning);
  CHECK_FALSE(catalog.find("gpt-5-chat-latest")->reasoning);
  CHECK(catalog.find("gpt-4oo") == nullptr);
  CHECK(catalog.find("llama3:8b") == nullptr);
  CHECK(catalog.find("") == nullptr);
}

TEST_CASE("a price is told for a model's own or dated name, never for a near one") {
  const ModelCatalog& catalog = ModelCatalog::builtin();
  const auto price = catalog.price("gpt-4o-2024-08-06");
  REQUIRE(price);
  CHECK(price->input.to_string() == "2.5");
  CHECK(price->cached_input == Money::parse("1.25"));
  CHECK(price->cache_write.value_or(price->input) == Money::parse("2.5"));
  CHECK(catalog.price("claude-haiku-4-5-20251001")->cache_write == Money::parse("1.25"));
  CHECK(catalog.price("mistral-large-latest"));
  CHECK_FALSE(catalog.price("gpt-4o-audio-preview"));
  CHECK_FALSE(catalog.price("gpt-5.9"));
  CHECK(catalog.price("openai/gpt-4o") == catalog.price("gpt-4o"));
  CHECK_FALSE(catalog.price("openai/gpt-5.9"));
}

TEST_CASE("a wrong catalog is refused with the pointer of its fault") {
  CHECK(fault_of(R"({"models":{}})") == "read");
  CHECK(fault_of(R"({"models":[]})") == "/models");
  CHECK(fault_of(R"({"models":{},"modles":1})") == "/modles");
  CHECK(fault_of(R"({"models":{"m":{"contxt":1}}})") == "/models/m/contxt");
  CHECK(fault_of(R"({"models":{"m":{"context":-1}}})") == "/models/m/context");
  CHECK(fault_of(R"({"models":{"a/b":{"reasoning":1}}})") == "/models/a~1b/reasoning");
  CHECK(fault_of(R"({"models":{"m":{"refuses":["colour"]}}})") == "/models/m/refuses");
  CHECK(fault_of(R"({"models":{"m":{"price":{"input":"1"}}}})") == "/models/m/price/output");
  CHECK(fault_of(R"({"models":{"m":{"price":{"input":"-1","output":"1"}}}})") ==
        "/models/m/price/input");
  CHECK(fault_of(R"({"models":{"m":{"price":{"input":1,"output":"1"}}}})") ==
        "/models/m/price/input");
}

TEST_CASE("a host's records replace those of the same name while providers run") {
  ModelBook book;
  const auto before = book.current();
  const auto own = ModelCatalog::from_json(
      R"({"date":"2026-11-01","models":{"gpt-4o":{"context":7},"house":{"tools":false}}})");
  REQUIRE(own);
  book.replace(before->with(*own));
  CHECK(before->find("gpt-4o")->context == 128000);
  CHECK(book.current()->find("gpt-4o")->context == 7);
  CHECK_FALSE(book.current()->find("gpt-4o")->price);
  CHECK_FALSE(book.current()->find("house")->tools);
  CHECK(book.current()->find("o3")->reasoning);
  CHECK(book.current()->date() == "2026-11-01");
}

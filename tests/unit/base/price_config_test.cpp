#include <doctest/doctest.h>

#include <scena/config.hpp>

using namespace scena;

TEST_CASE("what a model does not charge for has the price 0, which is not the same as none") {
  const auto config = Config::from_json(
      R"({"prices":{"m":{"input":"2","output":"4","cached_input":"0","cache_write":"0",)"
      R"("reasoning":"0.0"}}})");
  REQUIRE(config);
  const Price& price = config->prices.at("m");
  CHECK(price.cached_input == Money{});
  CHECK(price.cache_write == Money{});
  CHECK(price.reasoning == Money{});
  const Usage usage{.input_tokens = 3'000'000,
                    .output_tokens = 2'000'000,
                    .cached_input_tokens = 1'000'000,
                    .cache_write_tokens = 1'000'000,
                    .reasoning_tokens = 1'000'000};
  CHECK(cost_of(price, usage).to_string() == "6");
  const auto again = Config::from_json(config->to_json());
  REQUIRE(again);
  CHECK(again->prices == config->prices);
}

TEST_CASE("a negative price is named wherever it comes from, and so is a budget of nothing") {
  for (const std::string member :
       {"input", "output", "cached_input", "cache_write", "request", "reasoning"}) {
    CAPTURE(member);
    const auto read = Config::from_json(R"({"prices":{"m":{")" + member + R"(":"-0.1"}}})");
    REQUIRE_FALSE(read);
    CHECK(read.error().pointer() == "/prices/m/" + member);
  }
  Config config;
  config.prices["a/b"].cache_write = Money{-1};
  const auto faults = config.check();
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].pointer == "/prices/a~1b/cache_write");
  CHECK_FALSE(Config::from_json(R"({"session_budget":"0"})"));
}

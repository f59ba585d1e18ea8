#include "domain/token_family.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "domain/prompt.hpp"

using namespace scena;

TEST_CASE("the published error of each family holds on the golden prompts") {
  const std::pair<const char*, const char*> families[] = {
      {"gpt-4o", "o200k"}, {"gpt-4", "cl100k"}, {"claude-3-5-haiku-latest", "claude"}};
  for (const auto& family : families) {
    const char* model = family.first;
    const char* counted = family.second;
    CAPTURE(std::string(model));
    CHECK(token_family(model).name == counted);
    std::ifstream file(std::string(SCENA_TEST_DIR) + "/golden/tokens/prompts.jsonl");
    std::vector<double> errors;
    for (std::string line; std::getline(file, line);) {
      const auto sample = parse_json(line);
      REQUIRE(sample);
      const auto truth = static_cast<double>(sample->at(counted).get<std::int64_t>());
      const std::int64_t plain = estimate_tokens(sample->at("text").get<std::string>());
      const auto estimate = static_cast<double>(estimate_tokens_for(model, plain));
      errors.push_back(std::abs(estimate / truth - 1));
    }
    REQUIRE(errors.size() > 50);
    std::sort(errors.begin(), errors.end());
    const double p95 = errors[(errors.size() * 95 + 99) / 100 - 1];
    CHECK(p95 * 100 <= token_family(model).error_percent);
    CHECK(token_family(model).error_percent <= 10);
  }
}

TEST_CASE("a model is known by the beginning of its name, also behind a vendor's") {
  CHECK(token_family("gpt-4o-mini-2024-07-18").name == "o200k");
  CHECK(token_family("gpt-4-turbo").name == "cl100k");
  CHECK(token_family("openai/gpt-4o").name == "o200k");
  CHECK(token_family("anthropic/claude-opus-4").name == "claude");
  CHECK(token_family("o3-mini").name == "o200k");
  CHECK(token_family("llama3:8b").name == "unknown");
  CHECK(token_family("").name == "unknown");
  CHECK(estimate_tokens_for("llama3:8b", 1'000) == 1'000);
  CHECK(estimate_tokens_for("gpt-4o", 1'000) == 825);
  CHECK(estimate_tokens_for("gpt-4o", 1) == 1);
  CHECK(estimate_tokens_for("gpt-4o", 0) == 0);
}

TEST_CASE("a run counts by its length, and by nothing that stands around it") {
  const auto repeated = [](std::string_view piece, std::int64_t times) {
    std::string text;
    for (std::int64_t i = 0; i < times; ++i) text += piece;
    return text;
  };
  for (std::int64_t length = 1; length <= 40; ++length) {
    CAPTURE(length);
    const std::int64_t letters = length <= 6 ? 1 : 1 + (length - 6 + 3) / 4;
    const std::int64_t digits = (length + 2) / 3, others = (length + 1) / 2;
    CHECK(estimate_tokens(repeated("a", length)) == letters);
    CHECK(estimate_tokens(repeated("7", length)) == digits);
    CHECK(estimate_tokens(repeated("\xC3\xA9", length)) == others);
    CHECK(estimate_tokens(repeated(" ", length)) == 0);
    CHECK(estimate_tokens(repeated(".", length)) == length);
    CHECK(estimate_tokens(repeated("\n", length)) == length);
    CHECK(estimate_tokens(repeated("\xE4\xB8\xAD", length)) == length);
    CHECK(estimate_tokens(repeated("\xFF", length)) == length);
    const std::string mixed = repeated("a", length) + repeated("7", length) +
                              repeated("\xC3\xA9", length) + ' ' + repeated("b", length) + "..";
    CHECK(estimate_tokens(mixed) == 2 * letters + digits + others + 2);
  }
}

#include "llm/registry.hpp"

#include <doctest/doctest.h>

using namespace scena;

TEST_CASE("an output limit in a configured body is known by the service's own name for it") {
  llm::ProviderRegistry registry;
  llm::add_builtin_providers(registry);
  const auto limit = [&](const char* url, const char* body) {
    return registry.output_limit({.url = url, .body = body}).value_or(-1);
  };
  CHECK(limit("openai:m", R"({"max_tokens":5})") == 5);
  CHECK(limit("openai+http://localhost/v1", R"({"max_tokens":5,"max_completion_tokens":6})") == 6);
  CHECK(limit("azure:m", R"({"max_completion_tokens":7})") == 7);
  CHECK(limit("openai_responses:m", R"({"max_output_tokens":8,"max_tokens":1})") == 8);
  CHECK(limit("anthropic:m", R"({"max_tokens":9})") == 9);
  CHECK(limit("cohere:m", R"({"max_tokens":10})") == 10);
  CHECK(limit("gemini:m", R"({"generationConfig":{"maxOutputTokens":11}})") == 11);
  CHECK(limit("ollama:m", R"({"options":{"num_predict":12}})") == 12);
  for (const char* none : {R"({"max_tokens":-1})", R"({"max_tokens":1.5})",
                           R"({"max_tokens":null})", R"({"max_tokens":"5"})", "{}", ""}) {
    CAPTURE(none);
    CHECK(limit("anthropic:m", none) == -1);
  }
  CHECK(limit("gemini:m", R"({"max_tokens":5,"generationConfig":7})") == -1);
  CHECK(limit("nobody:m", R"({"max_tokens":5})") == -1);
  CHECK(limit("script:", R"({"max_tokens":5})") == -1);
}

TEST_CASE("a base URL that cannot be used is told with its member before anything is made") {
  llm::ProviderRegistry registry;
  llm::add_builtin_providers(registry);
  for (const char* url : {"http://ann:secret@127.0.0.1/v1", "https://house.test/v1?key=secret",
                          "https://house.test/v1#x", "file:///etc/passwd", "house.test"}) {
    CAPTURE(url);
    const auto checked = registry.check({.url = "openai:m", .base_url = url});
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code() == ErrorCode::invalid_argument);
    CHECK(checked.error().pointer() == "/base_url");
    CHECK(std::string(checked.error().what()).find("secret") == std::string::npos);
    CHECK(std::string(checked.error().what()).find("KIND:") == std::string::npos);
  }
  CHECK(registry.check({.url = "openai:m", .base_url = "https://house.test/v1/"}));
}

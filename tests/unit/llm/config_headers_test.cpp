// Header fields of a provider's configuration, beside those that the library writes.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "llm/embed/http_embedder.hpp"
#include "support/provider_bench.hpp"

using namespace scena;
using namespace scena::test;

namespace {

std::vector<std::string> fields_of(const net::HttpRequest& request, std::string_view name) {
  std::vector<std::string> found;
  for (const auto& [field, value] : request.headers) {
    if (equals_ignore_case(field, name)) found.emplace_back(value.reveal());
  }
  return found;
}

using Fields = std::vector<std::string>;

}  // namespace

TEST_CASE("a configured header takes the place of the library's own, whatever its case") {
  for (const std::string url : {"openai:m", "openai_responses:m", "azure:m@https://a.example",
                                "anthropic:m", "gemini:m", "cohere:m", "ollama:m"}) {
    CAPTURE(url);
    ProviderBench bench(url);
    bench.config.headers = {{"accept", "text/plain"},
                            {"authorization", "Basic b3Vycw=="},
                            {"Anthropic-Version", "2030-01-01"},
                            {"X-API-KEY", "another-key"},
                            {"Api-Key", "another-key"},
                            {"X-Goog-Api-Key", "another-key"}};
    bench.answer(500, "{}");
    for (const auto& header : bench.config.headers) {
      CAPTURE(header.first);
      CHECK(fields_of(bench.http.requests.at(0), header.first) ==
            Fields{std::string(header.second.reveal())});
    }
  }
}

TEST_CASE("a configured id of the request takes the place of the turn's") {
  ProviderBench bench("openai:m");
  bench.config.headers = {{"X-Client-Request-Id", "team-7"}};
  bench.request.context.trace_id = "session/1";
  bench.answer(500, "{}");
  CHECK(fields_of(bench.http.requests.at(0), "x-client-request-id") == Fields{"team-7"});
}

TEST_CASE("a call's own header goes before the configured one") {
  ProviderBench bench("openai:m");
  bench.config.headers = {{"Authorization", "Basic b3Vycw=="}};
  bench.request.extra.headers = {{"AUTHORIZATION", "Bearer of-this-call"}};
  bench.answer(500, "{}");
  CHECK(fields_of(bench.http.requests.at(0), "Authorization") == Fields{"Bearer of-this-call"});
}

TEST_CASE("calls for vectors have the configured headers as well") {
  for (const std::string url : {"openai:m", "gemini:m", "cohere:m", "ollama:m"}) {
    CAPTURE(url);
    ProviderBench bench(url);
    bench.config.headers = {{"X-Team", "research"}, {"content-type", "application/json; v=2"}};
    const auto embedder = llm::make_embedder(bench.registry, bench.config, bench.context(), 0);
    REQUIRE(embedder);
    (*embedder)->start({.texts = {"one"}}, [](const Result<Embeddings>&) {}, {});
    bench.drive();
    REQUIRE(bench.http.requests.size() == 1);
    CHECK(fields_of(bench.http.requests[0], "X-Team") == Fields{"research"});
    CHECK(fields_of(bench.http.requests[0], "Content-Type") == Fields{"application/json; v=2"});
  }
}

TEST_CASE("azure takes its credentials from a header of any case") {
  ProviderBench bench("azure:m@https://a.example", "");
  bench.config.headers = {{"authorization", "Bearer of-entra"}};
  CHECK(bench.make());
}

#include <doctest/doctest.h>

#include <cstring>
#include <limits>

#include "base/base64.hpp"
#include "base/json.hpp"
#include "llm/embed/http_embedder.hpp"
#include "support/provider_bench.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

struct EmbedBench : ProviderBench {
  EmbeddingRequest texts{.texts = {"one", "two"}};
  std::vector<Result<Embeddings>> results;
  std::stop_source stop;

  using ProviderBench::ProviderBench;

  void reply(std::string body, int status = 200) {
    http.answers.push_back({.status = status, .headers = kJsonType, .pieces = {std::move(body)}});
  }
  const Result<Embeddings>& embed() {
    const auto embedder = llm::make_embedder(registry, config, context(), 2);
    REQUIRE(embedder);
    (*embedder)->start(
        texts, [this](Result<Embeddings> result) { results.push_back(std::move(result)); },
        stop.get_token());
    CHECK(results.empty());
    for (int i = 0; i < 200; ++i) {
      drive();
      if (const auto next = loop.next_deadline()) clock.advance_to(*next);
    }
    REQUIRE(results.size() == 1);
    return results[0];
  }
  ErrorCode code() {
    const auto& result = embed();
    return result ? ErrorCode::ok : result.error().code();
  }
};

/// An answer of Ollama with so many vectors of one dimension.
std::string vectors(std::size_t count, std::string_view vector = "[1]") {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list += (i ? "," : "") + std::string(vector);
  return R"({"embeddings":[)" + list + "]}";
}

std::string base64_of(std::vector<float> values) {
  std::string bytes(values.size() * 4, '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return base64_encode(bytes);
}

using Values = std::vector<float>;

}  // namespace

TEST_CASE("openai embeddings come as base64 in any order, and from other servers as numbers") {
  EmbedBench bench("openai:text-embedding-3-small");
  bench.texts.dimensions = 2;
  bench.reply(R"({"data":[{"index":1,"embedding":")" + base64_of({3, 4.5f}) +
              R"("},{"index":0,"embedding":")" + base64_of({1, -2}) +
              R"("}],"usage":{"prompt_tokens":7,"total_tokens":7}})");
  const auto& result = bench.embed();
  REQUIRE(result);
  CHECK(result->values == Values{1, -2, 3, 4.5f});
  CHECK(result->dimensions == 2);
  CHECK(result->size() == 2);
  CHECK(result->vector(1)[1] == 4.5f);
  CHECK(result->usage.input_tokens == 7);
  CHECK_FALSE(result->usage.estimated);
  CHECK(bench.http.requests.at(0).url == "https://api.openai.com/v1/embeddings");
  CHECK(
      bench.http.requests.at(0).body ==
      R"({"model":"text-embedding-3-small","input":["one","two"],"encoding_format":"base64","dimensions":2})");
  EmbedBench local("openai+http://localhost:9/v1", "");
  local.reply(R"({"data":[{"embedding":[0.5,1e-1]},{"embedding":[-1,2]}]})");
  const auto& numbers = local.embed();
  REQUIRE(numbers);
  CHECK(numbers->values == Values{0.5f, 0.1f, -1, 2});
  CHECK(numbers->usage.estimated);
  CHECK(numbers->usage.input_tokens == 2);
}

TEST_CASE("gemini, cohere and ollama embeddings are asked for in their own words") {
  EmbedBench gemini("gemini:gemini-embedding-001");
  gemini.texts.purpose = EmbeddingPurpose::query;
  gemini.texts.dimensions = 2;
  gemini.reply(R"({"embeddings":[{"values":[1,2]},{"values":[3,4]}]})");
  REQUIRE(gemini.embed());
  CHECK(gemini.results[0]->values == Values{1, 2, 3, 4});
  CHECK(gemini.http.requests.at(0).url ==
        "https://generativelanguage.googleapis.com/v1beta/models/"
        "gemini-embedding-001:batchEmbedContents");
  CHECK(gemini.header("x-goog-api-key") == "key-1234567890");
  CHECK(gemini.http.requests.at(0).body.starts_with(
      R"({"requests":[{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"one"}]},)"
      R"("taskType":"RETRIEVAL_QUERY","outputDimensionality":2},)"));

  EmbedBench cohere("cohere:embed-v4.0");
  cohere.texts.purpose = EmbeddingPurpose::clustering;
  cohere.reply(
      R"({"embeddings":{"float":[[1,2],[3,4]]},"meta":{"billed_units":{"input_tokens":6.0}}})");
  REQUIRE(cohere.embed());
  CHECK(cohere.results[0]->values == Values{1, 2, 3, 4});
  CHECK(cohere.results[0]->usage.billed_input_tokens == 6);
  CHECK(cohere.http.requests.at(0).url == "https://api.cohere.com/v2/embed");
  CHECK(
      cohere.http.requests.at(0).body ==
      R"({"model":"embed-v4.0","input_type":"clustering","texts":["one","two"],"embedding_types":["float"]})");

  EmbedBench ollama("ollama:nomic-embed-text", "");
  ollama.reply(R"({"model":"m","embeddings":[[1,2],[3,4]],"prompt_eval_count":5})");
  REQUIRE(ollama.embed());
  CHECK(ollama.results[0]->usage.input_tokens == 5);
  CHECK(ollama.http.requests.at(0).url == "http://localhost:11434/api/embed");
  CHECK(ollama.http.requests.at(0).body == R"({"model":"nomic-embed-text","input":["one","two"]})");
}

TEST_CASE("texts over a service's limits go in several calls, whose usage is added") {
  EmbedBench bench("cohere:embed-v4.0");
  bench.texts.texts.assign(200, "text");
  const auto answer = [](std::size_t count, std::string_view vector) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i) list += (i ? "," : "") + std::string(vector);
    return R"({"embeddings":{"float":[)" + list +
           R"(]},"meta":{"tokens":{"input_tokens":10},"billed_units":{"input_tokens":9}}})";
  };
  bench.reply(answer(96, "[1,2]"));
  bench.reply(answer(96, "[3,4]"));
  bench.reply(answer(8, "[5,6]"));
  const auto& result = bench.embed();
  REQUIRE(result);
  CHECK(result->size() == 200);
  CHECK(result->vector(95)[0] == 1);
  CHECK(result->vector(96)[0] == 3);
  CHECK(result->vector(199)[1] == 6);
  CHECK(result->usage.input_tokens == 30);
  CHECK(result->usage.billed_input_tokens == 27);

  EmbedBench large("cohere:embed-v4.0");
  large.texts.texts = {std::string(400'000, 'a'), std::string(400'000, 'b')};
  large.reply(answer(1, "[1]"));
  large.reply(answer(1, "[2]"));
  CHECK(large.embed()->values == Values{1, 2});
}

TEST_CASE("vectors that are not what was asked for are refused") {
  const auto code = [](std::string body, std::optional<std::size_t> dimensions = {}) {
    EmbedBench bench("ollama:m");
    bench.texts.dimensions = dimensions;
    bench.reply(std::move(body));
    return bench.code();
  };
  CHECK(code(R"({"embeddings":[[1,2],[3,4]]})", 2) == ErrorCode::ok);
  CHECK(code(R"({"embeddings":[[1,2],[3,4]]})", 3) == ErrorCode::protocol);
  CHECK(code(R"({"embeddings":[[1,2],[3]]})") == ErrorCode::protocol);
  CHECK(code(R"({"embeddings":[[1,2]]})") == ErrorCode::protocol);
  CHECK(code(R"({"embeddings":[[1,2],[3,"x"]]})") == ErrorCode::protocol);
  CHECK(code(R"({"embeddings":[[1,2],[3,1e99]]})") == ErrorCode::protocol);
  CHECK(code(R"({"embeddings":[[],[]]})") == ErrorCode::protocol);
  CHECK(code(R"({"embeddings":null})") == ErrorCode::protocol);
  CHECK(code(R"({"embeddings":[[1,2)") == ErrorCode::protocol);
  CHECK(code(R"({"error":"model not found"})") == ErrorCode::provider_error);
  EmbedBench doubled("openai:m");
  doubled.reply(R"({"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[2]}]})");
  CHECK(doubled.code() == ErrorCode::protocol);
}

TEST_CASE("a batch that failed for the moment is tried again, the ones before it are kept") {
  EmbedBench bench("cohere:embed-v4.0");
  bench.texts.texts.assign(97, "text");
  std::string many;
  for (int i = 0; i < 96; ++i) many += i ? ",[1]" : "[1]";
  bench.reply(R"({"embeddings":{"float":[)" + many + "]}}");
  bench.reply(R"({"message":"busy"})", 503);
  bench.reply(R"({"embeddings":{"float":[[2]]}})");
  REQUIRE(bench.embed());
  CHECK(bench.results[0]->size() == 97);
  CHECK(bench.http.requests.size() == 3);
  EmbedBench refused("cohere:embed-v4.0");
  refused.reply(R"({"message":"invalid api token"})", 401);
  CHECK(refused.code() == ErrorCode::unauthenticated);
  CHECK(refused.http.requests.size() == 1);
}

TEST_CASE("texts at fault, missing models and keys are refused before a byte is sent") {
  const auto pointer = [](std::vector<std::string> texts, std::string url = "cohere:m") {
    EmbedBench bench(std::move(url));
    bench.texts.texts = std::move(texts);
    const auto& result = bench.embed();
    REQUIRE_FALSE(result);
    CHECK(bench.http.requests.empty());
    return std::string(result.error().pointer());
  };
  CHECK(pointer({}) == "/texts");
  CHECK(pointer({"a", " "}) == "/texts/1");
  CHECK(pointer({"a\xFF"}) == "/texts/0");
  CHECK(pointer({"a"}, "gemini:") == "/model");
  EmbedBench bench("anthropic:m");
  const auto none = llm::make_embedder(bench.registry, bench.config, bench.context(), 0);
  REQUIRE_FALSE(none);
  CHECK(none.error().code() == ErrorCode::unsupported);
  EmbedBench keyless("openai:m", "");
  CHECK_FALSE(llm::make_embedder(keyless.registry, keyless.config, keyless.context(), 0));
}

TEST_CASE("a stop request ends embeddings with cancelled") {
  EmbedBench bench("cohere:m");
  bench.stop.request_stop();
  CHECK(bench.code() == ErrorCode::cancelled);
}

TEST_CASE("the request's model goes before the configured one, and the answer names it") {
  for (const auto& [asked, used] : {std::pair("", "mine"), std::pair("other", "other")}) {
    EmbedBench bench("ollama:mine");
    bench.texts.model = asked;
    bench.reply(vectors(2));
    REQUIRE(bench.embed());
    CHECK(bench.results[0]->model == used);
    CHECK(bench.http.requests[0].body.starts_with("{\"model\":\"" + std::string(used) + "\""));
  }
  // A server of another make may serve one model alone; the vendor's own has to be told.
  EmbedBench local("openai+http://localhost:9/v1", "");
  local.reply(R"({"data":[{"embedding":[1]},{"embedding":[2]}]})");
  REQUIRE(local.embed());
  CHECK(local.http.requests[0].body.starts_with(R"({"input":)"));
  EmbedBench vendor("openai:");
  CHECK(vendor.code() == ErrorCode::invalid_argument);
}

TEST_CASE("each purpose has the service's word for it") {
  struct Words {
    EmbeddingPurpose purpose;
    const char *cohere, *gemini;
  };
  const Words kWords[] = {
      {EmbeddingPurpose::document, "search_document", "RETRIEVAL_DOCUMENT"},
      {EmbeddingPurpose::query, "search_query", "RETRIEVAL_QUERY"},
      {EmbeddingPurpose::classification, "classification", "CLASSIFICATION"},
      {EmbeddingPurpose::clustering, "clustering", "CLUSTERING"},
  };
  for (const Words& words : kWords) {
    CAPTURE(words.cohere);
    EmbedBench cohere("cohere:m");
    cohere.texts.purpose = words.purpose;
    cohere.texts.dimensions = 3;
    cohere.reply(R"({"embeddings":{"float_":[[1,2,3],[4,5,6]]}})");  // as its SDK names it
    REQUIRE(cohere.embed());
    const Json body = *parse_json(cohere.http.requests[0].body);
    CHECK(body["input_type"] == words.cohere);
    CHECK(body["output_dimension"] == 3);
    EmbedBench gemini("gemini:m");
    gemini.texts.purpose = words.purpose;
    gemini.reply(R"({"embeddings":[{"values":[1]},{"values":[2]}]})");
    REQUIRE(gemini.embed());
    CHECK((*parse_json(gemini.http.requests[0].body))["requests"][1]["taskType"] == words.gemini);
  }
}

TEST_CASE("a call of embeddings has the configured query, headers and times, and may be repeated") {
  EmbedBench bench("openai:m");
  bench.config.organization = "org-1";
  bench.config.query["tag"] = "a b";
  bench.texts.timeouts = {.connect = 2s, .first_byte = {}, .idle = 3s, .total = 40s};
  bench.reply(R"({"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[2]}]})");
  REQUIRE(bench.embed());
  const net::HttpRequest& sent = bench.http.requests.at(0);
  CHECK(sent.url == "https://api.openai.com/v1/embeddings?tag=a%20b");
  CHECK(bench.header("Authorization") == "Bearer key-1234567890");
  CHECK(bench.header("OpenAI-Organization") == "org-1");
  CHECK(bench.header("Content-Type") == "application/json");
  CHECK(sent.may_repeat);
  CHECK(sent.timeouts.connect == 2s);
  CHECK(sent.timeouts.idle == 3s);
  CHECK(sent.timeouts.total == 40s);
  CHECK(sent.timeouts.first_byte == 300s);  // a local server loads its model first
}

TEST_CASE("each service gets as many texts in a call as it takes") {
  const auto calls = [](const char* url, std::size_t texts, std::vector<std::string> answers) {
    EmbedBench bench(url);
    bench.texts.texts.assign(texts, "t");
    for (auto& answer : answers) bench.reply(std::move(answer));
    const auto& result = bench.embed();
    REQUIRE(result);
    CHECK(result->size() == texts);
    return bench.http.requests.size();
  };
  const auto listed = [](std::size_t count, const char* open, const char* one, const char* close) {
    std::string list = open;
    for (std::size_t i = 0; i < count; ++i) list += (i ? "," : "") + std::string(one);
    return list + close;
  };
  const auto gemini = [&](std::size_t count) {
    return listed(count, R"({"embeddings":[)", R"({"values":[1]})", "]}");
  };
  const auto openai = [&](std::size_t count) {
    return listed(count, R"({"data":[)", R"({"embedding":[1]})", "]}");
  };
  CHECK(calls("gemini:m", 101, {gemini(100), gemini(1)}) == 2);
  CHECK(calls("ollama:m", 257, {vectors(256), vectors(1)}) == 2);
  CHECK(calls("openai:m", 513, {openai(512), openai(1)}) == 2);
}

TEST_CASE("vectors that differ between calls, are not finite or have no end are refused") {
  EmbedBench changing("ollama:m");
  changing.texts.texts.assign(257, "t");
  changing.reply(vectors(256, "[1,2]"));
  changing.reply(vectors(1, "[1,2,3]"));
  CHECK(changing.code() == ErrorCode::protocol);
  const auto code = [](const char* url, std::string body) {
    EmbedBench bench(url);
    bench.texts.texts = {"one"};
    bench.reply(std::move(body));
    return bench.code();
  };
  const float infinite = std::numeric_limits<float>::infinity();
  const auto packed = [](std::vector<float> values) {
    return R"({"data":[{"index":0,"embedding":")" + base64_of(std::move(values)) + "\"}]}";
  };
  CHECK(code("openai:m", packed({1, 2})) == ErrorCode::ok);
  CHECK(code("openai:m", packed({1, infinite})) == ErrorCode::protocol);
  CHECK(code("openai:m", R"({"data":[{"index":7,"embedding":[1]}]})") == ErrorCode::protocol);
  std::string numbers = "[0";
  for (int i = 1; i < 65'536; ++i) numbers += ",0";
  CHECK(code("ollama:m", vectors(1, numbers + "]")) == ErrorCode::ok);
  CHECK(code("ollama:m", vectors(1, numbers + ",0]")) == ErrorCode::protocol);
}

TEST_CASE("an answer over max_body_bytes, or cut off, gives no vectors") {
  EmbedBench large("ollama:m");
  large.limits.max_body_bytes = 30;
  large.reply(vectors(2, "[1,2,3,4]"));
  CHECK(large.code() == ErrorCode::too_large);
  EmbedBench cut("ollama:m");
  for (int i = 0; i < 3; ++i)
    cut.http.answers.push_back({.headers = kJsonType, .pieces = {vectors(2)}, .end = {}});
  CHECK(cut.code() == ErrorCode::network);
}

TEST_CASE(
    "a refusal's wait is kept, the tries are each call's own, and none is made when stopped") {
  EmbedBench waiting("ollama:m");
  waiting.http.answers.push_back(
      {.status = 429, .headers = {{"retry-after", "40"}}, .pieces = {"{}"}});
  waiting.reply(vectors(2));
  REQUIRE(waiting.embed());
  CHECK(waiting.clock.now().time_since_epoch() >= 40s);

  EmbedBench hurried("ollama:m");
  hurried.texts.timeouts.total = 30s;
  hurried.http.answers.push_back(
      {.status = 429, .headers = {{"retry-after", "40"}}, .pieces = {"{}"}});
  const auto& refused = hurried.embed();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::rate_limited);
  CHECK(refused.error().retry_after() == 40s);
  CHECK(hurried.http.requests.size() == 1);

  EmbedBench again("ollama:m");
  again.texts.texts.assign(257, "t");
  for (const std::size_t count : {256u, 1u}) {
    again.reply("{}", 503);
    again.reply("{}", 503);
    again.reply(vectors(count));
  }
  REQUIRE(again.embed());
  CHECK(again.http.requests.size() == 6);

  EmbedBench stopped("ollama:m");
  stopped.reply("{}", 503);
  stopped.reply(vectors(2));
  const auto embedder = llm::make_embedder(stopped.registry, stopped.config, stopped.context(), 2);
  REQUIRE(embedder);
  (*embedder)->start(
      stopped.texts, [&](Result<Embeddings> result) { stopped.results.push_back(result); },
      stopped.stop.get_token());
  while (stopped.http.requests.empty()) stopped.loop.poll(0us);
  stopped.stop.request_stop();
  stopped.drive();
  CHECK(stopped.results.size() == 1);  // at once, not behind the wait
  CHECK(stopped.http.requests.size() == 1);
}

TEST_CASE("a stop request ends the wait for another try of embeddings at once") {
  EmbedBench bench("ollama:m");
  bench.http.answers.push_back(
      {.status = 429, .headers = {{"retry-after", "40"}}, .pieces = {"{}"}});
  bench.reply(vectors(2));
  const auto embedder = llm::make_embedder(bench.registry, bench.config, bench.context(), 2);
  REQUIRE(embedder);
  (*embedder)->start(
      bench.texts, [&](Result<Embeddings> result) { bench.results.push_back(std::move(result)); },
      bench.stop.get_token());
  bench.drive();
  REQUIRE(bench.http.requests.size() == 1);
  REQUIRE(bench.results.empty());  // it waits; the clock stands still
  bench.stop.request_stop();
  bench.drive();
  REQUIRE(bench.results.size() == 1);
  CHECK(bench.results[0].error().code() == ErrorCode::cancelled);
  CHECK_FALSE(bench.loop.next_deadline());
}

TEST_CASE(
    "a refusal that comes as the caller stops ends embeddings at once, with no wait behind it") {
  EmbedBench bench("ollama:m");
  struct Stopping final : net::HttpTransport {
    explicit Stopping(EmbedBench& its_bench) : owner(its_bench) {}
    void start(net::HttpRequest, std::shared_ptr<net::HttpSink> sink, std::stop_token) override {
      owner.loop.post([this, sink = std::move(sink)] {
        sink->on_head({503, kJsonType});
        owner.stop.request_stop();
        sink->on_end({.complete = true, .got_head = true});
      });
    }
    EmbedBench& owner;
  };
  Stopping transport(bench);
  const auto embedder = llm::make_embedder(bench.registry, bench.config,
                                           {transport, bench.loop, bench.clock, bench.limits}, 2);
  REQUIRE(embedder);
  (*embedder)->start(
      bench.texts, [&](Result<Embeddings> result) { bench.results.push_back(std::move(result)); },
      bench.stop.get_token());
  bench.drive();
  REQUIRE(bench.results.size() == 1);
  CHECK(bench.results[0].error().code() == ErrorCode::provider_error);
}

TEST_CASE("the words of a service that refuses embeddings hold no key") {
  const std::string words = R"({"error":{"message":"key-1234567890 is not known"}})";
  for (const int status : {401, 200}) {
    CAPTURE(status);
    EmbedBench bench("ollama:m");
    bench.reply(words, status);
    const auto& result = bench.embed();
    REQUIRE_FALSE(result);
    CHECK(result.error().provider_message() == "*** is not known");
    CHECK(std::string(result.error().what()).find("key-1234567890") == std::string::npos);
  }
}

TEST_CASE("more texts than fit one request, no dimension and Vertex are refused before a call") {
  EmbedBench many("ollama:m");
  many.texts.texts.assign(100'001, "t");
  CHECK(many.embed().error().pointer() == "/texts");
  CHECK(many.http.requests.empty());
  EmbedBench flat("ollama:m");
  flat.texts.dimensions = 0;
  CHECK(flat.embed().error().pointer() == "/dimensions");
  CHECK(flat.http.requests.empty());
  EmbedBench vertex("gemini+https://h/v1/projects/p/locations/l/publishers/google");
  const auto made = llm::make_embedder(vertex.registry, vertex.config, vertex.context(), 0);
  REQUIRE_FALSE(made);
  CHECK(made.error().code() == ErrorCode::unsupported);
}

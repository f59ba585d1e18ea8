#include "llm/tool_parameters.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "base/json.hpp"
#include "support/provider_bench.hpp"

using namespace scena;
using namespace scena::llm;
using namespace scena::test;

namespace {

std::string sent_schema(const std::string& schema) {
  return tool_parameters({"look", "Looks.", schema, false});
}

}  // namespace

TEST_CASE("a tool's schema that leaves out what services insist on gets it, and stays as it is") {
  const std::string none = R"({"type":"object","properties":{}})";
  CHECK(sent_schema("") == none);
  CHECK(sent_schema("{}") == none);
  CHECK(sent_schema(" { } ") == R"({"type":"object","properties":{} })");
  CHECK(sent_schema(R"({"type":"object"})") == R"({"properties":{},"type":"object"})");
  CHECK(sent_schema(R"({"required":[], "properties":{"n":{"maximum":1.50}}})") ==
        R"({"type":"object","required":[], "properties":{"n":{"maximum":1.50}}})");
  for (const std::string whole :
       {R"( {"type":"object","properties":{"a":{}}})", R"({"$ref":"#/$defs/a","$defs":{"a":{}}})"})
    CHECK(sent_schema(whole) == whole);
}

TEST_CASE("services get a tool without arguments in the one form that all of them take") {
  const std::pair<std::string, std::string> kinds[] = {
      {"openai:m", "/tools/0/function/parameters"},
      {"openai_responses:m", "/tools/0/parameters"},
      {"anthropic:m", "/tools/0/input_schema"},
      {"cohere:m", "/tools/0/function/parameters"},
      {"gemini:m", "/tools/0/functionDeclarations/0/parametersJsonSchema"},
      {"ollama:m", "/tools/0/function/parameters"}};
  for (const auto& kind : kinds) {
    CAPTURE(kind.first);
    ProviderBench bench(kind.first);
    bench.request.tools.push_back({"look", "Looks.", R"({"type":"object"})", false});
    const auto body = parse_json(bench.body());
    REQUIRE(body);
    CHECK(body->at(Json::json_pointer(kind.second))["properties"] == Json::object());
  }
}

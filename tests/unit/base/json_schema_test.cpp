#include "base/json_schema.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace scena;

namespace {

JsonSchema schema(std::string_view text) {
  auto read = JsonSchema::parse(text);
  INFO(text);
  REQUIRE(read);
  return *read;
}

// "" when the value follows the schema, else the pointer of the member at fault, "/" for the whole.
std::string fault_at(const JsonSchema& rules, std::string_view value) {
  const auto parsed = parse_json(value);
  REQUIRE(parsed);
  const auto result = rules.check(*parsed);
  if (result) return {};
  CHECK(result.error().code() == ErrorCode::invalid_argument);
  const std::string pointer(result.error().pointer());
  return pointer.empty() ? "/" : pointer;
}

bool follows(std::string_view rules, std::string_view value) {
  return fault_at(schema(rules), value).empty();
}

}  // namespace

TEST_CASE("each word of a schema lets the right values pass and no others") {
  struct Row {
    const char* schema;
    const char* good;
    const char* bad;
  };
  const Row rows[] = {
      {R"({"type":"string"})", R"("a")", "1"},
      {R"({"type":"integer"})", "3", "3.5"},
      {R"({"type":"integer"})", "3.0", "\"3\""},
      {R"({"type":"number"})", "3.5", "true"},
      {R"({"type":"boolean"})", "false", "0"},
      {R"({"type":"null"})", "null", "0"},
      {R"({"type":"array"})", "[]", "{}"},
      {R"({"type":"object"})", "{}", "[]"},
      {R"({"type":["string","null"]})", "null", "1"},
      {R"({"type":"string","nullable":true})", "null", "1"},
      {R"({"enum":["a",1]})", "1", "\"b\""},
      {R"({"const":{"a":[1]}})", R"({"a":[1]})", R"({"a":[2]})"},
      {R"({"minimum":2})", "2", "1.9"},
      {R"({"maximum":2})", "2", "2.1"},
      {R"({"exclusiveMinimum":2})", "2.1", "2"},
      {R"({"exclusiveMaximum":2})", "1.9", "2"},
      {R"({"minimum":2,"exclusiveMinimum":true})", "2.1", "2"},
      {R"({"maximum":2,"exclusiveMaximum":true})", "1.9", "2"},
      {R"({"multipleOf":0.1})", "0.3", "0.35"},
      {R"({"minLength":2})", "\"\u00e4\u00f6\"", "\"\u00e4\""},
      {R"({"maxLength":2})", "\"\u00e4\u00f6\"", "\"abc\""},
      {R"({"minItems":1})", "[1]", "[]"},
      {R"({"maxItems":1})", "[1]", "[1,2]"},
      {R"({"uniqueItems":true})", "[1,2]", "[1,1]"},
      {R"({"items":{"type":"string"}})", R"(["a"])", R"(["a",1])"},
      {R"({"required":["a"]})", R"({"a":null})", R"({"b":1})"},
      {R"({"properties":{"a":{"type":"string"}}})", R"({"b":1})", R"({"a":1})"},
      {R"({"properties":{"a":{}},"additionalProperties":false})", R"({"a":1})", R"({"b":1})"},
      {R"({"additionalProperties":{"type":"string"}})", R"({"b":"x"})", R"({"b":1})"},
      {R"({"anyOf":[{"type":"string"},{"minimum":5}]})", "5", "4"},
      {R"({"oneOf":[{"minimum":5},{"maximum":9}]})", "4", "7"},
      {R"({"allOf":[{"minimum":5},{"maximum":9}]})", "7", "4"},
      {R"({"$defs":{"n":{"minimum":5}},"$ref":"#/$defs/n"})", "5", "4"},
      {R"({"definitions":{"a/b":{"minimum":5}},"$ref":"#/definitions/a~1b"})", "5", "4"},
      {"true", "1", nullptr},
      {"false", nullptr, "1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.schema);
    if (row.good) CHECK(follows(row.schema, row.good));
    if (row.bad) CHECK_FALSE(follows(row.schema, row.bad));
  }
}

TEST_CASE("a fault is told by the pointer of the member, in words of the schema alone") {
  const auto rules = schema(R"({"type":"object","required":["city"],"additionalProperties":false,
    "properties":{"city":{"type":"string"},
                  "days":{"type":"array","items":{"type":"integer","maximum":9}}}})");
  CHECK(fault_at(rules, R"({})") == "/city");
  CHECK(fault_at(rules, R"({"city":"Oslo","days":[1,2,30]})") == "/days/2");
  CHECK(fault_at(rules, R"({"city":"Oslo","secret-word":1})") == "/");
  const auto result = rules.check(*parse_json(R"({"city":"Oslo","secret-word":"hush"})"));
  REQUIRE_FALSE(result);
  const std::string text = result.error().what();
  CHECK(text.find("secret-word") == std::string::npos);
  CHECK(text.find("hush") == std::string::npos);
}

TEST_CASE("a schema that is no schema is refused with the pointer of the word at fault") {
  const std::pair<const char*, const char*> rows[] = {
      {R"([1])", ""},
      {R"({"type":"text"})", "/type"},
      {R"({"type":[]})", "/type"},
      {R"({"properties":[]})", "/properties"},
      {R"({"properties":{"a":{"type":7}}})", "/properties/a/type"},
      {R"({"required":"a"})", "/required"},
      {R"({"items":"string"})", "/items"},
      {R"({"enum":[]})", "/enum"},
      {R"({"minLength":-1})", "/minLength"},
      {R"({"minimum":"1"})", "/minimum"},
      {R"({"multipleOf":0})", "/multipleOf"},
      {R"({"anyOf":[]})", "/anyOf"},
      {R"({"oneOf":[{},3]})", "/oneOf/1"},
      {R"({"$ref":"#/$defs/none"})", "/$ref"},
      {R"({"$ref":"https://example.org/schema"})", "/$ref"},
      {R"({"$ref":"#/enum/0","enum":[1]})", "/$ref"},
      {R"({"$ref":"#/const","const":{"type":7}})", "/const/type"},
      {R"({"nullable":1})", "/nullable"},
  };
  for (const auto& [text, pointer] : rows) {
    const std::string shown = text;
    CAPTURE(shown);
    const auto read = JsonSchema::parse(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code() == ErrorCode::invalid_argument);
    CHECK(read.error().pointer() == pointer);
  }
  CHECK_FALSE(JsonSchema::parse("{"));
  CHECK_FALSE(JsonSchema::parse(R"({"a":)" + std::string(70'000, ' ') + "1}"));
}

TEST_CASE("a schema that refers in a circle ends with an error, one that recurses works") {
  const auto list =
      schema(R"({"type":"object","properties":{"next":{"$ref":"#"},"n":{"type":"integer"}}})");
  CHECK(fault_at(list, R"({"n":1,"next":{"n":2,"next":{"n":3}}})") == "");
  CHECK(fault_at(list, R"({"n":1,"next":{"n":2,"next":{"n":"x"}}})") == "/next/next/n");
  for (const char* circle :
       {R"({"$ref":"#"})", R"({"allOf":[{"$ref":"#"}]})",
        R"({"anyOf":[{"$ref":"#"},{"$ref":"#"}]})",
        R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"})"}) {
    CAPTURE(circle);
    CHECK_FALSE(follows(circle, "{}"));
  }
}

TEST_CASE("a check that would take too long is an error") {
  auto rules = JsonSchema::parse(R"({"items":{"type":"integer"}})", {.max_steps = 50});
  REQUIRE(rules);
  std::string small = "[1", large = "[1";
  for (int i = 0; i < 20; ++i) small += ",1";
  for (int i = 0; i < 60; ++i) large += ",1";
  CHECK(rules->check(*parse_json(small + "]")));
  CHECK_FALSE(rules->check(*parse_json(large + "]")));
}

#include "base/json.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/json_writer.hpp"
#include "support/same_json.hpp"

using namespace scena;

TEST_CASE("the JSON door refuses what the library lets through") {
  CHECK(parse_json(R"({"a":[1,2,{"b":null}]})"));
  CHECK_FALSE(parse_json(std::string("{}\0", 3)));
  CHECK_FALSE(parse_json("{} {}"));
  CHECK_FALSE(parse_json("\"\xC3\""));
  CHECK_FALSE(parse_json("\xEF\xBB\xBF{}"));
  CHECK_FALSE(parse_json("[1e999]"));
  CHECK_FALSE(parse_json(""));
}

TEST_CASE("a number that an integer type does not hold is refused, never cast") {
  const auto json = parse_json(
      R"({"huge":1e90,"half":1.5,"yes":true,"minus":-1,"byte":256,"most":18446744073709551615})");
  REQUIRE(json);
  const auto held = [&](const char* name, auto kind) {
    try {
      return json->at(name).get<decltype(kind)>() == json->at(name);
    } catch (const Json::exception&) {
      return false;
    }
  };
  CHECK_FALSE(held("huge", std::uint32_t{}));
  CHECK_FALSE(held("half", std::int64_t{}));
  CHECK_FALSE(held("yes", int{}));
  CHECK_FALSE(held("minus", std::size_t{}));
  CHECK(held("minus", std::int64_t{}));
  CHECK_FALSE(held("byte", std::uint8_t{}));
  CHECK(held("byte", std::uint16_t{}));
  CHECK_FALSE(held("most", std::int64_t{}));
  CHECK(held("most", std::uint64_t{}));
  CHECK_THROWS_AS(json->value("huge", 0U), Json::exception);
}

TEST_CASE("a score has bounds that its digits can hold") {
  for (const auto& [number, text] : {std::pair{5e300, "1000000000"}, {-5e300, "-1000000000"}}) {
    std::string out;
    JsonWriter(out).score(number);
    CHECK(out == text);
  }
}

TEST_CASE("what only the standard allows is read, but not where people write") {
  for (const char* text :
       {"{\"a\":1,\"a\":2}", "{\"b\":{\"a\":1,\"a\":1}}", "\"\\u0000\"", "{\"x\\u0000y\":1}"}) {
    CAPTURE(text);
    CHECK(parse_json(text));
    const auto careful = parse_json(text, {.careful = true});
    REQUIRE_FALSE(careful);
    CHECK(careful.error().code() == ErrorCode::invalid_argument);
  }
  CHECK(parse_json("{\"a\":1,\"a\":2}")->at("a") == 2);
  CHECK(parse_json("{\"a\":{\"b\":1},\"b\":[{\"a\":1},{\"a\":2}]}", {.careful = true}));
}

TEST_CASE("the usual reader and the library's give one value, or refuse both") {
  // A document with secrets goes through the library's lexer alone.
  std::vector<std::string> texts = {"0",
                                    "-0",
                                    "1",
                                    "-1",
                                    "9223372036854775807",
                                    "9223372036854775808",
                                    "18446744073709551615",
                                    "18446744073709551616",
                                    "-9223372036854775808",
                                    "-9223372036854775809",
                                    "1.5",
                                    "-0.0",
                                    "1e5",
                                    "1E+5",
                                    "1e-400",
                                    "5e-324",
                                    "1e999",
                                    "0.1",
                                    "123456789.123456789012345678901234567890",
                                    "01",
                                    "1.",
                                    "-",
                                    ".5",
                                    "+1",
                                    "1e",
                                    "nul",
                                    "nulls",
                                    "true",
                                    "[true,false,null]",
                                    "[1,]",
                                    "[,]",
                                    "{\"a\":1,}",
                                    "{\"a\"}",
                                    "{a:1}",
                                    "{}",
                                    "[]",
                                    " [ 1 , 2 ] ",
                                    "[1]]",
                                    "[1] 2",
                                    "\"",
                                    "\"\\\"",
                                    R"("\"\\\/\b\f\n\r\t")",
                                    R"("\\u0041")",
                                    R"("\u0041")",
                                    R"("\ud83d\ude00")",
                                    R"("\ud83d")",
                                    R"("\ude00")",
                                    R"("\x")",
                                    R"({"\u0061":1,"a":2})",
                                    R"({"a\n":1})",
                                    "\"a\nb\"",
                                    "\"\xC3\xA9\"",
                                    "{\"a\":{\"b\":[1,{\"c\":\"d\"}]},\"a\":2,\"b\":{}}"};
  texts.push_back(std::string(64, '[') + std::string(64, ']'));
  texts.push_back(std::string(65, '[') + std::string(65, ']'));
  int read = 0;
  for (const auto& text : texts) {
    for (const bool careful : {false, true}) {
      CAPTURE(text);
      CAPTURE(careful);
      const auto usual = parse_json(text, {.careful = careful});
      const auto library = parse_json(text, {.careful = careful, .secret = true});
      CHECK(usual.has_value() == library.has_value());
      if (usual && library) CHECK(test::same_json(*usual, *library));
      read += usual.has_value();
    }
  }
  CHECK(read > 60);
  const auto ordered = parse_json_ordered(R"({"b":1,"a":[{"d":"x\ty","c":2.5}]})");
  REQUIRE(ordered);
  CHECK(dump_json(*ordered) == R"({"b":1,"a":[{"d":"x\ty","c":2.5}]})");
}

TEST_CASE("64 levels are read, 65 and 100,000 are refused") {
  auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(parse_json(nested(64)));
  CHECK_FALSE(parse_json(nested(65)));
  CHECK_FALSE(parse_json(nested(100'000)));
}

TEST_CASE("a document over the size limit is too_large and its content is not in the error") {
  const auto result = parse_json("\"secret text\"", {.max_bytes = 4});
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == ErrorCode::too_large);
  CHECK(std::string(result.error().what()).find("secret") == std::string::npos);
}

TEST_CASE("the writer's scores have one form") {
  auto text = [](double value) {
    std::string out;
    JsonWriter(out).score(value);
    return out;
  };
  CHECK(text(0.5) == "0.5");
  CHECK(text(-0.00001) == "0");
  CHECK(text(1) == "1");
  CHECK(text(0.12344999) == "0.1234");
  CHECK(text(-0.1) == "-0.1");
}

TEST_CASE("what the writer writes the door reads, also with broken text") {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object()
      .member("a", "x\n\x01\"\\\xC3")
      .key("b")
      .begin_array()
      .value(1)
      .value(true)
      .null()
      .end_array();
  writer.key("c").begin_object().end_object().end_object();
  const auto parsed = parse_json(out);
  REQUIRE(parsed);
  CHECK((*parsed)["a"].get<std::string>() == "x\n\x01\"\\\xEF\xBF\xBD");
  CHECK((*parsed)["b"].size() == 3);
}

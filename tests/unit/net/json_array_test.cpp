#include "net/json_array.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace scena;
using namespace scena::net;

namespace {

struct Elements final : JsonArrayVisitor {
  std::vector<std::string> elements;
  bool on_element(std::string_view element) override {
    elements.emplace_back(element);
    return elements.back() != "\"stop\"";
  }
};

ErrorCode code_of(const Result<void>& result) {
  return result ? ErrorCode::ok : result.error().code();
}

}  // namespace

TEST_CASE("elements of an array are the same however the bytes are cut") {
  const std::string text =
      " \r\n[{\"a\":\"]},\\\"[\\\\\"} ,\r\n [1,[2]],12 , true,\"x\\\\\",{\"\xE2\x82\xAC\":{}}\n] \n";
  const std::vector<std::string> expected = {
      "{\"a\":\"]},\\\"[\\\\\"}", "[1,[2]]", "12", "true", "\"x\\\\\"", "{\"\xE2\x82\xAC\":{}}"};
  for (std::size_t step = 1; step <= text.size(); ++step) {
    JsonArrayDecoder decoder;
    Elements seen;
    for (std::size_t at = 0; at < text.size(); at += step)
      CHECK(decoder.feed(std::string_view(text).substr(at, step), seen));
    CHECK(seen.elements == expected);
    CHECK(decoder.closed());
  }
}

TEST_CASE("an element is handed out with its last byte, before the comma behind it") {
  JsonArrayDecoder decoder;
  Elements seen;
  CHECK(decoder.feed("[{\"a\":1}", seen));
  CHECK(seen.elements.size() == 1);
  CHECK_FALSE(decoder.closed());
  CHECK(decoder.feed("\n,\n{\"b\":2", seen));
  CHECK(seen.elements.size() == 1);
  CHECK(decoder.feed("}]{\"behind\":1}", seen));
  CHECK(seen.elements.size() == 2);
  CHECK(decoder.closed());
}

TEST_CASE("what is no array, and an element over the limit, are errors that stay") {
  for (const char* text : {"{\"a\":1}", "x", "[1}", "[}"}) {
    JsonArrayDecoder decoder;
    Elements seen;
    CHECK(code_of(decoder.feed(text, seen)) == ErrorCode::protocol);
    CHECK(code_of(decoder.feed("[]", seen)) == ErrorCode::protocol);
    CHECK_FALSE(decoder.closed());
  }
  JsonArrayDecoder decoder(8);
  Elements seen;
  CHECK(decoder.feed("[{\"a\":1},", seen));
  CHECK(decoder.feed("{\"a\":", seen));
  CHECK(code_of(decoder.feed("12345}]", seen)) == ErrorCode::too_large);
  CHECK(code_of(decoder.feed("]", seen)) == ErrorCode::too_large);
}

TEST_CASE("a visitor that has seen enough gets no further element") {
  JsonArrayDecoder decoder;
  Elements seen;
  CHECK(decoder.feed("[1,\"stop\",2]", seen));
  CHECK(decoder.feed("[3]", seen));
  CHECK(seen.elements.size() == 2);
}

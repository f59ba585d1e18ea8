#include "net/ndjson.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace scena;
using namespace scena::net;

namespace {

struct Lines final : NdjsonVisitor {
  std::vector<std::string> lines;
  bool on_line(std::string_view line) override {
    lines.emplace_back(line);
    return lines.back() != "stop";
  }
};

}  // namespace

TEST_CASE("lines are the same however the bytes are cut, and the last may lack its end") {
  const std::string stream = "{\"a\":\"\xE2\x82\xAC\"}\n\n  \r\n{\"b\":2}\r\n{\"c\":3}";
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    NdjsonDecoder decoder;
    Lines seen;
    for (std::size_t at = 0; at < stream.size(); at += step)
      CHECK(decoder.feed(stream.substr(at, step), seen));
    CHECK(decoder.finish(seen));
    CHECK(seen.lines ==
          std::vector<std::string>{"{\"a\":\"\xE2\x82\xAC\"}", "{\"b\":2}", "{\"c\":3}"});
  }
}

TEST_CASE("a line over the limit is too_large, and stays so") {
  NdjsonDecoder decoder(10);
  Lines seen;
  CHECK(decoder.feed("123456", seen));
  const auto result = decoder.feed("78901\n", seen);
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == ErrorCode::too_large);
  CHECK_FALSE(decoder.feed("1\n", seen));
  CHECK_FALSE(decoder.finish(seen));
}

TEST_CASE("a visitor that has seen enough gets no further line") {
  NdjsonDecoder decoder;
  Lines seen;
  CHECK(decoder.feed("a\nstop\nb\n", seen));
  CHECK(decoder.feed("c\n", seen));
  CHECK(decoder.finish(seen));
  CHECK(seen.lines.size() == 2);
}

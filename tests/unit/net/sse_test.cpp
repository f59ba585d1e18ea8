#include "net/sse.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <ctime>
#include <string>
#include <vector>

using namespace scena;
using namespace scena::net;

namespace {

struct Seen {
  std::string type, data, id;
  bool operator==(const Seen&) const = default;
};

struct Collector final : SseVisitor {
  std::vector<Seen> events;
  std::vector<std::string> errors;
  std::vector<std::string> others;
  std::size_t stop_after = SIZE_MAX;

  bool on_event(const SseEvent& event) override {
    events.push_back(
        {std::string(event.type), std::string(event.data), std::string(event.last_id)});
    return events.size() < stop_after;
  }
  bool on_error_field(std::string_view value) override {
    errors.emplace_back(value);
    return true;
  }
  bool on_other_line(std::string_view line) override {
    others.emplace_back(line);
    return true;
  }
};

std::vector<Seen> decode(std::string_view bytes, std::size_t step = SIZE_MAX,
                         SseRest rest = SseRest::discard) {
  SseDecoder decoder;
  Collector seen;
  for (std::size_t at = 0; at < bytes.size(); at += std::min(step, bytes.size() - at)) {
    // A copy of its own for each piece: a view kept too long shows under AddressSanitizer.
    const std::string piece(bytes.substr(at, step));
    CHECK(decoder.feed(piece, seen));
  }
  CHECK(decoder.finish(rest, seen));
  return seen.events;
}

std::vector<std::string> data_of(const std::vector<Seen>& events) {
  std::vector<std::string> all;
  for (const auto& event : events) all.push_back(event.data);
  return all;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("F1: a character split over two reads stays whole") {
  const std::string stream = "data: gr\xC3\xBC\xC3\x9F \xF0\x9F\x99\x82\n\n";
  for (std::size_t step = 1; step < stream.size(); ++step) {
    CHECK(data_of(decode(stream, step)) == Strings{"gr\xC3\xBC\xC3\x9F \xF0\x9F\x99\x82"});
  }
}

TEST_CASE("F2: LF, CRLF and CR end lines, also mixed and cut between CR and LF") {
  for (const char* stream :
       {"data: a\n\ndata: b\n\n", "data: a\r\n\r\ndata: b\r\n\r\n", "data: a\r\rdata: b\r\r",
        "data: a\r\n\ndata: b\n\r\n", "data: a\n\rdata: b\r\n\r"}) {
    CAPTURE(stream);
    for (std::size_t step : {1, 2, 3, 5, 8, 100})
      CHECK(data_of(decode(stream, step)) == Strings{"a", "b"});
  }
  for (std::size_t step : {1u, 2u, 3u, 9u, 10u, 100u})
    CHECK(data_of(decode("data: a\r\ndata: b\r\n\r\n", step)) == Strings{"a\nb"});
}

TEST_CASE("F3: one byte-order mark is skipped at the start and nowhere else") {
  for (std::size_t step : {1, 2, 4, 100}) {
    CHECK(data_of(decode("\xEF\xBB\xBF"
                         "data: a\n\n",
                         step)) == Strings{"a"});
    CHECK(data_of(decode("\xEF\xBB\xBF\xEF\xBB\xBF"
                         "data: a\n\n",
                         step))
              .empty());
    CHECK(data_of(decode("data: a\n\n\xEF\xBB\xBF"
                         "data: b\n\n",
                         step)) == Strings{"a"});
    CHECK(data_of(decode("\xEF\xBB"
                         "data: a\n\ndata: b\n\n",
                         step)) == Strings{"b"});
  }
}

TEST_CASE("F4: exactly one space after the colon is removed, and none is needed") {
  CHECK(data_of(decode("data:x\n\ndata: x\n\ndata:  x\n\ndata\n\n")) ==
        Strings{"x", "x", " x", ""});
}

TEST_CASE("F5: data lines are joined by LF, an empty first one counts") {
  CHECK(data_of(decode("data: a\ndata: b\n\n", 3)) == Strings{"a\nb"});
  CHECK(data_of(decode("data:\ndata: b\n\n")) == Strings{"\nb"});
  CHECK(data_of(decode("data:\ndata:\n\n")) == Strings{"\n"});
}

TEST_CASE("F6: comments produce nothing, also inside an event") {
  CHECK(data_of(decode(": ping\n\n:\n\ndata: a\n: keep-alive\ndata: b\n\n", 2)) == Strings{"a\nb"});
}

TEST_CASE("F7: a blank line without data dispatches nothing and forgets the type") {
  const auto events = decode("event: x\nid: 7\nretry: 5\n\ndata: a\n\n");
  REQUIRE(events.size() == 1);
  CHECK(events[0] == Seen{"message", "a", "7"});
}

TEST_CASE(
    "F8: a keep-alive inside data and an empty payload reach the provider codec as they are") {
  CHECK(data_of(decode("data: : keepalive\n\ndata:\n\n")) == Strings{": keepalive", ""});
}

TEST_CASE(
    "F9: unknown fields mean nothing to the decoder, errors and other lines are handed over") {
  SseDecoder decoder;
  Collector seen;
  CHECK(decoder.feed("foo: bar\nerror: {\"code\":500}\ndata : a\n\ndata: b\n\n", seen));
  CHECK(seen.errors == Strings{"{\"code\":500}"});
  CHECK(seen.others == Strings{"foo: bar", "data : a"});
  CHECK(data_of(seen.events) == Strings{"b"});
}

TEST_CASE("F10: an event's name is handed over and does not stick") {
  const auto events = decode("event: x\ndata: a\n\ndata: b\n\nevent\ndata: c\n\n", 4);
  REQUIRE(events.size() == 3);
  CHECK(events[0].type == "x");
  CHECK(events[1].type == "message");
  CHECK(events[2].type == "message");
}

TEST_CASE("F11: an unterminated event is discarded by the standard, delivered for providers") {
  for (std::string_view stream : {"data: a\n\ndata: b\n", "data: a\n\ndata: b"}) {
    CHECK(data_of(decode(stream, 3, SseRest::discard)) == Strings{"a"});
    CHECK(data_of(decode(stream, 3, SseRest::deliver)) == Strings{"a", "b"});
  }
}

TEST_CASE("F12: a line or an event over the limit is too_large, and stays so") {
  Collector seen;
  SseDecoder line(64);
  CHECK(line.feed("data: " + std::string(40, 'x'), seen));
  const auto result = line.feed(std::string(40, 'x'), seen);
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == ErrorCode::too_large);
  CHECK_FALSE(line.feed("\n\ndata: a\n\n", seen));
  CHECK_FALSE(line.finish(SseRest::deliver, seen));
  SseDecoder event(64);
  std::string many;
  for (int i = 0; i < 10; ++i) many += "data: 12345678\n";
  CHECK_FALSE(event.feed(many, seen));
  CHECK(seen.events.empty());
}

TEST_CASE("F13: one read of 400,000 events, with any line end, is linear") {
  // In processor time, which is the same on a busy machine.
  const auto cost = [](int events, const char* end) {
    std::string stream;
    for (int i = 0; i < events; ++i) stream.append("data: {}").append(end);
    SseDecoder decoder;
    Collector seen;
    const std::clock_t start = std::clock();
    CHECK(decoder.feed(stream, seen));
    const std::clock_t took = std::clock() - start;
    CHECK(seen.events.size() == static_cast<std::size_t>(events));
    return static_cast<double>(took);
  };
  for (const char* end : {"\n\n", "\r\r", "\r\n\r\n"}) {
    // Ten times the events: about 10 where work is linear, 100 where it is quadratic.
    CHECK(cost(400'000, end) < 35 * cost(40'000, end));
  }
}

TEST_CASE("F14: a visitor that has seen enough gets nothing more") {
  SseDecoder decoder;
  Collector seen;
  seen.stop_after = 1;
  CHECK(decoder.feed("data: a\n\ndata: b\n\n", seen));
  CHECK(decoder.feed("data: c\n\n", seen));
  CHECK(decoder.finish(SseRest::deliver, seen));
  CHECK(data_of(seen.events) == Strings{"a"});
}

TEST_CASE("F16: blank lines before the first event are nothing") {
  CHECK(data_of(decode("\n\n\r\n\n\ndata: a\n\n", 1)) == Strings{"a"});
}

TEST_CASE("id and retry follow the HTML standard") {
  SseDecoder decoder;
  Collector seen;
  const std::string nul("id: a\0b\n\n", 9);
  CHECK(decoder.feed("id: 1\ndata: a\n\nid\ndata: b\n\nid: 3\n", seen));
  CHECK(decoder.feed(nul + "retry: 1x\nretry: 25\nretry:\ndata: c\n\nid: 9\n", seen));
  CHECK(decoder.finish(SseRest::discard, seen));
  REQUIRE(seen.events.size() == 3);
  CHECK(seen.events[0].id == "1");
  CHECK(seen.events[1].id.empty());
  CHECK(seen.events[2].id == "3");
  CHECK(decoder.last_id() == "3");
  CHECK(decoder.retry() == std::chrono::milliseconds(25));
}

TEST_CASE("an event in one piece is not copied") {
  struct Check final : SseVisitor {
    std::string_view stream;
    int inside = 0;
    bool on_event(const SseEvent& event) override {
      inside += event.data.data() >= stream.data() &&
                event.data.data() < stream.data() + stream.size() &&
                event.raw.data() >= stream.data() && event.raw.ends_with("\n\n");
      return true;
    }
  } check;
  const std::string stream = "data: a\n\nevent: x\ndata: b\n\n";
  check.stream = stream;
  SseDecoder decoder;
  CHECK(decoder.feed(stream, check));
  CHECK(check.inside == 2);
}

#include "net/response_parser.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/id.hpp"

using namespace scena;
using namespace scena::net;

namespace {

struct Answer final : ResponseEvents {
  void on_response_head(const HttpHead& got) override {
    head = got;
    ++heads;
  }
  void on_response_body(std::string_view bytes) override {
    body += bytes;
    ++bodies;
  }
  HttpHead head;
  int heads = 0;
  int bodies = 0;
  std::string body;
  bool failed = false;
  bool done = false;
  bool keep_alive = false;
  std::size_t taken = 0;
  std::string error;
};

/// Feeds in pieces of random size up to `max_piece`, then ends the connection if `close`.
Answer parse(std::string_view text, std::size_t max_piece = 1'000'000, bool close = false,
             ResponseParser::Options options = {}) {
  Answer answer;
  ResponseParser parser(options);
  Random random(max_piece);
  while (answer.taken < text.size() && !parser.done()) {
    std::string piece(text.substr(answer.taken, 1 + random.below(max_piece)));
    const auto taken = parser.feed(piece, answer);
    if (!taken) {
      answer.failed = true;
      answer.error = taken.error().what();
      CHECK(taken.error().code() == ErrorCode::protocol);
      return answer;
    }
    answer.taken += *taken;
  }
  if (close) answer.failed = !parser.finish().has_value();
  answer.done = parser.done();
  answer.keep_alive = parser.done() && parser.keep_alive();
  return answer;
}

std::string head(std::string_view fields, std::string_view status = "HTTP/1.1 200 OK") {
  return std::string(status) + "\r\n" + std::string(fields) + "\r\n";
}

}  // namespace

TEST_CASE("an answer is the same however it is cut into reads") {
  const std::string chunked =
      head("Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n") +
      "5;name=\"value\"\r\nhello\r\n0b\r\n, world, he\r\n000\r\nTrailer: x\r\n\r\n";
  const std::string sized = head("Content-Length: 16\r\n") + "hello, world, he";
  for (const std::string& text : {chunked, sized}) {
    for (std::size_t most : {1, 2, 3, 7, 1'000}) {
      const Answer answer = parse(text, most);
      CHECK(answer.done);
      CHECK(answer.heads == 1);
      CHECK(answer.body == "hello, world, he");
      CHECK(answer.taken == text.size());
      CHECK(answer.keep_alive);
    }
  }
}

TEST_CASE("the chunks of one read come in one piece, whatever stands between them") {
  const std::string chunks = "5\r\nhello\r\n1;x=y\r\n,\r\n0000000b\r\n world, he \r\n";
  const std::string start = head("Transfer-Encoding: chunked\r\n");
  const Answer whole = parse(start + chunks + "0\r\nTrailer: x\r\n\r\n");
  CHECK(whole.bodies == 1);
  CHECK(whole.body == "hello, world, he ");
  const Answer open = parse(start + chunks + "7\r\nthe");
  CHECK(open.bodies == 1);
  CHECK(open.body == "hello, world, he the");
  const Answer broken = parse(start + chunks + "x\r\n");
  CHECK(broken.failed);
  CHECK(broken.body == "hello, world, he ");
}

TEST_CASE("interim answers are skipped, endless ones refused") {
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
  const std::string last = head("Content-Length: 2\r\n") + "ok";
  CHECK(parse("HTTP/1.1 100 Continue\r\n\r\n" + interim + last).body == "ok");
  std::string many;
  for (int i = 0; i < 100; ++i) many += interim;
  CHECK(parse(many + last).failed);
  CHECK(parse("HTTP/1.1 101 Switching Protocols\r\n\r\n").failed);
}

TEST_CASE("bytes behind the answer are left alone") {
  const std::string text = head("Content-Length: 2\r\n") + "okHTTP/1.1 200 OK\r\n\r\n";
  const Answer answer = parse(text);
  CHECK(answer.done);
  CHECK(answer.taken == text.size() - 19);
}

TEST_CASE("an answer cut short is never whole") {
  CHECK(parse(head("Content-Length: 5\r\n") + "hell", 3, true).failed);
  CHECK(parse(head("Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n", 3, true).failed);
  CHECK(parse(head("Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n0\r\n", 3, true).failed);
  CHECK(parse("HTTP/1.1 200 OK\r\nContent-Le", 3, true).failed);
  CHECK(parse("", 3, true).failed);
}

TEST_CASE("an answer without announced length ends with the connection and ends its use") {
  const Answer answer = parse(head("Content-Type: x\r\n") + "all of it", 4, true);
  CHECK_FALSE(answer.failed);
  CHECK(answer.done);
  CHECK(answer.body == "all of it");
  CHECK_FALSE(answer.keep_alive);
}

TEST_CASE("answers without a body by their status or method end with the head") {
  CHECK(parse(head("", "HTTP/1.1 204 No Content")).done);
  CHECK(parse(head("Content-Length: 9\r\n", "HTTP/1.1 304 Not Modified")).done);
  CHECK(parse(head("Content-Length: 9\r\n"), 99, false, {.no_body = true}).done);
  CHECK(parse(head("Content-Length: 0\r\n")).done);
}

TEST_CASE("a connection is kept only when both versions and fields allow") {
  CHECK(parse(head("Content-Length: 0\r\n")).keep_alive);
  CHECK_FALSE(parse(head("Content-Length: 0\r\nConnection: foo, Close\r\n")).keep_alive);
  CHECK_FALSE(parse(head("Content-Length: 0\r\n", "HTTP/1.0 200 OK")).keep_alive);
}

TEST_CASE("the same content length several times is that length") {
  for (const char* fields :
       {"Content-Length: 5\r\nContent-Length: 5\r\n", "Content-Length: 5, 5\r\n",
        "Content-Length: 5,5\r\nContent-Length: 5\r\n"}) {
    CAPTURE(fields);
    for (const std::size_t step : {std::size_t{1}, std::size_t{1000}}) {
      const auto seen = parse(head(fields) + "hello", step);
      CHECK_FALSE(seen.failed);
      CHECK(seen.body == "hello");
      CHECK(seen.keep_alive);
    }
  }
}

TEST_CASE("a head whose lines end with LF alone is read, and its connection used once") {
  const std::string clean = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  CHECK(parse("HTTP/1.1 100 Continue\r\n\r\n" + clean).keep_alive);
  for (const std::string& text :
       {std::string("HTTP/1.1 200 OK\nContent-Length: 5\nX: a\n\nhello"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\nX: a\r\n\r\nhello"),
        std::string("HTTP/1.1 200 OK\nContent-Length: 5\r\nX: a\r\n\nhello"),
        "HTTP/1.1 100 Continue\n\n" + clean}) {
    CAPTURE(text);
    for (const std::size_t step : {std::size_t{1}, std::size_t{1000}}) {
      const Answer seen = parse(text, step);
      CHECK_FALSE(seen.failed);
      CHECK(seen.body == "hello");
      CHECK_FALSE(seen.keep_alive);
    }
  }
}

TEST_CASE("a field that goes on in the next line is one field, and its connection used once") {
  const Answer seen =
      parse(head("X:\r\n a\r\n\t b \r\nContent-Length:\r\n 5\r\nY: c\r\n \r\n") + "hello", 1);
  CHECK_FALSE(seen.failed);
  CHECK(seen.head.header("x") == "a b");
  CHECK(seen.head.header("y") == "c");
  CHECK(seen.body == "hello");
  CHECK_FALSE(seen.keep_alive);
}

TEST_CASE("framing that gives no one length is refused") {
  for (const char* fields :
       {"Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 4\r\n",
        "Content-Length: 5,\r\n",
        "Content-Length: ,5\r\n",
        "Content-Length: 5, 5\r\nContent-Length: 5, 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length: -1\r\n",
        "Content-Length:\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: gzip\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length : 5\r\n",
        " folded\r\nX: a\r\n",
        "X: a\r\n fol\x01zed\r\n",
        "Content-Length: 5\r\n 5\r\n",
        "X: a\rb\r\n",
        ": empty\r\n",
        "no colon\r\n",
        "X Y: a\r\n"}) {
    CAPTURE(fields);
    CHECK(parse(head(fields) + "hello").failed);
    CHECK(parse(head(fields) + "hello", 1).failed);
  }
  CHECK(parse(head(std::string_view("X: a\0b\r\n", 8))).failed);
}

TEST_CASE(
    "chunks that are named twice or beside a length are read, and their connection used once") {
  const std::string chunks = "5\r\nhello\r\n0\r\n\r\n";
  CHECK(parse(head("Transfer-Encoding: chunked\r\n") + chunks).keep_alive);
  for (const char* fields : {"Content-Length: 99\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
                             "Transfer-Encoding: chunked\r\nTransfer-Encoding: Chunked\r\n",
                             "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"}) {
    CAPTURE(fields);
    for (const std::size_t step : {std::size_t{1}, std::size_t{1000}}) {
      const Answer seen = parse(head(fields) + chunks, step);
      CHECK_FALSE(seen.failed);
      CHECK(seen.done);
      CHECK(seen.body == "hello");
      CHECK_FALSE(seen.keep_alive);
    }
  }
}

TEST_CASE("a transfer coding that is none leaves the length to count, and the connection once") {
  const Answer sized =
      parse(head("Transfer-Encoding: identity\r\nContent-Length: 5\r\n") + "hello");
  CHECK(sized.done);
  CHECK(sized.body == "hello");
  CHECK_FALSE(sized.keep_alive);
  const Answer open = parse(head("Transfer-Encoding: identity\r\n") + "hello", 1, true);
  CHECK_FALSE(open.failed);
  CHECK(open.body == "hello");
  CHECK_FALSE(open.keep_alive);
}

TEST_CASE("a chunk's size may have zeros in front, not without end") {
  const std::string chunked = head("Transfer-Encoding: chunked\r\n");
  const std::string end = "\r\n0000000000000000000000\r\n\r\n";
  CHECK(parse(chunked + std::string(40, '0') + "5\r\nhello" + end).body == "hello");
  CHECK(parse(chunked + std::string(40, '0') + "5\r\nhello" + end, 1).done);
  CHECK(parse(chunked + std::string(100, '0') + "5\r\nhello" + end).failed);
}

TEST_CASE("status lines that are not HTTP/1.x are refused at their first wrong byte") {
  for (const char* line : {"HTTP/2 200 OK", "HTTP/1.2 200 OK", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK",
                           "HTTP/1.1  200 OK", "HTTP/1.1 600 OK", "HTTP/1.1 099 OK", "HTTP/1.1 abc",
                           "ICY 200 OK", "SSH-2.0-x"}) {
    CAPTURE(line);
    CHECK(parse(head("", line)).failed);
  }
  CHECK(parse("SS", 1).failed);
  CHECK(parse("\r\nHTTP/1.1 200 OK\r\n\r\n").failed);
  CHECK(parse("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n").done);
}

TEST_CASE("chunks that lie about their size are refused") {
  for (const char* chunks :
       {"5\r\nhelloX", "5\r\nhello\rX", "\r\n", "g\r\n", "-5\r\n", "0x5\r\n",
        "fffffffffffffffff\r\n", "5\nhello\n", "5;a\x01\r\n", "0\r\nA\x02\r\n", "0\r\n\rX"}) {
    CAPTURE(chunks);
    CHECK(parse(head("Transfer-Encoding: chunked\r\n") + chunks).failed);
  }
}

TEST_CASE("heads, extensions and trailers are bounded") {
  const std::string field = "X-Field: " + std::string(100, 'x') + "\r\n";
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += field;
  CHECK(parse(head(many)).failed);
  CHECK(parse(head(many), 97).failed);
  std::string short_ones;
  for (int i = 0; i < 2'000; ++i) short_ones += "A: b\r\n";
  CHECK(parse(head(short_ones)).error == "the answer has too many header fields");
  const std::string chunked = head("Transfer-Encoding: chunked\r\n");
  CHECK(parse(chunked + "5;" + std::string(10'000, 'x')).failed);
  CHECK(parse(chunked + "0\r\n" + many).failed);
  CHECK(parse("HTTP/1.1 200 OK\r\n" + std::string(70'000, 'x'), 1'000).failed);
}

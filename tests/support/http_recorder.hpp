#pragma once

#include <optional>
#include <string>

#include "net/http.hpp"

namespace scena::test {

/// A sink that keeps what it got, and counts what must not happen.
struct HttpRecorder final : net::HttpSink {
  void on_head(const net::HttpHead& got) override {
    misplaced += head.has_value() || end.has_value();
    head = got;
  }
  void on_body(std::string_view bytes) override {
    misplaced += !head.has_value() || end.has_value() || bytes.empty();
    body += bytes;
    ++pieces;
    unflushed = true;
    // Readable by promise: the sanitizer sees it when it is not.
    for (int i = 0; i < 64; ++i)
      padding_sum = padding_sum + bytes.data()[bytes.size() + static_cast<std::size_t>(i)];
  }
  void on_flush() override {
    misplaced += end.has_value();
    ++flushes;
    unflushed = false;
  }
  void on_end(const net::HttpEnd& got) override {
    misplaced += end.has_value() || unflushed;
    end = got;
  }
  bool complete() const { return end && end->complete && !end->error; }
  std::optional<ErrorCode> error() const {
    return end && end->error ? std::optional(end->error->code()) : std::nullopt;
  }
  std::string error_text() const { return end && end->error ? end->error->what() : ""; }

  std::optional<net::HttpHead> head;
  std::string body;
  std::optional<net::HttpEnd> end;
  int pieces = 0, flushes = 0, misplaced = 0;
  bool unflushed = false;
  volatile int padding_sum = 0;
};

}  // namespace scena::test

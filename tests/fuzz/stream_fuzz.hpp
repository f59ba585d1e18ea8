#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/json.hpp"
#include "base/text.hpp"
#include "llm/sse_reply.hpp"

namespace scena::fuzz {

/// Writes a reply down and aborts when the sink's contract is broken.
struct Sink final : ReplySink {
  std::string text;
  bool done = false;
  std::size_t started = 0;  // tool calls
  std::size_t ended = 0;
  void add(const char* kind, std::string_view content) {
    if (done) std::abort();
    text.append(kind).append(content).append("\n");
  }
  void delta(const char* kind, std::string_view content) {
    if (content.empty() || !is_valid_utf8(content)) std::abort();
    add(kind, content);
  }
  void on_start(const ReplyStart& start) override { add("start ", start.model + start.request_id); }
  void on_text(std::string_view content) override { delta("text ", content); }
  void on_reasoning(std::string_view content) override { delta("reasoning ", content); }
  void on_refusal(std::string_view content) override { delta("refusal ", content); }
  void on_tool_start(std::size_t index, std::string_view id, std::string_view name) override {
    if (index != started++ || id.empty()) std::abort();
    add("tool ", name);
  }
  void on_tool_args(std::size_t index, std::string_view content) override {
    if (index >= started) std::abort();
    delta("args ", content);
  }
  void on_tool_end(std::size_t index, const ToolCall& call) override {
    if (index >= started || call.id.empty()) std::abort();
    const auto parsed = parse_json(call.arguments);
    if (call.valid && !(parsed && parsed->is_object())) std::abort();
    add("call ", call.arguments);
    ++ended;
  }
  void on_citation(const Citation& citation) override { add("citation ", citation.url); }
  void on_state(std::string_view json) override {
    if (!parse_json(json)) std::abort();
    add("state ", json);
  }
  void on_usage(const UsageUpdate& usage) override {
    add("usage ", std::to_string(usage.input_tokens.value_or(-1)) + " " +
                      std::to_string(usage.output_tokens.value_or(-1)));
  }
  void on_warning(std::string_view code, std::string_view) override { add("warning ", code); }
  void on_done(const ReplyEnd& end) override {
    add("done ", std::string(to_string(end.outcome)) +
                     (end.error ? to_string(end.error->code()) : to_string(end.reason)));
    if ((end.outcome == Outcome::complete) == end.error.has_value()) std::abort();
    if (end.outcome == Outcome::complete && started != ended) std::abort();
    done = true;
  }
};

template <class Stream, class Reader>
std::string read_stream(std::string_view bytes, std::size_t step, Reader reader) {
  auto sink = std::make_shared<Sink>();
  llm::ReplyProgress reply(sink, "fuzz", 1u << 20);
  Stream events(reader, reply, 64u << 10);
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const std::string piece(bytes.substr(at, step));
    events.feed(piece);
    reply.flush();
  }
  events.finish();
  reply.finish({.complete = true, .got_head = true});
  if (!sink->done) std::abort();
  return sink->text;
}

/// The same reply whole, where the template reads most events, and in pieces, where the reader
/// does. And: what the strict JSON door takes, the cursor takes.
template <class Stream = llm::SseReply, class Reader>
void check_stream(std::string_view bytes, const Reader& reader) {
  const std::string whole = read_stream<Stream>(bytes, bytes.size() + 1, reader);
  for (const std::size_t step : {1, 3, 50}) {
    if (read_stream<Stream>(bytes, step, reader) != whole) std::abort();
  }
  JsonCursor cursor(bytes);
  cursor.skip();
  if (parse_json(bytes) && !cursor.finish()) std::abort();
  auto sink = std::make_shared<Sink>();
  llm::ReplyProgress reply(sink, "fuzz", 1u << 20);
  Reader fresh = reader;
  fresh.read_whole(bytes, reply);
  reply.finish({.complete = true, .got_head = true});
}

}  // namespace scena::fuzz

// The messages API of Anthropic.

#include <fmt/format.h>

#include "llm/backends/fault/fault_body.hpp"
#include "llm/backends/fault/fault_dialect.hpp"

namespace scena::fault {
namespace {

SseEvent message_text(const WireReply&, std::string_view text) {
  return text_delta_event(0, text);
}

Events message_events(const WireReply& reply) {
  Events events;
  events.push_back(message_event("message_start", message_start_members(reply)));
  events.push_back(message_event("content_block_start",
                                 R"("index":0,"content_block":{"type":"text","text":""})"));
  events.push_back(message_event("ping", {}));
  for (SseEvent& event : events) event.opening = true;
  for (const std::string& token : reply.tokens) events.push_back(text_delta_event(0, token));
  events.push_back(message_event("content_block_stop", R"("index":0)"));
  events.push_back(message_event(
      "message_delta",
      fmt::format(
          R"("delta":{{"stop_reason":{},"stop_sequence":null}},"usage":{{"output_tokens":{}}})",
          json_quoted(reply.finish), reply.tokens.size())));
  events.push_back(message_event("message_stop", {}));
  return events;
}

std::string message_whole(const WireReply& reply) {
  return fmt::format(
      R"({{"id":{},"type":"message","role":"assistant","model":{},"content":[{{"type":"text","text":{}}}],"stop_reason":{},"stop_sequence":null,"usage":{{"input_tokens":{},"output_tokens":{}}}}})",
      json_quoted(reply.id), json_quoted(reply.model), json_quoted(joined(reply.tokens)),
      json_quoted(reply.finish), reply.input_tokens, reply.tokens.size());
}

// The object under "error".
std::string error_object(const WireError& error) {
  const WireError full = worded(Dialect::messages, error);
  return fmt::format(R"({{"type":{},"message":{}}})", json_quoted(full.type),
                     json_quoted(full.message));
}

std::string message_error(const WireError& error, std::string_view request_id) {
  return fmt::format(R"({{"type":"error","error":{},"request_id":{}}})", error_object(error),
                     json_quoted(request_id));
}

SseEvent message_error_event(const WireError& error) {
  return message_event("error", "\"error\":" + error_object(error));
}

}  // namespace

SseEvent message_event(std::string_view type, std::string_view members) {
  std::string data = fmt::format(R"({{"type":"{}")", type);
  if (!members.empty()) data += fmt::format(",{}", members);
  return {.name = std::string(type), .data = data + "}"};
}

SseEvent text_delta_event(int index, std::string_view text) {
  SseEvent event = message_event(
      "content_block_delta", fmt::format(R"("index":{},"delta":{{"type":"text_delta","text":{}}})",
                                         index, json_quoted(text)));
  event.token = true;
  return event;
}

std::string message_start_members(const WireReply& reply) {
  return fmt::format(
      R"("message":{{"id":{},"type":"message","role":"assistant","model":{},"content":[],"stop_reason":null,"stop_sequence":null,"usage":{{"input_tokens":{},"output_tokens":1}}}})",
      json_quoted(reply.id), json_quoted(reply.model), reply.input_tokens);
}

const WireDialect& messages_dialect() noexcept {
  static const WireDialect row = {
      .dialect = Dialect::messages,
      .path = "messages",
      .id_field = "request-id",
      .id_prefix = "msg_",
      .stop_word = "end_turn",
      .length_word = "max_tokens",
      .key_field = "x-api-key",
      .quota = {.status = 402},
      .context = {.message = "prompt is too long: 250000 tokens > 200000 maximum"},
      .stream = message_events,
      .text = message_text,
      .whole = message_whole,
      .error_body = message_error,
      .error_event = message_error_event,
      .read = read_messages,
  };
  return row;
}

}  // namespace scena::fault

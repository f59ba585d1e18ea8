// Chat of Cohere, version 2.

#include <fmt/format.h>

#include "llm/backends/fault/fault_dialect.hpp"
#include "llm/backends/fault/fault_fields.hpp"
#include "llm/backends/fault/fault_request.hpp"

namespace scena::fault {
namespace {

constexpr std::array kMembers = std::to_array<std::string_view>({
    "model",
    "messages",
    "stream",
    "tools",
    "tool_choice",
    "strict_tools",
    "documents",
    "citation_options",
    "response_format",
    "safety_mode",
    "max_tokens",
    "stop_sequences",
    "temperature",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "k",
    "p",
    "logprobs",
    "thinking",
    "priority",
});

// The preamble is in the tokens and not in what is billed.
std::string usage(const WireReply& reply) {
  return fmt::format(
      R"({{"billed_units":{{"input_tokens":{0},"output_tokens":{1}}},"tokens":{{"input_tokens":{0},"output_tokens":{1}}}}})",
      reply.input_tokens, reply.tokens.size());
}

SseEvent event(std::string_view type, std::string_view members) {
  return {.name = std::string(type), .data = fmt::format(R"({{"type":"{}",{}}})", type, members)};
}

SseEvent text(const WireReply&, std::string_view delta) {
  SseEvent made = event(
      "content-delta", fmt::format(R"("index":0,"delta":{{"message":{{"content":{{"text":{}}}}}}})",
                                   json_quoted(delta)));
  made.token = true;
  return made;
}

SseEvent message_end(std::string_view id, std::string_view delta) {
  return event("message-end", fmt::format(R"("id":{},"delta":{{{}}})", json_quoted(id), delta));
}

Events stream(const WireReply& reply) {
  Events events;
  events.push_back(
      event("message-start",
            fmt::format(R"("id":{},"delta":{{"message":{{"role":"assistant","content":[]}}}})",
                        json_quoted(reply.id))));
  events.push_back(event("content-start",
                         R"("index":0,"delta":{"message":{"content":{"type":"text","text":""}}})"));
  for (SseEvent& opening : events) opening.opening = true;
  for (const std::string& token : reply.tokens) events.push_back(text(reply, token));
  events.push_back(event("content-end", R"("index":0)"));
  events.push_back(message_end(reply.id, fmt::format(R"("finish_reason":{},"usage":{})",
                                                     json_quoted(reply.finish), usage(reply))));
  return events;
}

std::string whole(const WireReply& reply) {
  return fmt::format(
      R"({{"id":{},"message":{{"role":"assistant","content":[{{"type":"text","text":{}}}]}},"finish_reason":{},"usage":{}}})",
      json_quoted(reply.id), json_quoted(joined(reply.tokens)), json_quoted(reply.finish),
      usage(reply));
}

std::string error_of(const WireError& error, std::string_view request_id) {
  return fmt::format(R"({{"id":{},"message":{}}})", json_quoted(request_id),
                     json_quoted(worded(Dialect::cohere, error).message));
}

// Inside a stream there is one word for every failure.
SseEvent error_event_of(const WireError& error) {
  return message_end("", fmt::format(R"("finish_reason":"ERROR","error":{})",
                                     json_quoted(worded(Dialect::cohere, error).message)));
}

std::optional<WireError> read(const Json& body, FaultCall& call) {
  ReplyRequest& request = call.request;
  if (auto refusal = check_members(body, kMembers)) return refusal;
  if (auto refusal = take_model(body, request)) return refusal;
  if (auto refusal = take_messages(body, take_chat_message, request)) return refusal;
  if (auto refusal = take_bool(body, "stream", request.stream)) return refusal;
  if (auto refusal = take_number(body, "temperature", 0, 1)) return refusal;
  if (auto refusal = take_count(body, "max_tokens", request.max_tokens)) return refusal;
  return take_stop(body, "stop_sequences", 5, request.stop);
}

}  // namespace

const WireDialect& cohere_dialect() noexcept {
  static const WireDialect row = {
      .dialect = Dialect::cohere,
      .path = "v2/chat",
      .stop_word = "COMPLETE",
      .length_word = "MAX_TOKENS",
      .unknown_word = "SPARKLE",
      .quota = {.status = 402, .message = "Please add or update your payment method."},
      .context = {.message = "too many tokens: total number of tokens in the prompt cannot exceed "
                             "128000."},
      .stream = stream,
      .text = text,
      .whole = whole,
      .error_body = error_of,
      .error_event = error_event_of,
      .read = read,
  };
  return row;
}

}  // namespace scena::fault

// Chat completions as OpenAI's service speaks them.

#include <fmt/format.h>

#include "llm/backends/fault/fault_body.hpp"
#include "llm/backends/fault/fault_dialect.hpp"

namespace scena::fault {
namespace {

constexpr std::int64_t kCreated = 1'767'225'600;  // fixed, so that the bytes repeat

std::int64_t count(const WireReply& reply) {
  return static_cast<std::int64_t>(reply.tokens.size());
}

SseEvent chat_text(const WireReply& reply, std::string_view text) {
  return {.data = chat_chunk(reply, content_delta(text)), .token = true};
}

Events chat_events(const WireReply& reply) {
  Events events;
  events.push_back(chat_opening(reply));
  for (const std::string& token : reply.tokens) events.push_back(chat_text(reply, token));
  events.push_back({.data = chat_chunk(reply, "{}", json_quoted(reply.finish))});
  if (reply.include_usage) {
    const std::string usage = ",\"usage\":" + chat_usage(reply, count(reply));
    events.push_back({.data = chat_chunk_without_choices(reply, usage)});
  }
  events.push_back({.data = "[DONE]"});
  return events;
}

std::string chat_whole(const WireReply& reply) {
  return fmt::format(
      R"({{"id":{},"object":"chat.completion","created":{},"model":{},"choices":[{{"index":0,"message":{{"role":"assistant","content":{},"refusal":null}},"finish_reason":{}}}],"usage":{}}})",
      json_quoted(reply.id), kCreated, json_quoted(reply.model), json_quoted(joined(reply.tokens)),
      json_quoted(reply.finish), chat_usage(reply, count(reply)));
}

std::string or_null(const std::string& text) {
  return text.empty() ? "null" : json_quoted(text);
}

std::string chat_error(const WireError& error, std::string_view) {
  const WireError full = worded(Dialect::chat_completions, error);
  return fmt::format(R"({{"error":{{"message":{},"type":{},"param":{},"code":{}}}}})",
                     json_quoted(full.message), json_quoted(full.type), or_null(full.param),
                     or_null(full.code));
}

SseEvent chat_error_event(const WireError& error) {
  return {.data = chat_error(error, {})};
}

}  // namespace

std::string chat_chunk(const WireReply& reply, std::string_view delta, std::string_view finish,
                       std::string_view more) {
  return fmt::format(
      R"({{"id":{},"object":"chat.completion.chunk","created":{},"model":{},"choices":[{{"index":0,"delta":{},"finish_reason":{}}}]{}}})",
      json_quoted(reply.id), kCreated, json_quoted(reply.model), delta, finish, more);
}

SseEvent chat_opening(const WireReply& reply) {
  return {.data = chat_chunk(reply, R"({"role":"assistant","content":""})"), .opening = true};
}

std::string chat_chunk_without_choices(const WireReply& reply, std::string_view more) {
  return fmt::format(
      R"({{"id":{},"object":"chat.completion.chunk","created":{},"model":{},"choices":[]{}}})",
      json_quoted(reply.id), kCreated, json_quoted(reply.model), more);
}

std::string chat_usage(const WireReply& reply, std::int64_t output_tokens) {
  return fmt::format(R"({{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{}}})",
                     reply.input_tokens, output_tokens, reply.input_tokens + output_tokens);
}

std::string content_delta(std::string_view text) {
  return "{\"content\":" + json_quoted(text) + "}";
}

const WireDialect& chat_dialect() noexcept {
  static const WireDialect row = {
      .path = "chat/completions",
      .id_prefix = "chatcmpl-",
      .quota = {.status = 429,
                .type = "insufficient_quota",
                .code = "insufficient_quota",
                .message = "You exceeded your current quota."},
      .context = {.type = "invalid_request_error",
                  .code = "context_length_exceeded",
                  .param = "messages",
                  .message = "This model's maximum context length is 8192 tokens."},
      .stream = chat_events,
      .text = chat_text,
      .whole = chat_whole,
      .error_body = chat_error,
      .error_event = chat_error_event,
      .read = read_chat,
  };
  return row;
}

}  // namespace scena::fault

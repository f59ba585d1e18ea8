#include "llm/backends/fault/fault_wire.hpp"

#include <fmt/format.h>

#include "base/json_writer.hpp"

namespace scena::fault {
namespace {

constexpr std::int64_t kCreated = 1'767'225'600;  // fixed, so that the bytes repeat

std::string joined(const std::vector<std::string>& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += token;
  return text;
}

std::int64_t count(const WireReply& reply) {
  return static_cast<std::int64_t>(reply.tokens.size());
}

Events chat_events(const WireReply& reply) {
  Events events;
  events.push_back({.data = chat_chunk(reply, R"({"role":"assistant","content":""})")});
  for (const std::string& token : reply.tokens) {
    events.push_back({.data = chat_chunk(reply, content_delta(token)), .token = true});
  }
  events.push_back({.data = chat_chunk(reply, "{}", quoted(reply.finish))});
  if (reply.include_usage) {
    const std::string usage = ",\"usage\":" + chat_usage(reply, count(reply));
    events.push_back({.data = chat_chunk_without_choices(reply, usage)});
  }
  events.push_back({.data = "[DONE]"});
  return events;
}

Events message_events(const WireReply& reply) {
  Events events;
  events.push_back(message_event("message_start", message_start_members(reply)));
  events.push_back(message_event("content_block_start",
                                 R"("index":0,"content_block":{"type":"text","text":""})"));
  events.push_back(message_event("ping", {}));
  for (const std::string& token : reply.tokens) events.push_back(text_delta_event(0, token));
  events.push_back(message_event("content_block_stop", R"("index":0)"));
  events.push_back(message_event(
      "message_delta",
      fmt::format(
          R"("delta":{{"stop_reason":{},"stop_sequence":null}},"usage":{{"output_tokens":{}}})",
          quoted(reply.finish), reply.tokens.size())));
  events.push_back(message_event("message_stop", {}));
  return events;
}

struct StatusWords {
  int status;
  const char* chat_type;
  const char* messages_type;
  const char* message;
};

constexpr StatusWords kStatusWords[] = {
    {400, "invalid_request_error", "invalid_request_error", "The request is not valid."},
    {401, "invalid_request_error", "authentication_error", "Incorrect API key provided."},
    {402, "billing_error", "billing_error", "The account has no credit left."},
    {403, "invalid_request_error", "permission_error", "The key may not do this."},
    {404, "invalid_request_error", "not_found_error", "The model does not exist."},
    {408, "timeout_error", "timeout_error", "The request took too long."},
    {413, "invalid_request_error", "request_too_large", "The request is too large."},
    {422, "invalid_request_error", "invalid_request_error", "The request cannot be processed."},
    {429, "requests", "rate_limit_error", "Rate limit reached."},
    {504, "server_error", "timeout_error", "The service took too long."},
    {529, "server_error", "overloaded_error", "Overloaded"},
};

StatusWords words_of(int status) {
  for (const StatusWords& words : kStatusWords) {
    if (words.status == status) return words;
  }
  if (status < 500) return {status, "invalid_request_error", "invalid_request_error", "Refused."};
  return {status, "server_error", "api_error", "The server had an error."};
}

std::string or_null(const std::string& text) {
  return text.empty() ? "null" : quoted(text);
}

// The object under "error".
std::string error_object(Dialect dialect, const WireError& error) {
  const StatusWords words = words_of(error.status);
  const std::string message = quoted(error.message.empty() ? words.message : error.message);
  if (dialect == Dialect::messages) {
    const std::string type = quoted(error.type.empty() ? words.messages_type : error.type);
    return fmt::format(R"({{"type":{},"message":{}}})", type, message);
  }
  std::string code = error.code;
  if (code.empty() && error.type.empty() && error.status == 401) code = "invalid_api_key";
  if (code.empty() && error.type.empty() && error.status == 404) code = "model_not_found";
  if (code.empty() && error.type.empty() && error.status == 429) code = "rate_limit_exceeded";
  return fmt::format(R"({{"message":{},"type":{},"param":{},"code":{}}})", message,
                     quoted(error.type.empty() ? words.chat_type : error.type),
                     or_null(error.param), or_null(code));
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string out;
  JsonWriter::quote(out, text);
  return out;
}

std::string chat_chunk(const WireReply& reply, std::string_view delta, std::string_view finish,
                       std::string_view more) {
  return fmt::format(
      R"({{"id":{},"object":"chat.completion.chunk","created":{},"model":{},"choices":[{{"index":0,"delta":{},"finish_reason":{}}}]{}}})",
      quoted(reply.id), kCreated, quoted(reply.model), delta, finish, more);
}

std::string chat_chunk_without_choices(const WireReply& reply, std::string_view more) {
  return fmt::format(
      R"({{"id":{},"object":"chat.completion.chunk","created":{},"model":{},"choices":[]{}}})",
      quoted(reply.id), kCreated, quoted(reply.model), more);
}

std::string chat_usage(const WireReply& reply, std::int64_t output_tokens) {
  return fmt::format(R"({{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{}}})",
                     reply.input_tokens, output_tokens, reply.input_tokens + output_tokens);
}

std::string content_delta(std::string_view text) {
  return "{\"content\":" + quoted(text) + "}";
}

SseEvent message_event(std::string_view type, std::string_view members) {
  std::string data = fmt::format(R"({{"type":"{}")", type);
  if (!members.empty()) data += fmt::format(",{}", members);
  return {.name = std::string(type), .data = data + "}"};
}

SseEvent text_delta_event(int index, std::string_view text) {
  SseEvent event = message_event(
      "content_block_delta",
      fmt::format(R"("index":{},"delta":{{"type":"text_delta","text":{}}})", index, quoted(text)));
  event.token = true;
  return event;
}

std::string message_start_members(const WireReply& reply) {
  return fmt::format(
      R"("message":{{"id":{},"type":"message","role":"assistant","model":{},"content":[],"stop_reason":null,"stop_sequence":null,"usage":{{"input_tokens":{},"output_tokens":1}}}})",
      quoted(reply.id), quoted(reply.model), reply.input_tokens);
}

Events stream_events(Dialect dialect, const WireReply& reply) {
  return dialect == Dialect::messages ? message_events(reply) : chat_events(reply);
}

std::string whole_body(Dialect dialect, const WireReply& reply) {
  const std::string text = quoted(joined(reply.tokens));
  if (dialect == Dialect::messages) {
    return fmt::format(
        R"({{"id":{},"type":"message","role":"assistant","model":{},"content":[{{"type":"text","text":{}}}],"stop_reason":{},"stop_sequence":null,"usage":{{"input_tokens":{},"output_tokens":{}}}}})",
        quoted(reply.id), quoted(reply.model), text, quoted(reply.finish), reply.input_tokens,
        reply.tokens.size());
  }
  return fmt::format(
      R"({{"id":{},"object":"chat.completion","created":{},"model":{},"choices":[{{"index":0,"message":{{"role":"assistant","content":{},"refusal":null}},"finish_reason":{}}}],"usage":{}}})",
      quoted(reply.id), kCreated, quoted(reply.model), text, quoted(reply.finish),
      chat_usage(reply, count(reply)));
}

std::string error_body(Dialect dialect, const WireError& error, std::string_view request_id) {
  const std::string object = error_object(dialect, error);
  if (dialect == Dialect::chat_completions) return "{\"error\":" + object + "}";
  return fmt::format(R"({{"type":"error","error":{},"request_id":{}}})", object,
                     quoted(request_id));
}

SseEvent error_event(Dialect dialect, const WireError& error) {
  const std::string object = error_object(dialect, error);
  if (dialect == Dialect::chat_completions) return {.data = "{\"error\":" + object + "}"};
  return message_event("error", "\"error\":" + object);
}

}  // namespace scena::fault

// The native chat of Ollama: a JSON line for each piece.

#include <fmt/format.h>

#include "llm/backends/fault/fault_dialect.hpp"
#include "llm/backends/fault/fault_fields.hpp"
#include "llm/backends/fault/fault_request.hpp"

namespace scena::fault {
namespace {

constexpr std::array kMembers = std::to_array<std::string_view>({
    "model",
    "messages",
    "tools",
    "format",
    "options",
    "stream",
    "keep_alive",
    "think",
    "truncate",
    "shift",
    "logprobs",
    "top_logprobs",
});

std::string line(const WireReply& reply, std::string_view content, std::string_view more) {
  return fmt::format(
      R"({{"model":{},"created_at":"2026-01-01T00:00:00Z","message":{{"role":"assistant","content":{}}},{}}})",
      json_quoted(reply.model), json_quoted(content), more);
}

std::string last_members(const WireReply& reply) {
  return fmt::format(
      R"("done":true,"done_reason":{},"total_duration":5000000,"load_duration":1000,"prompt_eval_count":{},"prompt_eval_duration":1000,"eval_count":{},"eval_duration":1000)",
      json_quoted(reply.finish), reply.input_tokens, reply.tokens.size());
}

SseEvent text(const WireReply& reply, std::string_view delta) {
  return {.data = line(reply, delta, "\"done\":false"), .token = true};
}

Events stream(const WireReply& reply) {
  Events events;
  for (const std::string& token : reply.tokens) events.push_back(text(reply, token));
  events.push_back({.data = line(reply, "", last_members(reply))});
  return events;
}

std::string whole(const WireReply& reply) {
  return line(reply, joined(reply.tokens), last_members(reply));
}

std::string error_of(const WireError& error, std::string_view) {
  return "{\"error\":" + json_quoted(worded(Dialect::ollama, error).message) + "}";
}

SseEvent error_event_of(const WireError& error) {
  return {.data = error_of(error, {})};
}

std::optional<WireError> read(const Json& body, FaultCall& call) {
  ReplyRequest& request = call.request;
  if (auto refusal = check_members(body, kMembers)) return refusal;
  if (auto refusal = take_model(body, request)) return refusal;
  if (auto refusal = take_messages(body, take_plain_message, request)) return refusal;
  if (auto refusal = take_bool(body, "stream", request.stream)) return refusal;
  const auto options = body.find("options");
  if (options == body.end() || options->is_null()) return std::nullopt;
  if (!options->is_object()) return refuse("options", "options must be an object");
  if (auto refusal = take_number(*options, "temperature", 0, 2)) return refusal;
  // A negative number stands for no limit.
  if (const auto most = options->find("num_predict");
      most != options->end() && most->is_number_integer() && *most > 0)
    request.max_tokens = most->get<std::int64_t>();
  return take_stop(*options, "stop", 64, request.stop);
}

}  // namespace

const WireDialect& ollama_dialect() noexcept {
  static const WireDialect row = {
      .dialect = Dialect::ollama,
      .path = "api/chat",
      .unknown_word = "sparkle",
      .type = "application/x-ndjson",
      .lines = true,
      .needs_key = false,
      .streams_unasked = true,
      .quota = {.status = 402, .message = "The account has no credit left."},
      .context = {.message = "the prompt exceeds the available context size"},
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

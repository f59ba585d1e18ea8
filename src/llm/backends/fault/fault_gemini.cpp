// generateContent of Gemini.

#include <fmt/format.h>

#include "llm/backends/fault/fault_dialect.hpp"
#include "llm/backends/fault/fault_fields.hpp"
#include "llm/backends/fault/fault_request.hpp"

namespace scena::fault {
namespace {

constexpr std::array kMembers = std::to_array<std::string_view>({
    "contents",
    "systemInstruction",
    "tools",
    "toolConfig",
    "generationConfig",
    "safetySettings",
    "cachedContent",
    "labels",
});

std::int64_t count(const WireReply& reply) {
  return static_cast<std::int64_t>(reply.tokens.size());
}

std::string text_part(std::string_view text) {
  return "{\"text\":" + json_quoted(text) + "}";
}

SseEvent text(const WireReply& reply, std::string_view delta) {
  return {.data = gemini_chunk(reply, text_part(delta), {}, 0), .token = true};
}

// Text comes with the finish reason, too: here an empty one.
Events stream(const WireReply& reply) {
  Events events;
  std::int64_t said = 0;
  for (const std::string& token : reply.tokens) {
    events.push_back({.data = gemini_chunk(reply, text_part(token), {}, ++said), .token = true});
  }
  events.push_back({.data = gemini_chunk(reply, text_part(""), json_quoted(reply.finish), said)});
  return events;
}

std::string whole(const WireReply& reply) {
  return gemini_chunk(reply, text_part(joined(reply.tokens)), json_quoted(reply.finish),
                      count(reply));
}

std::string error_of(const WireError& error, std::string_view) {
  const WireError full = worded(Dialect::gemini, error);
  const std::string details =
      full.details.empty() ? std::string() : fmt::format(R"(,"details":[{}])", full.details);
  return fmt::format(R"({{"error":{{"code":{},"message":{},"status":{}{}}}}})", full.status,
                     json_quoted(full.message), json_quoted(full.type), details);
}

SseEvent error_event_of(const WireError& error) {
  return {.data = error_of(error, {})};
}

std::optional<WireError> read_content(const Json& content, const std::string& at,
                                      ReplyRequest& request) {
  if (!content.is_object() || !content.contains("parts") || !content["parts"].is_array() ||
      content["parts"].empty())
    return refuse(at, at + ".parts must not be empty");
  const std::string role = content.value("role", std::string("user"));
  if (role != "user" && role != "model") return refuse(at, "Please use a valid role: user, model.");
  std::string said;
  for (const Json& part : content["parts"]) {
    if (part.is_object() && part.contains("text") && part["text"].is_string())
      said += part["text"].get<std::string>();
  }
  request.messages.push_back(
      {.role = role == "model" ? PromptRole::assistant : PromptRole::user, .text = said});
  return std::nullopt;
}

std::optional<WireError> read_config(const Json& body, ReplyRequest& request) {
  const auto config = body.find("generationConfig");
  if (config == body.end() || config->is_null()) return std::nullopt;
  if (!config->is_object()) return refuse("generationConfig", "generationConfig: not an object");
  if (auto refusal = take_number(*config, "temperature", 0, 2)) return refusal;
  if (auto refusal = take_number(*config, "topP", 0, 1)) return refusal;
  if (auto refusal = take_count(*config, "maxOutputTokens", request.max_tokens)) return refusal;
  return take_stop(*config, "stopSequences", 5, request.stop);
}

// Model and streaming stand in the path.
std::optional<WireError> read(const Json& body, FaultCall& call) {
  if (auto refusal = check_members(body, kMembers)) return refusal;
  const auto contents = body.find("contents");
  if (contents == body.end() || !contents->is_array() || contents->empty())
    return refuse("contents", "contents is not specified");
  for (std::size_t i = 0; i < contents->size(); ++i) {
    const std::string at = "contents[" + std::to_string(i) + "]";
    if (auto refusal = read_content((*contents)[i], at, call.request)) return refusal;
  }
  return read_config(body, call.request);
}

}  // namespace

std::string gemini_chunk(const WireReply& reply, std::string_view parts, std::string_view finish,
                         std::int64_t output_tokens) {
  const std::string end =
      finish.empty() ? std::string() : fmt::format(R"(,"finishReason":{})", finish);
  return fmt::format(
      R"({{"candidates":[{{"content":{{"parts":[{}],"role":"model"}}{},"index":0}}],"usageMetadata":{{"promptTokenCount":{},"candidatesTokenCount":{},"totalTokenCount":{}}},"modelVersion":{},"responseId":{}}})",
      parts, end, reply.input_tokens, output_tokens, reply.input_tokens + output_tokens,
      json_quoted(reply.model), json_quoted(reply.id));
}

const WireDialect& gemini_dialect() noexcept {
  static const WireDialect row = {
      .dialect = Dialect::gemini,
      .path = "generateContent",
      .stop_word = "STOP",
      .length_word = "MAX_TOKENS",
      .unknown_word = "SPARKLE",
      .key_field = "x-goog-api-key",
      .quota =
          {.status = 429,
           .message = "You exceeded your current quota, please check your plan and billing "
                      "details.",
           .details =
               R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]})"},
      .context = {.message =
                      "The input token count (250000) exceeds the maximum number of tokens allowed "
                      "(131072)."},
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

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "llm/backends/openai/wire.hpp"

namespace scena::llm::openai {
namespace {

// Beginnings of model names whose models reason before they answer.
constexpr std::array<std::string_view, 5> kReasoningModels = {"o1", "o3", "o4", "gpt-5", "codex"};

bool is_reasoning_model(std::string_view model, const Dialect& dialect) {
  if (dialect.family != Dialect::Family::automatic)
    return dialect.family == Dialect::Family::reasoning;
  return std::any_of(kReasoningModels.begin(), kReasoningModels.end(),
                     [&](std::string_view prefix) { return model.starts_with(prefix); });
}

// The service refuses names with other characters; a name it would refuse is left out.
std::string wire_name(std::string_view name) {
  std::string clean;
  for (char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-';
    if (!plain && c != ' ') return {};
    clean += plain ? c : '_';
  }
  return clean.size() <= 64 ? clean : std::string{};
}

void write_message(JsonWriter& json, std::string_view role, std::string_view text,
                   std::string_view name) {
  json.begin_object().member("role", role).member("content", text);
  if (!name.empty()) json.member("name", name);
  json.end_object();
}

void write_messages(JsonWriter& json, const ReplyRequest& request) {
  json.key("messages").begin_array();
  if (!request.system.empty()) write_message(json, "system", request.system, {});
  for (const auto& message : request.messages) {
    write_message(json, to_string(message.role), message.text, wire_name(message.name));
  }
  json.end_array();
}

// A little more than the texts need, so that the body seldom moves while it is written.
std::size_t room_for(const ReplyRequest& request) noexcept {
  std::size_t bytes = request.system.size();
  for (const auto& message : request.messages) bytes += message.text.size() + 64;
  return bytes + bytes / 8 + 512;
}

void write_sampling(JsonWriter& json, const ReplyRequest& request, bool reasoning) {
  if (request.temperature && !reasoning) json.key("temperature").score(*request.temperature);
  if (request.max_tokens)
    json.member(reasoning ? "max_completion_tokens" : "max_tokens", *request.max_tokens);
  if (!request.stop.empty() && !reasoning) {
    json.key("stop").begin_array();
    for (const auto& stop : request.stop) json.value(stop);
    json.end_array();
  }
  if (request.seed) json.member("seed", *request.seed);
}

}  // namespace

Result<std::string> write_request(const ReplyRequest& request, std::string_view default_model,
                                  const Dialect& dialect) {
  const std::string_view model =
      request.model.empty() ? default_model : std::string_view(request.model);
  if (model.empty() && dialect.needs_model) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "no model is named; set \"model\" or use \"openai:MODEL\"");
  }
  if (!request.json_schema.empty()) {
    if (const auto schema = parse_json(request.json_schema); !schema) {
      return Error(ErrorCode::invalid_argument,
                   fmt::format("json_schema: {}", schema.error().what()));
    }
  }
  std::string body;
  body.reserve(room_for(request));
  JsonWriter json(body);
  json.begin_object();
  if (!model.empty()) json.member("model", model);
  write_messages(json, request);
  json.member("stream", request.stream);
  if (request.stream && dialect.ask_usage) {
    json.key("stream_options").begin_object().member("include_usage", true);
    if (dialect.ask_no_padding) json.member("include_obfuscation", false);
    json.end_object();
  }
  write_sampling(json, request, is_reasoning_model(model, dialect));
  if (!request.json_schema.empty()) {
    json.key("response_format")
        .begin_object()
        .member("type", "json_schema")
        .key("json_schema")
        .begin_object();
    json.member("name", "answer").key("schema").raw(request.json_schema).end_object().end_object();
  }
  json.end_object();
  return body;
}

}  // namespace scena::llm::openai

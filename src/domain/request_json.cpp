#include "domain/request_json.hpp"

#include <scena/ext/tool.hpp>

namespace scena {
namespace {

void write_if_any(JsonWriter& json, std::string_view name, std::string_view text) {
  if (!text.empty()) json.member(name, text);
}

void write_calls(JsonWriter& json, const std::vector<ToolCall>& calls) {
  if (calls.empty()) return;
  json.key("tool_calls").begin_array();
  for (const ToolCall& call : calls) {
    json.begin_object().member("id", call.id).member("name", call.name);
    json.member("arguments", call.arguments).end_object();
  }
  json.end_array();
}

void write_media(JsonWriter& json, const std::vector<MediaPart>& media) {
  if (media.empty()) return;
  json.key("media").begin_array();
  for (const MediaPart& part : media) {
    json.begin_object().member("media_type", part.media_type);
    write_if_any(json, "name", part.name);
    write_if_any(json, "url", part.url);
    if (!part.bytes.empty()) json.member("bytes", static_cast<std::uint64_t>(part.bytes.size()));
    json.end_object();
  }
  json.end_array();
}

void write_message(JsonWriter& json, const PromptMessage& message) {
  json.begin_object().member("role", to_string(message.role)).member("text", message.text);
  write_if_any(json, "name", message.name);
  write_media(json, message.media);
  write_calls(json, message.tool_calls);
  write_if_any(json, "tool_call_id", message.tool_call_id);
  if (message.tool_failed) json.member("tool_failed", true);
  json.end_object();
}

void write_tools(JsonWriter& json, const ReplyRequest& request) {
  if (request.tools.empty()) return;
  json.key("tools").begin_array();
  for (const ToolSpec& tool : request.tools) {
    json.begin_object().member("name", tool.name);
    write_if_any(json, "description", tool.description);
    if (!tool.parameters.empty()) json.key("parameters").raw(tool.parameters);
    json.end_object();
  }
  json.end_array();
  if (request.tool_choice == ToolChoice{}) return;
  constexpr const char* kChoices[] = {"auto", "none", "required", "named"};
  json.member("tool_choice", kChoices[static_cast<std::size_t>(request.tool_choice.kind)]);
  write_if_any(json, "tool_choice_name", request.tool_choice.name);
}

void write_context(JsonWriter& json, const CallContext& context) {
  json.key("context").begin_object();
  json.member("purpose", to_string(context.purpose));
  write_if_any(json, "tenant", context.tenant);
  write_if_any(json, "subject", context.subject);
  write_if_any(json, "session", context.session);
  write_if_any(json, "character", context.character);
  write_if_any(json, "trace", context.trace_id);
  json.member("session_seed", context.session_seed)
      .member("turn", static_cast<std::uint64_t>(context.turn_number))
      .member("reply", static_cast<std::uint64_t>(context.reply_number))
      .member("attempt", static_cast<std::uint64_t>(context.attempt))
      .end_object();
}

}  // namespace

void write_request_members(JsonWriter& json, const ReplyRequest& request) {
  write_if_any(json, "system", request.system);
  json.key("messages").begin_array();
  for (const PromptMessage& message : request.messages) write_message(json, message);
  json.end_array();
  if (request.temperature) json.key("temperature").score(*request.temperature);
  if (request.top_p) json.key("top_p").score(*request.top_p);
  if (request.max_tokens) json.member("max_tokens", *request.max_tokens);
  if (request.seed) json.member("seed", *request.seed);
  if (!request.stop.empty()) {
    json.key("stop").begin_array();
    for (const std::string& mark : request.stop) json.value(mark);
    json.end_array();
  }
  write_if_any(json, "reasoning_effort", request.reasoning_effort);
  write_if_any(json, "json_schema", request.json_schema);
  write_tools(json, request);
  write_if_any(json, "script", request.script);
}

std::string ReplyRequest::to_json() const {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_if_any(json, "model", model);
  write_request_members(json, *this);
  write_context(json, context);
  json.end_object();
  return text;
}

std::string ToolRequest::to_json() const {
  std::string text;
  JsonWriter(text)
      .begin_object()
      .member("call", call)
      .member("tool", tool)
      .member("tenant", tenant)
      .member("session", session)
      .member("subject", subject)
      .member("character", character)
      .key("arguments")
      .raw(arguments)
      .end_object();
  return text;
}

}  // namespace scena

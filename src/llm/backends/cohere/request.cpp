#include <fmt/format.h>

#include <algorithm>

#include "base/base64.hpp"
#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "llm/backends/cohere/wire.hpp"
#include "llm/request_names.hpp"
#include "llm/tool_parameters.hpp"

namespace scena::llm::cohere {
namespace {

constexpr std::string_view kFirstMessage = "(The conversation begins.)";
constexpr std::size_t kMaxStops = 5;

// 0: not at all.
std::int64_t budget_of(std::string_view effort) {
  if (effort == "none" || effort == "minimal") return 0;
  if (effort == "low") return 1'024;
  return effort == "medium" ? 8'192 : 24'576;
}

void write_image(JsonWriter& json, const MediaPart& part) {
  json.begin_object().member("type", "image_url").key("image_url").begin_object();
  json.member("url", part.url.empty() ? fmt::format("data:{};base64,{}", part.media_type,
                                                    base64_encode(part.bytes))
                                      : part.url);
  json.end_object().end_object();
}

void write_user_content(JsonWriter& json, const PromptMessage& message) {
  json.key("content");
  if (message.media.empty()) {
    json.value(message.text);
    return;
  }
  json.begin_array();
  if (!message.text.empty())
    json.begin_object().member("type", "text").member("text", message.text).end_object();
  for (const auto& part : message.media) write_image(json, part);
  json.end_array();
}

std::string plan_of(const PromptMessage& message) {
  if (message.state.empty()) return {};
  const auto state = parse_json(message.state);
  if (!state || !state->is_object()) return {};
  const auto plan = state->find("tool_plan");
  return plan != state->end() && plan->is_string() ? plan->get<std::string>() : std::string();
}

void write_assistant(JsonWriter& json, const PromptMessage& message) {
  if (!message.text.empty() || message.tool_calls.empty()) json.member("content", message.text);
  if (message.tool_calls.empty()) return;
  if (const std::string plan = plan_of(message); !plan.empty()) json.member("tool_plan", plan);
  json.key("tool_calls").begin_array();
  for (const auto& call : message.tool_calls) {
    json.begin_object().member("id", call.id).member("type", "function");
    json.key("function").begin_object().member("name", call.name);
    json.member("arguments", call.arguments).end_object().end_object();
  }
  json.end_array();
}

void write_message(JsonWriter& json, const PromptMessage& message) {
  json.begin_object().member("role", to_string(message.role));
  switch (message.role) {
    case PromptRole::user:
      write_user_content(json, message);
      break;
    case PromptRole::assistant:
      write_assistant(json, message);
      break;
    case PromptRole::tool:
      json.member("tool_call_id", message.tool_call_id);
      json.member("content", message.tool_failed ? "Error: " + message.text : message.text);
      break;
    case PromptRole::system:
      json.member("content", message.text);
      break;
  }
  json.end_object();
}

void write_messages(JsonWriter& json, const ReplyRequest& request) {
  json.key("messages").begin_array();
  if (!request.system.empty())
    json.begin_object().member("role", "system").member("content", request.system).end_object();
  bool any = false;
  for (const auto& message : request.messages) {
    if (message.role == PromptRole::assistant && message.text.empty() && message.tool_calls.empty())
      continue;
    write_message(json, message);
    any |= message.role != PromptRole::system;
  }
  if (!any)
    json.begin_object().member("role", "user").member("content", kFirstMessage).end_object();
  json.end_array();
}

// The service knows no choice of one tool: it is asked for a call, and shown that tool alone.
void write_tools(JsonWriter& json, const ReplyRequest& request) {
  if (request.tools.empty()) return;
  const ToolChoice& choice = request.tool_choice;
  const bool named = choice.kind == ToolChoice::Kind::named;
  bool strict = false;
  json.key("tools").begin_array();
  for (const auto& tool : request.tools) {
    if (named && tool.name != choice.name) continue;
    strict |= tool.strict;
    json.begin_object().member("type", "function").key("function").begin_object();
    json.member("name", tool.name);
    if (!tool.description.empty()) json.member("description", tool.description);
    json.key("parameters").raw(tool_parameters(tool));
    json.end_object().end_object();
  }
  json.end_array();
  if (strict) json.member("strict_tools", true);
  if (named || choice.kind == ToolChoice::Kind::required) json.member("tool_choice", "REQUIRED");
  if (choice.kind == ToolChoice::Kind::none) json.member("tool_choice", "NONE");
}

void write_sampling(JsonWriter& json, const ReplyRequest& request) {
  if (request.temperature) json.key("temperature").score(*request.temperature);
  if (request.top_p) json.key("p").score(*request.top_p);
  if (request.max_tokens) json.member("max_tokens", *request.max_tokens);
  if (request.seed) json.member("seed", *request.seed);
  if (!request.stop.empty()) {
    json.key("stop_sequences").begin_array();
    for (const auto& stop : request.stop) json.value(stop);
    json.end_array();
  }
  const auto& effort = request.reasoning_effort;
  if (effort.empty()) return;
  json.key("thinking").begin_object();
  const std::int64_t budget = budget_of(effort);
  json.member("type", budget == 0 ? "disabled" : "enabled");
  if (budget != 0) json.member("token_budget", budget);
  json.end_object();
}

Result<void> check(const ReplyRequest& request) {
  if (request.stop.size() > kMaxStops) {
    return Error::fixed(ErrorCode::invalid_argument, "stop: cohere takes at most 5 texts")
        .with_pointer("/stop");
  }
  return {};
}

}  // namespace

void add_unsupported(const ReplyRequest& request, Unsupported& unsupported) {
  if (request.parallel_tools == false) unsupported.add("parallel_tools");
  for (const char* absent : {"audio", "files"}) unsupported.add(absent);
}

Result<std::string> write_request(const ReplyRequest& request, std::string_view model) {
  if (auto fine = check(request); !fine) return fine.error();
  std::string body;
  JsonWriter json(body);
  json.begin_object().member("model", model);
  write_messages(json, request);
  json.member("stream", request.stream);
  write_tools(json, request);
  write_sampling(json, request);
  if (!request.json_schema.empty()) {
    json.key("response_format").begin_object().member("type", "json_object");
    json.key("json_schema").raw(request.json_schema).end_object();
  }
  json.end_object();
  return body;
}

}  // namespace scena::llm::cohere

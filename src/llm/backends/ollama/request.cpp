#include <fmt/format.h>

#include "base/base64.hpp"
#include "base/json_writer.hpp"
#include "llm/backends/ollama/wire.hpp"
#include "llm/chat_tokens.hpp"
#include "llm/request_names.hpp"
#include "llm/tool_parameters.hpp"

namespace scena::llm::ollama {
namespace {

// Models that think at levels; the others do or do not.
bool thinks_at_levels(std::string_view model) {
  return model.find("gpt-oss") != std::string_view::npos;
}

void write_calls(JsonWriter& json, const PromptMessage& message) {
  json.key("tool_calls").begin_array();
  for (const auto& call : message.tool_calls) {
    json.begin_object().member("id", call.id).key("function").begin_object();
    json.member("name", call.name).key("arguments").raw(call.arguments);
    json.end_object().end_object();
  }
  json.end_array();
}

void write_message(JsonWriter& json, const ReplyRequest& request, const PromptMessage& message) {
  const bool failed = message.role == PromptRole::tool && message.tool_failed;
  json.begin_object().member("role", to_string(message.role));
  std::string broken;
  const std::string_view text = without_chat_tokens(message.text, broken);
  if (failed) {
    json.member("content", "Error: " + std::string(text));
  } else {
    json.member("content", text);
  }
  if (!message.media.empty()) {
    json.key("images").begin_array();
    for (const auto& part : message.media) json.value(base64_encode(part.bytes));
    json.end_array();
  }
  if (!message.tool_calls.empty()) write_calls(json, message);
  if (message.role == PromptRole::tool) {
    json.member("tool_call_id", message.tool_call_id);
    if (const auto name = tool_name_of(request, message); !name.empty())
      json.member("tool_name", name);
  }
  json.end_object();
}

void write_messages(JsonWriter& json, const ReplyRequest& request) {
  json.key("messages").begin_array();
  if (!request.system.empty())
    json.begin_object().member("role", "system").member("content", request.system).end_object();
  for (const auto& message : request.messages) write_message(json, request, message);
  json.end_array();
}

// Without a choice of its own, the service is asked for no call by showing it no tool.
void write_tools(JsonWriter& json, const ReplyRequest& request) {
  if (request.tools.empty() || request.tool_choice.kind == ToolChoice::Kind::none) return;
  json.key("tools").begin_array();
  for (const auto& tool : request.tools) {
    json.begin_object().member("type", "function").key("function").begin_object();
    json.member("name", tool.name).member("description", tool.description);
    json.key("parameters").raw(tool_parameters(tool));
    json.end_object().end_object();
  }
  json.end_array();
}

void write_options(JsonWriter& json, const ReplyRequest& request, const Settings& settings) {
  json.key("options").begin_object().member("num_ctx", settings.num_ctx);
  if (request.temperature) json.key("temperature").score(*request.temperature);
  if (request.top_p) json.key("top_p").score(*request.top_p);
  if (request.max_tokens) json.member("num_predict", *request.max_tokens);
  if (request.seed) json.member("seed", *request.seed);
  if (!request.stop.empty()) {
    json.key("stop").begin_array();
    for (const auto& stop : request.stop) json.value(stop);
    json.end_array();
  }
  json.end_object();
}

void write_thinking(JsonWriter& json, const std::string& effort, std::string_view model) {
  if (effort.empty()) return;
  const bool least = effort == "none" || effort == "minimal";
  if (!thinks_at_levels(model)) {
    json.member("think", !least);
  } else if (least || effort == "low") {
    json.member("think", "low");
  } else {
    json.member("think", effort == "medium" ? "medium" : "high");
  }
}

Result<void> check(const ReplyRequest& request) {
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    for (const auto& part : request.messages[i].media) {
      if (!part.bytes.empty()) continue;
      return Error(ErrorCode::invalid_argument,
                   fmt::format("messages.{}.media: ollama takes the bytes of an image, not its "
                               "address",
                               i))
          .with_pointer(fmt::format("/messages/{}/media", i));
    }
  }
  return {};
}

}  // namespace

void add_unsupported(const ReplyRequest& request, Unsupported& unsupported) {
  const auto kind = request.tool_choice.kind;
  if (kind == ToolChoice::Kind::required || kind == ToolChoice::Kind::named)
    unsupported.add("tool_choice");
  if (request.parallel_tools == false) unsupported.add("parallel_tools");
  for (const char* absent : {"audio", "files"}) unsupported.add(absent);
}

Result<std::string> write_request(const ReplyRequest& request, std::string_view model,
                                  const Settings& settings) {
  if (auto fine = check(request); !fine) return fine.error();
  std::string body;
  JsonWriter json(body);
  json.begin_object().member("model", model);
  write_messages(json, request);
  json.member("stream", request.stream);
  write_tools(json, request);
  if (!request.json_schema.empty()) json.key("format").raw(request.json_schema);
  write_options(json, request, settings);
  write_thinking(json, request.reasoning_effort, model);
  if (!settings.keep_alive.empty()) json.key("keep_alive").raw(settings.keep_alive);
  json.end_object();
  return body;
}

}  // namespace scena::llm::ollama

#include <fmt/format.h>

#include "base/base64.hpp"
#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "llm/backends/gemini/wire.hpp"
#include "llm/request_names.hpp"
#include "llm/tool_parameters.hpp"

namespace scena::llm::gemini {
namespace {

constexpr std::string_view kFirstMessage = "(The conversation begins.)";
constexpr std::size_t kMaxStops = 5;

enum class Thinking { none, budget, level };

// "gemini-2.5-pro", "gemini-3-flash-preview", whatever path stands in front.
Thinking thinking_of(std::string_view model) {
  const std::size_t at = model.rfind("gemini-");
  if (at == std::string_view::npos) return Thinking::none;
  const std::string_view version = model.substr(at + 7);
  if (version.starts_with("2.5")) return Thinking::budget;
  const bool old = version.starts_with("1.") || version.starts_with("2.") ||
                   version.starts_with("pro") || version.starts_with("exp");
  return old ? Thinking::none : Thinking::level;
}

std::int64_t budget_of(std::string_view effort) {
  if (effort == "none") return 0;
  if (effort == "minimal" || effort == "low") return 1'024;
  return effort == "medium" ? 8'192 : 24'576;
}

std::string_view level_of(std::string_view effort) {
  if (effort == "none" || effort == "minimal") return "MINIMAL";
  if (effort == "low") return "LOW";
  return effort == "medium" ? "MEDIUM" : "HIGH";
}

bool is_system(const PromptMessage& message) {
  return message.role == PromptRole::system;
}

bool is_user_side(const PromptMessage& message) {
  return message.role == PromptRole::user || message.role == PromptRole::tool;
}

bool is_empty(const PromptMessage& message) {
  return message.text.empty() && message.media.empty() && message.tool_calls.empty() &&
         message.role != PromptRole::tool;
}

void write_text_part(JsonWriter& json, std::string_view text) {
  json.begin_object().member("text", text).end_object();
}

void write_media(JsonWriter& json, const MediaPart& part) {
  json.begin_object();
  if (!part.bytes.empty()) {
    json.key("inlineData").begin_object().member("mimeType", part.media_type);
    json.member("data", base64_encode(part.bytes)).end_object();
  } else {
    json.key("fileData").begin_object();
    if (!part.media_type.empty()) json.member("mimeType", part.media_type);
    json.member("fileUri", part.url).end_object();
  }
  json.end_object();
}

// A result has the id that its call is written with.
std::string result_id(const ReplyRequest& request, const PromptMessage& result) {
  for (auto message = request.messages.rbegin(); message != request.messages.rend(); ++message) {
    if (&*message >= &result) continue;
    for (std::size_t i = 0; i < message->tool_calls.size(); ++i) {
      if (message->tool_calls[i].id == result.tool_call_id) return written_id(*message, i);
    }
  }
  return {};
}

// The service wants an object; a text that is none becomes the value of one.
void write_result(JsonWriter& json, const ReplyRequest& request, const PromptMessage& message) {
  json.begin_object().key("functionResponse").begin_object();
  if (const std::string id = result_id(request, message); !id.empty()) json.member("id", id);
  json.member("name", tool_name_of(request, message)).key("response");
  const auto parsed = parse_json(message.text);
  if (parsed && parsed->is_object() && !message.tool_failed) {
    json.raw(dump_json(*parsed));
  } else {
    json.begin_object().member(message.tool_failed ? "error" : "result", message.text).end_object();
  }
  json.end_object().end_object();
}

void write_user_parts(JsonWriter& json, const ReplyRequest& request, const PromptMessage& message) {
  if (message.role == PromptRole::tool) return write_result(json, request, message);
  if (!message.text.empty()) write_text_part(json, message.text);
  for (const auto& part : message.media) write_media(json, part);
}

// Neighbours of one side share a content: the service wants the sides to alternate, the user first.
void write_contents(JsonWriter& json, const ReplyRequest& request) {
  json.key("contents").begin_array();
  std::string_view side;
  const auto turn_to = [&](std::string_view role) {
    if (side == role) return;
    if (!side.empty()) json.end_array().end_object();
    side = role;
    json.begin_object().member("role", role).key("parts").begin_array();
  };
  for (const auto& message : request.messages) {
    if (is_system(message) || is_empty(message)) continue;
    if (is_user_side(message)) {
      turn_to("user");
      write_user_parts(json, request, message);
      continue;
    }
    if (side.empty()) {
      turn_to("user");
      write_text_part(json, kFirstMessage);
    }
    turn_to("model");
    write_model_parts(json, message);
  }
  if (side.empty()) {
    turn_to("user");
    write_text_part(json, kFirstMessage);
  }
  json.end_array().end_object().end_array();
}

void write_system(JsonWriter& json, const ReplyRequest& request) {
  bool any = !request.system.empty();
  for (const auto& message : request.messages) any |= is_system(message) && !message.text.empty();
  if (!any) return;
  json.key("systemInstruction").begin_object().key("parts").begin_array();
  if (!request.system.empty()) write_text_part(json, request.system);
  for (const auto& message : request.messages) {
    if (is_system(message) && !message.text.empty()) write_text_part(json, message.text);
  }
  json.end_array().end_object();
}

void write_tools(JsonWriter& json, const ReplyRequest& request) {
  if (request.tools.empty()) return;
  json.key("tools").begin_array().begin_object().key("functionDeclarations").begin_array();
  for (const auto& tool : request.tools) {
    json.begin_object().member("name", tool.name);
    if (!tool.description.empty()) json.member("description", tool.description);
    if (!tool.parameters.empty()) json.key("parametersJsonSchema").raw(tool_parameters(tool));
    json.end_object();
  }
  json.end_array().end_object().end_array();
  const ToolChoice& choice = request.tool_choice;
  if (choice.kind == ToolChoice::Kind::automatic) return;
  json.key("toolConfig").begin_object().key("functionCallingConfig").begin_object();
  json.member("mode", choice.kind == ToolChoice::Kind::none ? "NONE" : "ANY");
  if (choice.kind == ToolChoice::Kind::named)
    json.key("allowedFunctionNames").begin_array().value(choice.name).end_array();
  json.end_object().end_object();
}

void write_thinking(JsonWriter& json, const std::string& effort, Thinking thinking) {
  if (effort.empty() || thinking == Thinking::none) return;
  json.key("thinkingConfig").begin_object().member("includeThoughts", effort != "none");
  if (thinking == Thinking::budget) {
    json.member("thinkingBudget", budget_of(effort));
  } else {
    json.member("thinkingLevel", level_of(effort));
  }
  json.end_object();
}

void write_generation(JsonWriter& json, const ReplyRequest& request, std::string_view model) {
  std::string text;
  JsonWriter config(text);
  config.begin_object();
  if (request.temperature) config.key("temperature").score(*request.temperature);
  if (request.top_p) config.key("topP").score(*request.top_p);
  if (request.max_tokens) config.member("maxOutputTokens", *request.max_tokens);
  if (!request.stop.empty()) {
    config.key("stopSequences").begin_array();
    for (const auto& stop : request.stop) config.value(stop);
    config.end_array();
  }
  if (request.seed) config.member("seed", *request.seed);
  if (!request.json_schema.empty()) {
    config.member("responseMimeType", "application/json");
    config.key("responseJsonSchema").raw(request.json_schema);
  }
  write_thinking(config, request.reasoning_effort, thinking_of(model));
  config.end_object();
  if (text != "{}") json.key("generationConfig").raw(text);
}

Error bad_gemini(const char* pointer, std::string text) {
  return Error(ErrorCode::invalid_argument, std::move(text)).with_pointer(pointer);
}

Result<void> check(const ReplyRequest& request) {
  for (const auto& tool : request.tools) {
    const char first = tool.name.front();
    if ((first >= '0' && first <= '9') || first == '-')
      return bad_gemini("/tools",
                        fmt::format("tools: gemini refuses the name \"{}\"; begin it with a "
                                    "letter or \"_\"",
                                    tool.name));
  }
  if (request.stop.size() > kMaxStops)
    return bad_gemini("/stop", fmt::format("stop: gemini takes at most {} texts", kMaxStops));
  for (const auto& message : request.messages) {
    if (message.role == PromptRole::tool && tool_name_of(request, message).empty())
      return bad_gemini("/messages",
                        "messages: a tool's result needs \"name\", or the call that it "
                        "answers in the messages before");
  }
  return {};
}

}  // namespace

void add_unsupported(const ReplyRequest& request, std::string_view model,
                     Unsupported& unsupported) {
  if (request.parallel_tools == false) unsupported.add("parallel_tools");
  if (thinking_of(model) == Thinking::none) unsupported.add("reasoning_effort");
}

Result<std::string> write_request(const ReplyRequest& request, std::string_view model) {
  if (auto fine = check(request); !fine) return fine.error();
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  write_system(json, request);
  write_contents(json, request);
  write_tools(json, request);
  write_generation(json, request, model);
  json.end_object();
  return body;
}

}  // namespace scena::llm::gemini

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "llm/backends/anthropic/wire.hpp"

namespace scena::llm::anthropic {
namespace {

constexpr std::string_view kFirstMessage = "(The conversation begins.)";

void append_paragraph(std::string& text, std::string_view more) {
  if (more.empty()) return;
  if (!text.empty()) text += "\n\n";
  text += more;
}

struct Prompt {
  std::string system;
  std::vector<PromptMessage> messages;
};

// System entries join the system prompt; roles then alternate and the user comes first.
Prompt arrange(const ReplyRequest& request) {
  Prompt prompt{request.system, {}};
  for (const auto& message : request.messages) {
    if (message.role == PromptRole::system) {
      append_paragraph(prompt.system, message.text);
    } else if (!prompt.messages.empty() && prompt.messages.back().role == message.role) {
      append_paragraph(prompt.messages.back().text, message.text);
    } else {
      if (prompt.messages.empty() && message.role == PromptRole::assistant) {
        prompt.messages.push_back({PromptRole::user, std::string(kFirstMessage), {}});
      }
      prompt.messages.push_back(message);
    }
  }
  if (prompt.messages.empty())
    prompt.messages.push_back({PromptRole::user, std::string(kFirstMessage), {}});
  return prompt;
}

}  // namespace

Result<std::string> write_request(const ReplyRequest& request, std::string_view default_model) {
  const std::string_view model =
      request.model.empty() ? default_model : std::string_view(request.model);
  if (model.empty()) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "no model is named; set \"model\" or use \"anthropic:MODEL\"");
  }
  if (!request.json_schema.empty()) {
    if (const auto schema = parse_json(request.json_schema); !schema) {
      return Error(ErrorCode::invalid_argument,
                   fmt::format("json_schema: {}", schema.error().what()));
    }
  }
  const Prompt prompt = arrange(request);
  std::string body;
  JsonWriter json(body);
  json.begin_object()
      .member("model", model)
      .member("max_tokens", request.max_tokens.value_or(kDefaultMaxTokens));
  if (!prompt.system.empty()) json.member("system", prompt.system);
  json.key("messages").begin_array();
  for (const auto& message : prompt.messages) {
    json.begin_object()
        .member("role", to_string(message.role))
        .member("content", message.text)
        .end_object();
  }
  json.end_array().member("stream", request.stream);
  if (request.temperature) json.key("temperature").score(*request.temperature);
  if (!request.stop.empty()) {
    json.key("stop_sequences").begin_array();
    for (const auto& stop : request.stop) json.value(stop);
    json.end_array();
  }
  if (!request.json_schema.empty()) {
    json.key("output_config")
        .begin_object()
        .key("format")
        .begin_object()
        .member("type", "json_schema");
    json.key("schema").raw(request.json_schema).end_object().end_object();
  }
  json.end_object();
  return body;
}

}  // namespace scena::llm::anthropic

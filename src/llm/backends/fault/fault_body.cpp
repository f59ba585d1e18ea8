#include "llm/backends/fault/fault_body.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "llm/backends/fault/fault_dialect.hpp"
#include "llm/backends/fault/fault_fields.hpp"

namespace scena::fault {
namespace {

using Refusal = std::optional<WireError>;
using Names = std::string_view;

constexpr std::array kChatMembers = std::to_array<Names>({
    "model",
    "messages",
    "stream",
    "stream_options",
    "temperature",
    "top_p",
    "max_completion_tokens",
    "max_tokens",
    "stop",
    "seed",
    "n",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "reasoning_effort",
    "verbosity",
    "service_tier",
    "store",
    "metadata",
    "user",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "prediction",
    "modalities",
});
constexpr std::array kMessageMembers = std::to_array<Names>({
    "model",
    "max_tokens",
    "messages",
    "system",
    "stream",
    "temperature",
    "top_p",
    "top_k",
    "stop_sequences",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "metadata",
    "service_tier",
    "cache_control",
});

bool is_call_id(const Json& block, const char* name) {
  const auto id = block.find(name);
  if (id == block.end() || !id->is_string() || id->get_ref<const std::string&>().empty())
    return false;
  const auto& text = id->get_ref<const std::string&>();
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; });
}

bool has_call(const PromptMessage& message, const std::string& id) {
  return std::any_of(message.tool_calls.begin(), message.tool_calls.end(),
                     [&id](const ToolCall& call) { return call.id == id; });
}

// Calls have an object for their input and an id of their own in the whole request; results name a
// call of the message before.
Refusal take_block(const Json& block, const std::string& at, const ReplyRequest& request,
                   PromptMessage& message) {
  if (!block.is_object()) return refuse(at, at + ": Input should be an object");
  const std::string type = block.value("type", Json()).is_string() ? block["type"] : "";
  if (type == "tool_use") {
    if (!is_call_id(block, "id"))
      return refuse(at, at + ".tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'");
    const auto input = block.find("input");
    if (input == block.end() || !input->is_object())
      return refuse(at, at + ".tool_use.input: Input should be a valid dictionary");
    std::string id = block["id"];
    const auto has_it = [&id](const PromptMessage& one) { return has_call(one, id); };
    if (has_it(message) || std::any_of(request.messages.begin(), request.messages.end(), has_it))
      return refuse(at, "messages: `tool_use` ids must be unique");
    message.tool_calls.push_back({.id = std::move(id)});
  }
  if (type == "tool_result") {
    if (!is_call_id(block, "tool_use_id"))
      return refuse(at, at + ".tool_result.tool_use_id: String should match pattern "
                             "'^[a-zA-Z0-9_-]+$'");
    if (request.messages.empty() || !has_call(request.messages.back(), block["tool_use_id"]))
      return refuse(at, at + ": unexpected `tool_use_id` found in `tool_result` blocks");
  }
  return std::nullopt;
}

Refusal take_blocks(const Json& content, const std::string& at, const ReplyRequest& request,
                    PromptMessage& message) {
  if (content.empty()) return refuse(at, at + ": all messages must have non-empty content");
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (auto refusal =
            take_block(content[i], at + ".content." + std::to_string(i), request, message))
      return refusal;
  }
  return std::nullopt;
}

Refusal take_message(const Json& message, const std::string& at, ReplyRequest& request) {
  if (!message.is_object() || !message.contains("role") || !message.contains("content")) {
    return refuse(at, at + ": role and content are required");
  }
  const bool user = message["role"] == "user";
  if (!user && message["role"] != "assistant") {
    return refuse(at, at + ".role: Input should be 'user' or 'assistant'");
  }
  if (request.messages.empty() && !user)
    return refuse(at, at + ": first message must use the user role");
  const auto text = text_of(message["content"]);
  if (!text) return refuse(at, at + ".content: Input should be a valid string or list");
  if (trim(*text).empty() && message["content"].is_string()) {
    return refuse(at, at + ": text content blocks must be non-empty");
  }
  PromptMessage taken{.role = user ? PromptRole::user : PromptRole::assistant, .text = *text};
  if (message["content"].is_array()) {
    if (auto refusal = take_blocks(message["content"], at, request, taken)) return refusal;
  }
  request.messages.push_back(std::move(taken));
  return std::nullopt;
}

Refusal take_stream_options(const Json& body, FaultCall& call) {
  const auto options = body.find("stream_options");
  if (options == body.end() || options->is_null()) return std::nullopt;
  if (!call.request.stream || !options->is_object()) {
    return refuse("stream_options", "stream_options is only allowed when stream is enabled.");
  }
  return take_bool(*options, "include_usage", call.include_usage);
}

}  // namespace

Refusal read_chat(const Json& body, FaultCall& call) {
  ReplyRequest& request = call.request;
  std::optional<std::int64_t> old_count;
  if (auto refusal = check_members(body, kChatMembers)) return refusal;
  if (auto refusal = take_model(body, request)) return refusal;
  if (auto refusal = take_messages(body, take_chat_message, request)) return refusal;
  if (auto refusal = take_bool(body, "stream", request.stream)) return refusal;
  if (auto refusal = take_stream_options(body, call)) return refusal;
  if (auto refusal = take_number(body, "temperature", 0, 2)) return refusal;
  if (auto refusal = take_number(body, "top_p", 0, 1)) return refusal;
  if (auto refusal = take_count(body, "max_completion_tokens", request.max_tokens)) return refusal;
  if (auto refusal = take_count(body, "max_tokens", old_count)) return refusal;
  if (old_count && request.max_tokens) {
    return refuse("max_tokens", "Set max_tokens or max_completion_tokens, not both.");
  }
  if (old_count) request.max_tokens = old_count;
  return take_stop(body, "stop", 4, request.stop);
}

Refusal read_messages(const Json& body, FaultCall& call) {
  ReplyRequest& request = call.request;
  if (auto refusal = check_members(body, kMessageMembers)) return refusal;
  if (auto refusal = take_model(body, request)) return refusal;
  if (auto refusal = take_count(body, "max_tokens", request.max_tokens)) return refusal;
  if (!request.max_tokens) return refuse("max_tokens", "max_tokens: Field required");
  if (auto refusal = take_messages(body, take_message, request, true)) return refusal;
  if (auto refusal = take_bool(body, "stream", request.stream)) return refusal;
  if (auto refusal = take_number(body, "temperature", 0, 1)) return refusal;
  if (const auto system = body.find("system"); system != body.end()) {
    const auto text = text_of(*system);
    if (!text) return refuse("system", "system: Input should be a valid string or list");
    request.system = *text;
  }
  return take_stop(body, "stop_sequences", 8'192, request.stop);
}

std::optional<WireError> read_body(std::string_view text, FaultCall& call) {
  const auto body = parse_json(text);
  if (!body || !body->is_object())
    return refuse({}, "We could not parse the JSON body of your request.");
  const WireDialect& row = dialect_row(call.dialect);
  // Gemini's streaming stands in the path.
  if (row.dialect != Dialect::gemini) call.request.stream = row.streams_unasked;
  return row.read(*body, call);
}

}  // namespace scena::fault

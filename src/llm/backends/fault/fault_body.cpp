#include "llm/backends/fault/fault_body.hpp"

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "base/text.hpp"

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

Refusal refuse(std::string param, std::string message) {
  return WireError{.param = std::move(param), .message = std::move(message)};
}

template <std::size_t N>
Refusal check_members(const Json& body, const std::array<Names, N>& known) {
  for (const auto& [name, value] : body.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return refuse(name, "Unrecognized request argument: " + name);
    }
  }
  return std::nullopt;
}

// Text of a string or of an array of text parts; nothing when it is neither.
std::optional<std::string> text_of(const Json& content) {
  if (content.is_string()) return content.get<std::string>();
  if (!content.is_array()) return std::nullopt;
  std::string text;
  for (const Json& part : content) {
    if (!part.is_object() || !part.contains("type") || !part["type"].is_string())
      return std::nullopt;
    if (part["type"] != "text") continue;
    if (!part.contains("text") || !part["text"].is_string()) return std::nullopt;
    text += part["text"].get_ref<const std::string&>();
  }
  return text;
}

Refusal take_number(const Json& body, const char* name, double least, double most) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return std::nullopt;
  if (!found->is_number()) return refuse(name, std::string(name) + " must be a number.");
  const double value = found->get<double>();
  if (value < least || value > most)
    return refuse(name, std::string(name) + " is out of its range.");
  return std::nullopt;
}

Refusal take_count(const Json& body, const char* name, std::optional<std::int64_t>& count) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return std::nullopt;
  if (!found->is_number_integer() || *found < 1 || *found > 10'000'000) {
    return refuse(name, std::string(name) + " must be an integer of at least 1.");
  }
  count = found->get<std::int64_t>();
  return std::nullopt;
}

Refusal take_bool(const Json& body, const char* name, bool& flag) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return std::nullopt;
  if (!found->is_boolean()) return refuse(name, std::string(name) + " must be true or false.");
  flag = found->get<bool>();
  return std::nullopt;
}

Refusal take_stop(const Json& body, const char* name, std::size_t most,
                  std::vector<std::string>& stop) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return std::nullopt;
  const Json list = found->is_string() ? Json::array({*found}) : *found;
  if (!list.is_array() || list.size() > most) {
    return refuse(name, std::string(name) + " must be a short array of texts.");
  }
  for (const Json& mark : list) {
    if (!mark.is_string() || mark.get_ref<const std::string&>().empty()) {
      return refuse(name, std::string(name) + " must hold texts that are not empty.");
    }
    stop.push_back(mark.get<std::string>());
  }
  return std::nullopt;
}

Refusal take_model(const Json& body, ReplyRequest& request) {
  const auto model = body.find("model");
  if (model == body.end() || !model->is_string() || model->get_ref<const std::string&>().empty()) {
    return refuse("model", "You must provide a model parameter.");
  }
  request.model = model->get<std::string>();
  return std::nullopt;
}

Refusal take_chat_message(const Json& message, const std::string& at, ReplyRequest& request) {
  if (!message.is_object() || !message.contains("role") || !message["role"].is_string()) {
    return refuse(at, at + " must be an object with a role.");
  }
  const auto& role = message["role"].get_ref<const std::string&>();
  const bool known = role == "developer" || role == "system" || role == "user" ||
                     role == "assistant" || role == "tool" || role == "function";
  if (!known)
    return refuse(at + ".role", "'" + utf8_repair(utf8_truncate(role, 32)) + "' is no role.");
  const auto content = message.find("content");
  const bool none = content == message.end() || content->is_null();
  if (none && role == "assistant" && message.contains("tool_calls")) return std::nullopt;
  const auto text = none ? std::nullopt : text_of(*content);
  if (!text) return refuse(at + ".content", at + ".content must be a text or an array of parts.");
  if (role == "tool" && !message.contains("tool_call_id")) {
    return refuse(at + ".tool_call_id", "Missing parameter 'tool_call_id'.");
  }
  if (role == "system" || role == "developer") {
    request.system += *text;
  } else {
    const PromptRole as = role == "assistant" ? PromptRole::assistant : PromptRole::user;
    request.messages.push_back({.role = as, .text = *text});
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
  request.messages.push_back(
      {.role = user ? PromptRole::user : PromptRole::assistant, .text = *text});
  return std::nullopt;
}

Refusal take_messages(const Json& body, bool chat, ReplyRequest& request) {
  const auto messages = body.find("messages");
  if (messages == body.end() || !messages->is_array() || messages->empty()) {
    return refuse("messages", "messages must be an array with at least one message.");
  }
  for (std::size_t i = 0; i < messages->size(); ++i) {
    const std::string at =
        chat ? "messages[" + std::to_string(i) + "]" : "messages." + std::to_string(i);
    const Json& message = (*messages)[i];
    if (auto refusal =
            chat ? take_chat_message(message, at, request) : take_message(message, at, request)) {
      return refusal;
    }
  }
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

Refusal read_chat(const Json& body, FaultCall& call) {
  ReplyRequest& request = call.request;
  std::optional<std::int64_t> old_count;
  if (auto refusal = check_members(body, kChatMembers)) return refusal;
  if (auto refusal = take_model(body, request)) return refusal;
  if (auto refusal = take_messages(body, true, request)) return refusal;
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
  if (auto refusal = take_messages(body, false, request)) return refusal;
  if (auto refusal = take_bool(body, "stream", request.stream)) return refusal;
  if (auto refusal = take_number(body, "temperature", 0, 1)) return refusal;
  if (const auto system = body.find("system"); system != body.end()) {
    const auto text = text_of(*system);
    if (!text) return refuse("system", "system: Input should be a valid string or list");
    request.system = *text;
  }
  return take_stop(body, "stop_sequences", 8'192, request.stop);
}

}  // namespace

std::optional<WireError> read_body(std::string_view text, FaultCall& call) {
  const auto body = parse_json(text);
  if (!body || !body->is_object())
    return refuse({}, "We could not parse the JSON body of your request.");
  call.request.stream = false;  // both services stream only when asked to
  return call.dialect == Dialect::messages ? read_messages(*body, call) : read_chat(*body, call);
}

}  // namespace scena::fault

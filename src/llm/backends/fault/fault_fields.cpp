#include "llm/backends/fault/fault_fields.hpp"

#include "base/text.hpp"

namespace scena::fault {

std::optional<WireError> refuse(std::string param, std::string message) {
  return WireError{.param = std::move(param), .message = std::move(message)};
}

// Text of a string or of an array of text parts; nothing when it is neither.
std::optional<std::string> text_of(const Json& content) {
  if (content.is_string()) return content.get<std::string>();
  if (!content.is_array()) return std::nullopt;
  std::string text;
  for (const Json& part : content) {
    if (!part.is_object() || !part.contains("type") || !part["type"].is_string())
      return std::nullopt;
    if (part["type"] != "text" && part["type"] != "input_text" && part["type"] != "output_text")
      continue;
    if (!part.contains("text") || !part["text"].is_string()) return std::nullopt;
    text += part["text"].get_ref<const std::string&>();
  }
  return text;
}

std::optional<WireError> take_number(const Json& body, const char* name, double least,
                                     double most) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return std::nullopt;
  if (!found->is_number()) return refuse(name, std::string(name) + " must be a number.");
  const double value = found->get<double>();
  if (value < least || value > most)
    return refuse(name, std::string(name) + " is out of its range.");
  return std::nullopt;
}

std::optional<WireError> take_count(const Json& body, const char* name,
                                    std::optional<std::int64_t>& count) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return std::nullopt;
  if (!found->is_number_integer() || *found < 1 || *found > 10'000'000) {
    return refuse(name, std::string(name) + " must be an integer of at least 1.");
  }
  count = found->get<std::int64_t>();
  return std::nullopt;
}

std::optional<WireError> take_bool(const Json& body, const char* name, bool& flag) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return std::nullopt;
  if (!found->is_boolean()) return refuse(name, std::string(name) + " must be true or false.");
  flag = found->get<bool>();
  return std::nullopt;
}

std::optional<WireError> take_stop(const Json& body, const char* name, std::size_t most,
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

std::optional<WireError> take_model(const Json& body, ReplyRequest& request) {
  const auto model = body.find("model");
  if (model == body.end() || !model->is_string() || model->get_ref<const std::string&>().empty()) {
    return refuse("model", "You must provide a model parameter.");
  }
  request.model = model->get<std::string>();
  return std::nullopt;
}

std::optional<WireError> take_chat_message(const Json& message, const std::string& at,
                                           ReplyRequest& request) {
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

std::optional<WireError> take_plain_message(const Json& message, const std::string& at,
                                            ReplyRequest& request) {
  if (!message.is_object() || !message.contains("role") || !message["role"].is_string())
    return refuse(at, at + " must be an object with a role");
  const auto& role = message["role"].get_ref<const std::string&>();
  const auto content = message.find("content");
  if (content != message.end() && !content->is_string() && !content->is_null())
    return refuse(at + ".content", at + ".content must be a string");
  std::string said;
  if (content != message.end() && content->is_string()) said = content->get<std::string>();
  if (role == "system") {
    request.system += said;
  } else {
    request.messages.push_back(
        {.role = role == "assistant" ? PromptRole::assistant : PromptRole::user,
         .text = std::move(said)});
  }
  return std::nullopt;
}

std::optional<WireError> take_messages(const Json& body, TakeMessage take, ReplyRequest& request,
                                       bool dotted) {
  const auto messages = body.find("messages");
  if (messages == body.end() || !messages->is_array() || messages->empty()) {
    return refuse("messages", "messages must be an array with at least one message.");
  }
  for (std::size_t i = 0; i < messages->size(); ++i) {
    const std::string at =
        dotted ? "messages." + std::to_string(i) : "messages[" + std::to_string(i) + "]";
    if (auto refusal = take((*messages)[i], at, request)) return refusal;
  }
  return std::nullopt;
}

}  // namespace scena::fault

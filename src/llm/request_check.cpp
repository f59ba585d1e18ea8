#include "llm/request_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/json.hpp"

namespace scena::llm {
namespace {

constexpr std::size_t kMaxToolName = 64;

Error bad(std::string pointer, std::string_view what) {
  std::string field = pointer.substr(1);
  std::replace(field.begin(), field.end(), '/', '.');
  return Error(ErrorCode::invalid_argument, fmt::format("{}: {}", field, what))
      .with_pointer(std::move(pointer));
}

bool is_tool_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxToolName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-';
         });
}

// Enough to tell a schema from something else; the service judges the rest.
Result<void> check_schema(const std::string& pointer, std::string_view text) {
  const auto schema = parse_json(text);
  if (!schema) return bad(pointer, fmt::format("is not JSON: {}", schema.error().what()));
  if (!schema->is_object()) return bad(pointer, "must be a JSON schema, which is an object");
  const auto type = schema->find("type");
  if (type != schema->end() && !type->is_string() && !type->is_array())
    return bad(pointer, "is no JSON schema: \"type\" must be a name or a list of names");
  const auto members = schema->find("properties");
  if (members != schema->end() && !members->is_object())
    return bad(pointer, "is no JSON schema: \"properties\" must be an object");
  return {};
}

Result<void> check_tools(const ReplyRequest& request) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < request.tools.size(); ++i) {
    const ToolSpec& tool = request.tools[i];
    const std::string at = fmt::format("/tools/{}", i);
    if (!is_tool_name(tool.name))
      return bad(at + "/name", "must be 1 to 64 characters of A-Z a-z 0-9 _ -");
    if (!names.insert(tool.name).second)
      return bad(at + "/name", fmt::format("there are two tools \"{}\"; rename one", tool.name));
    if (tool.parameters.empty()) continue;
    if (auto fine = check_schema(at + "/parameters", tool.parameters); !fine) return fine;
  }
  const ToolChoice& choice = request.tool_choice;
  if (choice.kind == ToolChoice::Kind::named && !names.contains(choice.name))
    return bad("/tool_choice/name", fmt::format("there is no tool \"{}\"", choice.name));
  if (choice.kind == ToolChoice::Kind::required && names.empty())
    return bad("/tool_choice", "asks for a tool, but there are none in \"tools\"");
  return {};
}

Result<void> check_media(const std::string& at, const PromptMessage& message) {
  if (!message.media.empty() && message.role != PromptRole::user)
    return bad(at + "/media", "only messages of the user hold media");
  for (std::size_t i = 0; i < message.media.size(); ++i) {
    const MediaPart& part = message.media[i];
    const std::string here = fmt::format("{}/media/{}", at, i);
    if (part.bytes.empty() == part.url.empty())
      return bad(here, "needs either \"bytes\" or \"url\"");
    if (!part.bytes.empty() && part.media_type.empty())
      return bad(here + "/media_type", "must name the content's type, for example \"image/png\"");
    if (!part.url.empty() && !part.url.starts_with("https://"))
      return bad(here + "/url", "must begin with https://");
  }
  return {};
}

Result<void> check_messages(const ReplyRequest& request) {
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    const PromptMessage& message = request.messages[i];
    const std::string at = fmt::format("/messages/{}", i);
    if (auto fine = check_media(at, message); !fine) return fine;
    if (message.role == PromptRole::tool && message.tool_call_id.empty())
      return bad(at + "/tool_call_id", "a tool's result must name the call that it answers");
    if (message.role != PromptRole::assistant && !message.tool_calls.empty())
      return bad(at + "/tool_calls", "only messages of the assistant hold calls");
  }
  return {};
}

Result<void> check_numbers(const ReplyRequest& request) {
  if (request.temperature && !(std::isfinite(*request.temperature) && *request.temperature >= 0))
    return bad("/temperature", "must be a number that is not negative");
  if (request.top_p && !(*request.top_p > 0 && *request.top_p <= 1))
    return bad("/top_p", "must be over 0 and at most 1");
  if (request.max_tokens && *request.max_tokens < 1) return bad("/max_tokens", "must be at least 1");
  for (const auto& stop : request.stop) {
    if (stop.empty()) return bad("/stop", "must not hold an empty text");
  }
  const auto& effort = request.reasoning_effort;
  if (!effort.empty() && effort != "minimal" && effort != "low" && effort != "medium" &&
      effort != "high") {
    return bad("/reasoning_effort", "must be \"minimal\", \"low\", \"medium\" or \"high\"");
  }
  return {};
}

}  // namespace

Result<void> check_request(const ReplyRequest& request) {
  if (auto fine = check_tools(request); !fine) return fine;
  if (auto fine = check_messages(request); !fine) return fine;
  if (auto fine = check_numbers(request); !fine) return fine;
  if (!request.json_schema.empty()) return check_schema("/json_schema", request.json_schema);
  return {};
}

Result<std::string_view> model_of(const ReplyRequest& request, std::string_view default_model,
                                  std::string_view kind) {
  const std::string_view model =
      request.model.empty() ? default_model : std::string_view(request.model);
  if (!model.empty()) return model;
  return Error(ErrorCode::invalid_argument,
               fmt::format("no model is named; set \"model\" or use \"{}:MODEL\"", kind))
      .with_pointer("/model");
}

std::string_view tool_name_of(const ReplyRequest& request, const PromptMessage& result) {
  if (!result.name.empty()) return result.name;
  std::string_view name;
  for (const auto& message : request.messages) {
    if (&message == &result) break;
    for (const auto& call : message.tool_calls) {
      if (call.id == result.tool_call_id) name = call.name;
    }
  }
  return name;
}

}  // namespace scena::llm

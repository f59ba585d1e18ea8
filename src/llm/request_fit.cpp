#include "llm/request_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/json.hpp"
#include "base/text.hpp"

namespace scena::llm {
namespace {

constexpr std::size_t kMaxToolName = 64;
constexpr std::array<std::string_view, 7> kEfforts = {"none", "minimal", "low", "medium",
                                                      "high", "xhigh",   "max"};

Error bad_member(std::string pointer, std::string_view what) {
  std::string field = pointer.substr(1);
  std::replace(field.begin(), field.end(), '/', '.');
  return Error(ErrorCode::invalid_argument, fmt::format("{}: {}", field, what))
      .with_pointer(std::move(pointer));
}

bool is_tool_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  return !name.empty() && name.size() <= kMaxToolName &&
         std::all_of(name.begin(), name.end(), plain);
}

Result<void> check_schema(const std::string& pointer, const std::string& text, bool of_object) {
  const auto schema = parse_json(text);
  if (!schema || !schema->is_object())
    return bad_member(pointer, "must be a JSON schema, which is a JSON object");
  const auto type = schema->find("type");
  if (of_object && type != schema->end() && *type != "object")
    return bad_member(pointer, "must be the schema of an object: \"type\" must be \"object\"");
  return {};
}

Result<void> check_tools(const ReplyRequest& request) {
  for (std::size_t i = 0; i < request.tools.size(); ++i) {
    const ToolSpec& tool = request.tools[i];
    const std::string pointer = fmt::format("/tools/{}", i);
    if (!is_tool_name(tool.name))
      return bad_member(pointer + "/name", "must be 1 to 64 characters of A-Z a-z 0-9 _ -");
    const auto same = [&](const ToolSpec& other) { return other.name == tool.name; };
    if (std::find_if(request.tools.begin(), request.tools.end(), same) !=
        request.tools.begin() + static_cast<std::ptrdiff_t>(i))
      return bad_member(pointer + "/name", "is the name of another tool as well");
    if (tool.parameters.empty()) continue;
    if (auto fine = check_schema(pointer + "/parameters", tool.parameters, true); !fine)
      return fine;
  }
  const ToolChoice& choice = request.tool_choice;
  if (choice.kind == ToolChoice::Kind::required && request.tools.empty())
    return bad_member("/tool_choice", "requires a tool, but there is none; set \"tools\"");
  const auto named = [&](const ToolSpec& tool) { return tool.name == choice.name; };
  if (choice.kind == ToolChoice::Kind::named &&
      std::none_of(request.tools.begin(), request.tools.end(), named))
    return bad_member("/tool_choice/name", "names a tool that is not among \"tools\"");
  return {};
}

Result<void> check_media(const std::string& pointer, const MediaPart& part) {
  if (part.bytes.empty() == part.url.empty())
    return bad_member(pointer, "must have either \"bytes\" or \"url\"");
  if (!part.url.empty() && !part.url.starts_with("https://"))
    return bad_member(pointer + "/url", "must begin with https://");
  const auto printable = [](char c) { return c > 0x20 && c < 0x7F; };
  const std::string& type = part.media_type;
  if (!part.bytes.empty() &&
      (type.find('/') == std::string::npos || !std::all_of(type.begin(), type.end(), printable)))
    return bad_member(pointer + "/media_type",
                      "must name the kind of the bytes, e.g. \"image/png\"");
  return {};
}

Result<void> check_message(const std::string& pointer, const PromptMessage& message) {
  if (!message.media.empty() && message.role != PromptRole::user)
    return bad_member(pointer + "/media", "may stand in user messages only");
  for (std::size_t i = 0; i < message.media.size(); ++i) {
    if (auto fine = check_media(fmt::format("{}/media/{}", pointer, i), message.media[i]); !fine)
      return fine;
  }
  if (!message.tool_calls.empty() && message.role != PromptRole::assistant)
    return bad_member(pointer + "/tool_calls", "may stand in assistant messages only");
  for (std::size_t i = 0; i < message.tool_calls.size(); ++i) {
    if (message.tool_calls[i].id.empty())
      return bad_member(fmt::format("{}/tool_calls/{}/id", pointer, i), "must not be empty");
  }
  if (message.role == PromptRole::tool && message.tool_call_id.empty())
    return bad_member(pointer + "/tool_call_id", "must name the call that this answers");
  return {};
}

Result<void> check_settings(const ReplyRequest& request) {
  const auto outside = [](const std::optional<double>& value, double most) {
    return value && !(*value >= 0 && *value <= most);
  };
  if (outside(request.temperature, 2)) return bad_member("/temperature", "must be from 0 to 2");
  if (outside(request.top_p, 1)) return bad_member("/top_p", "must be from 0 to 1");
  if (request.max_tokens && *request.max_tokens < 1)
    return bad_member("/max_tokens", "must be at least 1");
  const std::string& effort = request.reasoning_effort;
  if (!effort.empty() && std::find(kEfforts.begin(), kEfforts.end(), effort) == kEfforts.end())
    return bad_member("/reasoning_effort",
                      "must be none, minimal, low, medium, high, xhigh or max, or left out");
  if (!request.json_schema.empty()) return check_schema("/json_schema", request.json_schema, false);
  return {};
}

Result<void> check(const ReplyRequest& request) {
  if (auto fine = check_settings(request); !fine) return fine;
  if (auto fine = check_tools(request); !fine) return fine;
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    if (auto fine = check_message(fmt::format("/messages/{}", i), request.messages[i]); !fine)
      return fine;
  }
  return {};
}

template <class Value>
bool reset(std::optional<Value>& value) {
  const bool set = value.has_value();
  value.reset();
  return set;
}

template <class Container>
bool empty_out(Container& content) {
  const bool set = !content.empty();
  content.clear();
  return set;
}

bool take_out_media(ReplyRequest& request, MediaPart::Kind kind) {
  bool set = false;
  for (auto& message : request.messages)
    set |= std::erase_if(message.media, [&](const auto& part) { return part.kind == kind; }) > 0;
  return set;
}

bool take_out_choice(ReplyRequest& request) {
  const bool set = request.tool_choice.kind != ToolChoice::Kind::automatic;
  request.tool_choice = {};
  return set;
}

// True when the setting was set.
bool take_out(ReplyRequest& request, std::string_view name) {
  if (name == "temperature") return reset(request.temperature);
  if (name == "top_p") return reset(request.top_p);
  if (name == "stop") return empty_out(request.stop);
  if (name == "seed") return reset(request.seed);
  if (name == "max_tokens") return reset(request.max_tokens);
  if (name == "reasoning_effort") return empty_out(request.reasoning_effort);
  if (name == "json_schema") return empty_out(request.json_schema);
  if (name == "tool_choice") return take_out_choice(request);
  if (name == "parallel_tools") return reset(request.parallel_tools);
  if (name == "images") return take_out_media(request, MediaPart::Kind::image);
  if (name == "audio") return take_out_media(request, MediaPart::Kind::audio);
  if (name == "files") return take_out_media(request, MediaPart::Kind::file);
  if (name != "tools" || request.tools.empty()) return false;
  request.tools.clear();
  request.tool_choice = {};
  request.parallel_tools.reset();
  return true;
}

}  // namespace

void add_unsupported(const ModelRecord& record, Unsupported& names) {
  if (!record.images) names.push_back("images");
  if (!record.tools) names.push_back("tools");
  if (!record.schema) names.push_back("json_schema");
  names.insert(names.end(), record.refuses.begin(), record.refuses.end());
}

Result<FittedRequest> fit_request(ReplyRequest request, const Unsupported& unsupported) {
  if (auto fine = check(request); !fine) return fine.error();
  FittedRequest fitted{std::move(request), {}};
  for (const auto& name : unsupported) {
    if (!take_out(fitted.request, name)) continue;
    if (fitted.request.refuse_unsupported) {
      return Error(ErrorCode::unsupported,
                   fmt::format("{}: the model or service does not take it; leave it out or let "
                               "refuse_unsupported be false",
                               name))
          .with_pointer("/" + name);
    }
    fitted.left_out.emplace_back(name);
  }
  return fitted;
}

}  // namespace scena::llm

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

Result<void> check_message(std::size_t index, const PromptMessage& message) {
  // Most messages have nothing that needs one.
  const auto pointer = [index](std::string_view member) {
    return fmt::format("/messages/{}/{}", index, member);
  };
  if (!message.media.empty() && message.role != PromptRole::user)
    return bad_member(pointer("media"), "may stand in user messages only");
  for (std::size_t i = 0; i < message.media.size(); ++i) {
    if (auto fine = check_media(pointer(fmt::format("media/{}", i)), message.media[i]); !fine)
      return fine;
  }
  if (!message.tool_calls.empty() && message.role != PromptRole::assistant)
    return bad_member(pointer("tool_calls"), "may stand in assistant messages only");
  for (std::size_t i = 0; i < message.tool_calls.size(); ++i) {
    if (message.tool_calls[i].id.empty())
      return bad_member(pointer(fmt::format("tool_calls/{}/id", i)), "must not be empty");
  }
  if (message.role == PromptRole::tool && message.tool_call_id.empty())
    return bad_member(pointer("tool_call_id"), "must name the call that this answers");
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
    if (auto fine = check_message(i, request.messages[i]); !fine) return fine;
  }
  return {};
}

// Whether a request sets what may have to go, and how it goes.
struct Setting {
  std::string_view name;
  bool (*is_set)(const ReplyRequest&);
  void (*take_out)(ReplyRequest&);
};

template <auto Member>
constexpr Setting optional_setting(std::string_view name) {
  return {name, [](const ReplyRequest& request) { return (request.*Member).has_value(); },
          [](ReplyRequest& request) { (request.*Member).reset(); }};
}

template <auto Member>
constexpr Setting list_setting(std::string_view name) {
  return {name, [](const ReplyRequest& request) { return !(request.*Member).empty(); },
          [](ReplyRequest& request) { (request.*Member).clear(); }};
}

template <MediaPart::Kind kKind>
bool is_of_kind(const MediaPart& part) {
  return part.kind == kKind;
}

template <MediaPart::Kind kKind>
constexpr Setting media_setting(std::string_view name) {
  return {name,
          [](const ReplyRequest& request) {
            return std::any_of(
                request.messages.begin(), request.messages.end(), [](const PromptMessage& message) {
                  return std::any_of(message.media.begin(), message.media.end(), is_of_kind<kKind>);
                });
          },
          [](ReplyRequest& request) {
            for (auto& message : request.messages) std::erase_if(message.media, is_of_kind<kKind>);
          }};
}

constexpr std::array kSettings = {
    optional_setting<&ReplyRequest::temperature>("temperature"),
    optional_setting<&ReplyRequest::top_p>("top_p"),
    list_setting<&ReplyRequest::stop>("stop"),
    optional_setting<&ReplyRequest::seed>("seed"),
    optional_setting<&ReplyRequest::max_tokens>("max_tokens"),
    list_setting<&ReplyRequest::reasoning_effort>("reasoning_effort"),
    list_setting<&ReplyRequest::json_schema>("json_schema"),
    optional_setting<&ReplyRequest::parallel_tools>("parallel_tools"),
    media_setting<MediaPart::Kind::image>("images"),
    media_setting<MediaPart::Kind::audio>("audio"),
    media_setting<MediaPart::Kind::file>("files"),
    Setting{"tool_choice",
            [](const ReplyRequest& request) {
              return request.tool_choice.kind != ToolChoice::Kind::automatic;
            },
            [](ReplyRequest& request) { request.tool_choice = {}; }},
    Setting{"tools", [](const ReplyRequest& request) { return !request.tools.empty(); },
            [](ReplyRequest& request) {
              request.tools.clear();
              request.tool_choice = {};
              request.parallel_tools.reset();
            }},
};

const Setting* find_setting(std::string_view name) {
  const auto found = std::find_if(kSettings.begin(), kSettings.end(),
                                  [name](const Setting& setting) { return setting.name == name; });
  return found == kSettings.end() ? nullptr : &*found;
}

// Copied when the first change is made: most requests go out as they came.
ReplyRequest& changed(FittedRequest& fitted, const ReplyRequest& request) {
  if (!fitted.changed) fitted.changed = std::make_unique<ReplyRequest>(request);
  return *fitted.changed;
}

// A message that said something by a picture alone says nothing without it, and services refuse
// such.
Result<void> check_emptied(const ReplyRequest& request, const ReplyRequest& left) {
  for (std::size_t i = 0; i < left.messages.size(); ++i) {
    const PromptMessage& message = left.messages[i];
    if (request.messages[i].media.empty() || !message.media.empty() || !trim(message.text).empty())
      continue;
    return Error(ErrorCode::unsupported,
                 fmt::format("messages.{}.media: the model or service does not take it, and the "
                             "message has nothing else; add a text or name another model",
                             i))
        .with_pointer(fmt::format("/messages/{}/media", i));
  }
  return {};
}

}  // namespace

void add_unsupported(const ModelRecord& record, Unsupported& unsupported) {
  if (!record.images) unsupported.add("images");
  if (!record.tools) unsupported.add("tools");
  if (!record.schema) unsupported.add("json_schema");
  for (const auto& name : record.refuses) unsupported.add(name);
  unsupported.max_output = record.max_output;
}

Result<FittedRequest> fit_request(const ReplyRequest& request, const Unsupported& unsupported) {
  if (auto fine = check(request); !fine) return fine.error();
  FittedRequest fitted;
  for (const auto& name : unsupported.names) {
    const Setting* setting = find_setting(name);
    if (!setting || !setting->is_set(fitted.changed ? *fitted.changed : request)) continue;
    if (request.refuse_unsupported) {
      return Error(ErrorCode::unsupported,
                   fmt::format("{}: the model or service does not take it; leave it out or let "
                               "refuse_unsupported be false",
                               name))
          .with_pointer("/" + name);
    }
    setting->take_out(changed(fitted, request));
    fitted.left_out.emplace_back(name);
  }
  if (fitted.changed) {
    if (auto fine = check_emptied(request, *fitted.changed); !fine) return fine.error();
  }
  if (auto calls = fit_calls(request.messages, unsupported.call_ids); !calls.empty())
    apply(std::move(calls), changed(fitted, request).messages);
  const auto asked = fitted.changed ? fitted.changed->max_tokens : request.max_tokens;
  if (unsupported.max_output <= 0 || asked.value_or(0) <= unsupported.max_output) return fitted;
  if (request.refuse_unsupported) {
    return Error(ErrorCode::unsupported,
                 fmt::format("max_tokens: the model writes at most {} tokens; ask for fewer or let "
                             "refuse_unsupported be false",
                             unsupported.max_output))
        .with_pointer("/max_tokens");
  }
  changed(fitted, request).max_tokens = unsupported.max_output;
  fitted.left_out.emplace_back("max_tokens");
  return fitted;
}

}  // namespace scena::llm

#include "engine/access/command_check.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/json_schema.hpp"
#include "base/text.hpp"

namespace scena::engine {
namespace {

constexpr std::size_t kNameBytes = 200;
constexpr std::size_t kAudienceNames = 1'000;

Error invalid(std::string message) {
  return Error(ErrorCode::invalid_argument, std::move(message));
}

Result<void> check_names(const Command& command) {
  const std::pair<const char*, const std::string*> names[] = {
      {"command_id", &command.id},       {"participant", &command.participant},
      {"character", &command.character}, {"message", &command.message},
      {"model", &command.model},         {"name", &command.name}};
  for (const auto& [field, name] : names) {
    if (!is_name(*name)) {
      return invalid(std::string(field) +
                     ": at most 200 bytes of UTF-8 without control characters; shorten or convert "
                     "it");
    }
  }
  return {};
}

Result<void> check_audience(const Audience& audience) {
  const auto& names = audience.names;
  if (audience.kind == Audience::Kind::named && names.empty()) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "audience: it names nobody; add participants, or use the kind all");
  }
  if (names.size() > kAudienceNames || !std::all_of(names.begin(), names.end(), is_name)) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "audience: at most 1,000 names of 1 to 200 bytes of UTF-8");
  }
  return {};
}

Result<void> check_joining(const Participant& joining) {
  if (joining.id.empty() || !is_name(joining.id) || joining.id.starts_with("role:")) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "participant.id: 1 to 200 bytes of UTF-8 without control characters are "
                        "needed, not beginning with \"role:\"");
  }
  if (!is_name(joining.name) || !is_name(joining.subject)) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "participant: name and subject have at most 200 bytes of UTF-8 without "
                        "control characters");
  }
  return {};
}

Result<void> check_schema(const Command& command, std::size_t limit) {
  if (command.json_schema.empty()) {
    if (!command.repair) return {};
    return Error::fixed(ErrorCode::invalid_argument,
                        "repair: it needs a json_schema; set one, or leave it out");
  }
  if (!command.reply || command.kind == SessionCommand::continue_reply) {
    return Error::fixed(ErrorCode::invalid_argument,
                        command.reply ? "json_schema: a reply that is gone on with is no JSON "
                                        "value; use regenerate"
                                      : "json_schema: no reply is asked for; leave it out");
  }
  const auto parsed = parse_json(command.json_schema, {.max_bytes = limit});
  if (!parsed || !parsed->is_object()) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "json_schema: a JSON object within limits.message_bytes is needed");
  }
  if (const auto schema = JsonSchema::parse(command.json_schema); !schema)
    return invalid(std::string("json_schema: ") + schema.error().what());
  return {};
}

Result<void> check_annotation(const Command& command, std::size_t limit) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  if (command.name.empty() || command.name.size() > 100 ||
      !std::all_of(command.name.begin(), command.name.end(), allowed)) {
    return Error::fixed(
        ErrorCode::invalid_argument,
        "name: 1 to 100 of the letters a-z and A-Z, digits, \"_\", \"-\" and \".\"");
  }
  const auto data = parse_json(command.value, {.max_bytes = limit, .careful = true});
  if (data && data->is_object()) return {};
  return Error::fixed(ErrorCode::invalid_argument,
                      "data: a JSON object within limits.message_bytes is needed");
}

}  // namespace

bool is_name(std::string_view text) noexcept {
  const auto is_control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F;
  };
  return text.size() <= kNameBytes && is_valid_utf8(text) &&
         std::none_of(text.begin(), text.end(), is_control);
}

Result<std::size_t> page_size(std::size_t wanted, std::size_t usual) {
  if (wanted > 1'000) {
    return Error::fixed(ErrorCode::invalid_argument, "limit: at most 1000 a page, 0 for the usual")
        .with_pointer("/limit");
  }
  return wanted == 0 ? usual : wanted;
}

bool is_session_id(std::string_view text) noexcept {
  return !text.empty() && is_name(text) && text.find('/') == std::string_view::npos;
}

Result<void> check_principal(const Principal& who) {
  const bool fine = !who.tenant.empty() && is_name(who.tenant) && is_name(who.subject) &&
                    is_name(who.participant) && is_name(who.tier) && is_name(who.address) &&
                    is_name(who.key) && std::all_of(who.roles.begin(), who.roles.end(), is_name);
  if (fine) return {};
  return Error::fixed(ErrorCode::invalid_argument,
                      "principal: tenant (not empty), subject, participant, roles, tier, address "
                      "and key have at most 200 bytes of UTF-8 without control characters");
}

Result<void> check_text(const char* field, std::string_view text, std::size_t limit) {
  if (trim(text).empty())
    return invalid(std::string(field) + ": it is empty; send at least one character");
  if (text.size() > limit) {
    return Error(ErrorCode::too_large, std::string(field) + ": " + std::to_string(text.size()) +
                                           " bytes; the limit (limits.message_bytes) is " +
                                           std::to_string(limit));
  }
  if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos)
    return invalid(std::string(field) + ": not valid UTF-8, or it holds a NUL; convert it first");
  return {};
}

bool is_label(std::string_view name, std::string_view value) noexcept {
  const auto is_text = [](std::string_view text, std::size_t most) {
    return text.size() <= most && text.find('\0') == text.npos && is_valid_utf8(text);
  };
  return !name.empty() && is_text(name, 100) && is_text(value, 500);
}

Result<void> check_changes(const SessionChanges& changes) {
  if (changes.title && !is_name(*changes.title)) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "title: at most 200 bytes of UTF-8 without control characters");
  }
  for (const auto& [name, value] : changes.labels) {
    const bool fine = is_label(name, value ? *value : std::string_view());
    if (!fine || changes.labels.size() > 100) {
      return Error::fixed(
          ErrorCode::invalid_argument,
          "labels: at most 100, with names of 1 to 100 bytes of UTF-8 without NUL and values of "
          "at most 500");
    }
  }
  return {};
}

Result<void> check_command(const Command& command, const Limits& limits) {
  if (auto names = check_names(command); !names) return names;
  if (auto audience = check_audience(command.audience); !audience) return audience;
  if (command.deadline.count() < 0) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "deadline: it is negative; use 0 for the configured limit");
  }
  if (auto schema = check_schema(command, limits.message_bytes); !schema) return schema;
  switch (command.kind) {
    case SessionCommand::send:
    case SessionCommand::edit:
      return check_text("text", command.text, limits.message_bytes);
    case SessionCommand::aside:
      return check_text("question", command.text, limits.message_bytes);
    case SessionCommand::annotate:
      return check_annotation(command, limits.message_bytes);
    case SessionCommand::escape:
      if (is_name(command.name) && is_name(command.value)) return {};
      return Error::fixed(
          ErrorCode::invalid_argument,
          "step, reason: at most 200 bytes of UTF-8 without control characters each");
    case SessionCommand::join:
      return check_joining(command.joining);
    default:
      return {};
  }
}

}  // namespace scena::engine

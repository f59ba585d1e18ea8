#include "engine/actor/command.hpp"

#include "base/json.hpp"
#include "base/json_writer.hpp"

namespace scena::engine {
namespace {

struct TextMember {
  const char* name;
  std::string Command::*member;
};
constexpr TextMember kTexts[] = {{"participant", &Command::participant},
                                 {"character", &Command::character},
                                 {"text", &Command::text},
                                 {"message", &Command::message},
                                 {"model", &Command::model},
                                 {"name", &Command::name},
                                 {"value", &Command::value},
                                 {"json_schema", &Command::json_schema}};

void write_audience(JsonWriter& writer, const Audience& audience) {
  if (audience.kind == Audience::Kind::all) return;
  writer.key("audience").begin_array();
  if (audience.kind == Audience::Kind::named) {
    for (const auto& one : audience.names) writer.value(one);
  }
  writer.end_array();
}

}  // namespace

std::string Command::to_json() const {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("id", id).member("kind", scena::to_string(kind));
  if (repeatable) writer.member("repeatable", true);
  writer.member("tenant", who.tenant).member("subject", who.subject).key("roles").begin_array();
  for (const auto& role : who.roles) writer.value(role);
  writer.end_array();
  if (!who.participant.empty()) writer.member("as", who.participant);
  if (!who.tier.empty()) writer.member("tier", who.tier);
  if (!who.address.empty()) writer.member("address", who.address);
  if (!who.key.empty()) writer.member("key", who.key);
  for (const auto& [label, member] : kTexts) {
    if (!(this->*member).empty()) writer.member(label, this->*member);
  }
  write_audience(writer, audience);
  if (!reply) writer.member("reply", false);
  if (repair) writer.member("repair", true);
  if (max_turns != 0) writer.member("max_turns", static_cast<std::uint64_t>(max_turns));
  if (end_seq != 0) writer.member("end_seq", end_seq);
  if (deadline.count() != 0)
    writer.member("deadline_ms", static_cast<std::int64_t>(deadline.count()));
  if (!joining.id.empty()) {
    writer.key("joining").begin_object().member("id", joining.id).member("name", joining.name);
    writer.member("is_human", joining.is_human).member("subject", joining.subject).end_object();
  }
  writer.end_object();
  return out;
}

Result<Command> Command::from_json(std::string_view json) {
  auto parsed = parse_json(json, {.careful = true});
  if (!parsed) return parsed.error();
  try {
    const Json& value = *parsed;
    Command command;
    command.id = value.at("id").get<std::string>();
    const auto kind = parse_session_command(value.at("kind").get<std::string>());
    if (!kind) return Error::fixed(ErrorCode::invalid_argument, "command: unknown kind");
    command.kind = *kind;
    command.repeatable = value.value("repeatable", false);
    command.who.tenant = value.at("tenant").get<std::string>();
    command.who.subject = value.at("subject").get<std::string>();
    for (const auto& role : value.at("roles")) command.who.roles.push_back(role.get<std::string>());
    command.who.participant = value.value("as", "");
    command.who.tier = value.value("tier", "");
    command.who.address = value.value("address", "");
    command.who.key = value.value("key", "");
    for (const auto& [label, member] : kTexts) command.*member = value.value(label, "");
    if (const auto audience = value.find("audience"); audience != value.end()) {
      for (const auto& name : *audience) command.audience.names.push_back(name.get<std::string>());
      command.audience.kind =
          command.audience.names.empty() ? Audience::Kind::hosts : Audience::Kind::named;
    }
    command.reply = value.value("reply", true);
    command.repair = value.value("repair", false);
    command.max_turns = value.value("max_turns", 0u);
    command.end_seq = value.value("end_seq", std::uint64_t{0});
    command.deadline = std::chrono::milliseconds(value.value("deadline_ms", std::int64_t{0}));
    if (const auto joining = value.find("joining"); joining != value.end()) {
      command.joining = {joining->at("id").get<std::string>(),
                         joining->at("name").get<std::string>(),
                         joining->at("is_human").get<bool>(), true, joining->value("subject", "")};
    }
    return command;
  } catch (const nlohmann::json::exception&) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "command: a member is missing or of the wrong type");
  }
}

}  // namespace scena::engine

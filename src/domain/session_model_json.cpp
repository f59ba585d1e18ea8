#include "base/json_writer.hpp"
#include "domain/message_json.hpp"
#include "domain/score_json.hpp"
#include "domain/session_model.hpp"
#include "domain/tool_json.hpp"

namespace scena {
namespace {

std::int64_t micros(WallTime time) {
  return static_cast<std::int64_t>(time.time_since_epoch().count());
}

void write_participant(JsonWriter& writer, const Participant& participant) {
  writer.begin_object().member("id", participant.id).member("name", participant.name);
  writer.member("is_human", participant.is_human).member("present", participant.present);
  if (!participant.subject.empty()) writer.member("subject", participant.subject);
  writer.end_object();
}

void write_info(JsonWriter& writer, const SessionInfo& info) {
  writer.begin_object()
      .member("id", info.id)
      .member("title", info.title)
      .member("preset", info.preset);
  writer.member("state", to_string(info.state)).member("owner", info.owner);
  if (!info.parent.empty())
    writer.member("parent", info.parent).member("parent_seq", info.parent_seq);
  writer.member("last_seq", info.last_seq).member("created", micros(info.created));
  writer.member("updated", micros(info.updated))
      .member("turns", static_cast<std::uint64_t>(info.turns));
  writer.member("messages", static_cast<std::uint64_t>(info.messages)).key("usage");
  write_usage(writer, info.usage);
  writer.member("cost", info.cost.to_string())
      .member("end_reason", info.end_reason)
      .key("participants")
      .begin_array();
  for (const auto& participant : info.participants) write_participant(writer, participant);
  writer.end_array().key("variables").begin_object();
  for (const auto& [name, value] : info.variables) writer.member(name, value);
  writer.end_object().key("labels").begin_object();
  for (const auto& [name, value] : info.labels) writer.member(name, value);
  writer.end_object();
  if (!info.escapes.empty()) {
    writer.key("escapes").begin_object();
    for (const auto& [step, count] : info.escapes)
      writer.member(step, static_cast<std::uint64_t>(count));
    writer.end_object();
  }
  writer.end_object();
}

}  // namespace

std::string SessionInfo::to_json() const {
  std::string out;
  write_session_info(out, *this);
  return out;
}

void write_session_info(std::string& out, const SessionInfo& info) {
  JsonWriter writer(out);
  write_info(writer, info);
}

Result<SessionInfo> read_session_info(std::string_view json) {
  auto parsed = parse_json(json);
  if (!parsed) return parsed.error();
  try {
    const Json& value = *parsed;
    SessionInfo info;
    info.id = value.at("id").get<std::string>();
    info.title = value.at("title").get<std::string>();
    info.preset = value.at("preset").get<std::string>();
    const auto state = parse_session_state(value.at("state").get<std::string>());
    if (!state) return Error::fixed(ErrorCode::storage_corrupt, "session record: unknown state");
    info.state = *state;
    info.owner = value.at("owner").get<std::string>();
    info.parent = value.value("parent", "");
    info.parent_seq = value.value("parent_seq", std::uint64_t{0});
    info.last_seq = value.at("last_seq").get<std::uint64_t>();
    info.created = WallTime(std::chrono::microseconds(value.at("created").get<std::int64_t>()));
    info.updated = WallTime(std::chrono::microseconds(value.at("updated").get<std::int64_t>()));
    info.turns = value.at("turns").get<std::uint32_t>();
    info.messages = value.at("messages").get<std::uint32_t>();
    auto usage = read_usage(value.at("usage"));
    if (!usage) return usage.error();
    info.usage = *usage;
    info.cost = Money::parse(value.at("cost").get<std::string>()).value_or(Money{});
    info.end_reason = value.at("end_reason").get<std::string>();
    for (const auto& item : value.at("participants")) {
      info.participants.push_back({item.at("id").get<std::string>(),
                                   item.at("name").get<std::string>(),
                                   item.at("is_human").get<bool>(), item.at("present").get<bool>(),
                                   item.value("subject", "")});
    }
    for (const auto& [name, item] : value.at("variables").items())
      info.variables[name] = item.get<std::string>();
    for (const auto& [name, item] : value.at("labels").items())
      info.labels[name] = item.get<std::string>();
    if (const auto escapes = value.find("escapes"); escapes != value.end()) {
      for (const auto& [step, item] : escapes->items())
        info.escapes[step] = item.get<std::uint32_t>();
    }
    return info;
  } catch (const nlohmann::json::exception&) {
    return Error::fixed(ErrorCode::storage_corrupt,
                        "session record: a member is missing or of the wrong type");
  }
}

std::string SessionModel::to_json() const {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().key("info");
  write_info(writer, facts_.info);
  writer.key("messages").begin_array();
  for (const Message& message : messages_) {
    writer.begin_object().member("seq", message.seq).member("time", micros(message.time));
    writer.member("superseded", message.superseded).key("message");
    write_message(writer, message);
    writer.key("scores");
    write_scores(writer, message.metrics);
    if (!message.judged.empty()) write_judged(writer.key("judged"), message.judged);
    write_tool_rounds(writer, "tool_rounds", message.tool_rounds);
    writer.end_object();
  }
  writer.end_array();
  write_tool_rounds(writer, "open_rounds", open_rounds_);
  writer.key("open_turn");
  if (const auto& turn = facts_.open_turn) {
    writer.begin_object()
        .member("turn", turn->id)
        .member("speaker", turn->speaker)
        .member("kind", turn->kind);
    writer.member("replaces", turn->replaces).member("started_seq", turn->started_seq);
    writer.member("reserved", turn->reserved.to_string()).end_object();
  } else {
    writer.null();
  }
  writer.key("open_asides").begin_array();
  for (const auto& aside : facts_.open_asides) {
    writer.begin_object().member("aside", aside.id);
    writer.member("reserved", aside.reserved.to_string()).end_object();
  }
  const AnalysisFacts& analysis = *facts_.analysis;
  writer.end_array().key("analysis").begin_object().member("job", analysis.job);
  writer.member("open", analysis.open).member("stored_seq", analysis.stored_seq);
  const JudgeFacts& judge = *facts_.judge;
  writer.end_object().key("judge").begin_object();
  writer.member("asked", std::uint64_t{judge.asked}).member("failed", std::uint64_t{judge.failed});
  writer.member("at_limit", judge.at_limit).member("cost", judge.cost.to_string());
  writer.key("open").begin_array();
  for (const auto& open : judge.open) writer.value(open.job);
  writer.end_array().end_object().key("aside_usage");
  write_usage(writer, facts_.aside_spending->usage);
  writer.member("aside_cost", facts_.aside_spending->cost.to_string())
      .member("preset_sha256", facts_.preset_sha256);
  writer.member("seed", std::to_string(facts_.seed)).member("provider", facts_.provider);
  writer.member("model", facts_.model).member("removed", facts_.removed).end_object();
  return out;
}

}  // namespace scena

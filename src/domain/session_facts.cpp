#include "domain/session_facts.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "domain/message_json.hpp"

namespace scena {
namespace {

Money money_of(const Json& object, const char* name) {
  return Money::parse(member_text(object, name)).value_or(Money{});
}

std::uint64_t seed_of(const Json& data) {
  // A string: JavaScript readers would round a number of 64 bits.
  return std::strtoull(member_text(data, "seed").c_str(), nullptr, 10);
}

Participant participant_of(const Json& value) {
  return {member_text(value, "id"), member_text(value, "name"), value.value("is_human", false),
          value.value("present", true), member_text(value, "subject")};
}

void create(SessionFacts& facts, const ParsedEvent& parsed) {
  const Json& data = parsed.data;
  SessionInfo& info = facts.info;
  info.id = parsed.event.stream.substr(parsed.event.stream.find(':') + 1);
  info.created = parsed.event.time;
  info.title = member_text(data, "title");
  info.owner = member_text(data, "owner");
  info.preset = member_text(data.at("preset"), "id");
  facts.preset_sha256 = member_text(data.at("preset"), "sha256");
  facts.seed = seed_of(data);
  facts.provider = member_text(data, "provider");
  facts.model = member_text(data, "model");
  for (const auto& [name, value] : data.at("variables").items())
    info.variables[name] = value.get<std::string>();
  for (const auto& [name, value] : data.at("labels").items())
    info.labels[name] = value.get<std::string>();
  for (const auto& value : data.at("participants"))
    info.participants.push_back(participant_of(value));
  if (const auto ttl = data.find("erased_after_ms"); ttl != data.end())
    facts.retention = std::chrono::milliseconds(ttl->get<std::int64_t>());
}

void end(SessionFacts& facts, const Event& event) {
  if (!facts.ended) facts.ended = SessionEnd{event.seq, event.time};
}

// "t12" is 12; 0 for anything else.
std::uint32_t number_of_turn(std::string_view turn) {
  std::uint32_t number = 0;
  if (turn.size() < 2 || turn.front() != 't') return 0;
  std::from_chars(turn.data() + 1, turn.data() + turn.size(), number);
  return number;
}

OpenTurn read_turn(const Json& data) {
  OpenTurn turn;
  turn.id = member_text(data, "turn");
  turn.speaker = member_text(data, "speaker");
  turn.kind = member_text(data, "kind");
  turn.replaces = member_text(data, "replaces");
  turn.provider = member_text(data, "provider");
  turn.model = member_text(data, "model");
  turn.attempt = data.value("attempt", 0u);
  turn.reserved = money_of(data, "reserved");
  return turn;
}

void start_turn(SessionFacts& facts, const ParsedEvent& parsed) {
  const auto* known = std::get_if<OpenTurn>(&parsed.value);
  OpenTurn turn = known ? *known : read_turn(parsed.data);
  turn.cause = parsed.event.cause;
  turn.started_seq = parsed.event.seq;
  const std::uint32_t number = number_of_turn(turn.id);
  facts.open_turn = std::make_shared<const OpenTurn>(std::move(turn));
  facts.last_turn = std::max(facts.last_turn, number);
  ++facts.info.turns;
}

std::optional<std::int64_t> ran_ms(const Json& data) {
  const auto found = data.find("ran_ms");
  if (found == data.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

void finish_turn(SessionFacts& facts, const ParsedEvent& parsed) {
  if (!facts.open_turn) return;
  const auto* known = std::get_if<EndedTurn>(&parsed.value);
  if (facts.open_turn->id == (known ? known->turn : member_text(parsed.data, "turn")))
    facts.open_turn.reset();
  if (const auto ran = known ? known->ran_ms : ran_ms(parsed.data))
    facts.ran = std::chrono::milliseconds(*ran);
}

Settlement read_settlement(const Json& data) {
  Settlement settlement;
  if (const auto found = data.find("usage"); found != data.end()) {
    if (auto read = read_usage(*found)) settlement.usage = *read;
  }
  settlement.cost = money_of(data, "cost");
  const std::string purpose = member_text(data, "purpose");
  if (purpose == "aside" || purpose == "analysis" || purpose == "judge")
    settlement.aside = member_text(data, purpose.c_str());
  settlement.judges = purpose == "judge";
  return settlement;
}

void settle(SessionFacts& facts, const ParsedEvent& parsed) {
  const auto* known = std::get_if<Settlement>(&parsed.value);
  const Settlement settled = known ? *known : read_settlement(parsed.data);
  if (settled.aside) {
    AsideSpending& spending = facts.aside_spending.change();
    if (settled.judges) facts.judge.change().cost += settled.cost;
    spending.usage += settled.usage;
    spending.cost += settled.cost;
    std::erase_if(facts.open_asides,
                  [&](const OpenAside& open) { return open.id == *settled.aside; });
  }
  facts.info.usage += settled.usage;
  facts.info.cost += settled.cost;
}

void reserve(SessionFacts& facts, const ParsedEvent& parsed) {
  if (parsed.has_value()) return;  // a turn's: it stands in turn.started
  const std::string purpose = member_text(parsed.data, "purpose");
  const std::string aside = member_text(parsed.data, purpose.c_str());
  if (aside.empty()) return;
  facts.open_asides.push_back(
      {aside, parsed.event.cause, money_of(parsed.data, "amount"), purpose});
  ++facts.asides;
}

void note_analysis(AnalysisFacts& analysis, const ParsedEvent& parsed) {
  const std::string job = member_text(parsed.data, "job");
  if (parsed.event.type == "analysis.queued") {
    analysis.job = job;
    analysis.open = true;
    return;
  }
  if (job == analysis.job) analysis.open = false;
  if (parsed.event.type != "analysis.stored") return;
  analysis.stored_job = job;
  analysis.stored_seq = parsed.event.seq;
}

void note_judge(JudgeFacts& judge, const ParsedEvent& parsed) {
  const std::string job = member_text(parsed.data, "job");
  if (parsed.event.type == "judge.queued") {
    judge.open.push_back({job, member_text(parsed.data, "message")});
    ++judge.asked;
    return;
  }
  if (parsed.event.type == "judge.failed") {
    if (job.empty()) judge.at_limit = true;
    if (!job.empty()) ++judge.failed;
  }
  std::erase_if(judge.open, [&](const OpenJudgement& open) { return open.job == job; });
}

// What left the line is not judged, whatever becomes of it later.
void drop_judgements(Rarely<JudgeFacts>& judge, const Json& data) {
  if (judge->open.empty()) return;
  for (const auto& id : data.value("ids", Json::array())) {
    std::erase_if(judge.change().open, [&](const OpenJudgement& open) {
      return open.message == id.get_ref<const std::string&>();
    });
  }
}

void update(SessionInfo& info, const Json& data) {
  if (data.contains("title")) info.title = member_text(data, "title");
  const auto labels = data.value("labels", Json::object());
  for (const auto& [name, value] : labels.items()) {
    if (value.is_null()) {
      info.labels.erase(name);
    } else {
      info.labels[name] = value.get<std::string>();
    }
  }
}

void join(SessionInfo& info, const Json& data) {
  Participant joined = participant_of(data.at("participant"));
  joined.present = true;
  const auto known = std::find_if(info.participants.begin(), info.participants.end(),
                                  [&](const Participant& other) { return other.id == joined.id; });
  if (known != info.participants.end()) {
    *known = std::move(joined);
  } else {
    info.participants.push_back(std::move(joined));
  }
}

// A host may write anything there: what is no answer is none.
void take_feedback(SessionFacts& facts, const Json& data) {
  constexpr double kLargest = 1e9;  // so that sums over sessions stay numbers
  const auto satisfied = data.find("satisfied");
  if (satisfied != data.end() && satisfied->is_boolean()) facts.satisfied = satisfied->get<bool>();
  const auto rating = data.find("rating");
  if (rating == data.end() || !rating->is_number()) return;
  const double value = rating->get<double>();
  if (value >= -kLargest && value <= kLargest) facts.rating = value;
}

void leave(SessionInfo& info, const Json& data) {
  const std::string id = member_text(data, "participant");
  for (auto& participant : info.participants) {
    if (participant.id == id) participant.present = false;
  }
}

// The prefix keeps its messages; the fork counts its own events, usage and cost from here.
void become_fork(SessionFacts& facts, const ParsedEvent& parsed) {
  SessionInfo& info = facts.info;
  info.id = parsed.event.stream.substr(parsed.event.stream.find(':') + 1);
  info.parent = member_text(parsed.data, "parent");
  info.parent_seq = parsed.data.at("at").get<std::uint64_t>();
  info.created = parsed.event.time;
  facts.ran = {};
  info.end_reason.clear();
  info.usage = {};
  info.cost = {};
  facts.aside_spending.reset();
  facts.seed = seed_of(parsed.data);
  facts.open_turn.reset();
  facts.open_asides.clear();
  facts.analysis.reset();
  facts.judge.reset();
  facts.satisfied.reset();
  facts.rating.reset();
  info.escapes.clear();
  facts.removed = false;
  facts.ended.reset();
  if (info.state != SessionState::pending) info.state = SessionState::active;
}

}  // namespace

void advance(SessionFacts& facts, const ParsedEvent& parsed, std::int64_t line_change) {
  const std::string& type = parsed.event.type;
  const Json& data = parsed.data;
  SessionInfo& info = facts.info;
  if (type == "message.stored") {
    const auto* known = std::get_if<Message>(&parsed.value);
    const std::uint32_t turn = known ? number_of_turn(known->turn)
                                     : number_of_turn(member_text(data.at("message"), "turn"));
    ++facts.messages_stored;
    ++info.messages;
    facts.last_turn = std::max(facts.last_turn, turn);
  } else if (type == "message.superseded") {
    info.messages = static_cast<std::uint32_t>(info.messages + line_change);
    drop_judgements(facts.judge, data);
  } else if (type == "turn.started") {
    start_turn(facts, parsed);
  } else if (type == "turn.finished") {
    finish_turn(facts, parsed);
  } else if (type == "turn.continued") {
    if (facts.open_turn && facts.open_turn->id == member_text(data, "turn")) {
      OpenTurn turn = *facts.open_turn;
      turn.reserved = money_of(data, "reserved");
      facts.open_turn = std::make_shared<const OpenTurn>(std::move(turn));
    }
  } else if (type == "budget.reserved") {
    reserve(facts, parsed);
  } else if (type == "budget.settled") {
    settle(facts, parsed);
  } else if (type == "session.created") {
    create(facts, parsed);
  } else if (type == "session.forked") {
    become_fork(facts, parsed);
  } else if (type == "session.started") {
    info.state = SessionState::active;
    facts.ran = {};
  } else if (type == "session.paused") {
    info.state = SessionState::paused;
    if (const auto ran = ran_ms(data)) facts.ran = std::chrono::milliseconds(*ran);
  } else if (type == "session.resumed") {
    info.state = SessionState::active;
    facts.ended.reset();
  } else if (type == "session.completed") {
    end(facts, parsed.event);
    info.state = SessionState::completed;
    info.end_reason = member_text(data, "reason");
  } else if (type == "session.failed") {
    end(facts, parsed.event);
    info.state = SessionState::error;
  } else if (type == "session.updated") {
    update(info, data);
  } else if (type.starts_with("analysis.")) {
    note_analysis(facts.analysis.change(), parsed);
  } else if (type.starts_with("judge.") || type == "metrics.judged") {
    note_judge(facts.judge.change(), parsed);
  } else if (type == "session.deleted") {
    end(facts, parsed.event);
    facts.removed = true;
  } else if (type == "participant.joined") {
    join(info, data);
  } else if (type == "participant.left") {
    leave(info, data);
  } else if (type == "variable.changed") {
    info.variables[member_text(data, "name")] = member_text(data, "value");
  } else if (type == "app.feedback") {
    take_feedback(facts, data);
  } else if (type == "escape.used") {
    ++info.escapes[member_text(data, "step")];
  }
  info.last_seq = parsed.event.seq;
  info.updated = parsed.event.time;
}

}  // namespace scena

#include "domain/session_model.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.hpp"
#include "domain/message_json.hpp"

namespace scena {
namespace {

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

template <class Number>
Number number_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? found->get<Number>() : Number{};
}

Money money_of(const Json& object, const char* name) {
  return Money::parse(text_of(object, name)).value_or(Money{});
}

std::uint64_t seed_of(const Json& data) {
  const std::string digits = text_of(data, "seed");
  return digits.empty() ? 0 : std::strtoull(digits.c_str(), nullptr, 10);
}

Participant participant_of(const Json& value) {
  Participant participant;
  participant.id = text_of(value, "id");
  participant.name = text_of(value, "name");
  participant.is_human = value.value("is_human", false);
  participant.present = value.value("present", true);
  participant.subject = text_of(value, "subject");
  return participant;
}

Error corrupt(const Event& event, const char* what) {
  return Error(ErrorCode::storage_corrupt,
               fmt::format("event {} ({}) of {}: {}; restore a backup", event.seq, event.type, event.stream, what));
}

}  // namespace

Result<void> SessionModel::apply(const Event& event) {
  if (event.seq != info_.last_seq + 1) return corrupt(event, "its number does not follow the one before");
  auto data = parse_json(event.data.empty() ? std::string_view("{}") : std::string_view(event.data),
                         {.max_bytes = 64u << 20});
  if (!data || !data->is_object()) return corrupt(event, "its data is not a JSON object");
  try {
    if (auto applied = apply_data(event, *data); !applied) return applied;
  } catch (const nlohmann::json::exception&) {
    return corrupt(event, "its data has a member of the wrong type");
  }
  info_.last_seq = event.seq;
  info_.updated = event.time;
  return {};
}

Result<void> SessionModel::apply_data(const Event& event, const Json& data) {
  const std::string& type = event.type;
  if (type == "message.stored") return message_stored(event, data);
  if (type == "metrics.stored") return metrics_stored(data);
  if (type == "turn.started") {
    turn_started(event, data);
  } else if (type == "turn.finished") {
    turn_finished(data);
  } else if (type == "budget.reserved") {
    if (open_turn_ && text_of(data, "turn") == open_turn_->id) open_turn_->reserved = money_of(data, "amount");
  } else if (type == "budget.settled") {
    settled(data);
  } else if (type == "session.created") {
    return created(event, data);
  } else if (type == "session.started") {
    info_.state = SessionState::active;
    started_ = event.time;
  } else if (type == "session.paused") {
    info_.state = SessionState::paused;
  } else if (type == "session.resumed") {
    info_.state = SessionState::active;
  } else if (type == "session.completed") {
    info_.state = SessionState::completed;
    info_.end_reason = text_of(data, "reason");
  } else if (type == "session.failed") {
    info_.state = SessionState::error;
  } else if (type == "session.deleted") {
    removed_ = true;
  } else if (type == "message.superseded") {
    superseded(data);
  } else if (type == "participant.joined") {
    joined(data);
  } else if (type == "participant.left") {
    left(data);
  } else if (type == "variable.changed") {
    info_.variables[text_of(data, "name")] = dump_json(data.at("value"));
  }
  return {};
}

Result<void> SessionModel::created(const Event& event, const Json& data) {
  if (!event.stream.starts_with("session:")) return corrupt(event, "its stream is not a session's");
  info_.id = event.stream.substr(8);
  info_.created = event.time;
  info_.title = text_of(data, "title");
  info_.owner = text_of(data, "owner");
  const Json& preset = data.at("preset");
  info_.preset = text_of(preset, "id");
  preset_sha256_ = text_of(preset, "sha256");
  seed_ = seed_of(data);
  provider_ = text_of(data, "provider");
  model_ = text_of(data, "model");
  for (const auto& [name, value] : data.at("variables").items()) info_.variables[name] = dump_json(value);
  for (const auto& [name, value] : data.at("labels").items()) info_.labels[name] = value.get<std::string>();
  for (const auto& value : data.at("participants")) info_.participants.push_back(participant_of(value));
  return {};
}

void SessionModel::become_fork(const Event& forked) {
  // The prefix keeps its messages and sums; the fork counts its own events from 1.
  const Json data = parse_json(forked.data).has_value() ? *parse_json(forked.data) : Json::object();
  info_.id = forked.stream.substr(std::string_view("session:").size());
  info_.parent = text_of(data, "parent");
  info_.parent_seq = number_of<std::uint64_t>(data, "at");
  info_.last_seq = forked.seq;
  info_.created = forked.time;
  info_.updated = forked.time;
  info_.end_reason.clear();
  info_.usage = {};
  info_.cost = {};
  aside_usage_ = {};
  aside_cost_ = {};
  seed_ = seed_of(data);
  open_turn_.reset();
  if (info_.state != SessionState::pending) info_.state = SessionState::active;
  recount();
}

Result<void> SessionModel::message_stored(const Event& event, const Json& data) {
  auto message = read_message(data.at("message"));
  if (!message) return corrupt(event, "its message cannot be read");
  message->seq = event.seq;
  message->time = event.time;
  message->audience = event.audience;
  messages_.push_back(std::move(*message));
  recount();
  return {};
}

Result<void> SessionModel::metrics_stored(const Json& data) {
  Message* message = find_mutable(text_of(data, "message"));
  if (!message) return {};
  message->metrics.clear();
  for (const auto& value : data.at("scores")) {
    MetricScore score;
    score.metric = text_of(value, "metric");
    score.value = number_of<double>(value, "value");
    score.confidence = number_of<double>(value, "confidence");
    score.label = text_of(value, "label");
    for (const auto& place : value.value("evidence", Json::array())) {
      score.evidence.push_back({text_of(place, "message"), number_of<std::size_t>(place, "begin"),
                                number_of<std::size_t>(place, "end"), text_of(place, "reason")});
    }
    message->metrics.push_back(std::move(score));
  }
  return {};
}

void SessionModel::superseded(const Json& data) {
  for (const auto& id : data.value("ids", Json::array())) {
    if (Message* message = find_mutable(id.get<std::string>())) message->superseded = true;
  }
  for (const auto& id : data.value("restored", Json::array())) {
    if (Message* message = find_mutable(id.get<std::string>())) message->superseded = false;
  }
  recount();
}

void SessionModel::turn_started(const Event& event, const Json& data) {
  OpenTurn turn;
  turn.id = text_of(data, "turn");
  turn.speaker = text_of(data, "speaker");
  turn.kind = text_of(data, "kind");
  turn.replaces = text_of(data, "replaces");
  turn.cause = event.cause;
  turn.provider = text_of(data, "provider");
  turn.model = text_of(data, "model");
  turn.started_seq = event.seq;
  turn.attempt = number_of<std::uint32_t>(data, "attempt");
  open_turn_ = std::move(turn);
  ++turns_started_;
}

void SessionModel::turn_finished(const Json& data) {
  if (open_turn_ && open_turn_->id == text_of(data, "turn")) open_turn_.reset();
}

void SessionModel::settled(const Json& data) {
  const Usage usage = data.contains("usage") ? read_usage(data.at("usage")) : Usage{};
  const Money cost = money_of(data, "cost");
  info_.usage += usage;
  info_.cost += cost;
  if (text_of(data, "purpose") == "aside") {
    aside_usage_ += usage;
    aside_cost_ += cost;
  }
}

void SessionModel::joined(const Json& data) {
  Participant participant = participant_of(data.at("participant"));
  participant.present = true;
  for (auto& known : info_.participants) {
    if (known.id == participant.id) {
      known = participant;
      return;
    }
  }
  info_.participants.push_back(std::move(participant));
}

void SessionModel::left(const Json& data) {
  const std::string id = text_of(data, "participant");
  for (auto& known : info_.participants) {
    if (known.id == id) known.present = false;
  }
}

void SessionModel::recount() {
  info_.messages = 0;
  info_.turns = 0;
  const std::string* turn = nullptr;
  for (const Message& message : messages_) {
    if (message.superseded) continue;
    ++info_.messages;
    if (!message.turn.empty() && (!turn || *turn != message.turn)) {
      ++info_.turns;
      turn = &message.turn;
    }
  }
}

std::vector<const Message*> SessionModel::line() const {
  std::vector<const Message*> line;
  line.reserve(info_.messages);
  for (const Message& message : messages_) {
    if (!message.superseded) line.push_back(&message);
  }
  return line;
}

const Message* SessionModel::find(std::string_view id) const noexcept {
  // Ids are "m<n>" and messages are in the order of their numbers, so the place is known.
  for (auto it = messages_.rbegin(); it != messages_.rend(); ++it) {
    if (it->id == id) return &*it;
  }
  return nullptr;
}

Message* SessionModel::find_mutable(std::string_view id) noexcept { return const_cast<Message*>(find(id)); }

const Message* SessionModel::last_on_line() const noexcept {
  for (auto it = messages_.rbegin(); it != messages_.rend(); ++it) {
    if (!it->superseded) return &*it;
  }
  return nullptr;
}

std::vector<const Message*> SessionModel::alternatives(std::string_view id) const {
  const Message* root = find(id);
  if (!root) return {};
  while (!root->replaces.empty()) {
    const Message* older = find(root->replaces);
    if (!older) break;
    root = older;
  }
  std::vector<const Message*> found{root};
  for (const Message& message : messages_) {
    const bool follows = std::any_of(found.begin(), found.end(),
                                     [&](const Message* known) { return message.replaces == known->id; });
    if (follows) found.push_back(&message);
  }
  return found;
}

std::uint32_t SessionModel::attempts(std::string_view message) const {
  return static_cast<std::uint32_t>(alternatives(message).size());
}

const Participant* SessionModel::participant(std::string_view id) const noexcept {
  for (const auto& participant : info_.participants) {
    if (participant.id == id) return &participant;
  }
  return nullptr;
}

Duration SessionModel::last_latency(WallTime now) const noexcept {
  const Message* last = last_on_line();
  return last && now > last->time ? Duration(now - last->time) : Duration{};
}

std::string SessionModel::next_turn_id() const { return fmt::format("t{}", turns_started_ + 1); }

std::string SessionModel::next_message_id(std::uint32_t offset) const {
  return fmt::format("m{}", messages_.size() + 1 + offset);
}

}  // namespace scena

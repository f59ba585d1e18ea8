#include "domain/session_model.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "domain/message_json.hpp"
#include "domain/prompt_history.hpp"
#include "domain/score_json.hpp"
#include "domain/tool_json.hpp"

namespace scena {
namespace {

// The events of an ordinary turn: what they change in the facts is changed at the end, by an
// advance() that changes nothing where it fails, so that no copy of the facts is needed.
bool is_of_turn(std::string_view type) {
  constexpr std::string_view kTypes[] = {"message.stored", "metrics.stored",  "turn.started",
                                         "turn.finished",  "budget.reserved", "budget.settled",
                                         "tool.requested", "tool.finished"};
  return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
}

// Of message.stored; as long as the event is there.
std::string_view stored_id(const ParsedEvent& parsed) {
  if (const auto* message = std::get_if<Message>(&parsed.value)) return message->id;
  return parsed.data.at("message").at("id").get_ref<const std::string&>();
}

bool stores(const Event& event, std::string_view id) {
  const auto data = parse_json(event.data);
  const auto message = data ? data->find("message") : Json::const_iterator();
  return data && message != data->end() && message->value("id", "") == id;
}

}  // namespace

Result<void> SessionModel::apply(const Event& event) {
  auto parsed = parse_event(event);
  if (!parsed) return parsed.error();
  return apply(*parsed);
}

Result<void> SessionModel::apply(ParsedEvent& parsed) {
  const Event& event = parsed.event;
  const bool begins = event.type == "session.forked" && event.seq == 1;
  if (!begins && event.seq != last_seq() + 1) {
    return corrupt_event(event, "its number does not follow the one before");
  }
  try {
    if (is_of_turn(event.type)) {
      if (auto stored = store(parsed); !stored) return stored;
      advance(facts_, parsed, 0);
      return {};
    }
    SessionFacts next = facts_;
    std::vector<std::string_view> none;
    advance(next, parsed, line_change(parsed, none));
    if (event.type == "message.superseded") {
      mark(parsed.data.value("ids", Json::array()), true);
      mark(parsed.data.value("restored", Json::array()), false);
      make_line();
    }
    if (event.type == "metrics.judged") store_judged(parsed.data);
    if (begins) {
      inherited_ = messages_.size();
      open_rounds_.clear();
    }
    facts_ = std::move(next);
  } catch (const nlohmann::json::exception&) {
    return corrupt_event(event, "its data lacks a member or has one of the wrong type");
  }
  return {};
}

Result<void> SessionModel::store(ParsedEvent& parsed) {
  const std::string& type = parsed.event.type;
  if (type == "message.stored") return store_message(parsed);
  if (type == "metrics.stored") store_scores(parsed);
  if (type.starts_with("tool.")) store_tool(parsed);
  if (type == "turn.started" || type == "turn.finished") open_rounds_.clear();
  return {};
}

Result<SessionFacts> SessionModel::preview(const std::vector<ParsedEvent>& events) const {
  SessionFacts facts = facts_;
  std::vector<std::string_view> fresh;
  for (const auto& event : events) {
    try {
      advance(facts, event, line_change(event, fresh));
      if (event.event.type == "message.stored") fresh.push_back(stored_id(event));
    } catch (const nlohmann::json::exception&) {
      return corrupt_event(event.event, "its data lacks a member or has one of the wrong type");
    }
  }
  return facts;
}

std::int64_t SessionModel::line_change(const ParsedEvent& parsed,
                                       std::vector<std::string_view>& fresh) const {
  std::int64_t change = 0;
  if (parsed.event.type != "message.superseded") return change;
  const Json& data = parsed.data;
  for (const auto& id : data.value("ids", Json::array())) {
    const Message* message = find(id.get_ref<const std::string&>());
    const bool joined = std::erase(fresh, id.get_ref<const std::string&>()) > 0;
    if (joined || (message && !message->superseded)) --change;
  }
  for (const auto& id : data.value("restored", Json::array())) {
    const Message* message = find(id.get<std::string>());
    if (message && message->superseded) ++change;
  }
  return change;
}

Result<void> SessionModel::store_message(ParsedEvent& parsed) {
  auto* known = std::get_if<Message>(&parsed.value);
  auto message =
      known ? Result<Message>(std::move(*known)) : read_message(parsed.data.at("message"));
  if (!message) return corrupt_event(parsed.event, "its message cannot be read");
  if (known) known->turn = message->turn;  // advance() counts by it
  message->seq = parsed.event.seq;
  message->time = parsed.event.time;
  message->audience = parsed.event.audience;
  message->place = message->turn;
  const bool takes_place = !message->from_human && !message->replaces.empty();
  if (const Message* old = takes_place ? find(message->replaces) : nullptr)
    message->place = old->place;
  for (const auto& participant : info().participants) {
    if (!participant.present) message->absent.push_back(participant.id);
  }
  take_tools(*message);
  messages_.push_back(std::move(*message));
  add_to_line(messages_.back());
  return {};
}

// A reply has the tools of its turn; one that goes on keeps those of the text it goes on from.
void SessionModel::take_tools(Message& reply) {
  const auto& turn = open_turn();
  if (reply.from_human || !turn || turn->id != reply.turn) return;
  const Message* before = turn->kind == "continue" ? find(reply.replaces) : nullptr;
  if (before) reply.tool_rounds = before->tool_rounds;
  for (auto& round : open_rounds_) reply.tool_rounds.push_back(std::move(round));
  open_rounds_.clear();
}

void SessionModel::store_tool(const ParsedEvent& parsed) {
  if (!open_turn()) return;
  if (parsed.event.type == "tool.requested") {
    const auto* known = std::get_if<RequestedTool>(&parsed.value);
    const RequestedTool tool = known ? *known : read_requested_tool(parsed.data);
    if (tool.opens_round || open_rounds_.empty())
      open_rounds_.push_back({tool.text, tool.state, {}});
    open_rounds_.back().uses.push_back({.call = tool.call});
    return;
  }
  const auto* known = std::get_if<FinishedTool>(&parsed.value);
  const FinishedTool tool = known ? *known : read_finished_tool(parsed.data);
  for (auto& round : open_rounds_) {
    for (auto& use : round.uses) {
      if (use.finished || use.call.id != tool.call) continue;
      ToolUse finished = tool.use;
      finished.call = std::move(use.call);
      use = std::move(finished);
      return;
    }
  }
}

void SessionModel::store_scores(ParsedEvent& parsed) {
  auto* known = std::get_if<StoredScores>(&parsed.value);
  const Message* found = find(known ? known->message : member_text(parsed.data, "message"));
  if (!found) return;
  std::vector<MetricScore> metrics;
  if (known) {
    metrics = std::move(known->scores);
  } else {
    for (const auto& value : parsed.data.at("scores")) metrics.push_back(read_score(value));
  }
  messages_[static_cast<std::size_t>(found - messages_.data())].metrics = std::move(metrics);
}

void SessionModel::store_judged(const Json& data) {
  const Message* found = find(member_text(data, "message"));
  if (!found) return;
  auto judged = read_judged(data.at("scores"));
  messages_[static_cast<std::size_t>(found - messages_.data())].judged = std::move(judged);
}

void SessionModel::mark(const Json& ids, bool superseded) {
  for (const auto& id : ids) {
    if (const Message* found = find(id.get<std::string>())) {
      messages_[static_cast<std::size_t>(found - messages_.data())].superseded = superseded;
    }
  }
}

void SessionModel::make_line() {
  line_.clear();
  counts_ = {};
  for (const Message& message : messages_) add_to_line(message);
}

void SessionModel::add_to_line(const Message& message) {
  if (message.superseded) return;
  line_.push_back(static_cast<std::uint32_t>(&message - messages_.data()));
  counts_.add(message);
}

Line SessionModel::line() const {
  std::vector<const Message*> messages;
  messages.reserve(line_.size() + 2);  // what is about to join them
  for (const std::uint32_t place : line_) messages.push_back(messages_.data() + place);
  return {std::move(messages), counts_};
}

const Message* SessionModel::find(std::string_view id) const noexcept {
  for (auto it = messages_.rbegin(); it != messages_.rend(); ++it) {
    if (it->id == id) return &*it;
  }
  return nullptr;
}

bool SessionModel::was_missed(std::string_view participant, const Event& event) const {
  if (participant.empty() || event.type != "message.stored") return false;
  // Those of the session itself stand in the order of their events, those of its parents may not.
  const auto own = messages_.begin() + static_cast<std::ptrdiff_t>(inherited_);
  const std::string_view stream(event.stream);
  const bool is_own =
      stream.starts_with(kSessionStreams) && stream.substr(kSessionStreams.size()) == info().id;
  if (is_own) {
    const auto found =
        std::lower_bound(own, messages_.end(), event.seq,
                         [](const Message& one, std::uint64_t seq) { return one.seq < seq; });
    return found != messages_.end() && found->seq == event.seq && was_absent(participant, *found);
  }
  return std::any_of(messages_.begin(), own, [&](const Message& one) {
    // Streams of several parents may have the same number at the same time.
    return one.seq == event.seq && one.time == event.time && was_absent(participant, one) &&
           stores(event, one.id);
  });
}

const Message* SessionModel::last_on_line() const noexcept {
  return line_.empty() ? nullptr : messages_.data() + line_.back();
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
    const bool follows = std::any_of(found.begin(), found.end(), [&](const Message* known) {
      return message.replaces == known->id;
    });
    if (follows) found.push_back(&message);
  }
  return found;
}

const Participant* SessionModel::participant(std::string_view id) const noexcept {
  for (const auto& participant : info().participants) {
    if (participant.id == id) return &participant;
  }
  return nullptr;
}

Duration SessionModel::latency(WallTime now) const noexcept {
  const Message* last = last_on_line();
  return last && now > last->time ? Duration(now - last->time) : Duration{};
}

std::string SessionModel::next_turn_id() const {
  return fmt::format("t{}", facts_.last_turn + 1);
}

bool SessionModel::is_inherited(const Message& message) const noexcept {
  return static_cast<std::size_t>(&message - messages_.data()) < inherited_;
}

std::int64_t SessionModel::prompt_tokens(const Message& message) {
  const std::less<const Message*> before;
  const Message* const begin = messages_.data();
  if (before(&message, begin) || !before(&message, begin + messages_.size()))
    return message_tokens(message);
  prompt_tokens_.resize(messages_.size(), -1);
  std::int64_t& kept = prompt_tokens_[static_cast<std::size_t>(&message - begin)];
  if (kept < 0) kept = message_tokens(message);
  return kept;
}

std::string SessionModel::next_aside_id() const {
  return fmt::format("a{}", facts_.asides + 1);
}

std::string SessionModel::next_message_id(std::uint32_t offset) const {
  return fmt::format("m{}", facts_.messages_stored + 1 + offset);
}

}  // namespace scena

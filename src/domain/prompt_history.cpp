#include "domain/prompt_history.hpp"

#include <algorithm>

#include "domain/prompt.hpp"
#include "domain/tool_prompt.hpp"

namespace scena {
namespace {

bool has_text(const Message& message) {
  for (const auto& part : message.parts) {
    if (part.kind == MessagePart::Kind::text && !part.text.empty()) return true;
  }
  return false;
}

bool was_absent(const Perceiver& perceiver, const Message& message) {
  return std::find(message.absent.begin(), message.absent.end(), perceiver.id) !=
         message.absent.end();
}

bool may_perceive(const Perceiver& perceiver, const Message& message) noexcept {
  if (!message.speaker.empty() && message.speaker == perceiver.id) return true;
  const std::string_view role = perceiver.role == "host" ? std::string_view() : perceiver.role;
  return message.audience.admits(perceiver.id, role);
}

std::string_view reason_to_drop(const Perceiver& perceiver, const Message& message) {
  if (was_absent(perceiver, message)) return "absent";
  if (!may_perceive(perceiver, message)) return "audience";
  if (message.superseded) return "superseded";
  const bool says_something = has_text(message) || !message.tool_rounds.empty();
  return says_something ? std::string_view() : std::string_view("empty");
}

// Neither taken nor dropped yet.
bool is_open(const HistoryItem& item) noexcept {
  return item.reason.empty();
}

// The items of one turn, and among them those that are dropped already.
using TurnItems = std::span<HistoryItem>;

// The turns of a history, oldest first.
std::vector<TurnItems> group_turns(std::vector<HistoryItem>& items) {
  std::vector<TurnItems> turns;
  const std::string* last = nullptr;
  for (HistoryItem& item : items) {
    if (!is_open(item)) continue;
    const std::string& turn =
        item.message->place.empty() ? item.message->turn : item.message->place;
    if (!last || turn.empty() || *last != turn) turns.push_back({&item, 0});
    turns.back() = {turns.back().data(), &item + 1};
    last = &turn;
  }
  return turns;
}

class Selection {
 public:
  Selection(const HistoryLimits& limits, const MessageCounter& count)
      : limits_(limits), count_tokens_(count) {}

  void keep(HistoryItem& item, std::string_view reason) {
    item.included = true;
    item.reason = reason;
    ++count_;
    tokens_ += counted(item);
  }

  /// Empty when the turn still fits, else the limit it would break.
  std::string_view obstacle(TurnItems turn) {
    std::size_t count = count_;
    std::int64_t tokens = tokens_;
    for (HistoryItem& item : turn) {
      if (!is_open(item)) continue;
      ++count;
      tokens += counted(item);
    }
    if (count > limits_.items) return "history_items";
    return tokens > limits_.tokens ? "history_tokens" : "";
  }

 private:
  std::int64_t counted(HistoryItem& item) const {
    if (item.tokens < 0)
      item.tokens = count_tokens_ ? count_tokens_(*item.message) : message_tokens(*item.message);
    return item.tokens;
  }

  const HistoryLimits& limits_;
  const MessageCounter& count_tokens_;
  std::size_t count_ = 0;
  std::int64_t tokens_ = 0;
};

}  // namespace

bool belongs_in_prompt(const Perceiver& perceiver, const Message& message) {
  return reason_to_drop(perceiver, message).empty();
}

std::int64_t message_tokens(const Message& message) {
  std::int64_t tokens = kMessageOverheadTokens;
  if (!message.tool_rounds.empty()) tokens += tool_tokens(message.tool_rounds);
  if (message.parts.size() == 1 && message.parts[0].kind == MessagePart::Kind::text)
    return tokens + estimate_tokens(message.parts[0].text);
  return tokens + estimate_tokens(message.text());
}

std::vector<HistoryItem> select_history(std::span<const Message* const> messages,
                                        const Perceiver& perceiver, const HistoryLimits& limits,
                                        const MessageCounter& count) {
  std::vector<HistoryItem> items;
  items.reserve(messages.size());
  for (const Message* message : messages)
    items.push_back({message, false, reason_to_drop(perceiver, *message), -1});
  const std::vector<TurnItems> turns = group_turns(items);
  Selection selection(limits, count);
  if (!turns.empty()) {
    for (HistoryItem& item : turns.back()) {
      if (is_open(item)) selection.keep(item, "current_turn");
    }
  }
  for (HistoryItem& item : items) {
    if (is_open(item) && item.message->pinned) selection.keep(item, "pinned");
  }
  std::string_view obstacle;
  for (auto turn = turns.rbegin(); turn != turns.rend(); ++turn) {
    // No holes: behind the first turn that does not fit, nothing older is taken.
    if (obstacle.empty()) obstacle = selection.obstacle(*turn);
    for (HistoryItem& item : *turn) {
      if (!is_open(item)) continue;
      if (obstacle.empty()) {
        selection.keep(item, "recent");
      } else {
        item.reason = obstacle;
      }
    }
  }
  return items;
}

}  // namespace scena

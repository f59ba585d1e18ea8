#include "domain/prompt_history.hpp"

#include <algorithm>
#include <span>

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

bool may_perceive(const Perceiver& perceiver, const Message& message) noexcept {
  if (!message.speaker.empty() && message.speaker == perceiver.id) return true;
  const std::string_view role = perceiver.role == "host" ? std::string_view() : perceiver.role;
  return message.audience.admits(perceiver.id, role);
}

std::string_view reason_to_drop(const Perceiver& perceiver, const Message& message) {
  if (was_absent(perceiver.id, message)) return "absent";
  if (!may_perceive(perceiver, message)) return "audience";
  if (message.superseded) return "superseded";
  const bool says_something = has_text(message) || !message.tool_rounds.empty();
  return says_something ? std::string_view() : std::string_view("empty");
}

// Neither taken nor dropped yet.
bool is_open(const HistoryItem& item) noexcept {
  return item.reason.empty();
}

// Of one turn are neighbours with the same, unless it is empty.
const std::string& turn_of(const Message& message) noexcept {
  return message.place.empty() ? message.turn : message.place;
}

// The items of one turn, and among them those that are dropped already.
using TurnItems = std::span<HistoryItem>;

// The turns of a history, oldest first.
std::vector<TurnItems> group_turns(std::span<HistoryItem> items) {
  std::vector<TurnItems> turns;
  const std::string* last = nullptr;
  for (HistoryItem& item : items) {
    if (!is_open(item)) continue;
    const std::string& turn = turn_of(*item.message);
    if (!last || turn.empty() || *last != turn) turns.push_back({&item, 0});
    turns.back() = {turns.back().data(), &item + 1};
    last = &turn;
  }
  return turns;
}

// Messages that may be included, each with the reason for which it is out anyway.
struct Chosen {
  std::vector<HistoryItem> items;
  std::size_t apart = 0;  // the first so many do not follow each other
};

class Candidates {
 public:
  Candidates(const Perceiver& perceiver, const MessageCounter& count)
      : perceiver_(perceiver), count_(count) {}

  Chosen all(const Line& line) const {
    Chosen chosen;
    chosen.items.reserve(line.size());
    for (const Message* message : line) chosen.items.push_back(item_of(*message));
    return chosen;
  }

  // The newest messages down to where a limit is broken for sure, the newest turn as a whole, and
  // in front of them the pinned ones.
  Chosen newest(const Line& line, const HistoryLimits& limits) const {
    const auto messages = line.messages();
    std::vector<HistoryItem> items;  // the newest first
    std::size_t open = 0, pinned = 0, at = messages.size();
    std::int64_t tokens = 0;
    const std::string* newest_turn = nullptr;
    bool in_newest = true;
    for (; at > 0; --at) {
      HistoryItem item = item_of(*messages[at - 1]);
      if (is_open(item)) {
        const std::string& turn = turn_of(*item.message);
        in_newest = in_newest && (!newest_turn || (!turn.empty() && turn == *newest_turn));
        if (!newest_turn) newest_turn = &turn;
        if (!in_newest && (open > limits.items || tokens > limits.tokens)) break;
        ++open;
        tokens += counted(item, count_);
      }
      pinned += item.message->pinned ? 1 : 0;
      items.push_back(item);
    }
    const std::size_t in_row = items.size();
    add_pinned(messages.first(at), line.counts().pinned - pinned, items);
    std::reverse(items.begin(), items.end());
    const std::size_t apart = items.size() - in_row;
    return {std::move(items), apart};
  }

  static std::int64_t counted(HistoryItem& item, const MessageCounter& count) {
    if (item.tokens < 0) item.tokens = count ? count(*item.message) : message_tokens(*item.message);
    return item.tokens;
  }

 private:
  HistoryItem item_of(const Message& message) const {
    return {&message, false, reason_to_drop(perceiver_, message), -1};
  }

  // Adds the so many pinned ones of `older`, the newest first. Openings are what is pinned, so that
  // they are looked for from the front.
  void add_pinned(std::span<const Message* const> older, std::size_t left,
                  std::vector<HistoryItem>& items) const {
    const std::size_t behind = items.size();
    for (std::size_t i = 0; i < older.size() && left > 0; ++i) {
      if (!older[i]->pinned) continue;
      items.push_back(item_of(*older[i]));
      --left;
    }
    std::reverse(items.begin() + static_cast<std::ptrdiff_t>(behind), items.end());
  }

  const Perceiver& perceiver_;
  const MessageCounter& count_;
};

class Selection {
 public:
  Selection(const HistoryLimits& limits, const MessageCounter& count)
      : limits_(limits), count_tokens_(count) {}

  void keep(HistoryItem& item, std::string_view reason) {
    item.included = true;
    item.reason = reason;
    ++count_;
    tokens_ += Candidates::counted(item, count_tokens_);
  }

  /// Empty when the turn still fits, else the limit it would break.
  std::string_view obstacle(TurnItems turn) {
    std::size_t count = count_;
    std::int64_t tokens = tokens_;
    for (HistoryItem& item : turn) {
      if (!is_open(item)) continue;
      ++count;
      tokens += Candidates::counted(item, count_tokens_);
    }
    if (count > limits_.items) return "history_items";
    return tokens > limits_.tokens ? "history_tokens" : "";
  }

 private:
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

std::vector<HistoryItem> select_history(const Line& line, const Perceiver& perceiver,
                                        const HistoryLimits& limits, const MessageCounter& count,
                                        bool list_dropped) {
  const Candidates candidates(perceiver, count);
  Chosen chosen = list_dropped ? candidates.all(line) : candidates.newest(line, limits);
  std::vector<HistoryItem>& items = chosen.items;
  const std::vector<TurnItems> turns = group_turns(std::span(items).subspan(chosen.apart));
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
  return std::move(chosen.items);
}

}  // namespace scena

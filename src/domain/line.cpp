#include "domain/line.hpp"

#include <algorithm>

namespace scena {

bool was_absent(std::string_view participant, const Message& message) noexcept {
  return std::find(message.absent.begin(), message.absent.end(), participant) !=
         message.absent.end();
}

void LineCounts::add(const Message& message) {
  if (message.pinned) ++pinned;
  const bool is_reply = !message.turn.empty();
  if (is_reply && !message.from_human && message.outcome == Outcome::complete) ++complete_replies;
  const auto known = std::find_if(speakers.begin(), speakers.end(),
                                  [&](const auto& one) { return one.id == message.speaker; });
  if (known == speakers.end()) {
    speakers.push_back({message.speaker, 0});
  } else {
    std::rotate(known, known + 1, speakers.end());
  }
  if (is_reply) ++speakers.back().replies;
}

std::uint32_t LineCounts::replies_of(std::string_view speaker) const noexcept {
  const auto known = std::find_if(speakers.begin(), speakers.end(),
                                  [&](const auto& one) { return one.id == speaker; });
  return known == speakers.end() ? 0 : known->replies;
}

void Line::push_back(const Message* message) {
  messages_.push_back(message);
  counts_.add(*message);
}

void Line::cut_from(std::string_view id) {
  const auto first = find(id);
  if (first == messages_.end()) return;
  messages_.erase(first, messages_.end());
  count_again();
}

void Line::erase(std::string_view id) {
  const auto one = find(id);
  if (one == messages_.end()) return;
  messages_.erase(one);
  count_again();
}

// What is looked for is mostly one of the last.
std::vector<const Message*>::iterator Line::find(std::string_view id) {
  const auto found = std::find_if(messages_.rbegin(), messages_.rend(),
                                  [&](const Message* message) { return message->id == id; });
  return found == messages_.rend() ? messages_.end() : std::prev(found.base());
}

void Line::count_again() {
  counts_ = {};
  for (const Message* message : messages_) counts_.add(*message);
}

}  // namespace scena

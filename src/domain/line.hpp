#pragma once

#include <cstddef>
#include <cstdint>
#include <scena/message.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// True where the participant had left when the message was stored: he perceives nothing of it,
/// also once he is back.
bool was_absent(std::string_view participant, const Message& message) noexcept;

/// Somebody who spoke on a line.
struct LineSpeaker {
  std::string id;
  std::uint32_t replies = 0;  ///< Messages that belong to a turn.
};

/// What a turn asks of all messages of a line, counted as they come.
struct LineCounts {
  std::uint32_t pinned = 0;
  std::uint32_t complete_replies = 0;  ///< Of AI characters.
  /// Whoever spoke longest ago first: an order in which each stands once.
  std::vector<LineSpeaker> speakers;

  void add(const Message& message);
  std::uint32_t replies_of(std::string_view speaker) const noexcept;
};

/// Messages that follow each other in a conversation, oldest first: those of a session that are
/// not superseded, and what is about to join them. A turn of a long session costs no look at what
/// it says: what it needs to know of all messages is counted.
///
/// The messages are somebody else's and have to outlive it.
class Line {
 public:
  Line() = default;
  Line(std::vector<const Message*> messages, LineCounts counts) noexcept
      : messages_(std::move(messages)), counts_(std::move(counts)) {}

  void push_back(const Message* message);
  /// Takes this message and all behind it away; unknown ids change nothing.
  void cut_from(std::string_view id);
  /// Takes this message away; an unknown id changes nothing.
  void erase(std::string_view id);

  const LineCounts& counts() const noexcept { return counts_; }
  std::span<const Message* const> messages() const noexcept { return messages_; }
  operator std::span<const Message* const>() const noexcept { return messages_; }
  auto begin() const noexcept { return messages_.begin(); }
  auto end() const noexcept { return messages_.end(); }
  std::size_t size() const noexcept { return messages_.size(); }
  bool empty() const noexcept { return messages_.empty(); }
  const Message* back() const noexcept { return messages_.back(); }

 private:
  std::vector<const Message*>::iterator find(std::string_view id);
  void count_again();

  std::vector<const Message*> messages_;
  LineCounts counts_;
};

}  // namespace scena

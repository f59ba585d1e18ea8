#pragma once

#include <map>
#include <scena/event.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace scena::memory {

/// Numbers for short texts that occur again and again (event types, actors). Holds a bounded
/// number of them; later ones get 0 and are kept in place by whoever asks.
class TextTable {
 public:
  /// From 1; 0 when the table is full or the text is long.
  std::uint32_t number(std::string_view text);
  std::string_view text(std::uint32_t number) const { return texts_[number - 1]; }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
  std::vector<std::string_view> texts_;  // views of the keys above, which never move
};

/// The events of one stream, packed one behind the other in chunks of about 4 KiB.
class EventLog {
 public:
  /// Where the log ended at some time.
  struct Mark {
    std::size_t chunks = 0;
    std::uint32_t count = 0;
    std::size_t bytes = 0;
    std::uint32_t cause_at = 0;
  };

  std::uint64_t last_seq() const noexcept;
  /// Adds the event with seq last_seq() + 1. When an allocation fails nothing has changed.
  void append(const Event& event, TextTable& texts);
  /// Events after `after_seq`, at most `limit`; `stream` is put into each.
  std::vector<Event> read(std::string_view stream, std::uint64_t after_seq, std::size_t limit,
                          const TextTable& texts) const;

  Mark mark() const noexcept;
  /// Forgets what came after the mark. Allocates nothing.
  void truncate(const Mark& mark) noexcept;

 private:
  struct Chunk {
    std::uint64_t first_seq = 0;
    std::uint32_t count = 0;
    std::uint32_t cause_at = 0;  // offset of the last written cause (its length, then its bytes)
    std::vector<char> bytes;
  };
  Chunk& chunk_for(std::size_t bytes);

  std::vector<Chunk> chunks_;
};

}  // namespace scena::memory

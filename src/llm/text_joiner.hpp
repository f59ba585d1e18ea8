#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json_cursor.hpp"

namespace scena::llm {

/// The bytes before the first half of a surrogate pair that stands in `raw` as its three bytes,
/// which are no UTF-8; all where there is none. `behind_lead`: the first of the three came before.
std::size_t before_half_pair(std::string_view raw, bool behind_lead = false) noexcept;

/// Makes whole characters of texts that may be cut inside one: half a UTF-8 sequence, or half a
/// surrogate pair (as three bytes), waits for the next text. Half a pair that finds no other one is
/// U+FFFD.
class TextJoiner {
 public:
  /// What other bytes that are no UTF-8 mean: the text ends there, or they are U+FFFD.
  enum class Broken : std::uint8_t { ends, repaired };

  struct Joined {
    std::string_view text;  ///< Valid until the next call; may be empty.
    bool sound = true;      ///< False: bytes that are no text follow behind `text`.
  };

  explicit TextJoiner(Broken broken = Broken::ends) noexcept : broken_(broken) {}

  Joined join(std::string_view bytes);
  /// True while half a character waits.
  bool waiting() const noexcept { return !carry_.empty(); }
  /// True while the first byte of what may be half a pair's three waits alone.
  bool waits_behind_lead() const noexcept { return carry_ == "\xED"; }
  /// Nothing follows: what stands for the half that waits. Nothing for half a UTF-8 sequence,
  /// unless what is broken is repaired; that half waits on.
  std::string_view rest();

 private:
  bool waits(std::string_view tail) const noexcept;

  Broken broken_;
  std::string carry_;
  std::string joined_;
  std::string mended_;
};

/// A JSON text that stands for itself, such as a name or an id: valid UTF-8, with U+FFFD for what
/// is none.
std::string unescaped(const JsonText& text);

}  // namespace scena::llm

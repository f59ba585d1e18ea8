#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_cursor.hpp"

namespace scena::llm {

/// What of a provider's delta event may differ in the next one, as places inside its payload.
struct DeltaFrame {
  static constexpr std::size_t kMaxNumbers = 12;

  std::string_view text;     ///< The inside of the text's JSON string.
  std::string_view padding;  ///< That of a string that means nothing; or absent.
  /// Whole numbers, in the order in which they stand: counts of tokens, or what numbers the events.
  std::array<std::string_view, kMaxNumbers> numbers{};
  std::array<std::uint8_t, kMaxNumbers> meanings{};  ///< Of the numbers, as their reader has them.
  std::size_t number_count = 0;
};

/// A number of a delta event, and what it means to the reader that gave the frame. Not set by
/// itself: a dozen of them stand in each match.
struct DeltaNumber {
  std::int64_t value;
  std::uint8_t meaning;
};

/// The bytes around the text of a provider's delta events, learned from one event of the stream.
///
/// A frame is constant bytes with holes: the text, where the provider pads its events a random or
/// passing string that means nothing, and where it counts something, numbers. An event with the
/// same bytes around the holes has, for any text, the meaning of the learned one: a JSON string
/// cannot end inside itself. So a match is exact, and costs a comparison and a scan for each hole.
/// It knows no provider; it needs a frame that is constant in a stream.
class DeltaTemplate {
 public:
  struct Match {
    std::size_t bytes = 0;  ///< Of the whole event; 0: no match.
    JsonText text;
    std::size_t number_count = 0;
    std::array<DeltaNumber, DeltaFrame::kMaxNumbers> numbers;  ///< The first number_count are set.
  };

  bool learned() const noexcept { return !parts_.empty(); }
  /// `raw` is the event with its blank line, `payload` its data inside `raw`, `frame` what may
  /// differ inside `payload`. A frame that cannot be learned leaves nothing learned.
  void learn(std::string_view raw, std::string_view payload, const DeltaFrame& frame);
  void forget() noexcept { parts_.clear(); }

  /// Tries the event at the front of `bytes`. No match when it is cut.
  Match match(std::string_view bytes) const noexcept { return match(bytes, 0, 0); }
  /// The same for the data alone, of an event that lay in two reads; it must match to its end.
  Match match_payload(std::string_view payload) const noexcept;

 private:
  enum class Hole { text, padding, number };
  struct Part {
    std::string before;  // constant bytes in front of the hole
    Hole hole = Hole::text;
    std::uint8_t meaning = 0;  // of a number
  };

  Match match(std::string_view bytes, std::size_t skip_front, std::size_t skip_back) const noexcept;

  std::vector<Part> parts_;  // empty: nothing learned
  std::string tail_;         // behind the last hole, to the blank line's end
  std::size_t payload_begin_ = 0;
  std::size_t behind_payload_ = 0;  // bytes of the frame that follow the payload
};

}  // namespace scena::llm

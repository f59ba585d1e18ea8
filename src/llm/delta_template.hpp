#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "llm/json_cursor.hpp"

namespace scena::llm {

/// What of a provider's delta event may differ in the next one, as places inside its payload.
struct DeltaFrame {
  static constexpr std::size_t kMaxNumbers = 12;

  std::string_view text;     ///< The inside of the text's JSON string.
  std::string_view padding;  ///< That of a string that means nothing, before or behind it; or absent.
  std::array<std::string_view, kMaxNumbers> numbers{};  ///< Whole numbers behind the text.
  std::size_t number_count = 0;                         ///< With numbers there is no padding behind.
};

/// The bytes around the text of a provider's delta events, learned from one event of the stream.
///
/// A frame is the bytes in front of the text and behind it, with holes where the provider pads its
/// events with a random or passing string that means nothing, or counts tokens. An event with the
/// same bytes around the holes has, for any text, the meaning of the learned one: a JSON string
/// cannot end inside itself. So a match is exact, and costs a few comparisons and scans. It knows
/// no provider; it needs a frame that is constant in a stream.
class DeltaTemplate {
 public:
  struct Match {
    std::size_t bytes = 0;  ///< Of the whole event; 0: no match.
    JsonText text;
    std::size_t number_count = 0;
    std::array<std::int64_t, DeltaFrame::kMaxNumbers> numbers;  ///< The first number_count are set.
  };

  bool learned() const noexcept { return !front_.empty(); }
  /// `raw` is the event with its blank line, `payload` its data inside `raw`, `frame` what may
  /// differ inside `payload`.
  void learn(std::string_view raw, std::string_view payload, const DeltaFrame& frame);
  void forget() noexcept;

  /// Tries the event at the front of `bytes`. No match when it is cut.
  Match match(std::string_view bytes) const noexcept { return match(bytes, front_, last_); }
  /// The same for the data alone, of an event that lay in two reads; it must match to its end.
  Match match_payload(std::string_view payload) const noexcept;

 private:
  enum class Behind { nothing, padding, numbers };

  Match match(std::string_view bytes, std::string_view front, std::string_view last) const noexcept;
  const char* match_numbers(const char* at, const char* end, Match& found) const noexcept;

  std::string front_;   // to the first hole
  std::string inner_;   // from a padding before the text to the text; empty: no such padding
  std::string middle_;  // from the text to the hole behind it
  std::vector<std::string> between_;  // from number to number
  std::string last_;                  // from the last hole to the event's end
  std::size_t payload_begin_ = 0;     // in front_
  std::size_t behind_payload_ = 0;    // bytes of the frame that follow the payload
  Behind behind_ = Behind::nothing;
};

}  // namespace scena::llm

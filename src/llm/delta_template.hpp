#pragma once

#include <string>
#include <string_view>

#include "llm/json_cursor.hpp"

namespace scena::llm {

/// The bytes around the text of a provider's delta events, learned from one event of the stream.
///
/// An event with the same bytes before and after the text has, for any text, the meaning of the
/// learned one: a JSON string cannot end inside itself. So a match is exact, and costs two
/// comparisons and one scan. It knows no provider; it needs a frame that is constant in a stream.
class DeltaTemplate {
 public:
  struct Match {
    std::size_t bytes = 0;  ///< Of the whole event; 0: no match.
    JsonText text;
  };

  bool learned() const noexcept { return !front_.empty(); }
  /// `raw` is the event with its blank line, `payload` its data inside `raw`, `text` the inside of
  /// the text's JSON string inside `payload`.
  void learn(std::string_view raw, std::string_view payload, std::string_view text);
  void forget() noexcept;

  /// Tries the event at the front of `bytes`. No match when it is cut.
  Match match(std::string_view bytes) const noexcept { return match(bytes, front_, back_); }
  /// The same for the data alone, of an event that lay in two reads; it must match to its end.
  Match match_payload(std::string_view payload) const noexcept;

 private:
  static Match match(std::string_view bytes, std::string_view front, std::string_view back) noexcept;

  std::string front_;
  std::string back_;  // from the closing quote to the blank line's end
  std::size_t payload_begin_ = 0;  // in front_
  std::size_t payload_end_ = 0;    // in back_
};

}  // namespace scena::llm

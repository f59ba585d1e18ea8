#pragma once

#include <string>
#include <string_view>

#include "llm/json_cursor.hpp"

namespace scena::llm {

/// The bytes around the text of a provider's delta events, learned from one event of the stream.
///
/// A frame is: front, text, middle, and where the provider pads its events with a random string
/// that means nothing, that string and a tail. An event with the same bytes around the text has,
/// for any text, the meaning of the learned one: a JSON string cannot end inside itself. So a match
/// is exact, and costs two or three comparisons and one or two scans. It knows no provider; it
/// needs a frame that is constant in a stream.
class DeltaTemplate {
 public:
  struct Match {
    std::size_t bytes = 0;  ///< Of the whole event; 0: no match.
    JsonText text;
  };

  bool learned() const noexcept { return !front_.empty(); }
  /// `raw` is the event with its blank line, `payload` its data inside `raw`, `text` the inside of
  /// the text's JSON string inside `payload`, `padding` that of the meaningless string behind the
  /// text, or absent.
  void learn(std::string_view raw, std::string_view payload, std::string_view text,
             std::string_view padding = {});
  void forget() noexcept;

  /// Tries the event at the front of `bytes`. No match when it is cut.
  Match match(std::string_view bytes) const noexcept {
    return match(bytes, front_, middle_, tail_);
  }
  /// The same for the data alone, of an event that lay in two reads; it must match to its end.
  Match match_payload(std::string_view payload) const noexcept;

 private:
  Match match(std::string_view bytes, std::string_view front, std::string_view middle,
              std::string_view tail) const noexcept;

  std::string front_;   // to the text's opening quote
  std::string middle_;  // from its closing quote to the padding's opening quote, or to the end
  std::string tail_;  // from the padding's closing quote to the blank line's end; empty: no padding
  std::size_t payload_begin_ = 0;   // in front_
  std::size_t behind_payload_ = 0;  // bytes of the frame that follow the payload
};

}  // namespace scena::llm

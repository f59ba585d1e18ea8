#pragma once

#include <array>
#include <string>
#include <string_view>

#include "llm/json_cursor.hpp"

namespace scena::llm {

/// The bytes around the text of a provider's delta events, learned from one event of the stream.
///
/// A frame is constant bytes with up to three holes: the text, where the provider pads its events a
/// random string that means nothing, and where it numbers them a counter that means nothing. An
/// event with the same bytes around the holes has, for any text, the meaning of the learned one: a
/// JSON string cannot end inside itself. So a match is exact, and costs a comparison and a scan for
/// each hole. It knows no provider; it needs a frame that is constant in a stream.
class DeltaTemplate {
 public:
  struct Match {
    std::size_t bytes = 0;  ///< Of the whole event; 0: no match.
    JsonText text;
  };

  bool learned() const noexcept { return count_ != 0; }
  /// `raw` is the event with its blank line, `payload` its data inside `raw`, `text` the inside of
  /// the text's JSON string inside `payload`, `padding` that of the meaningless string, `counter`
  /// the digits of the meaningless number, or absent.
  void learn(std::string_view raw, std::string_view payload, std::string_view text,
             std::string_view padding = {}, std::string_view counter = {});
  void forget() noexcept { count_ = 0; }

  /// Tries the event at the front of `bytes`. No match when it is cut.
  Match match(std::string_view bytes) const noexcept { return match(bytes, 0, 0); }
  /// The same for the data alone, of an event that lay in two reads; it must match to its end.
  Match match_payload(std::string_view payload) const noexcept;

 private:
  enum class Hole { text, padding, counter };
  struct Part {
    std::string before;  // constant bytes in front of the hole
    Hole hole = Hole::text;
  };

  Match match(std::string_view bytes, std::size_t skip_front, std::size_t skip_back) const noexcept;

  std::array<Part, 3> parts_;
  std::size_t count_ = 0;  // of parts_; 0: nothing learned
  std::string tail_;       // behind the last hole, to the blank line's end
  std::size_t payload_begin_ = 0;
  std::size_t behind_payload_ = 0;  // bytes of the frame that follow the payload
};

}  // namespace scena::llm

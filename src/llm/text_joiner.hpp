#pragma once

#include <string>
#include <string_view>

namespace scena::llm {

/// Makes whole characters of texts that may be cut inside one: half a UTF-8 sequence, or half a
/// surrogate pair (as three bytes), waits for the next text.
class TextJoiner {
 public:
  struct Joined {
    std::string_view text;  ///< Valid until the next call; may be empty.
    bool sound = true;      ///< False: bytes that are no text follow behind `text`.
  };

  Joined join(std::string_view bytes);
  /// True while half a character waits.
  bool waiting() const noexcept { return !carry_.empty(); }

 private:
  std::string carry_;
  std::string joined_;
};

}  // namespace scena::llm

#pragma once

#include <cstdint>
#include <scena/ext/clock.hpp>
#include <scena/ext/provider.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "llm/backends/script/script_book.hpp"

namespace scena::script {

/// Length in bytes of the first token of `text`: leading spaces with the word behind them, long
/// words in pieces, punctuation by itself; never inside a UTF-8 character. 0 for an empty text.
std::size_t token_length(std::string_view text) noexcept;

/// Bounds of a reply, from the request.
struct ScriptLimits {
  std::int64_t max_tokens = -1;  ///< Negative: none.
  std::size_t max_bytes = 4u << 20;
};

/// Plays one text as timed tokens. After the constructor nothing allocates.
class ScriptPlayer {
 public:
  /// `text` is cut in front of the first of the `stop` sequences in it.
  ScriptPlayer(std::string text, const ScriptTiming& timing, std::uint64_t seed,
               const ScriptLimits& limits, const std::vector<std::string>& stop);

  /// How long to wait for the next token.
  Duration wait() noexcept;
  /// The next token, valid as long as the player; empty at the end.
  std::string_view next() noexcept;
  bool done() const noexcept;
  /// Starts the text again; counts go on.
  void rewind() noexcept { offset_ = 0; }

  bool instant() const noexcept { return timing_.instant; }
  std::int64_t tokens() const noexcept { return tokens_; }
  FinishReason reason() const noexcept;
  /// The text goes on behind max_bytes: the reply is not whole.
  bool too_large() const noexcept { return too_large_; }

 private:
  std::string text_;
  ScriptTiming timing_;
  Random random_;
  std::size_t offset_ = 0;
  std::int64_t tokens_ = 0;
  std::int64_t max_tokens_;
  bool too_large_ = false;
};

}  // namespace scena::script

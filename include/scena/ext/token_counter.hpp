#pragma once

#include <cstdint>
#include <string_view>

namespace scena {

/// Counts tokens as a family of models does: with its vocabulary, or as well as the host can. Asked
/// before a request is sent, for what it will cost; without one the engine estimates.
///
/// Threading: any loop thread of the engine, several at once. It should take microseconds: a turn
/// counts its whole prompt.
class TokenCounter {
 public:
  virtual ~TokenCounter() = default;

  /// Tokens of `text`, UTF-8, by itself. What stands around a message in its wire format is added
  /// by the engine. Must not throw; below zero counts as zero.
  virtual std::int64_t count(std::string_view text) const noexcept = 0;
};

}  // namespace scena

#pragma once

#include <cstdint>
#include <string_view>

namespace scena {

/// Counts the tokens of a text that comes piece by piece: what estimate_tokens() says of the pieces
/// joined. No piece ends inside a character.
class TokenMeter {
 public:
  void add(std::string_view piece) noexcept;
  std::int64_t tokens() const noexcept { return tokens_; }

 private:
  std::int64_t tokens_ = 0;
  std::uint8_t place_ = 0;  // within the last run of characters of one kind
};

}  // namespace scena

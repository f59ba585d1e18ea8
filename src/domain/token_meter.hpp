#pragma once

#include <cstdint>
#include <string_view>

namespace scena {

/// Counts the tokens of a text that comes piece by piece: what estimate_tokens() says of the pieces
/// joined. No piece ends inside a character.
class TokenMeter {
 public:
  void add(std::string_view piece) noexcept;
  std::int64_t tokens() const noexcept;

 private:
  std::int64_t ended_ = 0;  // tokens of the runs before the last one
  std::int64_t run_ = 0;    // length of the last run: characters of one kind
  std::uint8_t script_ = 0;
};

}  // namespace scena

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.hpp"
#include "domain/prompt.hpp"
#include "domain/token_meter.hpp"

namespace scena {
namespace {

enum class Script : std::uint8_t { space, line_break, letter, digit, mark, dense, other };

bool is_dense(std::string_view sequence) {
  // Lead byte E2 BA and above: U+2E80, where the CJK blocks begin.
  const auto lead = static_cast<unsigned char>(sequence[0]);
  return lead > 0xE2 || (lead == 0xE2 && static_cast<unsigned char>(sequence[1]) >= 0xBA);
}

constexpr Script script_of_ascii(unsigned char c) {
  if (c == ' ' || c == '\t' || c == '\r') return Script::space;
  if (c == '\n') return Script::line_break;
  if (c >= '0' && c <= '9') return Script::digit;
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return Script::letter;
  return Script::mark;
}

// Every turn counts its whole history: a look-up for each byte, not a chain of comparisons. Bytes
// outside ASCII are `other` until their sequence is known.
constexpr auto kScripts = [] {
  std::array<Script, 256> scripts{};
  for (std::size_t c = 0; c < scripts.size(); ++c)
    scripts[c] = c < 0x80 ? script_of_ascii(static_cast<unsigned char>(c)) : Script::other;
  return scripts;
}();

std::int64_t run_tokens(Script script, std::int64_t length) {
  switch (script) {
    case Script::space:
      return 0;
    case Script::letter:
      return length <= 6 ? 1 : 1 + (length - 6 + 3) / 4;
    case Script::digit:
      return (length + 2) / 3;
    case Script::other:
      return (length + 1) / 2;
    case Script::line_break:
    case Script::mark:
    case Script::dense:
      break;
  }
  return length;
}

}  // namespace

void TokenMeter::add(std::string_view piece) noexcept {
  std::int64_t tokens = ended_;
  std::int64_t run = run_;
  auto script = static_cast<Script>(script_);
  const auto extend = [&](Script next, std::int64_t length) {
    if (next != script) {
      tokens += run_tokens(script, run);
      script = next;
      run = 0;
    }
    run += length;
  };
  for (std::size_t i = 0; i < piece.size();) {
    if (const Script next = kScripts[static_cast<unsigned char>(piece[i])]; next != Script::other) {
      const std::size_t begin = i++;
      while (i < piece.size() && kScripts[static_cast<unsigned char>(piece[i])] == next) ++i;
      extend(next, static_cast<std::int64_t>(i - begin));
      continue;
    }
    const std::size_t sequence = utf8_sequence_length(piece.substr(i));
    extend(sequence == 0               ? Script::mark
           : is_dense(piece.substr(i)) ? Script::dense
                                       : Script::other,
           1);
    i += std::max<std::size_t>(1, sequence);
  }
  ended_ = tokens;
  run_ = run;
  script_ = static_cast<std::uint8_t>(script);
}

std::int64_t TokenMeter::tokens() const noexcept {
  return ended_ + run_tokens(static_cast<Script>(script_), run_);
}

std::int64_t estimate_tokens(std::string_view text) noexcept {
  TokenMeter meter;
  meter.add(text);
  return meter.tokens();
}

}  // namespace scena

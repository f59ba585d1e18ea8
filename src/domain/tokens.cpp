#include "base/text.hpp"
#include "domain/prompt.hpp"

namespace scena {
namespace {

enum class Script { space, line_break, letter, digit, mark, dense, other };

bool is_dense(std::string_view sequence) {
  // Lead byte E2 BA and above: U+2E80, where the CJK blocks begin.
  const auto lead = static_cast<unsigned char>(sequence[0]);
  return lead > 0xE2 || (lead == 0xE2 && static_cast<unsigned char>(sequence[1]) >= 0xBA);
}

Script script_of(std::string_view sequence) {
  const char c = sequence[0];
  if (sequence.size() > 1) return is_dense(sequence) ? Script::dense : Script::other;
  if (c == ' ' || c == '\t' || c == '\r') return Script::space;
  if (c == '\n') return Script::line_break;
  if (c >= '0' && c <= '9') return Script::digit;
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return Script::letter;
  return Script::mark;
}

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

std::int64_t estimate_tokens(std::string_view text) noexcept {
  std::int64_t tokens = 0;
  std::int64_t run = 0;
  Script script = Script::space;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    const Script next = length == 0 ? Script::mark : script_of(text.substr(0, length));
    if (next != script) {
      tokens += run_tokens(script, run);
      script = next;
      run = 0;
    }
    ++run;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return tokens + run_tokens(script, run);
}

}  // namespace scena

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

// Where a run of characters of one kind stands: what its next one adds depends on how many came
// before it. A run of letters is a token, and one more for each four behind the first six; three
// digits are a token, and two characters of other scripts.
constexpr std::uint8_t kBetween = 0;  // behind a blank, or at the start
constexpr std::uint8_t kAlone = 1;    // behind a character that is a token by itself
constexpr int kLetterRun = 2;         // ten places: 1 to 6 letters, then 7 to 10 over and over
constexpr int kDigitRun = 12;         // three
constexpr int kOtherRun = 15;         // two
constexpr std::size_t kPlaces = 17;

struct Step {
  std::uint8_t place = kBetween;
  std::uint8_t tokens = 0;
};

// The step from `place` within a run of `count` places from `first` on, of which those from `again`
// on repeat.
constexpr Step along(int place, int first, int count, int again) {
  if (place < first || place >= first + count) return {static_cast<std::uint8_t>(first), 1};
  const int next = place + 1 == first + count ? first + again : place + 1;
  return {static_cast<std::uint8_t>(next), next == first + again};
}

constexpr Step step_from(int place, Script script) {
  switch (script) {
    case Script::space:
      return {kBetween, 0};
    case Script::letter:
      return along(place, kLetterRun, 10, 6);
    case Script::digit:
      return along(place, kDigitRun, 3, 0);
    case Script::other:
      return along(place, kOtherRun, 2, 0);
    case Script::line_break:
    case Script::mark:
    case Script::dense:
      break;
  }
  return {kAlone, 1};
}

constexpr std::size_t kScriptKinds = 7;
constexpr auto kSteps = [] {
  std::array<std::array<Step, kScriptKinds>, kPlaces> steps{};
  for (std::size_t place = 0; place < steps.size(); ++place) {
    for (std::size_t script = 0; script < kScriptKinds; ++script)
      steps[place][script] = step_from(static_cast<int>(place), static_cast<Script>(script));
  }
  return steps;
}();

Script script_of_sequence(std::string_view text, std::size_t length) {
  if (length == 0) return Script::mark;
  return is_dense(text) ? Script::dense : Script::other;
}

}  // namespace

void TokenMeter::add(std::string_view piece) noexcept {
  std::int64_t tokens = tokens_;
  std::size_t place = place_;
  const auto take = [&](Script script) {
    const Step step = kSteps[place][static_cast<std::size_t>(script)];
    place = step.place;
    tokens += step.tokens;
  };
  for (std::size_t i = 0; i < piece.size();) {
    const Script script = kScripts[static_cast<unsigned char>(piece[i])];
    if (script != Script::other) {
      take(script);
      ++i;
      continue;
    }
    const std::string_view rest = piece.substr(i);
    const std::size_t length = utf8_sequence_length(rest);
    take(script_of_sequence(rest, length));
    i += std::max<std::size_t>(1, length);
  }
  tokens_ = tokens;
  place_ = static_cast<std::uint8_t>(place);
}

std::int64_t estimate_tokens(std::string_view text) noexcept {
  TokenMeter meter;
  meter.add(text);
  return meter.tokens();
}

}  // namespace scena

#include "llm/backends/script/script_player.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace scena::script {
namespace {

constexpr std::size_t kWordPiece = 8;  // characters of a long word that make one token
constexpr std::size_t kWidePiece = 2;  // characters of a script that writes without spaces

enum class Kind { space, word, mark };

Kind kind_of(char c) noexcept {
  if (c == ' ' || c == '\t' || c == '\n' || c == '\r') return Kind::space;
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || static_cast<unsigned char>(c) >= 0x80 || c == '\'' ? Kind::word : Kind::mark;
}

}  // namespace

std::size_t token_length(std::string_view text) noexcept {
  std::size_t end = 0;
  while (end < text.size() && kind_of(text[end]) == Kind::space) ++end;
  if (end == text.size()) return end;
  const Kind kind = kind_of(text[end]);
  std::size_t characters = 0;
  std::size_t wide = 0;
  while (end < text.size() && kind_of(text[end]) == kind) {
    const std::size_t length = std::max<std::size_t>(utf8_sequence_length(text.substr(end)), 1);
    if (characters == kWordPiece || wide == kWidePiece) break;
    ++characters;
    if (length >= 3) ++wide;
    end += length;
  }
  return end;
}

ScriptPlayer::ScriptPlayer(std::string text, const ScriptTiming& timing, std::uint64_t seed,
                           const ScriptLimits& limits, const std::vector<std::string>& stop)
    : text_(std::move(text)), timing_(timing), random_(seed), max_tokens_(limits.max_tokens) {
  std::size_t end = text_.size();
  for (const std::string& mark : stop) {
    if (!mark.empty()) end = std::min(end, text_.find(mark));
  }
  text_.resize(end);
  if (text_.size() > limits.max_bytes) {
    text_.resize(utf8_truncate(text_, limits.max_bytes).size());
    too_large_ = true;
  }
}

Duration ScriptPlayer::wait() noexcept {
  if (timing_.instant) return Duration::zero();
  const bool first = tokens_ == 0;
  const auto low = first ? timing_.delay_min : timing_.token_min;
  const auto high = first ? timing_.delay_max : timing_.token_max;
  const auto span = static_cast<std::uint64_t>(std::max<std::int64_t>((high - low).count(), 0)) + 1;
  return low + std::chrono::milliseconds(random_.below(span));
}

std::string_view ScriptPlayer::next() noexcept {
  if (done()) return {};
  const std::string_view rest = std::string_view(text_).substr(offset_);
  const std::size_t length = token_length(rest);
  offset_ += length;
  ++tokens_;
  return rest.substr(0, length);
}

bool ScriptPlayer::done() const noexcept {
  return offset_ == text_.size() || (max_tokens_ >= 0 && tokens_ >= max_tokens_);
}

FinishReason ScriptPlayer::reason() const noexcept {
  return offset_ < text_.size() ? FinishReason::length : FinishReason::stop;
}

}  // namespace scena::script

#include "llm/text_joiner.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace scena::llm {
namespace {

constexpr std::size_t kSurrogateBytes = 3;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

unsigned byte_at(std::string_view text, std::size_t i) noexcept {
  return static_cast<unsigned char>(text[i]);
}

bool is_high_surrogate(std::string_view text) noexcept {
  return text.size() >= kSurrogateBytes && byte_at(text, 0) == 0xED &&
         (byte_at(text, 1) & 0xF0) == 0xA0;
}

bool is_low_surrogate(std::string_view text) noexcept {
  return text.size() >= kSurrogateBytes && byte_at(text, 0) == 0xED &&
         (byte_at(text, 1) & 0xF0) == 0xB0;
}

unsigned surrogate_bits(std::string_view text) noexcept {
  return (byte_at(text, 1) & 0x0F) << 6 | (byte_at(text, 2) & 0x3F);
}

void append_pair(std::string_view high, std::string_view low, std::string& out) {
  const unsigned point = 0x10000 + (surrogate_bits(high) << 10) + surrogate_bits(low);
  out += static_cast<char>(0xF0 | point >> 18);
  out += static_cast<char>(0x80 | (point >> 12 & 63));
  out += static_cast<char>(0x80 | (point >> 6 & 63));
  out += static_cast<char>(0x80 | (point & 63));
}

}  // namespace

std::size_t before_half_pair(std::string_view raw, bool behind_lead) noexcept {
  const auto is_second = [&](std::size_t i) {
    return i < raw.size() && static_cast<unsigned char>(raw[i]) >= 0xA0 &&
           static_cast<unsigned char>(raw[i]) < 0xC0;
  };
  if (behind_lead && is_second(0)) return 0;
  std::size_t at = raw.find('\xED');
  while (at != std::string_view::npos && !is_second(at + 1)) at = raw.find('\xED', at + 1);
  return std::min(at, raw.size());
}

bool TextJoiner::waits(std::string_view tail) const noexcept {
  return is_utf8_start(tail) || (tail.size() == kSurrogateBytes && is_high_surrogate(tail));
}

TextJoiner::Joined TextJoiner::join(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (!carry_.empty()) {
    joined_ = carry_;
    joined_.append(bytes);
    carry_.clear();
    bytes = joined_;
  }
  std::size_t good = utf8_valid_prefix(bytes);
  std::string_view tail = bytes.substr(good);
  if (tail.empty()) return {bytes, true};
  if (waits(tail)) {
    carry_.assign(tail);
    return {bytes.substr(0, good), true};
  }
  mended_.assign(bytes.substr(0, good));
  while (!tail.empty() && !waits(tail)) {
    if (is_high_surrogate(tail) && is_low_surrogate(tail.substr(kSurrogateBytes))) {
      append_pair(tail, tail.substr(kSurrogateBytes), mended_);
      tail.remove_prefix(2 * kSurrogateBytes);
    } else if (is_high_surrogate(tail) || is_low_surrogate(tail)) {
      mended_ += kReplacement;
      tail.remove_prefix(kSurrogateBytes);
    } else if (broken_ == Broken::repaired) {
      mended_ += kReplacement;
      tail.remove_prefix(utf8_broken_length(tail));
    } else {
      return {mended_, false};
    }
    good = utf8_valid_prefix(tail);
    mended_.append(tail, 0, good);
    tail.remove_prefix(good);
  }
  carry_.assign(tail);
  return {mended_, true};
}

std::string_view TextJoiner::rest() {
  if (broken_ == Broken::ends && !is_high_surrogate(carry_)) return {};
  const bool half = waiting();
  carry_.clear();
  return half ? kReplacement : std::string_view();
}

std::string unescaped(const JsonText& text) {
  if (text.ascii && !text.escaped) return std::string(text.raw);
  TextJoiner joiner(TextJoiner::Broken::repaired);
  std::string out(joiner.join(unescaped_piece(text)).text);
  out += joiner.rest();
  return out;
}

}  // namespace scena::llm

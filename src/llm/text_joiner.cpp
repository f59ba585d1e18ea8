#include "llm/text_joiner.hpp"

#include "base/text.hpp"

namespace scena::llm {
namespace {

constexpr std::size_t kSurrogateBytes = 3;

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

std::string pair_to_utf8(std::string_view high, std::string_view low) {
  const unsigned point = 0x10000 + (surrogate_bits(high) << 10) + surrogate_bits(low);
  std::string out;
  out += static_cast<char>(0xF0 | point >> 18);
  out += static_cast<char>(0x80 | (point >> 12 & 63));
  out += static_cast<char>(0x80 | (point >> 6 & 63));
  out += static_cast<char>(0x80 | (point & 63));
  return out;
}

}  // namespace

TextJoiner::Joined TextJoiner::join(std::string_view bytes) {
  if (!carry_.empty() && !bytes.empty()) {
    if (is_high_surrogate(carry_) && is_low_surrogate(bytes)) {
      joined_ = pair_to_utf8(carry_, bytes);
      bytes.remove_prefix(kSurrogateBytes);
    } else {
      joined_ = carry_;
    }
    joined_.append(bytes);
    carry_.clear();
    bytes = joined_;
  }
  const std::size_t good = utf8_valid_prefix(bytes);
  const std::string_view tail = bytes.substr(good);
  if (tail.empty()) return {bytes, true};
  const bool half =
      is_utf8_start(tail) || (tail.size() == kSurrogateBytes && is_high_surrogate(tail));
  if (half) carry_.assign(tail);
  return {bytes.substr(0, good), half};
}

}  // namespace scena::llm

#include "llm/delta_template.hpp"

#include <cstring>

namespace scena::llm {
namespace {

// Frames beyond this are not worth keeping a copy of for each stream.
constexpr std::size_t kMaxFrameBytes = 4096;

std::size_t offset(std::string_view inside, std::string_view whole) noexcept {
  return static_cast<std::size_t>(inside.data() - whole.data());
}

bool lies_in(std::string_view inside, std::string_view whole) noexcept {
  return inside.data() >= whole.data() && inside.data() + inside.size() <= whole.data() + whole.size();
}

}  // namespace

void DeltaTemplate::learn(std::string_view raw, std::string_view payload, std::string_view text) {
  if (raw.empty() || !lies_in(payload, raw) || !lies_in(text, payload)) return;
  if (raw.size() - text.size() > kMaxFrameBytes) return;
  const std::size_t text_begin = offset(text, raw);
  const std::size_t text_end = text_begin + text.size();
  front_.assign(raw.substr(0, text_begin));
  back_.assign(raw.substr(text_end));
  payload_begin_ = offset(payload, raw);
  payload_end_ = payload_begin_ + payload.size() - text_end;
}

void DeltaTemplate::forget() noexcept {
  front_.clear();
  back_.clear();
}

DeltaTemplate::Match DeltaTemplate::match_payload(std::string_view payload) const noexcept {
  if (!learned()) return {};
  const std::string_view front = std::string_view(front_).substr(payload_begin_);
  const Match found = match(payload, front, std::string_view(back_).substr(0, payload_end_));
  return found.bytes == payload.size() ? found : Match{};
}

DeltaTemplate::Match DeltaTemplate::match(std::string_view bytes, std::string_view front,
                                          std::string_view back) noexcept {
  if (bytes.size() < front.size() + back.size()) return {};
  if (std::memcmp(bytes.data(), front.data(), front.size()) != 0) return {};
  const char* end = bytes.data() + bytes.size();
  Match found;
  const char* close = scan_json_string(bytes.data() + front.size(), end, found.text);
  if (close == nullptr || static_cast<std::size_t>(end - close) < back.size()) return {};
  if (std::memcmp(close, back.data(), back.size()) != 0) return {};
  found.bytes = static_cast<std::size_t>(close - bytes.data()) + back.size();
  return found;
}

}  // namespace scena::llm

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
  return inside.data() >= whole.data() &&
         inside.data() + inside.size() <= whole.data() + whole.size();
}

}  // namespace

void DeltaTemplate::learn(std::string_view raw, std::string_view payload, std::string_view text,
                          std::string_view padding) {
  if (raw.empty() || !lies_in(payload, raw) || !lies_in(text, payload)) return;
  if (raw.size() - text.size() > kMaxFrameBytes) return;
  const std::size_t text_begin = offset(text, raw);
  const std::size_t text_end = text_begin + text.size();
  front_.assign(raw.substr(0, text_begin));
  middle_.assign(raw.substr(text_end));
  tail_.clear();
  if (padding.data() > text.data() && lies_in(padding, payload)) {
    const std::size_t padding_begin = offset(padding, raw);
    middle_.assign(raw.substr(text_end, padding_begin - text_end));
    tail_.assign(raw.substr(padding_begin + padding.size()));
  }
  payload_begin_ = offset(payload, raw);
  behind_payload_ = raw.size() - payload_begin_ - payload.size();
}

void DeltaTemplate::forget() noexcept {
  front_.clear();
  middle_.clear();
  tail_.clear();
}

DeltaTemplate::Match DeltaTemplate::match_payload(std::string_view payload) const noexcept {
  if (!learned()) return {};
  std::string_view middle = middle_;
  std::string_view tail = tail_;
  (tail.empty() ? middle : tail).remove_suffix(behind_payload_);
  const Match found = match(payload, std::string_view(front_).substr(payload_begin_), middle, tail);
  return found.bytes == payload.size() ? found : Match{};
}

DeltaTemplate::Match DeltaTemplate::match(std::string_view bytes, std::string_view front,
                                          std::string_view middle,
                                          std::string_view tail) const noexcept {
  if (bytes.size() < front.size() + middle.size() + tail.size()) return {};
  if (std::memcmp(bytes.data(), front.data(), front.size()) != 0) return {};
  const char* end = bytes.data() + bytes.size();
  Match found;
  const char* at = scan_json_string(bytes.data() + front.size(), end, found.text);
  auto follows = [&](std::string_view part) {
    return static_cast<std::size_t>(end - at) >= part.size() &&
           std::memcmp(at, part.data(), part.size()) == 0;
  };
  if (at == nullptr || !follows(middle)) return {};
  at += middle.size();
  if (!tail.empty()) {
    JsonText padding;
    at = scan_json_string(at, end, padding);
    if (at == nullptr || !padding.ascii || !follows(tail)) return {};
    at += tail.size();
  }
  found.bytes = static_cast<std::size_t>(at - bytes.data());
  return found;
}

}  // namespace scena::llm

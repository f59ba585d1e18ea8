#include "llm/delta_template.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace scena::llm {
namespace {

// Frames beyond this are not worth keeping a copy of for each stream.
constexpr std::size_t kMaxFrameBytes = 4096;
constexpr std::ptrdiff_t kMaxDigits = 18;

std::size_t offset(std::string_view inside, std::string_view whole) noexcept {
  return static_cast<std::size_t>(inside.data() - whole.data());
}

bool lies_in(std::string_view inside, std::string_view whole) noexcept {
  return inside.data() >= whole.data() &&
         inside.data() + inside.size() <= whole.data() + whole.size();
}

// The end of a JSON integer without sign, or null.
const char* scan_counter(const char* from, const char* end) noexcept {
  const char* at = from;
  while (at < end && *at >= '0' && *at <= '9') ++at;
  const bool sound = at != from && at != end && at - from <= kMaxDigits;
  return sound && (*from != '0' || at - from == 1) ? at : nullptr;
}

const char* scan_padding(const char* from, const char* end) noexcept {
  JsonText padding;
  const char* at = scan_json_string(from, end, padding);
  return at != nullptr && padding.ascii ? at : nullptr;
}

}  // namespace

void DeltaTemplate::learn(std::string_view raw, std::string_view payload, std::string_view text,
                          std::string_view padding, std::string_view counter) {
  if (raw.empty() || !lies_in(payload, raw) || !lies_in(text, payload)) return;
  if (raw.size() - text.size() > kMaxFrameBytes) return;
  std::array<std::pair<std::string_view, Hole>, 3> holes{{{text, Hole::text}}};
  std::size_t count = 1;
  if (padding.data() != nullptr && lies_in(padding, payload))
    holes[count++] = {padding, Hole::padding};
  if (!counter.empty() && lies_in(counter, payload)) holes[count++] = {counter, Hole::counter};
  std::sort(holes.begin(), holes.begin() + static_cast<std::ptrdiff_t>(count),
            [](const auto& a, const auto& b) { return a.first.data() < b.first.data(); });
  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = offset(holes[i].first, raw);
    parts_[i].before.assign(raw.substr(at, begin - at));
    parts_[i].hole = holes[i].second;
    at = begin + holes[i].first.size();
  }
  tail_.assign(raw.substr(at));
  count_ = count;
  payload_begin_ = offset(payload, raw);
  behind_payload_ = raw.size() - payload_begin_ - payload.size();
}

DeltaTemplate::Match DeltaTemplate::match_payload(std::string_view payload) const noexcept {
  if (!learned()) return {};
  const Match found = match(payload, payload_begin_, behind_payload_);
  return found.bytes == payload.size() ? found : Match{};
}

DeltaTemplate::Match DeltaTemplate::match(std::string_view bytes, std::size_t skip_front,
                                          std::size_t skip_back) const noexcept {
  const char* at = bytes.data();
  const char* end = at + bytes.size();
  const auto take = [&](std::string_view part) {
    if (static_cast<std::size_t>(end - at) < part.size() ||
        std::memcmp(at, part.data(), part.size()) != 0)
      return false;
    at += part.size();
    return true;
  };
  Match found;
  for (std::size_t i = 0; i < count_; ++i) {
    std::string_view before = parts_[i].before;
    if (i == 0) before.remove_prefix(skip_front);
    if (!take(before)) return {};
    switch (parts_[i].hole) {
      case Hole::text:
        at = scan_json_string(at, end, found.text);
        break;
      case Hole::padding:
        at = scan_padding(at, end);
        break;
      case Hole::counter:
        at = scan_counter(at, end);
        break;
    }
    if (at == nullptr) return {};
  }
  std::string_view tail = tail_;
  tail.remove_suffix(skip_back);
  if (!take(tail)) return {};
  found.bytes = static_cast<std::size_t>(at - bytes.data());
  return found;
}

}  // namespace scena::llm

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

// The end of a JSON integer without sign, or null. One that ends with the bytes may go on.
const char* scan_number(const char* from, const char* end, std::int64_t& value) noexcept {
  const char* at = from;
  std::int64_t number = 0;
  for (; at < end && *at >= '0' && *at <= '9'; ++at) {
    if (at - from == kMaxDigits) return nullptr;
    number = number * 10 + (*at - '0');
  }
  value = number;
  const bool sound = at != from && at != end;
  return sound && (*from != '0' || at - from == 1) ? at : nullptr;
}

bool is_plain_number(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxDigits && (text.size() == 1 || text[0] != '0') &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

const char* scan_padding(const char* from, const char* end) noexcept {
  JsonText padding;
  const char* at = scan_json_string(from, end, padding);
  return at != nullptr && padding.ascii ? at : nullptr;
}

}  // namespace

void DeltaTemplate::learn(std::string_view raw, std::string_view payload, const DeltaFrame& frame) {
  if (raw.empty() || !lies_in(payload, raw) || !lies_in(frame.text, payload)) return;
  if (raw.size() - frame.text.size() > kMaxFrameBytes) return;
  forget();
  struct Place {
    std::string_view inside;
    Hole hole = Hole::text;
    std::uint8_t meaning = 0;
  };
  std::array<Place, 2 + DeltaFrame::kMaxNumbers> holes;
  std::size_t count = 0;
  holes[count++] = {frame.text, Hole::text, 0};
  if (frame.padding.data() != nullptr) holes[count++] = {frame.padding, Hole::padding, 0};
  for (std::size_t i = 0; i < frame.number_count; ++i) {
    if (!is_plain_number(frame.numbers[i])) return;
    holes[count++] = {frame.numbers[i], Hole::number, frame.meanings[i]};
  }
  std::stable_sort(holes.begin(), holes.begin() + static_cast<std::ptrdiff_t>(count),
                   [](const auto& a, const auto& b) { return a.inside.data() < b.inside.data(); });
  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [hole, kind, meaning] = holes[i];
    if (!lies_in(hole, payload) || offset(hole, raw) < at) return forget();
    parts_.push_back({std::string(raw.substr(at, offset(hole, raw) - at)), kind, meaning});
    at = offset(hole, raw) + hole.size();
  }
  tail_.assign(raw.substr(at));
  payload_begin_ = offset(payload, raw);
  behind_payload_ = raw.size() - payload_begin_ - payload.size();
}

DeltaTemplate::Match DeltaTemplate::match_payload(std::string_view payload) const noexcept {
  if (!learned()) return {};
  Match found = match(payload, payload_begin_, behind_payload_);
  if (found.bytes != payload.size()) found.bytes = 0;
  return found;
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
  Match found;  // returned in place: it is too large to be copied for each event
  for (const Part& part : parts_) {
    std::string_view before = part.before;
    before.remove_prefix(std::exchange(skip_front, 0));
    if (!take(before)) return found;
    switch (part.hole) {
      case Hole::text:
        at = scan_json_string(at, end, found.text);
        break;
      case Hole::padding:
        at = scan_padding(at, end);
        break;
      case Hole::number:
        found.numbers[found.number_count].meaning = part.meaning;
        at = scan_number(at, end, found.numbers[found.number_count++].value);
        break;
    }
    if (at == nullptr) return found;
  }
  std::string_view tail = tail_;
  tail.remove_suffix(skip_back);
  if (!take(tail)) return found;
  found.bytes = static_cast<std::size_t>(at - bytes.data());
  return found;
}

}  // namespace scena::llm

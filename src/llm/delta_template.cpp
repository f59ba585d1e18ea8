#include "llm/delta_template.hpp"

#include <cstring>

namespace scena::llm {
namespace {

// Frames beyond this are not worth keeping a copy of for each stream.
constexpr std::size_t kMaxFrameBytes = 4096;
constexpr std::ptrdiff_t kMaxDigits = 15;

std::size_t offset(std::string_view inside, std::string_view whole) noexcept {
  return static_cast<std::size_t>(inside.data() - whole.data());
}

bool lies_in(std::string_view inside, std::string_view whole) noexcept {
  return inside.data() >= whole.data() &&
         inside.data() + inside.size() <= whole.data() + whole.size();
}

bool follows(const char* at, const char* end, std::string_view part) noexcept {
  return static_cast<std::size_t>(end - at) >= part.size() &&
         std::memcmp(at, part.data(), part.size()) == 0;
}

// A whole number as JSON writes it; null for anything else.
const char* scan_number(const char* at, const char* end, std::int64_t& value) noexcept {
  const char* from = at;
  value = 0;
  for (; at != end && *at >= '0' && *at <= '9'; ++at) {
    if (at - from == kMaxDigits) return nullptr;
    value = value * 10 + (*at - '0');
  }
  return at == from || (*from == '0' && at - from > 1) ? nullptr : at;
}

bool is_plain_number(std::string_view text) noexcept {
  std::int64_t value = 0;
  return scan_number(text.data(), text.data() + text.size(), value) == text.data() + text.size();
}

}  // namespace

void DeltaTemplate::learn(std::string_view raw, std::string_view payload, const DeltaFrame& frame) {
  const std::string_view text = frame.text;
  if (raw.empty() || !lies_in(payload, raw) || !lies_in(text, payload)) return;
  if (raw.size() - text.size() > kMaxFrameBytes) return;
  forget();
  std::size_t from = 0;  // of the literal in hand
  const auto literal_to = [&](std::string_view hole) {
    const std::size_t begin = offset(hole, raw);
    std::string literal(raw.substr(from, begin - from));
    from = begin + hole.size();
    return literal;
  };
  const bool padded = frame.padding.data() != nullptr && lies_in(frame.padding, payload);
  if (padded && frame.padding.data() < text.data()) {
    front_ = literal_to(frame.padding);
    inner_ = literal_to(text);
  } else {
    front_ = literal_to(text);
  }
  for (std::size_t i = 0; i < frame.number_count; ++i) {
    const std::string_view number = frame.numbers[i];
    if (!lies_in(number, payload) || offset(number, raw) < from || !is_plain_number(number))
      return forget();
    behind_ = Behind::numbers;
    if (i == 0) {
      middle_ = literal_to(number);
    } else {
      between_.push_back(literal_to(number));
    }
  }
  if (padded && frame.padding.data() > text.data() && behind_ == Behind::nothing) {
    behind_ = Behind::padding;
    middle_ = literal_to(frame.padding);
  }
  last_ = raw.substr(from);
  payload_begin_ = offset(payload, raw);
  behind_payload_ = raw.size() - payload_begin_ - payload.size();
}

void DeltaTemplate::forget() noexcept {
  front_.clear();
  inner_.clear();
  middle_.clear();
  between_.clear();
  last_.clear();
  behind_ = Behind::nothing;
}

DeltaTemplate::Match DeltaTemplate::match_payload(std::string_view payload) const noexcept {
  if (!learned()) return {};
  std::string_view last = last_;
  last.remove_suffix(behind_payload_);
  const Match found = match(payload, std::string_view(front_).substr(payload_begin_), last);
  return found.bytes == payload.size() ? found : Match{};
}

DeltaTemplate::Match DeltaTemplate::match(std::string_view bytes, std::string_view front,
                                          std::string_view last) const noexcept {
  if (bytes.size() < front.size() + last.size()) return {};
  if (std::memcmp(bytes.data(), front.data(), front.size()) != 0) return {};
  const char* end = bytes.data() + bytes.size();
  const char* at = bytes.data() + front.size();
  Match found;
  JsonText padding;
  if (!inner_.empty()) {
    at = scan_json_string(at, end, padding);
    if (at == nullptr || !padding.ascii || !follows(at, end, inner_)) return {};
    at += inner_.size();
  }
  at = scan_json_string(at, end, found.text);
  if (at == nullptr) return {};
  if (behind_ != Behind::nothing) {
    if (!follows(at, end, middle_)) return {};
    at += middle_.size();
  }
  if (behind_ == Behind::padding) {
    at = scan_json_string(at, end, padding);
    if (at == nullptr || !padding.ascii) return {};
  } else if (behind_ == Behind::numbers) {
    at = match_numbers(at, end, found);
    if (at == nullptr) return {};
  }
  if (!follows(at, end, last)) return {};
  found.bytes = static_cast<std::size_t>(at - bytes.data()) + last.size();
  return found;
}

const char* DeltaTemplate::match_numbers(const char* at, const char* end,
                                         Match& found) const noexcept {
  for (std::size_t i = 0;; ++i) {
    at = scan_number(at, end, found.numbers[i]);
    if (at == nullptr || i == between_.size()) {
      found.number_count = i + 1;
      return at;
    }
    if (!follows(at, end, between_[i])) return nullptr;
    at += between_[i].size();
  }
}

}  // namespace scena::llm

#include "metrics/claims/kept_clauses.hpp"

#include <algorithm>

namespace scena::metrics {
namespace {

// All but the place in the text.
bool claims_the_same(const Clause& a, const Clause& b) noexcept {
  return a.flags == b.flags && a.marks == b.marks && a.subject == b.subject && a.asks == b.asks &&
         a.subject_stem == b.subject_stem && a.subject_words == b.subject_words &&
         a.light_stems == b.light_stems && a.borrowed == b.borrowed &&
         a.stem_count == b.stem_count && a.set_count == b.set_count &&
         a.number_count == b.number_count && a.stems == b.stems && a.sets == b.sets &&
         a.numbers == b.numbers && a.question == b.question && a.when == b.when &&
         a.traits == b.traits;
}

}  // namespace

KeptClauses::Head KeptClauses::head_of(const Clause& c) noexcept {
  Head head;
  head.flags = c.flags;
  head.marks = c.marks;
  head.subject = c.subject;
  head.borrowed = c.borrowed & 15;
  head.stem_count = c.stem_count & 15;
  head.light_stems = c.light_stems & 15;
  head.set_count = c.set_count & 15;
  head.number_count = c.number_count & 15;
  if (head.claims()) head.signature = c.signature;
  return head;
}

void KeptClauses::add(const Clause& c) {
  if (words_.size() >= kMaxWords) return;
  heads_.push_back(head_of(c));
  heads_.back().begin = static_cast<std::uint16_t>(words_.size());
  // One word holds 11 bits of the length, 9 of what is asked and 12 of the subject.
  const std::uint32_t length = std::min<std::uint32_t>(c.span.end - c.span.begin, 0x7FF);
  words_.push_back(c.span.begin);
  words_.push_back(length | std::uint32_t{c.asks} << 11 | std::uint32_t{c.subject_words} << 20);
  words_.push_back(c.subject_stem);
  words_.push_back(c.question);
  words_.push_back(c.when);
  words_.push_back(std::uint32_t{c.traits.lacks} | std::uint32_t{c.traits.shows} << 16);
  words_.insert(words_.end(), c.stems.begin(), c.stems.begin() + c.stem_count);
  words_.insert(words_.end(), c.sets.begin(), c.sets.begin() + c.set_count);
  for (std::size_t i = 0; i < c.number_count; ++i) {
    const auto value = static_cast<std::uint64_t>(c.numbers[i].value);
    words_.push_back(c.numbers[i].unit);
    words_.push_back(static_cast<std::uint32_t>(value));
    words_.push_back(static_cast<std::uint32_t>(value >> 32));
  }
}

bool KeptClauses::has(const Clause& clause) const noexcept {
  const Head wanted = head_of(clause);
  const auto same = [&](const Head& head) {
    return head.signature == wanted.signature && head.flags == wanted.flags &&
           head.marks == wanted.marks && claims_the_same(this->clause(head), clause);
  };
  return std::any_of(heads_.begin(), heads_.end(), same);
}

std::span<const std::uint32_t> KeptClauses::stems(const Head& head) const noexcept {
  return std::span(words_).subspan(head.begin + kFront, head.stem_count);
}

std::span<const std::uint32_t> KeptClauses::sets(const Head& head) const noexcept {
  return std::span(words_).subspan(head.begin + kFront + head.stem_count, head.set_count);
}

Traits KeptClauses::traits(const Head& head) const noexcept {
  const std::uint32_t packed = words_[head.begin + 5u];
  return {static_cast<std::uint16_t>(packed), static_cast<std::uint16_t>(packed >> 16)};
}

Span KeptClauses::span(const Head& head) const noexcept {
  const std::uint32_t begin = words_[head.begin];
  return {begin, begin + (words_[head.begin + 1u] & 0x7FF)};
}

Clause KeptClauses::clause(const Head& head) const noexcept {
  const std::uint32_t* const words = words_.data() + head.begin;
  Clause c;
  c.signature = head.signature;
  c.flags = head.flags;
  c.marks = head.marks;
  c.subject = head.subject;
  c.borrowed = head.borrowed;
  c.stem_count = head.stem_count;
  c.light_stems = head.light_stems;
  c.set_count = head.set_count;
  c.number_count = head.number_count;
  c.span = span(head);
  c.asks = static_cast<std::uint16_t>(words[1] >> 11 & 0x1FF);
  c.subject_words = static_cast<std::uint16_t>(words[1] >> 20);
  c.subject_stem = words[2];
  c.question = words[3];
  c.when = words[4];
  c.traits = traits(head);
  const std::uint32_t* next = words + kFront;
  for (std::size_t i = 0; i < c.stem_count; ++i) c.stems[i] = *next++;
  for (std::size_t i = 0; i < c.set_count; ++i) c.sets[i] = *next++;
  for (std::size_t i = 0; i < c.number_count; ++i, next += 3) {
    c.numbers[i].unit = next[0];
    c.numbers[i].value = static_cast<std::int64_t>(next[1] | std::uint64_t{next[2]} << 32);
  }
  return c;
}

}  // namespace scena::metrics

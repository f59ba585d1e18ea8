#include "llm/think_splitter.hpp"

#include <algorithm>
#include <array>

#include "llm/text_joiner.hpp"

namespace scena::llm {
namespace {

struct Tags {
  std::string_view open, close;
};
constexpr std::array kTags = {Tags{"<think>", "</think>"}, Tags{"<thought>", "</thought>"}};
// A reply that begins with more white space than this is text.
constexpr std::size_t kMaxBlank = 256;

}  // namespace

// Bytes to drop. At the start, white space goes only with a tag behind it.
std::size_t ThinkSplitter::take_start() noexcept {
  const std::size_t blank = std::min(pending_.find_first_not_of(" \t\r\n"), pending_.size());
  const std::string_view rest = std::string_view(pending_).substr(blank);
  if (state_ == State::behind) {
    if (!rest.empty()) state_ = State::text;
    return blank;
  }
  bool may_begin = false;
  for (const Tags& tags : kTags) {
    may_begin |= tags.open.starts_with(rest) || tags.close.starts_with(rest);
    if (rest.starts_with(tags.close)) {
      state_ = State::behind;
      return blank + tags.close.size();
    }
    if (!rest.starts_with(tags.open)) continue;
    state_ = State::inside;
    close_ = tags.close;
    return blank + tags.open.size();
  }
  if (may_begin && blank <= kMaxBlank) return 0;
  state_ = open_ ? State::inside : State::text;
  close_ = kTags.front().close;
  return 0;
}

std::string_view ThinkSplitter::take_reasoning(std::size_t& taken) noexcept {
  const std::string_view text = pending_;
  const std::size_t close = text.find(close_);
  if (close != std::string_view::npos) {
    state_ = State::behind;
    taken = close + close_.size();
    return text.substr(0, close);
  }
  std::size_t waiting = std::min(close_.size() - 1, text.size());
  while (!close_.starts_with(text.substr(text.size() - waiting))) --waiting;
  taken = text.size() - waiting;
  return text.substr(0, taken);
}

void ThinkSplitter::pass(const JsonText& piece, ReplyProgress& reply) {
  if (settled()) return reply.text(piece);
  unescaped_.clear();
  if (piece.escaped) append_unescaped(piece.raw, unescaped_);
  if (!piece.escaped) unescaped_.assign(piece.raw);
  // What is no text as it came is none here, either.
  const bool sound = piece.ascii || before_half_pair(piece.raw) == piece.raw.size();
  feed(unescaped_, [&](bool reasoning, std::string_view part) {
    const JsonText known{.raw = part, .escaped = false, .ascii = false, .unescaped = sound};
    reasoning ? reply.reasoning(known) : reply.text(known);
  });
}

}  // namespace scena::llm

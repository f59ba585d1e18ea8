#pragma once

#include <string>
#include <string_view>

#include "base/json_cursor.hpp"
#include "llm/reply_progress.hpp"

namespace scena::llm {

/// Tells the reasoning that a model writes between <think> and </think>, or Google's service
/// between <thought> and </thought>, from the text behind it. Only at the reply's start, where it
/// is written: such a tag later on is text. A closing tag there closes what the prompt opened: it
/// is dropped. No I/O.
///
/// A tag may be cut anywhere between two pieces; what could be one waits for the next. White space
/// in front of the tag and between it and the text is dropped.
class ThinkSplitter {
 public:
  /// `open`: the prompt ends with the opening tag, so that the reply begins with reasoning; it may
  /// say the tag again.
  explicit ThinkSplitter(bool open = false) noexcept : open_(open) {}

  /// Calls out(is_reasoning, text) for what is known; views are valid during that call.
  template <class Out>
  void feed(std::string_view bytes, Out&& out) {
    if (state_ == State::text) return out(false, bytes);
    pending_ += bytes;
    while (step(out)) {
    }
  }

  /// The same for a piece as it stands in JSON: hands to the reply what is known.
  void pass(const JsonText& piece, ReplyProgress& reply);

  /// The service tells reasoning apart itself: the text does not begin with any, unless it says so.
  void told_apart() noexcept {
    if (state_ == State::start) open_ = false;
  }

  /// For the same reply from its beginning, with what has been told of it since.
  ThinkSplitter anew() const noexcept { return ThinkSplitter(open_); }

  /// The reply ended: what waited is what it seems.
  template <class Out>
  void finish(Out&& out) {
    if (!pending_.empty() && state_ != State::behind)
      out(state_ == State::inside || (state_ == State::start && open_), std::string_view(pending_));
    pending_.clear();
    state_ = State::text;
  }

  /// True when all that follows is text: pieces need not come here.
  bool settled() const noexcept { return state_ == State::text; }

 private:
  enum class State { start, inside, behind, text };

  template <class Out>
  bool step(Out&& out) {
    std::size_t taken = 0;
    const State before = state_;
    if (state_ == State::inside) {
      const std::string_view reasoning = take_reasoning(taken);
      if (!reasoning.empty()) out(true, reasoning);
    } else {
      taken = take_start();
      if (state_ == State::text) {
        if (taken < pending_.size()) out(false, std::string_view(pending_).substr(taken));
        taken = pending_.size();
      }
    }
    pending_.erase(0, taken);
    return state_ != before && !pending_.empty();
  }

  std::size_t take_start() noexcept;
  std::string_view take_reasoning(std::size_t& taken) noexcept;

  bool open_;
  State state_ = State::start;
  std::string_view close_;  // the tag that ends the reasoning, once one has begun it
  std::string pending_;
  std::string unescaped_;
};

}  // namespace scena::llm

#pragma once

#include <cstdint>
#include <optional>
#include <scena/usage.hpp>

namespace scena::llm {

/// What several requests for one reply used together. Within a request the newest report counts;
/// those of different requests are added.
class UsageSum {
 public:
  /// The request that runs has told this.
  void report(const UsageUpdate& update) noexcept { current_.merge(update); }
  /// It has ended, and another one may follow: `whole` is what it used.
  void next(const UsageUpdate& whole) noexcept {
    earlier_ = plus(earlier_, whole);
    current_ = {};
  }

  const UsageUpdate& current() const noexcept { return current_; }
  bool has_earlier() const noexcept { return !earlier_.empty(); }
  /// Of all requests, as far as they have told it.
  UsageUpdate told() const noexcept { return with(current_); }
  /// Of all requests, if the one that runs used `whole`.
  UsageUpdate with(const UsageUpdate& whole) const noexcept { return plus(earlier_, whole); }

 private:
  static void add(std::optional<std::int64_t>& sum,
                  const std::optional<std::int64_t>& more) noexcept {
    if (more) sum = sum.value_or(0) + *more;
  }
  // Where one of them is billed by a count of its own, the other is by its tokens.
  static void add_billed(std::optional<std::int64_t>& sum,
                         const std::optional<std::int64_t>& tokens,
                         const std::optional<std::int64_t>& more,
                         const std::optional<std::int64_t>& more_tokens) noexcept {
    if (sum || more)
      sum = sum.value_or(tokens.value_or(0)) + more.value_or(more_tokens.value_or(0));
  }
  static UsageUpdate plus(UsageUpdate sum, const UsageUpdate& more) noexcept {
    add_billed(sum.billed_input_tokens, sum.input_tokens, more.billed_input_tokens,
               more.input_tokens);
    add_billed(sum.billed_output_tokens, sum.output_tokens, more.billed_output_tokens,
               more.output_tokens);
    add(sum.input_tokens, more.input_tokens);
    add(sum.output_tokens, more.output_tokens);
    add(sum.cached_input_tokens, more.cached_input_tokens);
    add(sum.cache_write_tokens, more.cache_write_tokens);
    add(sum.reasoning_tokens, more.reasoning_tokens);
    sum.estimated = sum.estimated || more.estimated;
    return sum;
  }

  UsageUpdate earlier_;
  UsageUpdate current_;
};

}  // namespace scena::llm

#pragma once

#include <cstdint>
#include <optional>

#include "guard/quota_headers.hpp"

namespace scena::guard {

/// Spreads calls over what a service said it has left, instead of running into its refusals.
///
/// A quota with room lets calls pass, each taken off in advance until the next answer tells the
/// truth; one that is used up holds calls back until it has room again: for as long as it takes to
/// fill so far where it fills bit by bit, else until its reset. Services that say nothing are not
/// paced.
class QuotaPacer {
 public:
  /// What an answer said at `now`.
  void update(const QuotaNews& news, TimePoint now) noexcept;
  /// How long a call of about so many tokens should wait; zero: it may go, and is counted.
  Duration take(std::int64_t input_tokens, std::int64_t output_tokens, TimePoint now) noexcept;
  /// The same, and nothing is counted.
  Duration wait(std::int64_t input_tokens, std::int64_t output_tokens, TimePoint now) noexcept;

 private:
  struct Quota {
    QuotaLeft left;  // as of `at`, what was taken since taken off
    TimePoint at{};
  };

  static void note(std::optional<Quota>& quota, const std::optional<QuotaLeft>& news,
                   TimePoint now) noexcept;
  static Duration wait_of(std::optional<Quota>& quota, std::int64_t amount, TimePoint now) noexcept;
  static void take_off(std::optional<Quota>& quota, std::int64_t amount) noexcept;

  std::optional<Quota> requests_;
  std::optional<Quota> tokens_;
  std::optional<Quota> input_;
  std::optional<Quota> output_;
};

}  // namespace scena::guard

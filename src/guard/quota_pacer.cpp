#include "guard/quota_pacer.hpp"

#include <algorithm>

namespace scena::guard {

void QuotaPacer::note(std::optional<Quota>& quota, const std::optional<QuotaLeft>& news,
                      TimePoint now) noexcept {
  if (news) quota = Quota{*news, now};
}

void QuotaPacer::update(const QuotaNews& news, TimePoint now) noexcept {
  note(requests_, news.requests, now);
  note(tokens_, news.tokens, now);
  note(input_, news.input_tokens, now);
  note(output_, news.output_tokens, now);
}

// A call larger than the whole quota would wait for ever: a full quota lets it pass, and the
// service judges it.
Duration QuotaPacer::wait_of(std::optional<Quota>& quota, std::int64_t amount,
                             TimePoint now) noexcept {
  if (quota && now >= quota->at + quota->left.reset) quota.reset();
  if (!quota) return Duration::zero();
  return std::max(Duration::zero(), quota->at + time_to_room(quota->left, amount) - now);
}

// What is taken off a quota that fills bit by bit takes its time to come back.
void QuotaPacer::take_off(std::optional<Quota>& quota, std::int64_t amount) noexcept {
  if (!quota) return;
  QuotaLeft& left = quota->left;
  const std::int64_t missing = left.refills_to - left.remaining;
  if (missing > 0) {
    const double of_one = static_cast<double>(left.reset.count()) / static_cast<double>(missing);
    const double more = std::min(of_one * static_cast<double>(amount),
                                 static_cast<double>(Duration(kLongestWait).count()));
    left.reset =
        std::min<Duration>(left.reset + Duration(static_cast<Duration::rep>(more)), kLongestWait);
  }
  left.remaining -= amount;
}

Duration QuotaPacer::wait(std::int64_t input_tokens, std::int64_t output_tokens,
                          TimePoint now) noexcept {
  return std::max({wait_of(requests_, 1, now), wait_of(tokens_, input_tokens + output_tokens, now),
                   wait_of(input_, input_tokens, now), wait_of(output_, output_tokens, now)});
}

Duration QuotaPacer::take(std::int64_t input_tokens, std::int64_t output_tokens,
                          TimePoint now) noexcept {
  const Duration longest = wait(input_tokens, output_tokens, now);
  if (longest > Duration::zero()) return longest;
  take_off(requests_, 1);
  take_off(tokens_, input_tokens + output_tokens);
  take_off(input_, input_tokens);
  take_off(output_, output_tokens);
  return Duration::zero();
}

}  // namespace scena::guard

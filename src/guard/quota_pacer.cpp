#include "guard/quota_pacer.hpp"

#include <algorithm>

namespace scena::guard {

void QuotaPacer::note(std::optional<Quota>& quota, const std::optional<QuotaLeft>& news,
                      TimePoint now) noexcept {
  if (news) quota = Quota{news->remaining, now + news->reset};
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
  if (quota && now >= quota->full_at) quota.reset();
  return !quota || quota->remaining >= amount ? Duration::zero() : quota->full_at - now;
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
  if (requests_) --requests_->remaining;
  if (tokens_) tokens_->remaining -= input_tokens + output_tokens;
  if (input_) input_->remaining -= input_tokens;
  if (output_) output_->remaining -= output_tokens;
  return Duration::zero();
}

}  // namespace scena::guard

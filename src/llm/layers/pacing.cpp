#include "llm/layers/pacing.hpp"

#include <algorithm>
#include <utility>

#include "guard/quota_headers.hpp"
#include "llm/layers/held_call.hpp"
#include "net/http.hpp"

namespace scena::llm {
namespace {

// What an answer takes of a quota when nobody said how long it may be.
constexpr std::int64_t kUsualAnswer = 1'024;

ReplyEnd used_up(Duration wait, const char* words) {
  Error full = Error::fixed(ErrorCode::rate_limited, words);
  full.with_retry_after(std::chrono::ceil<std::chrono::milliseconds>(wait));
  return {.outcome = Outcome::failed, .error = full, .unasked = true};
}

// A call in the waiting: asks again when its time has come, since others may have been faster.
void attempt(const std::shared_ptr<HeldCall>& call, net::Loop& loop,
             const PacingProvider::Wait& wait_of) {
  if (!call->waits()) return;
  const Duration wait = wait_of(call->request(), loop.now());
  if (wait <= Duration::zero()) return call->go();
  const auto total = call->request().timeouts.total;
  if (total.count() > 0 && call->waited() + wait >= total) {
    return call->end(
        used_up(wait, "the service's quota is used up for longer than this call may take"));
  }
  const net::TimerId timer =
      loop.after(wait, [call, &loop, wait_of] { attempt(call, loop, wait_of); });
  call->hold([timer, &loop] { loop.cancel(timer); });
}

}  // namespace

void SharedPacer::set_default_model(std::string model) {
  std::lock_guard lock(mutex_);
  default_model_ = std::move(model);
}

void SharedPacer::update(const net::HttpHead& head, const std::string& model, TimePoint now,
                         WallTime wall) {
  const auto tells = [](const auto& field) {
    return field.first.size() > 12 &&
           (field.first[0] == 'x' || field.first[0] == 'X' || field.first[0] == 'a' ||
            field.first[0] == 'A') &&
           field.first.find("imit") != std::string::npos;
  };
  if (std::none_of(head.headers.begin(), head.headers.end(), tells)) return;
  const auto news =
      guard::read_quota([&head](std::string_view name) { return head.header(name); }, wall);
  if (news.empty()) return;
  std::lock_guard lock(mutex_);
  const auto known = pacers_.find(model_of(model));
  if (known == pacers_.end() && pacers_.size() == kMaxModels) return;
  pacers_[model_of(model)].update(news, now);
}

Duration SharedPacer::ask(Ask question, const ReplyRequest& request, TimePoint now) {
  std::lock_guard lock(mutex_);
  const auto known = pacers_.find(model_of(request.model));
  if (known == pacers_.end()) return Duration::zero();
  return (known->second.*question)(request.context.prompt_tokens,
                                   request.max_tokens.value_or(kUsualAnswer), now);
}

Duration SharedPacer::take(const ReplyRequest& request, TimePoint now) {
  return ask(&guard::QuotaPacer::take, request, now);
}

Duration SharedPacer::wait(const ReplyRequest& request, TimePoint now) {
  return ask(&guard::QuotaPacer::wait, request, now);
}

PacingProvider::Wait PacingProvider::on_key(std::shared_ptr<SharedPacer> pacer) {
  return [pacer = std::move(pacer)](const ReplyRequest& request, TimePoint now) {
    return pacer->take(request, now);
  };
}

PacingProvider::Wait PacingProvider::on_first_of(std::vector<std::shared_ptr<SharedPacer>> pacers) {
  return [pacers = std::move(pacers)](const ReplyRequest& request, TimePoint now) {
    Duration shortest = Duration::max();
    for (const auto& pacer : pacers) shortest = std::min(shortest, pacer->wait(request, now));
    return shortest;
  };
}

void PacingProvider::start(std::shared_ptr<const ReplyRequest> request,
                           std::shared_ptr<ReplySink> sink, std::stop_token stop) {
  const Duration wait = wait_(*request, loop_.now());
  if (wait <= Duration::zero())
    return inner_->start(std::move(request), std::move(sink), std::move(stop));
  if (!waits_) {
    return loop_.post([sink = std::move(sink), end = used_up(wait, "this key's quota is used up")] {
      sink->on_done(end);
    });
  }
  auto call = std::make_shared<HeldCall>(inner_, loop_, std::move(request), std::move(sink),
                                         std::move(stop));
  loop_.post([call, &loop = loop_, wait_of = wait_] { attempt(call, loop, wait_of); });
  call->hold(nullptr);
}

}  // namespace scena::llm

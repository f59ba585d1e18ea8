#pragma once

#include <memory>
#include <mutex>
#include <scena/ext/provider.hpp>
#include <unordered_map>

#include "guard/concurrency_limit.hpp"
#include "net/loop.hpp"

namespace scena::llm {

/// The places of one service, shared by the layers of every loop.
///
/// Threading: any thread. What waits is woken on the thread that made room, and posts to its loop.
class SharedPlaces {
 public:
  explicit SharedPlaces(guard::ConcurrencyLimits limits) : limits_(limits), places_(limits) {}

  const guard::ConcurrencyLimits& limits() const noexcept { return limits_; }
  using Entry = guard::ConcurrencyLimit::Entry;
  /// `wait` is called only where there is no place free now, under the lock; what it returns is
  /// kept while the caller waits, and called once when its place is free.
  template <class Wait>
  Entry enter(std::uint64_t& id, Wait wait) {
    std::lock_guard lock(mutex_);
    id = ++last_id_;
    const Entry entry = places_.enter(id);
    if (entry != Entry::waits) return entry;
    try {
      waiting_.emplace(id, wait());
    } catch (...) {
      places_.give_up(id);
      throw;
    }
    return entry;
  }
  void leave();
  bool give_up(std::uint64_t id);

 private:
  const guard::ConcurrencyLimits limits_;
  std::mutex mutex_;
  guard::ConcurrencyLimit places_;
  std::unordered_map<std::uint64_t, Task> waiting_;
  std::uint64_t last_id_ = 0;
};

/// A Provider that lets only so many replies of `inner` stream at once; the others wait in line,
/// and what finds the line full fails at once with limit_reached.
class ConcurrencyProvider final : public Provider {
 public:
  ConcurrencyProvider(std::shared_ptr<Provider> inner, net::Loop& loop,
                      std::shared_ptr<SharedPlaces> places)
      : inner_(std::move(inner)), loop_(loop), places_(std::move(places)) {}

  std::string_view name() const noexcept override { return inner_->name(); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override;
  Result<std::string> request_body(const ReplyRequest& request) const override {
    return inner_->request_body(request);
  }

 private:
  std::shared_ptr<Provider> inner_;
  net::Loop& loop_;
  std::shared_ptr<SharedPlaces> places_;
};

}  // namespace scena::llm

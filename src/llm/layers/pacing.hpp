#pragma once

#include <memory>
#include <mutex>
#include <scena/ext/provider.hpp>

#include "guard/quota_pacer.hpp"
#include "net/loop.hpp"

namespace scena::net {
struct HttpHead;
}

namespace scena::llm {

/// The quotas of one key of one service, shared by the layers of every loop.
class SharedPacer {
 public:
  /// What an answer's head tells.
  void update(const net::HttpHead& head, TimePoint now, WallTime wall);
  Duration take(const ReplyRequest& request, TimePoint now);

 private:
  std::mutex mutex_;
  guard::QuotaPacer pacer_;
};

/// A Provider that waits before a call that the service said it would refuse. A wait that does not
/// fit the call's total time is not begun: the call fails with rate_limited and the time to wait.
class PacingProvider final : public Provider {
 public:
  PacingProvider(std::shared_ptr<Provider> inner, net::Loop& loop,
                 std::shared_ptr<SharedPacer> pacer)
      : inner_(std::move(inner)), loop_(loop), pacer_(std::move(pacer)) {}

  std::string_view name() const noexcept override { return inner_->name(); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override;
  Result<std::string> request_body(const ReplyRequest& request) const override {
    return inner_->request_body(request);
  }

 private:
  std::shared_ptr<Provider> inner_;
  net::Loop& loop_;
  std::shared_ptr<SharedPacer> pacer_;
};

}  // namespace scena::llm

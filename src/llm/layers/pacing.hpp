#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <scena/ext/provider.hpp>
#include <string>

#include "guard/quota_pacer.hpp"
#include "net/loop.hpp"

namespace scena::net {
struct HttpHead;
}

namespace scena::llm {

/// The quotas of one key of one service, each model's by itself, shared by the layers of every
/// loop.
class SharedPacer {
 public:
  /// What the head of an answer to a request for `model` (as ReplyRequest::model has it) tells.
  void update(const net::HttpHead& head, const std::string& model, TimePoint now, WallTime wall);
  Duration take(const ReplyRequest& request, TimePoint now);

 private:
  static constexpr std::size_t kMaxModels = 256;  // those behind have none

  std::mutex mutex_;
  std::map<std::string, guard::QuotaPacer> pacers_;  // of models that were told something of
};

/// A Provider that waits before a call that the service said it would refuse. A wait that does not
/// fit the call's total time is not begun: the call fails with rate_limited and the time to wait.
/// So does every call that would wait where `waits` is false, since another key may have room.
class PacingProvider final : public Provider {
 public:
  PacingProvider(std::shared_ptr<Provider> inner, net::Loop& loop,
                 std::shared_ptr<SharedPacer> pacer, bool waits = true)
      : inner_(std::move(inner)), loop_(loop), pacer_(std::move(pacer)), waits_(waits) {}

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
  bool waits_;
};

}  // namespace scena::llm

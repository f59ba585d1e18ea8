#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <scena/ext/provider.hpp>
#include <string>
#include <vector>

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
  /// The model that a request is for which names none.
  void set_default_model(std::string model);
  /// What the head of an answer to a request for `model` (as ReplyRequest::model has it) tells.
  void update(const net::HttpHead& head, const std::string& model, TimePoint now, WallTime wall);
  /// How long the call should wait; zero: it may go, and is counted.
  Duration take(const ReplyRequest& request, TimePoint now);
  /// The same, and nothing is counted.
  Duration wait(const ReplyRequest& request, TimePoint now);

 private:
  using Ask = Duration (guard::QuotaPacer::*)(std::int64_t, std::int64_t, TimePoint) noexcept;
  Duration ask(Ask question, const ReplyRequest& request, TimePoint now);
  const std::string& model_of(const std::string& named) const noexcept {
    return named.empty() ? default_model_ : named;
  }

  static constexpr std::size_t kMaxModels = 256;  // those behind have none

  std::mutex mutex_;
  std::string default_model_;
  std::map<std::string, guard::QuotaPacer> pacers_;  // of models that were told something of
};

/// A Provider that waits before a call that the service said it would refuse. A wait that does not
/// fit the call's total time is not begun: the call fails with rate_limited and the time to wait.
/// So does every call that would wait where `waits` is false, since another key may have room.
class PacingProvider final : public Provider {
 public:
  /// How long a call should wait. Zero: it may go, and is counted where there is a count.
  using Wait = std::function<Duration(const ReplyRequest& request, TimePoint now)>;

  PacingProvider(std::shared_ptr<Provider> inner, net::Loop& loop, Wait wait, bool waits = true)
      : inner_(std::move(inner)), loop_(loop), wait_(std::move(wait)), waits_(waits) {}

  /// For one key, whose quota the call is taken off.
  static Wait on_key(std::shared_ptr<SharedPacer> pacer);
  /// In front of several keys: until the first of them has room.
  static Wait on_first_of(std::vector<std::shared_ptr<SharedPacer>> pacers);

  std::string_view name() const noexcept override { return inner_->name(); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override;
  Result<std::string> request_body(const ReplyRequest& request) const override {
    return inner_->request_body(request);
  }

 private:
  std::shared_ptr<Provider> inner_;
  net::Loop& loop_;
  Wait wait_;
  bool waits_;
};

}  // namespace scena::llm

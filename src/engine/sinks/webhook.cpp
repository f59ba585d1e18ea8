#include "engine/sinks/webhook.hpp"

#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "base/url.hpp"

namespace scena::engine {
namespace {

constexpr std::size_t kHookAnswerBytes = 64u << 10;  // nobody reads it

// Judges one answer. What the receiver says goes no further: it may hold anything.
class HookSink final : public net::HttpSink {
 public:
  explicit HookSink(std::shared_ptr<JobAnswer> answer) : answer_(std::move(answer)) {}

  void on_head(const net::HttpHead& head) override { status_ = head.status; }
  void on_body(std::string_view) override {}
  void on_end(const net::HttpEnd& end) override {
    const bool taken = status_ >= 200 && status_ <= 299;
    if (end.error && !(taken && end.error->code() == ErrorCode::too_large))
      return refuse(end.error->code());
    const std::string status = std::to_string(status_);
    if (taken) return answer_->succeed("status " + status);
    if (status_ == 410) return answer_->give_up("the receiver wants no more events: status 410");
    answer_->fail("the receiver answered with status " + status);
  }

 private:
  void refuse(ErrorCode code) {
    switch (code) {
      case ErrorCode::permission_denied:
      case ErrorCode::invalid_argument:
        return answer_->give_up("the receiver's address is not allowed");
      case ErrorCode::timeout:
        return answer_->fail("the receiver did not answer in time");
      default:
        return answer_->fail("the receiver could not be reached");
    }
  }

  std::shared_ptr<JobAnswer> answer_;
  int status_ = 0;
};

class Webhook final : public EventSink {
 public:
  Webhook(const WebhookConfig& config, Secret key, net::HttpTransport& http, Clock& clock)
      : config_(config), key_(std::move(key)), http_(http), clock_(clock) {}

  EventSinkOptions options() const override {
    EventSinkOptions options;
    options.events = config_.events;
    options.tenant = config_.tenant;
    options.max_attempts = config_.max_attempts;
    options.max_waiting = config_.max_waiting;
    options.time_limit = config_.time_limit;
    return options;
  }

  void deliver(const Event& event, const Job& job, std::shared_ptr<JobAnswer> answer,
               std::stop_token stop) override {
    net::HttpRequest request;
    request.url = config_.url;
    if (config_.public_only) {
      if (const auto judged = judge_url(config_.url); !judged)
        return answer->give_up("the receiver's address is not allowed");
      request.reach = net::Reach::public_only;
    }
    request.timeouts.first_byte = config_.time_limit;
    request.timeouts.total = config_.time_limit;
    request.max_body_bytes = kHookAnswerBytes;
    request.may_repeat = true;  // its id tells a receiver that it has come before
    request.body = event.to_json();
    const std::string id = "evt_" + sha256_hex(job.tenant + '/' + job.id).substr(0, 32);
    const std::string time = std::to_string(
        std::chrono::floor<std::chrono::seconds>(clock_.wall()).time_since_epoch().count());
    request.headers = {{"Content-Type", "application/json"},
                       {"webhook-id", id},
                       {"webhook-timestamp", time},
                       {"webhook-signature", webhook_signature(key_, id, time, request.body)}};
    request.secret_headers.emplace_back("webhook-signature");
    http_.start(std::move(request), std::make_shared<HookSink>(std::move(answer)), std::move(stop));
  }

 private:
  const WebhookConfig config_;
  const Secret key_;
  net::HttpTransport& http_;
  Clock& clock_;
};

}  // namespace

Result<Secret> webhook_key(std::string_view text) {
  constexpr std::string_view kPrefix = "whsec_";
  if (text.starts_with(kPrefix)) {
    auto bytes = base64_decode(text.substr(kPrefix.size()));
    if (bytes && bytes->size() >= 24 && bytes->size() <= 64) {
      return Secret(std::move(*bytes));
    }
  }
  return Error::fixed(ErrorCode::unauthenticated,
                      "webhook secret: must be \"whsec_\" and the base64 of 24 to 64 random bytes");
}

std::string webhook_signature(const Secret& key, std::string_view id, std::string_view timestamp,
                              std::string_view body) {
  std::string content;
  content.reserve(id.size() + timestamp.size() + body.size() + 2);
  content.append(id).append(".").append(timestamp).append(".").append(body);
  return "v1," + base64_encode(hmac_sha256(key.reveal(), content));
}

std::shared_ptr<EventSink> make_webhook(const WebhookConfig& config, Secret key,
                                        net::HttpTransport& http, Clock& clock) {
  return std::make_shared<Webhook>(config, std::move(key), http, clock);
}

}  // namespace scena::engine

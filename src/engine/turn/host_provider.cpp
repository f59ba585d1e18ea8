#include "engine/turn/host_provider.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/text.hpp"

namespace scena::engine {
namespace {

// Collects what the host reports under a lock and hands it over on the loop, many pieces a task.
class QueueingSink final : public ReplySink, public std::enable_shared_from_this<QueueingSink> {
 public:
  QueueingSink(std::shared_ptr<ReplySink> sink, net::Loop& loop, Timeouts timeouts,
               std::stop_token stop)
      : sink_(std::move(sink)),
        loop_(loop),
        stopped_(stop, [this] { stop_requested(); }),
        timeouts_(timeouts) {}

  void on_start(const ReplyStart& start) override {
    push([start](ReplySink& sink) { sink.on_start(start); });
  }
  void on_reasoning(std::string_view delta) override {
    push([text = utf8_repair(delta)](ReplySink& sink) { sink.on_reasoning(text); });
  }
  void on_refusal(std::string_view delta) override {
    push([text = utf8_repair(delta)](ReplySink& sink) { sink.on_refusal(text); });
  }
  void on_usage(const UsageUpdate& usage) override {
    push([usage](ReplySink& sink) { sink.on_usage(usage); });
  }
  void on_warning(std::string_view code, std::string_view detail) override {
    push([code = std::string(code), detail = std::string(detail)](ReplySink& sink) {
      sink.on_warning(code, detail);
    });
  }
  void on_text(std::string_view delta) override {
    if (delta.empty()) return;
    push([text = utf8_repair(delta)](ReplySink& sink) { sink.on_text(text); });
  }
  void on_done(const ReplyEnd& end) override {
    push([this, end](ReplySink&) { finish(end); });
  }

  /// The total limit holds for a host's provider too, also when it forgets it.
  void arm() {
    if (timeouts_.total.count() <= 0) return;
    timer_ = loop_.after(timeouts_.total, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->timer_ = 0;
        self->finish({Outcome::failed,
                      FinishReason::other,
                      {},
                      Error::fixed(ErrorCode::timeout, "the reply passed the total time limit")});
      }
    });
  }

 private:
  using Piece = std::function<void(ReplySink&)>;

  void push(Piece piece) {
    {
      std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(piece));
      if (posted_) return;
      posted_ = true;
    }
    loop_.post([self = shared_from_this()] { self->deliver(); });
  }

  void deliver() {
    std::vector<Piece> pieces;
    {
      std::lock_guard lock(mutex_);
      pieces.swap(waiting_);
      posted_ = false;
    }
    for (auto& piece : pieces) {
      if (done_) return;
      piece(*sink_);
    }
    if (!done_) sink_->on_flush();
  }

  void stop_requested() {
    net::post_or_drop(loop_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->finish({Outcome::cancelled,
                      FinishReason::other,
                      {},
                      Error::fixed(ErrorCode::cancelled, "cancelled")});
      }
    });
  }

  void finish(const ReplyEnd& end) {
    if (done_) return;
    done_ = true;
    if (timer_ != 0) loop_.cancel(timer_);
    // Let go of here: the host may keep this object longer than the engine lives.
    const auto sink = std::move(sink_);
    sink->on_flush();
    sink->on_done(end);
  }

  std::shared_ptr<ReplySink> sink_;
  net::Loop& loop_;
  std::mutex mutex_;
  std::vector<Piece> waiting_;
  bool posted_ = false;
  bool done_ = false;  // on the loop only
  net::TimerId timer_ = 0;
  std::stop_callback<std::function<void()>> stopped_;
  Timeouts timeouts_;
};

}  // namespace

void HostProvider::start(ReplyRequest request, std::shared_ptr<ReplySink> sink,
                         std::stop_token stop) {
  auto queue = std::make_shared<QueueingSink>(std::move(sink), loop_, request.timeouts, stop);
  queue->arm();
  try {
    provider_->start(std::move(request), queue, std::move(stop));
  } catch (...) {
    queue->on_done({Outcome::failed,
                    FinishReason::other,
                    {},
                    Error::fixed(ErrorCode::provider_error,
                                 "the host's provider threw an exception in start()")});
  }
}

Result<std::string> HostProvider::request_body(const ReplyRequest& request) const {
  try {
    return provider_->request_body(request);
  } catch (...) {
    return Error::fixed(ErrorCode::provider_error,
                        "the host's provider threw an exception in request_body()");
  }
}

}  // namespace scena::engine

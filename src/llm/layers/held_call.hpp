#pragma once

#include <functional>
#include <memory>
#include <scena/ext/provider.hpp>
#include <stop_token>
#include <utility>

#include "llm/layer_sink.hpp"
#include "net/loop.hpp"
#include "net/stop_on_loop.hpp"

namespace scena::llm {

/// A call that a layer keeps back before it goes on: until a time, a free place, another's answer.
/// Cancelled while it waits, it ends within one loop turn.
///
/// Threading: on the loop; the stop request may come from any thread.
class HeldCall : public std::enable_shared_from_this<HeldCall> {
 public:
  HeldCall(std::shared_ptr<Provider> inner, net::Loop& loop,
           std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
           std::stop_token stop)
      : inner_(std::move(inner)),
        loop_(loop),
        request_(std::move(request)),
        sink_(std::move(sink)),
        stop_(std::move(stop)),
        since_(loop.now()) {}

  /// Begins to wait; `on_cancel` runs before the call ends as cancelled.
  void hold(std::function<void()> on_cancel) {
    on_cancel_ = std::move(on_cancel);
    wake_.watch(stop_, weak_from_this(), loop_);
  }

  /// Goes on to the next layer; does nothing when the call has ended. The time spent waiting is
  /// taken off its total time.
  void go(std::shared_ptr<ReplySink> wrapped = nullptr) {
    if (!sink_) return;
    leave();
    auto sink = std::exchange(sink_, nullptr);
    inner_->start(less_time(std::move(request_), waited()),
                  wrapped ? std::move(wrapped) : std::move(sink), stop_);
  }

  /// Ends the call here; does nothing when it has ended or gone on.
  void end(const ReplyEnd& end) {
    if (!sink_) return;
    leave();
    std::exchange(sink_, nullptr)->on_done(end);
  }

  bool waits() const noexcept { return sink_ != nullptr; }
  const ReplyRequest& request() const noexcept { return *request_; }
  const std::shared_ptr<ReplySink>& sink() const noexcept { return sink_; }
  std::shared_ptr<ReplySink> take_sink() noexcept {
    leave();
    return std::exchange(sink_, nullptr);
  }
  std::chrono::milliseconds waited() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(loop_.now() - since_);
  }

 private:
  void leave() noexcept {
    wake_.forget();
    on_cancel_ = nullptr;
  }

  void cancel() {
    if (!sink_) return;
    if (const auto before = std::exchange(on_cancel_, nullptr)) before();
    end({.outcome = Outcome::cancelled,
         .error = Error::fixed(ErrorCode::cancelled, "cancelled while it waited"),
         .unasked = true});
  }

  std::shared_ptr<Provider> inner_;
  net::Loop& loop_;
  std::shared_ptr<const ReplyRequest> request_;
  std::shared_ptr<ReplySink> sink_;
  std::stop_token stop_;
  TimePoint since_;
  std::function<void()> on_cancel_;
  net::StopOnLoop<HeldCall, &HeldCall::cancel> wake_;
};

/// Ends a reply on the loop, since no provider calls its sink inside start().
inline void end_later(net::Loop& loop, std::shared_ptr<ReplySink> sink, ReplyEnd end) {
  loop.post([sink = std::move(sink), end = std::move(end)] { sink->on_done(end); });
}

}  // namespace scena::llm

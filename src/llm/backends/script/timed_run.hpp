#pragma once

#include <memory>
#include <optional>
#include <scena/ext/provider.hpp>
#include <stop_token>
#include <utility>

#include "net/loop.hpp"

namespace scena::script {

/// Plays one reply of an in-process provider on a loop's timers. `Part` says what comes when:
///   Duration wait()                           until the next step; zero: now
///   std::optional<ReplyEnd> step(ReplySink&)  delivers what is due; a value ends the reply
///   UsageUpdate usage()                       at the end, however it came
///
/// Everything but the stop callback runs on the loop. The pending timer owns the run; cancelling
/// ends it in the loop turn after the stop request and allocates nothing here.
template <class Part>
class TimedRun final : public std::enable_shared_from_this<TimedRun<Part>> {
 public:
  TimedRun(net::Loop& loop, std::shared_ptr<ReplySink> sink, Part part)
      : loop_(loop), sink_(std::move(sink)), part_(std::move(part)) {}

  void start(std::stop_token stop) {
    plan(part_.wait());
    if (stop.stop_possible()) stopping_.emplace(std::move(stop), OnStop{this});
  }

 private:
  static constexpr int kBatch = 256;  // steps without waiting in one loop turn

  struct OnStop {
    TimedRun* run;
    void operator()() const noexcept {
      if (auto self = run->weak_from_this().lock()) {
        net::Loop& loop = self->loop_;
        net::post_or_drop(loop, [held = std::move(self)] { held->cancel(); });
      }
    }
  };

  void plan(Duration wait) {
    timer_ = loop_.after(wait, [self = this->shared_from_this()] { self->play(); });
  }

  void play() {
    if (done_) return;
    Duration wait = Duration::zero();
    for (int i = 0; i < kBatch && wait == Duration::zero(); ++i) {
      if (const auto end = part_.step(*sink_)) {
        sink_->on_flush();
        return finish(*end);
      }
      wait = part_.wait();
    }
    sink_->on_flush();
    plan(wait);
  }

  void cancel() {
    if (done_) return;
    loop_.cancel(timer_);
    finish({.outcome = Outcome::cancelled});
  }

  void finish(const ReplyEnd& end) {
    done_ = true;
    stopping_.reset();
    const auto sink = std::move(sink_);
    sink->on_usage(part_.usage());
    sink->on_done(end);
  }

  net::Loop& loop_;
  std::shared_ptr<ReplySink> sink_;
  Part part_;
  net::TimerId timer_ = 0;
  bool done_ = false;
  std::optional<std::stop_callback<OnStop>> stopping_;
};

/// Fails a reply that could not begin, in a later loop turn.
inline void fail_later(net::Loop& loop, std::shared_ptr<ReplySink> sink, const Error& error) {
  loop.post([sink = std::move(sink), held = std::make_unique<Error>(error)] {
    sink->on_done({.outcome = Outcome::failed, .error = *held});
  });
}

}  // namespace scena::script

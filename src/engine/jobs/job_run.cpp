#include "engine/jobs/job_run.hpp"

#include <atomic>

#include "base/text.hpp"

namespace scena::engine {
namespace {

constexpr std::size_t kMaxReasonBytes = 4u << 10;

class FunctionHandler final : public JobHandler {
 public:
  FunctionHandler(std::function<std::string(const Job&)> function, JobHandling handling)
      : function_(std::move(function)), handling_(handling) {}
  JobHandling handling() const override { return handling_; }
  void run(const Job& job, std::shared_ptr<JobAnswer> answer, std::stop_token) override {
    try {
      answer->succeed(function_(job));
    } catch (const std::exception& thrown) {
      answer->fail(thrown.what());
    }
  }

 private:
  std::function<std::string(const Job&)> function_;
  JobHandling handling_;
};

}  // namespace

// What the handler holds: brings the first answer to the loop, and says so when none ever comes.
class JobRun::Answer final : public JobAnswer {
 public:
  Answer(std::weak_ptr<JobRun> run, std::shared_ptr<LoopGate> gate)
      : run_(std::move(run)), gate_(std::move(gate)) {}
  ~Answer() override {
    try {
      bring(JobEnd::How::failed, "the handler gave no answer");
    } catch (...) {
      // No memory to say so: the attempt ends at its time limit.
    }
  }
  void succeed(std::string_view result) override {
    if (result.size() > kMaxJobBytes)
      return bring(JobEnd::How::given_up, "the result is larger than 1 MiB");
    bring(JobEnd::How::done, sound_text(result));
  }
  void fail(std::string_view reason) override { bring(JobEnd::How::failed, cut(reason)); }
  void give_up(std::string_view reason) override { bring(JobEnd::How::given_up, cut(reason)); }

 private:
  static std::string cut(std::string_view reason) {
    return reason.empty() ? "the handler gave no reason"
                          : sound_text(utf8_truncate(reason, kMaxReasonBytes));
  }

  void bring(JobEnd::How how, std::string text) {
    if (answered_.exchange(true)) return;
    gate_->post([run = run_, end = JobEnd{how, std::move(text)}]() mutable {
      if (const auto self = run.lock()) self->answered(std::move(end));
    });
  }

  std::weak_ptr<JobRun> run_;
  std::shared_ptr<LoopGate> gate_;
  std::atomic<bool> answered_{false};
};

JobRun::JobRun(Job job, std::shared_ptr<JobHandler> handler, std::chrono::milliseconds time_limit,
               net::Loop& loop, std::shared_ptr<LoopGate> gate, Logger log, Done done)
    : job_(std::move(job)),
      handler_(std::move(handler)),
      time_limit_(time_limit),
      loop_(loop),
      gate_(std::move(gate)),
      log_(std::move(log)),
      done_(std::move(done)) {}

JobRun::~JobRun() {
  stop();
}

void JobRun::start() {
  timer_ = loop_.after(time_limit_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) {
      self->timer_ = 0;
      auto stop = self->stop_;  // asked for when the end is on its way
      self->answered({JobEnd::How::failed, "the handler did not answer in time"});
      stop.request_stop();
    }
  });
  auto answer = std::make_shared<Answer>(weak_from_this(), gate_);
  try {
    handler_->run(job_, answer, stop_.get_token());
  } catch (...) {
    log_.error("a job handler threw an exception; the attempt has failed",
               {{"kind", job_.kind}, {"job", job_.id}});
    answer->fail("the handler threw an exception");
  }
}

void JobRun::stop() noexcept {
  if (std::exchange(ended_, true)) return;
  done_ = nullptr;
  if (timer_ != 0) loop_.cancel(timer_);
  stop_.request_stop();
}

void JobRun::answered(JobEnd end) {
  if (std::exchange(ended_, true)) return;
  const auto keep = shared_from_this();
  if (timer_ != 0) loop_.cancel(timer_);
  std::exchange(done_, nullptr)(std::move(end));
}

}  // namespace scena::engine

namespace scena {

std::shared_ptr<JobHandler> make_job_handler(std::function<std::string(const Job&)> function,
                                             JobHandling handling) {
  return std::make_shared<engine::FunctionHandler>(std::move(function), handling);
}

}  // namespace scena

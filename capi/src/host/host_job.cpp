// Background jobs and event sinks of a host: the same answers end an attempt at either.
#include <functional>
#include <optional>

#include "answers.hpp"
#include "host/cancel_gate.hpp"
#include "host/extensions.hpp"

/// What the host holds of one attempt.
struct scena_job_run {
  std::shared_ptr<scena::JobAnswer> answer;
  std::shared_ptr<scena::capi::UserData> data;  // alive as long as the host may call back
  std::shared_ptr<scena::capi::CancelGate<scena_job_run>> gate;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
  scena::capi::LifeMark life = {};
};

namespace scena::capi {
namespace {

// Hands one attempt to the host: `begin(handle)`, then `cancel` when no answer is wanted any more.
template <class Begin>
void hand_over(const std::shared_ptr<UserData>& data, void (*cancel)(void*, scena_job_run*),
               std::shared_ptr<JobAnswer> answer, std::stop_token stop, Begin&& begin) {
  auto run = std::make_unique<scena_job_run>();
  run->answer = std::move(answer);
  run->data = data;
  std::function<void()> tell;
  if (cancel) tell = [cancel, data, held = run.get()] { cancel(data->get(), held); };
  const auto gate = std::make_shared<CancelGate<scena_job_run>>(std::move(tell));
  run->gate = gate;
  run->on_stop.emplace(std::move(stop), [gate] { CancelGate<scena_job_run>::stop(gate); });
  begin(run.release());
  gate->began();
}

class HostJobHandler final : public JobHandler {
 public:
  explicit HostJobHandler(const scena_job_handler& table)
      : table_(table), data_(std::make_shared<UserData>(table.user_data, table.destroy)) {
    if (table.parallel > 0) handling_.parallel = table.parallel;
    if (table.time_limit_ms > 0)
      handling_.time_limit = std::chrono::milliseconds(table.time_limit_ms);
  }

  JobHandling handling() const override { return handling_; }

  void run(const Job& job, std::shared_ptr<JobAnswer> answer, std::stop_token stop) override {
    const std::string json = to_json(job);
    hand_over(data_, table_.cancel, std::move(answer), std::move(stop),
              [&](scena_job_run* run) { table_.run(data_->get(), json.c_str(), run); });
  }

 private:
  scena_job_handler table_;
  JobHandling handling_;
  std::shared_ptr<UserData> data_;
};

class HostEventSink final : public EventSink {
 public:
  explicit HostEventSink(const scena_event_sink& table)
      : table_(table), data_(std::make_shared<UserData>(table.user_data, nullptr)) {
    for (auto type = table.events; type && *type; ++type) options_.events.emplace_back(*type);
    if (table.tenant) options_.tenant = table.tenant;
    if (table.parallel > 0) options_.parallel = table.parallel;
    if (table.time_limit_ms > 0)
      options_.time_limit = std::chrono::milliseconds(table.time_limit_ms);
    if (table.max_waiting > 0) options_.max_waiting = table.max_waiting;
    if (table.max_attempts > 0) options_.max_attempts = static_cast<int>(table.max_attempts);
    data_->set_destroy(table.destroy);  // last: nothing throws any more
  }

  EventSinkOptions options() const override { return options_; }

  void deliver(const Event& event, const Job& job, std::shared_ptr<JobAnswer> answer,
               std::stop_token stop) override {
    std::string event_json;
    event.write_json(event_json);
    const std::string job_json = to_json(job);
    hand_over(data_, table_.cancel, std::move(answer), std::move(stop), [&](scena_job_run* run) {
      table_.deliver(data_->get(), event_json.c_str(), job_json.c_str(), run);
    });
  }

 private:
  scena_event_sink table_;
  EventSinkOptions options_;
  std::shared_ptr<UserData> data_;
};

template <class Answer>
void end_run(scena_job_run* run, Answer&& answer) noexcept {
  if (!live(run)) return;
  end_handle(run, [&](const scena_job_run& held) { answer(*held.answer); });
}

}  // namespace

std::shared_ptr<JobHandler> make_job_handler(const scena_job_handler& table) {
  return std::make_shared<HostJobHandler>(table);
}

std::shared_ptr<EventSink> make_event_sink(const scena_event_sink& table) {
  return std::make_shared<HostEventSink>(table);
}

}  // namespace scena::capi

void scena_job_run_succeed(scena_job_run* run, const char* text, size_t text_len) {
  scena::capi::end_run(run, [&](scena::JobAnswer& answer) {
    answer.succeed(text ? scena::capi::text_of(text, text_len) : std::string_view());
  });
}

void scena_job_run_fail(scena_job_run* run, const char* reason) {
  scena::capi::end_run(
      run, [&](scena::JobAnswer& answer) { answer.fail(reason ? reason : "the job failed"); });
}

void scena_job_run_give_up(scena_job_run* run, const char* reason) {
  scena::capi::end_run(
      run, [&](scena::JobAnswer& answer) { answer.give_up(reason ? reason : "the job failed"); });
}

// Many sessions by a plan, waited for or on threads of their own.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <scena/batch.hpp>
#include <thread>

#include "answers.hpp"
#include "base/json_writer.hpp"
#include "host/extensions.hpp"
#include "news_linux.hpp"

using scena::capi::guarded;
using scena::capi::hand_out_text;
using scena::capi::live;
using scena::capi::none_or_live;
using scena::capi::refuse;
using scena::capi::text_or_empty;

namespace {

std::string progress_json(const scena::BatchProgress& now) {
  std::string json;
  scena::JsonWriter writer(json);
  writer.begin_object().member("total", static_cast<std::uint64_t>(now.total));
  writer.member("done", static_cast<std::uint64_t>(now.done));
  writer.member("failed", static_cast<std::uint64_t>(now.failed));
  writer.member("running", static_cast<std::uint64_t>(now.running));
  writer.member("cost", now.cost.to_string()).end_object();
  return json;
}

std::string result_json(const scena::BatchResult& result) {
  std::string json;
  scena::JsonWriter writer(json);
  writer.begin_object().key("rows").begin_array();
  for (const auto& row : result.rows) writer.raw(row.to_json());
  writer.end_array().member("left", static_cast<std::uint64_t>(result.left));
  writer.member("repeated", static_cast<std::uint64_t>(result.repeated));
  writer.member("stopped", result.stopped).member("cost", result.cost.to_string()).end_object();
  // {"groups": [...]} is an object of its own: its member goes in front.
  std::string groups = scena::groups_to_json(scena::group_rows(result.rows));
  groups.resize(groups.rfind('}'));
  return groups + "," + json.substr(1);
}

// What a caller gave, read and checked.
struct Given {
  scena::BatchPlan plan;
  scena::BatchOptions how;
  std::stop_source stop;
};

void read_given(const char* plan_json, const char* config_json, const scena_extensions* extensions,
                const scena_batch_options& given, Given& out) {
  const auto plan =
      scena::BatchPlan::from_json(plan_json, scena::capi::text_or_empty(given.plan_folder));
  if (!plan) throw plan.error();
  out.plan = *plan;
  out.how.config = scena::Config::from_json(config_json ? config_json : "{}").value_or_throw();
  if (extensions) out.how.dependencies = [parts = extensions->parts] { return parts; };
  out.how.folder = text_or_empty(given.folder);
  out.how.workers = given.workers == 0 ? 1 : given.workers;
  out.how.retry_failed = (given.flags & SCENA_BATCH_RETRY_FAILED) != 0;
  out.how.stop = out.stop.get_token();
  if (given.progress) {
    out.how.progress = [hear = given.progress, data = given.user_data,
                        stop = out.stop](const scena::BatchProgress& now) mutable {
      if (hear(data, progress_json(now).c_str()) != 0) stop.request_stop();
    };
  }
}

// The body of both ways to run a plan: `run(given)` with what was given, once it is known to be
// fine.
template <class Run>
scena_status with_given(const char* plan_json, const char* config_json,
                        const scena_extensions* extensions, const scena_batch_options* options,
                        scena_error** out_error, Run&& run) {
  return guarded(out_error, [&] {
    if (!plan_json) return refuse(out_error, "plan_json: must not be NULL");
    if (!none_or_live(extensions)) return refuse(out_error, "extensions: they were destroyed");
    scena_batch_options given;
    if (!scena::capi::read_struct(options, given))
      return refuse(out_error, "options: set struct_size to sizeof(scena_batch_options)");
    if ((given.flags & ~SCENA_BATCH_RETRY_FAILED) != 0)
      return refuse(out_error, "options.flags: SCENA_BATCH_RETRY_FAILED or 0");
    Given read;
    read_given(plan_json, config_json, extensions, given, read);
    return static_cast<scena_status>(run(read));
  });
}

}  // namespace

/// A batch that runs, and what it came to.
struct scena_batch {
  explicit scena_batch(Given with) : given(std::move(with)) {
    given.how.progress = [this, hear = std::move(given.how.progress)](const auto& now) {
      if (hear && !is_left) {
        inside = std::this_thread::get_id();
        hear(now);
        inside = std::thread::id{};
      }
      std::string json = progress_json(now);
      const std::lock_guard lock(mutex);
      progress = std::move(json);
      news.tell();
    };
  }
  scena_batch(const scena_batch&) = delete;
  scena_batch& operator=(const scena_batch&) = delete;
  ~scena_batch() {
    given.stop.request_stop();
    if (thread.joinable()) thread.join();
  }

  bool is_inside() const noexcept { return inside.load() == std::this_thread::get_id(); }

  void run() noexcept {
    std::string made;
    std::exception_ptr why;
    try {
      made = result_json(scena::run_batch(given.plan, given.how));
    } catch (...) {
      why = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    result = std::move(made);
    failed = std::move(why);
    is_over = true;
    over.notify_all();
    news.tell();
  }

  /// On the batch's own thread: what was destroyed inside `progress` ends by itself.
  void run_and_end() noexcept {
    run();
    if (!is_left) return;
    thread.detach();
    delete this;
  }

  Given given;
  std::atomic<std::thread::id> inside{};  // the thread that `progress` runs on
  std::atomic<bool> is_left = false;
  scena::capi::NewsPipe news;
  std::mutex mutex;  // guards what follows
  std::condition_variable over;
  std::string progress = "{}";
  std::string result;
  std::exception_ptr failed;
  bool is_over = false;
  std::thread thread = {};
  scena::capi::LifeMark life = {};
};

scena_status scena_batch_run(const char* plan_json, const char* config_json,
                             const scena_extensions* extensions, const scena_batch_options* options,
                             scena_text** out_json, scena_error** out_error) {
  return with_given(plan_json, config_json, extensions, options, out_error, [&](Given& given) {
    std::string json = result_json(scena::run_batch(given.plan, given.how));
    return out_json ? hand_out_text(out_json, std::move(json)) : SCENA_OK;
  });
}

scena_status scena_batch_start(const char* plan_json, const char* config_json,
                               const scena_extensions* extensions,
                               const scena_batch_options* options, scena_batch** out_batch,
                               scena_error** out_error) {
  if (!out_batch) return refuse(out_error, "out_batch: must not be NULL");
  return with_given(plan_json, config_json, extensions, options, out_error, [&](Given& given) {
    auto batch = std::make_unique<scena_batch>(std::move(given));
    batch->thread =
        scena::capi::start_without_signals([made = batch.get()] { made->run_and_end(); });
    *out_batch = batch.release();
    return SCENA_OK;
  });
}

int scena_batch_wait_fd(const scena_batch* batch) {
  return live(batch) ? batch->news.fd() : -1;
}

scena_status scena_batch_progress(scena_batch* batch, scena_text** out_json,
                                  scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(batch) || !out_json) return refuse(out_error, "batch and out_json: must not be NULL");
    const std::lock_guard lock(batch->mutex);
    if (!batch->is_over) batch->news.clear();
    return hand_out_text(out_json, batch->progress);
  });
}

scena_status scena_batch_result(scena_batch* batch, int64_t timeout_ms, scena_text** out_json,
                                scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(batch)) return refuse(out_error, "batch: must not be NULL");
    if (timeout_ms < SCENA_NO_TIMEOUT)
      return refuse(out_error, "timeout_ms: 0 or more, or SCENA_NO_TIMEOUT");
    if (timeout_ms != 0 && batch->is_inside()) {
      return scena::capi::report(
          out_error, scena::Error::fixed(scena::ErrorCode::wrong_state,
                                         "inside progress the batch would wait for itself"));
    }
    std::unique_lock lock(batch->mutex);
    const auto is_over = [&] { return batch->is_over; };
    if (timeout_ms == SCENA_NO_TIMEOUT) {
      batch->over.wait(lock, is_over);
    } else if (timeout_ms > 0) {
      // Longer than a year is without a limit, too: the sum of times must not overflow.
      const std::chrono::milliseconds year = std::chrono::hours(8760);
      batch->over.wait_for(lock, std::min(std::chrono::milliseconds(timeout_ms), year), is_over);
    }
    batch->news.clear();
    if (!batch->is_over) return static_cast<scena_status>(SCENA_TIMEOUT);
    if (batch->failed) std::rethrow_exception(batch->failed);
    return out_json ? hand_out_text(out_json, batch->result) : static_cast<scena_status>(SCENA_OK);
  });
}

void scena_batch_stop(scena_batch* batch) {
  if (live(batch)) batch->given.stop.request_stop();
}

void scena_batch_destroy(scena_batch* batch) {
  if (!live(batch)) return;
  if (!batch->is_inside()) return delete batch;
  batch->given.stop.request_stop();
  batch->is_left = true;
}

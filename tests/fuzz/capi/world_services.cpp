// Services, jobs, reports and batches, and the end of what a host keeps.
#include "capi/world.hpp"

void World::answer() {
  const float values[] = {1, 2};
  switch (bytes_.below(12)) {
    case 10:
      (void)scena_reply_reasoning(replies_.any(bytes_), bytes_.text(), SCENA_NUL_TERMINATED);
      break;
    case 11:
      (void)scena_reply_usage(replies_.any(bytes_), bytes_.next() - 2, bytes_.next() - 2);
      break;
    case 6:
      scena_job_run_succeed(runs_.take(bytes_), bytes_.text(), SCENA_NUL_TERMINATED);
      break;
    case 7:
      scena_job_run_fail(runs_.take(bytes_), bytes_.text());
      break;
    case 8:
      scena_embedding_succeed(embeddings_.take(bytes_), values, bytes_.below(3), bytes_.below(2),
                              bytes_.next());
      break;
    case 9:
      scena_embedding_fail(embeddings_.take(bytes_), static_cast<scena_status>(bytes_.below(40)),
                           bytes_.text());
      break;
    case 0:
      (void)scena_reply_text(replies_.any(bytes_), bytes_.text(), SCENA_NUL_TERMINATED);
      break;
    case 1:
      (void)scena_reply_tool_call(replies_.any(bytes_), nullptr, bytes_.text(), bytes_.text());
      break;
    case 2:
      scena_reply_fail(replies_.take(bytes_), static_cast<scena_status>(bytes_.below(40)),
                       bytes_.text());
      break;
    case 3:
      scena_tool_call_succeed(calls_.take(bytes_), bytes_.text(), SCENA_NUL_TERMINATED);
      break;
    case 4:
      scena_approval_refuse(approvals_.take(bytes_), bytes_.text());
      break;
    default:
      scena_filter_answer_rewrite(answers_.take(bytes_), bytes_.text(), SCENA_NUL_TERMINATED);
      break;
  }
}

void World::services() {
  scena_engine* const engine = engines_.any(bytes_);
  scena_pending* pending = nullptr;
  scena_text* text = nullptr;
  scena_error* error = nullptr;
  switch (bytes_.below(12)) {
    case 7:
      (void)scena_engine_analytics(engine, bytes_.flip() ? nullptr : bytes_.text(), &text, &error);
      break;
    case 8:
      (void)scena_engine_flow(engine, bytes_.flip() ? nullptr : bytes_.text(), &text, &error);
      break;
    case 9:
      (void)scena_session_analysis(sessions_.any(bytes_), &text, &error);
      break;
    case 10:
      (void)scena_session_analyze(sessions_.any(bytes_), nullptr, &pending, &error);
      break;
    case 11:
      (void)scena_engine_embed(engine, "mine", R"({"texts":["a"]})", &pending, &error);
      break;
    case 0:
      (void)scena_engine_costs(engine, bytes_.text(), &text, &error);
      break;
    case 1:
      (void)scena_engine_stats(engine, &text, &error);
      break;
    case 2:
      (void)scena_engine_set_providers(engine, bytes_.text(), &error);
      break;
    case 3:
      (void)scena_engine_embed(engine, nullptr, bytes_.text(), &pending, &error);
      break;
    case 4:
      (void)scena_engine_service_health(engine, &text, &error);
      break;
    case 5:
      (void)scena_engine_export(engine, scena_session_id(sessions_.any(bytes_)), "json", &text,
                                &error);
      break;
    default:
      (void)scena_engine_complete(engine, bytes_.flip() ? "s" : "mine",
                                  R"({"messages":[{"role":"user","text":"Hello"}]})", nullptr,
                                  &pending, &error);
      if (bytes_.flip()) scena_pending_cancel(pending);
      break;
  }
  look_at(error);
  scena_text_destroy(text);
  pendings_.put(pending);
}

/// Jobs, changes of the store that come later, and lines of the log.
void World::jobs() {
  scena_engine* const engine = engines_.any(bytes_);
  scena_pending* pending = nullptr;
  scena_text* text = nullptr;
  scena_error* error = nullptr;
  static constexpr std::array<const char*, 4> kOptions = {nullptr, R"({"id":"one","join":true})",
                                                          R"({"delay_ms":50,"key":"k"})", "["};
  switch (bytes_.below(9)) {
    case 0:
      (void)scena_engine_cancel_job(engine, bytes_.flip() ? "one" : bytes_.text(), &pending,
                                    &error);
      break;
    case 1:
      (void)scena_engine_requeue_job(engine, "one", &pending, &error);
      break;
    case 2:
      (void)scena_engine_job(engine, bytes_.flip() ? "one" : bytes_.text(), &text, &error);
      break;
    case 3:
      (void)scena_engine_jobs(engine, bytes_.flip() ? nullptr : bytes_.text(), &text, &error);
      break;
    case 4:
      (void)scena_engine_job_counts(engine, &text, &error);
      break;
    case 5:
      (void)scena_engine_rebuild_later(engine, scena_session_id(sessions_.any(bytes_)), &pending,
                                       &error);
      break;
    case 6: {
      const Sized<scena_log_line> given(scena_log_line{}, bytes_);
      auto* const line = const_cast<scena_log_line*>(given.get());
      (void)scena_logs_next(logs_.any(bytes_), bytes_.below(2), line, &error);
      break;
    }
    default:
      (void)scena_engine_enqueue_job(engine, bytes_.below(8) ? "mine" : bytes_.text(),
                                     bytes_.text(), SCENA_NUL_TERMINATED,
                                     kOptions[bytes_.below(kOptions.size())], &pending, &error);
      break;
  }
  scena_error_destroy(error);
  scena_text_destroy(text);
  pendings_.put(pending);
}

/// Batches run on threads of their own: without the tables, whose functions are of this thread.
void World::batches() {
  static constexpr const char* kPlan =
      R"({"presets":["job-interview"],"max_turns":2,"seeds":{"first":1,"count":2}})";
  scena_text* text = nullptr;
  scena_error* error = nullptr;
  scena_batch* batch = nullptr;
  switch (bytes_.below(6)) {
    case 3:
      (void)scena_batch_run(bytes_.below(4) ? kPlan : bytes_.document(), R"({"clock":"virtual"})",
                            nullptr, nullptr, bytes_.flip() ? &text : nullptr, &error);
      break;
    case 0:
      scena_batch_stop(batches_.any(bytes_));
      break;
    case 1:
      (void)scena_batch_result(batches_.any(bytes_), bytes_.below(20), &text, &error);
      break;
    case 2:
      (void)scena_batch_progress(batches_.any(bytes_), &text, &error);
      (void)scena_batch_wait_fd(batches_.any(bytes_));
      break;
    default: {
      scena_batch_options options{};
      options.workers = static_cast<std::uint32_t>(bytes_.below(3));
      const Sized<scena_batch_options> given(options, bytes_);
      (void)scena_batch_start(bytes_.below(4) ? kPlan : bytes_.text(), R"({"clock":"virtual"})",
                              nullptr, bytes_.flip() ? given.get() : nullptr, &batch, &error);
      batches_.put(batch);
      break;
    }
  }
  scena_error_destroy(error);
  scena_text_destroy(text);
}

void World::destroy_some(std::size_t kind) {
  const std::size_t which = bytes_.below(kMostHandles);
  switch (kind) {
    case 0:
      return engines_.drop(which);
    case 1:
      return sessions_.drop(which);
    case 2:
      return turns_.drop(which);
    case 3:
      return pendings_.drop(which);
    case 4:
      return events_.drop(which);
    case 5:
      return replies_.drop(which);
    case 6:
      return calls_.drop(which);
    case 7:
      return answers_.drop(which);
    case 8:
      return runs_.drop(which);
    case 9:
      return embeddings_.drop(which);
    case 10:
      return logs_.drop(which);
    case 11:
      return batches_.drop(which);
    default:
      return approvals_.drop(which);
  }
}

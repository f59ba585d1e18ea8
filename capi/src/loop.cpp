// An engine's loop as the host runs it, and what it has got ready.
#include <chrono>

#include "answers.hpp"

using scena::capi::guarded;
using scena::capi::live;
using scena::capi::refuse;

scena_status scena_engine_poll(scena_engine* engine, int64_t budget_us, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine)) return refuse(out_error, "engine: must not be NULL");
    if (budget_us < 0) return refuse(out_error, "budget_us: 0 for one round, or more");
    engine->engine.poll(std::chrono::microseconds(budget_us));
    return SCENA_OK;
  });
}

int scena_engine_wait_fd(const scena_engine* engine) {
  if (!live(engine) || engine->shared->closed.load()) return -1;
  return engine->engine.wait_fd();
}

int64_t scena_engine_next_deadline(const scena_engine* engine) {
  if (!live(engine) || engine->shared->closed.load()) return -1;
  int64_t left = -1;
  guarded(nullptr, [&] {
    if (const auto deadline = engine->engine.next_deadline()) {
      const auto wait = std::chrono::duration_cast<std::chrono::nanoseconds>(
          *deadline - engine->engine.clock().now());
      left = wait.count() > 0 ? static_cast<int64_t>(wait.count()) : 0;
    }
    return SCENA_OK;
  });
  return left;
}

scena_status scena_engine_advance(scena_engine* engine, int64_t step_us, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine)) return refuse(out_error, "engine: must not be NULL");
    if (step_us < 0 || step_us > INT64_MAX / 1000)
      return refuse(out_error, "step_us: microseconds, from 0 to INT64_MAX / 1000");
    engine->engine.advance(std::chrono::microseconds(step_us));
    return SCENA_OK;
  });
}

scena_status scena_engine_time(const scena_engine* engine, int64_t* out_now_us,
                               int64_t* out_wall_us, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine)) return refuse(out_error, "engine: must not be NULL");
    const auto us = [](auto since) {
      return static_cast<int64_t>(
          std::chrono::duration_cast<std::chrono::microseconds>(since.time_since_epoch()).count());
    };
    const scena::Clock& clock = engine->engine.clock();
    if (out_now_us) *out_now_us = us(clock.now());
    if (out_wall_us) *out_wall_us = us(clock.wall());
    return SCENA_OK;
  });
}

scena_status scena_engine_run_until_idle(scena_engine* engine, scena_error** out_error) {
  return scena_engine_run_until_idle_for(engine, SCENA_NO_TIMEOUT, out_error);
}

scena_status scena_engine_run_until_idle_for(scena_engine* engine, int64_t timeout_ms,
                                             scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine)) return refuse(out_error, "engine: must not be NULL");
    if (timeout_ms < SCENA_NO_TIMEOUT)
      return refuse(out_error, "timeout_ms: 0 or more, or SCENA_NO_TIMEOUT");
    engine->engine.run_until_idle(scena::capi::timeout_of(timeout_ms));
    return SCENA_OK;
  });
}

size_t scena_engine_take_ready(scena_engine* engine, uint64_t* out_tags, size_t capacity) {
  if (!live(engine) || !out_tags) return 0;
  return engine->shared->ready->take(out_tags, capacity);
}

scena_status scena_events_watch(scena_events* events, uint64_t tag, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(events)) return refuse(out_error, "events: must not be NULL");
    events->events.on_ready(events->mark.watch(events->shared->ready, tag));
    return SCENA_OK;
  });
}

scena_status scena_turn_watch(scena_turn* turn, uint64_t tag, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(turn)) return refuse(out_error, "turn: must not be NULL");
    const auto tell = turn->mark.watch(turn->ready, tag);
    turn->turn->then_accepted([tell](const scena::Result<void>&) { tell(); });
    turn->turn->then([tell](const scena::Result<scena::TurnResult>&) { tell(); });
    return SCENA_OK;
  });
}

scena_status scena_pending_watch(scena_pending* pending, uint64_t tag, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(pending)) return refuse(out_error, "pending: must not be NULL");
    pending->then(pending->mark.watch(pending->ready, tag));
    return SCENA_OK;
  });
}

#include <chrono>

#include "extensions.hpp"
#include "guard.hpp"

using scena::capi::guarded;
using scena::capi::refuse;

scena_status scena_engine_create(const char* config_json, scena_engine** out_engine,
                                 scena_error** out_error) {
  return scena_engine_create_extended(config_json, nullptr, out_engine, out_error);
}

scena_status scena_engine_create_extended(const char* config_json,
                                          const scena_extensions* extensions,
                                          scena_engine** out_engine, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!out_engine) return refuse(out_error, "out_engine: must not be NULL");
    scena::Config config;
    if (config_json) config = scena::Config::from_json(config_json).value_or_throw();
    scena::Dependencies dependencies;
    if (extensions) {
      dependencies.providers = extensions->providers;
      dependencies.tools = extensions->tools;
    }
    *out_engine = new scena_engine(scena::Engine::open(config, std::move(dependencies)));
    return SCENA_OK;
  });
}

void scena_engine_destroy(scena_engine* engine) {
  (void)scena_engine_close(engine);
  delete engine;
}

scena_status scena_engine_close(scena_engine* engine) {
  if (!engine) return SCENA_INVALID_ARGUMENT;
  engine->engine.close();
  engine->closed->store(true);
  return SCENA_OK;
}

scena_status scena_engine_poll(scena_engine* engine, int64_t budget_us, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!engine) return refuse(out_error, "engine: must not be NULL");
    if (budget_us < 0) return refuse(out_error, "budget_us: 0 for one round, or more");
    engine->engine.poll(std::chrono::microseconds(budget_us));
    return SCENA_OK;
  });
}

int scena_engine_wait_fd(const scena_engine* engine) {
  if (!engine || engine->closed->load()) return -1;
  return engine->engine.wait_fd();
}

int64_t scena_engine_next_deadline(const scena_engine* engine) {
  if (!engine || engine->closed->load()) return -1;
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

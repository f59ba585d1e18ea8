// An engine's life: made, shared under somebody's rights, closed.
#include "guard.hpp"
#include "host/extensions.hpp"
#include "json/json_in.hpp"

using scena::capi::guarded;
using scena::capi::live;
using scena::capi::none_or_live;
using scena::capi::refuse;

namespace {

scena_status open_engine(const char* config_json, bool from_env, const scena_extensions* extensions,
                         scena_engine** out_engine, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!out_engine) return refuse(out_error, "out_engine: must not be NULL");
    if (!none_or_live(extensions)) return refuse(out_error, "extensions: they were destroyed");
    scena::Config config;
    if (config_json) config = scena::Config::from_json(config_json).value_or_throw();
    if (from_env) config = scena::Config::from_env(std::move(config)).value_or_throw();
    scena::Dependencies dependencies;
    if (extensions) dependencies = extensions->parts;
    *out_engine = new scena_engine(scena::Engine::open(config, std::move(dependencies)));
    return SCENA_OK;
  });
}

}  // namespace

scena_status scena_engine_create(const char* config_json, scena_engine** out_engine,
                                 scena_error** out_error) {
  return scena_engine_create_extended(config_json, nullptr, out_engine, out_error);
}

scena_status scena_engine_create_extended(const char* config_json,
                                          const scena_extensions* extensions,
                                          scena_engine** out_engine, scena_error** out_error) {
  return open_engine(config_json, false, extensions, out_engine, out_error);
}

scena_status scena_engine_create_from_env(const char* config_json,
                                          const scena_extensions* extensions,
                                          scena_engine** out_engine, scena_error** out_error) {
  return open_engine(config_json, true, extensions, out_engine, out_error);
}

scena_status scena_engine_as(scena_engine* engine, const char* principal_json,
                             scena_engine** out_engine, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !principal_json || !out_engine)
      return refuse(out_error, "engine, principal_json and out_engine: must not be NULL");
    const auto who = scena::capi::read_principal(principal_json);
    *out_engine = new scena_engine(engine->engine.as(who), engine->shared);
    return SCENA_OK;
  });
}

void scena_engine_destroy(scena_engine* engine) {
  if (!live(engine)) return;
  (void)scena_engine_close(engine);
  if (engine->is_owner) engine->shared->closed.store(true);  // inside a callback, too
  delete engine;
}

scena_status scena_engine_begin_close(scena_engine* engine) {
  if (!live(engine)) return SCENA_INVALID_ARGUMENT;
  return engine->engine.begin_close() ? SCENA_OK : SCENA_WRONG_STATE;
}

scena_status scena_engine_close(scena_engine* engine) {
  if (!live(engine)) return SCENA_INVALID_ARGUMENT;
  if (!engine->is_owner) return SCENA_OK;
  if (!engine->engine.close()) return SCENA_WRONG_STATE;
  engine->shared->closed.store(true);
  return SCENA_OK;
}

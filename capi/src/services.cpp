// Model services: how they are chosen, what they cost and how they fare; calls outside of sessions.
#include "answers.hpp"
#include "base/json_writer.hpp"
#include "domain/message_json.hpp"
#include "host/host_live.hpp"
#include "json/json_in.hpp"

using scena::JsonWriter;
using scena::capi::guarded;
using scena::capi::hand_out_pending;
using scena::capi::hand_out_text;
using scena::capi::live;
using scena::capi::refuse;
using scena::capi::text_or_empty;

namespace {

// The body of a function that tells something of an engine as JSON.
template <class Write>
scena_status tell_as_json(scena_engine* engine, scena_text** out_json, scena_error** out_error,
                          Write&& write) {
  return guarded(out_error, [&] {
    if (!live(engine) || !out_json)
      return refuse(out_error, "engine and out_json: must not be NULL");
    std::string json;
    JsonWriter writer(json);
    writer.begin_object();
    write(writer, engine->engine);
    writer.end_object();
    return hand_out_text(out_json, std::move(json));
  });
}

void write_row(JsonWriter& writer, const scena::CostRow& row) {
  writer.begin_object().key("group").begin_array();
  for (const auto& value : row.group) writer.value(value);
  writer.end_array().member("calls", row.calls).member("estimated", row.estimated);
  writer.member("cached", row.cached).key("usage");
  scena::write_usage(writer, row.usage);
  writer.member("cost", row.cost.to_string()).end_object();
}

}  // namespace

scena_status scena_engine_capabilities(scena_engine* engine, scena_text** out_json,
                                       scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !out_json)
      return refuse(out_error, "engine and out_json: must not be NULL");
    return hand_out_text(out_json, engine->engine.capabilities().to_json());
  });
}

scena_status scena_engine_update_policy(scena_engine* engine, const char* policy_json,
                                        scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !policy_json)
      return refuse(out_error, "engine and policy_json: must not be NULL");
    engine->engine.update_policy(policy_json);
    return SCENA_OK;
  });
}

scena_status scena_engine_set_providers(scena_engine* engine, const char* providers_json,
                                        scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !providers_json)
      return refuse(out_error, "engine and providers_json: must not be NULL");
    engine->engine.set_providers(
        scena::capi::read_config_member("providers", providers_json).providers);
    return SCENA_OK;
  });
}

scena_status scena_engine_set_prices(scena_engine* engine, const char* prices_json,
                                     scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !prices_json)
      return refuse(out_error, "engine and prices_json: must not be NULL");
    engine->engine.set_prices(scena::capi::read_config_member("prices", prices_json).prices);
    return SCENA_OK;
  });
}

scena_status scena_engine_set_models(scena_engine* engine, const char* models_json,
                                     scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !models_json)
      return refuse(out_error, "engine and models_json: must not be NULL");
    engine->engine.set_models(models_json);
    return SCENA_OK;
  });
}

scena_status scena_engine_costs(scena_engine* engine, const char* query_json, scena_text** out_json,
                                scena_error** out_error) {
  return tell_as_json(engine, out_json, out_error, [&](JsonWriter& writer, scena::Engine& of) {
    const auto asked = scena::capi::read_cost_question(query_json ? query_json : "{}");
    writer.key("rows").begin_array();
    for (const auto& row : of.costs(asked.query, asked.by)) write_row(writer, row);
    writer.end_array();
  });
}

scena_status scena_engine_cache_figures(scena_engine* engine, scena_text** out_json,
                                        scena_error** out_error) {
  return tell_as_json(engine, out_json, out_error, [](JsonWriter& writer, scena::Engine& of) {
    for (const auto& [model, figures] : of.cache_figures()) {
      writer.key(model).begin_object().member("hits", figures.hits);
      writer.member("misses", figures.misses).member("bytes", figures.bytes);
      writer.member("saved", figures.saved.to_string()).end_object();
    }
  });
}

scena_status scena_engine_service_health(scena_engine* engine, scena_text** out_json,
                                         scena_error** out_error) {
  return tell_as_json(engine, out_json, out_error, [](JsonWriter& writer, scena::Engine& of) {
    for (const auto& [service, health] : of.service_health()) {
      writer.key(service).begin_object().member("breaker", health.breaker);
      writer.member("wait_ms", static_cast<std::int64_t>(health.wait.count()));
      writer.member("times_opened", health.times_opened).member("answered", health.answered);
      writer.member("failed", health.failed).member("refused", health.refused);
      writer.member("rejected", health.rejected);
      if (!health.last_error.empty()) writer.member("last_error", health.last_error);
      writer.end_object();
    }
  });
}

scena_status scena_engine_stats(scena_engine* engine, scena_text** out_json,
                                scena_error** out_error) {
  return tell_as_json(engine, out_json, out_error, [](JsonWriter& writer, scena::Engine& of) {
    const auto now = of.stats();
    writer.member("sessions_loaded", static_cast<std::uint64_t>(now.sessions_loaded));
    writer.member("commits_waiting", static_cast<std::uint64_t>(now.commits_waiting));
    writer.member("commands_refused", now.commands_refused);
    writer.member("deltas_merged", now.deltas_merged).member("viewers_lagged", now.viewers_lagged);
    writer.member("jobs_running", static_cast<std::uint64_t>(now.jobs_running));
    writer.member("jobs_refused", now.jobs_refused).member("idle", now.idle);
  });
}

scena_status scena_engine_complete(scena_engine* engine, const char* provider,
                                   const char* request_json, const scena_live* live,
                                   scena_pending** out_pending, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!scena::capi::live(engine) || !provider || !request_json)
      return refuse(out_error, "engine, provider and request_json: must not be NULL");
    scena_live given;
    if (!scena::capi::read_struct(live, given))
      return refuse(out_error, "live: set struct_size to sizeof(scena_live)");
    auto request = scena::capi::read_reply_request(request_json);
    scena::capi::LiveTable sink(live ? &given : nullptr);
    std::stop_source stop;
    const auto status = hand_out_pending(*engine->shared, out_pending, [&] {
      return engine->engine.complete(provider, std::move(request), sink.sink(), stop.get_token());
    });
    sink.keep();
    if (out_pending) (*out_pending)->stop = std::move(stop);
    return status;
  });
}

scena_status scena_engine_embed(scena_engine* engine, const char* provider,
                                const char* request_json, scena_pending** out_pending,
                                scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !request_json)
      return refuse(out_error, "engine and request_json: must not be NULL");
    auto request = scena::capi::read_embedding_request(request_json);
    return hand_out_pending(*engine->shared, out_pending, [&] {
      return engine->engine.embed(text_or_empty(provider), std::move(request));
    });
  });
}

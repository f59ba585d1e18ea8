// Background jobs: stored, looked at, ended.
#include "answers.hpp"
#include "base/json_writer.hpp"
#include "host/extensions.hpp"
#include "json/json_in.hpp"

using scena::Jobs;
using scena::capi::guarded;
using scena::capi::hand_out_pending;
using scena::capi::hand_out_text;
using scena::capi::live;
using scena::capi::refuse;
using scena::capi::text_of;

namespace {

using JobCommand = scena::Pending<scena::Job> (Jobs::*)(std::string_view);

scena_status change_job(scena_engine* engine, JobCommand change, const char* id,
                        scena_pending** out_pending, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !id) return refuse(out_error, "engine and id: must not be NULL");
    return hand_out_pending(*engine->shared, out_pending, [&] {
      Jobs jobs = engine->engine.jobs();
      return (jobs.*change)(id);
    });
  });
}

}  // namespace

scena_status scena_engine_enqueue_job(scena_engine* engine, const char* kind, const char* payload,
                                      size_t payload_len, const char* options_json,
                                      scena_pending** out_pending, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !kind || !payload)
      return refuse(out_error, "engine, kind and payload: must not be NULL");
    const auto options = scena::capi::read_job_options(options_json ? options_json : "{}");
    return hand_out_pending(*engine->shared, out_pending, [&] {
      return engine->engine.jobs().enqueue(kind, text_of(payload, payload_len), options);
    });
  });
}

scena_status scena_engine_cancel_job(scena_engine* engine, const char* id,
                                     scena_pending** out_pending, scena_error** out_error) {
  return change_job(engine, &Jobs::cancel, id, out_pending, out_error);
}

scena_status scena_engine_requeue_job(scena_engine* engine, const char* id,
                                      scena_pending** out_pending, scena_error** out_error) {
  return change_job(engine, &Jobs::requeue, id, out_pending, out_error);
}

scena_status scena_engine_job(scena_engine* engine, const char* id, scena_text** out_json,
                              scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !id || !out_json)
      return refuse(out_error, "engine, id and out_json: must not be NULL");
    return hand_out_text(out_json, scena::capi::to_json(engine->engine.jobs().get(id)));
  });
}

scena_status scena_engine_jobs(scena_engine* engine, const char* query_json, scena_text** out_json,
                               scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !out_json)
      return refuse(out_error, "engine and out_json: must not be NULL");
    const auto filter = scena::capi::read_job_filter(query_json ? query_json : "{}");
    const scena::JobPage page = engine->engine.jobs().list(filter);
    std::string json;
    scena::JsonWriter writer(json);
    writer.begin_object().key("jobs").begin_array();
    for (const auto& job : page.jobs) writer.raw(scena::capi::to_json(job));
    writer.end_array().member("next", page.next).end_object();
    return hand_out_text(out_json, std::move(json));
  });
}

scena_status scena_engine_job_counts(scena_engine* engine, scena_text** out_json,
                                     scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !out_json)
      return refuse(out_error, "engine and out_json: must not be NULL");
    std::string json;
    scena::JsonWriter writer(json);
    writer.begin_object().key("counts").begin_array();
    for (const auto& row : engine->engine.jobs().counts()) {
      writer.begin_object().member("kind", row.kind).member("state", to_string(row.state));
      writer.member("count", static_cast<std::uint64_t>(row.count)).end_object();
    }
    writer.end_array().end_object();
    return hand_out_text(out_json, std::move(json));
  });
}

// Stored sessions: listed, opened, copied out and in.
#include "answers.hpp"
#include "base/json_writer.hpp"

using scena::capi::guarded;
using scena::capi::hand_out_pending;
using scena::capi::hand_out_text;
using scena::capi::live;
using scena::capi::refuse;
using scena::capi::set_page;

namespace {

scena::ExportFormat export_format(std::string_view word) {
  if (word == "json") return scena::ExportFormat::json;
  if (word == "jsonl") return scena::ExportFormat::jsonl;
  if (word == "markdown") return scena::ExportFormat::markdown;
  throw scena::Error(scena::ErrorCode::invalid_argument,
                     "format: it must be json, jsonl or markdown");
}

}  // namespace

scena_status scena_engine_sessions(scena_engine* engine, const char* state, const char* after,
                                   uint32_t limit, scena_text** out_json, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !out_json)
      return refuse(out_error, "engine and out_json: must not be NULL");
    scena::SessionQuery query;
    set_page(query, after, limit);
    if (state) {
      query.state = scena::parse_session_state(state);
      if (!query.state)
        return refuse(out_error, "state: it must be pending, active, paused, completed or error");
    }
    const scena::Page page = engine->engine.sessions(query);
    std::string json;
    scena::JsonWriter writer(json);
    writer.begin_object().key("sessions").begin_array();
    for (const auto& info : page.sessions) writer.raw(info.to_json());
    writer.end_array().member("next", page.next).end_object();
    return hand_out_text(out_json, std::move(json));
  });
}

scena_status scena_engine_backup(scena_engine* engine, const char* path, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !path) return refuse(out_error, "engine and path: must not be NULL");
    engine->engine.backup(path);
    return SCENA_OK;
  });
}

scena_status scena_engine_check_storage(scena_engine* engine, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine)) return refuse(out_error, "engine: must not be NULL");
    engine->engine.check_storage();
    return SCENA_OK;
  });
}

scena_status scena_engine_export(scena_engine* engine, const char* id, const char* format,
                                 scena_text** out_text, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !id || !format || !out_text)
      return refuse(out_error, "engine, id, format and out_text: must not be NULL");
    return hand_out_text(out_text, engine->engine.export_session(id, export_format(format)));
  });
}

scena_status scena_engine_import(scena_engine* engine, const char* json,
                                 scena_session** out_session, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !json || !out_session)
      return refuse(out_error, "engine, json and out_session: must not be NULL");
    *out_session = new scena_session{engine->engine.import_session(json), engine->shared};
    return SCENA_OK;
  });
}

scena_status scena_session_open(scena_engine* engine, const char* id, scena_session** out_session,
                                scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !id || !out_session)
      return refuse(out_error, "engine, id and out_session: must not be NULL");
    *out_session = new scena_session{engine->engine.session(id), engine->shared};
    return SCENA_OK;
  });
}

scena_status scena_engine_rebuild(scena_engine* engine, const char* id, uint32_t* out_same,
                                  scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !id) return refuse(out_error, "engine and id: must not be NULL");
    const bool same = engine->engine.rebuild(id);
    if (out_same) *out_same = same ? 1 : 0;
    return SCENA_OK;
  });
}

scena_status scena_engine_import_later(scena_engine* engine, const char* json,
                                       scena_pending** out_pending, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !json) return refuse(out_error, "engine and json: must not be NULL");
    return hand_out_pending(*engine->shared, out_pending,
                            [&] { return engine->engine.import_session_later(json); });
  });
}

scena_status scena_engine_rebuild_later(scena_engine* engine, const char* id,
                                        scena_pending** out_pending, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !id) return refuse(out_error, "engine and id: must not be NULL");
    return hand_out_pending(*engine->shared, out_pending,
                            [&] { return engine->engine.rebuild_later(id); });
  });
}

scena_status scena_engine_erase_user(scena_engine* engine, const char* subject,
                                     uint64_t* out_sessions, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !subject) return refuse(out_error, "engine and subject: must not be NULL");
    const std::uint64_t gone = engine->engine.erase_user(subject);
    if (out_sessions) *out_sessions = gone;
    return SCENA_OK;
  });
}

scena_status scena_engine_erase_user_later(scena_engine* engine, const char* subject,
                                           scena_pending** out_pending, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !subject) return refuse(out_error, "engine and subject: must not be NULL");
    return hand_out_pending(*engine->shared, out_pending,
                            [&] { return engine->engine.erase_user_later(subject); });
  });
}

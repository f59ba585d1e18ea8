#include "answers.hpp"
#include "base/json_writer.hpp"

using scena::capi::guarded;
using scena::capi::hand_out_text;
using scena::capi::refuse;
using scena::capi::text_or_empty;

namespace {

scena::ExportFormat export_format(std::string_view word) {
  if (word == "json") return scena::ExportFormat::json;
  if (word == "jsonl") return scena::ExportFormat::jsonl;
  if (word == "markdown") return scena::ExportFormat::markdown;
  throw scena::Error(scena::ErrorCode::invalid_argument,
                     "format: it must be json, jsonl or markdown");
}

// 0 is "default" in C; in C++ the query's own default says what that is.
template <class Query>
void set_page(Query& query, const char* after, std::uint32_t limit) {
  query.after = text_or_empty(after);
  if (limit != 0) query.limit = limit;
}

}  // namespace

scena_status scena_engine_capabilities(scena_engine* engine, scena_text** out_json,
                                       scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!engine || !out_json) return refuse(out_error, "engine and out_json: must not be NULL");
    return hand_out_text(out_json, engine->engine.capabilities().to_json());
  });
}

scena_status scena_engine_sessions(scena_engine* engine, const char* state, const char* after,
                                   uint32_t limit, scena_text** out_json, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!engine || !out_json) return refuse(out_error, "engine and out_json: must not be NULL");
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

scena_status scena_engine_presets(scena_engine* engine, const char* category, const char* after,
                                  uint32_t limit, scena_text** out_json, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!engine || !out_json) return refuse(out_error, "engine and out_json: must not be NULL");
    scena::PresetQuery query;
    set_page(query, after, limit);
    query.category = text_or_empty(category);
    const scena::PresetPage page = engine->engine.presets(query);
    std::string json;
    scena::JsonWriter writer(json);
    writer.begin_object().key("presets").begin_array();
    for (const auto& preset : page.presets) {
      writer.begin_object().member("id", preset.id).member("version", preset.version);
      writer.member("title", preset.title).member("description", preset.description);
      writer.member("category", preset.category).member("builtin", preset.builtin).end_object();
    }
    writer.end_array().member("next", page.next).end_object();
    return hand_out_text(out_json, std::move(json));
  });
}

scena_status scena_engine_preset(scena_engine* engine, const char* id, scena_text** out_json,
                                 scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!engine || !id || !out_json)
      return refuse(out_error, "engine, id and out_json: must not be NULL");
    return hand_out_text(out_json, engine->engine.preset(id).to_json());
  });
}

scena_status scena_engine_put_preset(scena_engine* engine, const char* preset_json,
                                     scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!engine || !preset_json)
      return refuse(out_error, "engine and preset_json: must not be NULL");
    engine->engine.put_preset(scena::Preset::from_json(preset_json).value_or_throw());
    return SCENA_OK;
  });
}

scena_status scena_engine_remove_preset(scena_engine* engine, const char* id,
                                        scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!engine || !id) return refuse(out_error, "engine and id: must not be NULL");
    engine->engine.remove_preset(id);
    return SCENA_OK;
  });
}

scena_status scena_engine_update_policy(scena_engine* engine, const char* policy_json,
                                        scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!engine || !policy_json)
      return refuse(out_error, "engine and policy_json: must not be NULL");
    engine->engine.update_policy(policy_json);
    return SCENA_OK;
  });
}

scena_status scena_engine_backup(scena_engine* engine, const char* path, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!engine || !path) return refuse(out_error, "engine and path: must not be NULL");
    engine->engine.backup(path);
    return SCENA_OK;
  });
}

scena_status scena_engine_export(scena_engine* engine, const char* id, const char* format,
                                 scena_text** out_text, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!engine || !id || !format || !out_text)
      return refuse(out_error, "engine, id, format and out_text: must not be NULL");
    return hand_out_text(out_text, engine->engine.export_session(id, export_format(format)));
  });
}

scena_status scena_engine_import(scena_engine* engine, const char* json,
                                 scena_session** out_session, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!engine || !json || !out_session)
      return refuse(out_error, "engine, json and out_session: must not be NULL");
    *out_session = new scena_session{engine->engine.import_session(json), engine->closed};
    return SCENA_OK;
  });
}

scena_status scena_session_open(scena_engine* engine, const char* id, scena_session** out_session,
                                scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!engine || !id || !out_session)
      return refuse(out_error, "engine, id and out_session: must not be NULL");
    *out_session = new scena_session{engine->engine.session(id), engine->closed};
    return SCENA_OK;
  });
}

scena_status scena_engine_advance(scena_engine* engine, int64_t step_us, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!engine) return refuse(out_error, "engine: must not be NULL");
    if (step_us < 0 || step_us > INT64_MAX / 1000)
      return refuse(out_error, "step_us: microseconds, from 0 to INT64_MAX / 1000");
    engine->engine.advance(std::chrono::microseconds(step_us));
    return SCENA_OK;
  });
}

scena_status scena_engine_run_until_idle(scena_engine* engine, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!engine) return refuse(out_error, "engine: must not be NULL");
    engine->engine.run_until_idle();
    return SCENA_OK;
  });
}

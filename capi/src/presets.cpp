// Presets: listed, read, stored.
#include "answers.hpp"
#include "base/json_writer.hpp"

using scena::capi::guarded;
using scena::capi::hand_out_pending;
using scena::capi::hand_out_text;
using scena::capi::live;
using scena::capi::refuse;
using scena::capi::set_page;
using scena::capi::text_or_empty;

scena_status scena_engine_presets(scena_engine* engine, const char* category, const char* after,
                                  uint32_t limit, scena_text** out_json, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !out_json)
      return refuse(out_error, "engine and out_json: must not be NULL");
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
    if (!live(engine) || !id || !out_json)
      return refuse(out_error, "engine, id and out_json: must not be NULL");
    return hand_out_text(out_json, engine->engine.preset(id).to_json());
  });
}

scena_status scena_engine_put_preset(scena_engine* engine, const char* preset_json,
                                     scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !preset_json)
      return refuse(out_error, "engine and preset_json: must not be NULL");
    engine->engine.put_preset(scena::Preset::from_json(preset_json).value_or_throw());
    return SCENA_OK;
  });
}

scena_status scena_engine_remove_preset(scena_engine* engine, const char* id,
                                        scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !id) return refuse(out_error, "engine and id: must not be NULL");
    engine->engine.remove_preset(id);
    return SCENA_OK;
  });
}

scena_status scena_engine_seed_presets(scena_engine* engine, uint64_t* out_added,
                                       scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine)) return refuse(out_error, "engine: must not be NULL");
    const std::uint64_t added = engine->engine.seed_presets();
    if (out_added) *out_added = added;
    return SCENA_OK;
  });
}

scena_status scena_engine_put_preset_later(scena_engine* engine, const char* preset_json,
                                           scena_pending** out_pending, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !preset_json)
      return refuse(out_error, "engine and preset_json: must not be NULL");
    const auto preset = scena::Preset::from_json(preset_json).value_or_throw();
    return hand_out_pending(*engine->shared, out_pending,
                            [&] { return engine->engine.put_preset_later(preset); });
  });
}

scena_status scena_engine_remove_preset_later(scena_engine* engine, const char* id,
                                              scena_pending** out_pending,
                                              scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !id) return refuse(out_error, "engine and id: must not be NULL");
    return hand_out_pending(*engine->shared, out_pending,
                            [&] { return engine->engine.remove_preset_later(id); });
  });
}

scena_status scena_engine_seed_presets_later(scena_engine* engine, scena_pending** out_pending,
                                             scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine)) return refuse(out_error, "engine: must not be NULL");
    return hand_out_pending(*engine->shared, out_pending,
                            [&] { return engine->engine.seed_presets_later(); });
  });
}

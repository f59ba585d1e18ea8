// What is kept in an engine and asked of it, and what needs none.
#include <cstdlib>
#include <string>

#include "capi/world.hpp"

namespace {

constexpr std::array<const char*, 9> kDocuments = {
    R"({"id":"greeting","title":"G","characters":[{"id":"rosa","name":"Rosa"},)"
    R"({"id":"me","name":"Me","played_by":"human"}]})",
    R"({"s":{"url":"script:","options":{"replies":["Yes."]}}})",
    R"({"routes":[],"max_retries":1})",
    R"({"m":{"input":"1","output":"2"}})",
    R"({"date":"2026-11-01","source":"x","models":[]})",
    R"({"by":["preset"],"from":"2026-11-01"} and more)",
    R"({"text":"Well, perhaps.","question":"Did you?","history":[{"role":"other","text":"So?"}]})",
    R"({"by":["preset","month"],"distributions":true})",
    R"({"a":1,"a":2})"};

using ReadEngine = scena_status (*)(scena_engine*, scena_text**, scena_error**);
using AskEngine = scena_status (*)(scena_engine*, const char*, scena_text**, scena_error**);
using ChangeEngine = scena_status (*)(scena_engine*, const char*, scena_error**);
using QueueEngine = scena_status (*)(scena_engine*, const char*, scena_pending**, scena_error**);

constexpr std::array<ReadEngine, 3> kReads = {scena_engine_capabilities, scena_engine_cache_figures,
                                              scena_engine_service_health};
constexpr std::array<AskEngine, 3> kQuestions = {scena_engine_preset, scena_engine_judge_agreement,
                                                 scena_engine_analytics};
constexpr std::array<ChangeEngine, 6> kChanges = {
    scena_engine_put_preset, scena_engine_remove_preset, scena_engine_update_policy,
    scena_engine_set_prices, scena_engine_set_models,    scena_engine_backup};
constexpr std::array<QueueEngine, 4> kQueued = {
    scena_engine_put_preset_later, scena_engine_remove_preset_later, scena_engine_erase_user_later,
    scena_engine_rebuild_later};

}  // namespace

const char* Bytes::document() {
  return below(3) == 0 ? text() : kDocuments[below(kDocuments.size())];
}

/// Lists and single things, with a look at every text that comes out.
void World::look_up() {
  scena_engine* const engine = engines_.any(bytes_);
  scena_session* const session = sessions_.any(bytes_);
  scena_text* text = nullptr;
  scena_error* error = nullptr;
  const auto limit = static_cast<std::uint32_t>(bytes_.below(3));
  switch (bytes_.below(7)) {
    case 0:
      (void)kReads[bytes_.below(kReads.size())](engine, &text, &error);
      break;
    case 1:
      (void)kQuestions[bytes_.below(kQuestions.size())](engine, bytes_.document(), &text, &error);
      break;
    case 2:
      (void)scena_engine_sessions(engine, bytes_.flip() ? nullptr : bytes_.text(),
                                  bytes_.flip() ? nullptr : bytes_.text(), limit, &text, &error);
      break;
    case 3:
      (void)scena_engine_presets(engine, bytes_.flip() ? nullptr : bytes_.text(),
                                 bytes_.flip() ? nullptr : bytes_.text(), limit, &text, &error);
      break;
    case 4:
      (void)scena_session_state(session, &text, &error);
      break;
    case 5:
      (void)scena_engine_check_storage(engine, &error);
      break;
    default:
      (void)scena_session_alternatives(session, bytes_.flip() ? "m2" : bytes_.text(), &text,
                                       &error);
      break;
  }
  if (std::strlen(scena_text_data(text)) != scena_text_size(text)) std::abort();
  scena_text_destroy(text);
  look_at(error);
}

/// Changes of the store and of how models are called, at once and later.
void World::change() {
  scena_engine* const engine = engines_.any(bytes_);
  scena_session* session = nullptr;
  scena_pending* pending = nullptr;
  scena_error* error = nullptr;
  std::uint64_t count = 0;
  std::uint32_t same = 0;
  switch (bytes_.below(9)) {
    case 0:
    case 1:
      (void)kChanges[bytes_.below(kChanges.size())](engine, bytes_.document(), &error);
      break;
    case 2:
    case 3:
      (void)kQueued[bytes_.below(kQueued.size())](engine, bytes_.document(), &pending, &error);
      break;
    case 4:
      (void)scena_engine_seed_presets(engine, bytes_.flip() ? &count : nullptr, &error);
      break;
    case 5:
      (void)scena_engine_seed_presets_later(engine, &pending, &error);
      break;
    case 6:
      (void)scena_engine_erase_user(engine, bytes_.flip() ? "ann" : bytes_.text(), &count, &error);
      break;
    case 7:
      (void)scena_engine_rebuild(engine, scena_session_id(sessions_.any(bytes_)), &same, &error);
      break;
    default: {  // a session of one engine into another
      scena_text* text = nullptr;
      (void)scena_engine_export(engine, scena_session_id(sessions_.any(bytes_)), "json", &text,
                                nullptr);
      scena_engine* const other = engines_.any(bytes_);
      if (bytes_.flip()) {
        (void)scena_engine_import(other, scena_text_data(text), &session, &error);
      } else {
        (void)scena_engine_import_later(other, scena_text_data(text), &pending, &error);
      }
      scena_text_destroy(text);
      break;
    }
  }
  pendings_.put(pending);
  sessions_.put(session);
  look_at(error);
}

/// What needs no engine, and the figures of one.
void World::stand_alone() {
  scena_text* text = nullptr;
  scena_error* error = nullptr;
  switch (bytes_.below(5)) {
    case 0: {
      scena_meter* meter = nullptr;
      (void)scena_meter_create(bytes_.below(4) == 0 ? nullptr : &meter, &error);
      if (!error) (void)scena_meter_measure(meter, bytes_.document(), &text, &error);
      scena_meter_destroy(meter);
      break;
    }
    case 1:
      (void)scena_preset_check(bytes_.document(), &text, &error);
      break;
    case 2:
      if (scena_abi_version() != SCENA_ABI_VERSION || *scena_version_string() == '\0') std::abort();
      if (scena_abi_sizeof(bytes_.text()) != 0) std::abort();
      break;
    case 3: {
      scena_engine* engine = nullptr;
      const char* const config = bytes_.flip() ? R"({"clock":"virtual"})" : bytes_.document();
      if (bytes_.flip()) {
        (void)scena_engine_create(config, &engine, &error);
      } else {
        (void)scena_engine_create_from_env(config, bytes_.flip() ? extensions_ : nullptr, &engine,
                                           &error);
      }
      engines_.put(engine);
      break;
    }
    default: {
      scena_engine* const engine = engines_.any(bytes_);
      (void)scena_engine_wait_fd(engine);
      if (scena_engine_next_deadline(engine) < -1) std::abort();
      std::int64_t now = -1, later = -1;
      const bool ticks = scena_engine_time(engine, &now, nullptr, nullptr) == SCENA_OK;
      (void)scena_engine_time(engine, bytes_.flip() ? &later : nullptr, nullptr, &error);
      if (ticks && later != -1 && later < now) std::abort();
      break;
    }
  }
  scena_text_destroy(text);
  look_at(error);
}

void World::look_at(scena_error* error) {
  if (error && scena_error_code(error) == SCENA_OK) std::abort();
  if (error && *scena_error_message(error) == '\0') std::abort();
  (void)scena_error_pointer(error);
  if (scena_error_retry_after_ms(error) < -1) std::abort();
  if (scena_error_provider_status(error) < 0) std::abort();
  if (!scena_error_provider_message(error) || !scena_error_point(error)) std::abort();
  scena_error_destroy(error);
}

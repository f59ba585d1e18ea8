#include <algorithm>
#include <chrono>
#include <map>
#include <optional>

#include "answers.hpp"
#include "host/extensions.hpp"

using scena::capi::guarded;
using scena::capi::live;
using scena::capi::read_struct;
using scena::capi::refuse;
using scena::capi::text_or_empty;

namespace {

std::map<std::string, std::string> pairs(const char* const* list, const char* member) {
  std::map<std::string, std::string> read;
  for (; list && *list; list += 2) {
    if (!list[1]) {
      throw scena::Error(scena::ErrorCode::invalid_argument,
                         std::string(member) +
                             ": the last name has no value; the array is name, value, ..., NULL");
    }
    read[list[0]] = list[1];
  }
  return read;
}

scena::SessionOptions to_cpp(const scena_session_options& given) {
  scena::SessionOptions options;
  options.id = text_or_empty(given.id);
  options.owner = text_or_empty(given.owner);
  options.title = text_or_empty(given.title);
  options.provider = text_or_empty(given.provider);
  options.model = text_or_empty(given.model);
  options.command_id = text_or_empty(given.command_id);
  options.variables = pairs(given.variables, "variables");
  options.labels = pairs(given.labels, "labels");
  options.played_by = pairs(given.played_by, "played_by");
  if (given.seed != 0) options.seed = given.seed;
  const std::string retention = text_or_empty(given.retention);
  if (retention == "keep") {
    options.retention = scena::Retention::keep;
  } else if (retention == "session") {
    options.retention = scena::Retention::session;
  } else if (!retention.empty()) {
    throw scena::Error(scena::ErrorCode::invalid_argument,
                       "retention: must be \"keep\" or \"session\"");
  }
  if (given.retention_ttl_ms != 0)
    options.retention_ttl =
        std::chrono::milliseconds(std::max<std::int64_t>(0, given.retention_ttl_ms));
  return options;
}

}  // namespace

scena::SendOptions scena::capi::read_send_options(const scena_send_options* given) {
  scena_send_options read;
  if (!read_struct(given, read)) {
    throw Error::fixed(ErrorCode::invalid_argument,
                       "options: set struct_size to sizeof(scena_send_options)");
  }
  if ((read.flags & ~(SCENA_SEND_NO_REPLY | SCENA_SEND_REPAIR)) != 0)
    throw Error::fixed(ErrorCode::invalid_argument,
                       "flags: SCENA_SEND_NO_REPLY, SCENA_SEND_REPAIR or 0");
  if (read.deadline_ms < 0) {
    throw Error::fixed(ErrorCode::invalid_argument,
                       "deadline_ms: milliseconds, or 0 for the configuration's");
  }
  SendOptions options;
  options.participant = text_or_empty(read.participant);
  options.command_id = text_or_empty(read.command_id);
  options.character = text_or_empty(read.character);
  options.model = text_or_empty(read.model);
  options.deadline = std::chrono::milliseconds(read.deadline_ms);
  options.reply = (read.flags & SCENA_SEND_NO_REPLY) == 0;
  options.json_schema = text_or_empty(read.json_schema);
  options.repair = (read.flags & SCENA_SEND_REPAIR) != 0;
  if (read.audience) {
    for (const char* const* name = read.audience; *name; ++name)
      options.audience.names.emplace_back(*name);
    options.audience.kind =
        options.audience.names.empty() ? Audience::Kind::hosts : Audience::Kind::named;
  }
  return options;
}

scena_status scena_session_create(scena_engine* engine, const char* preset,
                                  const scena_session_options* options, scena_session** out_session,
                                  scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !preset || !out_session)
      return refuse(out_error, "engine, preset and out_session: must not be NULL");
    scena_session_options given;
    if (!read_struct(options, given))
      return refuse(out_error, "options: set struct_size to sizeof(scena_session_options)");
    const auto chosen = to_cpp(given);
    auto session = *preset == '{' ? engine->engine.create_session(
                                        scena::Preset::from_json(preset).value_or_throw(), chosen)
                                  : engine->engine.create_session(preset, chosen);
    *out_session = new scena_session{std::move(session), engine->shared};
    return SCENA_OK;
  });
}

void scena_session_destroy(scena_session* session) {
  if (live(session)) delete session;
}

const char* scena_session_id(const scena_session* session) {
  return live(session) ? session->session.id().c_str() : "";
}

scena_status scena_session_send(scena_session* session, const scena_send_options* options,
                                const char* text, size_t text_len, scena_turn** out_turn,
                                scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(session) || !text) return refuse(out_error, "session and text: must not be NULL");
    const auto chosen = scena::capi::read_send_options(options);
    return scena::capi::hand_out_turn(*session->shared, out_turn, [&] {
      return session->session.send(scena::capi::text_of(text, text_len), chosen);
    });
  });
}

scena_status scena_session_events(scena_session* session, const scena_events_options* options,
                                  scena_events** out_events, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(session) || !out_events)
      return refuse(out_error, "session and out_events: must not be NULL");
    scena_events_options given;
    if (!read_struct(options, given))
      return refuse(out_error, "options: set struct_size to sizeof(scena_events_options)");
    if ((given.flags & ~(SCENA_EVENTS_BATCHES | SCENA_EVENTS_NO_DELTA_JSON)) != 0) {
      return refuse(out_error,
                    "flags: SCENA_EVENTS_BATCHES, SCENA_EVENTS_NO_DELTA_JSON, both or 0");
    }
    scena::SubscribeOptions chosen;
    chosen.after = text_or_empty(given.after);
    chosen.participant = text_or_empty(given.participant);
    chosen.batches = (given.flags & SCENA_EVENTS_BATCHES) != 0;
    chosen.max_events = given.max_events;
    chosen.max_bytes = given.max_bytes;
    for (auto type = given.types; type && *type; ++type) chosen.types.emplace_back(*type);
    const bool writes_deltas = (given.flags & SCENA_EVENTS_NO_DELTA_JSON) == 0;
    *out_events = new scena_events{session->session.events(chosen), session->shared, writes_deltas};
    return SCENA_OK;
  });
}

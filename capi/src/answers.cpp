#include "answers.hpp"

#include "base/json_writer.hpp"
#include "domain/message_json.hpp"

using scena::capi::guarded;
using scena::capi::refuse;

namespace scena::capi {
std::string to_json(const SessionInfo& info) {
  return info.to_json();
}

std::string to_json(const AsideResult& answer) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("text", answer.text);
  write_usage(writer.key("usage"), answer.usage);
  writer.member("cost", answer.cost.to_string());
  writer.end_object();
  return out;
}

std::string to_json(const RunResult& run) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  writer.member("turns", static_cast<std::uint64_t>(run.turns)).member("reason", run.reason);
  writer.end_object();
  return out;
}

std::string to_json(const Session& session) {
  std::string out;
  JsonWriter(out).begin_object().member("id", session.id()).end_object();
  return out;
}

std::string to_json(const TurnResult& result) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("turn", result.turn);
  writer.member("outcome", to_string(result.outcome));
  if (result.outcome == Outcome::complete)
    writer.member("finish_reason", to_string(result.finish_reason));
  writer.member("message", result.message).member("text", result.text);
  write_usage(writer.key("usage"), result.usage);
  writer.member("cost", result.cost.to_string());
  if (result.error) write_error(writer, *result.error);
  writer.member("cached", result.cached).member("degraded", result.degraded);
  writer.member("route", result.route).member("fallback_for", result.fallback_for);
  writer.end_object();
  return out;
}

}  // namespace scena::capi

const char* scena_text_data(const scena_text* text) {
  return text ? text->text.c_str() : "";
}

size_t scena_text_size(const scena_text* text) {
  return text ? text->text.size() : 0;
}

void scena_text_destroy(scena_text* text) {
  delete text;
}

scena_status scena_pending_wait(scena_pending* pending, int64_t timeout_ms, scena_text** out_answer,
                                scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!pending) return refuse(out_error, "pending: must not be NULL");
    if (timeout_ms < SCENA_NO_TIMEOUT)
      return refuse(out_error, "timeout_ms: 0 or more, or SCENA_NO_TIMEOUT");
    if (timeout_ms == 0 && !pending->ready()) return static_cast<scena_status>(SCENA_TIMEOUT);
    std::optional<std::chrono::milliseconds> timeout;
    if (timeout_ms >= 0) timeout = std::chrono::milliseconds(timeout_ms);
    std::string answer = pending->get(timeout);
    if (out_answer) scena::capi::hand_out_text(out_answer, std::move(answer));
    return static_cast<scena_status>(SCENA_OK);
  });
}

void scena_pending_destroy(scena_pending* pending) {
  delete pending;
}

scena_status scena_turn_result(scena_turn* turn, scena_text** out_result, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!turn || !out_result) return refuse(out_error, "turn and out_result: must not be NULL");
    if (!turn->turn->done()) return static_cast<scena_status>(SCENA_TIMEOUT);
    return scena::capi::hand_out_text(out_result, scena::capi::to_json(turn->turn->wait()));
  });
}

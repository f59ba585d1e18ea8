// A message and its reply in the making.
#include "answers.hpp"

using scena::capi::guarded;
using scena::capi::live;
using scena::capi::refuse;

const char* scena_turn_id(scena_turn* turn) {
  if (!live(turn)) return "";
  guarded(nullptr, [&] {
    if (turn->id.empty()) turn->id = turn->turn->id();
    return SCENA_OK;
  });
  return turn->id.c_str();
}

scena_status scena_turn_wait_accepted(scena_turn* turn, int64_t timeout_ms,
                                      scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(turn)) return refuse(out_error, "turn: must not be NULL");
    if (timeout_ms < SCENA_NO_TIMEOUT)
      return refuse(out_error, "timeout_ms: 0 or more, or SCENA_NO_TIMEOUT");
    return scena::capi::wait_until(
        timeout_ms, [&] { return turn->turn->accepted() || turn->turn->done(); },
        [&](auto timeout) { turn->turn->wait_accepted(timeout); });
  });
}

void scena_turn_cancel(scena_turn* turn) {
  if (live(turn)) turn->turn->cancel();
}

scena_status scena_turn_wait(scena_turn* turn, int64_t timeout_ms, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(turn)) return refuse(out_error, "turn: must not be NULL");
    if (timeout_ms < SCENA_NO_TIMEOUT)
      return refuse(out_error, "timeout_ms: 0 or more, or SCENA_NO_TIMEOUT");
    return scena::capi::wait_until(
        timeout_ms, [&] { return turn->turn->done(); },
        [&](auto timeout) { turn->turn->wait(timeout); });
  });
}

void scena_turn_destroy(scena_turn* turn) {
  if (live(turn)) delete turn;
}

scena_status scena_turn_result(scena_turn* turn, scena_text** out_result, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(turn) || !out_result)
      return refuse(out_error, "turn and out_result: must not be NULL");
    if (!turn->turn->done()) return static_cast<scena_status>(SCENA_TIMEOUT);
    return scena::capi::hand_out_text(out_result, scena::capi::to_json(turn->turn->wait()));
  });
}

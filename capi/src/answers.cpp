// Texts handed out, and the answers of queued commands.
#include "answers.hpp"

using scena::capi::guarded;
using scena::capi::live;
using scena::capi::refuse;

const char* scena_text_data(const scena_text* text) {
  return live(text) ? text->text.c_str() : "";
}

size_t scena_text_size(const scena_text* text) {
  return live(text) ? text->text.size() : 0;
}

void scena_text_destroy(scena_text* text) {
  if (live(text)) delete text;
}

scena_status scena_pending_wait(scena_pending* pending, int64_t timeout_ms, scena_text** out_answer,
                                scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(pending)) return refuse(out_error, "pending: must not be NULL");
    if (timeout_ms < SCENA_NO_TIMEOUT)
      return refuse(out_error, "timeout_ms: 0 or more, or SCENA_NO_TIMEOUT");
    std::string answer;
    const scena_status status = scena::capi::wait_until(
        timeout_ms, [&] { return pending->is_ready(); },
        [&](auto timeout) { answer = pending->get(timeout); });
    if (status == SCENA_OK && out_answer) scena::capi::hand_out_text(out_answer, std::move(answer));
    return status;
  });
}

void scena_pending_cancel(scena_pending* pending) {
  if (live(pending)) pending->stop.request_stop();
}

void scena_pending_destroy(scena_pending* pending) {
  if (live(pending)) delete pending;
}

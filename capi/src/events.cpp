#include <algorithm>
#include <chrono>
#include <optional>

#include "guard.hpp"

using scena::capi::guarded;
using scena::capi::live;
using scena::capi::refuse;

namespace {

bool take(scena_events& events, int64_t timeout_ms) {
  if (timeout_ms == 0) return events.events.next(events.event);
  return events.events.next_wait(events.event, scena::capi::timeout_of(timeout_ms));
}

// A caller compiled with an older header gets the members that it knows.
void hand_out(scena_events& events, scena_event& out) {
  const scena::Event& event = events.event;
  events.json.clear();
  if (events.writes_deltas || event.type != "delta") event.write_json(events.json);
  events.cursor = event.cursor().to_string();
  scena_event full{};
  full.struct_size = out.struct_size;
  full.is_durable = event.is_durable() ? 1 : 0;
  full.seq = event.seq;
  full.off = event.off ? static_cast<int64_t>(*event.off) : -1;
  full.type = event.type.c_str();
  full.text = event.text.c_str();
  full.text_len = event.text.size();
  full.json = events.json.c_str();
  full.json_len = events.json.size();
  full.cursor = events.cursor.c_str();
  std::memcpy(&out, &full, std::min<std::size_t>(out.struct_size, sizeof full));
}

}  // namespace

scena_status scena_events_next(scena_events* events, int64_t timeout_ms, scena_event* out_event,
                               scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(events) || !out_event)
      return refuse(out_error, "events and out_event: must not be NULL");
    if (timeout_ms < SCENA_NO_TIMEOUT)
      return refuse(out_error, "timeout_ms: 0 or more, or SCENA_NO_TIMEOUT");
    if (out_event->struct_size < offsetof(scena_event, cursor)) {
      return refuse(out_error, "out_event: set struct_size to sizeof(scena_event)");
    }
    // An event that could not be handed out for lack of memory is the next one again.
    events->is_held = events->is_held || take(*events, timeout_ms);
    if (events->is_held) {
      hand_out(*events, *out_event);
      events->is_held = false;
      return SCENA_OK;
    }
    const bool over = events->events.ended() || events->shared->closed.load();
    // Without a limit, what a wait can end with is the engine's end.
    return over || timeout_ms == SCENA_NO_TIMEOUT ? SCENA_CLOSED : SCENA_TIMEOUT;
  });
}

void scena_events_destroy(scena_events* events) {
  if (live(events)) delete events;
}

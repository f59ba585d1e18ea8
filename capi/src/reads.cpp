// What a session is and holds, read at once from the store and the projections.
#include "answers.hpp"

using scena::capi::guarded;
using scena::capi::hand_out_text;
using scena::capi::live;
using scena::capi::refuse;

namespace {

template <class Read>
scena_status read_session(scena_session* session, scena_text** out_json, scena_error** out_error,
                          Read&& read) {
  return guarded(out_error, [&] {
    if (!live(session) || !out_json)
      return refuse(out_error, "session and out_json: must not be NULL");
    return hand_out_text(out_json, read(session->session));
  });
}

}  // namespace

scena_status scena_session_info(scena_session* session, scena_text** out_json,
                                scena_error** out_error) {
  return read_session(session, out_json, out_error,
                      [](scena::Session& of) { return of.info().to_json(); });
}

scena_status scena_session_state(scena_session* session, scena_text** out_json,
                                 scena_error** out_error) {
  return read_session(session, out_json, out_error,
                      [](scena::Session& of) { return of.state_json(); });
}

scena_status scena_session_messages(scena_session* session, uint32_t flags, scena_text** out_json,
                                    scena_error** out_error) {
  if ((flags & ~SCENA_MESSAGES_ALL) != 0)
    return refuse(out_error, "flags: SCENA_MESSAGES_ALL or 0");
  return read_session(session, out_json, out_error, [flags](scena::Session& of) {
    return scena::capi::to_json(of.messages((flags & SCENA_MESSAGES_ALL) != 0));
  });
}

scena_status scena_session_alternatives(scena_session* session, const char* message,
                                        scena_text** out_json, scena_error** out_error) {
  if (!message) return refuse(out_error, "message: must not be NULL");
  return read_session(session, out_json, out_error, [message](scena::Session& of) {
    return scena::capi::to_json(of.alternatives(message));
  });
}

scena_status scena_session_explain(scena_session* session, const char* message,
                                   scena_text** out_json, scena_error** out_error) {
  if (!message) return refuse(out_error, "message: must not be NULL");
  return read_session(session, out_json, out_error, [message](scena::Session& of) {
    return scena::capi::to_json(of.explain(message));
  });
}

scena_status scena_session_analysis(scena_session* session, scena_text** out_json,
                                    scena_error** out_error) {
  return read_session(session, out_json, out_error,
                      [](scena::Session& of) { return of.analysis().to_json(); });
}

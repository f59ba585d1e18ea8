#include "answers.hpp"
#include "host/extensions.hpp"
#include "host/host_live.hpp"
#include "json/json_in.hpp"

using scena::CommandOptions;
using scena::Session;
using scena::capi::command;
using scena::capi::guarded;
using scena::capi::hand_out_pending;
using scena::capi::hand_out_text;
using scena::capi::hand_out_turn;
using scena::capi::live;
using scena::capi::read_send_options;
using scena::capi::refuse;
using scena::capi::text_of;
using scena::capi::text_or_empty;

namespace {

using InfoCommand = scena::Pending<scena::SessionInfo> (Session::*)(const CommandOptions&);
using TurnCommand = scena::Turn (Session::*)(const scena::SendOptions&);

scena_status queue(scena_session* session, InfoCommand step, const char* command_id,
                   scena_pending** out_pending, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(session)) return refuse(out_error, "session: must not be NULL");
    return hand_out_pending(*session->shared, out_pending,
                            [&] { return (session->session.*step)(command(command_id)); });
  });
}

scena_status reply_by(scena_session* session, TurnCommand step, const scena_send_options* options,
                      scena_turn** out_turn, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(session)) return refuse(out_error, "session: must not be NULL");
    const auto chosen = read_send_options(options);
    return hand_out_turn(*session->shared, out_turn,
                         [&] { return (session->session.*step)(chosen); });
  });
}

}  // namespace

scena_status scena_session_send_wait(scena_session* session, const scena_send_options* options,
                                     const char* text, size_t text_len, const scena_live* live,
                                     scena_text** out_result, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!scena::capi::live(session) || !text)
      return refuse(out_error, "session and text: must not be NULL");
    scena_live given;
    if (!scena::capi::read_struct(live, given))
      return refuse(out_error, "live: set struct_size to sizeof(scena_live)");
    const auto chosen = read_send_options(options);
    scena::capi::LiveTable table(live ? &given : nullptr);
    const auto result = session->session.send_wait(text_of(text, text_len), chosen, table.heard());
    table.keep();
    return out_result ? hand_out_text(out_result, scena::capi::to_json(result))
                      : static_cast<scena_status>(SCENA_OK);
  });
}

scena_status scena_session_start(scena_session* session, const char* command_id,
                                 scena_pending** out_pending, scena_error** out_error) {
  return queue(session, &Session::start, command_id, out_pending, out_error);
}

scena_status scena_session_pause(scena_session* session, const char* command_id,
                                 scena_pending** out_pending, scena_error** out_error) {
  return queue(session, &Session::pause, command_id, out_pending, out_error);
}

scena_status scena_session_resume(scena_session* session, const char* command_id,
                                  scena_pending** out_pending, scena_error** out_error) {
  return queue(session, &Session::resume, command_id, out_pending, out_error);
}

scena_status scena_session_complete(scena_session* session, const char* command_id,
                                    scena_pending** out_pending, scena_error** out_error) {
  return queue(session, &Session::complete, command_id, out_pending, out_error);
}

scena_status scena_session_fail(scena_session* session, const char* command_id,
                                scena_pending** out_pending, scena_error** out_error) {
  return queue(session, &Session::fail, command_id, out_pending, out_error);
}

scena_status scena_session_undo(scena_session* session, const char* command_id,
                                scena_pending** out_pending, scena_error** out_error) {
  return queue(session, &Session::undo, command_id, out_pending, out_error);
}

scena_status scena_session_remove(scena_session* session, const char* command_id,
                                  scena_pending** out_pending, scena_error** out_error) {
  return queue(session, &Session::remove, command_id, out_pending, out_error);
}

scena_status scena_session_choose(scena_session* session, const char* message,
                                  const char* command_id, scena_pending** out_pending,
                                  scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(session) || !message)
      return refuse(out_error, "session and message: must not be NULL");
    return hand_out_pending(*session->shared, out_pending,
                            [&] { return session->session.choose(message, command(command_id)); });
  });
}

scena_status scena_session_join(scena_session* session, const char* participant_json,
                                const char* command_id, scena_pending** out_pending,
                                scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(session) || !participant_json)
      return refuse(out_error, "session and participant_json: must not be NULL");
    const auto person = scena::capi::read_participant(participant_json);
    return hand_out_pending(*session->shared, out_pending,
                            [&] { return session->session.join(person, command(command_id)); });
  });
}

scena_status scena_session_leave(scena_session* session, const char* participant,
                                 const char* command_id, scena_pending** out_pending,
                                 scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(session) || !participant)
      return refuse(out_error, "session and participant: must not be NULL");
    return hand_out_pending(*session->shared, out_pending, [&] {
      return session->session.leave(participant, command(command_id));
    });
  });
}

scena_status scena_session_update(scena_session* session, const char* changes_json,
                                  const char* command_id, scena_pending** out_pending,
                                  scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(session) || !changes_json)
      return refuse(out_error, "session and changes_json: must not be NULL");
    const auto changes = scena::capi::read_changes(changes_json);
    return hand_out_pending(*session->shared, out_pending,
                            [&] { return session->session.update(changes, command(command_id)); });
  });
}

scena_status scena_session_set_variable(scena_session* session, const char* name, const char* value,
                                        const char* command_id, scena_pending** out_pending,
                                        scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(session) || !name || !value)
      return refuse(out_error, "session, name and value: must not be NULL");
    return hand_out_pending(*session->shared, out_pending, [&] {
      return session->session.set_variable(name, value, command(command_id));
    });
  });
}

scena_status scena_session_annotate(scena_session* session, const char* name, const char* data_json,
                                    const char* command_id, scena_pending** out_pending,
                                    scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(session) || !name || !data_json)
      return refuse(out_error, "session, name and data_json: must not be NULL");
    return hand_out_pending(*session->shared, out_pending, [&] {
      return session->session.annotate(name, data_json, command(command_id));
    });
  });
}

scena_status scena_session_run(scena_session* session, uint32_t max_turns, const char* command_id,
                               scena_pending** out_pending, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(session)) return refuse(out_error, "session: must not be NULL");
    return hand_out_pending(*session->shared, out_pending, [&] {
      return session->session.run({max_turns, text_or_empty(command_id)});
    });
  });
}

scena_status scena_session_ask_aside(scena_session* session, const char* character,
                                     const char* question, size_t question_len,
                                     const char* schema_json, const char* command_id,
                                     scena_pending** out_pending, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(session) || !character || !question)
      return refuse(out_error, "session, character and question: must not be NULL");
    return hand_out_pending(*session->shared, out_pending, [&] {
      return session->session.ask_aside(character, text_of(question, question_len),
                                        text_or_empty(schema_json), command(command_id));
    });
  });
}

scena_status scena_session_next_question(scena_session* session, const char* character,
                                         const char* model, const char* command_id,
                                         scena_pending** out_pending, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(session)) return refuse(out_error, "session: must not be NULL");
    return hand_out_pending(*session->shared, out_pending, [&] {
      return session->session.next_question(
          {text_or_empty(character), text_or_empty(model), text_or_empty(command_id)});
    });
  });
}

scena_status scena_session_flag_escape(scena_session* session, const char* participant,
                                       const char* step, const char* reason, const char* command_id,
                                       scena_pending** out_pending, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(session)) return refuse(out_error, "session: must not be NULL");
    return hand_out_pending(*session->shared, out_pending, [&] {
      return session->session.flag_escape({text_or_empty(participant), text_or_empty(step),
                                           text_or_empty(reason), text_or_empty(command_id)});
    });
  });
}

scena_status scena_session_fork(scena_session* session, const char* message, const char* command_id,
                                scena_pending** out_pending, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(session)) return refuse(out_error, "session: must not be NULL");
    return hand_out_pending(*session->shared, out_pending, [&] {
      return session->session.fork(text_or_empty(message), command(command_id));
    });
  });
}

scena_status scena_session_analyze(scena_session* session, const char* command_id,
                                   scena_pending** out_pending, scena_error** out_error) {
  return queue(session, &Session::analyze, command_id, out_pending, out_error);
}

void scena_session_cancel(scena_session* session) {
  if (live(session)) session->session.cancel();
}

scena_status scena_session_prompt(scena_session* session, const scena_send_options* options,
                                  scena_turn** out_turn, scena_error** out_error) {
  return reply_by(session, &Session::prompt, options, out_turn, out_error);
}

scena_status scena_session_regenerate(scena_session* session, const scena_send_options* options,
                                      scena_turn** out_turn, scena_error** out_error) {
  return reply_by(session, &Session::regenerate, options, out_turn, out_error);
}

scena_status scena_session_continue_reply(scena_session* session, const scena_send_options* options,
                                          scena_turn** out_turn, scena_error** out_error) {
  return reply_by(session, &Session::continue_reply, options, out_turn, out_error);
}

scena_status scena_session_edit(scena_session* session, const scena_send_options* options,
                                const char* message, const char* text, size_t text_len,
                                scena_turn** out_turn, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(session) || !message || !text)
      return refuse(out_error, "session, message and text: must not be NULL");
    const auto chosen = read_send_options(options);
    return hand_out_turn(*session->shared, out_turn, [&] {
      return session->session.edit(message, text_of(text, text_len), chosen);
    });
  });
}

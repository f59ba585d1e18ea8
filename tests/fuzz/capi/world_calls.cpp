// Sessions, turns, events and the commands between them.
#include <cstdlib>
#include <utility>

#include "capi/world.hpp"

void World::make() {
  static constexpr const char* kConfig =
      R"({"clock":"virtual","seed":7,"provider":"s","max_retries":1,"metrics":["sentiment"],)"
      R"("limits":{"viewer_events":8,"commands_per_session":4},"providers":{"s":{"url":"script:",)"
      R"("options":{"replies":[{"match":"weather","tools":[{"name":"weather"}]},)"
      R"({"after":"weather","text":"It has %result%."},"Good morning to you."]}}}})";
  scena_engine* engine = nullptr;
  scena_session* session = nullptr;
  scena_events* events = nullptr;
  switch (bytes_.below(6)) {
    case 0:
      (void)scena_engine_create_extended(kConfig, bytes_.flip() ? extensions_ : nullptr, &engine,
                                         nullptr);
      return engines_.put(engine);
    case 1:
      (void)scena_engine_as(engines_.any(bytes_), R"({"subject":"ann","roles":["participant"]})",
                            &engine, nullptr);
      return engines_.put(engine);
    case 2: {
      scena_session_options options{};
      options.owner = "ann";
      options.provider = bytes_.flip() ? "mine" : nullptr;
      const Sized<scena_session_options> given(options, bytes_);
      (void)scena_session_create(engines_.any(bytes_), "job-interview",
                                 bytes_.flip() ? given.get() : nullptr, &session, nullptr);
      return sessions_.put(session);
    }
    case 3:
      (void)scena_session_open(engines_.any(bytes_), scena_session_id(sessions_.any(bytes_)),
                               &session, nullptr);
      return sessions_.put(session);
    default: {
      scena_events_options options{};
      options.after = bytes_.flip() ? "live" : nullptr;
      options.max_events = bytes_.below(3);
      const char* const types[] = {"delta", "turn.*", nullptr};
      options.types = bytes_.flip() ? types : nullptr;
      const Sized<scena_events_options> given(options, bytes_);
      (void)scena_session_events(sessions_.any(bytes_), given.get(), &events, nullptr);
      (void)scena_events_watch(events, bytes_.next(), nullptr);
      return events_.put(events);
    }
  }
}

void World::send() {
  scena_send_options options{};
  const char* const audience[] = {"interviewer", nullptr};
  options.audience = bytes_.flip() ? audience : nullptr;
  options.flags = static_cast<std::uint32_t>(bytes_.flip() ? bytes_.below(4) : 0);
  const char* const schemas[] = {nullptr, "{\"type\":\"object\"}", "{\"type\":1}", "["};
  options.json_schema = bytes_.flip() ? schemas[bytes_.below(4)] : nullptr;
  options.command_id = bytes_.flip() ? "once" : nullptr;
  const Sized<scena_send_options> given(options, bytes_);
  scena_session* const session = sessions_.any(bytes_);
  scena_turn* turn = nullptr;
  switch (bytes_.below(7)) {
    case 4: {
      const Sized<scena_live> hears(scena_live{}, bytes_);
      // Nobody else could answer while it waits.
      replies_.clear();
      calls_.clear();
      answers_.clear();
      approvals_.clear();
      const bool was_ending = std::exchange(is_ending_, true);
      (void)scena_session_send_wait(session, given.get(), bytes_.text(), SCENA_NUL_TERMINATED,
                                    hears.get(), nullptr, nullptr);
      is_ending_ = was_ending;
      break;
    }
    case 3:
      (void)scena_session_continue_reply(session, given.get(), &turn, nullptr);
      break;
    case 0:
      (void)scena_session_regenerate(session, given.get(), &turn, nullptr);
      break;
    case 1:
      (void)scena_session_prompt(session, given.get(), &turn, nullptr);
      break;
    case 2:
      (void)scena_session_edit(session, nullptr, "m2", bytes_.text(), SCENA_NUL_TERMINATED, &turn,
                               nullptr);
      break;
    default:
      (void)scena_session_send(session, given.get(), bytes_.text(), SCENA_NUL_TERMINATED,
                               bytes_.flip() ? &turn : nullptr, nullptr);
      break;
  }
  if (bytes_.flip()) (void)scena_turn_watch(turn, bytes_.next(), nullptr);
  turns_.put(turn);
}

void World::command() {
  using Step = scena_status (*)(scena_session*, const char*, scena_pending**, scena_error**);
  static constexpr std::array<Step, 7> kSteps = {
      scena_session_start, scena_session_pause, scena_session_resume, scena_session_complete,
      scena_session_fail,  scena_session_undo,  scena_session_remove};
  scena_session* const session = sessions_.any(bytes_);
  scena_pending* pending = nullptr;
  switch (bytes_.below(13)) {
    case 8:
      (void)scena_session_annotate(session, bytes_.text(), bytes_.document(), nullptr, &pending,
                                   nullptr);
      break;
    case 9:
      (void)scena_session_choose(session, bytes_.flip() ? "m2" : bytes_.text(), nullptr, &pending,
                                 nullptr);
      break;
    case 10:
      (void)scena_session_leave(session, bytes_.flip() ? "candidate" : bytes_.text(), nullptr,
                                &pending, nullptr);
      break;
    case 11:
      (void)scena_session_run(session, 1 + static_cast<std::uint32_t>(bytes_.below(3)), nullptr,
                              &pending, nullptr);
      break;
    case 12:
      (void)scena_session_set_variable(session, bytes_.flip() ? "company" : bytes_.text(),
                                       bytes_.text(), nullptr, &pending, nullptr);
      break;
    case 6:
      (void)scena_session_next_question(session, bytes_.text(), nullptr, nullptr, &pending,
                                        nullptr);
      break;
    case 7:
      (void)scena_session_flag_escape(session, bytes_.text(), bytes_.text(), nullptr, nullptr,
                                      &pending, nullptr);
      break;
    case 0:
      (void)scena_session_fork(session, nullptr, nullptr, &pending, nullptr);
      break;
    case 1:
      (void)scena_session_ask_aside(session, "interviewer", bytes_.text(), SCENA_NUL_TERMINATED,
                                    nullptr, nullptr, &pending, nullptr);
      break;
    case 2:
      (void)scena_session_update(session, bytes_.text(), nullptr, &pending, nullptr);
      break;
    case 3:
      (void)scena_session_join(session, bytes_.text(), nullptr, &pending, nullptr);
      break;
    default:
      (void)kSteps[bytes_.below(kSteps.size())](session, nullptr, &pending, nullptr);
      break;
  }
  if (bytes_.flip()) (void)scena_pending_watch(pending, bytes_.next(), nullptr);
  pendings_.put(pending);
}

void World::drive() {
  scena_engine* const engine = engines_.any(bytes_);
  std::uint64_t tags[4];
  switch (bytes_.below(10)) {
    case 6:
      (void)scena_turn_wait_accepted(turns_.any(bytes_), bytes_.below(3), nullptr);
      break;
    case 7:
      (void)scena_engine_run_until_idle_for(engine, static_cast<int64_t>(bytes_.below(4)) - 2,
                                            nullptr);
      break;
    case 8:
      if (!scena_turn_id(turns_.any(bytes_))) std::abort();
      break;
    case 0:
      (void)scena_engine_poll(engine, bytes_.next(), nullptr);
      break;
    case 1:
      (void)scena_turn_wait(turns_.any(bytes_), bytes_.below(3), nullptr);
      break;
    case 2:
      (void)scena_pending_wait(pendings_.any(bytes_), bytes_.below(3), nullptr, nullptr);
      break;
    case 3:
      (void)scena_engine_take_ready(engine, tags, bytes_.below(5));
      break;
    case 4:
      (void)scena_engine_close(bytes_.below(8) == 0 ? engine : nullptr);
      break;
    case 5:
      (void)scena_engine_begin_close(bytes_.below(8) == 0 ? engine : nullptr);
      break;
    default:
      (void)scena_engine_advance(engine, 100'000 * static_cast<std::int64_t>(bytes_.next()),
                                 nullptr);
      break;
  }
}

void World::read() {
  scena_text* text = nullptr;
  scena_session* const session = sessions_.any(bytes_);
  switch (bytes_.below(6)) {
    case 0:
      (void)scena_session_info(session, &text, nullptr);
      break;
    case 1:
      (void)scena_session_messages(session, static_cast<std::uint32_t>(bytes_.below(3)), &text,
                                   nullptr);
      break;
    case 2:
      (void)scena_session_explain(session, bytes_.text(), &text, nullptr);
      break;
    case 3:
      (void)scena_turn_result(turns_.any(bytes_), &text, nullptr);
      break;
    default: {
      Sized<scena_event> event(scena_event{}, bytes_);
      scena_events* const events = events_.any(bytes_);
      auto* const out = const_cast<scena_event*>(event.get());
      for (int left = 4; left > 0; --left) {
        if (scena_events_next(events, bytes_.below(3), out, nullptr) != SCENA_OK) break;
        if (out->struct_size >= sizeof(scena_event) && std::strlen(out->json) != out->json_len)
          std::abort();
      }
      break;
    }
  }
  (void)scena_text_size(text);
  scena_text_destroy(text);
}

/* Commands, lists, presets and virtual time over the C ABI: commands_test NAME runs one promise. */
#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>
#include <string.h>

#include "check.h"

int check_failures = 0;

#define PRESET                                                                                 \
  "{\"id\": \"greeting\", \"title\": \"Greeting\", \"characters\": ["                          \
  "{\"id\": \"rosa\", \"name\": \"Rosa\"}, {\"id\": \"me\", \"name\": \"Me\", \"played_by\": " \
  "\"human\"}], \"variables\": [{\"name\": \"city\"}]}"
#define CONFIG                                                                              \
  "{\"clock\": \"virtual\", \"seed\": 7, \"provider\": \"s\", \"providers\": {\"s\": {"     \
  "\"url\": \"script:\", \"options\": {\"replies\": [\"Good morning.\", \"Good evening.\"]" \
  "}}}}"

typedef struct scene {
  scena_engine* engine;
  scena_session* session;
} scene;

static scene open_scene(void) {
  scene made = {NULL, NULL};
  CHECK(scena_engine_create(with_threads(CONFIG), &made.engine, NULL) == SCENA_OK);
  CHECK(scena_session_create(made.engine, PRESET, NULL, &made.session, NULL) == SCENA_OK);
  return made;
}

static void close_scene(const scene* made) {
  scena_session_destroy(made->session);
  scena_engine_destroy(made->engine);
}

static bool holds(const scena_text* text, const char* part) {
  const bool found = strstr(scena_text_data(text), part) != NULL;
  if (!found) (void)fprintf(stderr, "no %s in %s\n", part, scena_text_data(text));
  return found;
}

/* The answer of a command holds `part`; the handle is gone afterwards. */
static void expect_answer(scena_pending* pending, const char* part) {
  scena_text* answer = NULL;
  CHECK(scena_pending_wait(pending, SCENA_NO_TIMEOUT, &answer, NULL) == SCENA_OK);
  CHECK(holds(answer, part));
  CHECK(scena_text_size(answer) == strlen(scena_text_data(answer)));
  scena_text_destroy(answer);
  scena_pending_destroy(pending);
}

static void expect_failure(scena_pending* pending, scena_status status) {
  scena_error* error = NULL;
  CHECK(scena_pending_wait(pending, SCENA_NO_TIMEOUT, NULL, &error) == status);
  CHECK(scena_error_code(error) == status && strlen(scena_error_message(error)) > 0);
  scena_error_destroy(error);
  scena_pending_destroy(pending);
}

static void expect_result(scena_turn* turn, const char* part) {
  scena_text* result = NULL;
  CHECK(scena_turn_wait(turn, SCENA_NO_TIMEOUT, NULL) == SCENA_OK);
  CHECK(scena_turn_result(turn, &result, NULL) == SCENA_OK);
  CHECK(holds(result, part));
  scena_text_destroy(result);
  scena_turn_destroy(turn);
}

static scena_turn* say(const scene* made, const char* text) {
  scena_turn* turn = NULL;
  CHECK(scena_session_send(made->session, NULL, text, SCENA_NUL_TERMINATED, &turn, NULL) ==
        SCENA_OK);
  return turn;
}

static void states_by_commands(void) {
  const scene made = open_scene();
  scena_pending* pending = NULL;
  scena_text* text = NULL;
  CHECK(scena_session_start(made.session, NULL, &pending, NULL) == SCENA_OK);
  CHECK(not_yet(scena_pending_wait(pending, 0, NULL, NULL), SCENA_OK));
  expect_answer(pending, "\"state\":\"active\"");
  CHECK(scena_session_pause(made.session, "once", &pending, NULL) == SCENA_OK);
  expect_answer(pending, "\"state\":\"paused\"");
  CHECK(scena_session_resume(made.session, NULL, &pending, NULL) == SCENA_OK);
  expect_answer(pending, "\"state\":\"active\"");
  CHECK(scena_session_pause(made.session, "once", NULL, NULL) == SCENA_OK);
  CHECK(scena_session_fail(made.session, NULL, &pending, NULL) == SCENA_OK);
  expect_answer(pending, "\"state\":\"error\"");
  CHECK(scena_session_resume(made.session, NULL, NULL, NULL) == SCENA_OK);
  CHECK(scena_session_set_variable(made.session, "city", "Graz", NULL, &pending, NULL) == SCENA_OK);
  expect_answer(pending, "\"Graz\"");
  CHECK(scena_session_set_variable(made.session, "town", "Graz", NULL, &pending, NULL) == SCENA_OK);
  expect_failure(pending, SCENA_INVALID_ARGUMENT);
  CHECK(scena_session_annotate(made.session, "mark", "{\"at\": 1}", NULL, &pending, NULL) ==
        SCENA_OK);
  expect_answer(pending, "\"id\"");
  CHECK(scena_session_complete(made.session, NULL, &pending, NULL) == SCENA_OK);
  expect_answer(pending, "\"state\":\"completed\"");
  CHECK(scena_session_resume(made.session, NULL, &pending, NULL) == SCENA_OK);
  expect_failure(pending, SCENA_WRONG_STATE);
  CHECK(scena_session_remove(made.session, NULL, &pending, NULL) == SCENA_OK);
  CHECK(scena_pending_wait(pending, SCENA_NO_TIMEOUT, NULL, NULL) == SCENA_OK);
  scena_pending_destroy(pending);
  CHECK(scena_session_info(made.session, &text, NULL) == SCENA_NOT_FOUND && text == NULL);
  close_scene(&made);
}

/* All that a session is created with stands in what it tells of itself. */
static void sessions_are_made_as_asked(void) {
  const scene made = open_scene();
  scena_session_options options;
  scena_session *session = NULL, *again = NULL;
  scena_text *info = NULL, *state = NULL;
  scena_pending* pending = NULL;
  memset(&options, 0, sizeof options);
  options.struct_size = (uint32_t)sizeof options;
  options.seed = 4711;
  options.id = "lesson-1";
  options.owner = "ann";
  options.title = "A lesson";
  options.provider = "s";
  options.model = "small";
  options.command_id = "once";
  CHECK(scena_session_create(made.engine, PRESET, &options, &session, NULL) == SCENA_OK);
  CHECK(scena_session_create(made.engine, PRESET, &options, &again, NULL) == SCENA_OK);
  CHECK(strcmp(scena_session_id(again), "lesson-1") == 0);
  scena_session_destroy(again);
  again = NULL;
  options.command_id = NULL;
  CHECK(scena_session_create(made.engine, PRESET, &options, &again, NULL) == SCENA_ALREADY_EXISTS);
  CHECK(again == NULL);
  CHECK(scena_session_info(session, &info, NULL) == SCENA_OK);
  CHECK(holds(info, "\"id\":\"lesson-1\"") && holds(info, "\"owner\":\"ann\"") &&
        holds(info, "\"title\":\"A lesson\""));
  CHECK(scena_session_start(session, NULL, &pending, NULL) == SCENA_OK);
  expect_answer(pending, "\"state\":\"active\"");
  CHECK(scena_session_state(session, &state, NULL) == SCENA_OK);
  CHECK(holds(state, "\"seed\":\"4711\"") && holds(state, "\"provider\":\"s\"") &&
        holds(state, "\"model\":\"small\""));
  scena_text_destroy(info);
  scena_text_destroy(state);
  scena_session_destroy(session);
  close_scene(&made);
}

/* Numbers that no call takes, and whom a message without names in its audience is for. */
static void options_are_taken_or_refused(void) {
  const scene made = open_scene();
  const char* nobody[] = {NULL};
  scena_send_options options;
  scena_turn* turn = NULL;
  scena_text* messages = NULL;
  memset(&options, 0, sizeof options);
  options.struct_size = (uint32_t)sizeof options;
  options.deadline_ms = -1;
  CHECK(scena_session_send(made.session, &options, "x", 1, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  options.deadline_ms = 0;
  options.audience = nobody;
  options.flags = SCENA_SEND_NO_REPLY;
  CHECK(scena_session_send(made.session, &options, "x", 1, &turn, NULL) == SCENA_OK);
  expect_result(turn, "\"text\":\"\"");
  CHECK(scena_session_messages(made.session, 0, &messages, NULL) == SCENA_OK);
  CHECK(holds(messages, "\"audience\":["));
  scena_text_destroy(messages);
  CHECK(scena_session_messages(made.session, 2, &messages, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_poll(made.engine, -1, NULL) == SCENA_INVALID_ARGUMENT);
  options.audience = NULL;
  options.flags = 0;
  options.model = "large";
  CHECK(scena_session_send(made.session, &options, "x", 1, &turn, NULL) == SCENA_OK);
  expect_result(turn, "complete");
  messages = NULL;
  CHECK(scena_session_explain(made.session, "m3", &messages, NULL) == SCENA_OK);
  CHECK(holds(messages, "\"model\":\"large\""));
  scena_text_destroy(messages);
  close_scene(&made);
}

/* Too long a wait is told by the status alone: an error object is what the other side failed with.
 */
static void a_wait_that_was_too_long_is_no_failure(void) {
  const scene made = open_scene();
  scena_turn* turn = say(&made, "Hello");
  scena_pending* pending = NULL;
  scena_error* error = NULL;
  int64_t timeout_ms;
  CHECK(scena_session_pause(made.session, NULL, &pending, NULL) == SCENA_OK);
  CHECK(scena_turn_wait_accepted(turn, 0, &error) == SCENA_TIMEOUT && error == NULL);
  for (timeout_ms = 0; timeout_ms < 2; ++timeout_ms) {
    CHECK(scena_turn_wait(turn, timeout_ms, &error) == SCENA_TIMEOUT && error == NULL);
    CHECK(scena_pending_wait(pending, timeout_ms, NULL, &error) == SCENA_TIMEOUT && error == NULL);
  }
  expect_result(turn, "complete");
  expect_answer(pending, "paused");
  close_scene(&made);
}

static void turns_of_every_kind(void) {
  const scene made = open_scene();
  scena_turn* turn = say(&made, "Hello");
  scena_pending* pending = NULL;
  scena_text* state = NULL;
  CHECK(not_yet(scena_turn_result(turn, &state, NULL), SCENA_OK));
  scena_text_destroy(state);
  expect_result(turn, "\"outcome\":\"complete\",\"finish_reason\":\"stop\"");
  CHECK(scena_session_regenerate(made.session, NULL, &turn, NULL) == SCENA_OK);
  expect_result(turn, "Good ");
  CHECK(scena_session_edit(made.session, NULL, "m1", "Good day", SCENA_NUL_TERMINATED, &turn,
                           NULL) == SCENA_OK);
  expect_result(turn, "\"outcome\":\"complete\"");
  CHECK(scena_session_continue_reply(made.session, NULL, &turn, NULL) == SCENA_OK);
  expect_result(turn, "\"outcome\":\"complete\"");
  CHECK(scena_session_state(made.session, &state, NULL) == SCENA_OK);
  CHECK(holds(state, "Good day"));
  scena_text_destroy(state);
  CHECK(scena_session_undo(made.session, NULL, &pending, NULL) == SCENA_OK);
  expect_answer(pending, "\"messages\":0");
  CHECK(scena_session_prompt(made.session, NULL, &turn, NULL) == SCENA_OK);
  scena_session_cancel(made.session);
  expect_result(turn, cancelled());
  CHECK(scena_session_ask_aside(made.session, "rosa", "How are you?", SCENA_NUL_TERMINATED, NULL,
                                NULL, &pending, NULL) == SCENA_OK);
  expect_answer(pending, "{\"text\":\"Good ");
  CHECK(scena_session_next_question(made.session, NULL, NULL, NULL, &pending, NULL) == SCENA_OK);
  expect_answer(pending, "\"fallback\":true,\"reason\":\"no_model\"");
  CHECK(scena_session_flag_escape(made.session, NULL, "tour", "button", NULL, &pending, NULL) ==
        SCENA_OK);
  expect_answer(pending, "\"escapes\":{\"tour\":1}");
  CHECK(scena_session_flag_escape(made.session, "nobody", NULL, NULL, NULL, &pending, NULL) ==
        SCENA_OK);
  expect_failure(pending, SCENA_NOT_FOUND);
  close_scene(&made);
}

static void fork_export_import(void) {
  const scene made = open_scene();
  scena_pending* pending = NULL;
  scena_session* fork = NULL;
  scena_session *copy = NULL, *twice = NULL;
  scena_text *answer = NULL, *exported = NULL, *again = NULL;
  char id[64] = "";
  expect_result(say(&made, "Hello"), "complete");
  CHECK(scena_session_fork(made.session, NULL, NULL, &pending, NULL) == SCENA_OK);
  CHECK(scena_pending_wait(pending, SCENA_NO_TIMEOUT, &answer, NULL) == SCENA_OK);
  CHECK(sscanf(scena_text_data(answer), "{\"id\":\"%63[^\"]\"}", id) == 1);
  CHECK(scena_session_open(made.engine, id, &fork, NULL) == SCENA_OK);
  CHECK(strcmp(scena_session_id(fork), id) == 0);
  scena_text_destroy(answer);
  scena_pending_destroy(pending);

  CHECK(scena_engine_sessions(made.engine, "active", NULL, 1, &answer, NULL) == SCENA_OK);
  CHECK(holds(answer, id) && strstr(scena_text_data(answer), "\"next\":\"\"") == NULL);
  scena_text_destroy(answer);
  CHECK(scena_engine_sessions(made.engine, "awake", NULL, 0, &answer, NULL) ==
        SCENA_INVALID_ARGUMENT);

  CHECK(scena_engine_export(made.engine, scena_session_id(made.session), "json", &exported, NULL) ==
        SCENA_OK);
  {
    scena_engine* fresh = NULL;
    CHECK(scena_engine_create(with_threads(CONFIG), &fresh, NULL) == SCENA_OK);
    CHECK(scena_engine_import(fresh, scena_text_data(exported), &copy, NULL) == SCENA_OK);
    CHECK(scena_engine_import(fresh, scena_text_data(exported), &twice, NULL) ==
          SCENA_ALREADY_EXISTS);
    CHECK(twice == NULL);
    CHECK(scena_engine_export(fresh, scena_session_id(copy), "json", &again, NULL) == SCENA_OK);
    CHECK(strcmp(scena_text_data(exported), scena_text_data(again)) == 0);
    scena_session_destroy(copy);
    scena_engine_destroy(fresh);
  }
  CHECK(scena_engine_export(made.engine, id, "yaml", &answer, NULL) == SCENA_INVALID_ARGUMENT);
  scena_text_destroy(exported);
  scena_text_destroy(again);
  scena_session_destroy(fork);
  close_scene(&made);
}

static void presets_are_kept(void) {
  const scene made = open_scene();
  scena_text* text = NULL;
  scena_error* error = NULL;
  CHECK(scena_engine_put_preset(made.engine, PRESET, NULL) == SCENA_OK);
  CHECK(scena_engine_preset(made.engine, "greeting", &text, NULL) == SCENA_OK);
  CHECK(holds(text, "\"Greeting\""));
  scena_text_destroy(text);
  CHECK(scena_engine_presets(made.engine, NULL, NULL, 0, &text, NULL) == SCENA_OK);
  CHECK(holds(text, "\"id\":\"greeting\"") && holds(text, "\"id\":\"job-interview\""));
  scena_text_destroy(text);
  CHECK(scena_engine_remove_preset(made.engine, "greeting", NULL) == SCENA_OK);
  CHECK(scena_engine_remove_preset(made.engine, "greeting", NULL) == SCENA_NOT_FOUND);
  CHECK(scena_engine_put_preset(made.engine, "{\"id\": 1} x", &error) == SCENA_INVALID_ARGUMENT);
  CHECK(strlen(scena_error_message(error)) > 0);
  scena_error_destroy(error);
  CHECK(scena_engine_capabilities(made.engine, &text, NULL) == SCENA_OK);
  CHECK(holds(text, threads_wanted() > 0 ? "\"virtual_clock\":false" : "\"virtual_clock\":true"));
  scena_text_destroy(text);
  CHECK(scena_engine_update_policy(made.engine, "{\"nothing\": 1}", NULL) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_update_policy(made.engine, "{}", NULL) == SCENA_OK);
  CHECK(scena_engine_backup(made.engine, "never-written.db", NULL) == SCENA_UNSUPPORTED);
  CHECK(scena_engine_check_storage(made.engine, NULL) == SCENA_OK);
  CHECK(scena_engine_check_storage(NULL, NULL) == SCENA_INVALID_ARGUMENT);
  close_scene(&made);
}

static void virtual_time(void) {
  const scene made = open_scene();
  scena_turn* turn = say(&made, "Hello");
  CHECK(scena_engine_advance(made.engine, -1, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_advance(made.engine, INT64_MAX, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_poll(made.engine, 0, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(turn, 0, NULL) == SCENA_TIMEOUT);
  CHECK(scena_engine_advance(made.engine, 60000000, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(turn, 0, NULL) == SCENA_OK);
  scena_turn_destroy(turn);
  turn = say(&made, "And now?");
  CHECK(scena_engine_run_until_idle(made.engine, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(turn, 0, NULL) == SCENA_OK);
  scena_turn_destroy(turn);
  close_scene(&made);
}

static void the_clock(void) {
  const scene made = open_scene();
  int64_t now = -1, wall = -1, later = -1, wall_later = -1;
  CHECK(scena_engine_time(NULL, &now, &wall, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(now == -1 && wall == -1);
  CHECK(scena_engine_time(made.engine, &now, &wall, NULL) == SCENA_OK);
  CHECK(scena_engine_advance(made.engine, 1500000, NULL) == SCENA_OK);
  CHECK(scena_engine_time(made.engine, &later, NULL, NULL) == SCENA_OK);
  CHECK(scena_engine_time(made.engine, NULL, &wall_later, NULL) == SCENA_OK);
  CHECK(later - now == 1500000);
  CHECK(wall_later - wall == 1500000);
  CHECK(scena_engine_close(made.engine) == SCENA_OK);
  CHECK(scena_engine_time(made.engine, &now, NULL, NULL) == SCENA_OK);
  close_scene(&made);
}

/* The scene's reply takes some of virtual time: less than a minute, more than a millisecond. */
static void idle_in_time(void) {
  const scene made = open_scene();
  scena_turn* turn = say(&made, "Hello");
  CHECK(scena_engine_run_until_idle_for(made.engine, 0, NULL) == SCENA_TIMEOUT);
  CHECK(scena_engine_run_until_idle_for(made.engine, 1, NULL) == SCENA_TIMEOUT);
  CHECK(scena_turn_wait(turn, 0, NULL) == SCENA_TIMEOUT);
  CHECK(scena_engine_run_until_idle_for(made.engine, 60000, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(turn, 0, NULL) == SCENA_OK);
  CHECK(scena_engine_run_until_idle_for(made.engine, 0, NULL) == SCENA_OK);
  CHECK(scena_engine_run_until_idle_for(made.engine, SCENA_NO_TIMEOUT, NULL) == SCENA_OK);
  CHECK(scena_engine_run_until_idle_for(made.engine, -2, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_run_until_idle_for(NULL, 0, NULL) == SCENA_INVALID_ARGUMENT);
  scena_turn_destroy(turn);
  close_scene(&made);
}

/* A host whose thread must not wait: it polls the end of what runs, and only then closes. */
static void closing_by_polling(void) {
  const scene made = open_scene();
  scena_turn* turn = NULL;
  scena_events* events = NULL;
  scena_event event;
  scena_status status;
  char last[64] = "";
  int rounds = 0;
  memset(&event, 0, sizeof event);
  event.struct_size = (uint32_t)sizeof event;
  CHECK(scena_session_events(made.session, NULL, &events, NULL) == SCENA_OK);
  turn = say(&made, "Hello");
  CHECK(scena_turn_wait_accepted(turn, SCENA_NO_TIMEOUT, NULL) == SCENA_OK);
  CHECK(scena_engine_begin_close(NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_begin_close(made.engine) == SCENA_OK);
  CHECK(scena_engine_begin_close(made.engine) == SCENA_OK);
  CHECK(scena_engine_next_deadline(made.engine) == 0);
  CHECK(scena_session_send(made.session, NULL, "?", 1, NULL, NULL) == SCENA_CLOSED);
  CHECK(scena_engine_advance(made.engine, 1, NULL) == SCENA_CLOSED);
  while ((status = scena_engine_poll(made.engine, 1000, NULL)) == SCENA_OK && ++rounds < 100000) {
  }
  CHECK(status == SCENA_CLOSED && rounds > 0);
  expect_result(turn, "\"outcome\":\"interrupted\"");
  CHECK(scena_engine_next_deadline(made.engine) == -1);
  CHECK(scena_engine_close(made.engine) == SCENA_OK);
  while ((status = scena_events_next(events, SCENA_NO_TIMEOUT, &event, NULL)) == SCENA_OK)
    (void)snprintf(last, sizeof last, "%s", event.type);
  CHECK(status == SCENA_CLOSED && strcmp(last, "turn.finished") == 0);
  scena_events_destroy(events);
  CHECK(scena_engine_begin_close(made.engine) == SCENA_OK);
  CHECK(scena_engine_wait_fd(made.engine) == -1);
  close_scene(&made);
}

static void nothing_given(void) {
  scena_text* text = NULL;
  CHECK(strcmp(scena_text_data(NULL), "") == 0 && scena_text_size(NULL) == 0);
  scena_text_destroy(NULL);
  scena_pending_destroy(NULL);
  scena_session_cancel(NULL);
  CHECK(scena_pending_wait(NULL, 0, &text, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_turn_result(NULL, &text, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_session_start(NULL, NULL, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_session_fork(NULL, NULL, NULL, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_session_regenerate(NULL, NULL, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_sessions(NULL, NULL, NULL, 0, &text, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_run_until_idle(NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(text == NULL);
}

static void engine_goes_before_an_answer(void) {
  const scene made = open_scene();
  scena_pending* pending = NULL;
  scena_turn* turn = say(&made, "Hello");
  CHECK(scena_session_pause(made.session, NULL, &pending, NULL) == SCENA_OK);
  scena_engine_destroy(made.engine);
  CHECK(scena_pending_wait(pending, SCENA_NO_TIMEOUT, NULL, NULL) != SCENA_TIMEOUT);
  CHECK(scena_session_start(made.session, NULL, NULL, NULL) != SCENA_INTERNAL);
  scena_pending_destroy(pending);
  scena_turn_destroy(turn);
  scena_session_destroy(made.session);
}

static const struct promise promises[] = {
    PROMISE(states_by_commands),
    PROMISE(sessions_are_made_as_asked),
    PROMISE(options_are_taken_or_refused),
    ON_HOST_LOOP(a_wait_that_was_too_long_is_no_failure),
    PROMISE(turns_of_every_kind),
    PROMISE(fork_export_import),
    PROMISE(presets_are_kept),
    ON_HOST_LOOP(virtual_time),
    ON_HOST_LOOP(the_clock),
    ON_HOST_LOOP(idle_in_time),
    ON_HOST_LOOP(closing_by_polling),
    PROMISE(nothing_given),
    PROMISE(engine_goes_before_an_answer),
};

int main(int argc, char** argv) {
  return run_promises(promises, sizeof promises / sizeof promises[0], argc, argv);
}

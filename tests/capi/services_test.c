/* Rights, costs, services, calls outside of sessions and the ready list over the C ABI:
   services_test NAME runs one promise. */
#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>
#include <string.h>

#include "check.h"

int check_failures = 0;

#define CONFIG                                                                                    \
  "{\"clock\": \"virtual\", \"seed\": 7, \"provider\": \"s\", \"metrics\": [\"sentiment\"], "     \
  "\"prices\": {\"*\": {\"input\": \"1\", \"output\": \"2\"}}, \"providers\": {\"s\": {\"url\": " \
  "\"script:\", \"options\": {\"replies\": [\"Good morning to you.\", \"Good evening.\"]}}}}"
#define SLOW                                                                                     \
  "{\"clock\": \"virtual\", \"provider\": \"s\", \"providers\": {\"s\": {\"url\": \"script:\", " \
  "\"options\": {\"replies\": [\"Later.\"], \"delay_ms\": 60000}}}}"

typedef struct scene {
  scena_engine* engine;
  scena_session* session;
} scene;

static scene open_scene(void) {
  scene made = {NULL, NULL};
  scena_session_options options;
  memset(&options, 0, sizeof options);
  options.struct_size = (uint32_t)sizeof options;
  options.owner = "ann";
  CHECK(scena_engine_create(with_threads(CONFIG), &made.engine, NULL) == SCENA_OK);
  CHECK(scena_session_create(made.engine, "job-interview", &options, &made.session, NULL) ==
        SCENA_OK);
  return made;
}

static void close_scene(const scene* made) {
  scena_session_destroy(made->session);
  scena_engine_destroy(made->engine);
}

static bool holds(scena_text* text, const char* part) {
  const bool found = strstr(scena_text_data(text), part) != NULL;
  if (!found) (void)fprintf(stderr, "no %s in %s\n", part, scena_text_data(text));
  scena_text_destroy(text);
  return found;
}

static scena_turn* say(scena_session* session, const scena_send_options* options) {
  scena_turn* turn = NULL;
  CHECK(scena_session_send(session, options, "Hello", 5, &turn, NULL) == SCENA_OK);
  return turn;
}

static void finish(scena_turn* turn) {
  CHECK(scena_turn_wait(turn, SCENA_NO_TIMEOUT, NULL) == SCENA_OK);
  scena_turn_destroy(turn);
}

static scena_status wait_for(scena_pending* pending, const char* part) {
  scena_text* answer = NULL;
  const scena_status status = scena_pending_wait(pending, SCENA_NO_TIMEOUT, &answer, NULL);
  if (status == SCENA_OK && part != NULL) {
    CHECK(holds(answer, part));
  } else {
    scena_text_destroy(answer);
  }
  scena_pending_destroy(pending);
  return status;
}

static void rights_are_checked(void) {
  const scene made = open_scene();
  scena_engine *ann = NULL, *ben = NULL;
  scena_session* hers = NULL;
  scena_events* events = NULL;
  scena_event event;
  scena_text* text = NULL;
  scena_error* error = NULL;
  memset(&event, 0, sizeof event);
  event.struct_size = (uint32_t)sizeof event;
  finish(say(made.session, NULL));
  CHECK(scena_engine_as(made.engine, "{\"subject\":\"ann\",\"roles\":[\"participant\"]}", &ann,
                        NULL) == SCENA_OK);
  CHECK(scena_engine_as(made.engine, "{\"subject\":\"ben\"}", &ben, NULL) == SCENA_OK);
  CHECK(scena_engine_as(made.engine, "{\"subject\":5,\"name\":\"x\"}", &ben, &error) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(strcmp(scena_error_pointer(error), "/subject") == 0);
  CHECK(strstr(scena_error_message(error), "/name") != NULL);
  scena_error_destroy(error);
  CHECK(scena_session_open(ann, scena_session_id(made.session), &hers, NULL) == SCENA_OK);
  CHECK(scena_session_info(hers, &text, NULL) == SCENA_OK && holds(text, "\"owner\":\"ann\""));
  text = NULL;
  CHECK(scena_session_state(hers, &text, NULL) == SCENA_PERMISSION_DENIED && text == NULL);
  CHECK(scena_engine_costs(ann, NULL, &text, NULL) == SCENA_PERMISSION_DENIED);
  CHECK(scena_engine_set_prices(ann, "{}", NULL) == SCENA_PERMISSION_DENIED);
  CHECK(scena_session_open(ben, scena_session_id(made.session), &hers, NULL) == SCENA_NOT_FOUND);
  scena_session_destroy(hers);
  /* Closing it ends nothing; the other way round everything ends. */
  CHECK(scena_session_events(made.session, NULL, &events, NULL) == SCENA_OK);
  while (scena_events_next(events, 0, &event, NULL) == SCENA_OK) {
  }
  CHECK(scena_engine_close(ann) == SCENA_OK);
  CHECK(scena_events_next(events, 0, &event, NULL) == SCENA_TIMEOUT);
  scena_engine_destroy(ann);
  CHECK(scena_events_next(events, 0, &event, NULL) == SCENA_TIMEOUT);
  scena_events_destroy(events);
  finish(say(made.session, NULL));
  CHECK(scena_engine_close(made.engine) == SCENA_OK);
  CHECK(scena_engine_stats(ben, &text, NULL) == SCENA_CLOSED);
  scena_engine_destroy(ben);
  close_scene(&made);
}

static void costs_add_up(void) {
  const scene made = open_scene();
  scena_text* text = NULL;
  scena_error* error = NULL;
  finish(say(made.session, NULL));
  CHECK(scena_engine_costs(made.engine, "{\"by\":[\"model\",\"user\"]}", &text, NULL) == SCENA_OK);
  CHECK(holds(text, "{\"rows\":[{\"group\":[\"script\",\"ann\"],\"calls\":1,"));
  CHECK(scena_engine_set_prices(made.engine, "{\"*\":{\"input\":\"0\",\"output\":\"0\"}}", NULL) ==
        SCENA_OK);
  CHECK(scena_engine_costs(made.engine, "{\"user\":\"nobody\"}", &text, NULL) == SCENA_OK);
  CHECK(holds(text, "{\"rows\":[{\"group\":[],\"calls\":0,"));
  text = NULL;
  CHECK(scena_engine_costs(made.engine, "{\"by\":[\"colour\"]}", &text, &error) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(strcmp(scena_error_pointer(error), "/by") == 0);
  scena_error_destroy(error);
  CHECK(scena_engine_costs(made.engine, "[", &text, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_costs(made.engine, "{\"from\":\"yesterday\"}", &text, NULL) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_cache_figures(made.engine, &text, NULL) == SCENA_OK && holds(text, "{"));
  CHECK(scena_engine_service_health(made.engine, &text, NULL) == SCENA_OK);
  CHECK(
      holds(text, "\"s\":{\"breaker\":\"closed\",\"wait_ms\":0,\"times_opened\":0,\"answered\":1"));
  CHECK(scena_engine_run_until_idle(made.engine, NULL) == SCENA_OK);
  CHECK(scena_engine_stats(made.engine, &text, NULL) == SCENA_OK);
  CHECK(holds(text, "{\"sessions_loaded\":1,\"commits_waiting\":0,\"commands_refused\":0"));
  CHECK(scena_engine_stats(made.engine, &text, NULL) == SCENA_OK && holds(text, "\"idle\":true}"));
  close_scene(&made);
}

static void services_are_replaced(void) {
  const scene made = open_scene();
  scena_error* error = NULL;
  scena_text* text = NULL;
  scena_turn* turn;
  CHECK(scena_engine_set_providers(made.engine,
                                   "{\"s\":{\"url\":\"script:\",\"options\":{\"replies\":"
                                   "[\"Another voice.\"]}}}",
                                   NULL) == SCENA_OK);
  turn = say(made.session, NULL);
  CHECK(scena_turn_wait(turn, SCENA_NO_TIMEOUT, NULL) == SCENA_OK);
  CHECK(scena_turn_result(turn, &text, NULL) == SCENA_OK && holds(text, "Another voice."));
  scena_turn_destroy(turn);
  CHECK(scena_engine_set_providers(made.engine, "{\"s\":{\"url\":5}}", &error) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(strncmp(scena_error_pointer(error), "/providers/s", 12) == 0);
  scena_error_destroy(error);
  /* What stands behind the value is no second member. */
  CHECK(scena_engine_set_providers(made.engine, "{}, \"threads\": 4", NULL) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_set_models(made.engine, "{}", NULL) != SCENA_INTERNAL);
  CHECK(scena_engine_set_models(made.engine, "5", NULL) == SCENA_INVALID_ARGUMENT);
  close_scene(&made);
}

static char heard[256];
static int live_destroyed;

static void hear(void* user_data, const char* text, size_t text_len) {
  (void)user_data;
  CHECK(strlen(text) == text_len);
  (void)strncat(heard, text, sizeof heard - strlen(heard) - 1);
}

static void destroy_live(void* user_data) {
  (void)user_data;
  ++live_destroyed;
}

static void completions_are_heard(void) {
  static const char request[] =
      "{\"messages\":[{\"role\":\"user\",\"text\":\"Hello\"}],\"max_tokens\":100,\"system\":\"Be "
      "brief.\"}";
  const scene made = open_scene();
  scena_pending* pending = NULL;
  scena_error* error = NULL;
  scena_live live;
  memset(&live, 0, sizeof live);
  live.struct_size = (uint32_t)sizeof live;
  live.text = hear;
  live.destroy = destroy_live;
  CHECK(scena_engine_complete(made.engine, "s", request, &live, &pending, NULL) == SCENA_OK);
  CHECK(wait_for(pending, "\"outcome\":\"complete\",\"finish_reason\":\"stop\"") == SCENA_OK);
  CHECK(strncmp(heard, "Good ", 5) == 0 && live_destroyed == 1);
  /* A call that fails leaves the table with the caller. */
  CHECK(scena_engine_complete(made.engine, "openai:x", request, &live, &pending, NULL) ==
        SCENA_UNAUTHENTICATED);
  CHECK(scena_engine_complete(made.engine, "s", "{\"messages\":[{\"role\":\"cook\"}],\"top_p\":3}",
                              &live, &pending, &error) == SCENA_INVALID_ARGUMENT);
  CHECK(strcmp(scena_error_pointer(error), "/messages/0/role") == 0);
  CHECK(strstr(scena_error_message(error), "/top_p") != NULL && live_destroyed == 1);
  scena_error_destroy(error);
  /* Cancelled, it is an answer, too. */
  CHECK(scena_engine_complete(made.engine, "s", request, NULL, &pending, NULL) == SCENA_OK);
  scena_pending_cancel(pending);
  CHECK(wait_for(pending, cancelled()) == SCENA_OK);
  scena_pending_cancel(NULL);
  CHECK(scena_engine_embed(made.engine, "s", "{\"texts\":[\"a\"]}", &pending, NULL) == SCENA_OK);
  CHECK(wait_for(pending, NULL) == SCENA_UNSUPPORTED);
  CHECK(scena_engine_embed(made.engine, NULL, "{\"texts\":5}", &pending, NULL) ==
        SCENA_INVALID_ARGUMENT);
  close_scene(&made);
}

/* A result has all that an error object says. */
static void failures_say_what_the_service_said(void) {
  static const char config[] =
      "{\"clock\": \"virtual\", \"max_retries\": 0, \"provider\": \"f\", \"providers\": {\"f\": {"
      "\"url\": \"fault:429@5ms\"}}}";
  scena_engine* engine = NULL;
  scena_session* session = NULL;
  scena_turn* turn = NULL;
  scena_text* result = NULL;
  scena_pending* pending = NULL;
  scena_error* error = NULL;
  CHECK(scena_engine_create(with_threads(config), &engine, NULL) == SCENA_OK);
  CHECK(scena_session_create(engine, "job-interview", NULL, &session, NULL) == SCENA_OK);
  CHECK(scena_session_send(session, NULL, "Hello", 5, &turn, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(turn, SCENA_NO_TIMEOUT, NULL) == SCENA_OK);
  CHECK(scena_turn_result(turn, &result, NULL) == SCENA_OK);
  CHECK(holds(result,
              "\"retry_after_ms\":5,\"provider_status\":429,\"provider_message\":\"so says the "
              "fault schedule\","
              "\"point\":\"status\"}"));
  scena_turn_destroy(turn);
  CHECK(scena_session_ask_aside(session, "interviewer", "Well?", 5, NULL, NULL, &pending, NULL) ==
        SCENA_OK);
  CHECK(scena_pending_wait(pending, SCENA_NO_TIMEOUT, NULL, &error) == SCENA_RATE_LIMITED);
  CHECK(scena_error_retry_after_ms(error) == 5);
  CHECK(scena_error_provider_status(error) == 429);
  CHECK(strcmp(scena_error_provider_message(error), "so says the fault schedule") == 0);
  CHECK(strcmp(scena_error_point(error), "status") == 0);
  scena_error_destroy(error);
  scena_pending_destroy(pending);
  scena_session_destroy(session);
  scena_engine_destroy(engine);
}

static void forget_heard(void) {
  heard[0] = '\0';
  live_destroyed = 0;
}

/* One call sends, and tells the reply while it comes; `destroy` comes with what was taken only. */
static void a_reply_is_heard_and_waited_for(void) {
  const scene made = open_scene();
  scena_live live;
  scena_text* result = NULL;
  scena_error* error = NULL;
  scena_send_options once;
  memset(&live, 0, sizeof live);
  memset(&once, 0, sizeof once);
  CHECK(scena_session_send_wait(made.session, NULL, "Hello", 5, &live, NULL, NULL) ==
        SCENA_INVALID_ARGUMENT);
  live.struct_size = (uint32_t)sizeof live;
  live.text = hear;
  live.destroy = destroy_live;
  once.struct_size = (uint32_t)sizeof once;
  forget_heard();
  once.command_id = "once";
  CHECK(scena_session_send_wait(made.session, &once, "Hello", 5, &live, &result, NULL) == SCENA_OK);
  CHECK(strcmp(heard, "Good morning to you.") == 0 && live_destroyed == 1);
  CHECK(strstr(scena_text_data(result), "\"outcome\":\"complete\"") != NULL);
  scena_text_destroy(result);

  /* Repeated, nothing is sent: what there is comes at once. */
  forget_heard();
  CHECK(scena_session_send_wait(made.session, &once, "Hello", 5, &live, NULL, NULL) == SCENA_OK);
  CHECK(strcmp(heard, "Good morning to you.") == 0 && live_destroyed == 1);

  /* Nobody needs to listen, and a message may ask for no reply. */
  once.command_id = NULL;
  once.flags = SCENA_SEND_NO_REPLY;
  CHECK(scena_session_send_wait(made.session, NULL, "And?", 4, NULL, NULL, NULL) == SCENA_OK);
  forget_heard();
  CHECK(scena_session_send_wait(made.session, &once, "I see.", 6, &live, NULL, NULL) == SCENA_OK);
  CHECK(live_destroyed == 1);

  forget_heard();
  CHECK(scena_session_pause(made.session, NULL, NULL, NULL) == SCENA_OK);
  CHECK(scena_session_send_wait(made.session, NULL, "Hello", 5, &live, NULL, &error) ==
        SCENA_WRONG_STATE);
  CHECK(strstr(scena_error_message(error), "paused") != NULL);
  CHECK(live_destroyed == 0 && *heard == '\0');
  scena_error_destroy(error);
  close_scene(&made);
}

static void people_come_and_go(void) {
  const scene made = open_scene();
  scena_pending* pending = NULL;
  scena_text* text = NULL;
  const char* whisper[] = {"interviewer", NULL};
  scena_send_options options;
  scena_turn* turn = NULL;
  CHECK(scena_session_start(made.session, NULL, NULL, NULL) == SCENA_OK);
  CHECK(scena_session_join(made.session, "{\"id\":\"eva\",\"name\":\"Eva\",\"subject\":\"u5\"}",
                           NULL, &pending, NULL) == SCENA_OK);
  CHECK(wait_for(pending, "\"id\":\"eva\",\"name\":\"Eva\",\"is_human\":true") == SCENA_OK);
  CHECK(scena_session_join(made.session, "{\"name\":\"Eva\"}", NULL, &pending, NULL) ==
        SCENA_INVALID_ARGUMENT);
  memset(&options, 0, sizeof options);
  options.struct_size = (uint32_t)sizeof options;
  options.participant = "eva";
  options.audience = whisper;
  options.flags = SCENA_SEND_NO_REPLY;
  turn = say(made.session, &options);
  CHECK(scena_turn_wait_accepted(turn, SCENA_NO_TIMEOUT, NULL) == SCENA_OK);
  finish(turn);
  CHECK(scena_session_messages(made.session, SCENA_MESSAGES_ALL, &text, NULL) == SCENA_OK);
  CHECK(holds(text, "\"audience\":[\"interviewer\",\"eva\"]"));
  options.flags = 8;
  CHECK(scena_session_send(made.session, &options, "x", 1, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_session_leave(made.session, "eva", NULL, &pending, NULL) == SCENA_OK);
  CHECK(wait_for(pending, "\"present\":false") == SCENA_OK);
  CHECK(scena_session_update(made.session,
                             "{\"title\":\"New\",\"labels\":{\"a\":\"b\",\"c\":null}}", NULL,
                             &pending, NULL) == SCENA_OK);
  CHECK(wait_for(pending, "\"title\":\"New\"") == SCENA_OK);
  CHECK(scena_session_update(made.session, "{\"labels\":{\"a\":5}}", NULL, &pending, NULL) ==
        SCENA_INVALID_ARGUMENT);
  close_scene(&made);
}

static void messages_are_explained(void) {
  const scene made = open_scene();
  scena_turn* turn = say(made.session, NULL);
  scena_text* text = NULL;
  CHECK(strcmp(scena_turn_id(turn), "") == 0 && strcmp(scena_turn_id(NULL), "") == 0);
  CHECK(scena_turn_wait(turn, SCENA_NO_TIMEOUT, NULL) == SCENA_OK);
  CHECK(strcmp(scena_turn_id(turn), "t1") == 0);
  scena_turn_destroy(turn);
  CHECK(scena_session_regenerate(made.session, NULL, &turn, NULL) == SCENA_OK);
  finish(turn);
  CHECK(scena_session_messages(made.session, 0, &text, NULL) == SCENA_OK);
  CHECK(
      holds(text, "\"superseded\":false,\"audience\":null,\"metrics\":[{\"metric\":\"sentiment\""));
  CHECK(scena_session_alternatives(made.session, "m3", &text, NULL) == SCENA_OK);
  CHECK(holds(text, "\"superseded\":true"));
  CHECK(scena_session_explain(made.session, "m3", &text, NULL) == SCENA_OK);
  CHECK(holds(text, "\"sha256\":\""));
  text = NULL;
  CHECK(scena_session_explain(made.session, "m2", &text, NULL) == SCENA_NOT_FOUND);
  CHECK(scena_session_explain(made.session, NULL, &text, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_session_messages(made.session, 4, &text, NULL) == SCENA_INVALID_ARGUMENT);
  close_scene(&made);
}

static size_t take(const scene* made, uint64_t* tags, size_t most) {
  CHECK(scena_engine_advance(made->engine, 60000000, NULL) == SCENA_OK);
  return scena_engine_take_ready(made->engine, tags, most);
}

static void ready_list_names_what_has_something(void) {
  const scene made = open_scene();
  scena_events* events = NULL;
  scena_pending* pending = NULL;
  scena_turn* turn;
  scena_event event;
  uint64_t tags[8];
  CHECK(scena_session_events(made.session, NULL, &events, NULL) == SCENA_OK);
  CHECK(scena_events_watch(events, 11, NULL) == SCENA_OK);
  CHECK(scena_session_start(made.session, NULL, &pending, NULL) == SCENA_OK);
  CHECK(scena_pending_watch(pending, 22, NULL) == SCENA_OK);
  CHECK(take(&made, tags, 8) == 2);
  CHECK((tags[0] == 11 && tags[1] == 22) || (tags[0] == 22 && tags[1] == 11));
  /* Not again before the queue was emptied and got something new. */
  CHECK(take(&made, tags, 8) == 0);
  CHECK(wait_for(pending, NULL) == SCENA_OK);
  memset(&event, 0, sizeof event);
  event.struct_size = (uint32_t)sizeof event;
  while (scena_events_next(events, 0, &event, NULL) == SCENA_OK) {
  }
  turn = say(made.session, NULL);
  CHECK(scena_turn_watch(turn, 33, NULL) == SCENA_OK);
  CHECK(take(&made, tags, 1) == 1 && tags[0] == 11);
  CHECK(take(&made, tags, 8) == 1 && tags[0] == 33);
  /* What has something already is told at once; a handle that is gone is not told of. */
  CHECK(scena_turn_watch(turn, 44, NULL) == SCENA_OK);
  CHECK(scena_engine_take_ready(made.engine, tags, 8) == 1 && tags[0] == 44);
  CHECK(scena_turn_watch(turn, 55, NULL) == SCENA_OK);
  scena_turn_destroy(turn);
  scena_events_destroy(events);
  turn = say(made.session, NULL);
  CHECK(scena_turn_watch(turn, 66, NULL) == SCENA_OK);
  scena_turn_destroy(turn); /* while its reply runs */
  CHECK(take(&made, tags, 8) == 0);
  CHECK(scena_engine_take_ready(NULL, tags, 8) == 0 &&
        scena_engine_take_ready(made.engine, NULL, 1) == 0);
  CHECK(scena_turn_watch(NULL, 1, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_events_watch(NULL, 1, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_pending_watch(NULL, 1, NULL) == SCENA_INVALID_ARGUMENT);
  close_scene(&made);
}

/* The reply takes a minute, its message does not; the clock stands still. */
static void accept_soon(const scene* made, scena_turn* turn, uint64_t tag) {
  uint64_t tags[8];
  CHECK(scena_turn_watch(turn, tag, NULL) == SCENA_OK);
  CHECK(scena_turn_wait_accepted(turn, 0, NULL) == SCENA_TIMEOUT);
  CHECK(scena_engine_advance(made->engine, 0, NULL) == SCENA_OK);
  CHECK(scena_engine_take_ready(made->engine, tags, 8) == 1 && tags[0] == tag);
  CHECK(scena_turn_wait_accepted(turn, 0, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(turn, 0, NULL) == SCENA_TIMEOUT);
}

static void ready_list_names_a_turn_when_accepted(void) {
  scene made = {NULL, NULL};
  scena_turn *first, *second;
  uint64_t tags[8];
  CHECK(scena_engine_create(with_threads(SLOW), &made.engine, NULL) == SCENA_OK);
  CHECK(scena_session_create(made.engine, "job-interview", NULL, &made.session, NULL) == SCENA_OK);
  first = say(made.session, NULL);
  accept_soon(&made, first, 1);
  second = say(made.session, NULL); /* behind a reply that runs */
  CHECK(scena_turn_watch(second, 2, NULL) == SCENA_OK);
  while (check_failures == 0 && scena_turn_wait_accepted(second, 0, NULL) != SCENA_OK)
    CHECK(scena_engine_advance(made.engine, 1000000, NULL) == SCENA_OK);
  CHECK(scena_engine_take_ready(made.engine, tags, 8) == 2 && tags[0] == 1 && tags[1] == 2);
  CHECK(scena_turn_wait(first, 0, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(second, 0, NULL) == SCENA_TIMEOUT);
  CHECK(scena_turn_wait(second, SCENA_NO_TIMEOUT, NULL) == SCENA_OK);
  CHECK(scena_engine_take_ready(made.engine, tags, 8) == 1 && tags[0] == 2);
  scena_turn_destroy(first);
  scena_turn_destroy(second);
  close_scene(&made);
}

static const struct promise promises[] = {PROMISE(rights_are_checked),
                                          PROMISE(costs_add_up),
                                          PROMISE(services_are_replaced),
                                          PROMISE(completions_are_heard),
                                          PROMISE(failures_say_what_the_service_said),
                                          PROMISE(a_reply_is_heard_and_waited_for),
                                          PROMISE(people_come_and_go),
                                          PROMISE(messages_are_explained),
                                          ON_HOST_LOOP(ready_list_names_what_has_something),
                                          ON_HOST_LOOP(ready_list_names_a_turn_when_accepted)};

int main(int argc, char** argv) {
  return run_promises(promises, sizeof promises / sizeof *promises, argc, argv);
}

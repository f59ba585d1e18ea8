/* The C ABI's promises, one function a promise: capi_test NAME runs one of them. */
#define _POSIX_C_SOURCE 200809L
#define SCENA_ENABLE_UNSTABLE
#include <poll.h>
#include <scena/scena.h>
#include <string.h>

#include "check.h"

int check_failures = 0;

/* One character that speaks at once, so that a reply is a matter of polling. */
#define PRESET                                                                                 \
  "{\"id\": \"greeting\", \"title\": \"Greeting\", \"characters\": ["                          \
  "{\"id\": \"rosa\", \"name\": \"Rosa\"}, {\"id\": \"me\", \"name\": \"Me\", \"played_by\": " \
  "\"human\"}]}"
#define CONFIG                                                                          \
  "{\"clock\": \"virtual\", \"seed\": 7, \"provider\": \"s\", \"providers\": {\"s\": {" \
  "\"url\": \"script:\", \"options\": {\"replies\": [\"Good morning.\"], \"instant\": true}}}}"

typedef struct scene {
  scena_engine* engine;
  scena_session* session;
  scena_events* events;
} scene;

static scene open_scene(const char* config) {
  scene made = {NULL, NULL, NULL};
  scena_error* error = NULL;
  CHECK(scena_engine_create(with_threads(config), &made.engine, &error) == SCENA_OK);
  CHECK(scena_session_create(made.engine, PRESET, NULL, &made.session, &error) == SCENA_OK);
  CHECK(scena_session_events(made.session, NULL, &made.events, &error) == SCENA_OK);
  if (error != NULL) (void)fprintf(stderr, "%s\n", scena_error_message(error));
  scena_error_destroy(error);
  return made;
}

static void close_scene(const scene* made) {
  scena_events_destroy(made->events);
  scena_session_destroy(made->session);
  scena_engine_destroy(made->engine);
}

static scena_status say(const scene* made, const char* text) {
  return scena_session_send(made->session, NULL, text, SCENA_NUL_TERMINATED, NULL, NULL);
}

/* Reads up to the end of a turn; the text of its deltas goes to `text`. */
static void read_turn(const scene* made, int64_t timeout_ms, char* text, size_t room, char* end,
                      size_t end_room) {
  scena_event event;
  size_t used = 0;
  int i;
  text[0] = end[0] = '\0';
  memset(&event, 0, sizeof event);
  event.struct_size = (uint32_t)sizeof event;
  for (i = 0; i < 10000; ++i) {
    scena_status status;
    if (timeout_ms == 0) CHECK(scena_engine_poll(made->engine, 1000, NULL) == SCENA_OK);
    status = scena_events_next(made->events, timeout_ms, &event, NULL);
    if (status != SCENA_OK) continue;
    CHECK(event.json_len == strlen(event.json) && event.json[0] == '{');
    if (strcmp(event.type, "delta") == 0 && used + event.text_len < room) {
      CHECK(event.is_durable == 0 && event.off == (int64_t)used);
      memcpy(text + used, event.text, event.text_len + 1);
      used += event.text_len;
    }
    if (strcmp(event.type, "turn.finished") == 0) {
      CHECK(event.is_durable == 1 && event.seq > 0 && event.off == -1);
      (void)snprintf(end, end_room, "%s", event.json);
      return;
    }
  }
  CHECK(i < 10000 && "the turn ended");
}

static void reply_by_polling(void) {
  char text[256], end[4096];
  scene made = open_scene(CONFIG);
  CHECK(say(&made, "Hello") == SCENA_OK);
  read_turn(&made, 0, text, sizeof text, end, sizeof end);
  CHECK(strcmp(text, "Good morning.") == 0);
  CHECK(strstr(end, "\"outcome\":\"complete\"") != NULL);
  close_scene(&made);
}

static void waiting_runs_the_loop(void) {
  char text[256], end[4096];
  scene made = open_scene(CONFIG);
  CHECK(say(&made, "Hello") == SCENA_OK);
  read_turn(&made, SCENA_NO_TIMEOUT, text, sizeof text, end, sizeof end);
  CHECK(strcmp(text, "Good morning.") == 0);
  close_scene(&made);
}

/* A host that looks at nothing but the pipe: no deadline, no timer of its own. */
static void pipe_watcher_alone(void) {
  struct pollfd watched;
  scena_event event;
  bool done = false;
  scene made = open_scene(
      "{\"watcher\": \"pipe\", \"provider\": \"s\", \"providers\": {\"s\": {\"url\": \"script:\","
      "\"options\": {\"replies\": [\"Good morning.\"], \"delay_ms\": 5, \"token_ms\": 1}}}}");
  memset(&event, 0, sizeof event);
  event.struct_size = (uint32_t)sizeof event;
  CHECK(say(&made, "Hello") == SCENA_OK);
  watched.fd = scena_engine_wait_fd(made.engine);
  watched.events = POLLIN;
  while (!done && check_failures == 0) {
    CHECK(poll(&watched, 1, 10000) == 1);
    CHECK(scena_engine_poll(made.engine, 1000, NULL) == SCENA_OK);
    while (scena_events_next(made.events, 0, &event, NULL) == SCENA_OK) {
      done = done || strcmp(event.type, "turn.finished") == 0;
    }
  }
  close_scene(&made);
}

static void own_threads(void) {
  char text[256], end[4096];
  scene made = open_scene(
      "{\"threads\": 1, \"provider\": \"s\", \"providers\": {\"s\": {\"url\": \"script:\","
      "\"options\": {\"replies\": [\"Good morning.\"], \"instant\": true}}}}");
  CHECK(scena_engine_poll(made.engine, 0, NULL) == SCENA_WRONG_STATE);
  CHECK(say(&made, "Hello") == SCENA_OK);
  read_turn(&made, 5000, text, sizeof text, end, sizeof end);
  CHECK(strcmp(text, "Good morning.") == 0);
  close_scene(&made);
}

static void cancelled_turn(void) {
  char text[256], end[4096];
  scena_turn* turn = NULL;
  scene made = open_scene(
      "{\"clock\": \"virtual\", \"provider\": \"s\", \"providers\": {\"s\": {\"url\": \"script:\","
      "\"options\": {\"replies\": [\"Too late.\"], \"delay_ms\": 60000}}}}");
  CHECK(scena_session_send(made.session, NULL, "Hello?", 5, &turn, NULL) == SCENA_OK);
  CHECK(turn != NULL);
  CHECK(scena_engine_poll(made.engine, 1000, NULL) == SCENA_OK);
  CHECK(scena_engine_poll(made.engine, 1000, NULL) == SCENA_OK);
  scena_turn_cancel(turn);
  read_turn(&made, 0, text, sizeof text, end, sizeof end);
  CHECK(text[0] == '\0');
  CHECK(strstr(end, "\"outcome\":\"cancelled\"") != NULL);
  scena_turn_destroy(turn);
  close_scene(&made);
}

static void next_delta(const scene* made, scena_event* event) {
  do {
    CHECK(scena_events_next(made->events, 1000, event, NULL) == SCENA_OK);
  } while (check_failures == 0 && strcmp(event->type, "delta") != 0);
}

/* A viewer reads the first piece of a reply, and on to an event of type `stop` where `marks` are
   made behind it; it leaves there and comes back: the text goes on at the same byte. */
static void leave_and_come_back(const char* stop, int marks, size_t max_events, size_t max_bytes) {
  char cursor[64], text[64];
  size_t seen;
  int stopped = marks == 0;
  scena_event event;
  scena_events_options after = {
      (uint32_t)sizeof after, 0, cursor, NULL, max_events, max_bytes, NULL};
  scene made = open_scene(
      "{\"clock\": \"virtual\", \"provider\": \"s\", \"providers\": {\"s\": {\"url\": \"script:\","
      "\"options\": {\"replies\": [\"Good morning.\"], \"token_ms\": 50}}}}");
  memset(&event, 0, sizeof event);
  event.struct_size = (uint32_t)sizeof event;
  CHECK(say(&made, "Hello") == SCENA_OK);
  next_delta(&made, &event);
  seen = event.text_len;
  CHECK(seen > 0 && seen < strlen("Good morning."));
  (void)snprintf(cursor, sizeof cursor, "%s", event.cursor);
  (void)snprintf(text, sizeof text, "%s", event.text);
  scena_events_destroy(made.events);
  CHECK(scena_session_events(made.session, &after, &made.events, NULL) == SCENA_OK);
  for (; marks > 0; --marks) {
    scena_pending* pending = NULL;
    CHECK(scena_session_annotate(made.session, "mark", "{}", NULL, &pending, NULL) == SCENA_OK);
    scena_pending_destroy(pending);
    CHECK(scena_engine_poll(made.engine, 0, NULL) == SCENA_OK);
  }
  while (!stopped && check_failures == 0) {
    CHECK(scena_events_next(made.events, 0, &event, NULL) == SCENA_OK);
    CHECK(strcmp(event.type, "delta") != 0);
    stopped = strcmp(event.type, stop) == 0;
    (void)snprintf(cursor, sizeof cursor, "%s", event.cursor);
  }
  scena_events_destroy(made.events);

  after.max_events = after.max_bytes = 0;
  CHECK(scena_session_events(made.session, &after, &made.events, NULL) == SCENA_OK);
  while (seen < strlen("Good morning.") && check_failures == 0) {
    next_delta(&made, &event);
    CHECK(event.off == (int64_t)seen && seen + event.text_len < sizeof text);
    memcpy(text + seen, event.text, event.text_len + 1);
    seen += event.text_len;
  }
  CHECK(strcmp(text, "Good morning.") == 0);
  after.after = "not a cursor";
  CHECK(scena_session_events(made.session, &after, &made.events, NULL) == SCENA_INVALID_ARGUMENT);
  close_scene(&made);
}

static void resume_by_cursor(void) {
  leave_and_come_back(NULL, 0, 0, 0);
}

static void resume_behind_another_event(void) {
  leave_and_come_back("app.mark", 1, 0, 0);
}

static void resume_where_it_was_too_slow(void) {
  leave_and_come_back("lagged", 9, 3, 0);
  leave_and_come_back("lagged", 9, 0, 5);
}

static void events_of_some_types(void) {
  static const char* const types[] = {"turn.*", "session.created", NULL};
  static const char* const wrong[] = {"", NULL};
  static const char* const expected[] = {"session.created", "turn.started", "turn.finished"};
  scena_events_options chosen;
  scena_events* events = NULL;
  scena_event event;
  size_t i;
  scene made = open_scene(CONFIG);
  memset(&event, 0, sizeof event);
  event.struct_size = (uint32_t)sizeof event;
  memset(&chosen, 0, sizeof chosen);
  chosen.struct_size = (uint32_t)sizeof chosen;
  chosen.types = types;
  CHECK(scena_session_events(made.session, &chosen, &events, NULL) == SCENA_OK);
  CHECK(say(&made, "Hello") == SCENA_OK);
  for (i = 0; i < sizeof expected / sizeof *expected && check_failures == 0; ++i) {
    CHECK(scena_events_next(events, 10000, &event, NULL) == SCENA_OK);
    CHECK(strcmp(event.type, expected[i]) == 0);
  }
  CHECK(scena_events_next(events, 0, &event, NULL) == SCENA_TIMEOUT);
  chosen.types = wrong;
  CHECK(scena_session_events(made.session, &chosen, &events, NULL) == SCENA_INVALID_ARGUMENT);
  scena_events_destroy(events);
  close_scene(&made);
}

static void deltas_without_json(void) {
  scena_events_options chosen;
  scena_events* events = NULL;
  scena_event event;
  size_t deltas = 0, others = 0;
  scene made = open_scene(CONFIG);
  memset(&event, 0, sizeof event);
  event.struct_size = (uint32_t)sizeof event;
  memset(&chosen, 0, sizeof chosen);
  chosen.struct_size = (uint32_t)sizeof chosen;
  chosen.flags = SCENA_EVENTS_NO_DELTA_JSON;
  CHECK(scena_session_events(made.session, &chosen, &events, NULL) == SCENA_OK);
  CHECK(say(&made, "Hello") == SCENA_OK);
  while (others == 0 || strcmp(event.type, "turn.finished") != 0) {
    const int is_delta = scena_events_next(events, 10000, &event, NULL) == SCENA_OK &&
                         strcmp(event.type, "delta") == 0;
    if (check_failures != 0) break;
    CHECK(*event.cursor != '\0');
    CHECK(is_delta ? event.text_len > 0 && event.json_len == 0 && *event.json == '\0'
                   : event.json_len == strlen(event.json) && *event.json == '{');
    ++*(is_delta ? &deltas : &others);
  }
  CHECK(deltas > 0);
  scena_events_destroy(events);
  chosen.flags = 4;
  CHECK(scena_session_events(made.session, &chosen, &events, NULL) == SCENA_INVALID_ARGUMENT);
  close_scene(&made);
}

/* What one viewer read, which began behind the session: its text, and in how many deltas it came.
 */
static size_t read_deltas(scena_events* events, char* text, size_t room) {
  scena_event event;
  size_t deltas = 0, used = 0;
  memset(&event, 0, sizeof event);
  event.struct_size = (uint32_t)sizeof event;
  text[0] = '\0';
  while (scena_events_next(events, 10000, &event, NULL) == SCENA_OK) {
    if (strcmp(event.type, "turn.finished") == 0) return deltas;
    if (strcmp(event.type, "delta") != 0) continue;
    CHECK(event.off == (int64_t)used && used + event.text_len < room);
    if (check_failures != 0) break;
    memcpy(text + used, event.text, event.text_len + 1);
    used += event.text_len;
    ++deltas;
  }
  CHECK(false && "the turn ended");
  return 0;
}

static void deltas_in_batches(void) {
  char single[256], joined[256];
  scena_events_options chosen;
  scena_events* events = NULL;
  scena_turn* turn = NULL;
  size_t pieces, batches;
  scene made = open_scene(CONFIG);
  memset(&chosen, 0, sizeof chosen);
  chosen.struct_size = (uint32_t)sizeof chosen;
  chosen.flags = SCENA_EVENTS_BATCHES;
  CHECK(scena_session_events(made.session, &chosen, &events, NULL) == SCENA_OK);
  CHECK(scena_session_send(made.session, NULL, "Hello", 5, &turn, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(turn, SCENA_NO_TIMEOUT, NULL) == SCENA_OK); /* before anybody reads */
  scena_turn_destroy(turn);
  pieces = read_deltas(made.events, single, sizeof single);
  batches = read_deltas(events, joined, sizeof joined);
  CHECK(batches > 0 && batches < pieces);
  CHECK(strcmp(single, "Good morning.") == 0 && strcmp(joined, single) == 0);
  scena_events_destroy(events);
  close_scene(&made);
}

static void null_handles(void) {
  scena_error* error = NULL;
  scena_engine* engine = NULL;
  scena_session* session = NULL;
  scena_events* events = NULL;
  scena_event event;
  memset(&event, 0, sizeof event);
  event.struct_size = (uint32_t)sizeof event;

  scena_engine_destroy(NULL);
  scena_session_destroy(NULL);
  scena_turn_cancel(NULL);
  scena_turn_destroy(NULL);
  scena_events_destroy(NULL);
  scena_error_destroy(NULL);
  CHECK(scena_engine_create(NULL, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_close(NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_poll(NULL, 0, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_wait_fd(NULL) == -1);
  CHECK(scena_engine_next_deadline(NULL) == -1);
  CHECK(scena_session_create(NULL, "job-interview", NULL, &session, NULL) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(scena_session_send(NULL, NULL, "x", 1, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_session_events(NULL, NULL, &events, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_events_next(NULL, 0, &event, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(strcmp(scena_session_id(NULL), "") == 0);
  CHECK(scena_error_code(NULL) == SCENA_INTERNAL);
  CHECK(strcmp(scena_error_message(NULL), "") == 0 && strcmp(scena_error_pointer(NULL), "") == 0);
  CHECK(scena_error_retry_after_ms(NULL) == -1 && scena_error_provider_status(NULL) == 0);
  CHECK(strcmp(scena_error_provider_message(NULL), "") == 0);
  CHECK(strcmp(scena_error_point(NULL), "") == 0);

  CHECK(scena_engine_create(NULL, &engine, &error) == SCENA_OK && error == NULL);
  CHECK(scena_session_create(engine, NULL, NULL, &session, &error) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_error_code(error) == SCENA_INVALID_ARGUMENT &&
        strstr(scena_error_message(error), "preset") != NULL);
  scena_error_destroy(error);
  CHECK(session == NULL);
  scena_engine_destroy(engine);
}

static void faults_are_named(void) {
  scena_error* error = NULL;
  scena_engine* engine = NULL;
  scena_session* session = NULL;
  scena_session_options options;
  const char* odd[] = {"company", NULL};
  const char* unknown[] = {"no_such_variable", "1", NULL};

  CHECK(scena_engine_create("{\"threads\": -1, \"clock\": \"lunar\"}", &engine, &error) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(engine == NULL);
  CHECK(strstr(scena_error_message(error), "/threads") != NULL &&
        strstr(scena_error_message(error), "/clock") != NULL);
  CHECK(scena_error_pointer(error)[0] == '/');
  scena_error_destroy(error);
  error = NULL;

  CHECK(scena_engine_create(with_threads(CONFIG), &engine, NULL) == SCENA_OK);
  CHECK(scena_session_create(engine, "no-such-preset", NULL, &session, &error) == SCENA_NOT_FOUND);
  scena_error_destroy(error);
  CHECK(scena_session_create(engine, "{\"id\": 1}", NULL, &session, NULL) ==
        SCENA_INVALID_ARGUMENT);
  memset(&options, 0, sizeof options);
  CHECK(scena_session_create(engine, "job-interview", &options, &session, NULL) ==
        SCENA_INVALID_ARGUMENT);
  options.struct_size = (uint32_t)sizeof options;
  options.variables = odd;
  CHECK(scena_session_create(engine, "job-interview", &options, &session, NULL) ==
        SCENA_INVALID_ARGUMENT);
  options.variables = unknown;
  CHECK(scena_session_create(engine, "job-interview", &options, &session, NULL) ==
        SCENA_INVALID_ARGUMENT);
  options.variables = NULL;
  options.retention = "never";
  CHECK(scena_session_create(engine, "job-interview", &options, &session, NULL) ==
        SCENA_INVALID_ARGUMENT);
  options.retention = "session";
  options.retention_ttl_ms = -1;
  options.id = "s-0";
  CHECK(scena_session_create(engine, "job-interview", &options, &session, NULL) == SCENA_OK);
  CHECK(scena_session_fail(session, NULL, NULL, NULL) == SCENA_OK);
  CHECK(scena_engine_run_until_idle(engine, NULL) == SCENA_OK);
  scena_session_destroy(session);
  session = NULL;
  CHECK(scena_session_open(engine, "s-0", &session, NULL) == SCENA_NOT_FOUND);
  options.retention = NULL;
  options.retention_ttl_ms = 0;
  options.id = "s-1";
  CHECK(scena_session_create(engine, "job-interview", &options, &session, NULL) == SCENA_OK);
  CHECK(strcmp(scena_session_id(session), "s-1") == 0);
  CHECK(scena_session_send(session, NULL, "\xff\xfe", 2, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_session_send(session, NULL, "", 0, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  scena_session_destroy(session);
  scena_engine_destroy(engine);
}

static void any_order_of_destruction(void) {
  int order;
  for (order = 0; order < 6; ++order) {
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    scene made = open_scene(CONFIG);
    scena_turn* turn = NULL;
    int i;
    CHECK(scena_session_send(made.session, NULL, "Hello", 5, &turn, NULL) == SCENA_OK);
    for (i = 0; i < 3; ++i) {
      if (orders[order][i] == 0) scena_engine_destroy(made.engine);
      if (orders[order][i] == 1) scena_session_destroy(made.session);
      if (orders[order][i] == 2) scena_events_destroy(made.events);
    }
    scena_turn_cancel(turn);
    scena_turn_destroy(turn);
  }
}

static void closed_engine(void) {
  scene made = open_scene(CONFIG);
  scena_event event;
  scena_status status;
  int i;
  memset(&event, 0, sizeof event);
  event.struct_size = (uint32_t)sizeof event;
  CHECK(scena_engine_close(made.engine) == SCENA_OK);
  CHECK(scena_engine_close(made.engine) == SCENA_OK);
  CHECK(scena_engine_poll(made.engine, 0, NULL) == SCENA_CLOSED);
  CHECK(scena_engine_wait_fd(made.engine) == -1);
  CHECK(scena_engine_next_deadline(made.engine) == -1);
  CHECK(say(&made, "Hello") == SCENA_CLOSED);
  for (i = 0; i < 100 && (status = scena_events_next(made.events, 0, &event, NULL)) == SCENA_OK;
       ++i) {
  }
  CHECK(status == SCENA_CLOSED);
  CHECK(scena_events_next(made.events, SCENA_NO_TIMEOUT, &event, NULL) == SCENA_CLOSED);
  close_scene(&made);
}

static void two_engines(void) {
  char text[256], end[4096];
  scene first = open_scene(CONFIG);
  scene second = open_scene(CONFIG);
  CHECK(scena_engine_wait_fd(first.engine) != scena_engine_wait_fd(second.engine));
  CHECK(say(&first, "Hello") == SCENA_OK);
  CHECK(say(&second, "Hello") == SCENA_OK);
  scena_engine_destroy(first.engine);
  first.engine = NULL;
  read_turn(&second, 1000, text, sizeof text, end, sizeof end);
  CHECK(strcmp(text, "Good morning.") == 0);
  close_scene(&first);
  close_scene(&second);
}

/* No event comes of a message that is refused: its handle alone can tell. */
static void refused_send(void) {
  char text[256], end[4096];
  scena_turn *refused = NULL, *taken = NULL;
  scena_error* error = NULL;
  scena_send_options stranger;
  scene good = open_scene(CONFIG);
  memset(&stranger, 0, sizeof stranger);
  stranger.struct_size = (uint32_t)sizeof stranger;
  stranger.participant = "nobody";
  CHECK(scena_session_send(good.session, &stranger, "Hello?", 6, &refused, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(refused, 0, NULL) == SCENA_TIMEOUT);
  CHECK(scena_turn_wait(refused, SCENA_NO_TIMEOUT, &error) == SCENA_NOT_FOUND);
  CHECK(strstr(scena_error_message(error), "participant") != NULL);
  CHECK(scena_turn_wait(refused, 0, NULL) == SCENA_NOT_FOUND);
  CHECK(scena_turn_wait(refused, -2, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_turn_wait(NULL, 0, NULL) == SCENA_INVALID_ARGUMENT);

  CHECK(scena_session_send(good.session, NULL, "Hello?", 6, &taken, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(taken, 10000, NULL) == SCENA_OK);
  read_turn(&good, 0, text, sizeof text, end, sizeof end);
  CHECK(strcmp(text, "Good morning.") == 0);
  scena_error_destroy(error);
  scena_turn_destroy(refused);
  scena_turn_destroy(taken);
  close_scene(&good);
}

/* A caller that was compiled when scena_event ended before `cursor`. */
static void older_caller(void) {
  struct {
    scena_event event;
  } small;
  scene made = open_scene(CONFIG);
  CHECK(say(&made, "Hello") == SCENA_OK);
  memset(&small, 0x5a, sizeof small);
  small.event.struct_size = (uint32_t)offsetof(scena_event, cursor);
  CHECK(scena_events_next(made.events, 1000, &small.event, NULL) == SCENA_OK);
  CHECK(((const unsigned char*)&small)[offsetof(scena_event, cursor)] == 0x5a);
  small.event.struct_size = 8;
  CHECK(scena_events_next(made.events, 1000, &small.event, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_events_next(made.events, -2, &small.event, NULL) == SCENA_INVALID_ARGUMENT);
  close_scene(&made);
}

static void version(void) {
  CHECK(scena_abi_version() == SCENA_ABI_VERSION);
  CHECK(strcmp(scena_version_string(), SCENA_TEST_VERSION) == 0);
  CHECK(scena_abi_sizeof("scena_event") == sizeof(scena_event));
  CHECK(scena_abi_sizeof("scena_session_options") == sizeof(scena_session_options));
  CHECK(scena_abi_sizeof("scena_send_options") == sizeof(scena_send_options));
  CHECK(scena_abi_sizeof("scena_events_options") == sizeof(scena_events_options));
  CHECK(scena_abi_sizeof("scena_nothing") == 0 && scena_abi_sizeof(NULL) == 0);
}

static const struct promise promises[] = {
    ON_HOST_LOOP(reply_by_polling),
    PROMISE(waiting_runs_the_loop),
    ON_HOST_LOOP(pipe_watcher_alone),
    ON_HOST_LOOP(own_threads),
    ON_HOST_LOOP(cancelled_turn),
    ON_HOST_LOOP(resume_by_cursor),
    ON_HOST_LOOP(resume_behind_another_event),
    ON_HOST_LOOP(resume_where_it_was_too_slow),
    PROMISE(events_of_some_types),
    PROMISE(deltas_without_json),
    PROMISE(deltas_in_batches),
    PROMISE(null_handles),
    PROMISE(faults_are_named),
    PROMISE(any_order_of_destruction),
    PROMISE(closed_engine),
    PROMISE(two_engines),
    ON_HOST_LOOP(refused_send),
    PROMISE(older_caller),
    PROMISE(version),
};

int main(int argc, char** argv) {
  return run_promises(promises, sizeof promises / sizeof promises[0], argc, argv);
}

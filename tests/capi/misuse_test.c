/* Structs of callers with other headers, and handles that are used after their end. */
#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

int check_failures = 0;

#define PRESET                                                                                 \
  "{\"id\": \"greeting\", \"title\": \"Greeting\", \"characters\": ["                          \
  "{\"id\": \"rosa\", \"name\": \"Rosa\"}, {\"id\": \"me\", \"name\": \"Me\", \"played_by\": " \
  "\"human\"}]}"
#define CONFIG                                                                          \
  "{\"clock\": \"virtual\", \"seed\": 7, \"provider\": \"s\", \"providers\": {\"s\": {" \
  "\"url\": \"script:\", \"options\": {\"replies\": [\"Good morning.\"], \"instant\": true}}}}"

/* --- struct_size --------------------------------------------------------------------------------
 */

#define FUTURE 64 /* bytes that a later header may have appended */

/* What a struct of each name is given to. Every member but struct_size is 0 or as `fill` says. */
typedef struct user {
  scena_extensions* extensions;
  scena_engine* engine;
  scena_session* session;
} user;
typedef scena_status (*use)(const user* with, void* given);

static void start(void* d, const char* json, scena_reply* reply) {
  (void)d, (void)json, (void)reply;
}
static void call(void* d, const char* json, scena_tool_call* of) {
  (void)d, (void)json, (void)of;
}
static void ask(void* d, const char* json, scena_approval* of) {
  (void)d, (void)json, (void)of;
}
static void check(void* d, const char* session, const char* speaker, uint32_t is_final,
                  const char* text, size_t len, scena_filter_answer* of) {
  (void)d, (void)session, (void)speaker, (void)is_final, (void)text, (void)len, (void)of;
}
static void add(void* d, void* m, const char* text, size_t len) {
  (void)d, (void)m, (void)text, (void)len;
}
static void scores(void* d, void* m, scena_scores* of) {
  (void)d, (void)m, (void)of;
}
static void run(void* d, const char* json, scena_job_run* of) {
  (void)d, (void)json, (void)of;
}
static void deliver(void* d, const char* event, const char* job, scena_job_run* of) {
  (void)d, (void)event, (void)job, (void)of;
}
static void embed(void* d, const char* json, scena_embedding* of) {
  (void)d, (void)json, (void)of;
}
static scena_status get(void* d, const char* name, scena_secret* of) {
  (void)d, (void)name, (void)of;
  return SCENA_NOT_FOUND;
}
static int64_t count(void* d, const char* text, size_t len) {
  (void)d, (void)text;
  return (int64_t)len;
}
static void write_line(void* d, int32_t level, const char* json, size_t len) {
  (void)d, (void)level, (void)json, (void)len;
}

static scena_status use_provider(const user* with, void* given) {
  ((scena_provider*)given)->start = start;
  return scena_extensions_add_provider(with->extensions, "p", given, NULL);
}
static scena_status use_tool(const user* with, void* given) {
  ((scena_tool*)given)->name = "t";
  ((scena_tool*)given)->call = call;
  return scena_extensions_add_tool(with->extensions, given, NULL);
}
static scena_status use_approval(const user* with, void* given) {
  ((scena_tool_approval*)given)->ask = ask;
  return scena_extensions_set_tool_approval(with->extensions, given, NULL);
}
static scena_status use_filter(const user* with, void* given) {
  ((scena_filter*)given)->check_input = check;
  return scena_extensions_set_filter(with->extensions, given, NULL);
}
static scena_status use_analyzer(const user* with, void* given) {
  ((scena_analyzer*)given)->name = "a";
  ((scena_analyzer*)given)->add = add;
  ((scena_analyzer*)given)->scores = scores;
  return scena_extensions_add_analyzer(with->extensions, given, NULL);
}
static scena_status use_job_handler(const user* with, void* given) {
  ((scena_job_handler*)given)->run = run;
  return scena_extensions_add_job_handler(with->extensions, "j", given, NULL);
}
static scena_status use_event_sink(const user* with, void* given) {
  ((scena_event_sink*)given)->deliver = deliver;
  return scena_extensions_add_event_sink(with->extensions, "e", given, NULL);
}
static scena_status use_embedder(const user* with, void* given) {
  ((scena_embedder*)given)->start = embed;
  return scena_extensions_add_embedder(with->extensions, "v", given, NULL);
}
static scena_status use_secrets(const user* with, void* given) {
  ((scena_secret_source*)given)->get = get;
  return scena_extensions_set_secret_source(with->extensions, given, NULL);
}
static scena_status use_counter(const user* with, void* given) {
  ((scena_token_counter*)given)->count = count;
  return scena_extensions_add_token_counter(with->extensions, "c", given, NULL);
}
static scena_status use_log_sink(const user* with, void* given) {
  ((scena_log_sink*)given)->write = write_line;
  return scena_extensions_set_log_sink(with->extensions, given, NULL);
}
static scena_status use_session_options(const user* with, void* given) {
  scena_session* made = NULL;
  const scena_status status = scena_session_create(with->engine, PRESET, given, &made, NULL);
  scena_session_destroy(made);
  return status;
}
static scena_status use_send_options(const user* with, void* given) {
  return scena_session_send(with->session, given, "Hello", 5, NULL, NULL);
}
static scena_status use_events_options(const user* with, void* given) {
  scena_events* made = NULL;
  const scena_status status = scena_session_events(with->session, given, &made, NULL);
  scena_events_destroy(made);
  return status;
}
static scena_status use_batch_options(const user* with, void* given) {
  (void)with;
  return scena_batch_run("{\"presets\": [\"job-interview\"], \"max_turns\": 1}", CONFIG, NULL,
                         given, NULL, NULL);
}
static scena_status use_live(const user* with, void* given) {
  scena_pending* made = NULL;
  const scena_status status = scena_engine_complete(
      with->engine, "s", "{\"messages\": [{\"role\": \"user\", \"text\": \"Hello\"}]}", given,
      &made, NULL);
  scena_pending_destroy(made);
  return status;
}
static scena_status use_event(const user* with, void* given) {
  scena_events* events = NULL;
  scena_status status;
  CHECK(scena_session_events(with->session, NULL, &events, NULL) == SCENA_OK);
  status = scena_events_next(events, 1000, given, NULL);
  scena_events_destroy(events);
  return status;
}
static scena_status use_log_line(const user* with, void* given) {
  scena_logs* logs = NULL;
  scena_status status;
  CHECK(scena_extensions_open_logs(with->extensions, 0, 0, &logs, NULL) == SCENA_OK);
  status = scena_logs_next(logs, 0, given, NULL);
  scena_logs_destroy(logs);
  return status == SCENA_TIMEOUT ? SCENA_OK : status;
}

static const struct sized {
  const char* name;
  use given_to;
} structs[] = {
    {"scena_provider", use_provider},
    {"scena_tool", use_tool},
    {"scena_tool_approval", use_approval},
    {"scena_filter", use_filter},
    {"scena_analyzer", use_analyzer},
    {"scena_job_handler", use_job_handler},
    {"scena_event_sink", use_event_sink},
    {"scena_embedder", use_embedder},
    {"scena_secret_source", use_secrets},
    {"scena_token_counter", use_counter},
    {"scena_log_sink", use_log_sink},
    {"scena_session_options", use_session_options},
    {"scena_send_options", use_send_options},
    {"scena_events_options", use_events_options},
    {"scena_batch_options", use_batch_options},
    {"scena_live", use_live},
    {"scena_event", use_event},
    {"scena_log_line", use_log_line},
};

static user open_user(void) {
  user made = {NULL, NULL, NULL};
  CHECK(scena_extensions_create(&made.extensions, NULL) == SCENA_OK);
  CHECK(scena_engine_create(with_threads(CONFIG), &made.engine, NULL) == SCENA_OK);
  CHECK(scena_session_create(made.engine, PRESET, NULL, &made.session, NULL) == SCENA_OK);
  return made;
}

static void close_user(const user* made) {
  scena_session_destroy(made->session);
  scena_engine_destroy(made->engine);
  scena_extensions_destroy(made->extensions);
}

/* A caller of a later version: what it appended is neither read nor written. */
static void structs_of_a_later_header(void) {
  const user with = open_user();
  size_t i;
  for (i = 0; i < sizeof structs / sizeof *structs; ++i) {
    const size_t size = scena_abi_sizeof(structs[i].name);
    unsigned char* given = calloc(1, size + FUTURE);
    uint32_t told = (uint32_t)(size + FUTURE);
    size_t left = 0;
    CHECK(size > 0 && given != NULL);
    if (given == NULL) break;
    memset(given + size, 0x5a, FUTURE);
    memcpy(given, &told, sizeof told);
    if (structs[i].given_to(&with, given) != SCENA_OK) {
      (void)fprintf(stderr, "%s: a larger struct_size was refused\n", structs[i].name);
      ++check_failures;
    }
    while (left < FUTURE && given[size + left] == 0x5a) ++left;
    CHECK(left == FUTURE);
    free(given);
  }
  close_user(&with);
}

/* No caller has a header without struct_size: then it was not set. */
static void structs_without_their_size(void) {
  const user with = open_user();
  size_t i;
  for (i = 0; i < sizeof structs / sizeof *structs; ++i) {
    void* given = calloc(1, scena_abi_sizeof(structs[i].name));
    CHECK(given != NULL);
    if (given == NULL) break;
    if (structs[i].given_to(&with, given) != SCENA_INVALID_ARGUMENT) {
      (void)fprintf(stderr, "%s: a struct_size of 0 was taken\n", structs[i].name);
      ++check_failures;
    }
    free(given);
  }
  close_user(&with);
}

/* A caller of an earlier version: behind its last member memory may be anything, and counts as 0.
 */
static void structs_of_an_earlier_header(void) {
  const user with = open_user();
  scena_send_options send;
  scena_session_options session;
  scena_events_options events;
  scena_tool tool;
  scena_session* made = NULL;
  scena_events* queue = NULL;
  memset(&send, 0x5a, sizeof send);
  send.struct_size = (uint32_t)offsetof(scena_send_options, participant);
  send.flags = 0;
  send.deadline_ms = 0;
  CHECK(scena_session_send(with.session, &send, "Hello", 5, NULL, NULL) == SCENA_OK);
  memset(&session, 0x5a, sizeof session);
  session.struct_size = (uint32_t)offsetof(scena_session_options, id);
  session.reserved = 0;
  session.seed = 7;
  CHECK(scena_session_create(with.engine, PRESET, &session, &made, NULL) == SCENA_OK);
  memset(&events, 0x5a, sizeof events);
  events.struct_size = (uint32_t)offsetof(scena_events_options, after);
  events.flags = 0;
  CHECK(scena_session_events(made, &events, &queue, NULL) == SCENA_OK);
  memset(&tool, 0, sizeof tool);
  memset(&tool.max_result_bytes, 0xff, sizeof tool - offsetof(scena_tool, max_result_bytes));
  tool.struct_size = (uint32_t)offsetof(scena_tool, max_result_bytes);
  tool.name = "t";
  tool.call = call;
  CHECK(scena_extensions_add_tool(with.extensions, &tool, NULL) == SCENA_OK);
  scena_events_destroy(queue);
  scena_session_destroy(made);
  close_user(&with);
}

/* --- handles after their end, in debug builds ---------------------------------------------------
 */

#ifndef NDEBUG
static void destroyed_handles(void) {
  const user with = open_user();
  scena_turn* turn = NULL;
  scena_events* events = NULL;
  scena_text* text = NULL;
  scena_pending* pending = NULL;
  scena_event event;
  memset(&event, 0, sizeof event);
  event.struct_size = (uint32_t)sizeof event;
  CHECK(scena_session_send(with.session, NULL, "Hello", 5, &turn, NULL) == SCENA_OK);
  CHECK(scena_session_events(with.session, NULL, &events, NULL) == SCENA_OK);
  CHECK(scena_session_info(with.session, &text, NULL) == SCENA_OK);
  CHECK(scena_session_pause(with.session, NULL, &pending, NULL) == SCENA_OK);

  scena_turn_destroy(turn);
  CHECK(scena_turn_wait(turn, 0, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(strcmp(scena_turn_id(turn), "") == 0);
  scena_turn_cancel(turn);
  scena_turn_destroy(turn);
  scena_events_destroy(events);
  CHECK(scena_events_next(events, 0, &event, NULL) == SCENA_INVALID_ARGUMENT);
  scena_text_destroy(text);
  CHECK(scena_text_size(text) == 0);
  scena_text_destroy(text);
  scena_pending_destroy(pending);
  CHECK(scena_pending_wait(pending, 0, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  scena_session_destroy(with.session);
  CHECK(scena_session_info(with.session, &text, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_session_send(with.session, NULL, "Hello", 5, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(strcmp(scena_session_id(with.session), "") == 0);
  scena_engine_destroy(with.engine);
  CHECK(scena_engine_poll(with.engine, 0, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_wait_fd(with.engine) == -1);
  scena_engine_destroy(with.engine);
  scena_extensions_destroy(with.extensions);
  scena_extensions_destroy(with.extensions);
}
#endif

static const struct promise promises[] = {
    PROMISE(structs_of_a_later_header),
    PROMISE(structs_without_their_size),
    PROMISE(structs_of_an_earlier_header),
#ifndef NDEBUG
    PROMISE(destroyed_handles),
#endif
};

int main(int argc, char** argv) {
  return run_promises(promises, sizeof promises / sizeof promises[0], argc, argv);
}

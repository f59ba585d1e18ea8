/* What holds for each function of scena.h: arguments that are not there, handles after their end
 * and texts that are none are refused with a typed error, or do nothing. every_function.inc has the
 * calls; every_function.py makes it from the header. */
#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

int check_failures = 0;

#define CONFIG                                                                          \
  "{\"clock\": \"virtual\", \"seed\": 7, \"provider\": \"s\", \"providers\": {\"s\": {" \
  "\"url\": \"script:\", \"options\": {\"replies\": [\"Good morning.\"], \"instant\": true}}}}"

/* A handle of each kind that a host makes; those that its functions are handed stay NULL. */
struct world {
  scena_extensions* extensions;
  scena_engine* engine;
  scena_session* session;
  scena_turn* turn;
  scena_events* events;
  scena_pending* pending;
  scena_text* text;
  scena_error* error;
  scena_logs* logs;
  scena_meter* meter;
  scena_batch* batch;
  scena_reply* reply;
  scena_tool_call* tool_call;
  scena_filter_answer* filter_answer;
  scena_approval* approval;
  scena_job_run* job_run;
  scena_embedding* embedding;
  scena_secret* secret;
  scena_scores* scores;
};

/* How a call differs from a good one. */
struct given {
  uint32_t missing;  /* Arguments that are NULL, a bit each. */
  uint32_t replaced; /* Texts in whose place `text` stands. */
  const char* text;
  size_t length;   /* Of texts that have one. */
  int64_t wait_ms; /* For the answer of a command. */
};

typedef struct outcome {
  scena_status status;
  scena_status later; /* Of the answer. */
  const char* text;
  int64_t number;
  int touched; /* Something was handed out. */
  scena_error* error;
} outcome;

enum gives { gives_nothing, gives_status, gives_text, gives_number };

struct function {
  const char* name;
  outcome (*call)(const struct world* world, const struct given* with);
  enum gives gives;
  const char* handle; /* The kind of its first argument; "" for none. */
  uint32_t pointers, texts, documents, error;
};

static const outcome nothing_made = {SCENA_OK, SCENA_OK, NULL, 0, 0, NULL};

#define HAS(place) ((with->missing & (1u << (place))) == 0)

static const char* text_of(const struct given* with, int place, const char* good) {
  return (with->replaced & (1u << place)) != 0 ? with->text : good;
}

static void start(void* d, const char* json, scena_reply* reply) {
  (void)d, (void)json;
  scena_reply_finish(reply, NULL);
}
static void call(void* d, const char* json, scena_tool_call* of) {
  (void)d, (void)json;
  scena_tool_call_fail(of, NULL);
}
static void ask(void* d, const char* json, scena_approval* of) {
  (void)d, (void)json;
  scena_approval_allow(of);
}
static void check(void* d, const char* session, const char* speaker, uint32_t is_final,
                  const char* text, size_t len, scena_filter_answer* of) {
  (void)d, (void)session, (void)speaker, (void)is_final, (void)text, (void)len;
  scena_filter_answer_pass(of);
}
static void add(void* d, void* m, const char* text, size_t len) {
  (void)d, (void)m, (void)text, (void)len;
}
static void scores(void* d, void* m, scena_scores* of) {
  (void)d, (void)m, (void)of;
}
static void run(void* d, const char* json, scena_job_run* of) {
  (void)d, (void)json;
  scena_job_run_fail(of, NULL);
}
static void deliver(void* d, const char* event, const char* job, scena_job_run* of) {
  (void)event;
  run(d, job, of);
}
static void embed(void* d, const char* json, scena_embedding* of) {
  (void)d, (void)json;
  scena_embedding_fail(of, SCENA_UNSUPPORTED, NULL);
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

static void fill_scena_provider(scena_provider* table) {
  table->start = start;
}
static void fill_scena_tool(scena_tool* table) {
  table->name = "t";
  table->call = call;
}
static void fill_scena_tool_approval(scena_tool_approval* table) {
  table->ask = ask;
}
static void fill_scena_filter(scena_filter* table) {
  table->check_input = check;
}
static void fill_scena_analyzer(scena_analyzer* table) {
  table->name = "a";
  table->add = add;
  table->scores = scores;
}
static void fill_scena_job_handler(scena_job_handler* table) {
  table->run = run;
}
static void fill_scena_event_sink(scena_event_sink* table) {
  table->deliver = deliver;
}
static void fill_scena_embedder(scena_embedder* table) {
  table->start = embed;
}
static void fill_scena_secret_source(scena_secret_source* table) {
  table->get = get;
}
static void fill_scena_token_counter(scena_token_counter* table) {
  table->count = count;
}
static void fill_scena_log_sink(scena_log_sink* table) {
  table->write = write_line;
}

#include "every_function.inc"

#define FUNCTIONS (sizeof functions / sizeof *functions)

static struct world open_world(void) {
  struct world made;
  memset(&made, 0, sizeof made);
  CHECK(scena_extensions_create(&made.extensions, NULL) == SCENA_OK);
  CHECK(scena_extensions_open_logs(made.extensions, 0, 0, &made.logs, NULL) == SCENA_OK);
  CHECK(scena_engine_create(with_threads(CONFIG), &made.engine, NULL) == SCENA_OK);
  CHECK(scena_session_create(made.engine, "job-interview", NULL, &made.session, NULL) == SCENA_OK);
  CHECK(scena_session_events(made.session, NULL, &made.events, NULL) == SCENA_OK);
  CHECK(scena_session_send(made.session, NULL, "Hello", 5, &made.turn, NULL) == SCENA_OK);
  CHECK(scena_session_start(made.session, NULL, &made.pending, NULL) == SCENA_OK);
  CHECK(scena_engine_stats(made.engine, &made.text, NULL) == SCENA_OK);
  CHECK(scena_session_open(made.engine, "nobody", NULL, &made.error) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_meter_create(&made.meter, NULL) == SCENA_OK);
  return made;
}

/* A batch has threads of its own: only where it is asked for. */
static void open_batch(struct world* made) {
  CHECK(scena_batch_start("{\"presets\": [\"job-interview\"], \"max_turns\": 1}", CONFIG, NULL,
                          NULL, &made->batch, NULL) == SCENA_OK);
}

static void close_world(struct world* made) {
  scena_batch_destroy(made->batch);
  scena_meter_destroy(made->meter);
  scena_error_destroy(made->error);
  scena_text_destroy(made->text);
  scena_pending_destroy(made->pending);
  scena_turn_destroy(made->turn);
  scena_events_destroy(made->events);
  scena_session_destroy(made->session);
  scena_engine_destroy(made->engine);
  scena_logs_destroy(made->logs);
  scena_extensions_destroy(made->extensions);
}

static void fault(const struct function* of, const char* what, const outcome* made) {
  (void)fprintf(stderr, "%s: %s: status %d, \"%s\"\n", of->name, what, (int)made->status,
                scena_error_message(made->error));
  ++check_failures;
}

static int ends_with(const char* text, const char* end) {
  const size_t length = strlen(text), tail = strlen(end);
  return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* Whether a call without its handle said so, and gave out nothing. */
static void refused(const struct function* of, const char* what, outcome made) {
  const scena_status none =
      strcmp(of->name, "scena_error_code") == 0 ? SCENA_INTERNAL : SCENA_INVALID_ARGUMENT;
  int fine = !made.touched;
  if (of->gives == gives_status) fine = fine && made.status == none;
  if (of->gives == gives_status && of->error != 0)
    fine = fine && scena_error_code(made.error) == none && *scena_error_message(made.error) != '\0';
  if (of->gives == gives_text) fine = fine && made.text != NULL && *made.text == '\0';
  if (of->gives == gives_number) fine = fine && (made.number == -1 || made.number == 0);
  if (!fine) fault(of, what, &made);
  scena_error_destroy(made.error);
}

/* --- nothing at all, nothing but the handle, no handle -------------------------------------------
 */

static void nothing_given(void) {
  struct world none;
  size_t i;
  memset(&none, 0, sizeof none);
  for (i = 0; i < FUNCTIONS; ++i) {
    struct given with = {0, 0, NULL, 0, 0};
    if (functions[i].pointers == 0) continue; /* there is nothing to leave out */
    with.missing = functions[i].pointers & ~functions[i].error;
    refused(&functions[i], "nothing was given", functions[i].call(&none, &with));
    with.missing = functions[i].pointers;
    (void)functions[i].call(&none, &with);
  }
}

static void no_handle(void) {
  struct world made = open_world();
  size_t i;
  for (i = 0; i < FUNCTIONS; ++i) {
    const struct given with = {1, 0, NULL, 5, 0};
    if (*functions[i].handle == '\0') continue;
    refused(&functions[i], "the handle was NULL", functions[i].call(&made, &with));
  }
  close_world(&made);
}

static int takes_a_handle_of_the_host(const struct function* of) {
  static const char* const kinds[] = {"reply",   "tool_call", "filter_answer", "approval",
                                      "job_run", "embedding", "secret",        "scores"};
  size_t i;
  for (i = 0; i < sizeof kinds / sizeof *kinds; ++i)
    if (strcmp(of->handle, kinds[i]) == 0) return 1;
  return 0;
}

/* Functions after which the world is another: each gets a new one, and its end is not asked for. */
static int takes_the_handle(const struct function* of) {
  return ends_with(of->name, "_destroy");
}

static struct world world_for(const struct function* of) {
  struct world made = open_world();
  if (strcmp(of->handle, "batch") == 0) open_batch(&made);
  return made;
}

static int is_typed(const struct function* of, const struct given* with, const outcome* made) {
  if (of->gives != gives_status || strcmp(of->name, "scena_error_code") == 0) return 1;
  if (made->status < SCENA_OK || made->status >= SCENA_INTERNAL) return 0;
  if (made->error != NULL)
    return scena_error_code(made->error) == made->status && *scena_error_message(made->error) != 0;
  return made->status == SCENA_OK || made->status == SCENA_TIMEOUT ||
         made->status == SCENA_CLOSED || (with->missing & of->error) != 0 || of->error == 0;
}

/* One argument left out of a good call: some may be, for the others there is a typed error. */
static void one_argument_missing(void) {
  size_t i;
  int place;
  for (i = 0; i < FUNCTIONS; ++i) {
    const struct function* const of = &functions[i];
    struct world made;
    if (takes_a_handle_of_the_host(of) || takes_the_handle(of)) continue;
    made = world_for(of);
    for (place = 0; place < 16; ++place) {
      const struct given with = {1u << place, 0, NULL, 5, 0};
      outcome got;
      if ((of->pointers & (1u << place)) == 0) continue;
      got = of->call(&made, &with);
      if (!is_typed(of, &with, &got) ||
          (of->gives == gives_status && got.status != SCENA_OK && got.touched))
        fault(of, "one argument was NULL", &got);
      scena_error_destroy(got.error);
    }
    close_world(&made);
  }
}

/* --- texts that are none -------------------------------------------------------------------------
 */

static int check_names_twice = 0;

static char* huge_text(void) {
  const size_t size = 9u << 20;
  char* text = malloc(size + 1);
  CHECK(text != NULL);
  if (text == NULL) exit(1);
  memset(text, 'a', size);
  text[size] = '\0';
  return text;
}

static int is_refused(scena_status status) {
  return status == SCENA_INVALID_ARGUMENT || status == SCENA_TOO_LARGE;
}

/* One tells the faults of a document, the other takes the last of two equal names. */
static int reads_anything(const struct function* of) {
  return strcmp(of->name, "scena_preset_check") == 0 ||
         (strcmp(of->name, "scena_meter_measure") == 0 && check_names_twice);
}

static void every_text_is(const char* text, size_t length, uint32_t documents_must_fail) {
  size_t i;
  int place;
  for (i = 0; i < FUNCTIONS; ++i) {
    const struct function* const of = &functions[i];
    struct world made;
    if (of->texts == 0 || takes_a_handle_of_the_host(of)) continue;
    made = world_for(of);
    for (place = 0; place < 16; ++place) {
      const struct given with = {0, 1u << place, text, length, 1000};
      outcome got;
      if ((of->texts & (1u << place)) == 0) continue;
      got = of->call(&made, &with);
      if (!is_typed(of, &with, &got)) fault(of, "a text that is none", &got);
      if (documents_must_fail && (of->documents & (1u << place)) != 0 &&
          !is_refused(got.status == SCENA_OK ? got.later : got.status) && !reads_anything(of))
        fault(of, "a document that is none", &got);
      scena_error_destroy(got.error);
    }
    CHECK(scena_engine_poll(made.engine, 0, NULL) != SCENA_INTERNAL);
    close_world(&made);
  }
}

static void texts_of_broken_utf8(void) {
  every_text_is("\xff\xfe\xc3(", 4, 1);
}
static void texts_with_a_nul_inside(void) {
  static const char text[] = "Hel\0lo";
  every_text_is(text, sizeof text - 1, 1);
}
static void texts_without_an_end(void) {
  char* text = huge_text();
  every_text_is(text, SCENA_NUL_TERMINATED, 1);
  free(text);
}
static void documents_with_something_behind(void) {
  every_text_is("{} {}", SCENA_NUL_TERMINATED, 1);
  every_text_is("{}}", SCENA_NUL_TERMINATED, 1);
}
static void documents_cut_off(void) {
  every_text_is("{\"a\": [1", SCENA_NUL_TERMINATED, 1);
}
static void documents_with_a_name_twice(void) {
  check_names_twice = 1;
  every_text_is("{\"text\": \"a\", \"text\": \"b\"}", SCENA_NUL_TERMINATED, 1);
  check_names_twice = 0;
}

/* --- handles after their end, in debug builds ----------------------------------------------------
 */

#ifndef NDEBUG
/* Its own function that ends it. */
static int end_of(struct world* made, const char* handle) {
#define ENDS(kind)                      \
  if (strcmp(handle, #kind) == 0) {     \
    scena_##kind##_destroy(made->kind); \
    return 1;                           \
  }
  ENDS(extensions)
  ENDS(engine)
  ENDS(session)
  ENDS(turn)
  ENDS(events)
  ENDS(pending)
  ENDS(text)
  ENDS(error)
  ENDS(logs)
  ENDS(meter)
  ENDS(batch)
#undef ENDS
  return 0;
}

static void forget(struct world* made, const char* handle) {
#define FORGETS(kind) \
  if (strcmp(handle, #kind) == 0) made->kind = NULL;
  FORGETS(extensions)
  FORGETS(engine)
  FORGETS(session)
  FORGETS(turn)
  FORGETS(events)
  FORGETS(pending)
  FORGETS(text)
  FORGETS(error)
  FORGETS(logs)
  FORGETS(meter)
  FORGETS(batch)
#undef FORGETS
}

static void ended_handles(void) {
  const struct given with = {0, 0, NULL, 5, 0};
  size_t i;
  for (i = 0; i < FUNCTIONS; ++i) {
    struct world made;
    if (*functions[i].handle == '\0') continue;
    made = world_for(&functions[i]);
    if (end_of(&made, functions[i].handle))
      refused(&functions[i], "the handle was destroyed", functions[i].call(&made, &with));
    forget(&made, functions[i].handle);
    close_world(&made);
  }
}
#endif

static const struct promise promises[] = {
    PROMISE(nothing_given),
    PROMISE(no_handle),
    PROMISE(one_argument_missing),
    PROMISE(texts_of_broken_utf8),
    PROMISE(texts_with_a_nul_inside),
    PROMISE(texts_without_an_end),
    PROMISE(documents_with_something_behind),
    PROMISE(documents_cut_off),
    PROMISE(documents_with_a_name_twice),
#ifndef NDEBUG
    PROMISE(ended_handles),
#endif
};

int main(int argc, char** argv) {
  return run_promises(promises, sizeof promises / sizeof promises[0], argc, argv);
}

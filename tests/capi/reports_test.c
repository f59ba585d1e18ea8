/* Analyses, counts of stored sessions, background jobs, batches, and changes of the store that do
   not wait: reports_test NAME runs one promise. */
#define _POSIX_C_SOURCE 200809L
#define SCENA_ENABLE_UNSTABLE
#include <poll.h>
#include <scena/scena.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

int check_failures = 0;

#define CONFIG                                                                                    \
  "{\"clock\": \"virtual\", \"seed\": 7, \"provider\": \"s\", \"metrics\": [\"sentiment\"], "     \
  "\"providers\": {\"s\": {\"url\": \"script:\", \"options\": {\"replies\": [\"Good morning.\"]," \
  " \"instant\": true}}}}"
#define PRESET                                                                           \
  "{\"id\": \"greeting\", \"title\": \"Greeting\", \"characters\": [{\"id\": \"rosa\", " \
  "\"name\": \"Rosa\"}, {\"id\": \"me\", \"name\": \"Me\", \"played_by\": \"human\"}]}"

typedef struct host {
  int runs, cancels, destroyed;
  bool wait;          /* the attempt is not answered by `run` */
  scena_job_run* run; /* the one that waits */
  scena_engine* engine;
} host;

static void run_job(void* user_data, const char* job_json, scena_job_run* run) {
  host* self = user_data;
  scena_pending* pending = NULL;
  ++self->runs;
  CHECK(strstr(job_json, "\"kind\":\"mail\"") != NULL);
  CHECK(strstr(job_json, "\"state\":\"running\"") != NULL);
  if (self->wait) {
    self->run = run;
  } else if (strstr(job_json, "\"payload\":\"never\"") != NULL) {
    scena_job_run_give_up(run, "no such address");
  } else if (strstr(job_json, "\"payload\":\"often\"") != NULL) {
    scena_job_run_fail(run, NULL);
  } else {
    /* What waits for the store is refused here; what does not is taken. */
    CHECK(scena_engine_put_preset(self->engine, PRESET, NULL) == SCENA_WRONG_STATE);
    CHECK(scena_engine_put_preset_later(self->engine, PRESET, &pending, NULL) == SCENA_OK);
    CHECK(scena_pending_wait(pending, 0, NULL, NULL) == SCENA_TIMEOUT);
    scena_pending_destroy(pending);
    scena_job_run_succeed(run, "sent", SCENA_NUL_TERMINATED);
  }
}

static void cancel_job(void* user_data, scena_job_run* run) {
  host* self = user_data;
  ++self->cancels;
  CHECK(run == self->run);
  self->run = NULL;
  scena_job_run_fail(run, "stopped");
}

static void destroy(void* user_data) {
  ++((host*)user_data)->destroyed;
}

static scena_engine* open_engine(host* self) {
  scena_job_handler handler;
  scena_extensions* extensions = NULL;
  scena_error* error = NULL;
  scena_engine* engine = NULL;
  (void)memset(self, 0, sizeof *self);
  (void)memset(&handler, 0, sizeof handler);
  CHECK(scena_extensions_create(&extensions, NULL) == SCENA_OK);
  CHECK(scena_extensions_add_job_handler(extensions, "mail", &handler, NULL) ==
        SCENA_INVALID_ARGUMENT);
  handler.struct_size = (uint32_t)sizeof handler;
  CHECK(scena_extensions_add_job_handler(extensions, "mail", &handler, &error) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(strstr(scena_error_message(error), "handler.run") != NULL);
  scena_error_destroy(error);
  handler.user_data = self;
  handler.run = run_job;
  handler.cancel = cancel_job;
  handler.destroy = destroy;
  handler.time_limit_ms = -1;
  CHECK(scena_extensions_add_job_handler(extensions, "mail", &handler, NULL) ==
        SCENA_INVALID_ARGUMENT);
  handler.time_limit_ms = 60000;
  CHECK(scena_extensions_add_job_handler(extensions, "", &handler, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_extensions_add_job_handler(extensions, "mail", &handler, NULL) == SCENA_OK);
  CHECK(scena_engine_create_extended(with_threads(CONFIG), extensions, &engine, NULL) == SCENA_OK);
  scena_extensions_destroy(extensions);
  self->engine = engine;
  return engine;
}

static void close_engine(scena_engine* engine, const host* self) {
  scena_engine_destroy(engine);
  CHECK(self->destroyed == 1);
}

/* Whether a text holds those words; the text is gone. */
static bool takes(scena_text* text, const char* words) {
  const bool found = strstr(scena_text_data(text), words) != NULL;
  if (!found) (void)fprintf(stderr, "it is %s\n", scena_text_data(text));
  scena_text_destroy(text);
  return found;
}

/* Waits for an answer, which ends so and, where it is one, holds those words. */
static void answers(scena_pending* pending, scena_status status, const char* words) {
  scena_text* answer = NULL;
  CHECK(scena_pending_wait(pending, SCENA_NO_TIMEOUT, &answer, NULL) == status);
  if (status == SCENA_OK) CHECK(takes(answer, words));
  scena_pending_destroy(pending);
}

static scena_session* talk(scena_engine* engine) {
  scena_session* session = NULL;
  scena_turn* turn = NULL;
  CHECK(scena_session_create(engine, PRESET, NULL, &session, NULL) == SCENA_OK);
  CHECK(scena_session_send(session, NULL, "Hello", 5, &turn, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(turn, SCENA_NO_TIMEOUT, NULL) == SCENA_OK);
  scena_turn_destroy(turn);
  return session;
}

static void complete(scena_engine* engine, scena_session* session) {
  scena_pending* pending = NULL;
  CHECK(scena_session_complete(session, NULL, &pending, NULL) == SCENA_OK);
  answers(pending, SCENA_OK, "\"completed\"");
  CHECK(scena_engine_run_until_idle(engine, NULL) == SCENA_OK);
}

static void analysis_is_told(void) {
  host self;
  scena_engine* engine = open_engine(&self);
  scena_engine* theirs = NULL;
  scena_session* session = talk(engine);
  scena_session* seen = NULL;
  scena_pending* pending = NULL;
  scena_text* text = NULL;
  CHECK(scena_session_analysis(session, &text, NULL) == SCENA_NOT_FOUND);
  CHECK(scena_session_analyze(session, NULL, &pending, NULL) == SCENA_OK);
  answers(pending, SCENA_WRONG_STATE, "");
  complete(engine, session);
  CHECK(scena_session_analysis(session, &text, NULL) == SCENA_OK);
  CHECK(takes(text, "{\"source\":\"offline\",\"summary\":"));
  CHECK(scena_session_analyze(session, "again", &pending, NULL) == SCENA_OK);
  answers(pending, SCENA_OK, "\"completed\"");
  CHECK(scena_engine_as(engine, "{\"subject\": \"ann\", \"roles\": [\"operator\"]}", &theirs,
                        NULL) == SCENA_OK);
  if (scena_session_open(theirs, scena_session_id(session), &seen, NULL) == SCENA_OK)
    CHECK(scena_session_analysis(seen, &text, NULL) == SCENA_PERMISSION_DENIED);
  CHECK(scena_session_analysis(NULL, &text, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_session_analysis(session, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_session_analyze(NULL, NULL, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  scena_session_destroy(seen);
  scena_engine_destroy(theirs);
  scena_session_destroy(session);
  close_engine(engine, &self);
}

static void sessions_are_counted(void) {
  host self;
  scena_engine* engine = open_engine(&self);
  scena_engine* theirs = NULL;
  scena_session* done = talk(engine);
  scena_session* left = talk(engine);
  scena_text* text = NULL;
  scena_error* error = NULL;
  CHECK(scena_engine_analytics(engine, "{\"preset\": \"none\", \"by\": [\"preset\"]}", &text,
                               NULL) == SCENA_OK);
  CHECK(takes(text, "{\"rows\":[]}"));
  complete(engine, done);
  CHECK(scena_engine_analytics(engine, "{\"by\": [\"preset\"]}", &text, NULL) == SCENA_OK);
  CHECK(takes(text, "{\"rows\":[{\"preset\":\"greeting\",\"sessions\":2,\"completed\":1,"));
  CHECK(scena_engine_analytics(engine, NULL, &text, NULL) == SCENA_OK);
  CHECK(takes(text, "{\"rows\":[{\"sessions\":2,"));
  CHECK(scena_engine_analytics(engine, "{\"owner\": \"nobody\"}", &text, NULL) == SCENA_OK);
  CHECK(takes(text, "{\"rows\":[{\"sessions\":0,"));
  CHECK(scena_engine_analytics(engine, "{\"distributions\": true}", &text, NULL) == SCENA_OK);
  CHECK(takes(text, "\"metrics\":{"));
  CHECK(scena_engine_flow(engine, "{\"distributions\": true}", &text, NULL) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_flow(engine, NULL, &text, NULL) == SCENA_OK);
  CHECK(takes(text, "\"from\":\"rosa\",\"to\":\"(dropped)\",\"sessions\":1"));
  CHECK(scena_engine_analytics(engine, "{\"by\": [\"weather\"], \"colour\": 1}", &text, &error) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(strstr(scena_error_message(error), "/by") != NULL);
  CHECK(strstr(scena_error_message(error), "/colour") != NULL);
  scena_error_destroy(error);
  CHECK(scena_engine_analytics(engine, "{\"from\": \"now\"}", &text, NULL) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_flow(engine, "{\"by\": [\"day\"]}", &text, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_flow(engine, "{} x", &text, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_as(engine, "{\"subject\": \"ann\"}", &theirs, NULL) == SCENA_OK);
  CHECK(scena_engine_analytics(theirs, NULL, &text, NULL) == SCENA_PERMISSION_DENIED);
  CHECK(scena_engine_flow(theirs, NULL, &text, NULL) == SCENA_PERMISSION_DENIED);
  scena_engine_destroy(theirs);
  CHECK(scena_engine_analytics(NULL, NULL, &text, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_flow(engine, NULL, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  scena_session_destroy(done);
  scena_session_destroy(left);
  close_engine(engine, &self);
}

static void enqueue(scena_engine* engine, const char* payload, const char* options,
                    const char* words) {
  scena_pending* pending = NULL;
  CHECK(scena_engine_enqueue_job(engine, "mail", payload, SCENA_NUL_TERMINATED, options, &pending,
                                 NULL) == SCENA_OK);
  answers(pending, SCENA_OK, words);
  CHECK(scena_engine_run_until_idle(engine, NULL) == SCENA_OK);
}

static void jobs_are_done(void) {
  host self;
  scena_engine* engine = open_engine(&self);
  scena_pending* pending = NULL;
  scena_text* text = NULL;
  scena_error* error = NULL;
  enqueue(engine, "ann", "{\"id\": \"a\", \"session\": \"s1\"}", "\"kind\":\"mail\"");
  enqueue(engine, "other", "{\"id\": \"a\"}", "\"payload\":\"ann\"");
  CHECK(self.runs == 1);
  CHECK(scena_engine_job(engine, "a", &text, NULL) == SCENA_OK);
  CHECK(strstr(scena_text_data(text), "\"session\":\"s1\"") != NULL);
  CHECK(takes(text, "\"state\":\"done\",\"payload\":\"ann\",\"result\":\"sent\""));
  enqueue(engine, "never", "{\"id\": \"n\"}", "\"n\"");
  CHECK(scena_engine_job(engine, "n", &text, NULL) == SCENA_OK);
  CHECK(takes(text, "\"state\":\"dead\",\"payload\":\"never\",\"result\":\"no such address\""));
  enqueue(engine, "often", "{\"max_attempts\": 2, \"priority\": -1}", "\"max_attempts\":2");
  CHECK(scena_engine_advance(engine, 3600000000, NULL) == SCENA_OK);
  CHECK(self.runs == 4);
  CHECK(scena_engine_job_counts(engine, &text, NULL) == SCENA_OK);
  CHECK(takes(text, "{\"kind\":\"mail\",\"state\":\"dead\",\"count\":2}"));
  CHECK(scena_engine_jobs(engine, "{\"state\": \"dead\", \"limit\": 1}", &text, NULL) == SCENA_OK);
  CHECK(takes(text, "\"payload\":\"never\""));
  CHECK(scena_engine_jobs(engine, "{\"state\": \"dead\", \"limit\": 0}", &text, NULL) == SCENA_OK);
  CHECK(takes(text, "\"payload\":\"never\""));
  CHECK(scena_engine_jobs(engine, "{\"state\": \"odd\", \"limit\": 1001}", &text, &error) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(strstr(scena_error_message(error), "/state") != NULL);
  CHECK(strstr(scena_error_message(error), "/limit") != NULL);
  scena_error_destroy(error);
  CHECK(scena_engine_requeue_job(engine, "n", &pending, NULL) == SCENA_OK);
  answers(pending, SCENA_OK, "\"id\":\"n\"");
  CHECK(scena_engine_cancel_job(engine, "none", &pending, NULL) == SCENA_OK);
  answers(pending, SCENA_NOT_FOUND, "");
  CHECK(scena_engine_job(engine, "none", &text, NULL) == SCENA_NOT_FOUND);
  CHECK(scena_engine_enqueue_job(engine, "sms", "", 0, NULL, NULL, NULL) == SCENA_NOT_FOUND);
  CHECK(scena_engine_enqueue_job(engine, "mail", "\xff", 1, NULL, NULL, NULL) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_enqueue_job(engine, "mail", "", 0, "{\"delay_ms\": -1}", NULL, NULL) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_enqueue_job(engine, "mail", NULL, 0, NULL, NULL, NULL) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_jobs(NULL, NULL, &text, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_cancel_job(engine, NULL, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  close_engine(engine, &self);
}

static void jobs_are_cancelled(void) {
  host self;
  scena_engine* engine = open_engine(&self);
  scena_pending* pending = NULL;
  scena_text* text = NULL;
  self.wait = true;
  CHECK(scena_engine_enqueue_job(engine, "mail", "ann", 3, "{\"id\": \"a\"}", &pending, NULL) ==
        SCENA_OK);
  answers(pending, SCENA_OK, "\"waiting\"");
  while (self.runs == 0) CHECK(scena_engine_poll(engine, 0, NULL) == SCENA_OK);
  CHECK(scena_engine_cancel_job(engine, "a", &pending, NULL) == SCENA_OK);
  answers(pending, SCENA_OK, "\"state\":\"cancelled\"");
  CHECK(scena_engine_run_until_idle(engine, NULL) == SCENA_OK);
  CHECK(self.cancels == 1);
  CHECK(scena_engine_job(engine, "a", &text, NULL) == SCENA_OK);
  CHECK(takes(text, "\"state\":\"cancelled\""));
  /* One that waits when the engine goes is asked to stop, too. */
  CHECK(scena_engine_enqueue_job(engine, "mail", "ben", 3, NULL, &pending, NULL) == SCENA_OK);
  answers(pending, SCENA_OK, "\"waiting\"");
  while (self.runs == 1) CHECK(scena_engine_poll(engine, 0, NULL) == SCENA_OK);
  close_engine(engine, &self);
  CHECK(self.cancels == 2);
  scena_job_run_succeed(NULL, NULL, 0);
  scena_job_run_fail(NULL, NULL);
  scena_job_run_give_up(NULL, NULL);
}

static void changes_do_not_wait(void) {
  host self;
  scena_engine* engine = open_engine(&self);
  scena_engine *theirs = NULL, *other = NULL;
  scena_session* session = talk(engine);
  scena_pending *put = NULL, *removed = NULL, *again = NULL, *pending = NULL;
  scena_text* text = NULL;
  uint64_t ready = 0;
  /* They take effect in the order of the calls, however late somebody waits. */
  CHECK(scena_engine_put_preset_later(engine, PRESET, &put, NULL) == SCENA_OK);
  CHECK(scena_engine_remove_preset_later(engine, "greeting", &removed, NULL) == SCENA_OK);
  CHECK(scena_engine_remove_preset_later(engine, "greeting", &again, NULL) == SCENA_OK);
  CHECK(not_yet(scena_pending_wait(put, 0, NULL, NULL), SCENA_OK));
  /* A thread of the engine's own tells the list a moment behind whoever waits; what has something
   * already is told at once. */
  if (threads_wanted() == 0) CHECK(scena_pending_watch(again, 7, NULL) == SCENA_OK);
  CHECK(scena_pending_wait(again, SCENA_NO_TIMEOUT, NULL, NULL) == SCENA_NOT_FOUND);
  if (threads_wanted() > 0) CHECK(scena_pending_watch(again, 7, NULL) == SCENA_OK);
  CHECK(scena_engine_take_ready(engine, &ready, 1) == 1 && ready == 7);
  scena_pending_destroy(again);
  answers(put, SCENA_OK, "null");
  answers(removed, SCENA_OK, "null");
  /* What somebody stored before is not seeded over. */
  CHECK(scena_engine_put_preset_later(
            engine,
            "{\"id\": \"job-interview\", \"title\": \"Mine\", \"characters\": [{\"id\": \"a\", "
            "\"name\": \"A\"}]}",
            NULL, NULL) == SCENA_OK);
  CHECK(scena_engine_seed_presets_later(engine, &pending, NULL) == SCENA_OK);
  answers(pending, SCENA_OK, "5");
  CHECK(scena_engine_preset(engine, "job-interview", &text, NULL) == SCENA_OK);
  CHECK(takes(text, "\"Mine\""));
  CHECK(scena_engine_export(engine, scena_session_id(session), "json", &text, NULL) == SCENA_OK);
  CHECK(scena_engine_import_later(engine, scena_text_data(text), &pending, NULL) == SCENA_OK);
  answers(pending, SCENA_ALREADY_EXISTS, "");
  CHECK(scena_engine_create(with_threads(CONFIG), &other, NULL) == SCENA_OK);
  CHECK(scena_engine_import_later(other, scena_text_data(text), &pending, NULL) == SCENA_OK);
  CHECK(scena_engine_rebuild_later(other, scena_session_id(session), &again, NULL) == SCENA_OK);
  answers(again, SCENA_OK, "true");
  answers(pending, SCENA_OK, scena_session_id(session));
  scena_engine_destroy(other);
  scena_text_destroy(text);
  CHECK(scena_engine_rebuild_later(engine, "none", &pending, NULL) == SCENA_OK);
  answers(pending, SCENA_NOT_FOUND, "");
  CHECK(scena_engine_erase_user_later(engine, "nobody", &pending, NULL) == SCENA_OK);
  answers(pending, SCENA_OK, "0");
  CHECK(scena_engine_erase_user(engine, "nobody", &ready, NULL) == SCENA_OK && ready == 0);
  CHECK(scena_engine_erase_user(engine, "", NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_erase_user_later(engine, NULL, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_put_preset_later(engine, "{}", NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_import_later(engine, "[]", NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_remove_preset_later(engine, NULL, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_as(engine, "{\"subject\": \"ann\"}", &theirs, NULL) == SCENA_OK);
  CHECK(scena_engine_seed_presets_later(theirs, NULL, NULL) == SCENA_PERMISSION_DENIED);
  CHECK(scena_engine_erase_user(theirs, "ann", NULL, NULL) == SCENA_PERMISSION_DENIED);
  scena_engine_destroy(theirs);
  /* An answer that nobody can give any more says so. */
  CHECK(scena_engine_put_preset_later(engine, PRESET, &pending, NULL) == SCENA_OK);
  scena_session_destroy(session);
  close_engine(engine, &self);
  CHECK(scena_pending_wait(pending, SCENA_NO_TIMEOUT, NULL, NULL) != SCENA_TIMEOUT);
  scena_pending_destroy(pending);
}

typedef struct meter {
  int calls, stop_at;
  char last[256];
} meter;

static int32_t count_progress(void* user_data, const char* progress_json) {
  meter* self = user_data;
  (void)snprintf(self->last, sizeof self->last, "%s", progress_json);
  return ++self->calls == self->stop_at;
}

static void batches_are_run(void) {
#define PLAN \
  "{\"presets\": [" PRESET "], \"max_turns\": 2, \"seeds\": {\"first\": 1, \"count\": 6}}"
  scena_batch_options options;
  meter seen;
  scena_text *first = NULL, *text = NULL;
  scena_error* error = NULL;
  (void)memset(&options, 0, sizeof options);
  (void)memset(&seen, 0, sizeof seen);
  CHECK(scena_batch_run(PLAN, CONFIG, NULL, NULL, &first, NULL) == SCENA_OK);
  CHECK(scena_batch_run(PLAN, CONFIG, NULL, &options, &text, NULL) == SCENA_INVALID_ARGUMENT);
  options.struct_size = (uint32_t)sizeof options;
  options.workers = 3;
  options.user_data = &seen;
  options.progress = count_progress;
  CHECK(scena_batch_run(PLAN, CONFIG, NULL, &options, &text, NULL) == SCENA_OK);
  CHECK(strcmp(scena_text_data(first), scena_text_data(text)) == 0); /* one worker, or three */
  CHECK(strstr(seen.last, "{\"total\":6,\"done\":6,\"failed\":0,\"running\":0,") != NULL);
  CHECK(strstr(scena_text_data(text), "{\"groups\":[") == scena_text_data(text));
  CHECK(strstr(scena_text_data(text), "\"rows\":[{\"key\":\"greeting.s1\"") != NULL);
  CHECK(takes(text, "\"left\":0,\"repeated\":0,\"stopped\":\"\""));
  seen.calls = 0;
  seen.stop_at = 3;
  options.workers = 1;
  CHECK(scena_batch_run(PLAN, CONFIG, NULL, &options, &text, NULL) == SCENA_OK);
  CHECK(takes(text, "\"stopped\":\"cancelled\""));
  options.flags = 2;
  CHECK(scena_batch_run(PLAN, CONFIG, NULL, &options, &text, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_batch_run("{\"seed\": 1}", NULL, NULL, NULL, &text, &error) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(strstr(scena_error_message(error), "/seed") != NULL);
  scena_error_destroy(error);
  CHECK(scena_batch_run(PLAN, "{\"colour\": 1}", NULL, NULL, &text, NULL) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(scena_batch_run(NULL, NULL, NULL, NULL, &text, NULL) == SCENA_INVALID_ARGUMENT);
  scena_text_destroy(first);
}

static void batches_run_by_themselves(void) {
#define ENDLESS                                                                       \
  "{\"provider\": \"s\", \"providers\": {\"s\": {\"url\": \"script:\", \"options\": " \
  "{\"delay_ms\": "                                                                   \
  "3600000}}}}"
  scena_batch_options options;
  scena_text *waited = NULL, *text = NULL;
  scena_batch* batch = NULL;
  scena_error* error = NULL;
  struct pollfd news;
  int rounds = 0;
  (void)memset(&options, 0, sizeof options);
  CHECK(scena_batch_run(PLAN, CONFIG, NULL, NULL, &waited, NULL) == SCENA_OK);
  CHECK(scena_batch_start(PLAN, CONFIG, NULL, NULL, &batch, NULL) == SCENA_OK);
  news.fd = scena_batch_wait_fd(batch);
  news.events = POLLIN;
  while (scena_batch_result(batch, 0, &text, NULL) == SCENA_TIMEOUT && ++rounds < 1000)
    CHECK(poll(&news, 1, 60000) == 1); /* no news is missed: else this would wait its time out */
  CHECK(text != NULL && strcmp(scena_text_data(waited), scena_text_data(text)) == 0);
  scena_text_destroy(text);
  CHECK(scena_batch_progress(batch, &text, NULL) == SCENA_OK);
  CHECK(takes(text, "{\"total\":6,\"done\":6,\"failed\":0,\"running\":0,"));
  CHECK(scena_batch_result(batch, SCENA_NO_TIMEOUT, &text, NULL) == SCENA_OK); /* again */
  CHECK(takes(text, "\"left\":0"));
  CHECK(scena_batch_result(batch, -2, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  scena_batch_destroy(batch);
  /* Stopped, and destroyed while it runs. */
  CHECK(scena_batch_start(PLAN, ENDLESS, NULL, NULL, &batch, NULL) == SCENA_OK);
  CHECK(scena_batch_result(batch, 1, &text, NULL) == SCENA_TIMEOUT);
  scena_batch_stop(batch);
  CHECK(scena_batch_result(batch, SCENA_NO_TIMEOUT, &text, NULL) == SCENA_OK);
  CHECK(takes(text, "\"stopped\":\"cancelled\""));
  scena_batch_destroy(batch);
  CHECK(scena_batch_start(PLAN, ENDLESS, NULL, NULL, &batch, NULL) == SCENA_OK);
  scena_batch_destroy(batch);
  /* What is known to be wrong is told at once, the rest by the result. */
  batch = NULL;
  CHECK(scena_batch_start("{\"seed\": 1}", NULL, NULL, NULL, &batch, &error) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(batch == NULL && strstr(scena_error_message(error), "/seed") != NULL);
  scena_error_destroy(error);
  CHECK(scena_batch_start(PLAN, CONFIG, NULL, &options, &batch, NULL) == SCENA_INVALID_ARGUMENT);
  options.struct_size = (uint32_t)sizeof options;
  options.folder = "/proc/none/here";
  CHECK(scena_batch_start(PLAN, CONFIG, NULL, &options, &batch, NULL) == SCENA_OK);
  CHECK(scena_batch_result(batch, SCENA_NO_TIMEOUT, NULL, &error) == SCENA_STORAGE_FAILED);
  scena_error_destroy(error);
  scena_batch_destroy(batch);
  CHECK(scena_batch_start(PLAN, NULL, NULL, NULL, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_batch_wait_fd(NULL) == -1);
  CHECK(scena_batch_progress(NULL, &text, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_batch_result(NULL, 0, &text, NULL) == SCENA_INVALID_ARGUMENT);
  scena_batch_stop(NULL);
  scena_batch_destroy(NULL);
  scena_text_destroy(waited);
}

/* What `progress` is told and answers counts for a batch that nobody waits for as well. */
static void started_batches_tell_and_are_ended(void) {
  scena_batch_options options;
  meter seen;
  scena_batch* batch = NULL;
  scena_text* text = NULL;
  (void)memset(&options, 0, sizeof options);
  (void)memset(&seen, 0, sizeof seen);
  options.struct_size = (uint32_t)sizeof options;
  options.user_data = &seen;
  options.progress = count_progress;
  CHECK(scena_batch_start(PLAN, CONFIG, NULL, &options, &batch, NULL) == SCENA_OK);
  CHECK(scena_batch_result(batch, SCENA_NO_TIMEOUT, &text, NULL) == SCENA_OK);
  CHECK(takes(text, "\"left\":0,\"repeated\":0,\"stopped\":\"\""));
  CHECK(seen.calls >= 12); /* after each start and each end of six runs */
  CHECK(strstr(seen.last, "{\"total\":6,\"done\":6,\"failed\":0,\"running\":0,") != NULL);
  scena_batch_destroy(batch);
  /* Anything but 0 ends it. */
  seen.calls = 0;
  seen.stop_at = 3;
  CHECK(scena_batch_start(PLAN, CONFIG, NULL, &options, &batch, NULL) == SCENA_OK);
  CHECK(scena_batch_result(batch, SCENA_NO_TIMEOUT, &text, NULL) == SCENA_OK);
  CHECK(takes(text, "\"stopped\":\"cancelled\""));
  CHECK(strstr(seen.last, "\"done\":6") == NULL);
  scena_batch_destroy(batch);
}

static void reply_if_up(void* user_data, const char* request_json, scena_reply* to) {
  const bool* is_down = user_data;
  (void)request_json;
  if (*is_down) {
    scena_reply_fail(to, SCENA_UNAUTHENTICATED, "down");
  } else {
    CHECK(scena_reply_text(to, "Good morning.", SCENA_NUL_TERMINATED) == SCENA_OK);
    scena_reply_finish(to, NULL);
  }
}

/* A batch on a model of the host's own, in a folder. */
static bool run_in(const scena_extensions* extensions, scena_batch_options* options, int started,
                   const char* words) {
  static const char config[] =
      "{\"clock\": \"virtual\", \"seed\": 7, \"max_retries\": 0, \"provider\": \"mine\"}";
  scena_batch* batch = NULL;
  scena_text* text = NULL;
  if (started) {
    CHECK(scena_batch_start(PLAN, config, extensions, options, &batch, NULL) == SCENA_OK);
    CHECK(scena_batch_result(batch, SCENA_NO_TIMEOUT, &text, NULL) == SCENA_OK);
    scena_batch_destroy(batch);
  } else {
    CHECK(scena_batch_run(PLAN, config, extensions, options, &text, NULL) == SCENA_OK);
  }
  return takes(text, words);
}

/* Of a folder failed runs are made again where that is asked for, and there alone. */
static void failed_runs_are_made_again(void) {
  int started;
  for (started = 0; started < 2; ++started) {
    char folder[] = "/tmp/scena_batch_XXXXXX", command[64];
    bool is_down = true;
    scena_provider provider;
    scena_extensions* extensions = NULL;
    scena_batch_options options;
    (void)memset(&provider, 0, sizeof provider);
    (void)memset(&options, 0, sizeof options);
    provider.struct_size = (uint32_t)sizeof provider;
    provider.user_data = &is_down;
    provider.start = reply_if_up;
    options.struct_size = (uint32_t)sizeof options;
    options.folder = mkdtemp(folder);
    CHECK(options.folder != NULL);
    CHECK(scena_extensions_create(&extensions, NULL) == SCENA_OK);
    CHECK(scena_extensions_add_provider(extensions, "mine", &provider, NULL) == SCENA_OK);
    CHECK(run_in(extensions, &options, started, "\"repeated\":0"));
    is_down = false;
    CHECK(run_in(extensions, &options, started, "\"repeated\":6"));
    options.flags = SCENA_BATCH_RETRY_FAILED;
    CHECK(run_in(extensions, &options, started, "\"repeated\":0"));
    CHECK(run_in(extensions, &options, started, "\"repeated\":6")); /* which failed no more */
    scena_extensions_destroy(extensions);
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    CHECK(system(command) == 0);
  }
}

static const struct promise promises[] = {
    PROMISE(analysis_is_told),          PROMISE(sessions_are_counted),
    ON_HOST_LOOP(jobs_are_done),        ON_HOST_LOOP(jobs_are_cancelled),
    PROMISE(changes_do_not_wait),       PROMISE(batches_are_run),
    PROMISE(batches_run_by_themselves), PROMISE(started_batches_tell_and_are_ended),
    PROMISE(failed_runs_are_made_again)};

int main(int argc, char** argv) {
  return run_promises(promises, sizeof promises / sizeof *promises, argc, argv);
}

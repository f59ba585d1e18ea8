/* What a host's functions may call while the engine calls them: commands and reads do their work,
 * what would wait is refused, and handles may end, the engine's too. Every function of every table
 * tries. inside_test NAME runs one promise. */
#define _POSIX_C_SOURCE 200809L
#define SCENA_ENABLE_UNSTABLE
#include <pthread.h>
#include <scena/scena.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

int check_failures = 0;

#define PRESET                                                                                 \
  "{\"id\": \"greeting\", \"title\": \"Greeting\", \"characters\": ["                          \
  "{\"id\": \"rosa\", \"name\": \"Rosa\"}, {\"id\": \"me\", \"name\": \"Me\", \"played_by\": " \
  "\"human\"}]}"
#define CONFIG                                                                         \
  "{\"clock\": \"virtual\", \"seed\": 7, \"provider\": \"mine\", \"max_retries\": 0, " \
  "\"log_level\": \"trace\", \"session_budget\": \"1\", \"prices\": {\"*\": {\"input\": \"1\"}}}"

enum hook {
  in_provider,
  in_tool,
  in_approval,
  in_input_filter,
  in_output_filter,
  in_analyzer,
  in_scores,
  in_job,
  in_sink,
  in_embedder,
  in_counter,
  in_live,
  hook_count
};

typedef struct host {
  pthread_mutex_t lock; /* of the three below */
  pthread_cond_t moved;
  int acted, destroyed, caused;
  enum hook hook;
  void (*act)(struct host* self);
  scena_engine* engine;
  scena_session *session, *spare;
  scena_events *events, *more;
  scena_turn *turn, *past;
  scena_batch* batch;
} host;

static void move(host* self, int* what, int to) {
  CHECK(pthread_mutex_lock(&self->lock) == 0);
  *what = to;
  CHECK(pthread_cond_broadcast(&self->moved) == 0);
  CHECK(pthread_mutex_unlock(&self->lock) == 0);
}

static void wait_until(host* self, const int* what, int wanted) {
  CHECK(pthread_mutex_lock(&self->lock) == 0);
  while (*what < wanted) CHECK(pthread_cond_wait(&self->moved, &self->lock) == 0);
  CHECK(pthread_mutex_unlock(&self->lock) == 0);
}

/* The first call of the function that is asked for does what is tried. */
static void inside(void* user_data, enum hook hook) {
  host* self = user_data;
  int first;
  if (hook != self->hook) return;
  CHECK(pthread_mutex_lock(&self->lock) == 0);
  first = self->acted == 0;
  if (first) self->acted = 1;
  CHECK(pthread_mutex_unlock(&self->lock) == 0);
  if (!first) return;
  if (threads_wanted() > 0) wait_until(self, &self->caused, 1); /* its handles may go now */
  if (self->act != NULL) self->act(self);
  move(self, &self->acted, 2);
}

static void destroy(void* user_data) {
  host* self = user_data;
  CHECK(pthread_mutex_lock(&self->lock) == 0);
  ++self->destroyed;
  CHECK(pthread_cond_broadcast(&self->moved) == 0);
  CHECK(pthread_mutex_unlock(&self->lock) == 0);
}

static void start(void* user_data, const char* request_json, scena_reply* reply) {
  inside(user_data, in_provider);
  if (strstr(request_json, "sunny") == NULL && strstr(request_json, "weather?") != NULL)
    (void)scena_reply_tool_call(reply, NULL, "weather", NULL);
  else
    (void)scena_reply_text(reply, "Good morning.", SCENA_NUL_TERMINATED);
  scena_reply_finish(reply, NULL);
}
static void call(void* user_data, const char* request_json, scena_tool_call* of) {
  (void)request_json;
  inside(user_data, in_tool);
  scena_tool_call_succeed(of, "sunny", SCENA_NUL_TERMINATED);
}
static void ask(void* user_data, const char* request_json, scena_approval* of) {
  (void)request_json;
  inside(user_data, in_approval);
  scena_approval_allow(of);
}
static void check_input(void* user_data, const char* session, const char* speaker, uint32_t final,
                        const char* text, size_t len, scena_filter_answer* of) {
  (void)session, (void)speaker, (void) final, (void)text, (void)len;
  inside(user_data, in_input_filter);
  scena_filter_answer_pass(of);
}
static void check_output(void* user_data, const char* session, const char* speaker, uint32_t final,
                         const char* text, size_t len, scena_filter_answer* of) {
  (void)session, (void)speaker, (void) final, (void)text, (void)len;
  inside(user_data, in_output_filter);
  scena_filter_answer_pass(of);
}
static void add(void* user_data, void* measurement, const char* text, size_t len) {
  (void)measurement, (void)text, (void)len;
  inside(user_data, in_analyzer);
}
static void scores(void* user_data, void* measurement, scena_scores* of) {
  (void)measurement;
  inside(user_data, in_scores);
  CHECK(scena_scores_add(of, NULL, 1, 1, NULL) == SCENA_OK);
}
static void run(void* user_data, const char* job_json, scena_job_run* of) {
  (void)job_json;
  inside(user_data, in_job);
  scena_job_run_succeed(of, NULL, 0);
}
static void deliver(void* user_data, const char* event, const char* job, scena_job_run* of) {
  (void)event, (void)job;
  inside(user_data, in_sink);
  scena_job_run_succeed(of, NULL, 0);
}
static void embed(void* user_data, const char* request_json, scena_embedding* of) {
  const float one = 1;
  (void)request_json;
  inside(user_data, in_embedder);
  scena_embedding_succeed(of, &one, 1, 1, 1);
}
static int64_t count(void* user_data, const char* text, size_t len) {
  (void)text;
  inside(user_data, in_counter);
  return (int64_t)len;
}
static void hear(void* user_data, const char* text, size_t len) {
  (void)text, (void)len;
  inside(user_data, in_live);
}

#define TABLE(type, name)                   \
  type name;                                \
  memset(&name, 0, sizeof name);            \
  name.struct_size = (uint32_t)sizeof name; \
  name.user_data = self;                    \
  name.destroy = destroy
#define TABLES 9 /* of an engine */

static scena_extensions* extensions_of(host* self) {
  scena_extensions* made = NULL;
  TABLE(scena_provider, provider);
  TABLE(scena_tool, tool);
  TABLE(scena_tool_approval, approval);
  TABLE(scena_filter, filter);
  TABLE(scena_analyzer, analyzer);
  TABLE(scena_job_handler, handler);
  TABLE(scena_event_sink, sink);
  TABLE(scena_embedder, embedder);
  TABLE(scena_token_counter, counter);
  provider.start = start;
  tool.name = "weather";
  tool.flags = SCENA_TOOL_EVERYWHERE | SCENA_TOOL_NEEDS_APPROVAL;
  tool.call = call;
  approval.ask = ask;
  filter.check_input = check_input;
  filter.check_output = check_output;
  analyzer.name = "mine";
  analyzer.add = add;
  analyzer.scores = scores;
  handler.run = run;
  sink.deliver = deliver;
  embedder.start = embed;
  counter.count = count;
  CHECK(scena_extensions_create(&made, NULL) == SCENA_OK);
  CHECK(scena_extensions_add_provider(made, "mine", &provider, NULL) == SCENA_OK);
  CHECK(scena_extensions_add_tool(made, &tool, NULL) == SCENA_OK);
  CHECK(scena_extensions_set_tool_approval(made, &approval, NULL) == SCENA_OK);
  CHECK(scena_extensions_set_filter(made, &filter, NULL) == SCENA_OK);
  CHECK(scena_extensions_add_analyzer(made, &analyzer, NULL) == SCENA_OK);
  CHECK(scena_extensions_add_job_handler(made, "mail", &handler, NULL) == SCENA_OK);
  CHECK(scena_extensions_add_event_sink(made, "audit", &sink, NULL) == SCENA_OK);
  CHECK(scena_extensions_add_embedder(made, "vectors", &embedder, NULL) == SCENA_OK);
  CHECK(scena_extensions_add_token_counter(made, "*", &counter, NULL) == SCENA_OK);
  return made;
}

static void open_host(host* self, enum hook hook, void (*act)(host*)) {
  scena_extensions* extensions;
  scena_error* error = NULL;
  memset(self, 0, sizeof *self);
  CHECK(pthread_mutex_init(&self->lock, NULL) == 0 && pthread_cond_init(&self->moved, NULL) == 0);
  self->hook = hook_count; /* none of them, yet */
  extensions = extensions_of(self);
  CHECK(scena_engine_create_extended(with_threads(CONFIG), extensions, &self->engine, &error) ==
        SCENA_OK);
  if (error != NULL) (void)fprintf(stderr, "%s\n", scena_error_message(error));
  scena_error_destroy(error);
  scena_extensions_destroy(extensions);
  CHECK(scena_session_create(self->engine, PRESET, NULL, &self->session, NULL) == SCENA_OK);
  CHECK(scena_session_send(self->session, NULL, "Hello", 5, &self->past, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(self->past, 20000, NULL) == SCENA_OK);
  CHECK(scena_session_open(self->engine, scena_session_id(self->session), &self->spare, NULL) ==
        SCENA_OK);
  CHECK(scena_session_events(self->session, NULL, &self->events, NULL) == SCENA_OK);
  CHECK(scena_session_events(self->session, NULL, &self->more, NULL) == SCENA_OK);
  CHECK(scena_engine_run_until_idle(self->engine, NULL) == SCENA_OK);
  self->acted = 0;
  self->hook = hook;
  self->act = act;
}

/* Everything that leads to a call of each function. */
static void cause(host* self) {
  TABLE(scena_live, live);
  live.text = hear;
  live.destroy = NULL;
  CHECK(scena_engine_enqueue_job(self->engine, "mail", "x", 1, NULL, NULL, NULL) == SCENA_OK);
  CHECK(scena_engine_embed(self->engine, "vectors", "{\"texts\": [\"a\"]}", NULL, NULL) ==
        SCENA_OK);
  CHECK(scena_engine_complete(self->engine, "mine",
                              "{\"messages\": [{\"role\": \"user\", \"text\": \"Hello\"}]}", &live,
                              NULL, NULL) == SCENA_OK);
  CHECK(scena_session_send(self->session, NULL, "The weather?", SCENA_NUL_TERMINATED, &self->turn,
                           NULL) == SCENA_OK);
}

/* Until the function was called and returned. Without threads a handle that stays runs the loop. */
static void wait_for_it(host* self) {
  scena_event event;
  int rounds = 0;
  memset(&event, 0, sizeof event);
  event.struct_size = (uint32_t)sizeof event;
  if (threads_wanted() > 0) wait_until(self, &self->acted, 2);
  while (self->acted != 2 && ++rounds < 20000) {
    const scena_status status = scena_events_next(self->events, 20, &event, NULL);
    CHECK(status == SCENA_OK || status == SCENA_TIMEOUT || status == SCENA_CLOSED);
  }
  if (rounds >= 20000) (void)fprintf(stderr, "function %d was not called\n", (int)self->hook);
  CHECK(rounds < 20000);
}

static void close_host(host* self) {
  scena_turn_destroy(self->turn);
  scena_turn_destroy(self->past);
  scena_events_destroy(self->events);
  scena_events_destroy(self->more);
  scena_session_destroy(self->session);
  scena_session_destroy(self->spare);
  scena_engine_destroy(self->engine);
  wait_until(self, &self->destroyed, TABLES); /* on an engine's thread, where one closed itself */
  CHECK(pthread_cond_destroy(&self->moved) == 0 && pthread_mutex_destroy(&self->lock) == 0);
}

static void in_every_function(void (*act)(host*), bool engine_stays) {
  int hook;
  for (hook = 0; hook < hook_count; ++hook) {
    host self;
    open_host(&self, (enum hook)hook, act);
    cause(&self);
    move(&self, &self.caused, 1);
    wait_for_it(&self);
    if (engine_stays) {
      scena_turn* turn = NULL;
      scena_text* text = NULL;
      CHECK(scena_engine_run_until_idle(self.engine, NULL) == SCENA_OK);
      CHECK(scena_session_send(self.session, NULL, "Still there?", 12, &turn, NULL) == SCENA_OK);
      CHECK(scena_turn_wait(turn, 20000, NULL) == SCENA_OK);
      scena_turn_destroy(turn);
      CHECK(scena_session_messages(self.session, 0, &text, NULL) == SCENA_OK);
      CHECK(strstr(scena_text_data(text), "Never sent.") == NULL);
      scena_text_destroy(text);
    }
    close_host(&self);
  }
}

/* --- the promises --------------------------------------------------------------------------------
 */

static void try_to_wait(host* self) {
  scena_error* error = NULL;
  scena_pending* pending = NULL;
  scena_status there;
  scena_event event;
  memset(&event, 0, sizeof event);
  event.struct_size = (uint32_t)sizeof event;
  CHECK(scena_engine_poll(self->engine, 0, &error) == SCENA_WRONG_STATE);
  CHECK(*scena_error_message(error) != '\0');
  scena_error_destroy(error);
  CHECK(scena_engine_advance(self->engine, 1, NULL) != SCENA_OK);
  CHECK(scena_engine_run_until_idle(self->engine, NULL) == SCENA_WRONG_STATE);
  CHECK(scena_session_send_wait(self->spare, NULL, "Never sent.", 11, NULL, NULL, NULL) ==
        SCENA_WRONG_STATE);
  CHECK(scena_engine_begin_close(self->engine) == SCENA_WRONG_STATE);
  CHECK(scena_engine_close(self->engine) == SCENA_WRONG_STATE);
  CHECK(scena_engine_seed_presets(self->engine, NULL, NULL) == SCENA_WRONG_STATE);
  CHECK(scena_engine_put_preset(self->engine, PRESET, NULL) == SCENA_WRONG_STATE);
  CHECK(scena_session_annotate(self->spare, "note", "{}", NULL, &pending, NULL) == SCENA_OK);
  there = scena_pending_wait(pending, 0, NULL, NULL);
  CHECK(there == SCENA_TIMEOUT || threads_wanted() > 0); /* another thread may have answered */
  there = scena_pending_wait(pending, 10, NULL, NULL);
  CHECK(there == SCENA_WRONG_STATE || (threads_wanted() > 0 && there == SCENA_OK));
  scena_pending_destroy(pending);
  while (scena_events_next(self->more, 0, &event, NULL) == SCENA_OK) {
  }
  there = scena_events_next(self->more, 10, &event, NULL);
  CHECK(there == SCENA_WRONG_STATE || (threads_wanted() > 0 && there == SCENA_OK));
}
static void waiting_is_refused(void) {
  in_every_function(try_to_wait, true);
}

static void command_and_read(host* self) {
  scena_session* made = NULL;
  scena_turn* turn = NULL;
  scena_events* events = NULL;
  scena_text* text = NULL;
  scena_engine* same = NULL;
  CHECK(scena_session_create(self->engine, PRESET, NULL, &made, NULL) == SCENA_OK);
  CHECK(scena_session_send(made, NULL, "Hello", 5, &turn, NULL) == SCENA_OK);
  CHECK(scena_session_events(made, NULL, &events, NULL) == SCENA_OK);
  CHECK(scena_session_send(self->spare, NULL, "One more thing.", 15, NULL, NULL) == SCENA_OK);
  CHECK(scena_session_fork(self->spare, NULL, NULL, NULL, NULL) == SCENA_OK);
  CHECK(scena_engine_enqueue_job(self->engine, "mail", "y", 1, NULL, NULL, NULL) == SCENA_OK);
  CHECK(scena_session_info(made, &text, NULL) == SCENA_OK);
  CHECK(strstr(scena_text_data(text), "\"preset\":\"greeting\"") != NULL);
  scena_text_destroy(text);
  text = NULL;
  CHECK(scena_session_messages(self->spare, 0, &text, NULL) == SCENA_OK);
  scena_text_destroy(text);
  text = NULL;
  CHECK(scena_engine_sessions(self->engine, NULL, NULL, 0, &text, NULL) == SCENA_OK);
  scena_text_destroy(text);
  text = NULL;
  CHECK(scena_engine_stats(self->engine, &text, NULL) == SCENA_OK);
  scena_text_destroy(text);
  CHECK(scena_engine_as(self->engine, "{\"subject\": \"ann\"}", &same, NULL) == SCENA_OK);
  scena_engine_destroy(same);
  scena_events_destroy(events);
  scena_turn_destroy(turn);
  scena_session_destroy(made);
}
static void commands_and_reads_work(void) {
  in_every_function(command_and_read, true);
}

static void cancel_all(host* self) {
  scena_turn_cancel(self->turn);
  scena_session_cancel(self->session);
}
static void turns_are_cancelled(void) {
  in_every_function(cancel_all, true);
}

/* All but the queue that the test waits with and the session that goes on. */
static void end_handles(host* self) {
  scena_turn_destroy(self->past);
  scena_events_destroy(self->more);
  scena_session_destroy(self->spare);
  self->past = NULL;
  self->more = NULL;
  self->spare = NULL;
}
static void handles_end(void) {
  in_every_function(end_handles, true);
}

static void end_session(host* self) {
  CHECK(scena_session_remove(self->spare, NULL, NULL, NULL) == SCENA_OK);
  end_handles(self);
}
static void a_session_is_removed(void) {
  in_every_function(end_session, false);
}

/* The engine closes when the function has returned: until then its calls are refused. */
static void end_engine(host* self) {
  scena_engine_destroy(self->engine);
  self->engine = NULL;
  CHECK(scena_session_send(self->spare, NULL, "Hello", 5, NULL, NULL) == SCENA_CLOSED);
}
static void the_engine_is_destroyed(void) {
  in_every_function(end_engine, false);
}

static void end_everything(host* self) {
  end_handles(self);
  scena_turn_destroy(self->turn);
  self->turn = NULL;
  scena_session_destroy(self->session);
  self->session = NULL;
  scena_engine_destroy(self->engine);
  self->engine = NULL;
}
static void everything_is_destroyed(void) {
  in_every_function(end_everything, false);
}

/* A log sink may call nothing of its engine; what one does all the same is not waited for. */
static void log_and_send(void* user_data, int32_t level, const char* json, size_t len) {
  host* self = user_data;
  (void)level, (void)json, (void)len;
  if (self->session == NULL || strstr(json, "\"engine\"") == NULL) return;
  inside(user_data, in_provider);
}
static void send_one(host* self) {
  (void)scena_session_send(self->session, NULL, "From the log", 12, NULL, NULL);
  scena_session_cancel(self->session);
}
static void a_log_sink_does_not_wait_for_itself(void) {
  host made;
  host* const self = &made;
  scena_extensions* extensions = NULL;
  TABLE(scena_log_sink, sink);
  memset(self, 0, sizeof *self);
  CHECK(pthread_mutex_init(&self->lock, NULL) == 0 && pthread_cond_init(&self->moved, NULL) == 0);
  sink.write = log_and_send;
  self->caused = 1;
  self->act = send_one;
  CHECK(scena_extensions_create(&extensions, NULL) == SCENA_OK);
  CHECK(scena_extensions_set_log_sink(extensions, &sink, NULL) == SCENA_OK);
  CHECK(scena_engine_create_extended(
            with_threads("{\"clock\": \"virtual\", \"log_level\": \"trace\"}"), extensions,
            &self->engine, NULL) == SCENA_OK);
  scena_extensions_destroy(extensions);
  CHECK(scena_session_create(self->engine, PRESET, NULL, &self->session, NULL) == SCENA_OK);
  CHECK(scena_session_send(self->session, NULL, "Hello", 5, NULL, NULL) == SCENA_OK);
  CHECK(scena_engine_run_until_idle(self->engine, NULL) == SCENA_OK);
  scena_engine_destroy(self->engine);
  scena_session_destroy(self->session);
  CHECK(self->destroyed == 1);
  CHECK(pthread_cond_destroy(&self->moved) == 0 && pthread_mutex_destroy(&self->lock) == 0);
}

/* --- batches -------------------------------------------------------------------------------------
 */

static scena_status waited = SCENA_OK;
static void drop_line(void* user_data, int32_t level, const char* json, size_t len) {
  (void)user_data, (void)level, (void)json, (void)len;
}
static int32_t end_batch(void* user_data, const char* progress_json) {
  host* self = user_data;
  (void)progress_json;
  wait_until(self, &self->acted, 1); /* the handle is there */
  waited = scena_batch_result(self->batch, 10, NULL, NULL);
  scena_batch_destroy(self->batch);
  CHECK(++self->caused == 1); /* it is not called again */
  return 0;
}
static void a_batch_is_destroyed(void) {
  static host made; /* the batch's thread may still be on its way out of it */
  scena_batch_options options;
  scena_extensions* extensions = NULL;
  scena_batch* batch = NULL;
  host* const self = &made;
  TABLE(scena_log_sink, sink);
  sink.write = drop_line;
  memset(&options, 0, sizeof options);
  CHECK(pthread_mutex_init(&self->lock, NULL) == 0 && pthread_cond_init(&self->moved, NULL) == 0);
  CHECK(scena_extensions_create(&extensions, NULL) == SCENA_OK);
  CHECK(scena_extensions_set_log_sink(extensions, &sink, NULL) == SCENA_OK);
  options.struct_size = (uint32_t)sizeof options;
  options.user_data = self;
  options.progress = end_batch;
  CHECK(scena_batch_start("{\"presets\": [\"job-interview\"], \"max_turns\": 1, \"seeds\": "
                          "{\"first\": 1, \"count\": 3}}",
                          "{\"clock\": \"virtual\"}", extensions, &options, &batch,
                          NULL) == SCENA_OK);
  scena_extensions_destroy(extensions);
  self->batch = batch;
  move(self, &self->acted, 1);
  wait_until(self, &self->destroyed, 1); /* it lets go of its tables when it has ended */
  CHECK(waited == SCENA_WRONG_STATE);
}

/* --- nothing is destroyed ------------------------------------------------------------------------
 */

/* A program that ends with everything open: in the middle of a turn, of a job, of a batch. */
static void forget_everything(void) {
  static host self; /* what it names is not lost */
  static scena_pending* pending = NULL;
  static scena_meter* meter = NULL;
  open_host(&self, hook_count, NULL);
  cause(&self);
  CHECK(scena_session_start(self.session, NULL, &pending, NULL) == SCENA_OK);
  CHECK(scena_meter_create(&meter, NULL) == SCENA_OK);
}

static void forgotten_handles(void) {
  int round;
  for (round = 0; round < 10; ++round) {
    int status = 0;
    const pid_t child = fork();
    if (child == 0) {
      check_failures = 0;
      (void)alarm(60); /* one that hangs ends by its signal */
      forget_everything();
      exit(check_failures == 0 ? 7 : 1);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
  }
}

static const struct promise promises[] = {
    PROMISE(forgotten_handles), /* first: it forks, and no thread may be under way then */
    PROMISE(waiting_is_refused),      PROMISE(commands_and_reads_work),
    PROMISE(turns_are_cancelled),     PROMISE(handles_end),
    PROMISE(a_session_is_removed),    PROMISE(the_engine_is_destroyed),
    PROMISE(everything_is_destroyed), PROMISE(a_log_sink_does_not_wait_for_itself),
    PROMISE(a_batch_is_destroyed),
};

int main(int argc, char** argv) {
  return run_promises(promises, sizeof promises / sizeof promises[0], argc, argv);
}

/* What holds with engines that have 0, 1 and 4 threads of their own, and with several threads of
 * the host. Runs under ThreadSanitizer, too. */
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

static const int thread_counts[] = {0, 1, 4};
#define COUNTS (sizeof thread_counts / sizeof thread_counts[0])

static scena_engine* open_engine(int threads, const scena_extensions* with) {
  char config[512];
  scena_engine* engine = NULL;
  scena_error* error = NULL;
  (void)snprintf(
      config, sizeof config,
      "{\"threads\": %d, \"log_level\": \"trace\", \"provider\": \"s\", \"providers\": {\"s\": "
      "{\"url\": "
      "\"script:\", \"options\": {\"replies\": [\"Good morning.\"], \"instant\": true}}}}",
      threads);
  CHECK(scena_engine_create_extended(config, with, &engine, &error) == SCENA_OK);
  if (error != NULL) (void)fprintf(stderr, "%s\n", scena_error_message(error));
  scena_error_destroy(error);
  return engine;
}

/* --- one host thread, engines of 0, 1 and 4 --------------------------------------------------- */

static void reply_with(scena_engine* engine) {
  scena_session* session = NULL;
  scena_events* events = NULL;
  scena_turn* turn = NULL;
  scena_event event;
  size_t text = 0;
  int ended = 0, i;
  memset(&event, 0, sizeof event);
  event.struct_size = (uint32_t)sizeof event;
  CHECK(scena_session_create(engine, PRESET, NULL, &session, NULL) == SCENA_OK);
  CHECK(scena_session_events(session, NULL, &events, NULL) == SCENA_OK);
  for (i = 0; i < 5; ++i) {
    CHECK(scena_session_send(session, NULL, "Hello", 5, &turn, NULL) == SCENA_OK);
    CHECK(scena_turn_wait(turn, 20000, NULL) == SCENA_OK);
    scena_turn_destroy(turn);
  }
  while (ended < 5 && scena_events_next(events, 20000, &event, NULL) == SCENA_OK) {
    if (strcmp(event.type, "delta") == 0) text += event.text_len;
    if (strcmp(event.type, "turn.finished") == 0) ++ended;
  }
  CHECK(ended == 5 && text == 5 * strlen("Good morning."));
  scena_events_destroy(events);
  scena_session_destroy(session);
}

static void replies_with_any_number_of_threads(void) {
  size_t i;
  for (i = 0; i < COUNTS; ++i) {
    scena_engine* engine = open_engine(thread_counts[i], NULL);
    scena_status polled = scena_engine_poll(engine, 0, NULL);
    CHECK(polled == (thread_counts[i] == 0 ? SCENA_OK : SCENA_WRONG_STATE));
    reply_with(engine);
    scena_engine_destroy(engine);
  }
}

/* Engine, session, events and turn in each of their 24 orders, in the middle of a reply. */
static void destroyed_in_any_order(void) {
  size_t count;
  for (count = 0; count < COUNTS; ++count) {
    int order;
    for (order = 0; order < 256; ++order) {
      scena_engine* engine;
      scena_session* session = NULL;
      scena_events* events = NULL;
      scena_turn* turn = NULL;
      const int steps[4] = {order & 3, order >> 2 & 3, order >> 4 & 3, order >> 6};
      int i;
      if ((1 << steps[0] | 1 << steps[1] | 1 << steps[2] | 1 << steps[3]) != 15) continue;
      engine = open_engine(thread_counts[count], NULL);
      CHECK(scena_session_create(engine, PRESET, NULL, &session, NULL) == SCENA_OK);
      CHECK(scena_session_events(session, NULL, &events, NULL) == SCENA_OK);
      CHECK(scena_session_send(session, NULL, "Hello", 5, &turn, NULL) == SCENA_OK);
      for (i = 0; i < 4; ++i) {
        if (steps[i] == 0) scena_engine_destroy(engine);
        if (steps[i] == 1) scena_session_destroy(session);
        if (steps[i] == 2) scena_events_destroy(events);
        if (steps[i] == 3) scena_turn_destroy(turn);
      }
    }
  }
}

/* --- hooks of the host ------------------------------------------------------------------------ */

typedef struct hooks {
  pthread_mutex_t lock;
  int judged, logged, refused, destroyed;
  scena_engine* engine;
} hooks;

static void count(hooks* of, int* what) {
  CHECK(pthread_mutex_lock(&of->lock) == 0);
  ++*what;
  CHECK(pthread_mutex_unlock(&of->lock) == 0);
}

static void judge(void* user_data, const char* session, const char* speaker, uint32_t is_final,
                  const char* text, size_t text_len, scena_filter_answer* answer) {
  hooks* self = user_data;
  CHECK(session != NULL && speaker != NULL && is_final <= 1 && strlen(text) == text_len);
  if (scena_engine_poll(self->engine, 0, NULL) == SCENA_WRONG_STATE) count(self, &self->refused);
  count(self, &self->judged);
  scena_filter_answer_pass(answer);
}

static void write_line(void* user_data, int32_t level, const char* json, size_t json_len) {
  CHECK(level >= SCENA_LOG_TRACE && json[json_len] == '\0');
  count(user_data, &((hooks*)user_data)->logged);
}

static void gone(void* user_data) {
  count(user_data, &((hooks*)user_data)->destroyed);
}

static void hooks_with_any_number_of_threads(void) {
  size_t i;
  for (i = 0; i < COUNTS; ++i) {
    hooks self;
    scena_filter filter;
    scena_log_sink sink;
    scena_extensions* with = NULL;
    memset(&self, 0, sizeof self);
    memset(&filter, 0, sizeof filter);
    memset(&sink, 0, sizeof sink);
    CHECK(pthread_mutex_init(&self.lock, NULL) == 0);
    filter.struct_size = (uint32_t)sizeof filter;
    filter.user_data = sink.user_data = &self;
    filter.check_input = filter.check_output = judge;
    sink.struct_size = (uint32_t)sizeof sink;
    sink.write = write_line;
    filter.destroy = sink.destroy = gone;
    CHECK(scena_extensions_create(&with, NULL) == SCENA_OK);
    CHECK(scena_extensions_set_filter(with, &filter, NULL) == SCENA_OK);
    CHECK(scena_extensions_set_log_sink(with, &sink, NULL) == SCENA_OK);
    self.engine = open_engine(thread_counts[i], with);
    scena_extensions_destroy(with);
    reply_with(self.engine);
    scena_engine_destroy(self.engine);
    CHECK(self.judged >= 5 && self.refused == self.judged);
    CHECK(self.logged > 0 && self.destroyed == 2);
    CHECK(pthread_mutex_destroy(&self.lock) == 0);
  }
}

/* --- several threads of the host -------------------------------------------------------------- */

#define HOST_THREADS 3

typedef struct worker {
  scena_engine* engine;
  pthread_barrier_t* start;
} worker;

static void* work(void* given) {
  const worker* self = given;
  int i;
  (void)pthread_barrier_wait(self->start);
  for (i = 0; i < 10; ++i) reply_with(self->engine);
  return NULL;
}

/* One engine, several threads that send and wait: with "threads": 0 they run its loop in turns. */
static void several_threads_wait_at_once(void) {
  size_t count;
  for (count = 0; count < COUNTS; ++count) {
    pthread_t threads[HOST_THREADS];
    pthread_barrier_t start;
    worker each;
    int i;
    each.engine = open_engine(thread_counts[count], NULL);
    each.start = &start;
    CHECK(pthread_barrier_init(&start, NULL, HOST_THREADS) == 0);
    for (i = 0; i < HOST_THREADS; ++i) CHECK(pthread_create(&threads[i], NULL, work, &each) == 0);
    for (i = 0; i < HOST_THREADS; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(pthread_barrier_destroy(&start) == 0);
    scena_engine_destroy(each.engine);
  }
}

/* The filter stops the thread that runs the loop, and another one tries meanwhile. */
typedef struct stopped {
  pthread_barrier_t inside, go;
  scena_session* session;
  int stops;
} stopped;

static void stop_once(void* user_data, const char* session, const char* speaker, uint32_t is_final,
                      const char* text, size_t text_len, scena_filter_answer* answer) {
  stopped* self = user_data;
  CHECK(session != NULL && speaker != NULL && is_final <= 1 && strlen(text) == text_len);
  if (self->stops++ == 0) {
    (void)pthread_barrier_wait(&self->inside);
    (void)pthread_barrier_wait(&self->go);
  }
  scena_filter_answer_pass(answer);
}

static void* send_and_wait(void* given) {
  const stopped* self = given;
  scena_turn* turn = NULL;
  CHECK(scena_session_send(self->session, NULL, "Hello", 5, &turn, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(turn, 20000, NULL) == SCENA_OK);
  scena_turn_destroy(turn);
  return NULL;
}

static void poll_is_refused_to_a_second_thread(void) {
  stopped self;
  scena_filter filter;
  scena_extensions* with = NULL;
  scena_engine* engine;
  scena_turn* turn = NULL;
  scena_error* error = NULL;
  pthread_t runner;
  memset(&self, 0, sizeof self);
  memset(&filter, 0, sizeof filter);
  CHECK(pthread_barrier_init(&self.inside, NULL, 2) == 0);
  CHECK(pthread_barrier_init(&self.go, NULL, 2) == 0);
  filter.struct_size = (uint32_t)sizeof filter;
  filter.user_data = &self;
  filter.check_input = stop_once;
  CHECK(scena_extensions_create(&with, NULL) == SCENA_OK);
  CHECK(scena_extensions_set_filter(with, &filter, NULL) == SCENA_OK);
  engine = open_engine(0, with);
  scena_extensions_destroy(with);
  CHECK(scena_session_create(engine, PRESET, NULL, &self.session, NULL) == SCENA_OK);
  CHECK(pthread_create(&runner, NULL, send_and_wait, &self) == 0);
  (void)pthread_barrier_wait(&self.inside);

  CHECK(scena_engine_poll(engine, 0, &error) == SCENA_WRONG_STATE);
  CHECK(strstr(scena_error_message(error), "another thread") != NULL);
  scena_error_destroy(error);
  CHECK(scena_engine_next_deadline(engine) == -1);
  CHECK(scena_session_send(self.session, NULL, "Me too", 6, &turn, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(turn, 1, NULL) == SCENA_TIMEOUT);
  (void)pthread_barrier_wait(&self.go);
  CHECK(scena_turn_wait(turn, 20000, NULL) == SCENA_OK);
  CHECK(pthread_join(runner, NULL) == 0);
  CHECK(scena_engine_poll(engine, 0, NULL) == SCENA_OK);
  scena_turn_destroy(turn);
  scena_session_destroy(self.session);
  scena_engine_destroy(engine);
  CHECK(pthread_barrier_destroy(&self.inside) == 0 && pthread_barrier_destroy(&self.go) == 0);
}

/* A reply that one thread cancels and another one ends. */
typedef struct held_reply {
  pthread_mutex_t lock;
  pthread_barrier_t told, ended;
  scena_reply* reply;
  int destroyed;
} held_reply;

static void hold(void* user_data, const char* request_json, scena_reply* reply) {
  held_reply* self = user_data;
  CHECK(request_json != NULL);
  CHECK(pthread_mutex_lock(&self->lock) == 0);
  self->reply = reply;
  CHECK(pthread_mutex_unlock(&self->lock) == 0);
}

static int is_held(held_reply* self) {
  int held;
  CHECK(pthread_mutex_lock(&self->lock) == 0);
  held = self->reply != NULL;
  CHECK(pthread_mutex_unlock(&self->lock) == 0);
  return held;
}

static void wait_for_the_end(void* user_data, scena_reply* reply) {
  held_reply* self = user_data;
  (void)pthread_barrier_wait(&self->told);
  (void)pthread_barrier_wait(&self->ended);
  CHECK(scena_reply_text(reply, "late", 4) == SCENA_CANCELLED); /* valid until this returns */
}

static void let_go(void* user_data) {
  ((held_reply*)user_data)->destroyed = 1;
}

static void* end_meanwhile(void* given) {
  held_reply* self = given;
  (void)pthread_barrier_wait(&self->told);
  scena_reply_finish(self->reply, NULL);
  (void)pthread_barrier_wait(&self->ended);
  return NULL;
}

static void ending_does_not_wait_for_cancel(void) {
  size_t i;
  for (i = 0; i < COUNTS; ++i) {
    char config[100];
    held_reply self;
    scena_provider table;
    scena_extensions* with = NULL;
    scena_engine* engine = NULL;
    scena_session* session = NULL;
    scena_turn* turn = NULL;
    pthread_t other;
    memset(&self, 0, sizeof self);
    memset(&table, 0, sizeof table);
    CHECK(pthread_mutex_init(&self.lock, NULL) == 0);
    CHECK(pthread_barrier_init(&self.told, NULL, 2) == 0);
    CHECK(pthread_barrier_init(&self.ended, NULL, 2) == 0);
    table.struct_size = (uint32_t)sizeof table;
    table.user_data = &self;
    table.start = hold;
    table.cancel = wait_for_the_end;
    table.destroy = let_go;
    (void)snprintf(config, sizeof config, "{\"threads\": %d, \"provider\": \"mine\"}",
                   thread_counts[i]);
    CHECK(scena_extensions_create(&with, NULL) == SCENA_OK);
    CHECK(scena_extensions_add_provider(with, "mine", &table, NULL) == SCENA_OK);
    CHECK(scena_engine_create_extended(config, with, &engine, NULL) == SCENA_OK);
    scena_extensions_destroy(with);
    CHECK(scena_session_create(engine, PRESET, NULL, &session, NULL) == SCENA_OK);
    CHECK(scena_session_send(session, NULL, "Hello", 5, &turn, NULL) == SCENA_OK);
    while (!is_held(&self)) {
      if (thread_counts[i] == 0) CHECK(scena_engine_poll(engine, 0, NULL) == SCENA_OK);
    }
    CHECK(pthread_create(&other, NULL, end_meanwhile, &self) == 0);
    scena_turn_cancel(turn);
    CHECK(scena_turn_wait(turn, 20000, NULL) == SCENA_OK);
    CHECK(pthread_join(other, NULL) == 0);
    scena_turn_destroy(turn);
    scena_session_destroy(session);
    scena_engine_destroy(engine);
    CHECK(self.destroyed == 1);
    CHECK(pthread_barrier_destroy(&self.told) == 0 && pthread_barrier_destroy(&self.ended) == 0);
    CHECK(pthread_mutex_destroy(&self.lock) == 0);
  }
}

/* --- fork() ----------------------------------------------------------------------------------- */

/* A child that destroys what its parent made, and ends as programs do. */
/* LeakSanitizer asks at the end of a process. In the child it cannot see what the parent's other
 * threads hold. */
static int in_forked_child = 0;
#if SANITIZED
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) {
  return in_forked_child;
}
#endif

static void a_forked_child_ends_normally(void) {
  size_t count;
  for (count = 0; count < COUNTS; ++count) {
    scena_engine* engine = open_engine(thread_counts[count], NULL);
    scena_session* session = NULL;
    scena_events* events = NULL;
    pid_t child;
    int status = 0;
    CHECK(scena_session_create(engine, PRESET, NULL, &session, NULL) == SCENA_OK);
    CHECK(scena_session_events(session, NULL, &events, NULL) == SCENA_OK);
    reply_with(engine);
    child = fork();
    if (child == 0) {
      in_forked_child = 1;
      (void)alarm(30); /* one that hangs ends by its signal */
      CHECK(scena_session_send(session, NULL, "Hello", 5, NULL, NULL) == SCENA_WRONG_STATE);
      scena_events_destroy(events);
      scena_engine_destroy(engine);
      scena_session_destroy(session);
      exit(check_failures == 0 ? 7 : 1);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    reply_with(engine);
    scena_events_destroy(events);
    scena_session_destroy(session);
    scena_engine_destroy(engine);
  }
}

static const struct promise promises[] = {
    PROMISE(replies_with_any_number_of_threads), PROMISE(destroyed_in_any_order),
    PROMISE(hooks_with_any_number_of_threads),   PROMISE(several_threads_wait_at_once),
    PROMISE(poll_is_refused_to_a_second_thread), PROMISE(ending_does_not_wait_for_cancel),
    PROMISE(a_forked_child_ends_normally),
};

int main(int argc, char** argv) {
  return run_promises(promises, sizeof promises / sizeof promises[0], argc, argv);
}

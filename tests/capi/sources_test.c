/* Embedders, secrets, token counters and event sinks of a host in C: sources_test NAME runs one
   promise. */
#define SCENA_ENABLE_UNSTABLE
#include <math.h>
#include <scena/scena.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

int check_failures = 0;

#define PRICED(input)                                                                              \
  "{\"clock\": \"virtual\", \"seed\": 7, \"provider\": \"s\", \"metrics\": [\"sentiment\"], "      \
  "\"providers\": {\"s\": {\"url\": \"script:\", \"options\": {\"replies\": [\"Good morning.\"], " \
  "\"instant\": true}}}, \"session_budget\": \"1\", \"prices\": {\"*\": {\"input\": \"" input      \
  "\"}}"
#define CONFIG PRICED("1")
#define PLAIN CONFIG "}"
#define HOOKED                                                                             \
  CONFIG                                                                                   \
  ", \"webhooks\": {\"audit\": {\"url\": \"http://127.0.0.1:9/\", \"secret\": \"AUDIT\", " \
  "\"events\": [\"session.deleted\"]}}}"

typedef struct host {
  int asked, cancelled, destroyed;
  bool wait;
  scena_status answer; /* of a secret */
  const char* secret;
  int64_t tokens;
  size_t counted;
  scena_engine* engine;
  scena_embedding* embedding;
  scena_job_run* run;
  char seen[4096];
} host;

static void destroy(void* user_data) {
  ++((host*)user_data)->destroyed;
}

#define TABLE(type, name, self)             \
  type name;                                \
  memset(&name, 0, sizeof name);            \
  name.struct_size = (uint32_t)sizeof name; \
  name.user_data = self;                    \
  name.destroy = destroy

static scena_extensions* extensions_of(host* self) {
  scena_extensions* made = NULL;
  memset(self, 0, sizeof *self);
  CHECK(scena_extensions_create(&made, NULL) == SCENA_OK);
  return made;
}

static scena_engine* open_with(scena_extensions* extensions, const char* config) {
  scena_engine* engine = NULL;
  CHECK(scena_engine_create_extended(with_threads(config), extensions, &engine, NULL) == SCENA_OK);
  scena_extensions_destroy(extensions);
  return engine;
}

static void talk(scena_engine* engine) {
  scena_session* session = NULL;
  scena_turn* turn = NULL;
  CHECK(scena_session_create(engine, "job-interview", NULL, &session, NULL) == SCENA_OK);
  CHECK(scena_session_send(session, NULL, "hello", 5, &turn, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(turn, SCENA_NO_TIMEOUT, NULL) == SCENA_OK);
  scena_turn_destroy(turn);
  scena_session_destroy(session);
}

static const float two[] = {1, 2, 0.5F, -1};

static void embed(void* user_data, const char* request_json, scena_embedding* embedding) {
  host* self = user_data;
  ++self->asked;
  (void)snprintf(self->seen, sizeof self->seen, "%s", request_json);
  if (self->wait) {
    self->embedding = embedding;
  } else if (strstr(request_json, "\"fail\"") != NULL) {
    scena_embedding_fail(embedding, SCENA_OVERLOADED, "too busy");
  } else if (strstr(request_json, "\"odd\"") != NULL) {
    const float odd[] = {NAN};
    scena_embedding_succeed(embedding, odd, 1, 1, 1);
  } else if (strstr(request_json, "\"none\"") != NULL) {
    scena_embedding_succeed(embedding, NULL, 1, 1, 1);
  } else if (strstr(request_json, "\"flat\"") != NULL) {
    scena_embedding_succeed(embedding, two, 1, 0, 1);
  } else if (strstr(request_json, "\"vast\"") != NULL) {
    scena_embedding_succeed(embedding, two, 2, SIZE_MAX / 2 + 1, 1);
  } else {
    scena_embedding_succeed(embedding, two, 2, 2, 9);
  }
}

static void no_vectors(void* user_data, scena_embedding* embedding) {
  host* self = user_data;
  CHECK(embedding == self->embedding);
  ++self->cancelled;
}

static void embeds(scena_engine* engine, const char* request, scena_status status,
                   const char* part) {
  scena_pending* pending = NULL;
  scena_text* text = NULL;
  scena_error* error = NULL;
  CHECK(scena_engine_embed(engine, "mine", request, &pending, NULL) == SCENA_OK);
  CHECK(scena_pending_wait(pending, SCENA_NO_TIMEOUT, &text, &error) == status);
  CHECK(strstr(status == SCENA_OK ? scena_text_data(text) : scena_error_message(error), part) !=
        NULL);
  scena_text_destroy(text);
  scena_error_destroy(error);
  scena_pending_destroy(pending);
}

static void texts_become_vectors(void) {
  host self;
  scena_extensions* extensions = extensions_of(&self);
  scena_pending* pending = NULL;
  scena_text* text = NULL;
  scena_engine* engine;
  TABLE(scena_embedder, embedder, &self);
  CHECK(scena_extensions_add_embedder(extensions, "mine", &embedder, NULL) ==
        SCENA_INVALID_ARGUMENT);
  embedder.start = embed;
  embedder.cancel = no_vectors;
  CHECK(scena_extensions_add_embedder(extensions, "", &embedder, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_extensions_add_embedder(extensions, "mine", &embedder, NULL) == SCENA_OK);
  engine = open_with(extensions, PLAIN);
  embeds(engine, "{\"texts\": [\"a\", \"b\"], \"dimensions\": 2, \"purpose\": \"query\"}", SCENA_OK,
         "\"dimensions\":2,\"vectors\":[[1,2],[0.5,-1]],\"usage\":{\"input_tokens\":9");
  CHECK(strstr(self.seen, "{\"texts\":[\"a\",\"b\"],\"dimensions\":2,\"purpose\":\"query\"") !=
        NULL);
  embeds(engine, "{\"texts\": [\"a\"]}", SCENA_PROTOCOL, "2 vectors for 1 texts");
  embeds(engine, "{\"texts\": [\"odd\"]}", SCENA_PROTOCOL, "not finite");
  embeds(engine, "{\"texts\": [\"none\"]}", SCENA_PROTOCOL, "without numbers");
  embeds(engine, "{\"texts\": [\"flat\"]}", SCENA_PROTOCOL, "without numbers");
  embeds(engine, "{\"texts\": [\"vast\", \"b\"]}", SCENA_PROTOCOL, "without numbers");
  embeds(engine, "{\"texts\": [\"fail\"]}", SCENA_OVERLOADED, "too busy");
  self.wait = true;
  CHECK(scena_engine_embed(engine, "mine", "{\"texts\": [\"a\", \"b\"]}", &pending, NULL) ==
        SCENA_OK);
  CHECK(scena_engine_poll(engine, 0, NULL) == SCENA_OK);
  CHECK(scena_pending_wait(pending, 0, &text, NULL) == SCENA_TIMEOUT);
  scena_embedding_succeed(self.embedding, two, 2, 2, -1);
  CHECK(scena_pending_wait(pending, SCENA_NO_TIMEOUT, &text, NULL) == SCENA_OK);
  CHECK(strstr(scena_text_data(text), "\"estimated\":true") != NULL);
  scena_text_destroy(text);
  scena_pending_destroy(pending);
  /* The engine closes while the host works: it hears so, and ends the handle when it likes. */
  CHECK(scena_engine_embed(engine, "mine", "{\"texts\": [\"a\"]}", &pending, NULL) == SCENA_OK);
  CHECK(scena_engine_poll(engine, 0, NULL) == SCENA_OK);
  scena_engine_destroy(engine);
  CHECK(self.cancelled == 1 && self.destroyed == 0);
  scena_embedding_fail(self.embedding, SCENA_OK, NULL);
  scena_pending_destroy(pending);
  CHECK(self.destroyed == 1);
  scena_embedding_fail(NULL, SCENA_OK, NULL);
  scena_embedding_succeed(NULL, NULL, 0, 0, 0);
}

static scena_status find(void* user_data, const char* name, scena_secret* secret) {
  host* self = user_data;
  ++self->asked;
  CHECK(strcmp(name, "AUDIT") == 0);
  if (self->secret != NULL) {
    CHECK(scena_secret_set(secret, self->secret, SCENA_NUL_TERMINATED) == SCENA_OK);
    CHECK(scena_secret_set(secret, NULL, 0) == SCENA_INVALID_ARGUMENT);
  }
  return self->answer;
}

static void secrets_are_asked_for(void) {
  host self;
  scena_extensions* extensions = extensions_of(&self);
  scena_engine* engine = NULL;
  scena_error* error = NULL;
  TABLE(scena_secret_source, source, &self);
  CHECK(scena_extensions_set_secret_source(extensions, &source, NULL) == SCENA_INVALID_ARGUMENT);
  source.get = find;
  CHECK(scena_extensions_set_secret_source(extensions, &source, NULL) == SCENA_OK);
  self.answer = SCENA_NOT_FOUND;
  CHECK(scena_engine_create_extended(with_threads(HOOKED), extensions, &engine, NULL) ==
        SCENA_UNAUTHENTICATED);
  self.answer = SCENA_STORAGE_FAILED;
  CHECK(scena_engine_create_extended(with_threads(HOOKED), extensions, &engine, &error) ==
        SCENA_STORAGE_FAILED);
  CHECK(strstr(scena_error_message(error), "\"AUDIT\"") != NULL);
  scena_error_destroy(error);
  self.answer = SCENA_OK; /* without a secret */
  CHECK(scena_engine_create_extended(with_threads(HOOKED), extensions, &engine, NULL) ==
        SCENA_UNAVAILABLE);
  self.secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  CHECK(scena_engine_create_extended(with_threads(HOOKED), extensions, &engine, NULL) == SCENA_OK);
  CHECK(self.asked == 4);
  scena_extensions_destroy(extensions);
  scena_engine_destroy(engine);
  CHECK(self.destroyed == 1);
}

static int64_t count_tokens(void* user_data, const char* text, size_t text_len) {
  host* self = user_data;
  CHECK(strlen(text) == text_len);
  self->counted += text_len;
  return self->tokens;
}

static void tokens_are_counted(void) {
  host self;
  scena_extensions* extensions = extensions_of(&self);
  scena_session* session = NULL;
  scena_turn* turn = NULL;
  scena_engine* engine;
  TABLE(scena_token_counter, counter, &self);
  CHECK(scena_extensions_add_token_counter(extensions, "*", &counter, NULL) ==
        SCENA_INVALID_ARGUMENT);
  counter.count = count_tokens;
  CHECK(scena_extensions_add_token_counter(extensions, NULL, &counter, NULL) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(scena_extensions_add_token_counter(extensions, "*", &counter, NULL) == SCENA_OK);
  engine = open_with(extensions, PRICED("20000") "}");
  talk(engine); /* none: what stands around messages is within the budget */
  CHECK(self.counted > 0);
  self.tokens = -1; /* cannot say: a token for each four bytes, which a dollar does not pay */
  CHECK(scena_session_create(engine, "job-interview", NULL, &session, NULL) == SCENA_OK);
  CHECK(scena_session_send(session, NULL, "hello", 5, &turn, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(turn, SCENA_NO_TIMEOUT, NULL) == SCENA_BUDGET_EXHAUSTED);
  scena_turn_destroy(turn);
  scena_session_destroy(session);
  scena_engine_destroy(engine);
  CHECK(self.destroyed == 1);
}

/* A file of byte pairs whose tokens are the single bytes. */
static void write_bytes(const char* path) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  FILE* file = fopen(path, "wb");
  CHECK(file != NULL);
  for (int byte = 0; file != NULL && byte < 256; ++byte)
    (void)fprintf(file, "%c%c== %d\n", letters[byte >> 2], letters[(byte & 3) << 4], byte);
  CHECK(file != NULL && fclose(file) == 0);
}

static void a_file_counts_tokens(void) {
#define FILED(price) \
  PRICED(price)      \
  ", \"token_counters\": {\"*\": {\"file\": \"%s\", \"cut\": \"cl100k\"}}}"
  char path[64], config[4096]; /* of this process: the program runs beside itself */
  scena_session* session = NULL;
  scena_turn* turn = NULL;
  scena_engine* engine = NULL;
  scena_error* error = NULL;
  (void)snprintf(path, sizeof path, "sources_test.%ld.ranks", (long)getpid());
  write_bytes(path);
  /* As estimated the prompt is within the budget, byte for byte it is not. */
  CHECK(scena_engine_create(PRICED("700") "}", &engine, NULL) == SCENA_OK);
  talk(engine);
  scena_engine_destroy(engine);
  (void)snprintf(config, sizeof config, FILED("700"), path);
  CHECK(scena_engine_create(config, &engine, NULL) == SCENA_OK);
  CHECK(scena_session_create(engine, "job-interview", NULL, &session, NULL) == SCENA_OK);
  CHECK(scena_session_send(session, NULL, "hello", 5, &turn, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(turn, SCENA_NO_TIMEOUT, NULL) == SCENA_BUDGET_EXHAUSTED);
  scena_turn_destroy(turn);
  scena_session_destroy(session);
  scena_engine_destroy(engine);
  CHECK(remove(path) == 0);
  engine = NULL;
  (void)snprintf(config, sizeof config, FILED("1"), path);
  CHECK(scena_engine_create(config, &engine, &error) == SCENA_NOT_FOUND);
  CHECK(engine == NULL && strstr(scena_error_message(error), "/token_counters/*/file") != NULL);
  CHECK(strcmp(scena_error_pointer(error), "/token_counters/*/file") == 0);
  scena_error_destroy(error);
}

static void take_event(void* user_data, const char* event_json, const char* job_json,
                       scena_job_run* run) {
  host* self = user_data;
  ++self->asked;
  CHECK(strstr(job_json, "\"attempts\":") != NULL);
  (void)snprintf(self->seen + strlen(self->seen), sizeof self->seen - strlen(self->seen), "%.30s\n",
                 strstr(event_json, "\"type\":"));
  if (self->wait) {
    self->run = run;
  } else if (self->asked == 1) {
    scena_job_run_fail(run, "not yet");
  } else {
    scena_job_run_succeed(run, NULL, 0);
  }
}

static void no_event(void* user_data, scena_job_run* run) {
  host* self = user_data;
  CHECK(run == self->run);
  ++self->cancelled;
}

static void events_are_delivered(void) {
  static const char* const types[] = {"message.*", "turn.finished", NULL};
  host self;
  scena_extensions* extensions = extensions_of(&self);
  scena_engine* engine;
  const char* first;
  TABLE(scena_event_sink, sink, &self);
  CHECK(scena_extensions_add_event_sink(extensions, "audit", &sink, NULL) ==
        SCENA_INVALID_ARGUMENT);
  sink.deliver = take_event;
  sink.cancel = no_event;
  sink.events = types;
  sink.time_limit_ms = -1;
  CHECK(scena_extensions_add_event_sink(extensions, "audit", &sink, NULL) ==
        SCENA_INVALID_ARGUMENT);
  sink.time_limit_ms = 5000;
  CHECK(scena_extensions_add_event_sink(extensions, "audit", &sink, NULL) == SCENA_OK);
  engine = open_with(extensions, PLAIN);
  talk(engine);
  CHECK(scena_engine_advance(engine, 3600000000, NULL) == SCENA_OK);
  /* The first came again, and none of another type. */
  first = strstr(self.seen, "\"type\":\"message.stored\"");
  CHECK(first == self.seen && strstr(first + 1, "\"type\":\"message.stored\"") == first + 31);
  CHECK(strstr(self.seen, "\"turn.started\"") == NULL);
  CHECK(strstr(self.seen, "\"type\":\"turn.finished\"") != NULL);
  self.wait = true;
  talk(engine);
  CHECK(scena_engine_advance(engine, 1000000, NULL) == SCENA_OK);
  CHECK(self.run != NULL);
  scena_engine_destroy(engine);
  CHECK(self.cancelled == 1 && self.destroyed == 0);
  scena_job_run_succeed(self.run, NULL, 0);
  CHECK(self.destroyed == 1);
}

static int64_t close_and_count(void* user_data, const char* text, size_t text_len) {
  host* self = user_data;
  (void)text;
  self->counted += text_len;
  CHECK(scena_engine_begin_close(self->engine) == SCENA_WRONG_STATE);
  self->tokens = scena_engine_close(self->engine);
  return 0;
}

/* It goes on as if nobody had asked. */
static void closing_inside_a_callback_is_refused(void) {
  host self;
  scena_extensions* extensions = extensions_of(&self);
  TABLE(scena_token_counter, counter, &self);
  counter.count = close_and_count;
  CHECK(scena_extensions_add_token_counter(extensions, "*", &counter, NULL) == SCENA_OK);
  self.engine = open_with(extensions, PRICED("20000") "}");
  talk(self.engine);
  CHECK(self.tokens == SCENA_WRONG_STATE);
  CHECK(scena_engine_wait_fd(self.engine) >= 0);
  talk(self.engine);
  CHECK(scena_engine_close(self.engine) == SCENA_OK);
  CHECK(scena_engine_wait_fd(self.engine) == -1);
  scena_engine_destroy(self.engine);
  CHECK(self.destroyed == 1);
}

static const struct promise promises[] = {
    ON_HOST_LOOP(texts_become_vectors), PROMISE(secrets_are_asked_for),
    PROMISE(tokens_are_counted),        PROMISE(a_file_counts_tokens),
    ON_HOST_LOOP(events_are_delivered), PROMISE(closing_inside_a_callback_is_refused)};

int main(int argc, char** argv) {
  return run_promises(promises, sizeof promises / sizeof *promises, argc, argv);
}

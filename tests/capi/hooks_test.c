/* Filters, metrics, log lines and approvals of a host in C: hooks_test NAME runs one promise. */
#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>
#include <string.h>

#include "check.h"

int check_failures = 0;

#define CONFIG                                                                                   \
  "{\"clock\": \"virtual\", \"seed\": 7, \"log_level\": \"trace\", \"provider\": \"s\", "        \
  "\"metrics\": [\"sentiment\"], \"providers\": {\"s\": {\"url\": \"script:\", \"options\": "    \
  "{\"replies\": [{\"match\": \"pay\", \"tools\": [{\"name\": \"pay\"}]}, {\"after\": \"pay\", " \
  "\"text\": \"It said: %result%\"}, \"A secret word.\"], \"instant\": true}}}}"

typedef struct host {
  int begun, kept, discarded, sessions, closed, forgotten, destroyed, lines, asked;
  size_t said;                 /* bytes that the analyzer was given */
  scena_filter_answer* answer; /* of the text that waits */
  bool wait, is_final;
  char text[256];
  char line[1024];
  scena_approval* approval;
} host;

static void destroy(void* user_data) {
  ++((host*)user_data)->destroyed;
}

static void check(void* user_data, const char* session, const char* speaker, uint32_t is_final,
                  const char* text, size_t text_len, scena_filter_answer* answer) {
  host* self = user_data;
  CHECK(*session != '\0' && *speaker != '\0' && strlen(text) == text_len);
  self->is_final = is_final == 1;
  (void)snprintf(self->text, sizeof self->text, "%s", text);
  if (self->wait) {
    self->answer = answer;
  } else if (strstr(text, "secret") != NULL) {
    scena_filter_answer_rewrite(answer, "An open word.", SCENA_NUL_TERMINATED);
  } else if (strstr(text, "forbidden") != NULL) {
    scena_filter_answer_block(answer, "house rules");
  } else {
    scena_filter_answer_pass(answer);
  }
}

static void* open_session(void* user_data) {
  ++((host*)user_data)->sessions;
  return user_data;
}

static void* begin(void* user_data, void* session, const char* message_json) {
  host* self = user_data;
  CHECK(session == user_data && strstr(message_json, "\"speaker\":") != NULL);
  ++self->begun;
  return &self->said;
}

static void add(void* user_data, void* measurement, const char* text, size_t text_len) {
  (void)user_data;
  CHECK(strlen(text) == text_len);
  *(size_t*)measurement += text_len;
}

static void scores(void* user_data, void* measurement, scena_scores* out) {
  (void)user_data;
  (void)measurement;
  CHECK(scena_scores_evidence(out, "m1", 0, 1, "early") == SCENA_WRONG_STATE);
  CHECK(scena_scores_add(out, NULL, 0.123456, 1, "some") == SCENA_OK);
  CHECK(scena_scores_evidence(out, "m1", 0, 2, "here") == SCENA_OK);
  CHECK(scena_scores_evidence(out, "m1", 2, 1, "here") == SCENA_INVALID_ARGUMENT);
  CHECK(scena_scores_add(NULL, NULL, 0, 0, NULL) == SCENA_INVALID_ARGUMENT);
}

static void keep(void* user_data, void* session, void* measurement) {
  CHECK(session == user_data && measurement == &((host*)user_data)->said);
  ++((host*)user_data)->kept;
}

static void forget_from(void* user_data, void* session, const char* message) {
  (void)session;
  CHECK(*message == 'm');
  ++((host*)user_data)->forgotten;
}

static void discard(void* user_data, void* session, void* measurement) {
  CHECK(session == user_data && measurement == &((host*)user_data)->said);
  ++((host*)user_data)->discarded;
}

static void close_session(void* user_data, void* session) {
  (void)session;
  ++((host*)user_data)->closed;
}

static void write_line(void* user_data, int32_t level, const char* line_json, size_t line_len) {
  host* self = user_data;
  CHECK(level >= SCENA_LOG_TRACE && level <= SCENA_LOG_ERROR);
  CHECK(strlen(line_json) == line_len && line_json[line_len - 1] == '}');
  (void)snprintf(self->line, sizeof self->line, "%s", line_json);
  ++self->lines;
}

static void ask(void* user_data, const char* request_json, scena_approval* approval) {
  host* self = user_data;
  CHECK(strstr(request_json, "\"tool\":\"pay\"") != NULL);
  ++self->asked;
  if (self->wait) {
    self->approval = approval;
  } else {
    scena_approval_refuse(approval, "not today");
  }
}

static void pay(void* user_data, const char* request_json, scena_tool_call* call) {
  (void)user_data;
  (void)request_json;
  scena_tool_call_succeed(call, "paid", SCENA_NUL_TERMINATED);
}

typedef struct scene {
  scena_engine* engine;
  scena_session* session;
} scene;

#define TABLE(type, name, self)             \
  type name;                                \
  memset(&name, 0, sizeof name);            \
  name.struct_size = (uint32_t)sizeof name; \
  name.user_data = self;                    \
  name.destroy = destroy

static void use_filter(scena_extensions* to, host* self) {
  TABLE(scena_filter, filter, self);
  filter.hold_back = 8;
  CHECK(scena_extensions_set_filter(to, &filter, NULL) == SCENA_INVALID_ARGUMENT);
  filter.check_input = check;
  filter.check_output = check;
  CHECK(scena_extensions_set_filter(to, &filter, NULL) == SCENA_OK);
}

static void use_analyzer(scena_extensions* to, host* self) {
  TABLE(scena_analyzer, analyzer, self);
  analyzer.name = "mine";
  CHECK(scena_extensions_add_analyzer(to, &analyzer, NULL) == SCENA_INVALID_ARGUMENT);
  analyzer.open_session = open_session;
  analyzer.begin = begin;
  analyzer.add = add;
  analyzer.scores = scores;
  analyzer.keep = keep;
  analyzer.forget_from = forget_from;
  analyzer.discard = discard;
  analyzer.close_session = close_session;
  CHECK(scena_extensions_add_analyzer(to, &analyzer, NULL) == SCENA_OK);
}

static void use_log(scena_extensions* to, host* self) {
  TABLE(scena_log_sink, sink, self);
  CHECK(scena_extensions_set_log_sink(to, &sink, NULL) == SCENA_INVALID_ARGUMENT);
  sink.write = write_line;
  CHECK(scena_extensions_set_log_sink(to, &sink, NULL) == SCENA_OK);
}

static void use_approval(scena_extensions* to, host* self) {
  scena_tool tool;
  TABLE(scena_tool_approval, approval, self);
  CHECK(scena_extensions_set_tool_approval(to, &approval, NULL) == SCENA_INVALID_ARGUMENT);
  approval.ask = ask;
  CHECK(scena_extensions_set_tool_approval(to, &approval, NULL) == SCENA_OK);
  memset(&tool, 0, sizeof tool);
  tool.struct_size = (uint32_t)sizeof tool;
  tool.flags = SCENA_TOOL_EVERYWHERE | SCENA_TOOL_NEEDS_APPROVAL;
  tool.name = "pay";
  tool.call = pay;
  CHECK(scena_extensions_add_tool(to, &tool, NULL) == SCENA_OK);
}

static scene open_scene(host* self, void (*use)(scena_extensions*, host*)) {
  scene made = {NULL, NULL};
  scena_extensions* extensions = NULL;
  memset(self, 0, sizeof *self);
  CHECK(scena_extensions_create(&extensions, NULL) == SCENA_OK);
  use(extensions, self);
  CHECK(scena_engine_create_extended(with_threads(CONFIG), extensions, &made.engine, NULL) ==
        SCENA_OK);
  scena_extensions_destroy(extensions);
  CHECK(scena_session_create(made.engine, "job-interview", NULL, &made.session, NULL) == SCENA_OK);
  return made;
}

static void close_scene(const scene* made, const host* self) {
  CHECK(self->destroyed == 0);
  scena_session_destroy(made->session);
  scena_engine_destroy(made->engine);
  CHECK(self->destroyed == 1);
}

/* What a message is answered with holds `part`; or it is refused with `status`. */
static void say(const scene* made, const char* text, scena_status status, const char* part) {
  scena_turn* turn = NULL;
  scena_text* result = NULL;
  CHECK(scena_session_send(made->session, NULL, text, SCENA_NUL_TERMINATED, &turn, NULL) ==
        SCENA_OK);
  CHECK(scena_turn_wait(turn, SCENA_NO_TIMEOUT, NULL) == status);
  if (part != NULL) {
    CHECK(scena_turn_result(turn, &result, NULL) == SCENA_OK);
    if (strstr(scena_text_data(result), part) == NULL)
      (void)fprintf(stderr, "no %s in %s\n", part, scena_text_data(result));
    CHECK(strstr(scena_text_data(result), part) != NULL);
    scena_text_destroy(result);
  }
  scena_turn_destroy(turn);
}

static void filter_judges(void) {
  host self;
  const scene made = open_scene(&self, use_filter);
  say(&made, "a forbidden thing", SCENA_CONTENT_FILTERED, NULL);
  say(&made, "hello", SCENA_OK, "\"text\":\"An open word.");
  CHECK(self.is_final);
  scena_filter_answer_pass(NULL);
  scena_filter_answer_rewrite(NULL, NULL, 0);
  scena_filter_answer_block(NULL, NULL);
  close_scene(&made, &self);
}

static void filter_answers_later(void) {
  host self;
  const scene made = open_scene(&self, use_filter);
  scena_turn* turn = NULL;
  int rounds = 0;
  self.wait = true;
  CHECK(scena_session_send(made.session, NULL, "hello", 5, &turn, NULL) == SCENA_OK);
  CHECK(scena_engine_advance(made.engine, 1000000, NULL) == SCENA_OK);
  CHECK(self.answer != NULL && strcmp(self.text, "hello") == 0);
  CHECK(scena_turn_wait_accepted(turn, 0, NULL) == SCENA_TIMEOUT);
  while (self.answer != NULL && rounds++ < 100) {
    scena_filter_answer* answer = self.answer;
    self.answer = NULL;
    scena_filter_answer_pass(answer);
    CHECK(scena_engine_advance(made.engine, 1000000, NULL) == SCENA_OK);
  }
  CHECK(scena_turn_wait(turn, 0, NULL) == SCENA_OK);
  scena_turn_destroy(turn);
  close_scene(&made, &self);
}

/* A host that keeps an answer longer than the engine lives ends it without harm. */
static void filter_outlives_engine(void) {
  host self;
  const scene made = open_scene(&self, use_filter);
  self.wait = true;
  CHECK(scena_session_send(made.session, NULL, "hello", 5, NULL, NULL) == SCENA_OK);
  CHECK(scena_engine_advance(made.engine, 1000, NULL) == SCENA_OK);
  scena_session_destroy(made.session);
  scena_engine_destroy(made.engine);
  CHECK(self.answer != NULL && self.destroyed == 0);
  scena_filter_answer_block(self.answer, "too late");
  CHECK(self.destroyed == 1);
}

static void analyzer_measures(void) {
  host self;
  const scene made = open_scene(&self, use_analyzer);
  scena_text* messages = NULL;
  scena_turn* turn = NULL;
  say(&made, "hello", SCENA_OK, "\"outcome\":\"complete\"");
  CHECK(scena_session_messages(made.session, 0, &messages, NULL) == SCENA_OK);
  CHECK(
      strstr(
          scena_text_data(messages),
          "{\"metric\":\"mine\",\"value\":0.1235,\"confidence\":1,\"label\":\"some\",\"evidence\":"
          "[{\"message\":\"m1\",\"begin\":0,\"end\":2,\"reason\":\"here\"}]}") != NULL);
  scena_text_destroy(messages);
  CHECK(self.sessions == 1 && self.begun >= 2 && self.kept >= 2 && self.said >= 5);
  CHECK(scena_session_regenerate(made.session, NULL, &turn, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(turn, SCENA_NO_TIMEOUT, NULL) == SCENA_OK);
  scena_turn_destroy(turn);
  CHECK(self.forgotten > 0);
  close_scene(&made, &self);
  CHECK(self.closed == self.sessions && self.begun == self.kept + self.discarded);
}

static void use_forgetful_analyzer(scena_extensions* to, host* self) {
  TABLE(scena_analyzer, analyzer, self);
  analyzer.name = "mine";
  analyzer.open_session = open_session;
  analyzer.begin = begin;
  analyzer.add = add;
  analyzer.scores = scores;
  analyzer.discard = discard;
  analyzer.close_session = close_session;
  CHECK(scena_extensions_add_analyzer(to, &analyzer, NULL) == SCENA_OK);
}

/* Where the memory does not keep them, each measurement of a stored message ends with `discard`. */
static void measurements_that_are_not_kept_are_discarded(void) {
  host self;
  const scene made = open_scene(&self, use_forgetful_analyzer);
  say(&made, "hello", SCENA_OK, "\"outcome\":\"complete\"");
  CHECK(self.begun >= 2 && self.kept == 0);
  CHECK(self.discarded >= 1 && self.closed == 0);
  close_scene(&made, &self);
  CHECK(self.discarded == self.begun && self.closed == self.sessions);
}

static void log_lines_arrive(void) {
  host self;
  const scene made = open_scene(&self, use_log);
  say(&made, "hello", SCENA_OK, "\"outcome\":\"complete\"");
  CHECK(self.lines > 0 && strstr(self.line, "\"level\":") != NULL);
  CHECK(strstr(self.line, "hello") == NULL);
  close_scene(&made, &self);
}

static scena_logs* opened_logs;

static void use_queue(scena_extensions* to, host* self) {
  (void)self;
  CHECK(scena_extensions_open_logs(NULL, 0, 0, &opened_logs, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_extensions_open_logs(to, 3, 0, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_extensions_open_logs(to, 3, 0, &opened_logs, NULL) == SCENA_OK);
}

static void log_lines_wait(void) {
  host self;
  scena_log_line line;
  uint64_t dropped = 0, read = 0;
  const scene made = open_scene(&self, use_queue);
  scena_logs* logs = opened_logs;
  (void)memset(&line, 0, sizeof line);
  CHECK(scena_logs_next(logs, 0, &line, NULL) == SCENA_INVALID_ARGUMENT);
  line.struct_size = (uint32_t)sizeof line;
  CHECK(scena_logs_next(logs, -2, &line, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_logs_next(NULL, 0, &line, NULL) == SCENA_INVALID_ARGUMENT);
  for (int i = 0; i < 20; ++i) say(&made, "hello", SCENA_OK, "\"outcome\":");
  while (scena_logs_next(logs, 0, &line, NULL) == SCENA_OK) {
    CHECK(strlen(line.json) == line.json_len && line.json[line.json_len - 1] == '}');
    CHECK(strstr(line.json, "\"module\":\"") != NULL && strstr(line.json, "hello") == NULL);
    CHECK(line.level >= SCENA_LOG_TRACE && line.level <= SCENA_LOG_ERROR);
    CHECK(read == 0 || line.dropped == 0); /* the oldest went: all of them in front of the first */
    dropped += line.dropped;
    ++read;
  }
  CHECK(read == 3 && dropped > 3);
  CHECK(scena_logs_next(logs, 1, &line, NULL) == SCENA_TIMEOUT);
  scena_session_destroy(made.session);
  scena_engine_destroy(made.engine);
  while (scena_logs_next(logs, SCENA_NO_TIMEOUT, &line, NULL) == SCENA_OK) ++read;
  CHECK(scena_logs_next(logs, SCENA_NO_TIMEOUT, &line, NULL) == SCENA_CLOSED);
  scena_logs_destroy(logs);
  scena_logs_destroy(NULL);
}

static void a_queue_goes_first(void) {
  host self;
  scena_extensions* unused = NULL;
  scena_logs* never = NULL;
  scena_log_line line;
  const scene made = open_scene(&self, use_queue);
  scena_logs_destroy(opened_logs);
  say(&made, "hello", SCENA_OK, "\"outcome\":\"complete\"");
  scena_session_destroy(made.session);
  scena_engine_destroy(made.engine);
  (void)memset(&line, 0, sizeof line);
  line.struct_size = (uint32_t)sizeof line;
  CHECK(scena_extensions_create(&unused, NULL) == SCENA_OK);
  CHECK(scena_extensions_open_logs(unused, 0, 0, &never, NULL) == SCENA_OK);
  CHECK(scena_logs_next(never, 0, &line, NULL) == SCENA_TIMEOUT);
  scena_extensions_destroy(unused);
  CHECK(scena_logs_next(never, SCENA_NO_TIMEOUT, &line, NULL) == SCENA_CLOSED);
  scena_logs_destroy(never);
}

static void approval_is_asked(void) {
  host self;
  const scene made = open_scene(&self, use_approval);
  scena_turn* turn = NULL;
  scena_text* result = NULL;
  say(&made, "please pay", SCENA_OK, "not today");
  CHECK(self.asked == 1);
  self.wait = true;
  CHECK(scena_session_send(made.session, NULL, "pay again", 9, &turn, NULL) == SCENA_OK);
  CHECK(scena_engine_advance(made.engine, 5000000, NULL) == SCENA_OK);
  CHECK(self.approval != NULL);
  scena_approval_allow(self.approval);
  CHECK(scena_turn_wait(turn, SCENA_NO_TIMEOUT, NULL) == SCENA_OK);
  CHECK(scena_turn_result(turn, &result, NULL) == SCENA_OK);
  CHECK(strstr(scena_text_data(result), "It said: paid") != NULL);
  scena_text_destroy(result);
  scena_turn_destroy(turn);
  scena_approval_allow(NULL);
  scena_approval_refuse(NULL, NULL);
  close_scene(&made, &self);
}

static const struct promise promises[] = {PROMISE(filter_judges),
                                          ON_HOST_LOOP(filter_answers_later),
                                          ON_HOST_LOOP(filter_outlives_engine),
                                          PROMISE(analyzer_measures),
                                          PROMISE(measurements_that_are_not_kept_are_discarded),
                                          PROMISE(log_lines_arrive),
                                          PROMISE(log_lines_wait),
                                          PROMISE(a_queue_goes_first),
                                          ON_HOST_LOOP(approval_is_asked)};

int main(int argc, char** argv) {
  return run_promises(promises, sizeof promises / sizeof *promises, argc, argv);
}

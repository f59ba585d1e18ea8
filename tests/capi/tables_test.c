/* What the members of a host's tables do, and the odd ways in which a host may end what it was
   given: tables_test NAME runs one promise. */
#define SCENA_ENABLE_UNSTABLE
#include <math.h>
#include <scena/scena.h>
#include <string.h>

#include "check.h"

int check_failures = 0;

#define PRESET                                                                                 \
  "{\"id\": \"greeting\", \"title\": \"Greeting\", \"characters\": ["                          \
  "{\"id\": \"rosa\", \"name\": \"Rosa\"}, {\"id\": \"me\", \"name\": \"Me\", \"played_by\": " \
  "\"human\"}]}"
#define SCRIPT                                                                                   \
  "{\"clock\": \"virtual\", \"seed\": 7, \"log_level\": \"trace\", \"provider\": \"s\", "        \
  "\"metrics\": [\"sentiment\"], \"providers\": {\"s\": {\"url\": \"script:\", \"options\": "    \
  "{\"replies\": [{\"match\": \"pay\", \"tools\": [{\"name\": \"pay\"}]}, {\"after\": \"pay\", " \
  "\"text\": \"It said: %result%\"}, \"Good morning.\"], \"instant\": true}}}}"
#define OWN                                                                                       \
  "{\"clock\": \"virtual\", \"provider\": \"mine\", \"max_retries\": 0, \"metrics\": "            \
  "[\"sentiment\"], \"policy\": {\"services\": [{\"service\": \"mine\", \"failures_to_open\": 0}" \
  "]}}"

typedef struct host {
  const char* way; /* how a reply ends */
  bool keeps;      /* what it is given, until it is cancelled */
  int begun, cancelled, scored;
  scena_job_run* run;
  char request[8192];
} host;

#define TABLE(type, name, self)             \
  type name;                                \
  memset(&name, 0, sizeof name);            \
  name.struct_size = (uint32_t)sizeof name; \
  name.user_data = self

static scena_extensions* extensions_of(host* self) {
  scena_extensions* made = NULL;
  memset(self, 0, sizeof *self);
  CHECK(scena_extensions_create(&made, NULL) == SCENA_OK);
  return made;
}

static scena_engine* open_with(scena_extensions* extensions, const char* config) {
  scena_engine* engine = NULL;
  CHECK(scena_engine_create_extended(config, extensions, &engine, NULL) == SCENA_OK);
  scena_extensions_destroy(extensions);
  return engine;
}

static scena_session* talk_of(scena_engine* engine) {
  scena_session* session = NULL;
  CHECK(scena_session_create(engine, PRESET, NULL, &session, NULL) == SCENA_OK);
  return session;
}

static scena_turn* say(scena_session* session, const char* text) {
  scena_turn* turn = NULL;
  CHECK(scena_session_send(session, NULL, text, SCENA_NUL_TERMINATED, &turn, NULL) == SCENA_OK);
  return turn;
}

/* What a turn came to holds `part`; the handle is gone afterwards. */
static bool ends_with(scena_turn* turn, const char* part) {
  scena_text* result = NULL;
  bool found;
  CHECK(scena_turn_wait(turn, SCENA_NO_TIMEOUT, NULL) == SCENA_OK);
  CHECK(scena_turn_result(turn, &result, NULL) == SCENA_OK);
  found = strstr(scena_text_data(result), part) != NULL;
  if (!found) (void)fprintf(stderr, "no %s in %s\n", part, scena_text_data(result));
  scena_text_destroy(result);
  scena_turn_destroy(turn);
  return found;
}

static void reply(void* user_data, const char* request_json, scena_reply* to) {
  host* self = user_data;
  const char* const way = self->way;
  ++self->begun;
  (void)snprintf(self->request, sizeof self->request, "%s", request_json);
  CHECK(scena_reply_usage(to, -2, 0) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_reply_usage(to, -1, 3) == SCENA_OK);
  if (strcmp(way, "cut") == 0) {
    CHECK(scena_reply_text(to, "Good ", SCENA_NUL_TERMINATED) == SCENA_OK);
    scena_reply_fail(to, SCENA_NETWORK, "gone");
  } else if (strcmp(way, "stopped") == 0) {
    scena_reply_fail(to, SCENA_CANCELLED, NULL);
  } else if (strcmp(way, "no code") == 0) {
    scena_reply_fail(to, (scena_status)99, NULL);
  } else if (strcmp(way, "no word") == 0) {
    CHECK(scena_reply_text(to, "Well.", SCENA_NUL_TERMINATED) == SCENA_OK);
    scena_reply_finish(to, "weather");
  } else if (self->begun == 1) {
    CHECK(scena_reply_tool_call(to, NULL, "pay", NULL) == SCENA_OK);
    CHECK(scena_reply_tool_call(to, "", "pay", NULL) == SCENA_OK);
    scena_reply_finish(to, NULL);
  } else {
    CHECK(scena_reply_text(to, "Done.", SCENA_NUL_TERMINATED) == SCENA_OK);
    scena_reply_finish(to, NULL);
  }
}

static void pay(void* user_data, const char* request_json, scena_tool_call* call) {
  host* self = user_data;
  (void)request_json;
  ++self->begun;
  if (!self->keeps) scena_tool_call_succeed(call, "paid in full", SCENA_NUL_TERMINATED);
}

static void pay_no_more(void* user_data, scena_tool_call* call) {
  ++((host*)user_data)->cancelled;
  scena_tool_call_fail(call, "too late");
}

static void add_tool(scena_extensions* to, scena_tool* tool) {
  tool->name = "pay";
  tool->flags |= SCENA_TOOL_EVERYWHERE;
  tool->call = pay;
  tool->cancel = pay_no_more;
  CHECK(scena_extensions_add_tool(to, tool, NULL) == SCENA_OK);
}

static void replies_end_in_every_way(void) {
  static const char* const ways[][2] = {
      {"cut", "\"outcome\":\"truncated\""},
      {"stopped", "\"outcome\":\"cancelled\""},
      {"no code", "\"code\":\"provider_error\",\"message\":\"the host's provider reported"},
      {"no word", "\"finish_reason\":\"other\""},
      {"tool", "\"text\":\"Done.\""}};
  size_t i;
  for (i = 0; i < sizeof ways / sizeof *ways; ++i) {
    host self, calls;
    scena_extensions* extensions = extensions_of(&self);
    scena_engine* engine;
    scena_session* session;
    TABLE(scena_provider, provider, &self);
    TABLE(scena_tool, tool, &calls);
    memset(&calls, 0, sizeof calls);
    self.way = ways[i][0];
    provider.start = reply;
    CHECK(scena_extensions_add_provider(extensions, "mine", &provider, NULL) == SCENA_OK);
    add_tool(extensions, &tool);
    engine = open_with(extensions, with_threads(OWN));
    session = talk_of(engine);
    CHECK(ends_with(say(session, "Hello"), ways[i][1]));
    if (strcmp(self.way, "tool") == 0) { /* calls without an id have one each */
      CHECK(strstr(self.request, "\"call_0\"") != NULL);
      CHECK(strstr(self.request, "\"call_1\"") != NULL && calls.begun == 2);
    }
    scena_session_destroy(session);
    scena_engine_destroy(engine);
  }
}

static void tools_have_limits(void) {
  host self;
  scena_extensions* extensions = extensions_of(&self);
  scena_engine* engine;
  scena_session* session;
  scena_turn* turn;
  TABLE(scena_tool, tool, &self);
  tool.time_limit_ms = 1000;
  add_tool(extensions, &tool);
  engine = open_with(extensions, SCRIPT);
  session = talk_of(engine);
  self.keeps = true;
  turn = say(session, "pay");
  CHECK(scena_engine_advance(engine, 900000, NULL) == SCENA_OK);
  CHECK(self.begun == 1 && self.cancelled == 0);
  CHECK(scena_engine_advance(engine, 200000, NULL) == SCENA_OK);
  CHECK(self.cancelled == 1);
  CHECK(ends_with(turn, "\"text\":\"It said: "));
  scena_session_destroy(session);
  scena_engine_destroy(engine);
}

static void results_have_limits(void) {
  size_t i;
  for (i = 0; i < 3; ++i) {
    host self;
    scena_extensions* extensions = extensions_of(&self);
    scena_engine* engine;
    scena_session* session;
    TABLE(scena_tool, tool, &self);
    tool.max_result_bytes = i == 1 ? 11 : 0;
    tool.max_result_tokens = i == 2 ? 2 : 0;
    add_tool(extensions, &tool);
    engine = open_with(extensions, with_threads(SCRIPT));
    session = talk_of(engine);
    CHECK(ends_with(say(session, "pay"), i == 0 ? "paid in full" : "larger than it may be"));
    scena_session_destroy(session);
    scena_engine_destroy(engine);
  }
}

static void results_are_shared_for_a_time(void) {
  host self;
  scena_extensions* extensions = extensions_of(&self);
  scena_engine* engine;
  scena_session* session;
  TABLE(scena_tool, tool, &self);
  tool.cache_for_ms = 60000;
  add_tool(extensions, &tool);
  engine = open_with(extensions, with_threads(SCRIPT));
  session = talk_of(engine);
  CHECK(ends_with(say(session, "pay"), "paid in full"));
  CHECK(ends_with(say(session, "pay"), "paid in full"));
  CHECK(self.begun == 1);
  scena_session_destroy(session);
  scena_engine_destroy(engine);
}

static void keep_job(void* user_data, const char* job_json, scena_job_run* run) {
  (void)job_json;
  (void)run;
  ++((host*)user_data)->begun;
}

static void end_job(void* user_data, scena_job_run* run) {
  ++((host*)user_data)->cancelled;
  scena_job_run_fail(run, NULL);
}

static void jobs_have_limits(void) {
  host self;
  int i;
  scena_extensions* extensions = extensions_of(&self);
  scena_engine* engine;
  TABLE(scena_job_handler, handler, &self);
  handler.parallel = 1;
  handler.time_limit_ms = 1000;
  handler.run = keep_job;
  handler.cancel = end_job;
  CHECK(scena_extensions_add_job_handler(extensions, "mail", &handler, NULL) == SCENA_OK);
  engine = open_with(extensions, SCRIPT);
  for (i = 0; i < 2; ++i)
    CHECK(scena_engine_enqueue_job(engine, "mail", "x", 1, "{\"max_attempts\": 1}", NULL, NULL) ==
          SCENA_OK);
  CHECK(scena_engine_advance(engine, 900000, NULL) == SCENA_OK);
  CHECK(self.begun == 1 && self.cancelled == 0);
  CHECK(scena_engine_advance(engine, 600000, NULL) == SCENA_OK);
  CHECK(self.begun == 2 && self.cancelled == 1);
  CHECK(scena_engine_advance(engine, 3600000000, NULL) == SCENA_OK);
  CHECK(self.begun == 2 && self.cancelled == 2);
  scena_engine_destroy(engine);
}

static void refuse_event(void* user_data, const char* event_json, const char* job_json,
                         scena_job_run* run) {
  (void)event_json;
  (void)job_json;
  ++((host*)user_data)->begun;
  if (!((host*)user_data)->keeps) scena_job_run_fail(run, NULL);
}

/* Deliveries of one event, to sinks that differ in one member. */
static void deliveries_have_limits(void) {
  static const char* const types[] = {"session.started", NULL};
  host once, others, late;
  scena_extensions* extensions = extensions_of(&once);
  scena_engine* engine;
  scena_session* session;
  TABLE(scena_event_sink, sink, &once);
  memset(&others, 0, sizeof others);
  memset(&late, 0, sizeof late);
  late.keeps = true;
  sink.events = types;
  sink.deliver = refuse_event;
  sink.cancel = end_job;
  sink.max_attempts = 1;
  CHECK(scena_extensions_add_event_sink(extensions, "once", &sink, NULL) == SCENA_OK);
  sink.user_data = &others;
  sink.tenant = "others";
  CHECK(scena_extensions_add_event_sink(extensions, "others", &sink, NULL) == SCENA_OK);
  sink.user_data = &late;
  sink.tenant = NULL;
  sink.time_limit_ms = 1000;
  CHECK(scena_extensions_add_event_sink(extensions, "late", &sink, NULL) == SCENA_OK);
  engine = open_with(extensions, SCRIPT);
  session = talk_of(engine);
  CHECK(ends_with(say(session, "Hello"), "complete"));
  CHECK(scena_engine_advance(engine, 2000000, NULL) == SCENA_OK);
  CHECK(late.begun == 1 && late.cancelled == 1);
  CHECK(scena_engine_advance(engine, 86400000000, NULL) == SCENA_OK);
  CHECK(once.begun == 1 && others.begun == 0);
  scena_session_destroy(session);
  scena_engine_destroy(engine);
}

static void keep_event(void* user_data, const char* event_json, const char* job_json,
                       scena_job_run* run) {
  host* self = user_data;
  (void)event_json;
  (void)job_json;
  ++self->begun;
  if (self->keeps) {
    CHECK(self->run == NULL);
    self->run = run;
  } else {
    scena_job_run_succeed(run, NULL, 0);
  }
}

/* As many deliveries at once as `parallel`, and as many that wait as `max_waiting`: over it the
   oldest goes. */
static void deliveries_are_bounded(void) {
  static const char* const types[] = {"session.started", NULL};
  host one, few, many;
  int i;
  scena_extensions* extensions = extensions_of(&one);
  scena_engine* engine = NULL;
  scena_session* sessions[4];
  scena_text* counts = NULL;
  TABLE(scena_event_sink, sink, &one);
  memset(&few, 0, sizeof few);
  memset(&many, 0, sizeof many);
  sink.events = types;
  sink.deliver = keep_event;
  sink.parallel = 2;
  sink.max_waiting = 2;
  CHECK(scena_extensions_add_event_sink(extensions, "none", &sink, NULL) == SCENA_OK);
  CHECK(scena_engine_create_extended(SCRIPT, extensions, &engine, NULL) ==
        SCENA_INVALID_ARGUMENT); /* the oldest could not give way */
  scena_extensions_destroy(extensions);
  extensions = extensions_of(&one);
  one.keeps = few.keeps = true;
  sink.parallel = 1;
  sink.max_waiting = 0;
  CHECK(scena_extensions_add_event_sink(extensions, "one", &sink, NULL) == SCENA_OK);
  sink.user_data = &few;
  sink.max_waiting = 2;
  CHECK(scena_extensions_add_event_sink(extensions, "few", &sink, NULL) == SCENA_OK);
  sink.user_data = &many;
  sink.parallel = 0;
  sink.max_waiting = 0;
  CHECK(scena_extensions_add_event_sink(extensions, "many", &sink, NULL) == SCENA_OK);
  engine = open_with(extensions, SCRIPT);
  for (i = 0; i < 4; ++i) {
    sessions[i] = talk_of(engine);
    CHECK(ends_with(say(sessions[i], "Hello"), "complete"));
    CHECK(scena_engine_advance(engine, 1000000, NULL) == SCENA_OK);
    CHECK(one.begun == 1 && few.begun == 1 && many.begun == i + 1);
  }
  CHECK(scena_engine_job_counts(engine, &counts, NULL) == SCENA_OK);
  CHECK(strstr(scena_text_data(counts),
               "{\"kind\":\"scena.sink.few\",\"state\":\"dropped\",\"count\":2}") != NULL);
  scena_text_destroy(counts);
  one.keeps = few.keeps = false;
  scena_job_run_succeed(one.run, NULL, 0);
  scena_job_run_succeed(few.run, NULL, 0);
  CHECK(scena_engine_advance(engine, 1000000, NULL) == SCENA_OK);
  CHECK(one.begun == 4 && few.begun == 2); /* of the few the newest, behind the one that ran */
  for (i = 0; i < 4; ++i) scena_session_destroy(sessions[i]);
  scena_engine_destroy(engine);
}

static void think(void* user_data, const char* request_json, scena_reply* to) {
  (void)request_json;
  ++((host*)user_data)->begun;
  CHECK(scena_reply_reasoning(to, "They greet me. ", SCENA_NUL_TERMINATED) == SCENA_OK);
  CHECK(scena_reply_text(to, "Good ", SCENA_NUL_TERMINATED) == SCENA_OK);
  CHECK(scena_reply_reasoning(to, "So do I.", SCENA_NUL_TERMINATED) == SCENA_OK);
  CHECK(scena_reply_text(to, "morning.", SCENA_NUL_TERMINATED) == SCENA_OK);
  scena_reply_finish(to, NULL);
}

typedef struct heard {
  char text[64], reasoning[64];
  int destroyed;
} heard;

static void append(char* to, size_t room, const char* text, size_t text_len) {
  CHECK(strlen(text) == text_len);
  (void)strncat(to, text, room - strlen(to) - 1);
}

static void hear_text(void* user_data, const char* text, size_t text_len) {
  heard* self = user_data;
  append(self->text, sizeof self->text, text, text_len);
}

static void hear_reasoning(void* user_data, const char* text, size_t text_len) {
  heard* self = user_data;
  append(self->reasoning, sizeof self->reasoning, text, text_len);
}

static void hear_no_more(void* user_data) {
  ++((heard*)user_data)->destroyed;
}

/* What the model thinks aloud is heard apart from its text, inside a session and outside of one. */
static void what_is_thought_aloud_is_heard(void) {
  int way;
  for (way = 0; way < 4; ++way) {
    const bool in_session = way % 2 == 0;
    host self;
    heard all;
    scena_extensions* extensions = extensions_of(&self);
    scena_engine* engine;
    scena_session* session;
    scena_pending* pending = NULL;
    TABLE(scena_provider, provider, &self);
    TABLE(scena_live, live, &all);
    memset(&all, 0, sizeof all);
    live.text = way < 2 ? hear_text : NULL; /* or what is thought alone */
    live.reasoning = hear_reasoning;
    live.destroy = hear_no_more;
    provider.start = think;
    CHECK(scena_extensions_add_provider(extensions, "mine", &provider, NULL) == SCENA_OK);
    engine = open_with(extensions, with_threads(OWN));
    session = talk_of(engine);
    if (in_session) {
      CHECK(scena_session_send_wait(session, NULL, "Hello", 5, &live, NULL, NULL) == SCENA_OK);
    } else {
      CHECK(scena_engine_complete(engine, "mine",
                                  "{\"messages\":[{\"role\":\"user\",\"text\":\"Hello\"}]}", &live,
                                  &pending, NULL) == SCENA_OK);
      CHECK(scena_pending_wait(pending, SCENA_NO_TIMEOUT, NULL, NULL) == SCENA_OK);
      scena_pending_destroy(pending);
    }
    scena_session_destroy(session);
    scena_engine_destroy(engine);
    CHECK(strcmp(all.reasoning, "They greet me. So do I.") == 0);
    CHECK(strcmp(all.text, way < 2 ? "Good morning." : "") == 0);
    CHECK(self.begun == 1 && all.destroyed == 1);
  }
}

static void* no_measurement(void* user_data, void* session, const char* message_json) {
  (void)session;
  (void)message_json;
  return user_data;
}

static void hear_nothing(void* user_data, void* measurement, const char* text, size_t text_len) {
  (void)user_data;
  (void)measurement;
  (void)text;
  (void)text_len;
}

static void score(void* user_data, void* measurement, scena_scores* out) {
  (void)measurement;
  ++((host*)user_data)->scored;
  CHECK(scena_scores_add(out, "", 0.5, 1, NULL) == SCENA_OK);
  CHECK(scena_scores_add(out, "x", (double)NAN, 1, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_scores_add(out, "x", 0.5, (double)INFINITY, NULL) == SCENA_INVALID_ARGUMENT);
}

static void scores_are_numbers(void) {
  host self;
  scena_extensions* extensions = extensions_of(&self);
  scena_engine* engine;
  scena_session* session;
  scena_text* messages = NULL;
  TABLE(scena_analyzer, analyzer, &self);
  analyzer.name = "calm";
  analyzer.begin = no_measurement;
  analyzer.add = hear_nothing;
  analyzer.scores = score;
  CHECK(scena_extensions_add_analyzer(extensions, &analyzer, NULL) == SCENA_OK);
  engine = open_with(extensions, with_threads(SCRIPT));
  session = talk_of(engine);
  CHECK(ends_with(say(session, "Hello"), "complete"));
  CHECK(scena_session_messages(session, 0, &messages, NULL) == SCENA_OK);
  CHECK(self.scored > 0);
  CHECK(strstr(scena_text_data(messages), "\"metric\":\"calm\",\"value\":0.5") != NULL);
  CHECK(strstr(scena_text_data(messages), "\"metric\":\"x\"") == NULL);
  scena_text_destroy(messages);
  scena_session_destroy(session);
  scena_engine_destroy(engine);
}

/* Lines that were read make room: nothing is lost as long as the host keeps up. */
static void lines_that_were_read_make_room(void) {
  enum { kMost = 8192 };
  host self;
  scena_extensions* extensions = extensions_of(&self);
  scena_logs* logs = NULL;
  scena_log_line line;
  scena_engine* engine;
  scena_session* session;
  uint64_t dropped = 0;
  size_t bytes = 0;
  int rounds = 0;
  memset(&line, 0, sizeof line);
  line.struct_size = (uint32_t)sizeof line;
  CHECK(scena_extensions_open_logs(extensions, 0, kMost, &logs, NULL) == SCENA_OK);
  engine = open_with(extensions, with_threads(SCRIPT));
  session = talk_of(engine);
  while (bytes < 2 * kMost && ++rounds < 1000) {
    CHECK(ends_with(say(session, "Hello"), "complete"));
    while (scena_logs_next(logs, 0, &line, NULL) == SCENA_OK) {
      dropped += line.dropped;
      bytes += line.json_len;
    }
  }
  CHECK(bytes >= 2 * kMost && dropped == 0);
  /* And where it does not, the oldest go. */
  for (rounds = 0; rounds < 100; ++rounds) CHECK(ends_with(say(session, "Hello"), "complete"));
  bytes = 0;
  while (scena_logs_next(logs, 0, &line, NULL) == SCENA_OK) {
    dropped += line.dropped;
    bytes += line.json_len;
  }
  CHECK(bytes <= kMost && dropped > 0);
  scena_logs_destroy(logs);
  scena_session_destroy(session);
  scena_engine_destroy(engine);
}

static const struct promise promises[] = {
    PROMISE(replies_end_in_every_way),    ON_HOST_LOOP(tools_have_limits),
    PROMISE(results_have_limits),         PROMISE(results_are_shared_for_a_time),
    ON_HOST_LOOP(jobs_have_limits),       ON_HOST_LOOP(deliveries_have_limits),
    ON_HOST_LOOP(deliveries_are_bounded), PROMISE(what_is_thought_aloud_is_heard),
    PROMISE(scores_are_numbers),          ON_HOST_LOOP(lines_that_were_read_make_room)};

int main(int argc, char** argv) {
  return run_promises(promises, sizeof promises / sizeof *promises, argc, argv);
}

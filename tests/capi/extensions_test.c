/* A host's own providers and tools in C: extensions_test NAME runs one promise. */
#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>
#include <string.h>

#include "check.h"

int check_failures = 0;

#define PRESET                                                                                 \
  "{\"id\": \"greeting\", \"title\": \"Greeting\", \"characters\": ["                          \
  "{\"id\": \"rosa\", \"name\": \"Rosa\"}, {\"id\": \"me\", \"name\": \"Me\", \"played_by\": " \
  "\"human\"}]}"
#define CONFIG "{\"clock\": \"virtual\", \"seed\": 7, \"provider\": \"mine\", \"max_retries\": 0}"

/* What the host's side of a test saw. */
typedef struct host {
  int starts, cancels, destroys, tool_calls, tool_destroys;
  bool wait;            /* the provider keeps the reply; the tool keeps the call */
  bool ask_for_tool;    /* the first reply asks for a tool */
  bool cancel_at_start; /* the turn is cancelled while the provider or the tool is entered */
  bool inside;          /* start or call has not returned */
  scena_status fail_with;
  scena_turn* turn;
  scena_reply* reply;
  scena_tool_call* call;
  char request[8192];
  char arguments[1024];
} host;

static void keep(char* to, size_t room, const char* text) {
  (void)snprintf(to, room, "%s", text);
}

static void start(void* user_data, const char* request_json, scena_reply* reply) {
  host* self = user_data;
  ++self->starts;
  keep(self->request, sizeof self->request, request_json);
  self->reply = reply;
  if (self->cancel_at_start && !self->ask_for_tool) {
    self->inside = true;
    scena_turn_cancel(self->turn);
    self->inside = false;
    return;
  }
  if (self->wait) return;
  if (self->fail_with != SCENA_OK) {
    scena_reply_fail(reply, self->fail_with, "the service is shut");
  } else if (self->ask_for_tool && self->starts == 1) {
    CHECK(scena_reply_tool_call(reply, "c1", "weather", "{\"town\": \"Bern\"}") == SCENA_OK);
    scena_reply_finish(reply, NULL);
  } else {
    CHECK(scena_reply_text(reply, "Good ", SCENA_NUL_TERMINATED) == SCENA_OK);
    CHECK(scena_reply_text(reply, "morning.!", 8) == SCENA_OK);
    CHECK(scena_reply_usage(reply, 12, 3) == SCENA_OK);
    scena_reply_finish(reply, "stop");
  }
}

static void cancel(void* user_data, scena_reply* reply) {
  host* self = user_data;
  ++self->cancels;
  CHECK(reply == self->reply);
  CHECK(!self->inside);
  if (self->cancel_at_start) scena_reply_finish(reply, NULL);
}

static void cancel_tool(void* user_data, scena_tool_call* call) {
  host* self = user_data;
  ++self->cancels;
  CHECK(call == self->call);
  CHECK(!self->inside);
  scena_tool_call_fail(call, NULL);
}

static void destroy(void* user_data) {
  ++((host*)user_data)->destroys;
}

static void call_tool(void* user_data, const char* request_json, scena_tool_call* call) {
  host* self = user_data;
  ++self->tool_calls;
  keep(self->arguments, sizeof self->arguments, request_json);
  self->call = call;
  if (self->cancel_at_start) {
    self->inside = true;
    scena_turn_cancel(self->turn);
    self->inside = false;
    return;
  }
  if (!self->wait) scena_tool_call_succeed(call, "sunny", SCENA_NUL_TERMINATED);
}

static void destroy_tool(void* user_data) {
  ++((host*)user_data)->tool_destroys;
}

static scena_provider provider_of(host* self) {
  scena_provider table;
  memset(&table, 0, sizeof table);
  table.struct_size = (uint32_t)sizeof table;
  table.user_data = self;
  table.start = start;
  table.cancel = cancel;
  table.destroy = destroy;
  return table;
}

static scena_tool tool_of(host* self) {
  scena_tool table;
  memset(&table, 0, sizeof table);
  table.struct_size = (uint32_t)sizeof table;
  table.flags = SCENA_TOOL_EVERYWHERE;
  table.user_data = self;
  table.name = "weather";
  table.description = "The weather in a town";
  table.parameters_json =
      "{\"type\": \"object\", \"properties\": {\"town\": {\"type\": \"string\"}}, "
      "\"required\": [\"town\"]}";
  table.call = call_tool;
  table.cancel = self->cancel_at_start ? cancel_tool : NULL;
  table.destroy = destroy_tool;
  return table;
}

typedef struct scene {
  scena_engine* engine;
  scena_session* session;
  scena_events* events;
  scena_turn* turn;
} scene;

static scene open_scene(host* self) {
  scene made = {NULL, NULL, NULL, NULL};
  scena_extensions* extensions = NULL;
  scena_error* error = NULL;
  const scena_provider provider = provider_of(self);
  const scena_tool tool = tool_of(self);
  CHECK(scena_extensions_create(&extensions, NULL) == SCENA_OK);
  CHECK(scena_extensions_add_provider(extensions, "mine", &provider, NULL) == SCENA_OK);
  CHECK(scena_extensions_add_tool(extensions, &tool, NULL) == SCENA_OK);
  CHECK(scena_engine_create_extended(with_threads(CONFIG), extensions, &made.engine, &error) ==
        SCENA_OK);
  if (error != NULL) (void)fprintf(stderr, "%s\n", scena_error_message(error));
  scena_error_destroy(error);
  scena_extensions_destroy(extensions);
  CHECK(self->destroys == 0);
  CHECK(scena_session_create(made.engine, PRESET, NULL, &made.session, NULL) == SCENA_OK);
  CHECK(scena_session_events(made.session, NULL, &made.events, NULL) == SCENA_OK);
  CHECK(scena_session_send(made.session, NULL, "Hello", SCENA_NUL_TERMINATED, &made.turn, NULL) ==
        SCENA_OK);
  self->turn = made.turn;
  return made;
}

static void close_scene(scene* made, const host* self) {
  scena_turn_destroy(made->turn);
  scena_events_destroy(made->events);
  scena_session_destroy(made->session);
  scena_engine_destroy(made->engine);
  CHECK(self->destroys == 1);
  CHECK(self->tool_destroys == 1);
}

/* Polls, or waits, until the turn's end; the deltas' text goes to `text`, the last event to `end`.
 */
static void read_turn(const scene* made, char* text, char* end) {
  scena_event event;
  int i;
  text[0] = end[0] = '\0';
  memset(&event, 0, sizeof event);
  event.struct_size = (uint32_t)sizeof event;
  for (i = 0; i < 1000 && end[0] == '\0'; ++i) {
    const int64_t timeout_ms = threads_wanted() > 0 ? 1000 : 0;
    if (timeout_ms == 0) CHECK(scena_engine_poll(made->engine, 0, NULL) == SCENA_OK);
    while (end[0] == '\0' &&
           scena_events_next(made->events, timeout_ms, &event, NULL) == SCENA_OK) {
      if (strcmp(event.type, "delta") == 0) (void)strncat(text, event.text, 100);
      if (strcmp(event.type, "turn.finished") == 0) keep(end, 4096, event.json);
    }
  }
  CHECK(end[0] != '\0');
}

static void poll_some(const scene* made) {
  int i;
  for (i = 0; i < 50; ++i) CHECK(scena_engine_poll(made->engine, 0, NULL) == SCENA_OK);
}

static void provider_replies(void) {
  host self;
  char text[4096], end[4096];
  scene made;
  memset(&self, 0, sizeof self);
  made = open_scene(&self);
  read_turn(&made, text, end);
  CHECK(strcmp(text, "Good morning.") == 0);
  CHECK(strstr(end, "\"outcome\":\"complete\"") != NULL);
  CHECK(strstr(self.request, "\"text\":\"Hello\"") != NULL);
  CHECK(strstr(self.request, "\"tools\":[{\"name\":\"weather\"") != NULL);
  CHECK(strstr(self.request, "\"character\":\"rosa\"") != NULL);
  close_scene(&made, &self);
}

static void provider_replies_later(void) {
  host self;
  char text[4096], end[4096];
  scene made;
  memset(&self, 0, sizeof self);
  self.wait = true;
  made = open_scene(&self);
  poll_some(&made);
  CHECK(self.starts == 1);
  CHECK(scena_reply_text(self.reply, "Later.", SCENA_NUL_TERMINATED) == SCENA_OK);
  poll_some(&made);
  scena_reply_finish(self.reply, "length");
  read_turn(&made, text, end);
  CHECK(strcmp(text, "Later.") == 0);
  CHECK(strstr(end, "\"finish_reason\":\"length\"") != NULL);
  close_scene(&made, &self);
}

/* As models make their tokens: the halves of a character in two pieces. */
static void characters_are_cut(void) {
  host self;
  char text[4096], end[4096];
  scene made;
  memset(&self, 0, sizeof self);
  self.wait = true;
  made = open_scene(&self);
  poll_some(&made);
  CHECK(scena_reply_text(self.reply, "caf\xC3", SCENA_NUL_TERMINATED) == SCENA_OK);
  poll_some(&made);
  CHECK(scena_reply_text(self.reply, "\xA9 \xE6\x97", SCENA_NUL_TERMINATED) == SCENA_OK);
  CHECK(scena_reply_text(self.reply, "\xA5", SCENA_NUL_TERMINATED) == SCENA_OK);
  scena_reply_finish(self.reply, NULL);
  read_turn(&made, text, end);
  CHECK(strcmp(text, "caf\xC3\xA9 \xE6\x97\xA5") == 0);
  close_scene(&made, &self);
}

static void provider_fails(void) {
  host self;
  char text[4096], end[4096];
  scene made;
  memset(&self, 0, sizeof self);
  self.fail_with = SCENA_OVERLOADED;
  made = open_scene(&self);
  read_turn(&made, text, end);
  CHECK(strstr(end, "\"outcome\":\"failed\"") != NULL);
  CHECK(strstr(end, "overloaded") != NULL);
  CHECK(strstr(end, "the service is shut") != NULL);
  close_scene(&made, &self);
}

static void provider_is_cancelled(void) {
  host self;
  char text[4096], end[4096];
  scene made;
  memset(&self, 0, sizeof self);
  self.wait = true;
  made = open_scene(&self);
  poll_some(&made);
  scena_turn_cancel(made.turn);
  CHECK(self.cancels == 1);
  CHECK(scena_reply_text(self.reply, "nobody reads this", SCENA_NUL_TERMINATED) == SCENA_CANCELLED);
  read_turn(&made, text, end);
  CHECK(strstr(end, "\"outcome\":\"cancelled\"") != NULL);
  scena_reply_finish(self.reply, NULL); /* the handle is the host's to end */
  close_scene(&made, &self);
}

/* A cancel that comes while start or call runs is told when that has returned, once. */
static void cancel_comes_after_start(void) {
  int with_tool;
  for (with_tool = 0; with_tool < 2; ++with_tool) {
    host self;
    char text[4096], end[4096];
    scene made;
    memset(&self, 0, sizeof self);
    self.cancel_at_start = true;
    self.ask_for_tool = with_tool != 0;
    made = open_scene(&self);
    read_turn(&made, text, end);
    poll_some(&made);
    CHECK(strstr(end, "\"outcome\":\"cancelled\"") != NULL);
    CHECK(self.starts == 1);
    CHECK(self.tool_calls == with_tool);
    CHECK(self.cancels == 1);
    close_scene(&made, &self);
  }
}

static void tool_is_called(void) {
  host self;
  char text[4096], end[4096];
  scene made;
  memset(&self, 0, sizeof self);
  self.ask_for_tool = true;
  made = open_scene(&self);
  read_turn(&made, text, end);
  CHECK(self.tool_calls == 1);
  CHECK(strstr(self.arguments, "\"arguments\":{\"town\":\"Bern\"}") != NULL);
  CHECK(strstr(self.request, "\"role\":\"tool\",\"text\":\"sunny\"") != NULL);
  CHECK(strcmp(text, "Good morning.") == 0);
  close_scene(&made, &self);
}

static void tool_answers_later(void) {
  host self;
  char text[4096], end[4096];
  scene made;
  memset(&self, 0, sizeof self);
  self.ask_for_tool = true;
  made = open_scene(&self);
  self.wait = true;
  poll_some(&made);
  if (self.starts == 0) poll_some(&made);
  /* The provider kept its first reply, since it was told to wait: it asks for the tool now. */
  CHECK(scena_reply_tool_call(self.reply, NULL, "weather", "{\"town\":\"Bern\"}") == SCENA_OK);
  scena_reply_finish(self.reply, NULL);
  poll_some(&made);
  CHECK(self.tool_calls == 1);
  scena_tool_call_fail(self.call, "no satellite");
  self.wait = false;
  read_turn(&made, text, end);
  CHECK(strstr(self.request, "no satellite") != NULL);
  CHECK(strcmp(text, "Good morning.") == 0);
  close_scene(&made, &self);
}

static void faults_are_named(void) {
  host self;
  scena_extensions* extensions = NULL;
  scena_error* error = NULL;
  scena_provider provider;
  scena_tool tool;
  memset(&self, 0, sizeof self);
  CHECK(scena_extensions_create(NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_extensions_create(&extensions, NULL) == SCENA_OK);
  provider = provider_of(&self);
  CHECK(scena_extensions_add_provider(NULL, "x", &provider, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_extensions_add_provider(extensions, "", &provider, NULL) == SCENA_INVALID_ARGUMENT);
  provider.start = NULL;
  CHECK(scena_extensions_add_provider(extensions, "x", &provider, &error) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(error != NULL && strstr(scena_error_message(error), "provider.start") != NULL);
  scena_error_destroy(error);
  tool = tool_of(&self);
  tool.flags = 64;
  CHECK(scena_extensions_add_tool(extensions, &tool, NULL) == SCENA_INVALID_ARGUMENT);
  tool = tool_of(&self);
  tool.struct_size = 0;
  CHECK(scena_extensions_add_tool(extensions, &tool, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(self.destroys == 0 && self.tool_destroys == 0);
  /* A schema that is none is found when the engine is made. */
  tool = tool_of(&self);
  tool.parameters_json = "[1, 2";
  CHECK(scena_extensions_add_tool(extensions, &tool, NULL) == SCENA_OK);
  {
    scena_engine* engine = NULL;
    error = NULL;
    CHECK(scena_engine_create_extended(NULL, extensions, &engine, &error) ==
          SCENA_INVALID_ARGUMENT);
    CHECK(engine == NULL && error != NULL);
    scena_error_destroy(error);
  }
  scena_extensions_destroy(extensions);
  CHECK(self.tool_destroys == 1);
  scena_extensions_destroy(NULL);
  CHECK(scena_reply_text(NULL, "x", 1) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_reply_tool_call(NULL, NULL, "x", NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_reply_usage(NULL, 0, 0) == SCENA_INVALID_ARGUMENT);
  scena_reply_finish(NULL, NULL);
  scena_reply_fail(NULL, SCENA_NETWORK, NULL);
  scena_tool_call_succeed(NULL, NULL, 0);
  scena_tool_call_fail(NULL, NULL);
}

/* A reply that the host keeps longer than the engine lives is ended without harm. */
static void engine_goes_first(void) {
  host self;
  scene made;
  memset(&self, 0, sizeof self);
  self.wait = true;
  made = open_scene(&self);
  poll_some(&made);
  scena_turn_destroy(made.turn);
  scena_events_destroy(made.events);
  scena_session_destroy(made.session);
  scena_engine_destroy(made.engine);
  CHECK(self.destroys == 0);
  (void)scena_reply_text(self.reply, "late", SCENA_NUL_TERMINATED);
  scena_reply_finish(self.reply, NULL);
  CHECK(self.destroys == 1);
}

static const struct promise promises[] = {PROMISE(provider_replies),
                                          ON_HOST_LOOP(provider_replies_later),
                                          ON_HOST_LOOP(characters_are_cut),
                                          PROMISE(provider_fails),
                                          ON_HOST_LOOP(provider_is_cancelled),
                                          ON_HOST_LOOP(cancel_comes_after_start),
                                          PROMISE(tool_is_called),
                                          ON_HOST_LOOP(tool_answers_later),
                                          PROMISE(faults_are_named),
                                          ON_HOST_LOOP(engine_goes_first)};

int main(int argc, char** argv) {
  return run_promises(promises, sizeof promises / sizeof promises[0], argc, argv);
}

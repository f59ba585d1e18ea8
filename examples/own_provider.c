/* A model and a tool of this program's own, in C: the model asks for the tool and tells its result.
   Runs offline. */
#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static scena_error* error;

static void check(scena_status status) {
  if (status == SCENA_OK) return;
  fprintf(stderr, "scena: %s\n", scena_error_message(error));
  exit(1);
}

/* A "model" that looks at the clock before it says what time it is. */
static void start(void* user_data, const char* request_json, scena_reply* reply) {
  (void)user_data;
  if (strstr(request_json, "\"role\":\"tool\"") == NULL) {
    scena_reply_tool_call(reply, NULL, "clock", "{}");
  } else {
    const char* answer =
        strstr(request_json, "12:30") ? "It is half past twelve." : "I don't know.";
    scena_reply_text(reply, answer, SCENA_NUL_TERMINATED);
  }
  scena_reply_finish(reply, NULL);
}

static void look(void* user_data, const char* request_json, scena_tool_call* call) {
  (void)user_data;
  (void)request_json;
  scena_tool_call_succeed(call, "12:30", SCENA_NUL_TERMINATED);
}

int main(void) {
  const scena_provider model = {.struct_size = sizeof model, .start = start};
  const scena_tool clock = {.struct_size = sizeof clock,
                            .flags = SCENA_TOOL_EVERYWHERE,
                            .name = "clock",
                            .description = "The time of day",
                            .call = look};
  scena_extensions* extensions;
  scena_engine* engine;
  scena_session* session;
  scena_events* events;
  scena_turn* turn;
  scena_event event = {.struct_size = sizeof event};
  char text[256] = "";
  check(scena_extensions_create(&extensions, &error));
  check(scena_extensions_add_provider(extensions, "mine", &model, &error));
  check(scena_extensions_add_tool(extensions, &clock, &error));
  check(scena_engine_create_extended("{\"provider\": \"mine\"}", extensions, &engine, &error));
  check(scena_session_create(engine, "job-interview", NULL, &session, &error));
  check(scena_session_events(session, NULL, &events, &error));
  check(scena_session_send(session, NULL, "What time is it?", SCENA_NUL_TERMINATED, &turn, &error));
  check(scena_turn_wait(turn, SCENA_NO_TIMEOUT, &error));
  while (scena_events_next(events, 0, &event, NULL) == SCENA_OK) {
    if (strcmp(event.type, "delta") == 0) strncat(text, event.text, sizeof text - strlen(text) - 1);
  }
  puts(text);
  scena_turn_destroy(turn);
  scena_events_destroy(events);
  scena_session_destroy(session);
  scena_engine_destroy(engine);
  scena_extensions_destroy(extensions);
  return strcmp(text, "It is half past twelve.") == 0 ? 0 : 1;
}

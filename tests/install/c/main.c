#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  scena_engine* engine;
  scena_session* session;
  scena_events* events;
  scena_event event = {.struct_size = sizeof event};
  if (scena_engine_create("{\"clock\": \"virtual\"}", &engine, NULL)) return 1;
  if (scena_session_create(engine, "job-interview", NULL, &session, NULL)) return 1;
  if (scena_session_events(session, NULL, &events, NULL)) return 1;
  if (scena_session_send(session, NULL, "Good morning.", SCENA_NUL_TERMINATED, NULL, NULL))
    return 1;
  while (scena_events_next(events, SCENA_NO_TIMEOUT, &event, NULL) == SCENA_OK) {
    if (strcmp(event.type, "delta") == 0) fwrite(event.text, 1, event.text_len, stdout);
    if (strcmp(event.type, "turn.finished") == 0) break;
  }
  puts("");
  scena_events_destroy(events);
  scena_session_destroy(session);
  scena_engine_destroy(engine);
  return 0;
}

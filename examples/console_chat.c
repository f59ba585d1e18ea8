/* A conversation in the terminal: each line of input is a message, the reply comes as it is
 * written.
 *
 *   cc console_chat.c -lscena && ./a.out
 */
#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static scena_error* error = NULL;

static void check(scena_status status) {
  if (status == SCENA_OK) return;
  (void)fprintf(stderr, "%s\n", scena_error_message(error));
  exit(1);
}

static void show_reply(scena_events* events) {
  scena_event event = {.struct_size = sizeof event};
  do {
    check(scena_events_next(events, SCENA_NO_TIMEOUT, &event, &error));
    if (strcmp(event.type, "delta") == 0) {
      (void)fwrite(event.text, 1, event.text_len, stdout);
      (void)fflush(stdout);
    }
  } while (strcmp(event.type, "turn.finished") != 0);
  (void)puts("");
}

int main(void) {
  scena_engine* engine = NULL;
  scena_session* session = NULL;
  scena_events* events = NULL;
  const scena_events_options live = {.struct_size = sizeof live, .after = "live"};
  char line[4096];

  check(scena_engine_create("{}", &engine, &error));
  check(scena_session_create(engine, "job-interview", NULL, &session, &error));
  check(scena_session_events(session, &live, &events, &error));
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '\0') continue;
    check(scena_session_send(session, NULL, line, SCENA_NUL_TERMINATED, NULL, &error));
    show_reply(events);
  }
  scena_events_destroy(events);
  scena_session_destroy(session);
  scena_engine_destroy(engine);
  return 0;
}

/* growth_test SESSIONS: that many sessions, one after the other, each with two turns, a viewer, a
 * pending command, a side question and an export; then the process holds no more than after a tenth
 * of them. Under AddressSanitizer the leak checker looks at the end as well, and what is held says
 * nothing. */
#define _XOPEN_SOURCE 700
#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

int check_failures = 0;

/* Without a time limit, which would keep an active session loaded until it is over. */
#define PRESET                                                                                 \
  "{\"id\": \"greeting\", \"title\": \"Greeting\", \"characters\": ["                          \
  "{\"id\": \"rosa\", \"name\": \"Rosa\"}, {\"id\": \"me\", \"name\": \"Me\", \"played_by\": " \
  "\"human\"}]}"

static scena_engine* open_engine(const char* folder) {
  char config[512];
  scena_engine* engine = NULL;
  scena_error* error = NULL;
  (void)snprintf(
      config, sizeof config,
      "{\"clock\": \"virtual\", \"seed\": 7, \"storage\": \"sqlite:%s/a.db\", \"durability\": "
      "\"process\", \"provider\": \"s\", \"providers\": {\"s\": {\"url\": \"script:\", "
      "\"options\": {\"replies\": [\"Good morning.\"], \"instant\": true}}}}",
      folder);
  CHECK(scena_engine_create(config, &engine, &error) == SCENA_OK);
  if (error != NULL) (void)fprintf(stderr, "%s\n", scena_error_message(error));
  scena_error_destroy(error);
  return engine;
}

static void talk(scena_session* session) {
  scena_turn* turn = NULL;
  scena_text* result = NULL;
  CHECK(scena_session_send(session, NULL, "Hello", 5, &turn, NULL) == SCENA_OK);
  CHECK(scena_turn_wait(turn, SCENA_NO_TIMEOUT, NULL) == SCENA_OK);
  CHECK(scena_turn_result(turn, &result, NULL) == SCENA_OK);
  scena_text_destroy(result);
  scena_turn_destroy(turn);
}

static void one_session(scena_engine* engine) {
  scena_session* session = NULL;
  scena_events* events = NULL;
  scena_pending* answer = NULL;
  scena_text* text = NULL;
  scena_error* error = NULL;
  scena_event event;
  int ended = 0;
  memset(&event, 0, sizeof event);
  event.struct_size = (uint32_t)sizeof event;
  CHECK(scena_session_create(engine, PRESET, NULL, &session, NULL) == SCENA_OK);
  CHECK(scena_session_events(session, NULL, &events, NULL) == SCENA_OK);
  talk(session);
  talk(session);
  while (scena_events_next(events, 0, &event, NULL) == SCENA_OK)
    ended += strcmp(event.type, "turn.finished") == 0;
  CHECK(ended >= 2);
  CHECK(scena_session_ask_aside(session, "rosa", "Well?", 5, NULL, NULL, &answer, NULL) ==
        SCENA_OK);
  CHECK(scena_pending_wait(answer, SCENA_NO_TIMEOUT, &text, NULL) == SCENA_OK);
  scena_text_destroy(text);
  scena_pending_destroy(answer);
  CHECK(scena_engine_export(engine, scena_session_id(session), "json", &text, NULL) == SCENA_OK);
  CHECK(scena_text_size(text) > 0);
  scena_text_destroy(text);
  CHECK(scena_session_send(session, NULL, "", 0, NULL, &error) == SCENA_INVALID_ARGUMENT);
  scena_error_destroy(error);
  scena_events_destroy(events);
  scena_session_destroy(session);
}

static long held_kib(void) {
  long pages = 0;
  FILE* statm = fopen("/proc/self/statm", "r");
  CHECK(statm != NULL && fscanf(statm, "%*d %ld", &pages) == 1);
  if (statm != NULL) (void)fclose(statm);
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(int argc, char** argv) {
  const long sessions = argc > 1 ? strtol(argv[1], NULL, 10) : 1000;
  char folder[] = "/tmp/scena_growth_XXXXXX";
  char name[64];
  scena_engine* engine;
  long before = 0, after, i;
  CHECK(sessions >= 10 && mkdtemp(folder) != NULL);
  engine = open_engine(folder);
  for (i = 0; i < sessions && check_failures == 0; ++i) {
    if (i == sessions / 10) before = held_kib();
    one_session(engine);
  }
  after = held_kib();
  scena_engine_destroy(engine);
  (void)snprintf(name, sizeof name, "%s/a.db", folder);
  (void)remove(name);
  (void)remove(folder);
  (void)printf("%ld sessions: %ld KiB after a tenth, %ld KiB at the end\n", sessions, before,
               after);
  CHECK(SANITIZED || after <= before + before / 20 + 1024);
  return check_failures == 0 ? 0 : 1;
}

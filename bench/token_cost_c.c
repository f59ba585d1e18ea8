/* token_cost_c TURNS [each [json]]: reads scripted replies that come as fast as they can over the C
   functions, and prints tokens and microseconds of the processor a token. node_figures.py compares
   it with Node. With `each` every token is a delta of its own on the virtual clock, as in
   token_cost.cpp, and time is that of the wall: token_cost.py compares the two. With `each json`
   it comes as JSON, too. */
#define _POSIX_C_SOURCE 200809L
#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now_us(clockid_t of) {
  struct timespec now;
  (void)clock_gettime(of, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* The replies of token_cost.cpp, read as it reads them. */
static int each_token(int turns, uint32_t flags) {
  const scena_events_options live = {
      .struct_size = sizeof live, .flags = SCENA_EVENTS_BATCHES | flags, .after = "live"};
  static char config[8192];
  scena_engine* engine = NULL;
  size_t deltas = 0, at;
  double began;
  int i;
  (void)strcpy(config,
               "{\"clock\":\"virtual\",\"seed\":7,\"live_metrics\":false,\"provider\":\"model\","
               "\"providers\":{\"model\":{\"url\":\"script:\",\"options\":{\"delay_ms\":1,"
               "\"token_ms\":1,\"replies\":[\"");
  at = strlen(config);
  for (i = 0; i < 400; ++i)
    at += (size_t)snprintf(config + at, sizeof config - at, "word%d ", i);
  (void)snprintf(config + at, sizeof config - at, "\"]}}}}");
  if (scena_engine_create(config, &engine, NULL) != SCENA_OK) return 1;
  began = now_us(CLOCK_MONOTONIC);
  for (i = 0; i < turns; ++i) {
    scena_session* session = NULL;
    scena_events* events = NULL;
    scena_event event = {.struct_size = sizeof event};
    if (scena_session_create(engine, "job-interview", NULL, &session, NULL) != SCENA_OK ||
        scena_session_events(session, &live, &events, NULL) != SCENA_OK ||
        scena_session_send(session, NULL, "Hello", 5, NULL, NULL) != SCENA_OK)
      return 1;
    do {
      if (scena_events_next(events, SCENA_NO_TIMEOUT, &event, NULL) != SCENA_OK) return 1;
      deltas += strcmp(event.type, "delta") == 0;
    } while (strcmp(event.type, "turn.finished") != 0);
    scena_events_destroy(events);
    scena_session_destroy(session);
  }
  (void)printf("%zu %.3f\n", deltas, (now_us(CLOCK_MONOTONIC) - began) / (double)deltas);
  scena_engine_destroy(engine);
  return 0;
}

int main(int argc, char** argv) {
  const int turns = argc > 1 ? atoi(argv[1]) : 100;
  const scena_events_options live = {.struct_size = sizeof live,
                                     .flags = SCENA_EVENTS_BATCHES | SCENA_EVENTS_NO_DELTA_JSON,
                                     .after = "live"};
  scena_engine* engine = NULL;
  static char config[8192];
  size_t at;
  long tokens = 0;
  size_t bytes = 0;
  double began;
  int i;
  if (argc > 2 && strcmp(argv[2], "each") == 0)
    return each_token(turns, argc > 3 ? 0 : SCENA_EVENTS_NO_DELTA_JSON);
  (void)strcpy(
      config,
      "{\"seed\":7,\"live_metrics\":false,\"metrics\":[\"sentiment\"],\"provider\":\"model\","
      "\"providers\":{\"model\":{\"url\":\"script:\",\"options\":{\"instant\":true,\"replies\":["
      "\"");
  at = strlen(config);
  for (i = 0; i < 400; ++i)
    at += (size_t)snprintf(config + at, sizeof config - at, i ? " word%d" : "word%d", i);
  (void)snprintf(config + at, sizeof config - at, "\"]}}}}");
  if (scena_engine_create(config, &engine, NULL) != SCENA_OK) return 1;
  began = now_us(CLOCK_PROCESS_CPUTIME_ID);
  for (i = 0; i < turns; ++i) {
    scena_session* session = NULL;
    scena_events* events = NULL;
    scena_turn* turn = NULL;
    scena_text* result = NULL;
    scena_event event = {.struct_size = sizeof event};
    /* Kept until the end, as those of a host whose memory is collected. */
    if (scena_session_create(engine, "job-interview", NULL, &session, NULL) != SCENA_OK ||
        scena_session_events(session, &live, &events, NULL) != SCENA_OK ||
        scena_session_send(session, NULL, "Hello", 5, &turn, NULL) != SCENA_OK)
      return 1;
    do {
      if (scena_events_next(events, SCENA_NO_TIMEOUT, &event, NULL) != SCENA_OK) return 1;
      bytes += event.text_len;
    } while (strcmp(event.type, "turn.finished") != 0);
    if (scena_turn_result(turn, &result, NULL) != SCENA_OK) return 1;
    tokens += atol(strstr(scena_text_data(result), "\"output_tokens\":") + 16);
    scena_text_destroy(result);
    scena_turn_destroy(turn);
    scena_events_destroy(events);
  }
  (void)printf("%ld %.3f\n", tokens, (now_us(CLOCK_PROCESS_CPUTIME_ID) - began) / (double)tokens);
  scena_engine_destroy(engine);
  return bytes > 0 ? 0 : 1;
}

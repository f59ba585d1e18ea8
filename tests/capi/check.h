#ifndef SCENA_TESTS_CAPI_CHECK_H
#define SCENA_TESTS_CAPI_CHECK_H

#include <scena/scena.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern int check_failures;

#define CHECK(condition)                                                            \
  do {                                                                              \
    if (!(condition)) {                                                             \
      (void)fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
      ++check_failures;                                                             \
    }                                                                               \
  } while (0)

/* Threads of their own that engines have in this run: SCENA_TEST_THREADS; 0 where it is not set. */
static inline int threads_wanted(void) {
  const char* const wanted = getenv("SCENA_TEST_THREADS");
  return wanted == NULL ? 0 : atoi(wanted);
}

/* The configuration for that many threads. They need the real clock; without threads it stays
 * virtual. The text is valid until the next call. */
static inline const char* with_threads(const char* config) {
  static char changed[4096];
  static const char clock[] = "\"clock\": \"virtual\"";
  const char* const at = strstr(config, clock);
  if (threads_wanted() == 0 || at == NULL) return config;
  (void)snprintf(changed, sizeof changed, "%.*s\"threads\": %d%s", (int)(at - config), config,
                 threads_wanted(), at + sizeof clock - 1);
  return changed;
}

/* Whether a look without waiting found nothing yet. Threads of the engine's own may have been
 * faster than the caller: then it found how the work ended. */
static inline int not_yet(scena_status found, scena_status end) {
  return found == SCENA_TIMEOUT || (threads_wanted() > 0 && found == end);
}

/* Where a reply is cancelled at once, what its result says: threads of the engine's own may have
 * said it to its end before. */
static inline const char* cancelled(void) {
  return threads_wanted() > 0 ? "\"outcome\":\"c" : "\"outcome\":\"cancelled\"";
}

/* One test of a program, which the program runs when its name is given, or when none is. */
struct promise {
  const char* name;
  void (*run)(void);
  int any_threads; /* 0: it runs the engine's loop or moves its time, and is for engines without. */
};
#define PROMISE(function) \
  { #function, function, 1 }
#define ON_HOST_LOOP(function) \
  { #function, function, 0 }

static inline int run_promises(const struct promise* promises, size_t count, int argc,
                               char** argv) {
  size_t i;
  int ran = 0;
  for (i = 0; i < count; ++i) {
    if (argc > 1 && strcmp(argv[1], promises[i].name) != 0) continue;
    if (threads_wanted() > 0 && !promises[i].any_threads) continue;
    promises[i].run();
    ++ran;
  }
  CHECK(ran > 0);
  return check_failures == 0 ? 0 : 1;
}

#endif

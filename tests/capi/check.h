#ifndef SCENA_TESTS_CAPI_CHECK_H
#define SCENA_TESTS_CAPI_CHECK_H

#include <stddef.h>
#include <stdio.h>
#include <string.h>

extern int check_failures;

#define CHECK(condition)                                                            \
  do {                                                                              \
    if (!(condition)) {                                                             \
      (void)fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
      ++check_failures;                                                             \
    }                                                                               \
  } while (0)

/* One test of a program, which the program runs when its name is given, or when none is. */
struct promise {
  const char* name;
  void (*run)(void);
};

static inline int run_promises(const struct promise* promises, size_t count, int argc,
                               char** argv) {
  size_t i;
  int ran = 0;
  for (i = 0; i < count; ++i) {
    if (argc > 1 && strcmp(argv[1], promises[i].name) != 0) continue;
    promises[i].run();
    ++ran;
  }
  CHECK(ran > 0);
  return check_failures == 0 ? 0 : 1;
}

#endif

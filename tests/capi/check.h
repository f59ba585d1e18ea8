#ifndef SCENA_TESTS_CAPI_CHECK_H
#define SCENA_TESTS_CAPI_CHECK_H

#include <stdio.h>

extern int check_failures;

#define CHECK(condition)                                                            \
  do {                                                                              \
    if (!(condition)) {                                                             \
      (void)fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
      ++check_failures;                                                             \
    }                                                                               \
  } while (0)

#endif

/* The names of errors' codes. */
#ifndef SCENA_TESTS_CAPI_CASES_CODES_H
#define SCENA_TESTS_CAPI_CASES_CODES_H

#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>

/* As it stands in JSON, "wrong_state". */
const char* code_name(scena_status code);
/* 0: there is none of that name. */
scena_status code_of(const char* name);

#endif

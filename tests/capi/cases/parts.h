/* What a case puts into its engine: tools with one result, a filter of a word, a count of a mark,
   a service that fails. */
#ifndef SCENA_TESTS_CAPI_CASES_PARTS_H
#define SCENA_TESTS_CAPI_CASES_PARTS_H

#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>

/* "NAME "result"". Cuts the line in place. */
void add_case_tool(scena_extensions* to, char* rest);
/* "block WORD" or "rewrite WORD OTHER". */
void add_case_filter(scena_extensions* to, char* rest);
/* "MARK". */
void add_case_analyzer(scena_extensions* to, const char* mark);
/* "CODE...": "own" fails with these, one reply after the other. */
void add_failing_provider(scena_extensions* to, char* rest);

#endif

/* capi_cases [--record] FILE...: runs the cases of tests/cases over the C functions; prints what
   did not hold, and with --record what each showed, as `scena_cases --record` does. */
#include <stdio.h>
#include <string.h>

#include "runner.h"

int main(int argc, char** argv) {
  const bool record = argc > 1 && strcmp(argv[1], "--record") == 0;
  int failed = 0;
  int i;
  for (i = record ? 2 : 1; i < argc; ++i) {
    runner self;
    (void)memset(&self, 0, sizeof self);
    if (!run_case(&self, argv[i])) {
      ++failed;
    } else if (record) {
      const char* name = strrchr(argv[i], '/') ? strrchr(argv[i], '/') + 1 : argv[i];
      (void)printf("= %.*s\n", (int)strcspn(name, "."), name);
      print_record(&self);
    }
    end_case(&self);
  }
  return failed == 0 && argc > 1 ? 0 : 1;
}

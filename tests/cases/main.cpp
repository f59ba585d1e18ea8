// scena_cases FILE...: runs conversational cases over the C++ API; prints what did not hold.

#include <cstdio>
#include <exception>

#include "cases/case_runner.hpp"

int main(int argc, char** argv) {
  int failed = 0;
  for (int i = 1; i < argc; ++i) {
    try {
      scena::cases::CaseRunner(scena::cases::read_case(argv[i])).run();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", argv[i], error.what());
      ++failed;
    }
  }
  return failed == 0 && argc > 1 ? 0 : 1;
}

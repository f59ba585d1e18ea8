// scena_cases [--events] FILE...: runs conversational cases over the C++ API; prints what did not
// hold. With --events the events of every session of each case follow on standard output, one a
// line: what other ways in compare theirs with.

#include <cstdio>
#include <exception>
#include <string_view>

#include "cases/case_runner.hpp"

int main(int argc, char** argv) {
  int failed = 0;
  const bool print = argc > 1 && std::string_view(argv[1]) == "--events";
  for (int i = print ? 2 : 1; i < argc; ++i) {
    try {
      scena::cases::CaseRunner runner(scena::cases::read_case(argv[i]));
      runner.run();
      if (print) std::fputs(runner.events().c_str(), stdout);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", argv[i], error.what());
      ++failed;
    }
  }
  return failed == 0 && argc > 1 ? 0 : 1;
}

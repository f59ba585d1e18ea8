// scena_cases [--record] FILE...: runs conversational cases over the C++ API; prints what did not
// hold. With --record what each case showed follows on standard output: tests/cases/recorded.txt.

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>

#include "cases/case_runner.hpp"

int main(int argc, char** argv) {
  int failed = 0;
  const bool print = argc > 1 && std::string_view(argv[1]) == "--record";
  for (int i = print ? 2 : 1; i < argc; ++i) {
    try {
      scena::cases::CaseRunner runner(scena::cases::read_case(argv[i]));
      runner.run();
      if (print) {
        const std::string name = std::filesystem::path(argv[i]).stem().string();
        std::fputs(("= " + name + "\n" + runner.record()).c_str(), stdout);
      }
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", argv[i], error.what());
      ++failed;
    }
  }
  return failed == 0 && argc > 1 ? 0 : 1;
}

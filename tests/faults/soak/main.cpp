// soak load|churn|isolation [--sessions N] [--minutes M] [--real] [--hold]: many sessions in one
// process. ctest runs small figures on the virtual clock, `make soak` those of
// docs/reference/reliability.md.

#include <cstring>

#include "faults/soak/soak.hpp"

using namespace scena::soak;

namespace {

bool read_options(int argc, char** argv, Options& options) {
  for (int i = 2; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--real") {
      options.real_clock = true;
    } else if (flag == "--hold") {
      options.hold = true;
    } else if (i + 1 == argc) {
      return false;
    } else if (flag == "--sessions") {
      options.sessions = std::strtoull(argv[++i], nullptr, 10);
    } else if (flag == "--minutes") {
      options.minutes = std::atoi(argv[++i]);
    } else {
      return false;
    }
  }
  return options.sessions > 0 && options.minutes > 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  const std::string run = argc > 1 ? argv[1] : "";
  try {
    if (read_options(argc, argv, options)) {
      if (run == "load") return run_load(options);
      if (run == "churn") return run_churn(options);
      if (run == "isolation") return run_isolation(options);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "soak %s: %s\n", run.c_str(), error.what());
    return 1;
  }
  std::fputs("usage: soak load|churn|isolation [--sessions N] [--minutes M] [--real] [--hold]\n",
             stderr);
  return 2;
}

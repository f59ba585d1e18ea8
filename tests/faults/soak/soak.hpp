#pragma once

#include <malloc.h>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <scena/engine.hpp>
#include <string>
#include <vector>

#include "conformance/stage.hpp"

namespace scena::soak {

struct Options {
  std::size_t sessions = 200;
  int minutes = 2;
  bool real_clock = false;
  bool hold = false;  ///< load: keep every session and a viewer of it open between its turns.
};

/// Each prints one JSON line and returns 0 when its figure is reached.
int run_load(const Options& options);
int run_churn(const Options& options);
int run_isolation(const Options& options);

/// Memory of this process that is in use, free blocks given back first: what a leak adds to.
inline double resident_mib() {
  ::malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  double all = 0, resident = 0;
  file >> all >> resident;
  return resident * 4096 / (1 << 20);
}

inline std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count - 1;  // without the one that lists them
}

inline Config configuration(const Options& options) {
  Config config;
  config.clock = options.real_clock ? ClockKind::real : ClockKind::virtual_time;
  config.seed = 7;
  config.provider = "model";
  config.providers["model"] = {
      .url = "script:",
      .options = R"({"replies":["One two three four five six seven eight nine ten."],)"
                 R"("delay_ms":[300,900],"token_ms":[15,60]})"};
  return config;
}

}  // namespace scena::soak

#pragma once

#include <dlfcn.h>

namespace scena::conformance {

/// While it lives, a library that makes calls fail (tests/faults/torture_preload.cpp) counts;
/// without such a library nothing happens.
class TortureHook {
 public:
  TortureHook() { call("scena_torture_begin"); }
  ~TortureHook() { call("scena_torture_end"); }
  TortureHook(const TortureHook&) = delete;
  TortureHook& operator=(const TortureHook&) = delete;

 private:
  static void call(const char* function) {
    if (void* found = ::dlsym(RTLD_DEFAULT, function)) reinterpret_cast<void (*)()>(found)();
  }
};

}  // namespace scena::conformance

#pragma once

#include <stop_token>

#include "lock.hpp"

namespace scena::python {

/// Ends a call that is under way.
struct Stop {
  void request() {
    const ReleasedLock released;
    source.request_stop();
  }
  std::stop_source source;
};

}  // namespace scena::python

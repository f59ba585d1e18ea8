#pragma once

#include <utility>
#include <vector>

#include "base/unique_function.hpp"

namespace scena::memory {

/// The steps that take a batch back. A step is added before its change is made and does no harm
/// when the change never happened; steps allocate nothing.
class Undo {
 public:
  void add(Task step) { steps_.push_back(std::move(step)); }

  void run() {
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) (*step)();
    steps_.clear();
  }

  void clear() noexcept { steps_.clear(); }

 private:
  std::vector<Task> steps_;
};

}  // namespace scena::memory

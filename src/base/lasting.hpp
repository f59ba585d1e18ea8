#pragma once

#include <utility>

namespace scena {

/// A value that is never destroyed, for what a function keeps in a static: a process may end while
/// threads of engines that were not destroyed still read it.
template <class T>
class Lasting {
 public:
  template <class... Args>
  explicit Lasting(Args&&... args) : value_(std::forward<Args>(args)...) {}
  Lasting(const Lasting&) = delete;
  Lasting& operator=(const Lasting&) = delete;
  ~Lasting() {}

  const T& get() const noexcept { return value_; }

 private:
  union {
    T value_;
  };
};

}  // namespace scena

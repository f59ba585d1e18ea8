#pragma once

#include <functional>
#include <thread>

namespace scena::capi {

/// A pipe that is readable when there is something to look at.
///
/// Threading: any thread.
class NewsPipe {
 public:
  /// @throws Error unavailable when no descriptor is left.
  NewsPipe();
  NewsPipe(const NewsPipe&) = delete;
  NewsPipe& operator=(const NewsPipe&) = delete;
  ~NewsPipe();

  int fd() const noexcept { return ends_[0]; }
  void tell() noexcept;
  void clear() noexcept;

 private:
  int ends_[2] = {-1, -1};
};

/// A thread that leaves the host's signals to the host's threads, as do those that it starts.
/// @throws Error unavailable when no thread is left.
std::thread start_without_signals(std::function<void()> run);

}  // namespace scena::capi

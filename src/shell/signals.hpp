#pragma once

namespace scena::shell {

/// Ends the process politely: the first SIGINT or SIGTERM is remembered, the second ends it at
/// once with status 128 + its number. SIGPIPE is ignored. One object a process.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// True once a signal asked for the end.
  bool asked() const noexcept;
  /// Readable once a signal asked for the end; for waiting on it together with other descriptors.
  int descriptor() const noexcept;
};

}  // namespace scena::shell

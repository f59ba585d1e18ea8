#pragma once

namespace scena::shell {

/// To be called first: SIGPIPE is ignored, and what was closed of descriptors 0 to 2 is opened on
/// /dev/null, so that no database gets the number that texts are printed to.
void prepare_process() noexcept;

/// Ends the process politely: the first SIGINT, SIGTERM or SIGHUP is remembered, the second ends it
/// at once with status 128 + its number. One that the process was started to ignore stays ignored.
/// One object a process.
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

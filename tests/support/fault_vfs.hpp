#pragma once

#include <string>

namespace scena::test {

/// A SQLite file layer around the system's that fails on demand, for the main file and its log.
/// Registered while it lives, under a name of its own; close every store that uses it before.
class FaultVfs {
 public:
  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  const std::string& name() const noexcept;

  void fail_writes(int code);  ///< Every write answers with this SQLite code; 0: as usual.
  void fail_syncs(int code);
  void fail_reads(int code);
  void fail_opens(int code);
  /// The n-th file call from now on (1: the next) answers with the code, once. 0: none.
  void fail_call(int n, int code);
  int syncs() const;  ///< Syncs asked for so far; they are counted, not made.
  int calls() const;  ///< File calls that could have been made to fail.

 private:
  struct Impl;
  Impl* impl_;
};

}  // namespace scena::test

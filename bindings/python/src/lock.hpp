#pragma once

#include <pybind11/pybind11.h>

#include <optional>

namespace scena::python {

// pybind11's own guards let CPython before 3.14 end a thread that wants the lock of an interpreter
// which is being taken apart: by unwinding, which aborts the process in a frame that is noexcept,
// as destructors are. With these a thread that takes the lock here, one of a daemon that waited or
// of the engine's, stands still instead, until the process is gone. Where it gives the lock back
// and wants it again inside Python (a host's function that sleeps), CPython ends it all the same.

/// The interpreter lock, given back until the end of the scope.
class ReleasedLock {
 public:
  ReleasedLock() : state_(PyEval_SaveThread()) {}
  ~ReleasedLock();
  ReleasedLock(const ReleasedLock&) = delete;
  ReleasedLock& operator=(const ReleasedLock&) = delete;

 private:
  PyThreadState* state_;
};

/// The interpreter lock, held until the end of the scope, on whatever thread the engine calls.
class HeldLock {
 public:
  HeldLock();

 private:
  std::optional<pybind11::gil_scoped_acquire> held_;
};

/// Whether this thread holds the interpreter lock. PyGILState_Check() says yes to everybody once
/// the process has made a subinterpreter.
bool holds_lock() noexcept;

}  // namespace scena::python

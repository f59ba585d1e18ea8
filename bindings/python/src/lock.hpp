#pragma once

#include <pybind11/pybind11.h>
#include <unistd.h>

#include <exception>
#include <optional>

namespace scena::python {

// pybind11's own guards let CPython before 3.14 end a thread that wants the lock of an interpreter
// which is being taken apart: by unwinding, which aborts the process in a frame that is noexcept,
// as destructors are, and lets go of objects without the lock. With these a thread that takes the
// lock here, one of a daemon that waited or of the engine's, stands still instead, until the
// process is gone; so does one that wants it again inside a host's function, which sleeps.

/// Does what takes the lock or runs Python's code; a thread that CPython would end in there stands
/// still. Nothing in there may have anything of Python's to let go of.
template <class Work>
void or_stand_still(Work&& work) {
  // No handler of that unwinding: there must be none where another exception is being handled.
  struct End {
    bool reached = false;
    ~End() {
      while (!reached) ::pause();
    }
  } end;
  try {
    work();
  } catch (const std::exception&) {
    end.reached = true;
    throw;
  }
  end.reached = true;
}

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

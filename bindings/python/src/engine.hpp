#pragma once

#include <memory>
#include <optional>
#include <scena/engine.hpp>
#include <utility>

#include "extensions.hpp"
#include "handles.hpp"

namespace scena::python {

/// An engine, let go of without the interpreter lock: its end waits for threads that call Python.
class PyEngine {
 public:
  PyEngine(Engine engine, bool real_clock) : engine_(std::move(engine)), real_clock_(real_clock) {}
  ~PyEngine() {
    const ReleasedLock released;
    engine_.reset();
  }
  PyEngine(const PyEngine&) = delete;
  PyEngine& operator=(const PyEngine&) = delete;

  /// Runs `work(engine)` without the interpreter lock.
  template <class Work>
  auto call(Work&& work) {
    return unlocked([&] { return work(*engine_); });
  }
  /// For work that is without the lock already.
  Engine& engine() { return *engine_; }
  template <class T>
  std::shared_ptr<PyPending> pending(Pending<T> of) const {
    return make_pending(std::move(of), real_clock_);
  }
  PySession session(Session of) const { return PySession(std::move(of), real_clock_); }
  bool real_clock() const noexcept { return real_clock_; }

 private:
  std::optional<Engine> engine_;
  bool real_clock_;
};

/// What a host's Python objects are to an engine: the dict that scena/_engine.py makes.
Dependencies dependencies_of(const py::dict& given);

/// Parts of add_engine().
void add_analytics(py::class_<PyEngine>& type);
void add_models(py::class_<PyEngine>& type);
void add_jobs(py::class_<PyEngine>& type);
void add_store(py::class_<PyEngine>& type);
void add_loop(py::class_<PyEngine>& type);

}  // namespace scena::python

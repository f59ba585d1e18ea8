#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <exception>
#include <limits>
#include <optional>
#include <scena/error.hpp>
#include <string>
#include <string_view>

#include "lock.hpp"

namespace scena::python {

namespace py = pybind11;

/// A call of the engine. Callbacks that run inside it, on its thread, leave here what they must not
/// swallow: Ctrl-C and sys.exit().
class EngineCall {
 public:
  EngineCall() noexcept;
  ~EngineCall();
  EngineCall(const EngineCall&) = delete;
  EngineCall& operator=(const EngineCall&) = delete;

  /// Raises what a callback left, if one did.
  void raise_interrupt();

 private:
  friend bool keep_interrupt(const py::error_already_set& raised) noexcept;
  friend bool interrupted() noexcept;

  EngineCall* outer_;
  std::exception_ptr interrupt_;
};

/// For a handler of what a callback raised: true when it was Ctrl-C or sys.exit() and the call of
/// the engine that runs the callback raises it when it returns. False on a thread of the engine's.
bool keep_interrupt(const py::error_already_set& raised) noexcept;
/// True while such a call is about to raise: callbacks fail at once, so that it returns soon.
bool interrupted() noexcept;

/// Runs `work` without the interpreter lock: an engine thread that calls Python needs it, and the
/// engine may make us wait for that thread.
template <class Work>
auto unlocked(Work&& work) {
  EngineCall call;
  try {
    auto result = [&] {
      const ReleasedLock released;
      return work();
    }();
    call.raise_interrupt();
    return result;
  } catch (...) {
    call.raise_interrupt();
    throw;
  }
}

/// A handle of the engine that is let go of without the interpreter lock: its end may wait for a
/// thread that calls Python.
template <class T>
struct Unlocked {
  explicit Unlocked(T taken) : value(std::move(taken)) {}
  Unlocked(Unlocked&&) noexcept = default;
  Unlocked(const Unlocked&) = default;
  ~Unlocked() {
    if (!holds_lock()) return;  // inside a call that released it already
    const ReleasedLock released;
    const T gone = std::move(value);
  }
  T value;
};

/// A Python object that the engine keeps, and lets go of on whatever thread it likes.
class Kept {
 public:
  explicit Kept(py::object object) : object_(std::move(object)) {}
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;
  ~Kept() {
    if (Py_IsInitialized()) {
      const HeldLock locked;
      or_stand_still([this] { object_ = py::object(); });
    } else {
      object_.release();  // the interpreter is gone, and the object with it
    }
  }
  /// With the interpreter lock held.
  const py::object& get() const noexcept { return object_; }

 private:
  py::object object_;
};

/// Calls a function of the host's, with the interpreter lock held: the one way to do so. Throws
/// what it raises.
template <class... Args>
py::object call_host(const py::handle& function, const Args&... args) {
  const py::tuple given = py::make_tuple(args...);
  PyObject* made = nullptr;
  or_stand_still([&] { made = PyObject_CallObject(function.ptr(), given.ptr()); });
  if (!made) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(made);
}

/// Text for Python; what is not UTF-8 becomes U+FFFD.
py::str text(std::string_view utf8);
/// The UTF-8 bytes of a str. Anything else is a TypeError, half a surrogate pair an
/// InvalidArgumentError that names `name`.
std::string utf8(const py::handle& text, const char* name);
/// An argument of that kind, which pybind11 itself would refuse with a list of its signatures.
struct Str : std::string {};

/// The exception object of `error`: of the class that belongs to its code.
py::object exception_of(const Error& error);
/// Raises it.
[[noreturn]] void raise(const Error& error);

/// What a callback raised is handed to sys.unraisablehook, or kept by keep_interrupt(): neither the
/// engine nor its other sessions suffer from it.
void report_raised(py::error_already_set& raised, const char* where) noexcept;
/// "ValueError: what it said", for those who only read text.
std::string words_of(const py::error_already_set& raised);

using Milliseconds = std::optional<std::chrono::milliseconds>;
/// None, or seconds as a float; negative ones are none at all. `name` stands in errors.
Milliseconds timeout_of(const py::object& seconds, const char* name = "timeout");
/// What a host's provider or embedder failed with, and how long it asks to wait.
Error failure_of(ErrorCode code, const std::string& message, Milliseconds retry_after);
/// Seconds as a float, at most some thirty years. @throws Error invalid_argument that names `name`.
std::chrono::nanoseconds duration_of(const py::handle& seconds, const char* name);

/// Raises InvalidArgumentError for a whole number out of range, TypeError for what is none.
[[noreturn]] void refuse_number(const py::handle& given, const char* name,
                                const std::string& range);

/// A whole number that T holds. `most` is the largest that makes sense, for the words of the error.
/// @throws Error invalid_argument that names `name`.
template <class T>
T whole(const py::handle& given, const char* name, T most = std::numeric_limits<T>::max()) {
  py::detail::make_caster<T> made;
  if (!made.load(given, true)) {
    refuse_number(given, name,
                  std::to_string(std::numeric_limits<T>::min()) + " to " + std::to_string(most));
  }
  return static_cast<T>(made);
}

/// Waits until wait_for(slice) says that it is done, or `timeout` has passed: then false. On a real
/// clock it comes up for air ten times a second, so that Ctrl-C works.
template <class WaitFor>
bool wait_with_signals(bool real_clock, Milliseconds timeout, WaitFor&& wait_for) {
  using std::chrono::milliseconds;
  using std::chrono::steady_clock;
  if (!real_clock) return unlocked([&] { return wait_for(timeout); });
  const auto end = timeout ? std::optional(steady_clock::now() + *timeout) : std::nullopt;
  for (;;) {
    milliseconds slice(100);
    if (end) {
      const auto left = std::chrono::ceil<milliseconds>(*end - steady_clock::now());
      slice = std::min(slice, std::max(left, milliseconds(0)));
    }
    if (unlocked([&] { return wait_for(Milliseconds(slice)); })) return true;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (end && steady_clock::now() >= *end) return false;
  }
}

/// How many a page may have; the engine refuses what is over that. @throws Error invalid_argument
inline std::size_t page_limit(const py::handle& given) {
  return whole<std::size_t>(given, "limit", 1'000);
}

/// Each adds its part to the module.
void add_values(py::module_& module);
void add_pending(py::module_& module);
void add_session(py::module_& module);
void add_engine(py::module_& module);
void add_stop(py::module_& module);
void add_extensions(py::module_& module);
void add_batch(py::module_& module);
void add_meter(py::module_& module);

}  // namespace scena::python

template <>
struct pybind11::detail::type_caster<scena::python::Str> {
  PYBIND11_TYPE_CASTER(scena::python::Str, const_name("str"));
  bool load(handle given, bool) {
    value.assign(scena::python::utf8(given, "this argument"));
    return true;
  }
};

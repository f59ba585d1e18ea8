#pragma once

#include <functional>
#include <memory>
#include <scena/pending.hpp>
#include <type_traits>

#include "values.hpp"

namespace scena::python {

/// The answer of a queued command, whatever its type: what Python's Pending holds.
class PyPending {
 public:
  virtual ~PyPending() = default;
  virtual bool ready() const = 0;
  /// Waits; raises what the command failed with, or TimeoutError.
  virtual py::object result(Milliseconds timeout) const = 0;
  /// Calls `callback()` once the answer is there, on the engine's thread.
  virtual void then(py::object callback) const = 0;
};

/// A function without arguments that the engine calls: what it raises is reported and dropped.
std::function<void()> python_callback(py::object callback, const char* where);

template <class T, class Convert>
class PendingOf final : public PyPending {
 public:
  PendingOf(Pending<T> pending, bool real_clock, Convert convert)
      : pending_(std::move(pending)), real_clock_(real_clock), convert_(std::move(convert)) {}

  bool ready() const override {
    return unlocked([&] { return pending_.ready(); });
  }

  py::object result(Milliseconds timeout) const override {
    std::optional<Result<T>> got;
    const auto wait_for = [&](Milliseconds slice) {
      got.emplace(pending_.wait(slice));
      // A command may itself fail with timeout: then its answer is there.
      return got->has_value() || got->error().code() != ErrorCode::timeout || pending_.ready();
    };
    wait_with_signals(real_clock_, timeout, wait_for);
    if (!got->has_value()) raise(got->error());
    if constexpr (std::is_void_v<T>) {
      return convert_();
    } else {
      return convert_(std::move(**got));
    }
  }

  void then(py::object callback) const override {
    auto call = python_callback(std::move(callback), "scena: a callback of Pending");
    unlocked([&] {
      pending_.then([call = std::move(call)](const Result<T>&) { call(); });
      return 0;
    });
  }

 private:
  Pending<T> pending_;
  bool real_clock_;
  Convert convert_;
};

template <class T, class Convert>
std::shared_ptr<PyPending> make_pending(Pending<T> pending, bool real_clock, Convert convert) {
  return std::make_shared<PendingOf<T, Convert>>(std::move(pending), real_clock,
                                                 std::move(convert));
}

template <class T>
std::shared_ptr<PyPending> make_pending(Pending<T> pending, bool real_clock) {
  return make_pending(std::move(pending), real_clock,
                      [](const T& value) { return to_python(value); });
}

}  // namespace scena::python

#include "support.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace scena::python {
namespace {

thread_local EngineCall* innermost_call = nullptr;

}  // namespace

EngineCall::EngineCall() noexcept : outer_(std::exchange(innermost_call, this)) {}

EngineCall::~EngineCall() {
  innermost_call = outer_;
}

void EngineCall::raise_interrupt() {
  if (interrupt_) std::rethrow_exception(std::exchange(interrupt_, nullptr));
}

bool keep_interrupt(const py::error_already_set& raised) noexcept {
  if (!innermost_call) return false;
  if (!raised.matches(PyExc_KeyboardInterrupt) && !raised.matches(PyExc_SystemExit)) return false;
  innermost_call->interrupt_ = std::current_exception();
  return true;
}

bool interrupted() noexcept {
  return innermost_call && innermost_call->interrupt_;
}

py::str text(std::string_view utf8) {
  PyObject* made =
      PyUnicode_DecodeUTF8(utf8.data(), static_cast<Py_ssize_t>(utf8.size()), "replace");
  if (!made) throw py::error_already_set();
  return py::reinterpret_steal<py::str>(made);
}

std::string utf8(const py::handle& text, const char* name) {
  if (!PyUnicode_Check(text.ptr()))
    throw py::type_error(std::string(name) + " must be a str, not " + Py_TYPE(text.ptr())->tp_name);
  Py_ssize_t size = 0;
  const char* bytes = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
  if (!bytes) {
    const py::error_already_set raised;
    if (!raised.matches(PyExc_UnicodeEncodeError)) throw raised;
    const auto at = raised.value().attr("start").cast<std::size_t>();
    raise(Error(ErrorCode::invalid_argument, std::string(name) + ": character " +
                                                 std::to_string(at) +
                                                 " is half a surrogate pair, which is no text"));
  }
  return std::string(bytes, static_cast<std::size_t>(size));
}

py::object exception_of(const Error& error) {
  const py::object make = py::module_::import("scena._errors").attr("from_engine");
  const auto after = error.retry_after();
  const py::object seconds =
      after ? py::object(py::float_(static_cast<double>(after->count()) / 1000)) : py::none();
  return make(static_cast<int>(error.code()), text(error.what()), text(error.pointer()),
              text(error.provider_message()), error.provider_status(), to_string(error.point()),
              seconds);
}

void raise(const Error& error) {
  const py::object made = exception_of(error);
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(made.ptr())), made.ptr());
  throw py::error_already_set();
}

void report_raised(py::error_already_set& raised, const char* where) noexcept {
  if (!keep_interrupt(raised)) or_stand_still([&] { raised.discard_as_unraisable(where); });
}

std::string words_of(const py::error_already_set& raised) {
  std::string words = Py_TYPE(raised.value().ptr())->tp_name;
  PyObject* made = nullptr;
  or_stand_still([&] { made = PyObject_Str(raised.value().ptr()); });
  const py::object said = py::reinterpret_steal<py::object>(made);
  if (!said) {
    PyErr_Clear();
    return words;
  }
  const py::bytes bytes = said.attr("encode")("utf-8", "replace");
  const std::string text(bytes);
  return text.empty() ? words : words + ": " + text;
}

namespace {

constexpr double kLongest = 1e9;  // seconds; more would overflow the clock's own unit

double number_of(const py::handle& given, const char* name) {
  py::detail::make_caster<double> made;
  if (!made.load(given, true))
    throw py::type_error(std::string(name) + " must be a number, not " +
                         Py_TYPE(given.ptr())->tp_name);
  const auto number = static_cast<double>(made);
  if (std::isnan(number))
    throw Error(ErrorCode::invalid_argument, std::string(name) + ": must be a number, not nan");
  return number;
}

}  // namespace

Milliseconds timeout_of(const py::object& seconds, const char* name) {
  if (seconds.is_none()) return std::nullopt;
  const double value = number_of(seconds, name);
  // Up, so that what is above zero stays so; but for what a float cannot hold of a whole number.
  const double milliseconds = std::min(std::max(value, 0.0), kLongest) * 1000;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(milliseconds - 1e-6)));
}

Error failure_of(ErrorCode code, const std::string& message, Milliseconds retry_after) {
  Error failed(code, message);
  if (retry_after) failed.with_retry_after(*retry_after);
  return failed;
}

std::chrono::nanoseconds duration_of(const py::handle& seconds, const char* name) {
  const double value = number_of(seconds, name);
  if (std::abs(value) > kLongest) {
    throw Error(ErrorCode::invalid_argument,
                std::string(name) + ": must be at most 1e9 s, which is some thirty years");
  }
  return std::chrono::nanoseconds(std::llround(value * 1e9));
}

void refuse_number(const py::handle& given, const char* name, const std::string& range) {
  if (!PyIndex_Check(given.ptr()))
    throw py::type_error(std::string(name) + " must be an int, not " +
                         Py_TYPE(given.ptr())->tp_name);
  throw Error(ErrorCode::invalid_argument, std::string(name) + ": must be " + range)
      .with_pointer(std::string("/") + name);
}

}  // namespace scena::python

#pragma once

#include <scena/engine.hpp>

#include "support.hpp"

namespace scena::python {

/// A dict in the making: the keyword arguments of a class of scena/_values.py.
class Dict {
 public:
  Dict& set(const char* name, std::string_view value);
  Dict& set(const char* name, const std::string& value) {
    return set(name, std::string_view(value));
  }
  Dict& set(const char* name, const char* value) { return set(name, std::string_view(value)); }
  Dict& set(const char* name, std::int64_t value);
  Dict& set(const char* name, std::uint64_t value);
  Dict& set(const char* name, std::uint32_t value) {
    return set(name, static_cast<std::uint64_t>(value));
  }
  Dict& set(const char* name, double value);
  Dict& set(const char* name, bool value);
  Dict& set(const char* name, const std::map<std::string, std::string>& value);
  Dict& set(const char* name, const std::map<std::string, std::uint32_t>& value);
  Dict& set(const char* name, const std::vector<std::string>& value);
  Dict& set(const char* name, py::object value);
  py::dict take() { return std::move(dict_); }

 private:
  py::dict dict_;
};

// What the engine answers with, as Python objects: dicts that scena/_answers.py makes values of.
py::object to_python(const Participant& value);
py::object to_python(const SessionInfo& value);
py::object to_python(const TurnResult& value);
py::object to_python(const RunResult& value);
py::object to_python(const AsideResult& value);
py::object to_python(const NextQuestion& value);
py::object to_python(const MetricScore& value);
py::object to_python(const JudgedScore& value);
py::object to_python(const Message& value);
py::object to_python(const Explanation& value);
py::object to_python(const Completion& value);
py::object to_python(const Embeddings& value);
py::object to_python(const PresetInfo& value);
py::object to_python(const CostRow& value);
py::object to_python(const CacheFigures& value);
py::object to_python(const EngineStats& value);
py::object to_python(const ServiceHealth& value);
py::object to_python(const Usage& value);
py::object to_python(const Job& value);
py::object to_python(const JobCount& value);

template <class T>
py::list list_of(const std::vector<T>& values) {
  py::list made(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) made[i] = to_python(values[i]);
  return made;
}

/// Microseconds since 1970.
std::int64_t micros(WallTime time) noexcept;

// What Python hands over: dicts whose members are the options' own names, absent where not given.
SendOptions send_options(const py::dict& given);
CommandOptions command_options(const py::object& command_id);
SubscribeOptions subscribe_options(const py::dict& given);
/// How the reply of a turn is read: its text and its end.
SubscribeOptions reader_of_replies(std::string after);
SessionOptions session_options(const py::dict& given);
std::vector<std::string> texts_of(const py::handle& list, const char* name);
std::map<std::string, std::string> text_map_of(const py::handle& dict, const char* name);

}  // namespace scena::python

#include <scena/metrics.hpp>

#include "values.hpp"

namespace scena::python {

namespace {

py::list measure(const Meter& meter, const py::handle& text, const py::handle& question,
                 const py::list& history) {
  const std::string message = utf8(text, "text");
  const std::string asked = utf8(question, "question");
  std::vector<std::pair<bool, std::string>> said;
  for (const py::handle one : history) {
    const auto pair = one.cast<py::tuple>();
    said.emplace_back(pair[0].cast<bool>(), utf8(pair[1], "history"));
  }
  MeasureInput input{.question = asked, .history = {}, .text = message};
  for (const auto& [self, before] : said) input.history.push_back({self, before});
  return list_of(unlocked([&] { return meter.measure(input); }));
}

}  // namespace

void add_meter(py::module_& module) {
  py::class_<Meter>(module, "Meter")
      .def(py::init<>())
      .def("measure", &measure)
      .def("row", [](const Meter& meter, const std::string& json) {
        return text(unlocked([&] { return meter.measure_json(json).value_or_throw(); }));
      });
}

}  // namespace scena::python

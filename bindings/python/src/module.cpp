#include "engine.hpp"

namespace {

// Every scena::Error that leaves a function of the module is raised as the class of its code.
void raise_scena_error(std::exception_ptr thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const scena::Error& error) {
    const auto made = scena::python::exception_of(error);
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(made.ptr())), made.ptr());
  }
}

// pybind11's state, and how it takes and gives back the lock, belong to one interpreter.
bool is_main_interpreter() noexcept {
  return PyInterpreterState_Get() == PyInterpreterState_Main();
}

}  // namespace

// Asked before pybind11 sets anything up, below.
#define PyInit__core scena_make_core
PYBIND11_MODULE(_core, module) {
#undef PyInit__core
  module.doc() = "The compiled half of scena; use the package, which documents what is there.";
  pybind11::register_exception_translator(&raise_scena_error);
  module.def("version", &scena::version);
  // A module that is there already is copied to other interpreters without being made again.
  module.def("is_main_interpreter", &is_main_interpreter);
  module.def("check_preset", [](const pybind11::object& json) {
    pybind11::list faults;
    for (const auto& fault : scena::check_preset(scena::python::utf8(json, "preset"))) {
      faults.append(pybind11::make_tuple(scena::python::text(fault.pointer),
                                         scena::python::text(fault.message),
                                         scena::python::text(fault.example)));
    }
    return faults;
  });
  module.def("check_config", [](const pybind11::object& json) {
    const std::string given = scena::python::utf8(json, "config");
    return scena::python::text(scena::Config::from_json(given).value_or_throw().to_json());
  });
  scena::python::add_pending(module);
  scena::python::add_session(module);
  scena::python::add_extensions(module);
  scena::python::add_engine(module);
  scena::python::add_stop(module);
  scena::python::add_batch(module);
  scena::python::add_meter(module);
}

extern "C" PYBIND11_EXPORT PyObject* PyInit__core() {
  if (is_main_interpreter()) return scena_make_core();
  PyErr_SetString(PyExc_ImportError, "scena works in the main interpreter of a process alone");
  return nullptr;
}

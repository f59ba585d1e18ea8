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

}  // namespace

PYBIND11_MODULE(_core, module) {
  module.doc() = "The compiled half of scena; use the package, which documents what is there.";
  pybind11::register_exception_translator(&raise_scena_error);
  module.def("version", &scena::version);
  module.def("check_preset", [](const std::string& json) {
    pybind11::list faults;
    for (const auto& fault : scena::check_preset(json)) {
      faults.append(pybind11::make_tuple(scena::python::text(fault.pointer),
                                         scena::python::text(fault.message),
                                         scena::python::text(fault.example)));
    }
    return faults;
  });
  module.def("check_config", [](const std::string& json) {
    return scena::python::text(scena::Config::from_json(json).value_or_throw().to_json());
  });
  scena::python::add_pending(module);
  scena::python::add_session(module);
  scena::python::add_extensions(module);
  scena::python::add_engine(module);
  scena::python::add_stop(module);
  scena::python::add_batch(module);
  scena::python::add_meter(module);
}

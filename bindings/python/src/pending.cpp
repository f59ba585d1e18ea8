#include "pending.hpp"

namespace scena::python {

std::function<void()> python_callback(py::object callback, const char* where) {
  return [kept = std::make_shared<Kept>(std::move(callback)), where] {
    if (!Py_IsInitialized()) return;
    const HeldLock locked;
    try {
      call_host(kept->get());
    } catch (py::error_already_set& raised) {
      report_raised(raised, where);
    }
  };
}

void add_pending(py::module_& module) {
  py::class_<PyPending, std::shared_ptr<PyPending>>(module, "Pending")
      .def("ready", &PyPending::ready)
      .def("result", [](const PyPending& pending,
                        const py::object& seconds) { return pending.result(timeout_of(seconds)); })
      .def("then", [](const PyPending& pending, py::object callback) {
        pending.then(std::move(callback));
      });
}

}  // namespace scena::python

#include "lock.hpp"

namespace scena::python {

ReleasedLock::~ReleasedLock() {
  or_stand_still([this] { PyEval_RestoreThread(state_); });
}

HeldLock::HeldLock() {
  or_stand_still([this] { held_.emplace(); });
}

bool holds_lock() noexcept {
#if PY_VERSION_HEX >= 0x030D0000
  const PyThreadState* const now = PyThreadState_GetUnchecked();
#else
  const PyThreadState* const now = _PyThreadState_UncheckedGet();  // of whoever holds it
#endif
  return now && now == PyGILState_GetThisThreadState();
}

}  // namespace scena::python

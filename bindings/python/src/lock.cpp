#include "lock.hpp"

#include <unistd.h>

#include <exception>

namespace scena::python {
namespace {

// The handler is never left: so the unwinding has an end here.
template <class Take>
void take_or_stand_still(Take&& take) {
  try {
    take();
  } catch (const std::exception&) {
    throw;
  } catch (...) {
    for (;;) ::pause();
  }
}

}  // namespace

ReleasedLock::~ReleasedLock() {
  take_or_stand_still([this] { PyEval_RestoreThread(state_); });
}

HeldLock::HeldLock() {
  take_or_stand_still([this] { held_.emplace(); });
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

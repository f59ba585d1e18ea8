#include "engine/api/handles.hpp"

namespace scena {

std::string Turn::id() const {
  const auto accepted = impl_->state->accepted();
  if (!accepted.ready()) return {};
  auto id = accepted.wait(std::chrono::milliseconds(0));
  return id ? *id : std::string();
}

bool Turn::accepted() const {
  const auto accepted = impl_->state->accepted();
  return accepted.ready() && accepted.wait(std::chrono::milliseconds(0)).has_value();
}

bool Turn::done() const {
  return impl_->state->finished().ready();
}

void Turn::wait_accepted(std::optional<std::chrono::milliseconds> timeout) const {
  (void)impl_->state->accepted().get(timeout);
}

TurnResult Turn::wait(std::optional<std::chrono::milliseconds> timeout) const {
  return impl_->state->finished().get(timeout);
}

void Turn::then(std::function<void(Result<TurnResult>)> callback) const {
  impl_->state->finished().then(std::move(callback));
}

void Turn::cancel() const noexcept {
  impl_->state->cancel();
}

}  // namespace scena

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

void Turn::then_accepted(std::function<void(Result<void>)> callback) const {
  impl_->state->accepted().then([callback = std::move(callback)](const Result<std::string>& id) {
    callback(id ? Result<void>{} : Result<void>(id.error()));
  });
}

void Turn::cancel() const noexcept {
  impl_->state->cancel();
}

}  // namespace scena

// Everything of one user, out of the store and the caches.
#include "engine/access/authorizer.hpp"
#include "engine/access/command_check.hpp"
#include "engine/api/handles.hpp"
#include "engine/erasure/erasure_run.hpp"

namespace scena {

std::size_t Engine::erase_user(std::string_view subject) {
  impl_->core->may_wait().value_or_throw();
  return erase_user_later(subject).get();
}

Pending<std::size_t> Engine::erase_user_later(std::string_view subject) {
  impl_->may_store();
  if (subject.empty() || !engine::is_name(subject))
    throw Error::fixed(ErrorCode::invalid_argument,
                       "subject: must name a user, in at most 200 bytes of UTF-8");
  auto state = std::make_shared<detail::PendingState<std::size_t>>(
      std::weak_ptr<detail::Driver>(impl_->core));
  auto find = [tenant = impl_->who().tenant, whose = std::string(subject)](Storage& storage) {
    return engine::sessions_of_user(storage, tenant, whose);
  };
  auto done = [state](const Result<std::size_t>& erased) {
    erased ? state->resolve(*erased) : state->resolve(erased.error());
  };
  std::make_shared<engine::ErasureRun>(impl_->core, impl_->principal, std::move(find),
                                       std::move(done))
      ->look();
  return Pending<std::size_t>(std::move(state));
}

}  // namespace scena

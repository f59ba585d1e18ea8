#include <scena/engine.hpp>

#include "engine/access/authorizer.hpp"
#include "engine/api/handles.hpp"

namespace scena {

Pending<Completion> Engine::complete(std::string_view provider, ReplyRequest request,
                                     std::shared_ptr<ReplySink> live, std::stop_token stop) {
  impl_->core->usable().value_or_throw();
  engine::Authorizer::host_only(impl_->who()).value_or_throw();
  if (request.context.tenant.empty()) request.context.tenant = impl_->who().tenant;
  return impl_->core->complete(std::string(provider), std::move(request), std::move(live), stop)
      .value_or_throw();
}

}  // namespace scena

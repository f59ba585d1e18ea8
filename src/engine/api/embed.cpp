#include "base/model_alias.hpp"
#include "engine/access/authorizer.hpp"
#include "engine/api/handles.hpp"

namespace scena {
namespace engine {

void Core::embed(const std::string& provider, EmbeddingRequest request, Embedder::Done done) {
  LoopHost* host = nullptr;
  {
    std::lock_guard lock(mutex_);
    host = &host_for_next_session();
  }
  std::string name = provider.empty() ? config_.provider : provider;
  resolve_alias(services()->policy.aliases, name, request.model);
  host->loop().post([this, host, name, request = std::move(request), done = std::move(done),
                     busy = WorkCount::token(embeds_)] {
    auto embedder = host->embedder(name);
    if (!embedder) return done(embedder.error());
    // A host's own may answer from any thread; callbacks come on the engine's.
    const auto answer = [gate = host->gate(), done, busy](Result<Embeddings> result) {
      gate->post([done, result = std::move(result)] { done(result); });
    };
    (*embedder)->start(request, answer, embeddings_.get_token());
  });
}

}  // namespace engine

Pending<Embeddings> Engine::embed(std::string_view provider, EmbeddingRequest request) {
  using State = detail::PendingState<Embeddings>;
  auto state = std::make_shared<State>(std::weak_ptr<detail::Driver>(impl_->core));
  if (auto fine = impl_->core->usable(); !fine) {
    state->resolve(fine.error());
    return Pending<Embeddings>(std::move(state));
  }
  if (auto host = engine::Authorizer::host_only(impl_->who()); !host) {
    state->resolve(host.error());
    return Pending<Embeddings>(std::move(state));
  }
  if (!impl_->who().tenant.empty() && request.context.tenant.empty())
    request.context.tenant = impl_->who().tenant;
  request.context.purpose = Purpose::embedding;
  // When nobody is left who could answer, the caller hears so.
  const std::shared_ptr<State> answer(state.get(), [state](State* waiting) {
    waiting->abandon(Error::fixed(ErrorCode::closed, "the engine was closed"));
  });
  impl_->core->embed(std::string(provider), std::move(request),
                     [answer](Result<Embeddings> result) { answer->resolve(std::move(result)); });
  return Pending<Embeddings>(std::move(state));
}

}  // namespace scena

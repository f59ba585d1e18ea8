#pragma once

#include <memory>
#include <scena/ext/provider.hpp>

#include "engine/loop_gate.hpp"

namespace scena::engine {

/// Makes a host's Provider safe to use: what it reports, from whatever thread and in whatever
/// order, reaches the session on its loop, as whole valid UTF-8, in order, with exactly one end. A
/// host that does not end after a stop request is ended for it; what it throws becomes a failed
/// reply.
///
/// Threading: start() on the loop.
class HostProvider final : public Provider {
 public:
  HostProvider(std::shared_ptr<Provider> provider, net::Loop& loop, std::shared_ptr<LoopGate> gate)
      : provider_(std::move(provider)), loop_(loop), gate_(std::move(gate)) {}

  std::string_view name() const noexcept override { return provider_->name(); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override;
  Result<std::string> request_body(const ReplyRequest& request) const override;

 private:
  std::shared_ptr<Provider> provider_;
  net::Loop& loop_;
  std::shared_ptr<LoopGate> gate_;
};

}  // namespace scena::engine

#pragma once

#include <memory>
#include <scena/ext/provider.hpp>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "net/loop.hpp"

namespace scena::llm {

/// A service and model that may answer a call.
struct FallbackTarget {
  std::shared_ptr<Provider> provider;
  std::string model;  ///< Empty: that of the request for the first target, else the service's own.
  std::string service = {};  ///< What the books call the model where `model` is empty.
};

/// A Provider that asks the next target when one failed before its first content, and names the one
/// that failed first in ReplyStart::fallback_for. The first target is the service itself. The total
/// time covers all of them.
///
/// Threading: as Provider, on the thread of `loop`.
class FallbackProvider final : public Provider {
 public:
  FallbackProvider(std::vector<FallbackTarget> targets, net::Loop& loop, Logger log = {});

  std::string_view name() const noexcept override { return targets_->front().provider->name(); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override;
  Result<std::string> request_body(const ReplyRequest& request) const override {
    return targets_->front().provider->request_body(request);
  }

 private:
  class Run;
  using Targets = std::shared_ptr<const std::vector<FallbackTarget>>;

  Targets targets_;
  net::Loop& loop_;
  Logger log_;
};

}  // namespace scena::llm

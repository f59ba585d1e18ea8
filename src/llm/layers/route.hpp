#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <scena/ext/provider.hpp>
#include <scena/policy.hpp>
#include <string>
#include <vector>

#include "base/model_alias.hpp"

namespace scena::llm {

/// What a rule table says of a call.
struct Route {
  PolicyTarget target;
  std::string reason;  ///< "RULE: what matched", for ReplyStart::route.
};

/// The first rule that matches, and of its targets the one that the session's seed picks: the same
/// session stays with the same model. Its alias is replaced, and told in the reason. nullopt when
/// no rule matches.
std::optional<Route> pick_route(const std::vector<RouteRule>& rules, const ModelAliases& aliases,
                                const ReplyRequest& request);

/// Where a rule's provider leads.
struct RouteTarget {
  std::shared_ptr<Provider> provider;
  std::string asked;  ///< What the books call a model of it that nobody names.
};

/// A Provider that sends each call where the rules say, else to `own`.
class RouteProvider final : public Provider {
 public:
  /// The provider of a service's name; kept by its owner.
  using Resolve = std::function<Result<RouteTarget>(const std::string& service)>;

  RouteProvider(std::shared_ptr<Provider> own, std::vector<RouteRule> rules, ModelAliases aliases,
                Resolve resolve);

  std::string_view name() const noexcept override { return own_->name(); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override;
  Result<std::string> request_body(const ReplyRequest& request) const override;

 private:
  Result<RouteTarget> target(const Route& route) const;

  std::shared_ptr<Provider> own_;
  std::vector<RouteRule> rules_;
  ModelAliases aliases_;
  Resolve resolve_;
};

}  // namespace scena::llm

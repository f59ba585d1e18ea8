#include "llm/layers/route.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "llm/layer_sink.hpp"

namespace scena::llm {
namespace {

bool is_language(std::string_view wanted, std::string_view given) {
  return equals_ignore_case(wanted, given.substr(0, wanted.size())) &&
         (given.size() == wanted.size() || given[wanted.size()] == '-');
}

// Tells why a call matches, or nothing.
class Matcher {
 public:
  explicit Matcher(const ReplyRequest& request) : request_(request), context_(request.context) {}

  std::optional<std::string> match(const RouteRule& rule) {
    std::string why;
    const auto add = [&why](std::string piece) {
      why += why.empty() ? ": " : ", ";
      why += piece;
    };
    if (rule.tokens_from) {
      if (context_.prompt_tokens < *rule.tokens_from) return std::nullopt;
      add(fmt::format("{} tokens, from {}", context_.prompt_tokens, *rule.tokens_from));
    }
    if (rule.tokens_below) {
      if (context_.prompt_tokens >= *rule.tokens_below) return std::nullopt;
      add(fmt::format("{} tokens, below {}", context_.prompt_tokens, *rule.tokens_below));
    }
    if (rule.tools) {
      if (request_.tools.empty() == *rule.tools) return std::nullopt;
      add(*rule.tools ? "tools" : "no tools");
    }
    if (!rule.tiers.empty()) {
      if (std::find(rule.tiers.begin(), rule.tiers.end(), context_.tier) == rule.tiers.end())
        return std::nullopt;
      add("tier " + context_.tier);
    }
    if (!rule.languages.empty()) {
      const bool speaks = std::any_of(
          rule.languages.begin(), rule.languages.end(),
          [this](const std::string& one) { return is_language(one, context_.language); });
      if (!speaks) return std::nullopt;
      add("language " + context_.language);
    }
    if (rule.budget_below) {
      if (!context_.budget_left || *context_.budget_left >= *rule.budget_below) return std::nullopt;
      add("budget left below " + rule.budget_below->to_string());
    }
    return rule.name + why;
  }

 private:
  const ReplyRequest& request_;
  const CallContext& context_;
};

// Spreads the bits of a seed (SplitMix64), so that neighbouring seeds are independent.
std::uint64_t mix(std::uint64_t seed) noexcept {
  seed += 0x9E3779B97F4A7C15;
  seed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
  seed = (seed ^ (seed >> 27)) * 0x94D049BB133111EB;
  return seed ^ (seed >> 31);
}

const PolicyTarget& choose(const std::vector<PolicyTarget>& targets, std::uint64_t seed) {
  std::uint64_t all = 0;
  for (const auto& target : targets) all += static_cast<std::uint64_t>(target.weight);
  std::uint64_t point = mix(seed) % all;
  for (const auto& target : targets) {
    const auto weight = static_cast<std::uint64_t>(target.weight);
    if (point < weight) return target;
    point -= weight;
  }
  return targets.back();
}

class RoutedSink final : public ForwardingSink {
 public:
  RoutedSink(std::shared_ptr<ReplySink> sink, std::string reason, std::string asked)
      : ForwardingSink(std::move(sink)), reason_(std::move(reason)), asked_(std::move(asked)) {}
  void on_start(const ReplyStart& start) override {
    ReplyStart routed = start;
    routed.route = reason_;
    if (routed.asked_model.empty()) routed.asked_model = asked_;
    sink().on_start(routed);
  }
  void on_other_use(const OtherUse& use) override { sink().on_other_use(named(use, asked_)); }

 private:
  std::string reason_;
  std::string asked_;  // the model, for the books
};

}  // namespace

std::optional<Route> pick_route(const std::vector<RouteRule>& rules, const ModelAliases& aliases,
                                const ReplyRequest& request) {
  Matcher matcher(request);
  for (const RouteRule& rule : rules) {
    auto reason = matcher.match(rule);
    if (!reason) continue;
    Route route{choose(rule.to, request.context.session_seed), std::move(*reason)};
    const auto alias = resolve_alias(aliases, route.target.provider, route.target.model);
    if (!alias.empty()) route.reason += "; alias " + alias;
    return route;
  }
  return std::nullopt;
}

RouteProvider::RouteProvider(std::shared_ptr<Provider> own, std::vector<RouteRule> rules,
                             ModelAliases aliases, Resolve resolve)
    : own_(std::move(own)),
      rules_(std::move(rules)),
      aliases_(std::move(aliases)),
      resolve_(std::move(resolve)) {}

Result<RouteTarget> RouteProvider::target(const Route& route) const {
  if (route.target.provider.empty()) return RouteTarget{own_, {}};
  return resolve_(route.target.provider);
}

void RouteProvider::start(std::shared_ptr<const ReplyRequest> request,
                          std::shared_ptr<ReplySink> sink, std::stop_token stop) {
  auto route = pick_route(rules_, aliases_, *request);
  if (!route) return own_->start(std::move(request), std::move(sink), std::move(stop));
  const auto to = target(*route);
  // A target that cannot be made was refused when the policy was checked; the service itself
  // answers.
  if (!to) return own_->start(std::move(request), std::move(sink), std::move(stop));
  if ((!route->target.model.empty() || !route->target.provider.empty()) &&
      request->model != route->target.model) {
    auto other = std::make_shared<ReplyRequest>(*request);
    other->model = route->target.model;
    request = std::move(other);
  }
  auto routed = std::make_shared<RoutedSink>(std::move(sink), std::move(route->reason),
                                             request->model.empty() ? to->asked : request->model);
  to->provider->start(std::move(request), std::move(routed), std::move(stop));
}

Result<std::string> RouteProvider::request_body(const ReplyRequest& request) const {
  const auto route = pick_route(rules_, aliases_, request);
  if (!route) return own_->request_body(request);
  const auto to = target(*route);
  if (!to) return own_->request_body(request);
  ReplyRequest routed = request;
  routed.model = route->target.model;
  return to->provider->request_body(routed);
}

}  // namespace scena::llm

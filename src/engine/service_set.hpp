#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <scena/config.hpp>
#include <scena/policy.hpp>
#include <string>

namespace scena::engine {

/// What each call asks of a provider's configuration, read once.
struct ServiceFacts {
  std::string default_model;  ///< Asked where a request names none; empty: not known.
  std::optional<std::int64_t> output_limit;  ///< Of a reply, by the configured body.
};

/// The model services and the policy around them, as turns that start now see them. Immutable;
/// replaced as a whole.
struct ServiceSet {
  std::map<std::string, ProviderConfig> providers;
  Policy policy;
  std::map<std::string, ServiceFacts> facts = {};  ///< Of each of the providers.
  std::uint64_t edition = 0;  ///< Of the providers: another one may answer otherwise.
};

}  // namespace scena::engine

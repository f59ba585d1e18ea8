#pragma once

#include <map>
#include <scena/config.hpp>
#include <scena/policy.hpp>
#include <string>

namespace scena::engine {

/// The model services and the policy around them, as turns that start now see them. Immutable;
/// replaced as a whole.
struct ServiceSet {
  std::map<std::string, ProviderConfig> providers;
  Policy policy;
};

}  // namespace scena::engine

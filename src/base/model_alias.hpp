#pragma once

#include <map>
#include <scena/policy.hpp>
#include <string>

namespace scena {

using ModelAliases = std::map<std::string, ModelAlias>;

/// Puts what `model` stands for in its place, and the alias's provider in that of `provider` where
/// it names one: the one place where a name becomes a service and its model. Other names stay.
/// @return the alias that was named; empty: none was.
std::string resolve_alias(const ModelAliases& aliases, std::string& provider, std::string& model);

/// True when following the alias leads back to a name that was passed already.
bool is_circular(const ModelAliases& aliases, const std::string& name);

}  // namespace scena

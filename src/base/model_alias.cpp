#include "base/model_alias.hpp"

namespace scena {
namespace {

// The alias that `model` names. The own name of one, in its `model`, is the service's own name.
const ModelAlias* next_alias(const ModelAliases& aliases, const ModelAlias* from,
                             const std::string& model) {
  const auto found = aliases.find(model);
  if (found == aliases.end() || &found->second == from) return nullptr;
  return &found->second;
}

}  // namespace

std::string resolve_alias(const ModelAliases& aliases, std::string& provider, std::string& model) {
  std::string named;
  const ModelAlias* alias = next_alias(aliases, nullptr, model);
  if (alias) named = model;
  // Circles are refused with the policy; the bound is for one that was never checked.
  for (std::size_t i = 0; alias && i < aliases.size(); ++i) {
    if (!alias->provider.empty()) provider = alias->provider;
    model = alias->model;
    alias = next_alias(aliases, alias, model);
  }
  return named;
}

bool is_circular(const ModelAliases& aliases, const std::string& name) {
  const auto first = aliases.find(name);
  if (first == aliases.end()) return false;
  if (first->second.model == name) return first->second.provider.empty();
  const ModelAlias* alias = &first->second;
  for (std::size_t i = 0; alias && i <= aliases.size(); ++i) {
    const std::string& model = alias->model;
    alias = next_alias(aliases, alias, model);
  }
  return alias != nullptr;
}

}  // namespace scena

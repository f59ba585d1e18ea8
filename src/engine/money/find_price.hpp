#pragma once

#include <map>
#include <optional>
#include <scena/usage.hpp>
#include <string>

#include "llm/model_catalog.hpp"

namespace scena::engine {

/// The price of a model as the service calls it, else as it was asked for, both also without a
/// vendor before a slash ("openai/gpt-4o"), else that of "*", else the catalog's.
std::optional<Price> find_price(const std::map<std::string, Price>& prices,
                                const llm::ModelCatalog& catalog, const std::string& served,
                                const std::string& asked);

}  // namespace scena::engine

#include "engine/money/find_price.hpp"

namespace scena::engine {
namespace {

std::string without_vendor(const std::string& model) {
  const std::size_t slash = model.rfind('/');
  return slash == std::string::npos ? model : model.substr(slash + 1);
}

}  // namespace

std::optional<Price> find_price(const std::map<std::string, Price>& prices,
                                const llm::ModelCatalog& catalog, const std::string& served,
                                const std::string& asked) {
  for (const std::string& name :
       {served, asked, without_vendor(served), without_vendor(asked), std::string("*")}) {
    if (const auto found = prices.find(name); found != prices.end()) return found->second;
  }
  const auto price = catalog.price(served);
  return price ? price : catalog.price(asked);
}

}  // namespace scena::engine

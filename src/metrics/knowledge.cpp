#include "metrics/knowledge.hpp"

namespace scena::metrics {

std::shared_ptr<const Knowledge> Knowledge::builtin() {
  const auto file = builtin_weights_file();
  return std::make_shared<const Knowledge>(file.empty() ? Weights()
                                                        : Weights::read(file).value_or_throw());
}

}  // namespace scena::metrics

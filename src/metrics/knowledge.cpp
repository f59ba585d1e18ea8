#include "metrics/knowledge.hpp"

#include "metrics/measures/concepts.hpp"

namespace scena::metrics {

std::shared_ptr<const Knowledge> Knowledge::builtin() {
  make_concepts();  // here, where memory may fail, and not in the middle of a first message
  const auto file = builtin_weights_file();
  return std::make_shared<const Knowledge>(file.empty() ? Weights()
                                                        : Weights::read(file).value_or_throw());
}

}  // namespace scena::metrics

#include "metrics/knowledge.hpp"

#include "metrics/measures/concepts.hpp"

namespace scena::metrics {

std::shared_ptr<const Knowledge> Knowledge::builtin() {
  // A constant, not a state: reading the tables takes longer than all else that opens an engine.
  static const std::shared_ptr<const Knowledge> knowledge = [] {
    make_concepts();  // here, where memory may fail, and not in the middle of a first message
    const auto file = builtin_weights_file();
    return std::make_shared<const Knowledge>(file.empty() ? Weights()
                                                          : Weights::read(file).value_or_throw());
  }();
  return knowledge;
}

}  // namespace scena::metrics

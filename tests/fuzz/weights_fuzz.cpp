// A file of weights of arbitrary bytes: it is refused, or every model and every word in it can be
// asked.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "metrics/learned/weights.hpp"

using namespace scena;
using namespace scena::metrics;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto weights = Weights::read(std::as_bytes(std::span(data, size)));
  if (!weights) return 0;
  for (std::uint32_t stem = 0; stem < 64; ++stem) {
    for (const WordRelation& relation : weights->relations().find(stem << 26)) {
      if (relation.stem != stem << 26 || relation.set > WordRelations::kMaxSet) std::abort();
    }
  }
  const std::uint32_t features[] = {0, 1, 0x80000000u, 0xFFFFFFFFu};
  const double numbers[LinearModel::kMaxNumbers] = {};
  // The name of the first section, whatever it is.
  const std::string name(reinterpret_cast<const char*>(data) + std::min<std::size_t>(size, 12),
                         std::min<std::size_t>(size - 12, 16));
  const LinearModel* model = weights->model(name.substr(0, name.find('\0')));
  if (model == nullptr) return 0;
  LinearModel::Sums sums;
  for (const std::uint32_t feature : features) model->add(feature, sums);
  for (std::size_t head = 0; head < model->heads(); ++head) {
    if (!std::isfinite(model->score(head, sums, numbers))) std::abort();
  }
  return 0;
}

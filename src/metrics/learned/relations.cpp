#include "metrics/learned/relations.hpp"

#include <utility>

namespace scena::metrics {

WordRelations::WordRelations(std::vector<WordRelation> entries, std::uint16_t first_kind,
                             std::uint16_t first_synonym)
    : entries_(std::move(entries)), first_kind_(first_kind), first_synonym_(first_synonym) {
  std::uint32_t at = 0;
  for (std::uint32_t bucket = 0; bucket + 1 < begins_.size(); ++bucket) {
    begins_[bucket] = at;
    while (at < entries_.size() && entries_[at].stem >> kShift == bucket) ++at;
  }
  begins_.back() = at;
}

}  // namespace scena::metrics

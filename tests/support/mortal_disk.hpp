#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "storage/registry.hpp"
#include "support/forwarding_storage.hpp"

namespace scena::test {

/// A store that takes `left` commits; then nothing reaches it any more, as when the process is
/// killed.
class MortalDisk final : public ForwardingStorage {
 public:
  MortalDisk() : ForwardingStorage(std::move(*open_storage({.url = "memory:"}))) {}
  std::vector<Result<void>> commit(std::span<const Batch> group) override {
    if (left == 0) return {group.size(), dead()};
    --left;
    return ForwardingStorage::commit(group);
  }
  Result<std::optional<Job>> claim_job(const JobClaim& claim) override {
    if (left == 0) return dead();
    return ForwardingStorage::claim_job(claim);
  }
  static Error dead() { return Error::fixed(ErrorCode::storage_failed, "the process is gone"); }

  std::size_t left = SIZE_MAX;
};

}  // namespace scena::test

#pragma once

#include <scena/batch.hpp>
#include <string>
#include <vector>

namespace scena::engine {

/// The preset with the members of its characters that a set changes, checked.
/// Errors: not_found for a character that it has not; invalid_argument as Preset::from_json().
Result<Preset> with_changes(const Preset& preset, const BatchCharacters& characters);

/// What the sessions of a plan are made of, computed once for all runs.
class BatchParts {
 public:
  /// `fork`: the exported session that a plan with a fork begins with. The plan must outlive it.
  BatchParts(const BatchPlan& plan, const Config& config, std::string fork);

  const Preset& preset(const BatchRun& run) const { return presets_[place(run)]; }
  const std::string& fork() const noexcept { return fork_; }
  /// Equal for runs that are made of the same.
  std::string digest(const BatchRun& run) const;

 private:
  std::size_t place(const BatchRun& run) const noexcept;

  const BatchPlan& plan_;
  std::string fork_;
  std::vector<Preset> presets_;       ///< By preset, then by set of characters.
  std::vector<std::string> digests_;  ///< Of `presets_`; of the fork when there is one.
  std::string settings_;              ///< What all runs share, as JSON.
};

}  // namespace scena::engine

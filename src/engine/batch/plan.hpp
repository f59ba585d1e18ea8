#pragma once

#include <scena/batch.hpp>
#include <scena/engine.hpp>
#include <string>
#include <vector>

namespace scena::engine {

/// The preset with the members of its characters that a set changes, checked.
/// Errors: not_found for a character that it has not; invalid_argument as Preset::from_json().
Result<Preset> with_changes(const Preset& preset, const BatchCharacters& characters);

/// What the sessions of a plan are made of, computed once for all runs.
class BatchParts {
 public:
  /// `parts`: what a host gives to each engine. `fork`: the exported session that a plan with a
  /// fork begins with. The plan must outlive it.
  BatchParts(const BatchPlan& plan, const Config& config, const Dependencies& parts,
             std::string fork);

  const Preset& preset(const BatchRun& run) const { return presets_[place(run)]; }
  const std::string& fork() const noexcept { return fork_; }
  const std::string& preset_id(const BatchRun& run) const { return preset_ids_[place(run)]; }
  /// What a row says of the model where the plan compares none.
  const std::string& model() const noexcept { return model_; }
  /// For the generator of the run's engine: of what the session is made of and its seed, so that a
  /// fork never gets the id of the session that it comes from.
  std::uint64_t engine_seed(const BatchRun& run) const;
  /// Equal for runs that are made of the same.
  std::string digest(const BatchRun& run) const;

 private:
  std::size_t place(const BatchRun& run) const noexcept;

  const BatchPlan& plan_;
  std::string fork_;
  std::string model_;
  std::vector<std::string> preset_ids_;
  std::vector<Preset> presets_;       ///< By preset, then by set of characters.
  std::vector<std::string> digests_;  ///< Of `presets_`; of the fork when there is one.
  std::string settings_;              ///< What all runs share, as JSON.
};

}  // namespace scena::engine

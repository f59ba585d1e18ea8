#pragma once

#include <optional>
#include <scena/config.hpp>
#include <span>
#include <string>

#include "domain/analysis/analysis_dialogue.hpp"
#include "domain/preset_render.hpp"
#include "domain/session_model.hpp"
#include "engine/turn/turn_plan.hpp"

namespace scena::engine {

inline constexpr const char* kAnalysisPurpose = "analysis";    ///< Of its calls, in the books.
inline constexpr const char* kAnalysisJob = "scena.analysis";  ///< Kind of its jobs.

/// Which model writes the analysis: the preset's, else the configuration's; nothing where neither
/// names a provider, so that no session costs more than its host asked for.
std::optional<ModelChoice> analysis_model(const Config& config, const Preset& preset);

/// The next request of an analysis. Empty `tenant`: the caller fills it in.
TurnPlan analysis_plan(const Config& config, const Preset& preset, const SessionFacts& facts,
                       const ModelChoice& model, const AnalysisDialogue& dialogue);

/// What was measured, and what a model judged and found, as one analysis.
Analysis with_findings(Analysis measured, ModelFindings findings,
                       std::span<const Message* const> line);

/// The data of the events.
std::string analysis_queued_data(std::string_view job, std::string_view reason);
std::string analysis_stored_data(std::string_view job, const Analysis& analysis);
std::string analysis_failed_data(std::string_view job, const Error& error);

}  // namespace scena::engine

#pragma once

#include <optional>
#include <scena/analysis.hpp>
#include <scena/config.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/judge/judge_dialogue.hpp"
#include "domain/session_model.hpp"
#include "engine/turn/turn_plan.hpp"

namespace scena::engine {

inline constexpr const char* kJudgePurpose = "judge";    ///< Of its calls, in the books.
inline constexpr const char* kJudgeJob = "scena.judge";  ///< Kind of its jobs.

/// The next request of a judgement. Empty `tenant`: the caller fills it in.
TurnPlan judge_plan(const Config& config, const Preset& preset, const SessionFacts& facts,
                    const JudgeDialogue& dialogue);

/// What came of the opinions so far; nothing where none was to be asked for.
std::optional<AnalysisJudge> judge_figures(const JudgeFacts& facts,
                                           std::span<const Message* const> line);

/// What stands in the job, and its inverse.
struct JudgePayload {
  std::string session;
  std::string message;
  std::vector<std::string> metrics;
};
std::string write_judge_payload(const JudgePayload& payload);
std::optional<JudgePayload> read_judge_payload(std::string_view json);

/// The data of the events. `error` says why a model was not heard beside opinions that were known.
/// `job` is empty where a message is over the session's bound.
std::string judge_queued_data(std::string_view job, const JudgePayload& payload);
std::string judge_failed_data(std::string_view job, std::string_view message, const Error& error);
std::string metrics_judged_data(std::string_view job, std::string_view message,
                                const std::vector<JudgedScore>& opinions,
                                const std::vector<std::string>& asked, Money cost,
                                const std::optional<Error>& error = {});

}  // namespace scena::engine

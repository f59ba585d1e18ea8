#pragma once

#include <scena/analysis.hpp>
#include <scena/session.hpp>
#include <string>

#include "shell/console.hpp"

namespace scena::shell {

/// An analysis for people, in the terminal's width; nothing of it can move the cursor.
void show_analysis(Console& console, const SessionInfo& info, const Analysis& analysis);

/// "sentiment falls": a kind, a status or a reason for people.
std::string analysis_word(std::string_view word);
/// What was skipped there: the question of that id, or the step as it is.
std::string escape_step(const Analysis& analysis, const std::string& step);
/// "A model was asked about 3 messages with unsure scores: 3 judged, 0 without an opinion."
std::string judge_counts(const AnalysisJudge& judge);
/// "12 messages, 0.18 apart on average, correlation 0.71, same label 75 %, kappa 0.58".
std::string agreement_text(const MetricAgreement& agreement);
/// "measured, without a model", "by openai, gpt-4o".
std::string analysis_source(const Analysis& analysis);

}  // namespace scena::shell

#pragma once

#include <optional>
#include <scena/preset.hpp>
#include <scena/session.hpp>
#include <string>
#include <string_view>

#include "metrics/analysis/asked.hpp"

namespace scena::engine {

/// What a model is asked for, so that `character` can ask the next question. The same preset and
/// line give the same bytes.
std::string question_prompt(const Preset& preset, const Character& character,
                            const metrics::AskedQuestions& asked);
/// The schema of its answer.
std::string question_schema(const QuestionMaker& maker);

/// Takes the answer, which follows the schema already. @return why not: "schema", "repeat".
std::optional<std::string> take_question(std::string_view answer, const Preset& preset,
                                         const metrics::AskedQuestions& asked, NextQuestion& out);
/// The first planned question that nobody asked; without text when there is none.
NextQuestion planned_question(const Preset& preset, const metrics::AskedQuestions& asked,
                              std::string reason);
/// Why a call that failed gives no question.
std::string reason_of(const Error& error);

}  // namespace scena::engine

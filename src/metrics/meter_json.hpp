#pragma once

#include <scena/metrics.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace scena::metrics {

/// Reads one line of `scena measure`. An escaped surrogate without its partner, and bytes that are
/// not UTF-8, become U+FFFD: there is an answer for such a text, too.
Result<Json> parse_measure_line(std::string_view line);

/// What the line asks for; views into the document. invalid_argument, naming the member.
Result<MeasureInput> measure_input(const Json& document);

/// The answer: the line's "id" and each metric, null where it has no score.
std::string measure_output(const Json& document, const std::vector<MetricScore>& scores);

}  // namespace scena::metrics

#pragma once

#include <scena/ext/analyzer.hpp>

#include "base/json.hpp"
#include "base/json_writer.hpp"

namespace scena {

/// One score as it stands in metrics.stored and metrics.live, rounded to 4 decimals.
void write_score(JsonWriter& writer, const MetricScore& score);
void write_scores(JsonWriter& writer, const std::vector<MetricScore>& scores);
/// Makes a score what reading its JSON again would give: rounded, every text valid UTF-8.
void settle_score(MetricScore& score);
/// Reads one score; unknown members are ignored. Throws nlohmann's exceptions on wrong types.
MetricScore read_score(const Json& value);

}  // namespace scena

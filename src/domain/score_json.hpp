#pragma once

#include <scena/message.hpp>

#include "base/json.hpp"
#include "base/json_writer.hpp"

namespace scena {

/// One score as it stands in metrics.stored and metrics.live, rounded to 4 decimals.
void write_score(JsonWriter& writer, const MetricScore& score);
void write_scores(JsonWriter& writer, const std::vector<MetricScore>& scores);
/// A model's opinions as they stand in metrics.judged.
void write_judged(JsonWriter& writer, const std::vector<JudgedScore>& scores);
/// Makes a score what reading its JSON again would give: rounded, every text valid UTF-8.
void settle_score(MetricScore& score);
/// Its texts as UTF-8 without a NUL.
void repair_texts(MetricScore& score);
/// Reads one score; unknown members are ignored. Throws nlohmann's exceptions on wrong types.
MetricScore read_score(const Json& value);
/// Reads what write_judged() wrote. Throws as above.
std::vector<JudgedScore> read_judged(const Json& list);

}  // namespace scena

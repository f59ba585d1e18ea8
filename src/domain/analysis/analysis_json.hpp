#pragma once

#include <scena/analysis.hpp>
#include <string_view>

#include "base/json.hpp"
#include "base/json_writer.hpp"

namespace scena {

/// The one JSON form of an analysis: members in a fixed order, what is absent left out.
void write_analysis(JsonWriter& writer, const Analysis& analysis);
/// The members of an agreement, in the object that is open.
void write_agreement_members(JsonWriter& writer, const MetricAgreement& agreement);
/// Reads it; unknown members are ignored. Throws nlohmann's exceptions on wrong types.
Analysis read_analysis(const Json& value);
/// Makes an analysis what reading its JSON again would give: numbers rounded to 4 decimals, every
/// text valid UTF-8.
void settle_analysis(Analysis& analysis);

}  // namespace scena

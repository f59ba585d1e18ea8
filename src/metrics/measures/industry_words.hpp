#pragma once

#include <span>

#include "metrics/measures/industry.hpp"

namespace scena::metrics {

/// The tables that IndustryWords is built from.
std::span<const IndustryLine> industry_lines();

}  // namespace scena::metrics

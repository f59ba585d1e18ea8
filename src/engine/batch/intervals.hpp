#pragma once

#include <cstddef>
#include <scena/batch_row.hpp>

namespace scena::engine {

/// The mean's interval where the values themselves are not at hand: of that many, with that mean
/// and that sum of squared distances from it.
Interval mean_interval(std::size_t count, double mean, double deviations);

}  // namespace scena::engine

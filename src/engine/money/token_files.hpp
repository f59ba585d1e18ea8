#pragma once

#include <scena/config.hpp>
#include <scena/result.hpp>

#include "engine/money/token_estimate.hpp"

namespace scena::engine {

/// Reads the vocabularies of Config::token_counters, each file once however many families share it.
/// What `counters` has already, the host gave: it stays, and its file is not read. Blocks.
///
/// @return the first fault, with the member at fault as its pointer; then `counters` is unchanged.
Result<void> read_token_files(const Config& config, TokenCounters& counters);

}  // namespace scena::engine

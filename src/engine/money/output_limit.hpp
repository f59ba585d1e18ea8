#pragma once

#include <cstdint>
#include <optional>
#include <scena/config.hpp>

namespace scena::engine {

/// How many output tokens a reply of this provider may have at most by its configured body, which
/// goes over what a request asks for; by the service's own name for it. nullopt: it says nothing.
std::optional<std::int64_t> configured_output_limit(const ProviderConfig& provider);

}  // namespace scena::engine

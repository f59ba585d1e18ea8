#pragma once

#include <scena/usage.hpp>
#include <string_view>

namespace scena::engine {

/// The usage to book: what the provider reported, and where it reported nothing an estimate, marked
/// so. Nothing was used when it neither reported nor wrote anything.
Usage settle_usage(const UsageUpdate& reported, std::int64_t prompt_tokens,
                   std::string_view written);

}  // namespace scena::engine

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace scena {

/// True for an event type, or its beginning and "*": "turn.finished", "message.*".
bool is_event_pattern(std::string_view text) noexcept;

/// True when one of the patterns fits the type, or when there are none at all.
bool wants_event(std::span<const std::string> patterns, std::string_view type) noexcept;

}  // namespace scena

#pragma once

#include <optional>
#include <string_view>

namespace scena {

/// Where a session stands. `pending` was created and not started; `error` can be resumed.
enum class SessionState { pending, active, paused, completed, error };

/// The state's name as it stands in JSON, e.g. "active". Never null.
const char* to_string(SessionState state) noexcept;
/// The state of that name; nothing for other names.
std::optional<SessionState> parse_session_state(std::string_view name) noexcept;

}  // namespace scena

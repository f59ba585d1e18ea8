#pragma once

#include <scena/error.hpp>
#include <string_view>

namespace scena::shell {

/// What `scena` ends with; docs/reference/cli.md has the table.
enum class Exit : int {
  ok = 0,
  other = 1,
  usage = 2,
  invalid = 3,
  not_found = 4,
  provider = 5,
  storage = 6
};

/// The exit code that belongs to a failure of a command. `unavailable` is then a store that another
/// program holds: a service that does not answer fails a reply, not the command.
Exit exit_of(ErrorCode code) noexcept;
/// That of a reply that failed or was cut, by the name its code has in events, e.g. "network": it
/// could not be stored, or else the service is at fault, whatever that answered.
Exit exit_of_reply(std::string_view code_name) noexcept;

}  // namespace scena::shell

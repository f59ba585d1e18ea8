#pragma once

#include <scena/completion.hpp>
#include <string>
#include <string_view>

namespace scena::shell {

/// The word that `scena complete --json` has for a failure; docs/reference/complete.md lists them.
std::string_view kind_of(const Error& error) noexcept;

/// A reply as the one object that `scena complete --json` prints, on one line.
std::string completion_json(const Completion& reply);

/// The same for a call that was refused before anything was sent.
std::string completion_json(const Error& refused);

}  // namespace scena::shell

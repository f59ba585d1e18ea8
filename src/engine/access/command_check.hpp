#pragma once

#include <scena/config.hpp>
#include <string>
#include <string_view>

#include "engine/actor/command.hpp"

namespace scena::engine {

/// What can be said of a command without knowing its session: encodings, sizes, limits. Plain.
/// @return invalid_argument or too_large; the message begins with the field's name.
Result<void> check_command(const Command& command, const Limits& limits);

/// A label of a session: UTF-8 without NUL, a name of 1 to 100 bytes and a value of at most 500.
bool is_label(std::string_view name, std::string_view value) noexcept;
/// Title and labels within their sizes.
Result<void> check_changes(const SessionChanges& changes);

/// A text of a person: not blank, valid UTF-8 without NUL, at most `limit` bytes.
Result<void> check_text(const char* field, std::string_view text, std::size_t limit);

/// A short name: valid UTF-8 of at most 200 bytes without control characters.
bool is_name(std::string_view text) noexcept;
/// How many a page of a list holds: `wanted`, at most 1000; 0: `usual`.
Result<std::size_t> page_size(std::size_t wanted, std::size_t usual);
/// What names a session: a name without "/", which separates it in keys.
bool is_session_id(std::string_view text) noexcept;
/// Tenant, subject and roles hold nothing that could be mistaken in a key.
Result<void> check_principal(const Principal& who);

}  // namespace scena::engine

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace scena {

/// What a hexadecimal digit stands for, -1 for any other character.
constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// ASCII only.
constexpr bool is_letter_or_digit(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Bytes of the valid UTF-8 sequence at the front, or 0 when there is none (overlong forms,
/// surrogates and cut sequences are not valid).
std::size_t utf8_sequence_length(std::string_view text) noexcept;

bool is_valid_utf8(std::string_view text) noexcept;

/// The longest prefix that is valid UTF-8: what a cut stream leaves when half a character is
/// dropped. Stops at the first invalid byte.
std::size_t utf8_valid_prefix(std::string_view text) noexcept;

/// Bytes at the front, which are no valid sequence, that one U+FFFD stands for: one, or as much as
/// a sequence that was cut (the practice of the Unicode and Encoding standards). At least 1.
std::size_t utf8_broken_length(std::string_view text) noexcept;

/// True when `tail` could be the start of a valid sequence that needs more bytes.
bool is_utf8_start(std::string_view tail) noexcept;

/// The longest prefix of at most `max_bytes` that does not cut a character.
std::string_view utf8_truncate(std::string_view text, std::size_t max_bytes) noexcept;

/// Replaces what is not valid by U+FFFD, see utf8_broken_length().
std::string utf8_repair(std::string_view text);

/// A text as the log may keep it: valid UTF-8 without a NUL, which an import would refuse and a
/// reader in C would take for its end.
bool is_sound_text(std::string_view text) noexcept;

/// What a host handed out as such a text: U+FFFD stands for what is not valid, and for a NUL.
std::string sound_text(std::string_view text);

/// ASCII only: case-insensitive comparison of names such as header fields.
bool equals_ignore_case(std::string_view a, std::string_view b) noexcept;

std::string_view trim(std::string_view text) noexcept;

}  // namespace scena

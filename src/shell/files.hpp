#pragma once

#include <scena/result.hpp>
#include <string>
#include <string_view>

namespace scena::shell {

/// The whole file, or standard input for "-"; at most 256 MiB. Errors: not_found, invalid_argument.
Result<std::string> read_file(const std::string& path);

/// Fails where write_file() would, as far as that can be known beforehand; leaves nothing behind.
Result<void> check_writable(const std::string& path);

/// Writes the file in whole or not at all: a temporary file beside it, under a name that nobody
/// has, takes its name at the end. A link, a pipe or a device is written to as it is. A new file is
/// its owner's alone to read; one that is replaced keeps no rights of the old one.
Result<void> write_file(const std::string& path, std::string_view content);

}  // namespace scena::shell

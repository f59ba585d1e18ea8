#pragma once

#include <scena/secret.hpp>
#include <string>

namespace scena {

/// Overwrites the text with zeros, also where a compiler sees no further use, and empties it. What
/// a longer text left behind its end goes as well.
void wipe(std::string& text) noexcept;

}  // namespace scena

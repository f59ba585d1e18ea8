#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace scena {

/// RFC 4648 base64 with padding.
std::string base64_encode(std::string_view bytes);
/// Strict: no white space, padding required, unused bits zero; nullopt otherwise.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace scena

#pragma once

#include <string>
#include <string_view>

namespace scena {

/// Lower-case hex SHA-256 of the bytes.
std::string sha256_hex(std::string_view bytes);

/// HMAC-SHA256 (RFC 2104) of the bytes, 32 raw bytes.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

}  // namespace scena

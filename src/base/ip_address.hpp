#pragma once

#include <cstdint>
#include <span>

namespace scena {

/// True when the address (4 or 16 bytes, network order) belongs to the public internet. Private,
/// loopback, link-local, shared (CGNAT), multicast, documentation, benchmark and reserved ranges do
/// not, nor IPv6 forms that carry such an IPv4 address. Every resolved address of an untrusted URL
/// is judged with it before a connection is made. Other sizes are not public.
bool is_public_address(std::span<const std::uint8_t> bytes) noexcept;

}  // namespace scena

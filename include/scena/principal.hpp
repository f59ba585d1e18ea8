#pragma once

#include <string>
#include <vector>

namespace scena {

/// On whose behalf a call is made. Engine itself acts as the host, who may do everything;
/// Engine::as(principal) is the same API under that principal's rights.
struct Principal {
  std::string tenant = "default";  ///< First part of every key; tenants never see each other.
  std::string subject;             ///< User id; empty for the host.
  std::vector<std::string> roles;  ///< "host", "participant", "observer", or the host's own names.
  std::string
      participant;  ///< The participant of a session this principal speaks as; may be empty.

  /// The host of this engine in one tenant: all rights.
  static Principal host(std::string tenant = "default");
  /// True with the role "host".
  bool is_host() const noexcept;
  bool operator==(const Principal&) const = default;
};

}  // namespace scena

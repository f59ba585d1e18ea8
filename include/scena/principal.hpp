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
      participant;      ///< The participant of a session this principal speaks as; may be empty.
  std::string tier;     ///< The user's subscription: rules of the policy ask for it; may be empty.
  std::string address;  ///< Where the call comes from, for rate limits; may be empty.
  std::string key;      ///< Name (never the secret) of the API key used; may be empty.

  /// The host of this engine in one tenant: all rights.
  static Principal host(std::string tenant = "default");
  /// True with the role "host".
  bool is_host() const noexcept;
  /// Nobody in particular: has the role "guest", or no subject and is no host.
  bool is_guest() const noexcept;
  bool operator==(const Principal&) const = default;
};

}  // namespace scena

#pragma once

#include <scena/ext/storage.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena::engine {

/// Stored sessions that hold something of one user.
struct UserSessions {
  std::vector<std::string> all;   ///< Ids, those of deleted sessions too, whose events are kept.
  std::vector<std::string> live;  ///< Those of `all` that are not deleted.
};

/// The sessions that `subject` owns or takes or took part in, and every fork of these, as a fork is
/// read with what it shares.
Result<UserSessions> sessions_of_user(Storage& storage, const std::string& tenant,
                                      std::string_view subject);

/// Erases deleted sessions with all that is kept beside their events, and then what still holds
/// their bytes. Sums of money and counts stay: they have no text.
Result<void> erase_sessions(Storage& storage, const std::string& tenant,
                            const std::vector<std::string>& sessions);

}  // namespace scena::engine

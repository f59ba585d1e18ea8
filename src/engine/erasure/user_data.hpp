#pragma once

#include <scena/ext/storage.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scena::engine {

/// Stored sessions of which nothing is to be left.
struct SessionsToErase {
  std::vector<std::string> all;   ///< Ids, those of deleted sessions too, whose events are kept.
  std::vector<std::string> live;  ///< Those that are not deleted yet.
  std::vector<std::string> unreadable;  ///< Nobody can tell whether they belong to `all`.
  /// The event that ended the one of `live`, which stays where it runs again; 0: it goes anyway.
  std::uint64_t end_seq = 0;
  bool scrub = true;  ///< False: somebody else is about to do it.
};

/// True for an error that one session's events give, and not the store as a whole.
bool is_unreadable(const Error& error) noexcept;

/// Whether a document of that kind has this index field, one whose id is not among `gone`.
Result<bool> is_found_besides(Storage& storage, const std::string& tenant, std::string_view kind,
                              const std::pair<std::string, std::string>& where,
                              const std::vector<std::string>& gone);

/// The sessions that `subject` owns or takes or took part in, and every fork of these, as a fork is
/// read with what it shares.
Result<SessionsToErase> sessions_of_user(Storage& storage, const std::string& tenant,
                                         std::string_view subject);

/// Erases deleted sessions with all that is kept beside their events, the text of their preset
/// where no other session needs it, and then what still holds their bytes. Sums of money and counts
/// stay: they have no text.
Result<void> erase_sessions(Storage& storage, const std::string& tenant,
                            const SessionsToErase& sessions);

}  // namespace scena::engine

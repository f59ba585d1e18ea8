#pragma once

#include <cstdint>
#include <scena/ext/storage.hpp>
#include <string>
#include <vector>

#include "domain/session_model.hpp"

namespace scena::engine {

/// Calls `visit` with the events that make up a session, oldest first: for a fork first its
/// parent's up to the fork, and so on. `up_to` bounds the session's own events. Stops at the first
/// error.
Result<void> visit_events(Storage& storage, const std::string& tenant, const std::string& id,
                          std::uint64_t up_to,
                          const std::function<Result<void>(const Event&)>& visit);

/// The session as its log makes it, up to and including event `up_to` of its own stream.
/// @return not_found when the stream has no event; storage_corrupt when the log has a fault.
Result<SessionModel> load_model(Storage& storage, const std::string& tenant, const std::string& id,
                                std::uint64_t up_to = UINT64_MAX);

/// The hash of the preset that the session, or the first of a fork's parents, was made of.
/// @return as load_model(), of which it reads no more than the first event.
Result<std::string> find_preset(Storage& storage, const std::string& tenant, const std::string& id);

/// A place in one session's stream, and how far of that stream the session in question shares.
struct StreamPlace {
  std::string session;
  std::uint64_t seq = 0;
  std::uint64_t up_to = 0;
};

/// Where a message of the prefix that `id` shares with other sessions was stored.
Result<StreamPlace> find_inherited(Storage& storage, const std::string& tenant,
                                   const std::string& id, const Message& message);

}  // namespace scena::engine

#pragma once

#include <scena/session.hpp>

#include "base/json.hpp"
#include "domain/session_model.hpp"

namespace scena::engine {

class Core;
class SessionActor;

/// Composes the request of a stored reply again, from the session as it stood before and the data
/// of its turn.started, and those that followed with the results of tools: `continued` has their
/// hashes. @return conflict when the bytes' hash is not the recorded one.
Result<Explanation> explain_turn(Core& core, SessionActor& actor, const SessionModel& before,
                                 const Json& started, const std::vector<std::string>& continued,
                                 const Message& message);

}  // namespace scena::engine

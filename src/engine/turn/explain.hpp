#pragma once

#include <scena/session.hpp>

#include "base/json.hpp"
#include "domain/session_model.hpp"
#include "engine/turn/turn_plan.hpp"

namespace scena::engine {

class Core;
class SessionActor;

/// A later request of a turn, as turn.continued tells of it: behind tools, or to repair an answer.
struct ContinuedRequest {
  std::string sha256;
  std::optional<Repair> repairs;
};
ContinuedRequest read_continued(const Json& data);

/// Composes the request of a stored reply again, from the session as it stood before and the data
/// of its turn.started, and those that followed later in the turn. @return conflict when the bytes'
/// hash is not the recorded one.
Result<Explanation> explain_turn(Core& core, SessionActor& actor, const SessionModel& before,
                                 const Json& started,
                                 const std::vector<ContinuedRequest>& continued,
                                 const Message& message);

}  // namespace scena::engine

#include "engine/access/authorizer.hpp"

#include <algorithm>

namespace scena::engine {
namespace {

bool owns(const Principal& who, const SessionInfo& session) {
  return !who.subject.empty() && who.subject == session.owner;
}

// The participant that a principal is; of several one who is there.
const Participant* part_of(const Principal& who, const SessionInfo& session) {
  const Participant* gone = nullptr;
  for (const auto& participant : session.participants) {
    const bool same = !who.subject.empty() ? participant.subject == who.subject : false;
    if (same || (!who.participant.empty() && participant.id == who.participant &&
                 participant.subject.empty())) {
      if (participant.present) return &participant;
      gone = &participant;
    }
  }
  return gone;
}

// What a participant may do; everything else belongs to the owner and the host.
bool participant_may(SessionCommand command) {
  switch (command) {
    case SessionCommand::send:
    case SessionCommand::cancel:
    case SessionCommand::regenerate:
    case SessionCommand::edit:
    case SessionCommand::undo:
    case SessionCommand::continue_reply:
    case SessionCommand::choose:
    case SessionCommand::leave:
    case SessionCommand::escape:
      return true;
    default:
      return false;
  }
}

// What even an owner may not do: act as the host, or spend on an analysis that the host alone
// reads.
bool owner_may(SessionCommand command) {
  return command != SessionCommand::annotate && command != SessionCommand::fail &&
         command != SessionCommand::analyze;
}

Error absent() {
  return Error::fixed(ErrorCode::not_found, "no such session");
}

Error has_left() {
  return Error::fixed(ErrorCode::permission_denied,
                      "participant: it has left the session; join again to see what follows");
}

// Whose eyes somebody wants to see with: a participant who is there.
Result<std::string> eyes_of(const std::string& wanted, const SessionInfo& session) {
  if (wanted.empty() || session.participants.empty()) return wanted;  // or not created yet
  for (const auto& participant : session.participants) {
    if (participant.id != wanted) continue;
    if (!participant.present) return has_left();
    return wanted;
  }
  return Error(ErrorCode::not_found, "participant: nobody of the id \"" + wanted +
                                         "\" is in the session; leave it empty to see everything");
}

}  // namespace

Result<void> Authorizer::may_read(const Principal& who, const SessionInfo& session) {
  if (who.is_host() || owns(who, session)) return {};
  const Participant* participant = part_of(who, session);
  if (!participant) return absent();
  return participant->present ? Result<void>() : has_left();
}

Result<void> Authorizer::may(const Principal& who, SessionCommand command,
                             const SessionInfo& session) {
  if (who.is_host()) return {};
  if (owns(who, session) && owner_may(command)) return {};
  const Participant* participant = part_of(who, session);
  if (!participant && !owns(who, session)) return absent();
  if (participant && participant->present && participant_may(command)) return {};
  return Error::fixed(
      ErrorCode::permission_denied,
      "this principal may not do that here; ask as the session's owner or the host");
}

Result<void> Authorizer::host_only(const Principal& who) {
  if (who.is_host()) return {};
  return Error::fixed(ErrorCode::permission_denied,
                      "only the host may do that; use the engine itself instead of as(principal)");
}

Result<std::string> Authorizer::viewpoint(const Principal& who, const SessionInfo& session,
                                          const std::string& wanted) {
  if (who.is_host()) return eyes_of(wanted, session);
  if (auto allowed = may_read(who, session); !allowed) return allowed.error();
  const Participant* participant = part_of(who, session);
  if (!participant || (!participant->present && owns(who, session)))
    return wanted.empty() ? Result<std::string>(std::string("owner")) : eyes_of(wanted, session);
  if (!wanted.empty() && wanted != participant->id) {
    return Error::fixed(
        ErrorCode::permission_denied,
        "a participant sees the session with its own eyes only; leave `participant` empty");
  }
  return participant->id;
}

}  // namespace scena::engine

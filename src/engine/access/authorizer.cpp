#include "engine/access/authorizer.hpp"

#include <algorithm>

namespace scena::engine {
namespace {

bool owns(const Principal& who, const SessionInfo& session) {
  return !who.subject.empty() && who.subject == session.owner;
}

const Participant* part_of(const Principal& who, const SessionInfo& session) {
  for (const auto& participant : session.participants) {
    const bool same = !who.subject.empty() ? participant.subject == who.subject : false;
    if (same || (!who.participant.empty() && participant.id == who.participant &&
                 participant.subject.empty())) {
      return &participant;
    }
  }
  return nullptr;
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
    case SessionCommand::leave:
      return true;
    default:
      return false;
  }
}

// What even an owner may not do: speak outside of the scene with a character, or act as the host.
bool owner_may(SessionCommand command) {
  return command != SessionCommand::annotate && command != SessionCommand::emit &&
         command != SessionCommand::fail;
}

Error absent() {
  return Error::fixed(ErrorCode::not_found, "no such session");
}

}  // namespace

Result<void> Authorizer::may_read(const Principal& who, const SessionInfo& session) {
  if (who.is_host() || owns(who, session) || part_of(who, session)) return {};
  return absent();
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
  if (who.is_host()) return wanted;
  if (auto allowed = may_read(who, session); !allowed) return allowed.error();
  const Participant* participant = part_of(who, session);
  if (!participant) return wanted.empty() ? std::string("owner") : wanted;
  if (!wanted.empty() && wanted != participant->id) {
    return Error::fixed(
        ErrorCode::permission_denied,
        "a participant sees the session with its own eyes only; leave `participant` empty");
  }
  return participant->id;
}

}  // namespace scena::engine

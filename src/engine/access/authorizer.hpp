#pragma once

#include <scena/principal.hpp>
#include <scena/session.hpp>

#include "domain/session_state.hpp"

namespace scena::engine {

/// The one place that decides who may do what. A session of another tenant, or one that the
/// principal has no part in, answers as if it did not exist.
class Authorizer {
 public:
  /// May `who` do this to the session? Hosts may do everything in their tenant; owners and
  /// participants may do what their role below allows.
  static Result<void> may(const Principal& who, SessionCommand command, const SessionInfo& session);
  /// May `who` read the session at all?
  static Result<void> may_read(const Principal& who, const SessionInfo& session);
  /// Presets, other people's sessions, backups: hosts only.
  static Result<void> host_only(const Principal& who);
  /// The participant whose eyes `who` sees the session with; empty for hosts, who see everything.
  static Result<std::string> viewpoint(const Principal& who, const SessionInfo& session,
                                       const std::string& wanted);
};

}  // namespace scena::engine

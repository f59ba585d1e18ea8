#pragma once

#include <set>
#include <string>

#include "domain/session_model.hpp"

namespace scena::engine {

/// What no engine writes into a log, and an export therefore cannot hold: a hole, an event twice or
/// out of its order, what speaks of a message or turn that is not there. Stricter than the fold of
/// a log, which reads whatever was stored: only a document from outside is asked for it.
///
/// Give it the events in their order, each first to follows() and then to fits().
class ImportCheck {
 public:
  /// The event as the document has it: its own stream, number and time.
  Result<void> follows(const Event& event);
  /// The same event with its data read; `before` is the session without it.
  /// @throws nlohmann::json::exception when the data is not what the type needs.
  Result<void> fits(const ParsedEvent& parsed, const SessionModel& before);

 private:
  Result<void> fits_turn(const ParsedEvent& parsed, const SessionModel& before) const;

  std::string stream_;
  std::uint64_t last_seq_ = 0;
  std::set<std::string> messages_;
  std::set<std::string> analyses_;  // jobs whose analysis is stored
};

}  // namespace scena::engine

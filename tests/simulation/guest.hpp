#pragma once

#include <cstdint>
#include <optional>
#include <scena/session.hpp>
#include <string>
#include <utility>
#include <vector>

#include "domain/session_model.hpp"
#include "simulation/watcher.hpp"

namespace scena::test {

/// The viewer of somebody who joins and leaves, across lagging and engines, and the promises made
/// to him: while he is there he gets each event that he may perceive once and in order, nothing
/// that was said while he was away, and his viewer ends when he leaves, not before.
class Guest {
 public:
  static constexpr const char* kId = "guest";

  explicit Guest(Findings& findings) : findings_(findings) {}

  void leave();  ///< The cursor stays.
  /// Takes what waits, at most `most` events, where he is there. Returns whether it took any.
  bool read(Session& session, std::size_t most);
  /// Looks at all that was taken, once nothing more is to come: `log` is the session's own stream.
  void check(const std::vector<Event>& log, const SessionModel& model) const;

 private:
  bool open(Session& session);
  void take(const Event& event);

  Findings& findings_;
  std::optional<Events> events_;
  std::string cursor_;
  std::uint64_t opened_ = 0;                                    // the session's last event then
  std::vector<std::uint64_t> seen_;                             // durable events
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ended_;  // between which last events
};

}  // namespace scena::test

#pragma once

#include <scena/session.hpp>
#include <vector>

#include "simulation/watcher.hpp"

namespace scena::test {

/// The stored log of one session, and what must hold for it by itself.
class SessionLog {
 public:
  explicit SessionLog(const std::vector<Event>& events) : events_(events) {}

  /// Numbers, states, one end for each turn, sums of the ledger, budget.
  void check(const SessionInfo& info, Money budget, Findings& findings) const;

 private:
  void check_states(Findings& findings) const;
  void check_turns(Findings& findings) const;
  void check_ledger(const SessionInfo& info, Money budget, Findings& findings) const;

  const std::vector<Event>& events_;
};

}  // namespace scena::test

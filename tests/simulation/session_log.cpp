#include "simulation/session_log.hpp"

#include <map>
#include <string>

#include "base/json.hpp"

namespace scena::test {
namespace {

// The allowed moves, written down a second time: by event and the states it may follow.
bool may_follow(const std::string& event, const std::string& state) {
  if (event == "session.started") return state == "pending";
  if (event == "session.paused") return state == "active";
  if (event == "session.resumed") return state == "paused" || state == "error";
  if (event == "session.completed") return state == "active" || state == "paused";
  if (event == "session.failed")
    return state == "pending" || state == "active" || state == "paused";
  if (event == "turn.started") return state == "active";
  return true;
}

std::string state_after(const std::string& event, const std::string& state) {
  if (event == "session.created") return "pending";
  if (event == "session.started" || event == "session.resumed") return "active";
  if (event == "session.paused") return "paused";
  if (event == "session.completed") return "completed";
  if (event == "session.failed") return "error";
  return state;
}

}  // namespace

void SessionLog::check(const SessionInfo& info, Money budget, Findings& findings) const {
  std::uint64_t seq = 0;
  for (const auto& event : events_) {
    if (event.seq != ++seq)
      return findings.add(event.stream + ": the log has event " + std::to_string(event.seq) +
                          " in place " + std::to_string(seq));
  }
  check_states(findings);
  check_turns(findings);
  check_ledger(info, budget, findings);
}

void SessionLog::check_states(Findings& findings) const {
  std::string state;
  for (const auto& event : events_) {
    if (event.type == "session.forked") return;  // it begins in a state of its parent's
    if (!may_follow(event.type, state))
      findings.add(event.stream + ": " + event.type + " in state " + state);
    state = state_after(event.type, state);
  }
}

void SessionLog::check_turns(Findings& findings) const {
  std::map<std::string, int> open;
  for (const auto& event : events_) {
    if (event.type != "turn.started" && event.type != "turn.finished") continue;
    const std::string turn = parse_json(event.data)->value("turn", "");
    int& running = open[turn];
    if (event.type == "turn.started" ? running != 0 : running != 1)
      findings.add(event.stream + ": " + event.type + " of " + turn + " out of place");
    running = event.type == "turn.started" ? 1 : 2;
  }
  for (const auto& [turn, state] : open) {
    if (state != 2) findings.add("session: " + turn + " never finished");
  }
}

void SessionLog::check_ledger(const SessionInfo& info, Money budget, Findings& findings) const {
  Money settled;
  std::map<std::string, Money> message_cost;  // by turn
  for (const auto& event : events_) {
    if (event.type != "message.stored" && event.type != "budget.settled") continue;
    const auto data = parse_json(event.data);
    if (event.type == "message.stored") {
      const auto& message = data->at("message");
      message_cost[message.value("turn", "")] =
          Money::parse(message.value("cost", "0")).value_or(Money{});
    } else {
      const Money cost = Money::parse(data->value("cost", "0")).value_or(Money{});
      settled += cost;
      const auto message = message_cost.find(data->value("turn", ""));
      const bool whole = message != message_cost.end() && message->second.pico_usd != 0;
      if (whole && message->second != cost)
        findings.add(event.stream + ": a message's cost is not what was settled");
    }
  }
  if (settled != info.cost)
    findings.add(info.id + ": the ledger says " + info.cost.to_string() + ", its entries " +
                 settled.to_string());
  if (info.cost > budget)
    findings.add(info.id + ": cost " + info.cost.to_string() + " is over the budget");
}

}  // namespace scena::test

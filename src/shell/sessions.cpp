#include <fmt/format.h>

#include "shell/commands.hpp"
#include "shell/reading.hpp"
#include "shell/spoken.hpp"

namespace scena::shell {
namespace {

constexpr std::size_t kPage = 100;

std::string row(const SessionInfo& info) {
  return fmt::format("{}  {:<9}  {}  {:>4} messages  ${}  {}", info.id, to_string(info.state),
                     time_text(info.updated), info.messages, info.cost.to_string(),
                     printable(info.title));
}

std::optional<SessionState> wanted_state(const Args& args) {
  if (args.state.empty()) return std::nullopt;
  if (const auto state = parse_session_state(args.state)) return state;
  throw Error(ErrorCode::invalid_argument,
              "--state: \"" + args.state +
                  "\" is no state; use pending, active, paused, completed or error");
}

}  // namespace

Exit sessions_command(const Args& args, Console& console) {
  const auto state = wanted_state(args);
  const Engine engine = open_reader(args);
  SessionQuery query;
  query.state = state;
  std::size_t left = args.limit;
  do {
    query.limit = std::min(left, kPage);
    const Page page = engine.sessions(query);
    for (const SessionInfo& info : page.sessions)
      console.line(args.json ? info.to_json() : row(info));
    left -= page.sessions.size();
    query.after = page.next;
  } while (left != 0 && !query.after.empty());
  if (left == args.limit && !args.json) console.line("No sessions.");
  return Exit::ok;
}

}  // namespace scena::shell

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <scena/fault_server.hpp>

#include "shell/commands.hpp"
#include "shell/signals.hpp"

namespace scena::shell {
namespace {

void list_cases(Console& console) {
  for (const FaultServerCase& entry : FaultServer::cases()) {
    console.line(fmt::format("{:<28} {:<17} {}", entry.id, entry.path, entry.meaning));
  }
}

// Sleeps until the server, or a signal, has something to do.
void wait(const FaultServer& server, const Signals& signals) {
  int longest = -1;
  if (const auto deadline = server.next_deadline()) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now());
    longest = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
  }
  pollfd watched[] = {{server.wait_fd(), POLLIN, 0}, {signals.descriptor(), POLLIN, 0}};
  ::poll(watched, 2, longest);
}

}  // namespace

Exit fault_server_command(const Args& args, Console& console) {
  if (args.list_cases) {
    list_cases(console);
    return Exit::ok;
  }
  const Signals signals;
  FaultServerOptions options;
  options.port = args.port;
  options.schedule = args.schedule;
  options.seed = args.seed.value_or(0);
  options.api_key = args.api_key;
  const auto server = FaultServer::open(options).value_or_throw();
  console.line("listening on " + server->url());
  console.flush();
  while (!signals.asked()) {
    while (server->poll() != 0 && !signals.asked()) {
    }
    wait(*server, signals);
  }
  return Exit::ok;
}

}  // namespace scena::shell

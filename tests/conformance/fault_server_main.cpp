// conformance_fault_server [SCHEDULE]: the fault server on a free port, which it prints, for tests
// in other languages; ends when its stdin does.

#include <poll.h>

#include <cstdio>
#include <scena/fault_server.hpp>

int main(int argc, char** argv) {
  auto server = scena::FaultServer::open({.schedule = argc > 1 ? argv[1] : ""});
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().what());
    return 1;
  }
  std::printf("%d\n", static_cast<int>((*server)->port()));
  std::fflush(stdout);
  pollfd input{0, POLLIN, 0};
  while (::poll(&input, 1, 0) == 0) (*server)->run_once(std::chrono::milliseconds(50));
  return 0;
}

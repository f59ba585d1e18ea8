#include "support/server_process.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace scena::test {
namespace {

void need(bool fine, const char* what) {
  if (!fine) throw std::runtime_error(what);
}

// A byte from the pipe opens the latch; the pipe's end ends the process.
[[noreturn]] void serve(const ServerProcess::Script& script, const HttpTestServer::Options& options,
                        int port_out, int orders) {
  std::latch told(1);
  {
    HttpTestServer server([&](TestPeer& peer) { script(peer, told); }, options);
    const int port = server.port();
    if (::write(port_out, &port, sizeof port) != sizeof port) ::_exit(1);
    char byte;
    const bool asked = ::read(orders, &byte, 1) == 1;
    told.count_down();
    while (asked && ::read(orders, &byte, 1) == 1) continue;
  }
  ::_exit(0);
}

}  // namespace

ServerProcess::ServerProcess(const Script& script, const HttpTestServer::Options& options) {
  int ports[2], orders[2];
  need(::pipe(ports) == 0 && ::pipe(orders) == 0, "pipe");
  child_ = ::fork();
  need(child_ >= 0, "fork");
  if (child_ == 0) {
    ::close(orders[1]);
    try {
      serve(script, options, ports[1], orders[0]);
    } catch (...) {
      ::_exit(1);
    }
  }
  ::close(ports[1]);
  ::close(orders[0]);
  orders_ = orders[1];
  const auto got = ::read(ports[0], &port_, sizeof port_);
  ::close(ports[0]);
  need(got == sizeof port_, "the server process did not start");
}

ServerProcess::~ServerProcess() {
  ::close(orders_);
  ::waitpid(child_, nullptr, 0);
}

void ServerProcess::tell() const {
  need(::write(orders_, "t", 1) == 1, "the server process is gone");
}

}  // namespace scena::test

#pragma once

#include <functional>
#include <latch>
#include <string>

#include "support/http_test_server.hpp"

namespace scena::test {

/// An HttpTestServer in a process of its own: its threads and sockets are not the test's. Make it
/// before the test has any thread.
class ServerProcess {
 public:
  /// `told` opens when the test calls tell().
  using Script = std::function<void(TestPeer&, std::latch& told)>;

  explicit ServerProcess(const Script& script) : ServerProcess(script, {}) {}
  ServerProcess(const Script& script, const HttpTestServer::Options& options);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  int port() const noexcept { return port_; }
  void tell() const;

 private:
  int child_ = -1;
  int port_ = 0;
  int orders_ = -1;  // our end of a pipe
};

}  // namespace scena::test

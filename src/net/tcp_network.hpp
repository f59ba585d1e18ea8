#pragma once

#include <memory>

#include "net/loop.hpp"
#include "net/resolver.hpp"
#include "net/stream.hpp"

namespace scena::net {

/// Real sockets. Addresses are tried in the resolver's order; as long as there are more, one that
/// does not answer within a second is given up. Destroyed before the loop, after its streams.
class TcpNetwork final : public Network {
 public:
  explicit TcpNetwork(Loop& loop);
  ~TcpNetwork() override;

  /// on_connected brings `network`, `permission_denied` where the name leads out of `reach`, or
  /// `unavailable` when the process has no descriptor left.
  std::unique_ptr<ByteStream> connect(const std::string& host, std::uint16_t port, Reach reach,
                                      StreamHandler& handler) override;

 private:
  Loop& loop_;
  Resolver resolver_;
};

}  // namespace scena::net

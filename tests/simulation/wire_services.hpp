#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <scena/config.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/id.hpp"
#include "llm/backends/fault/fault_http.hpp"
#include "net/sim_http_server.hpp"
#include "net/sim_network.hpp"
#include "simulation/shaky_storage.hpp"

namespace scena::test {

/// Services of two vendors on a simulated network: they answer over HTTP as the fault server does,
/// with failures by a schedule, on links that are slow, tear bytes apart, refuse or fall silent.
/// They outlive engines; each engine's loop gets a network of its own.
class WireServices {
 public:
  WireServices(std::uint64_t seed, Defect defect);

  /// Adds the providers "wire" (chat completions) and "claude" (messages).
  static void configure(Config& config);
  /// A message has the kind of its provider.
  static bool is_ours(std::string_view provider) noexcept;

  std::shared_ptr<net::Network> network(net::Loop& loop);
  /// Connections made from now on meet another link.
  void shake();
  void calm();
  /// A service has sent exactly this as the whole text of a reply.
  bool has_sent(const std::string& text) const { return texts_.contains(text); }
  std::uint64_t requests() const noexcept { return requests_; }

 private:
  void listen(net::SimLink link);
  void serve(const net::SimHttpRequest& asked, const std::shared_ptr<net::SimPeer>& peer,
             net::Loop& loop);
  void remember_text(fault::FaultHttpRequest request, std::uint64_t call);
  void play(fault::FaultAnswer answer, const std::shared_ptr<net::SimPeer>& peer, net::Loop& loop);

  const std::uint64_t seed_;
  const Defect defect_;
  Random random_;
  fault::FaultOptions faults_;
  fault::FaultOptions sound_;  // the same words without faults
  std::weak_ptr<net::SimNetwork> network_;
  net::Loop* loop_ = nullptr;  // of the engine that is open
  std::set<std::string> texts_;
  std::uint64_t calls_ = 0, requests_ = 0, networks_ = 0;
};

}  // namespace scena::test

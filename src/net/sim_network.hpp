#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/id.hpp"
#include "net/loop.hpp"
#include "net/stream.hpp"

namespace scena::net {

/// How a simulated link behaves.
struct SimLink {
  Duration connect{};         ///< Until a connection stands.
  Duration latency{};         ///< Of every byte, each way; bytes never overtake each other.
  Duration jitter{};          ///< Up to this much more, at random.
  std::size_t max_piece = 0;  ///< Answers arrive in random pieces up to this size; 0: as sent.
  bool refuses = false;       ///< Connections fail.
  bool silent = false;        ///< Connections never come about.
  std::size_t takes =
      std::numeric_limits<std::size_t>::max();  ///< Bytes a client can write before it blocks.
};

/// The server's end of one simulated connection, kept by the server as long as it wants to talk;
/// its own callbacks may hold it.
class SimPeer {
 public:
  virtual ~SimPeer() = default;
  /// The bytes reach the client after the link's latency. Dropped once the connection is gone.
  virtual void send(std::string bytes) = 0;
  /// The same, `delay` later than now; order among delayed ones is by their time.
  virtual void send_after(Duration delay, std::string bytes) = 0;
  /// After everything sent before: an orderly end, or a reset.
  virtual void end() = 0;
  virtual void reset() = 0;
  /// Hears the client's bytes, and its leaving; bytes still under way when it leaves are lost. Set
  /// inside the accept callback; both are let go when the client leaves.
  virtual void on_bytes(std::function<void(std::string_view)> callback) = 0;
  virtual void on_leave(std::function<void()> callback) = 0;
  /// The client is still there.
  virtual bool is_open() const noexcept = 0;
};

/// A network inside the process: servers are callbacks, bytes travel by the loop's timers under the
/// engine's clock, pieces and jitter come from one seed. So the same seed gives the same run.
///
/// TLS is left out: an https URL reaches the server registered for its host and port as plain
/// bytes. One thread, the loop's; destroyed before the loop.
class SimNetwork final : public Network {
 public:
  using Accept = std::function<void(std::shared_ptr<SimPeer>)>;

  SimNetwork(Loop& loop, std::uint64_t seed);

  /// Replaces what was registered there. `accept` is called for each connection.
  void listen(const std::string& host, std::uint16_t port, Accept accept, SimLink link = {});
  /// New connections are refused; open ones go on.
  void close(const std::string& host, std::uint16_t port);
  /// The next connection fails with this error, whoever makes it.
  void fail_next(Error error) { fail_next_ = std::move(error); }
  /// Connections made, and those still open on the client's side.
  std::size_t connections_made() const noexcept { return made_; }
  std::size_t connections_open() const noexcept { return *open_; }

  /// Names have no addresses here: every server is within any reach.
  std::unique_ptr<ByteStream> connect(const std::string& host, std::uint16_t port, Reach reach,
                                      StreamHandler& handler) override;
  bool is_private() const noexcept override { return true; }

 private:
  struct Server {
    Accept accept;
    SimLink link;
  };

  Loop& loop_;
  std::shared_ptr<Random> random_;
  std::map<std::pair<std::string, std::uint16_t>, Server> servers_;
  std::optional<Error> fail_next_;
  std::size_t made_ = 0;
  std::shared_ptr<std::size_t> open_ = std::make_shared<std::size_t>(0);
};

}  // namespace scena::net

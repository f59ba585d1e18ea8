#include "net/sim_network.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace scena::net {
namespace {

/// Both ends of one connection. Timers hold it weakly: a connection nobody holds is over.
class SimConnection final : public SimPeer, public std::enable_shared_from_this<SimConnection> {
 public:
  SimConnection(Loop& loop, std::shared_ptr<Random> random, SimLink link, StreamHandler& handler)
      : loop_(loop),
        random_(std::move(random)),
        link_(link),
        client_(&handler),
        to_server_(link.takes) {}

  void establish(SimNetwork::Accept accept);
  void refuse(Error error);
  void leave() noexcept;

  IoResult read_some(char* into, std::size_t room) noexcept;
  IoResult write_some(std::string_view bytes) noexcept;
  void want_read();
  void want_write() {}

  void send(std::string bytes) override { send_after(Duration::zero(), std::move(bytes)); }
  void send_after(Duration delay, std::string bytes) override;
  void end() override { finish_after_sent(Ending::orderly); }
  void reset() override { finish_after_sent(Ending::reset); }
  void on_bytes(std::function<void(std::string_view)> callback) override {
    on_bytes_ = std::move(callback);
  }
  void on_leave(std::function<void()> callback) override { on_leave_ = std::move(callback); }
  bool is_open() const noexcept override { return client_ != nullptr; }

 private:
  enum class Ending : std::uint8_t { none, orderly, reset };

  template <class Body>
  void later(TimePoint when, Body body);
  TimePoint arrival(Duration delay, TimePoint& last);
  void finish_after_sent(Ending ending);
  void arrive(std::string_view bytes);
  void tell_readable();

  Loop& loop_;
  std::shared_ptr<Random> random_;
  SimLink link_;
  StreamHandler* client_;  // null once the client left
  std::size_t to_server_;  // bytes that the client may still write
  std::string inbox_;      // arrived at the client, not read yet
  std::size_t read_ = 0;
  TimePoint last_to_client_{};
  TimePoint last_to_server_{};
  std::function<void(std::string_view)> on_bytes_;
  std::function<void()> on_leave_;
  Ending ending_ = Ending::none;
  bool wants_read_ = false;
};

template <class Body>
void SimConnection::later(TimePoint when, Body body) {
  loop_.at(when, [weak = weak_from_this(), body = std::move(body)]() mutable {
    if (const auto self = weak.lock()) body(*self);
  });
}

void SimConnection::establish(SimNetwork::Accept accept) {
  later(loop_.now() + link_.connect, [accept = std::move(accept)](SimConnection& self) {
    if (!self.client_) return;
    accept(self.shared_from_this());
    if (self.client_) self.client_->on_connected(std::nullopt);
  });
}

void SimConnection::refuse(Error error) {
  later(loop_.now() + link_.connect, [error = std::move(error)](SimConnection& self) {
    if (self.client_) self.client_->on_connected(error);
  });
}

// The callbacks may hold the peer, that is this object: taking them out ends the circle, also when
// the loop goes before the news of the leaving arrives.
void SimConnection::leave() noexcept {
  client_ = nullptr;
  on_bytes_ = nullptr;
  if (!on_leave_) return;
  loop_.at(arrival(Duration::zero(), last_to_server_), std::exchange(on_leave_, nullptr));
}

TimePoint SimConnection::arrival(Duration delay, TimePoint& last) {
  Duration jitter{};
  if (link_.jitter.count() > 0)
    jitter = Duration(static_cast<Duration::rep>(
        random_->below(static_cast<std::uint64_t>(link_.jitter.count()) + 1)));
  last = std::max(last, loop_.now() + delay + link_.latency + jitter);
  return last;
}

void SimConnection::send_after(Duration delay, std::string bytes) {
  if (delay.count() > 0) {
    later(loop_.now() + delay,
          [bytes = std::move(bytes)](SimConnection& self) mutable { self.send(std::move(bytes)); });
    return;
  }
  std::string_view rest = bytes;
  while (!rest.empty() && client_) {
    const std::size_t most =
        link_.max_piece > 0 ? 1 + random_->below(link_.max_piece) : rest.size();
    const std::string piece(rest.substr(0, most));
    rest.remove_prefix(piece.size());
    later(arrival(Duration::zero(), last_to_client_),
          [piece](SimConnection& self) { self.arrive(piece); });
  }
}

void SimConnection::finish_after_sent(Ending ending) {
  later(arrival(Duration::zero(), last_to_client_), [ending](SimConnection& self) {
    if (self.ending_ == Ending::none) self.ending_ = ending;
    self.tell_readable();
  });
}

void SimConnection::arrive(std::string_view bytes) {
  if (ending_ != Ending::none) return;
  inbox_ += bytes;
  tell_readable();
}

void SimConnection::tell_readable() {
  if (!client_ || !std::exchange(wants_read_, false)) return;
  client_->on_readable();
}

void SimConnection::want_read() {
  wants_read_ = true;
  if (read_ == inbox_.size() && ending_ == Ending::none) return;
  later(loop_.now(), [](SimConnection& self) { self.tell_readable(); });
}

IoResult SimConnection::read_some(char* into, std::size_t room) noexcept {
  const std::size_t count = std::min(room, inbox_.size() - read_);
  if (ending_ == Ending::reset) return {IoResult::Kind::failed, ECONNRESET};
  if (count == 0)
    return {ending_ == Ending::none ? IoResult::Kind::would_block : IoResult::Kind::ended, 0};
  std::memcpy(into, inbox_.data() + read_, count);
  read_ += count;
  if (read_ == inbox_.size()) {
    inbox_.clear();
    read_ = 0;
  }
  return {IoResult::Kind::moved, count};
}

IoResult SimConnection::write_some(std::string_view bytes) noexcept {
  if (ending_ == Ending::reset) return {IoResult::Kind::failed, EPIPE};
  const std::size_t count = std::min(bytes.size(), to_server_);
  if (count == 0) return {};
  if (to_server_ != std::numeric_limits<std::size_t>::max()) to_server_ -= count;
  later(arrival(Duration::zero(), last_to_server_),
        [sent = std::string(bytes.substr(0, count))](SimConnection& self) {
          // Called through a copy: the callback may replace itself.
          if (const auto on_bytes = self.on_bytes_) on_bytes(sent);
        });
  return {IoResult::Kind::moved, count};
}

class SimStream final : public ByteStream {
 public:
  SimStream(std::shared_ptr<SimConnection> connection, std::shared_ptr<std::size_t> open)
      : connection_(std::move(connection)), open_(std::move(open)) {
    ++*open_;
  }
  ~SimStream() override {
    --*open_;
    connection_->leave();
  }
  IoResult read_some(char* into, std::size_t room) noexcept override {
    return connection_->read_some(into, room);
  }
  IoResult write_some(std::string_view bytes) noexcept override {
    return connection_->write_some(bytes);
  }
  void want_read() override { connection_->want_read(); }
  void want_write() override { connection_->want_write(); }

 private:
  std::shared_ptr<SimConnection> connection_;
  std::shared_ptr<std::size_t> open_;
};

}  // namespace

SimNetwork::SimNetwork(Loop& loop, std::uint64_t seed)
    : loop_(loop), random_(std::make_shared<Random>(seed)) {}

void SimNetwork::listen(const std::string& host, std::uint16_t port, Accept accept, SimLink link) {
  servers_[{host, port}] = {std::move(accept), link};
}

void SimNetwork::close(const std::string& host, std::uint16_t port) {
  servers_.erase({host, port});
}

std::unique_ptr<ByteStream> SimNetwork::connect(const std::string& host, std::uint16_t port, Reach,
                                                StreamHandler& handler) {
  const auto found = servers_.find({host, port});
  const SimLink link = found == servers_.end() ? SimLink{} : found->second.link;
  auto connection = std::make_shared<SimConnection>(loop_, random_, link, handler);
  ++made_;
  if (fail_next_) {
    connection->refuse(*std::exchange(fail_next_, std::nullopt));
  } else if (found == servers_.end() || link.refuses) {
    connection->refuse(Error(
        ErrorCode::network,
        "could not connect to " + host + " port " + std::to_string(port) + ": Connection refused"));
  } else if (!link.silent) {
    connection->establish(found->second.accept);
  }
  return std::make_unique<SimStream>(std::move(connection), open_);
}

}  // namespace scena::net

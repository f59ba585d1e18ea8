#include "net/tcp_network.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/ip_address.hpp"
#include "net/ready_set.hpp"

namespace scena::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Socket = asio::basic_stream_socket<tcp, asio::io_context::executor_type>;
using namespace std::chrono_literals;

constexpr auto kPerAddress = 1s;

bool lacks_descriptors(const error_code& error) {
  return error == boost::system::errc::too_many_files_open ||
         error == boost::system::errc::too_many_files_open_in_system;
}

Error no_descriptors() {
  return Error::fixed(ErrorCode::unavailable,
                      "no file descriptor is left for a connection; raise the limit of open files");
}

bool is_public(const asio::ip::address& address) {
  if (address.is_v4()) return is_public_address(address.to_v4().to_bytes());
  return is_public_address(address.to_v6().to_bytes());
}

Error not_watched() {
  return Error::fixed(ErrorCode::unavailable, "the system refused to watch one more socket");
}

/// What a socket's pending operations keep alive; the stream itself may be gone before them. Asio
/// connects it; from then on its descriptor is in the loop's set of the connected ones.
class Connection final : public ReadySet::Member, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Loop& loop, StreamHandler& handler)
      : loop_(loop), socket_(loop.io()), handler_(&handler) {}
  ~Connection() override { close_socket(); }

  void begin(Resolver& resolver, const std::string& host, std::uint16_t port, Reach reach);
  void fail_later(Error error);
  void close() noexcept;

  IoResult read_some(char* into, std::size_t room) noexcept;
  IoResult write_some(std::string_view bytes) noexcept;
  void want_read();
  void want_write();
  void on_ready(bool readable, bool writable) override;

 private:
  /// Needed until connected.
  struct Attempt {
    std::string host;
    std::uint16_t port = 0;
    Reach reach = Reach::anywhere;
    Resolver::Addresses addresses;
    std::size_t next = 0;
    TimerId timer = 0;
  };

  void on_addresses(const Result<Resolver::Addresses>& addresses);
  void try_next();
  void on_attempt(std::size_t number, const error_code& error);
  void report(const std::optional<Error>& error);
  void close_socket() noexcept;
  void watch_connecting();
  bool enter_set();
  void show(ReadySet::Interest interest) noexcept;

  Loop& loop_;
  Socket socket_;           // while it connects
  int descriptor_ = -1;     // once it is connected
  StreamHandler* handler_;  // null once the stream is gone
  std::unique_ptr<Attempt> attempt_;
  ReadySet::Interest wanted_;
  ReadySet::Interest shown_;  // as the set has it; more than wanted is taken back when it fires
  bool watched_ = false;
};

void Connection::begin(Resolver& resolver, const std::string& host, std::uint16_t port,
                       Reach reach) {
  attempt_ = std::make_unique<Attempt>();
  attempt_->host = host;
  attempt_->port = port;
  attempt_->reach = reach;
  resolver.resolve(host, [weak = weak_from_this()](const Result<Resolver::Addresses>& addresses) {
    if (const auto self = weak.lock()) self->on_addresses(addresses);
  });
}

void Connection::fail_later(Error error) {
  loop_.post([weak = weak_from_this(), error = std::move(error)] {
    if (const auto self = weak.lock()) self->report(error);
  });
}

void Connection::close() noexcept {
  handler_ = nullptr;
  if (attempt_) loop_.cancel(attempt_->timer);
  attempt_.reset();
  close_socket();
}

void Connection::close_socket() noexcept {
  if (descriptor_ >= 0) {
    if (shown_ != ReadySet::Interest{}) loop_.sockets().remove(descriptor_, *this);
    ::close(std::exchange(descriptor_, -1));
    shown_ = {};
  }
  if (!socket_.is_open()) return;
  if (std::exchange(watched_, false)) loop_.unwatch(socket_.native_handle());
  error_code ignored;
  socket_.close(ignored);
}

void Connection::on_addresses(const Result<Resolver::Addresses>& addresses) {
  if (!handler_) return;
  if (!addresses) return report(addresses.error());
  const bool judged = attempt_->reach == Reach::public_only;
  if (judged && !std::all_of(addresses->begin(), addresses->end(), is_public)) {
    return report(Error::fixed(ErrorCode::permission_denied,
                               "the URL's host leads to an address that is not public"));
  }
  attempt_->addresses = *addresses;
  try_next();
}

void Connection::try_next() {
  close_socket();
  const tcp::endpoint to(attempt_->addresses[attempt_->next], attempt_->port);
  const std::size_t number = ++attempt_->next;
  error_code error;
  socket_.open(to.protocol(), error);
  if (error && lacks_descriptors(error)) return fail_later(no_descriptors());
  if (!error) socket_.non_blocking(true, error);
  if (!error) socket_.set_option(tcp::no_delay(true), error);
  if (error) return on_attempt(number, error);
  socket_.async_connect(to, [self = shared_from_this(), number](const error_code& outcome) {
    self->on_attempt(number, outcome);
  });
  watch_connecting();
  if (number == attempt_->addresses.size()) return;
  attempt_->timer = loop_.after(kPerAddress, [weak = weak_from_this(), number] {
    if (const auto self = weak.lock()) self->on_attempt(number, asio::error::timed_out);
  });
}

// Watched only now: a socket that never tried to connect counts as hung up, hence as readable.
void Connection::watch_connecting() {
  watched_ = loop_.watch(socket_.native_handle());
  if (watched_) loop_.watch_writable(socket_.native_handle(), true);
}

void Connection::on_attempt(std::size_t number, const error_code& error) {
  if (!handler_ || !attempt_ || attempt_->next != number) return;  // given up before
  loop_.cancel(std::exchange(attempt_->timer, 0));
  if (!error) {
    if (watched_ && enter_set()) return report(std::nullopt);
    return report(not_watched());
  }
  if (number < attempt_->addresses.size()) return try_next();
  report(Error(ErrorCode::network, "could not connect to " + attempt_->host + " port " +
                                       std::to_string(attempt_->port) + ": " + error.message()));
}

void Connection::report(const std::optional<Error>& error) {
  if (!handler_) return;
  attempt_.reset();
  if (error) close_socket();
  handler_->on_connected(error);
}

// The descriptor leaves Asio: it is told about in one place only.
bool Connection::enter_set() {
  loop_.unwatch(socket_.native_handle());
  watched_ = false;
  error_code error;
  descriptor_ = socket_.release(error);
  if (error) descriptor_ = -1;
  const ReadySet::Interest reads{.read = true};
  if (descriptor_ < 0 || !loop_.sockets().add(descriptor_, *this, reads)) return false;
  shown_ = reads;
  return true;
}

IoResult failed_call() noexcept {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {};
  return {IoResult::Kind::failed, static_cast<std::size_t>(errno)};
}

IoResult Connection::read_some(char* into, std::size_t room) noexcept {
  const ssize_t count = ::recv(descriptor_, into, room, 0);
  if (count < 0) return failed_call();
  if (count == 0) return {IoResult::Kind::ended, 0};
  return {IoResult::Kind::moved, static_cast<std::size_t>(count)};
}

IoResult Connection::write_some(std::string_view bytes) noexcept {
  const ssize_t count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count < 0) return failed_call();
  return {IoResult::Kind::moved, static_cast<std::size_t>(count)};
}

void Connection::want_read() {
  wanted_.read = true;
  if (!shown_.read) show({true, shown_.write});
}

void Connection::want_write() {
  wanted_.write = true;
  if (!shown_.write) show({shown_.read, true});
}

// A socket that nothing is wanted of leaves the set: its end would be told for ever.
void Connection::show(ReadySet::Interest interest) noexcept {
  if (descriptor_ < 0 || interest == shown_) return;
  ReadySet& set = loop_.sockets();
  const bool inside = shown_ != ReadySet::Interest{};
  if (interest == ReadySet::Interest{}) {
    set.remove(descriptor_, *this);
  } else if (inside) {
    set.change(descriptor_, *this, interest);
  } else {
    set.add(descriptor_, *this, interest);
  }
  shown_ = interest;
}

void Connection::on_ready(bool readable, bool writable) {
  const auto self = shared_from_this();
  const bool write = writable && std::exchange(wanted_.write, false);
  const bool read = readable && std::exchange(wanted_.read, false);
  if (write && handler_) handler_->on_writable();
  if (read && handler_) handler_->on_readable();
  // What fired and was not asked for again would fire for ever; what was, stays as it is.
  show({shown_.read && (wanted_.read || !readable), shown_.write && wanted_.write});
}

class TcpStream final : public ByteStream {
 public:
  explicit TcpStream(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  ~TcpStream() override {
    if (connection_) connection_->close();
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
  std::shared_ptr<Connection> connection_;
};

/// Where there is no descriptor even for the loop's own sockets.
class DeadStream final : public ByteStream {
 public:
  DeadStream(Loop& loop, StreamHandler& handler)
      : alive_(std::make_shared<StreamHandler*>(&handler)) {
    loop.post([weak = std::weak_ptr(alive_)] {
      if (const auto alive = weak.lock()) (*alive)->on_connected(no_descriptors());
    });
  }
  IoResult read_some(char*, std::size_t) noexcept override { return {IoResult::Kind::failed, 0}; }
  IoResult write_some(std::string_view) noexcept override { return {IoResult::Kind::failed, 0}; }
  void want_read() override {}
  void want_write() override {}

 private:
  std::shared_ptr<StreamHandler*> alive_;
};

}  // namespace

TcpNetwork::TcpNetwork(Loop& loop) : loop_(loop), resolver_(loop) {}
TcpNetwork::~TcpNetwork() = default;

std::unique_ptr<ByteStream> TcpNetwork::connect(const std::string& host, std::uint16_t port,
                                                Reach reach, StreamHandler& handler) {
  std::shared_ptr<Connection> connection;
  try {
    connection = std::make_shared<Connection>(loop_, handler);
  } catch (const boost::system::system_error&) {  // Asio's own epoll descriptor
    return std::make_unique<DeadStream>(loop_, handler);
  }
  connection->begin(resolver_, host, port, reach);
  return std::make_unique<TcpStream>(std::move(connection));
}

}  // namespace scena::net

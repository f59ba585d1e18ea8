#include "net/resolver.hpp"

#include <ares.h>
#include <netinet/in.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstring>
#include <map>
#include <utility>

namespace scena::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto kKeepAnswers = 10s;
constexpr std::size_t kMaxAnswers = 256;

Resolver::Addresses addresses_of(const ares_addrinfo& answer) {
  Resolver::Addresses found;
  for (const auto* node = answer.nodes; node; node = node->ai_next) {
    if (node->ai_family == AF_INET) {
      asio::ip::address_v4::bytes_type bytes;
      std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in*>(node->ai_addr)->sin_addr,
                  bytes.size());
      found.emplace_back(asio::ip::address_v4(bytes));
    } else if (node->ai_family == AF_INET6) {
      asio::ip::address_v6::bytes_type bytes;
      const auto* const address = reinterpret_cast<const sockaddr_in6*>(node->ai_addr);
      std::memcpy(bytes.data(), &address->sin6_addr, bytes.size());
      found.emplace_back(asio::ip::address_v6(bytes, address->sin6_scope_id));
    }
  }
  return found;
}

}  // namespace

class Resolver::Impl : public std::enable_shared_from_this<Impl> {
 public:
  explicit Impl(Loop& loop) : loop_(loop) {}
  ~Impl() { shut_down(); }

  void answer_later(Addresses addresses, Callback done);
  void resolve(const std::string& host, Callback done);
  void shut_down();

 private:
  /// One of c-ares' sockets, which c-ares opens and closes by itself.
  struct Socket {
    Socket(asio::io_context& io, int number) : descriptor(io, number) {}
    asio::posix::basic_stream_descriptor<asio::io_context::executor_type> descriptor;
    bool wants_read = false, wants_write = false;
    bool reading = false, writing = false;
  };
  struct Question {
    Impl* owner;
    std::string host;
  };
  struct Answer {
    Addresses addresses;
    TimePoint until;
  };

  bool open();
  void ask(const std::string& host);
  void on_answer(const std::string& host, int status, const ares_addrinfo* answer);
  void deliver(const std::string& host, Result<Addresses> result);
  void on_socket_state(int number, bool readable, bool writable);
  void watch(int number);
  void await(int number, const std::shared_ptr<Socket>& socket, bool write);
  void on_ready(int number, const std::shared_ptr<Socket>& socket, bool write);
  void arm_timer();

  Loop& loop_;
  ares_channel channel_ = nullptr;
  bool library_ = false;
  TimerId timer_ = 0;
  std::map<int, std::shared_ptr<Socket>> sockets_;
  std::map<std::string, std::vector<Callback>> open_;
  std::map<std::string, Answer> answers_;
};

bool Resolver::Impl::open() {
  if (channel_) return true;
  library_ = library_ || ::ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
  if (!library_) return false;
  ares_options options{};
  options.timeout = 2'000;
  options.tries = 2;
  options.sock_state_cb_data = this;
  options.sock_state_cb = [](void* self, ares_socket_t number, int readable, int writable) {
    static_cast<Impl*>(self)->on_socket_state(number, readable != 0, writable != 0);
  };
  const int mask = ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES;
  return ::ares_init_options(&channel_, &options, mask) == ARES_SUCCESS;
}

void Resolver::Impl::shut_down() {
  open_.clear();
  loop_.cancel(std::exchange(timer_, 0));
  if (channel_) ::ares_destroy(std::exchange(channel_, nullptr));
  if (std::exchange(library_, false)) ::ares_library_cleanup();
}

void Resolver::Impl::answer_later(Addresses addresses, Callback done) {
  loop_.post([done = std::move(done), result = Result<Addresses>(std::move(addresses))]() mutable {
    done(result);
  });
}

void Resolver::Impl::resolve(const std::string& host, Callback done) {
  const auto kept = answers_.find(host);
  if (kept != answers_.end() && loop_.now() < kept->second.until) {
    answer_later(kept->second.addresses, std::move(done));
    return;
  }
  auto& waiting = open_[host];
  waiting.push_back(std::move(done));
  if (waiting.size() == 1) ask(host);
}

void Resolver::Impl::ask(const std::string& host) {
  if (!open()) {
    deliver(host, Error::fixed(ErrorCode::network, "the name resolver could not be started"));
    return;
  }
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;  // else every address comes once for each protocol
  auto question = std::make_unique<Question>(Question{this, host});
  ::ares_getaddrinfo(
      channel_, host.c_str(), nullptr, &hints,
      [](void* data, int status, int, ares_addrinfo* answer) {
        const std::unique_ptr<Question> asked(static_cast<Question*>(data));
        if (status != ARES_EDESTRUCTION) asked->owner->on_answer(asked->host, status, answer);
        ::ares_freeaddrinfo(answer);
      },
      question.release());
  arm_timer();
}

void Resolver::Impl::on_answer(const std::string& host, int status, const ares_addrinfo* answer) {
  Addresses found;
  if (status == ARES_SUCCESS && answer) found = addresses_of(*answer);
  if (found.empty()) {
    deliver(host,
            Error(ErrorCode::network,
                  "no address was found for \"" + host + "\": " +
                      (status == ARES_SUCCESS ? "the name has none" : ::ares_strerror(status))));
    return;
  }
  if (answers_.size() >= kMaxAnswers) answers_.clear();
  answers_[host] = {found, loop_.now() + kKeepAnswers};
  deliver(host, std::move(found));
}

void Resolver::Impl::deliver(const std::string& host, Result<Addresses> result) {
  auto waiting = open_.extract(host);
  if (waiting.empty()) return;
  // c-ares must not be on the stack when callbacks run, nor the caller of resolve().
  loop_.post([callbacks = std::move(waiting.mapped()), result = std::move(result)]() mutable {
    for (auto& callback : callbacks) callback(result);
  });
}

void Resolver::Impl::on_socket_state(int number, bool readable, bool writable) {
  const auto found = sockets_.find(number);
  if (!readable && !writable) {
    if (found == sockets_.end()) return;
    loop_.unwatch(number);
    found->second->descriptor.release();
    sockets_.erase(found);
    return;
  }
  if (found == sockets_.end()) {
    sockets_[number] = std::make_shared<Socket>(loop_.io(), number);
    loop_.watch(number);
  }
  auto& socket = *sockets_[number];
  socket.wants_read = readable;
  socket.wants_write = writable;
  watch(number);
}

void Resolver::Impl::watch(int number) {
  const auto found = sockets_.find(number);
  if (found == sockets_.end()) return;
  const auto socket = found->second;
  loop_.watch_writable(number, socket->wants_write);
  if (socket->wants_read && !socket->reading) await(number, socket, false);
  if (socket->wants_write && !socket->writing) await(number, socket, true);
}

void Resolver::Impl::await(int number, const std::shared_ptr<Socket>& socket, bool write) {
  (write ? socket->writing : socket->reading) = true;
  const auto kind =
      write ? asio::posix::descriptor_base::wait_write : asio::posix::descriptor_base::wait_read;
  socket->descriptor.async_wait(kind, [weak = weak_from_this(), number, socket, write](auto error) {
    (write ? socket->writing : socket->reading) = false;
    if (error) return;
    if (const auto self = weak.lock()) self->on_ready(number, socket, write);
  });
}

void Resolver::Impl::on_ready(int number, const std::shared_ptr<Socket>& socket, bool write) {
  const auto found = sockets_.find(number);
  if (!channel_ || found == sockets_.end() || found->second != socket) return;
  ::ares_process_fd(channel_, write ? ARES_SOCKET_BAD : number, write ? number : ARES_SOCKET_BAD);
  watch(number);
  arm_timer();
}

void Resolver::Impl::arm_timer() {
  loop_.cancel(std::exchange(timer_, 0));
  timeval wait{};
  if (!channel_ || !::ares_timeout(channel_, nullptr, &wait)) return;
  const auto delay = std::chrono::seconds(wait.tv_sec) + std::chrono::microseconds(wait.tv_usec);
  timer_ = loop_.after(delay + 1ms, [this] {
    timer_ = 0;
    ::ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    arm_timer();
  });
}

Resolver::Resolver(Loop& loop) : impl_(std::make_shared<Impl>(loop)) {}
Resolver::~Resolver() {
  impl_->shut_down();
}

std::optional<Resolver::Addresses> Resolver::known(const std::string& host) {
  if (host == "localhost")
    return Addresses{asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error) return std::nullopt;
  return Addresses{address};
}

void Resolver::resolve(const std::string& host, Callback done) {
  if (auto addresses = known(host)) {
    impl_->answer_later(*std::move(addresses), std::move(done));
    return;
  }
  impl_->resolve(host, std::move(done));
}

}  // namespace scena::net

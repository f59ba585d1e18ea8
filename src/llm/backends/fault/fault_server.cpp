#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <scena/fault_server.hpp>
#include <vector>

#include "base/clock.hpp"
#include "llm/backends/fault/fault_case.hpp"
#include "llm/backends/fault/fault_connection.hpp"

namespace scena {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Code = boost::system::error_code;
using fault::FaultConnection;

constexpr std::chrono::milliseconds kAcceptPause{
    100};  // after a failed accept, e.g. no descriptor left

}  // namespace

class FaultServer::Impl final : public fault::FaultConnectionOwner {
 public:
  Impl(const FaultServerOptions& options, fault::FaultOptions faults)
      : options_(options), faults_(std::move(faults)), loop_(clock_), acceptor_(loop_.io()) {}

  ~Impl() override {
    Code ignored;
    if (acceptor_.is_open()) loop_.unwatch(acceptor_.native_handle());
    acceptor_.close(ignored);
    for (const auto& weak : connections_) {
      if (const auto connection = weak.lock()) connection->close();
    }
  }

  Result<void> listen() {
    Code failed;
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), options_.port);
    acceptor_.open(endpoint.protocol(), failed);
    if (!failed) acceptor_.set_option(tcp::acceptor::reuse_address(true), failed);
    if (!failed) acceptor_.bind(endpoint, failed);
    if (!failed) acceptor_.listen(asio::socket_base::max_listen_connections, failed);
    if (!failed) port_ = acceptor_.local_endpoint(failed).port();
    if (failed) {
      return Error(ErrorCode::network,
                   "cannot listen on 127.0.0.1:" + std::to_string(options_.port) + ": " +
                       failed.message() + "; choose another port, or 0 for any");
    }
    listen_again();
    return {};
  }

  fault::FaultAnswer answer_to(const fault::FaultHttpRequest& request) override {
    const std::uint64_t call = fault::takes_step(request) ? scheduled_++ : requests_;
    ++requests_;
    return fault::answer(
        request,
        {.options = faults_, .api_key = options_.api_key, .call = call, .seed = options_.seed});
  }

  std::size_t open_connections() const noexcept {
    return static_cast<std::size_t>(
        std::count_if(connections_.begin(), connections_.end(),
                      [](const auto& weak) { return !weak.expired(); }));
  }

  net::Loop& loop() noexcept { return loop_; }
  std::uint16_t port() const noexcept { return port_; }
  std::uint64_t requests() const noexcept { return requests_; }
  std::uint64_t failed_accepts() const noexcept { return failed_accepts_; }

 private:
  void listen_again() {
    loop_.watch(acceptor_.native_handle());
    accept();
  }

  void accept() {
    acceptor_.async_accept([this](const Code& failed, tcp::socket socket) {
      if (!acceptor_.is_open()) return;
      if (failed) {
        // The connection that could not be taken waits on: watched, it would keep the loop awake.
        ++failed_accepts_;
        loop_.unwatch(acceptor_.native_handle());
        loop_.after(kAcceptPause, [this] { listen_again(); });
        return;
      }
      std::erase_if(connections_, [](const auto& weak) { return weak.expired(); });
      if (connections_.size() < options_.max_connections) {
        auto connection = std::make_shared<FaultConnection>(loop_, *this, std::move(socket));
        connections_.push_back(connection);
        connection->start();
      }
      accept();
    });
  }

  FaultServerOptions options_;
  fault::FaultOptions faults_;
  SystemClock clock_;
  net::Loop loop_;
  tcp::acceptor acceptor_;
  std::vector<std::weak_ptr<FaultConnection>> connections_;
  std::uint16_t port_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t failed_accepts_ = 0;
  std::uint64_t scheduled_ = 0;  // requests that took a step of the schedule
};

FaultServer::FaultServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FaultServer::~FaultServer() = default;

Result<std::unique_ptr<FaultServer>> FaultServer::open(const FaultServerOptions& options) {
  auto faults = fault::parse_fault_options(options.schedule);
  if (!faults) return faults.error();
  if (options.seed != 0) faults->schedule.set_seed(options.seed);
  auto impl = std::make_unique<Impl>(options, std::move(*faults));
  if (auto done = impl->listen(); !done) return done.error();
  return std::unique_ptr<FaultServer>(new FaultServer(std::move(impl)));
}

std::uint16_t FaultServer::port() const noexcept {
  return impl_->port();
}
std::string FaultServer::url() const {
  return "http://127.0.0.1:" + std::to_string(port());
}
std::uint64_t FaultServer::requests() const noexcept {
  return impl_->requests();
}
std::uint64_t FaultServer::failed_accepts() const noexcept {
  return impl_->failed_accepts();
}
std::size_t FaultServer::connections() const noexcept {
  return impl_->open_connections();
}
std::size_t FaultServer::poll() {
  return impl_->loop().poll(std::chrono::milliseconds(10));
}
std::size_t FaultServer::run_once(std::chrono::milliseconds longest) {
  return impl_->loop().run_once(longest);
}
int FaultServer::wait_fd() const noexcept {
  return impl_->loop().wait_fd();
}
std::optional<TimePoint> FaultServer::next_deadline() const noexcept {
  return impl_->loop().next_deadline();
}

std::vector<FaultServerCase> FaultServer::cases() {
  std::vector<FaultServerCase> cases;
  for (const fault::FaultCase& entry : fault::all_fault_cases()) {
    cases.push_back(
        {std::string(entry.id), std::string(path_of(entry.where)), std::string(entry.meaning)});
  }
  return cases;
}

}  // namespace scena

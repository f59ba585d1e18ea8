#include <poll.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <scena/fault_server.hpp>

#include "http_support.hpp"
#include "support/no_descriptors.hpp"

using namespace scena;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

std::unique_ptr<FaultServer> server_of(std::string steps, FaultServerOptions options = {}) {
  options.schedule = "{" + std::string(test::kInstantTalk) + R"(,"steps":")" + steps + "\"}";
  auto server = FaultServer::open(options);
  REQUIRE(server.has_value());
  return std::move(*server);
}

/// A client in the same thread: whenever it waits, the server runs.
class Client {
 public:
  explicit Client(FaultServer& server) : server_(server), socket_(context_) {
    socket_.connect({asio::ip::address_v4::loopback(), server.port()});
    socket_.non_blocking(true);
  }

  void send(const fault::FaultHttpRequest& request) {
    std::string bytes = request.method + " " + request.target + " HTTP/1.1\r\nhost: localhost\r\n";
    for (const auto& [name, value] : request.headers) bytes += name + ": " + value + "\r\n";
    send_raw(bytes + "content-length: " + std::to_string(request.body.size()) + "\r\n\r\n" +
             request.body);
  }
  void send_raw(const std::string& bytes) { asio::write(socket_, asio::buffer(bytes)); }

  /// Reads until `mark` came, or the connection ended.
  std::string read_until(std::string_view mark) {
    std::string got;
    char block[4096];
    for (int quiet = 0;
         quiet < 2'000 && !ended_ && (mark.empty() || got.find(mark) == std::string::npos);) {
      const std::size_t ran = server_.run_once(1ms);
      boost::system::error_code failed;
      const std::size_t size = socket_.read_some(asio::buffer(block), failed);
      got.append(block, size);
      quiet = ran > 0 || size > 0 ? 0 : quiet + 1;
      if (failed && failed != asio::error::would_block) {
        ended_ = true;
        reset_ = failed == asio::error::connection_reset;
      }
    }
    return got;
  }
  std::string read_all() { return read_until({}); }
  /// Without the server, which may be gone: true when its side closed the connection.
  bool read_to_end() {
    char block[4096];
    for (;;) {
      pollfd readable{socket_.native_handle(), POLLIN, 0};
      if (::poll(&readable, 1, 10'000) != 1) return false;
      boost::system::error_code failed;
      socket_.read_some(asio::buffer(block), failed);
      if (failed && failed != asio::error::would_block) return true;
    }
  }
  bool ended() const { return ended_; }
  bool was_reset() const { return reset_; }
  void close() { socket_.close(); }

 private:
  FaultServer& server_;
  asio::io_context context_;
  asio::ip::tcp::socket socket_;
  bool ended_ = false;
  bool reset_ = false;
};

}  // namespace

TEST_CASE("the server streams a reply over loopback and keeps the connection") {
  const auto server = server_of("ok");
  Client client(*server);
  for (int i = 0; i < 3; ++i) {
    client.send(test::chat_request());
    const std::string got = client.read_until("0\r\n\r\n");
    CHECK(got.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(test::unchunked(got).ends_with("data: [DONE]\n\n"));
  }
  CHECK_FALSE(client.ended());
  CHECK(server->requests() == 3);
  CHECK(server->connections() == 1);
}

TEST_CASE("several connections are served side by side") {
  const auto server = server_of("ok");
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(std::make_unique<Client>(*server));
  for (const auto& client : clients) client->send(test::messages_request());
  for (const auto& client : clients) {
    CHECK(test::unchunked(client->read_until("0\r\n\r\n")).find("message_stop") !=
          std::string::npos);
  }
}

TEST_CASE("the schedule goes from request to request") {
  const auto server = server_of("503x2,ok");
  Client client(*server);
  const char* const statuses[] = {"503", "503", "200", "200"};
  for (const char* status : statuses) {
    client.send(test::chat_request());
    const std::string got = client.read_until(status[0] == '2' ? "0\r\n\r\n" : "}}");
    CHECK(got.starts_with("HTTP/1.1 " + std::string(status)));
  }
}

TEST_CASE("requests that name their step by path take none of the schedule") {
  const auto server = server_of("503,ok");
  Client client(*server);
  auto request = test::chat_request();
  request.target = "/fault/429" + request.target;
  for (int i = 0; i < 3; ++i) {
    client.send(request);
    CHECK(client.read_until("}}").starts_with("HTTP/1.1 429 "));
  }
  client.send(test::chat_request());
  CHECK(client.read_until("}}").starts_with("HTTP/1.1 503 "));
}

TEST_CASE("a server's storm repeats with its seed and differs with another") {
  const auto storm = [](std::uint64_t seed) {
    const auto server =
        FaultServer::open({.schedule = R"({"random":{"429":1,"503":1}})", .seed = seed})
            .value_or_throw();
    Client client(*server);
    std::string statuses;
    for (int i = 0; i < 30; ++i) {
      client.send(test::chat_request());
      statuses += client.read_until("}}").substr(9, 3);
    }
    return statuses;
  };
  CHECK(storm(3) == storm(3));
  CHECK(storm(3) != storm(4));
}

TEST_CASE("cut, reset and refused answers end the connection as they say") {
  const auto server = server_of("ok");
  const std::pair<const char*, bool> table[] = {
      {"/fault/cut_after=2", false}, {"/fault/reset_after=2", true}, {"/fault/reset", true},
      {"/fault/refuse", false},      {"/case/no_last_chunk", false}, {"/case/garbage", false},
      {"/case/close", false}};
  for (const auto& [path, reset] : table) {
    const std::string prefix = path;
    INFO(prefix);
    Client client(*server);
    client.send(test::chat_request(test::kChatBody, prefix));
    const std::string got = client.read_all();
    CHECK(client.ended());
    CHECK(client.was_reset() == reset);
    CHECK_FALSE(got.ends_with("0\r\n\r\n"));
  }
}

TEST_CASE("a stalled answer holds the connection until the client goes") {
  const auto server = server_of("stall_after=1");
  Client client(*server);
  client.send(test::chat_request());
  const std::string got = client.read_until("\"one\"");
  CHECK(got.find("\"one\"") != std::string::npos);
  for (int i = 0; i < 20; ++i) server->poll();
  CHECK(server->connections() == 1);
  client.close();
  for (int i = 0; i < 2'000 && server->connections() > 0; ++i) server->run_once(1ms);
  CHECK(server->connections() == 0);
}

TEST_CASE("an endless answer stops when the client goes") {
  const auto server = server_of("endless");
  Client client(*server);
  client.send(test::chat_request());
  for (int round = 0; round < 3; ++round) {
    CHECK(client.read_until("\" four\"").find("\" four\"") != std::string::npos);
  }
  client.close();
  for (int i = 0; i < 2'000 && server->connections() > 0; ++i) server->run_once(1ms);
  CHECK(server->connections() == 0);
}

TEST_CASE("what is no HTTP gets 400 and a closed connection") {
  const auto server = server_of("ok");
  Client client(*server);
  client.send_raw("this is not http\r\n\r\n");
  CHECK(client.read_all().starts_with("HTTP/1.1 400 "));
  CHECK(client.ended());
}

TEST_CASE("a head or a body that is too large gets 413 and a closed connection") {
  const auto server = server_of("ok");
  for (const std::string& field :
       {std::string("content-length: 99999999"), "x: " + std::string(70'000, 'x')}) {
    Client client(*server);
    client.send_raw("POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n" + field +
                    "\r\n\r\n");
    CHECK(client.read_all().starts_with("HTTP/1.1 413 "));
    CHECK(client.ended());
  }
}

TEST_CASE("keys are checked where one is set, and cases are listed") {
  const auto server = server_of("ok", {.api_key = "secret"});
  Client client(*server);
  client.send(test::chat_request());
  CHECK(client.read_until("}}").starts_with("HTTP/1.1 401 "));
  client.send({.method = "GET", .target = "/cases"});
  const std::string list = client.read_until("]}");
  CHECK(list.find(R"({"id":"D5")") != std::string::npos);
  CHECK(FaultServer::cases().size() > 50);
}

TEST_CASE("more connections than allowed are closed at once") {
  const auto server = server_of("ok", {.max_connections = 1});
  Client first(*server);
  first.send(test::chat_request());
  CHECK_FALSE(first.read_until("0\r\n\r\n").empty());
  Client second(*server);
  CHECK(second.read_all().empty());
  CHECK(second.ended());
}

TEST_CASE("a server that ends closes its connections in any state") {
  auto server = server_of("stall");
  auto client = std::make_unique<Client>(*server);
  client->send(test::chat_request());
  client->read_until("\r\n\r\n");
  server.reset();
  CHECK(client->read_to_end());
}

TEST_CASE("a wrong schedule and a taken port are refused with a reason") {
  const auto wrong = FaultServer::open({.schedule = "nonsense"});
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().code() == ErrorCode::invalid_argument);
  const auto server = server_of("ok");
  const auto taken = FaultServer::open({.port = server->port()});
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().code() == ErrorCode::network);
}

TEST_CASE(
    "without a descriptor accepting pauses without a busy loop, open connections go on, and it is "
    "counted" *
    doctest::skip(test::kChecksNeedDescriptors)) {
  const auto server = server_of("ok");
  Client open(*server);
  open.send(test::chat_request());
  CHECK(open.read_until("0\r\n\r\n").find("200 OK") != std::string::npos);
  Client waiting(*server);
  waiting.send(test::chat_request());
  {
    const test::NoDescriptors none;
    while (server->failed_accepts() == 0) server->run_once(10s);
    pollfd idle{server->wait_fd(), POLLIN, 0};
    CHECK(::poll(&idle, 1, 0) == 0);
    REQUIRE(server->next_deadline());
    CHECK(*server->next_deadline() > std::chrono::steady_clock::now());
    open.send(test::chat_request());
    CHECK(open.read_until("0\r\n\r\n").find("200 OK") != std::string::npos);
  }
  CHECK(waiting.read_until("0\r\n\r\n").find("200 OK") != std::string::npos);
  CHECK(server->failed_accepts() >= 1);
}

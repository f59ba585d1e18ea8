#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "net/http_client.hpp"
#include "net/resolver.hpp"
#include "net/sim_http_server.hpp"
#include "support/hosts_file.hpp"
#include "support/http_recorder.hpp"
#include "support/http_test_server.hpp"
#include "support/no_descriptors.hpp"

using namespace scena;
using namespace scena::net;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

struct Client {
  explicit Client(HttpConfig config = {}) {
    auto made = HttpClient::make(loop, {.config = std::move(config)});
    REQUIRE(made);
    http = *std::move(made);
  }
  std::shared_ptr<HttpRecorder> start(std::string url, std::string body = {}) {
    auto sink = std::make_shared<HttpRecorder>();
    HttpRequest request;
    request.url = std::move(url);
    request.body = std::move(body);
    request.may_repeat = may_repeat;
    http->start(std::move(request), sink, {});
    return sink;
  }
  void run_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!done() && std::chrono::steady_clock::now() < end) loop.run_once(100ms);
    REQUIRE(done());
  }
  std::shared_ptr<HttpRecorder> exchange(std::string url, std::string body = {}) {
    auto sink = start(std::move(url), std::move(body));
    run_until([&] { return sink->end.has_value(); });
    CHECK(sink->misplaced == 0);
    return sink;
  }

  SystemClock clock;
  Loop loop{clock};
  std::unique_ptr<HttpClient> http;
  bool may_repeat = false;  // of its requests
};

const std::string kSocketOk = sim_http_answer(200, "text/plain", "hello");

void answer_all(TestPeer& peer) {
  while (!peer.read_request().empty()) peer.send(kSocketOk);
}

bool http_readable(int descriptor, int timeout_ms) {
  pollfd waiting{descriptor, POLLIN, 0};
  return ::poll(&waiting, 1, timeout_ms) == 1;
}

}  // namespace

TEST_CASE("exchanges over TCP share one kept connection") {
  HttpTestServer server(answer_all);
  Client client;
  for (int i = 0; i < 5; ++i) CHECK(client.exchange(server.url("/"))->body == "hello");
  CHECK(server.connections() == 1);
  CHECK(client.http->stats().connections_reused == 4);
}

TEST_CASE("localhost needs no resolver, and a refused connection says where") {
  HttpTestServer server(answer_all);
  Client client;
  CHECK(client.exchange(server.url("/", "http://localhost"))->complete());
  int port = 0;
  {
    HttpTestServer gone(answer_all);
    port = gone.port();
  }
  const auto sink = client.exchange("http://127.0.0.1:" + std::to_string(port) + "/");
  CHECK(sink->error() == ErrorCode::network);
  CHECK(sink->error_text().find("127.0.0.1 port " + std::to_string(port)) != std::string::npos);
}

TEST_CASE(
    "a host's own poll loop drives an exchange by descriptor and deadline alone, without "
    "spinning") {
  HttpTestServer server([](TestPeer& peer) {
    while (!peer.read_request().empty()) {
      peer.send(sim_http_stream_head(200, "x"));
      for (int i = 0; i < 50; ++i) peer.send(sim_http_chunk("x"));
      peer.send(kSimHttpLastChunk);
    }
  });
  Client client;
  const auto sink = client.start(server.url("/"));
  int rounds = 0;
  while (!sink->end) {
    const auto deadline = client.loop.next_deadline();
    REQUIRE(deadline);  // its time limits
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*deadline - client.clock.now());
    REQUIRE((http_readable(client.loop.wait_fd(), static_cast<int>(wait.count())) ||
             wait.count() <= 0));
    client.loop.poll(1ms);
    REQUIRE(++rounds < 200);
  }
  CHECK(sink->body.size() == 50);
  CHECK(client.http->stats().idle_connections == 1);
  CHECK_FALSE(http_readable(client.loop.wait_fd(), 0));
}

TEST_CASE("a large request and a large answer pass through full socket buffers") {
  const std::string large(20u << 20, 'x');
  HttpTestServer server([&](TestPeer& peer) {
    const std::string request = peer.read_request();
    peer.send(sim_http_answer(200, "x", large.substr(0, request.size())));
  });
  Client client;
  const auto sink = client.exchange(server.url("/"), large.substr(1'000));
  CHECK(sink->complete());
  CHECK(sink->body.size() > large.size() - 1'000);
  client.run_until([&] { return client.http->stats().open_connections == 0; });
  CHECK_FALSE(http_readable(client.loop.wait_fd(), 0));
}

TEST_CASE("an answer that comes before the request was read is delivered") {
  HttpTestServer server([](TestPeer& peer) {
    peer.send(sim_http_answer(413, "x", "too much"));
    peer.wait_for_end();
  });
  Client client;
  const auto sink = client.exchange(server.url("/"), std::string(20u << 20, 'x'));
  CHECK(sink->complete());
  CHECK(sink->head->status == 413);
}

TEST_CASE("a reset in the middle of the request or the answer is a network error and no signal") {
  HttpTestServer server([](TestPeer& peer) { peer.reset(); });
  Client client;
  CHECK(client.exchange(server.url("/"), std::string(20u << 20, 'x'))->error() ==
        ErrorCode::network);
  HttpTestServer half([](TestPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
    peer.reset();
  });
  const auto sink = client.exchange(half.url("/"));
  CHECK(sink->error() == ErrorCode::network);
  CHECK_FALSE(sink->end->complete);
}

TEST_CASE("a kept connection that the server closed is not used, or replaced once") {
  HttpTestServer server([](TestPeer& peer) {
    peer.read_request();
    peer.send(kSocketOk);
  });
  Client client;
  client.may_repeat = true;
  for (int i = 0; i < 20; ++i) CHECK(client.exchange(server.url("/"))->complete());
  CHECK(server.connections() >= 20);
}

TEST_CASE("a name that leads to an address that is not public is refused before connecting") {
  HttpTestServer server(answer_all);
  Client client;
  for (const char* host : {"http://localhost", "http://127.0.0.1"}) {
    auto sink = std::make_shared<HttpRecorder>();
    HttpRequest request;
    request.url = server.url("/", host);
    request.reach = Reach::public_only;
    client.http->start(std::move(request), sink, {});
    client.run_until([&] { return sink->end.has_value(); });
    REQUIRE(sink->end->error);
    CHECK(sink->end->error->code() == ErrorCode::permission_denied);
  }
  CHECK(server.connections() == 0);
  // A connection made for trusted URLs is not lent to others.
  CHECK(client.exchange(server.url("/"))->complete());
  auto sink = std::make_shared<HttpRecorder>();
  HttpRequest request;
  request.url = server.url("/");
  request.reach = Reach::public_only;
  client.http->start(std::move(request), sink, {});
  client.run_until([&] { return sink->end.has_value(); });
  CHECK(sink->end->error);
}

TEST_CASE("a name is found in the hosts file by c-ares, an impossible one is a network error") {
  const std::string name = hosts_file_entry().name;
  SystemClock clock;
  Loop loop(clock);
  Resolver resolver(loop);
  int answers = 0, found = 0;
  const auto count = [&](const Result<Resolver::Addresses>& result) {
    ++answers;
    found += result && !result->empty();
  };
  const int asked = name.empty() ? 0 : 2;
  for (int i = 0; i < asked; ++i) resolver.resolve(name, count);
  resolver.resolve("::1", count);
  resolver.resolve(std::string(70, 'x') + ".test", count);  // a label too long to be asked
  CHECK(answers == 0);
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (answers < asked + 2 && std::chrono::steady_clock::now() < end) loop.run_once(100ms);
  CHECK(answers == asked + 2);
  CHECK(found == asked + 1);
}

TEST_CASE("no descriptor left is unavailable, counted, and over as soon as there are some again" *
          doctest::skip(kChecksNeedDescriptors)) {
  HttpTestServer server(answer_all);
  Client fresh, used;
  CHECK(used.exchange(server.url("/"))->complete());
  {
    const NoDescriptors none;
    CHECK(fresh.exchange("http://127.0.0.1:1/")->error() == ErrorCode::unavailable);
    CHECK(used.exchange("http://127.0.0.1:1/")->error() == ErrorCode::unavailable);
    CHECK(used.exchange(server.url("/"))->complete());  // on the kept connection
  }
  CHECK(used.http->stats().out_of_descriptors == 1);
  const auto again = fresh.exchange(server.url("/"));
  CAPTURE(again->error_text());
  CHECK(again->complete());
}

TEST_CASE("TLS is verified by name and by address") {
  TestCertificate certificate("DNS:localhost,IP:127.0.0.1");
  HttpTestServer server(answer_all, {.certificate = &certificate});
  Client client({.ca_file = certificate.ca_file()});
  for (const char* host : {"https://localhost", "https://127.0.0.1"}) {
    for (int i = 0; i < 3; ++i) {
      const auto sink = client.exchange(server.url("/", host));
      CAPTURE(sink->error_text());
      CHECK(sink->complete());
      CHECK(sink->body == "hello");
    }
  }
  CHECK(server.connections() == 2);
}

TEST_CASE("TLS with a wrong name, an unknown authority or an old version is refused") {
  TestCertificate certificate("DNS:other.test");
  HttpTestServer server(answer_all, {.certificate = &certificate});
  Client trusting({.ca_file = certificate.ca_file()});
  for (const char* host : {"https://localhost", "https://127.0.0.1"}) {
    const auto wrong_name = trusting.exchange(server.url("/", host));
    CHECK(wrong_name->error() == ErrorCode::network);
    CHECK(wrong_name->error_text().find("certificate") != std::string::npos);
  }
  Client plain;
  CHECK(plain.exchange(server.url("/", "https://localhost"))->error() == ErrorCode::network);
  Client missing({.ca_file = "/nonexistent.pem"});
  CHECK(missing.exchange(server.url("/", "https://localhost"))->error() ==
        ErrorCode::invalid_argument);
  Client careless({.verify = false});
  CHECK(careless.exchange(server.url("/", "https://localhost"))->complete());
  HttpTestServer old(answer_all, {.certificate = &certificate, .max_tls_version = TLS1_1_VERSION});
  CHECK(careless.exchange(old.url("/", "https://localhost"))->error() == ErrorCode::network);
  HttpTestServer not_tls([](TestPeer& peer) { peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  CHECK(careless.exchange(not_tls.url("/", "https://localhost"))->error() == ErrorCode::network);
  CHECK(::ERR_peek_error() == 0);
}

TEST_CASE("TLS carries large bodies both ways and any cut of records") {
  TestCertificate certificate("DNS:localhost");
  const std::string large(5u << 20, 'x');
  HttpTestServer server(
      [&](TestPeer& peer) {
        const std::string request = peer.read_request();
        peer.send(sim_http_stream_head(200, "x"));
        for (int i = 0; i < 1'000; ++i) peer.send(sim_http_chunk(std::to_string(i)));
        peer.send(sim_http_chunk(large.substr(0, request.size())) + kSimHttpLastChunk);
      },
      {.certificate = &certificate});
  Client client({.ca_file = certificate.ca_file()});
  const auto sink = client.exchange(server.url("/", "https://localhost"), large);
  CHECK(sink->complete());
  CHECK(sink->body.size() == 2'890 + large.size());
}

TEST_CASE("under TLS an answer that ends with the connection needs the proper end of TLS") {
  TestCertificate certificate("DNS:localhost");
  bool proper = true;
  HttpTestServer server(
      [&](TestPeer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\n\r\nhello");
        if (!proper) peer.cut();
      },
      {.certificate = &certificate});
  Client client({.ca_file = certificate.ca_file()});
  const auto whole = client.exchange(server.url("/", "https://localhost"));
  CHECK(whole->complete());
  CHECK(whole->end->close_delimited);
  proper = false;
  const auto cut = client.exchange(server.url("/", "https://localhost"));
  CHECK(cut->error() == ErrorCode::network);
  CHECK(cut->body == "hello");
}

TEST_CASE("a tunnel through a proxy carries TLS to the server behind it") {
  TestCertificate certificate("DNS:api.test");
  std::string asked;
  HttpTestServer proxy(
      [&](TestPeer& peer) {
        asked = peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\n\r\n");
        if (peer.start_tls()) answer_all(peer);
      },
      {.certificate = &certificate, .tls_from_start = false});
  Client client({.proxy = proxy.url(""), .ca_file = certificate.ca_file()});
  for (int i = 0; i < 2; ++i) {
    const auto sink = client.exchange("https://api.test/v1");
    CAPTURE(sink->error_text());
    CHECK(sink->complete());
  }
  CHECK(asked.find("CONNECT api.test:443 HTTP/1.1\r\n") == 0);
  CHECK(proxy.connections() == 1);
}

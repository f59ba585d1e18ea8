#include <doctest/doctest.h>

#include <atomic>

#include "base/clock.hpp"
#include "net/http_client.hpp"
#include "net/sim_http_server.hpp"
#include "support/counted_memory.hpp"
#include "support/http_test_server.hpp"

using namespace scena;
using namespace scena::net;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

/// Counts allocations from the 10th piece of the body to the 400th.
struct CountingSink final : HttpSink {
  void on_head(const HttpHead&) override {}
  void on_body(std::string_view) override { ++pieces; }
  void on_flush() override {
    ++reads;
    const long now = CountedMemory::allocations();
    if (pieces >= 10 && pieces < 400) allocations += now - at_flush;
    at_flush = now;
  }
  void on_end(const HttpEnd& end) override {
    ended = true;
    complete = end.complete;
  }
  int pieces = 0, reads = 0;
  long at_flush = 0, allocations = 0;
  bool ended = false, complete = false;
};

/// Sends the next chunk only when the one before was read, so that each costs a read.
void stream(TestPeer& peer, std::atomic<int>& wanted) {
  peer.read_request();
  peer.send(sim_http_stream_head(200, "x"));
  for (int i = 0; i < 500; ++i) {
    wanted.wait(i);
    peer.send(sim_http_chunk(std::string(200, 'x')));
  }
  peer.send(kSimHttpLastChunk);
}

void check(const TestCertificate* certificate, const char* scheme_and_host) {
  std::atomic<int> wanted{1};
  HttpTestServer server([&](TestPeer& peer) { stream(peer, wanted); },
                        {.certificate = certificate});
  SystemClock clock;
  Loop loop(clock);
  HttpClientOptions options;
  options.config.verify = false;
  auto client = HttpClient::make(loop, options);
  REQUIRE(client);
  const auto sink = std::make_shared<CountingSink>();
  HttpRequest request;
  request.url = server.url("/", scheme_and_host);
  (*client)->start(request, sink, {});
  for (int pieces = 0; !sink->ended;) {
    loop.run_once(100ms);
    for (; pieces < sink->pieces; ++pieces) ++wanted;
    wanted.notify_all();
  }
  CHECK(sink->complete);
  CHECK(sink->reads >= 400);
  CHECK(sink->allocations == 0);
}

}  // namespace

TEST_CASE("reading a body allocates nothing") {
  check(nullptr, "http://127.0.0.1");
}

TEST_CASE("reading a body under TLS allocates nothing of ours") {
  const TestCertificate certificate("DNS:localhost");
  check(&certificate, "https://localhost");
}

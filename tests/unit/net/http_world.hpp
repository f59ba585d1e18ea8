#pragma once

#include <doctest/doctest.h>
#include <zlib.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "net/http_client.hpp"
#include "net/sim_http_server.hpp"
#include "support/http_recorder.hpp"

namespace scena::test {

using namespace scena::net;
using namespace std::chrono_literals;

/// A client on the virtual clock, and a network in memory whose server is "api.test".
struct HttpWorld {
  explicit HttpWorld(HttpClientOptions options = {}) {
    auto made = HttpClient::make(loop, std::move(options), network);
    REQUIRE(made);
    client = *std::move(made);
  }

  std::shared_ptr<HttpRecorder> start(HttpRequest request = {}, std::stop_token stop = {}) {
    auto sink = std::make_shared<HttpRecorder>();
    if (request.url.empty()) request.url = "http://api.test/v1/chat";
    client->start(std::move(request), sink, stop);
    CHECK_FALSE(sink->end);
    return sink;
  }
  void run() {
    while (loop.run_once(0ms) > 0) continue;
  }
  std::shared_ptr<HttpRecorder> exchange(HttpRequest request = {}) {
    auto sink = start(std::move(request));
    run();
    REQUIRE(sink->end);
    CHECK(sink->misplaced == 0);
    return sink;
  }
  /// Every request gets these bytes; then the connection is ended, if asked.
  void answer(std::string bytes, bool end = false, SimLink link = {}) {
    network->listen("api.test", 80,
                    sim_http_server([=, this](const SimHttpRequest& request, const auto& peer) {
                      requests.push_back(request);
                      peer->send(bytes);
                      if (end) peer->end();
                    }),
                    link);
  }
  std::chrono::milliseconds time() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock.now().time_since_epoch());
  }

  VirtualClock clock;
  Loop loop{clock};
  std::shared_ptr<SimNetwork> network = std::make_shared<SimNetwork>(loop, 7);
  std::vector<SimHttpRequest> requests;
  std::unique_ptr<HttpClient> client;
};

/// In the form that zlib has for this window: 31 gzip, 15 deflate, -15 deflate without a head.
inline std::string packed(std::string_view text, int window) {
  z_stream z{};
  REQUIRE(::deflateInit2(&z, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(::deflateBound(&z, text.size()), 0);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  REQUIRE(::deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  ::deflateEnd(&z);
  return out;
}

inline std::string packed_answer(std::string_view encoding, std::string_view body) {
  std::string text = "HTTP/1.1 200 OK\r\nContent-Encoding: " + std::string(encoding);
  return text + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

inline const std::string kOk = sim_http_answer(200, "text/plain", "hello");

}  // namespace scena::test

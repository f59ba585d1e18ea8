#include "net/http_client.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <thread>

#include "base/clock.hpp"
#include "net/sim_http_server.hpp"
#include "support/http_recorder.hpp"

using namespace scena;
using namespace scena::net;
using namespace std::chrono_literals;
using scena::test::HttpRecorder;

namespace {

struct World {
  explicit World(HttpClientOptions options = {}) {
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

std::string packed(std::string_view text, int window) {
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

std::string packed_answer(std::string_view encoding, std::string_view body) {
  std::string text = "HTTP/1.1 200 OK\r\nContent-Encoding: " + std::string(encoding);
  return text + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

const std::string kOk = sim_http_answer(200, "text/plain", "hello");

}  // namespace

TEST_CASE("a request reaches the server as asked and its answer reaches the sink") {
  World world;
  world.answer(kOk);
  HttpRequest request;
  request.url = "http://API.test/v1/chat?x=1#part";
  request.headers = {{"Authorization", "Bearer k"}, {"Content-Length", "999"}};
  request.body = "{\"a\":1}";
  const auto sink = world.exchange(request);
  CHECK(sink->complete());
  CHECK(sink->head->status == 200);
  CHECK(sink->head->header("content-TYPE") == "text/plain");
  CHECK(sink->body == "hello");
  CHECK(sink->flushes == 1);
  REQUIRE(world.requests.size() == 1);
  CHECK(world.requests[0].method == "POST");
  CHECK(world.requests[0].target == "/v1/chat?x=1");
  CHECK(world.requests[0].header("host") == "api.test");
  CHECK(world.requests[0].header("authorization") == "Bearer k");
  CHECK(world.requests[0].header("content-length") == "7");
  CHECK(world.requests[0].body == request.body);
}

TEST_CASE("a streamed answer is delivered as it comes, with one flush a read") {
  World world;
  world.network->listen("api.test", 80, sim_http_server([](const auto&, const auto& peer) {
                          peer->send(sim_http_stream_head(200, "text/event-stream") +
                                     sim_http_chunk("one") + sim_http_chunk("two"));
                          peer->send_after(1s, sim_http_chunk("three"));
                          peer->send_after(2s, kSimHttpLastChunk);
                        }));
  const auto sink = world.start();
  while (world.time() < 1s) world.loop.run_once(0ms);
  CHECK(sink->body == "onetwothree");
  CHECK(sink->flushes == 2);
  CHECK_FALSE(sink->end);
  world.run();
  CHECK(sink->complete());
  CHECK(sink->misplaced == 0);
  CHECK_FALSE(sink->end->close_delimited);
}

TEST_CASE("redirects are delivered, not followed") {
  World world;
  world.answer("HTTP/1.1 302 Found\r\nLocation: http://evil.test/\r\nContent-Length: 0\r\n\r\n");
  const auto sink = world.exchange();
  CHECK(sink->complete());
  CHECK(sink->head->status == 302);
  CHECK(world.network->connections_made() == 1);
}

TEST_CASE("connections are kept for the next exchange and dropped when idle too long") {
  World world;
  world.answer(kOk);
  const auto first = world.start();
  while (!first->end) world.loop.run_once(0ms);
  const auto second = world.start();
  while (!second->end) world.loop.run_once(0ms);
  CHECK(second->complete());
  CHECK(world.network->connections_made() == 1);
  CHECK(world.client->stats().connections_reused == 1);
  CHECK(world.network->connections_open() == 1);
  CHECK(world.client->stats().idle_connections == 1);
  world.run();
  CHECK(world.network->connections_open() == 0);
  CHECK(world.client->stats().open_connections == 0);
  CHECK(world.time() >= 60s);
  CHECK(world.time() <= 91s);
}

TEST_CASE("parallel exchanges take a connection each, up to the limit, then wait their turn") {
  World world({.config = {.max_connections_per_host = 2}});
  world.answer(kOk);
  std::vector<std::shared_ptr<HttpRecorder>> sinks;
  for (int i = 0; i < 7; ++i) sinks.push_back(world.start());
  world.run();
  for (const auto& sink : sinks) CHECK(sink->complete());
  CHECK(world.network->connections_made() == 2);
}

TEST_CASE(
    "who waits for a connection gets one when another fails, or gives up by the connect limit") {
  World world({.config = {.max_connections_per_host = 1}});
  SimLink slow;
  slow.silent = true;
  world.answer(kOk, false, slow);
  const auto first = world.start();
  HttpRequest patient;
  patient.timeouts.connect = 8s;
  const auto second = world.start(patient);
  HttpRequest hasty;
  hasty.timeouts.connect = 1s;
  const auto third = world.start(hasty);
  world.loop.poll(1s);
  world.answer(kOk);  // for connections made from now on
  world.run();
  CHECK(first->error() == ErrorCode::timeout);
  CHECK(third->error() == ErrorCode::timeout);
  CHECK(second->complete());
  CHECK(world.network->connections_made() == 2);
}

TEST_CASE("a connection is not used again after an unclean answer") {
  for (const char* answer :
       {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n"}) {
    World world;
    world.answer(answer);
    const auto sink = world.start();
    while (!sink->end) world.loop.run_once(0ms);
    CHECK(sink->complete());
    CHECK(sink->body == "ok");
    CHECK(world.network->connections_open() == 0);
  }
}

TEST_CASE("a kept connection that speaks unasked is dropped") {
  World world;
  world.network->listen("api.test", 80, sim_http_server([](const auto&, const auto& peer) {
                          peer->send(kOk);
                          peer->send_after(1s, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
                        }));
  const auto first = world.start();
  while (world.time() < 1s) world.loop.run_once(0ms);
  CHECK(first->complete());
  CHECK(world.network->connections_open() == 0);
}

TEST_CASE("a request that may have been carried out is not sent again by itself") {
  World world;
  int served = 0;
  world.network->listen("api.test", 80, sim_http_server([&](const auto&, const auto& peer) {
                          if (++served == 2) return peer->reset();  // carried out, and no answer
                          peer->send(kOk);
                        }));
  for (int i = 0; i < 2; ++i) {
    const auto sink = world.start();
    while (!sink->end) world.loop.run_once(0ms);
    CHECK(sink->complete() == (i == 0));
    if (i == 1) CHECK(sink->error() == ErrorCode::network);
  }
  CHECK(served == 2);
  CHECK(world.client->stats().stale_retries == 0);
}

TEST_CASE("a kept connection that died is replaced once, if asking twice does no harm") {
  World world;
  HttpRequest harmless;
  harmless.may_repeat = true;
  int served = 0;
  world.network->listen("api.test", 80, sim_http_server([&](const auto&, const auto& peer) {
                          if (++served == 2)
                            return peer->reset();  // the second request of the first connection
                          peer->send(kOk);
                        }));
  for (int i = 0; i < 2; ++i) {
    const auto sink = world.start(harmless);
    while (!sink->end) world.loop.run_once(0ms);
    CHECK(sink->complete());
  }
  CHECK(served == 3);
  CHECK(world.client->stats().stale_retries == 1);
}

TEST_CASE("a fresh connection that dies is not replaced, and a begun answer never asked again") {
  World world;
  int served = 0;
  world.network->listen("api.test", 80, sim_http_server([&](const auto&, const auto& peer) {
                          ++served;
                          peer->reset();
                        }));
  const auto fresh = world.exchange();
  CHECK(fresh->error() == ErrorCode::network);
  CHECK(served == 1);
  world.network->listen("api.test", 80, sim_http_server([&](const auto&, const auto& peer) {
                          if (++served == 2) return peer->send(kOk);
                          peer->send("HTTP/1.1 2");
                          peer->end();
                        }));
  const auto first = world.start();
  while (!first->end) world.loop.run_once(0ms);
  const auto second = world.start();
  world.run();
  CHECK(second->error() == ErrorCode::network);
  CHECK(served == 3);
}

TEST_CASE("a truncated answer is not complete and says so") {
  for (const char* answer : {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                             "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"}) {
    World world;
    world.answer(answer, true);
    const auto sink = world.exchange();
    CHECK(sink->body == "hello");
    CHECK_FALSE(sink->end->complete);
    CHECK(sink->end->got_head);
    CHECK(sink->error() == ErrorCode::network);
    CHECK(sink->error_text() == "the connection closed before the answer's end");
  }
}

TEST_CASE("an answer that ends with the connection is complete and marked") {
  World world;
  world.answer("HTTP/1.1 200 OK\r\n\r\nhello", true);
  const auto sink = world.exchange();
  CHECK(sink->complete());
  CHECK(sink->end->close_delimited);
  CHECK(world.network->connections_open() == 0);
}

TEST_CASE("packed answers are unpacked, whatever the cuts") {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += std::to_string(i * 7919 % 1'000);
  const std::pair<const char*, int> forms[] = {{"gzip", 31}, {"deflate", 15}, {"deflate", -15}};
  for (const auto& [encoding, window] : forms) {
    for (std::size_t most : {0, 1'000}) {
      World world;
      SimLink link;
      link.max_piece = most;
      world.answer(packed_answer(encoding, packed(text, window)), false, link);
      const auto sink = world.exchange();
      CHECK(sink->complete());
      CHECK(sink->body == text);
    }
  }
}

TEST_CASE("damaged, cut or unknown packing is an error, never a whole answer") {
  const std::string good = packed("hello hello hello", 31);
  std::string bad = good;
  bad[12] = static_cast<char>(bad[12] ^ 0x55);
  for (const std::string& body : {bad, good.substr(0, good.size() - 6), good + "tail",
                                  good.substr(0, 4), std::string("plain")}) {
    World world;
    world.answer(packed_answer("gzip", body));
    CHECK(world.exchange()->error() == ErrorCode::protocol);
    CHECK(world.network->connections_open() == 0);
  }
  World cut;
  cut.answer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + good.substr(0, 20), true);
  CHECK(cut.exchange()->error() == ErrorCode::network);
  World world;
  world.answer(packed_answer("br", "xx"));
  CHECK(world.exchange()->error() == ErrorCode::protocol);
}

TEST_CASE("bodies are bounded, packed ones after unpacking") {
  HttpRequest request;
  request.max_body_bytes = 100'000;
  const std::string bomb = packed(std::string(50'000'000, 'x'), 31);
  const std::string long_text(100'001, 'x');
  for (const std::string& answer :
       {packed_answer("gzip", bomb), sim_http_answer(200, "x", long_text),
        sim_http_stream_head(200, "x") + sim_http_chunk(long_text)}) {
    World world;
    world.answer(answer);
    const auto sink = world.exchange(request);
    CHECK(sink->error() == ErrorCode::too_large);
    CHECK(sink->body.size() <= 100'000);
    CHECK(world.network->connections_open() == 0);
  }
  World world;
  world.answer(sim_http_answer(200, "x", long_text.substr(1)));
  CHECK(world.exchange(request)->complete());
}

TEST_CASE("each time limit ends an exchange at its time and names itself") {
  struct Case {
    const char* name;
    Duration at;
    SimLink link;
    std::function<void(SimPeer&)> serve;
  };
  SimLink silent, full;
  silent.silent = true;
  full.takes = 10;
  const std::string start = sim_http_stream_head(200, "x");
  const Case cases[] = {
      {"connect", 1s, silent, nullptr},
      {"first_byte", 2s, {}, [](SimPeer&) {}},
      {"first_byte", 2s, {}, [&](SimPeer& peer) { peer.send_after(1s, start); }},
      {"idle", 3s, {}, [&](SimPeer& peer) { peer.send(start + sim_http_chunk("x")); }},
      {"idle",
       4s,
       {},
       [&](SimPeer& peer) {
         peer.send(start);
         peer.send_after(1s, sim_http_chunk("x"));
       }},
      {"idle", 3s, full, [](SimPeer&) {}},
      {"total",
       10s,
       {},
       [&](SimPeer& peer) {
         peer.send(start);
         for (int i = 0; i < 100; ++i) peer.send_after(i * 500ms, sim_http_chunk("x"));
       }},
  };
  for (const Case& one : cases) {
    CAPTURE(one.name);
    World world;
    world.network->listen("api.test", 80,
                          sim_http_server([&](const auto&, const auto& peer) { one.serve(*peer); }),
                          one.link);
    HttpRequest request;
    request.timeouts = {.connect = 1s, .first_byte = 2s, .idle = 3s, .total = 10s};
    const auto sink = world.start(request);
    while (!sink->end) REQUIRE(world.loop.run_once(0ms) > 0);
    CHECK(sink->error() == ErrorCode::timeout);
    CHECK(sink->error_text().find(std::string(one.name) + " time") != std::string::npos);
    CHECK(world.clock.now().time_since_epoch() == one.at);
    CHECK(world.network->connections_open() == 0);
    CHECK(sink->misplaced == 0);
  }
}

TEST_CASE("an idle limit shorter than the first_byte limit is kept as exactly") {
  World world;
  world.network->listen("api.test", 80, sim_http_server([](const auto&, const auto& peer) {
                          peer->send_after(1s,
                                           sim_http_stream_head(200, "x") + sim_http_chunk("x"));
                        }));
  HttpRequest request;
  request.timeouts = {.connect = 5s, .first_byte = 300s, .idle = 2s, .total = 0s};
  const auto sink = world.start(request);
  while (!sink->end) REQUIRE(world.loop.run_once(0ms) > 0);
  CHECK(sink->error_text() == "nothing more of the answer within the idle time limit");
  CHECK(world.clock.now().time_since_epoch() == 3s);
}

TEST_CASE("progress keeps an exchange alive beyond the idle limit") {
  World world;
  world.network->listen("api.test", 80, sim_http_server([](const auto&, const auto& peer) {
                          peer->send(sim_http_stream_head(200, "x"));
                          for (int i = 1; i <= 20; ++i)
                            peer->send_after(i * 900ms, sim_http_chunk("x"));
                          peer->send_after(20 * 900ms, kSimHttpLastChunk);
                        }));
  HttpRequest request;
  request.timeouts = {.connect = 1s, .first_byte = 1s, .idle = 1s, .total = 60s};
  const auto sink = world.start(request);
  while (!sink->end) REQUIRE(world.loop.run_once(0ms) > 0);
  CHECK(sink->complete());
  CHECK(sink->body.size() == 20);
}

TEST_CASE("a stop request ends the exchange within one turn, from any thread, and closes") {
  World world;
  world.network->listen("api.test", 80, sim_http_server([](const auto&, const auto& peer) {
                          peer->send(sim_http_stream_head(200, "x") + sim_http_chunk("x"));
                        }));
  std::stop_source stop;
  const auto sink = world.start({}, stop.get_token());
  while (sink->body.empty()) world.loop.run_once(0ms);
  std::thread([&] { stop.request_stop(); }).join();
  CHECK_FALSE(sink->end);
  world.loop.poll(0us);
  CHECK(sink->error() == ErrorCode::cancelled);
  CHECK_FALSE(sink->end->complete);
  CHECK(world.network->connections_open() == 0);
  CHECK(sink->misplaced == 0);
}

TEST_CASE("a stop request is heard before the start, while connecting, and inside a sink") {
  World world;
  world.answer(kOk);
  std::stop_source early;
  early.request_stop();
  const auto first = world.start({}, early.get_token());
  world.loop.poll(0us);
  CHECK(first->error() == ErrorCode::cancelled);

  SimLink silent;
  silent.silent = true;
  world.answer(kOk, false, silent);
  std::stop_source connecting;
  const auto second = world.start({}, connecting.get_token());
  world.loop.poll(0us);
  connecting.request_stop();
  world.loop.poll(0us);
  CHECK(second->error() == ErrorCode::cancelled);

  struct Stopper final : HttpSink {
    void on_head(const HttpHead&) override { stop.request_stop(); }
    void on_body(std::string_view) override {}
    void on_end(const HttpEnd& end) override {
      code = end.error ? end.error->code() : ErrorCode::ok;
    }
    std::stop_source stop;
    ErrorCode code = ErrorCode::internal;
  };
  world.answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhell");
  const auto sink = std::make_shared<Stopper>();
  HttpRequest request;
  request.url = "http://api.test/";
  world.client->start(request, sink, sink->stop.get_token());
  world.run();
  CHECK(sink->code == ErrorCode::cancelled);
}

TEST_CASE("requests that cannot be sent are refused with what to do") {
  World world;
  HttpRequest bad_url, bad_name, bad_value, bad_method;
  bad_url.url = "ftp://api.test/secret";
  bad_name.headers = {{"X Y", "z"}};
  bad_value.headers = {{"X", "a\r\nEvil: b"}};
  bad_method.method = "GET /";
  for (const HttpRequest& request : {bad_url, bad_name, bad_value, bad_method}) {
    const auto sink = world.exchange(request);
    CHECK(sink->error() == ErrorCode::invalid_argument);
    CHECK(sink->error_text().find("secret") == std::string::npos);
  }
  CHECK(world.network->connections_made() == 0);
}

TEST_CASE("no descriptor left is a clear error, counted, and leaves others unharmed") {
  World world;
  world.network->listen("api.test", 80, sim_http_server([](const auto&, const auto& peer) {
                          peer->send(sim_http_stream_head(200, "x") + sim_http_chunk("x"));
                          peer->send_after(1s, sim_http_chunk("y") + kSimHttpLastChunk);
                        }));
  const auto open = world.start();
  while (open->body.empty()) world.loop.run_once(0ms);
  world.network->fail_next(Error::fixed(ErrorCode::unavailable, "no descriptor"));
  const auto refused = world.start();
  world.run();
  CHECK(refused->error() == ErrorCode::unavailable);
  CHECK(world.client->stats().out_of_descriptors == 1);
  CHECK(open->complete());
  CHECK(open->body == "xy");
}

TEST_CASE("http through a proxy names the whole URL, and its password goes to the proxy alone") {
  World world({.config = {.proxy = "http://me:p%40ss@proxy.test:3128"}});
  world.network->listen("proxy.test", 3128,
                        sim_http_server([&](const SimHttpRequest& request, const auto& peer) {
                          world.requests.push_back(request);
                          peer->send(kOk);
                        }));
  CHECK(world.exchange()->complete());
  REQUIRE(world.requests.size() == 1);
  CHECK(world.requests[0].target == "http://api.test/v1/chat");
  CHECK(world.requests[0].header("proxy-authorization") == "Basic bWU6cEBzcw==");
}

TEST_CASE("https through a proxy opens a tunnel, and a refusal says which status") {
  World world({.config = {.proxy = "http://me:pw@proxy.test:3128"}});
  bool allow = true;
  world.network->listen(
      "proxy.test", 3128, sim_http_server([&](const SimHttpRequest& request, const auto& peer) {
        world.requests.push_back(request);
        if (request.method != "CONNECT") return peer->send(kOk);
        peer->send(allow
                       ? "HTTP/1.1 200 Connection established\r\n\r\n"
                       : "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
      }));
  HttpRequest request;
  request.url = "https://api.test/v1";
  CHECK(world.exchange(request)->complete());
  REQUIRE(world.requests.size() == 2);
  CHECK(world.requests[0].target == "api.test:443");
  CHECK(world.requests[0].header("proxy-authorization") == "Basic bWU6cHc=");
  CHECK(world.requests[1].target == "/v1");
  CHECK(world.requests[1].header("proxy-authorization") == "");
  allow = false;
  const auto refused = world.exchange(request);
  CHECK(refused->error() == ErrorCode::network);
  CHECK(refused->error_text().find("407") != std::string::npos);
  CHECK(refused->error_text().find("pw") == std::string::npos);
}

TEST_CASE(
    "a client that closes ends every exchange once, and one that is destroyed says nothing more") {
  World world;
  world.network->listen("api.test", 80, sim_http_server([](const auto&, const auto& peer) {
                          peer->send(sim_http_stream_head(200, "x") + sim_http_chunk("x"));
                        }));
  const auto first = world.start(), second = world.start();
  while (second->body.empty()) world.loop.run_once(0ms);
  world.client->close();
  CHECK(first->error() == ErrorCode::closed);
  CHECK(second->error() == ErrorCode::closed);
  CHECK(world.exchange()->error() == ErrorCode::closed);

  World other;
  other.answer("HTTP/1.1 200 OK\r\n\r\nx");
  const auto open = other.start();
  while (open->body.empty()) other.loop.run_once(0ms);
  other.client.reset();
  other.run();
  CHECK_FALSE(open->end);
  CHECK(open.use_count() == 1);
  CHECK(other.network->connections_open() == 0);
}

TEST_CASE("the same seed gives the same cuts and times") {
  const auto run = [](std::uint64_t seed) {
    VirtualClock clock;
    Loop loop(clock);
    auto network = std::make_shared<SimNetwork>(loop, seed);
    SimLink link{.connect = 3ms, .latency = 5ms, .jitter = 20ms, .max_piece = 9};
    network->listen("a.test", 80, sim_http_server([](const auto&, const auto& peer) {
                      peer->send(sim_http_stream_head(200, "x"));
                      for (int i = 0; i < 30; ++i)
                        peer->send_after(i * 7ms, sim_http_chunk("hello"));
                      peer->send_after(300ms, kSimHttpLastChunk);
                    }),
                    link);
    auto client = HttpClient::make(loop, {}, network);
    REQUIRE(client);
    auto sink = std::make_shared<HttpRecorder>();
    HttpRequest request;
    request.url = "http://a.test/";
    (*client)->start(request, sink, {});
    while (!sink->end) REQUIRE(loop.run_once(0ms) > 0);
    CHECK(sink->complete());
    CHECK(sink->body.size() == 150);
    return std::pair(sink->pieces, clock.now());
  };
  CHECK(run(1) == run(1));
  CHECK(run(1) != run(2));
}

#include <functional>
#include <thread>

#include "net/http_client.hpp"
#include "unit/net/http_world.hpp"

using namespace scena;
using namespace scena::test;

// What ends an exchange before its answer does: limits of time and size, and stop requests.

TEST_CASE("bodies are bounded, packed ones after unpacking") {
  HttpRequest request;
  request.max_body_bytes = 100'000;
  const std::string bomb = packed(std::string(50'000'000, 'x'), 31);
  const std::string long_text(100'001, 'x');
  for (const std::string& answer :
       {packed_answer("gzip", bomb), sim_http_answer(200, "x", long_text),
        sim_http_stream_head(200, "x") + sim_http_chunk(long_text)}) {
    HttpWorld world;
    world.answer(answer);
    const auto sink = world.exchange(request);
    CHECK(sink->error() == ErrorCode::too_large);
    CHECK(sink->body.size() <= 100'000);
    CHECK(world.network->connections_open() == 0);
  }
  HttpWorld world;
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
    HttpWorld world;
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
  HttpWorld world;
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
  HttpWorld world;
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
  HttpWorld world;
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
  HttpWorld world;
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

#include "net/http_client.hpp"
#include "unit/net/http_world.hpp"

using namespace scena;
using namespace scena::test;

// Which connections an HttpClient makes, keeps, replaces and drops.

TEST_CASE("connections are kept for the next exchange and dropped when idle too long") {
  HttpWorld world;
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
  HttpWorld world({.config = {.max_connections_per_host = 2}});
  world.answer(kOk);
  std::vector<std::shared_ptr<HttpRecorder>> sinks;
  for (int i = 0; i < 7; ++i) sinks.push_back(world.start());
  world.run();
  for (const auto& sink : sinks) CHECK(sink->complete());
  CHECK(world.network->connections_made() == 2);
}

TEST_CASE(
    "who waits for a connection gets one when another fails, or gives up by the connect limit") {
  HttpWorld world({.config = {.max_connections_per_host = 1}});
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
    HttpWorld world;
    world.answer(answer);
    const auto sink = world.start();
    while (!sink->end) world.loop.run_once(0ms);
    CHECK(sink->complete());
    CHECK(sink->body == "ok");
    CHECK(world.network->connections_open() == 0);
  }
}

TEST_CASE("a kept connection that speaks unasked is dropped") {
  HttpWorld world;
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
  HttpWorld world;
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
  HttpWorld world;
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
  HttpWorld world;
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

TEST_CASE("no descriptor left is a clear error, counted, and leaves others unharmed") {
  HttpWorld world;
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

TEST_CASE(
    "a client that closes ends every exchange once, and one that is destroyed says nothing more") {
  HttpWorld world;
  world.network->listen("api.test", 80, sim_http_server([](const auto&, const auto& peer) {
                          peer->send(sim_http_stream_head(200, "x") + sim_http_chunk("x"));
                        }));
  const auto first = world.start(), second = world.start();
  while (second->body.empty()) world.loop.run_once(0ms);
  world.client->close();
  CHECK(first->error() == ErrorCode::closed);
  CHECK(second->error() == ErrorCode::closed);
  CHECK(world.exchange()->error() == ErrorCode::closed);

  HttpWorld other;
  other.answer("HTTP/1.1 200 OK\r\n\r\nx");
  const auto open = other.start();
  while (open->body.empty()) other.loop.run_once(0ms);
  other.client.reset();
  other.run();
  CHECK_FALSE(open->end);
  CHECK(open.use_count() == 1);
  CHECK(other.network->connections_open() == 0);
}

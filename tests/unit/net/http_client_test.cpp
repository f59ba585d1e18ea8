#include "net/http_client.hpp"

#include "unit/net/http_world.hpp"

using namespace scena;
using namespace scena::test;

// Requests and answers of an HttpClient: what goes out and what arrives.

TEST_CASE("a request reaches the server as asked and its answer reaches the sink") {
  HttpWorld world;
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
  HttpWorld world;
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
  HttpWorld world;
  world.answer("HTTP/1.1 302 Found\r\nLocation: http://evil.test/\r\nContent-Length: 0\r\n\r\n");
  const auto sink = world.exchange();
  CHECK(sink->complete());
  CHECK(sink->head->status == 302);
  CHECK(world.network->connections_made() == 1);
}

TEST_CASE("a truncated answer is not complete and says so") {
  for (const char* answer : {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                             "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"}) {
    HttpWorld world;
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
  HttpWorld world;
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
      HttpWorld world;
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
  for (const std::string& body :
       {bad, good.substr(0, good.size() - 6), good + "tail", good.substr(0, 4)}) {
    HttpWorld world;
    world.answer(packed_answer("gzip", body));
    CHECK(world.exchange()->error() == ErrorCode::protocol);
    CHECK(world.network->connections_open() == 0);
  }
  HttpWorld cut;
  cut.answer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + good.substr(0, 20), true);
  CHECK(cut.exchange()->error() == ErrorCode::network);
  for (const char* encoding : {"br", "gzip, br", "gzip, gzip"}) {
    CAPTURE(encoding);
    HttpWorld world;
    world.answer(packed_answer(encoding, "xx"));
    CHECK(world.exchange()->error() == ErrorCode::protocol);
  }
}

TEST_CASE("an answer that is not packed is read, whatever its head calls it") {
  for (const char* encoding : {"none", "UTF-8", "identity", "gzip", "identity, gzip", ""}) {
    CAPTURE(encoding);
    for (const std::size_t most : {0, 1}) {
      HttpWorld world;
      SimLink link;
      link.max_piece = most;
      world.answer(packed_answer(encoding, "{\"plain\": 1}"), false, link);
      const auto sink = world.exchange();
      CHECK(sink->complete());
      CHECK(sink->body == "{\"plain\": 1}");
    }
  }
  HttpWorld cut;
  cut.answer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nplain", true);
  CHECK(cut.exchange()->error() == ErrorCode::network);
  HttpWorld packed_twice_named;
  packed_twice_named.answer(packed_answer("identity, gzip", packed("hello", 31)));
  CHECK(packed_twice_named.exchange()->body == "hello");
}

TEST_CASE("requests that cannot be sent are refused with what to do") {
  HttpWorld world;
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

TEST_CASE("http through a proxy names the whole URL, and its password goes to the proxy alone") {
  HttpWorld world({.config = {.proxy = "http://me:p%40ss@proxy.test:3128"}});
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
  HttpWorld world({.config = {.proxy = "http://me:pw@proxy.test:3128"}});
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

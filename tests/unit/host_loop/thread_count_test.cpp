#include <doctest/doctest.h>
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <scena/engine.hpp>
#include <vector>

#include "conformance/stage.hpp"
#include "net/sim_http_server.hpp"
#include "support/hosts_file.hpp"
#include "support/server_process.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

std::size_t count_threads() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

std::string text_event(std::string_view delta, std::string_view reason) {
  return net::sim_http_chunk("data: {\"choices\":[{\"index\":0,\"delta\":{" + std::string(delta) +
                             "},\"finish_reason\":" + std::string(reason) + "}]}\n\n");
}

/// Says one word to everybody, and the rest when told to.
void stream_slowly(TestPeer& peer, std::latch& told) {
  if (peer.read_request().empty()) return;
  peer.send(net::sim_http_stream_head(200, "text/event-stream") +
            text_event(R"("content":"Live")", "null"));
  told.wait();
  peer.send(text_event("", R"("stop")") + net::kSimHttpLastChunk);
  peer.wait_for_end();
}

/// Polls as a host does, by descriptor and deadline, and counts the threads every 10 ms.
class Host {
 public:
  explicit Host(Engine& engine) : engine_(engine) {}

  template <class Done>
  bool run_until(Done&& done) {
    const auto give_up = std::chrono::steady_clock::now() + 120s;
    while (!done()) {
      const auto now = std::chrono::steady_clock::now();
      if (now > give_up) return false;
      if (now >= next_count_) {
        most_ = std::max(most_, count_threads());
        least_ = std::min(least_, count_threads());
        next_count_ = now + 10ms;
      }
      const auto deadline = engine_.next_deadline();
      const bool due = deadline && *deadline <= now;
      pollfd ready{engine_.wait_fd(), POLLIN, 0};
      ::poll(&ready, 1, due ? 0 : 5);
      engine_.poll(500us);
    }
    return true;
  }

  std::size_t most() const noexcept { return most_; }
  std::size_t least() const noexcept { return least_; }

 private:
  Engine& engine_;
  std::size_t most_ = 0, least_ = 1'000;
  std::chrono::steady_clock::time_point next_count_{};
};

struct Live {
  Session session;
  Events events;
  bool spoke = false;
};

void count_threads_of(Watcher watcher, std::size_t streams, std::size_t further) {
  const HostsEntry host = hosts_file_entry(true);
  if (host.name.empty()) {
    const char* missing = "/etc/hosts has no name of an IPv4 address but localhost";
    if (std::getenv("CI")) FAIL(missing);
    MESSAGE("skipped: ", missing);
    return;
  }
  const TestCertificate certificate("DNS:" + host.name);
  const ServerProcess service(stream_slowly,
                              {.certificate = &certificate, .address = host.address.c_str()});
  const std::size_t own = count_threads();  // 1, but for a sanitizer's
  Config config;
  config.threads = 0;
  config.storage_thread = StorageThread::off;
  config.watcher = watcher;
  config.http.ca_file = certificate.ca_file();
  config.timeouts = {.connect = 0s, .first_byte = 0s, .idle = 0s, .total = 0s};
  config.providers["model"] = {
      .url = "openai:m",
      .base_url = "https://" + host.name + ":" + std::to_string(service.port()) + "/v1"};
  config.provider = "model";
  Engine engine = Engine::open(config);
  Host loop(engine);
  std::vector<Live> live;
  std::size_t finished = 0;
  for (std::size_t i = 0; i < streams; ++i) {
    Session session = engine.create_session(conformance::two_in_a_room());
    Events events = session.events();
    session.send("Hello.").then([&finished](const Result<TurnResult>& result) {
      if (result && result->outcome == Outcome::complete) ++finished;
    });
    live.push_back({std::move(session), std::move(events)});
  }
  std::size_t speaking = 0;
  Event event;
  REQUIRE(loop.run_until([&] {
    for (Live& one : live) {
      while (!one.spoke && one.events.next(event)) one.spoke = event.type == "delta";
    }
    speaking = static_cast<std::size_t>(
        std::count_if(live.begin(), live.end(), [](const Live& one) { return one.spoke; }));
    return speaking == streams;
  }));
  CHECK(finished == 0);
  service.tell();
  REQUIRE(loop.run_until([&] { return finished == streams; }));
  CHECK(loop.most() == own + further);
  CHECK(loop.least() == own + further);
  engine.close();
  CHECK(count_threads() == own);
}

}  // namespace

TEST_CASE("the host's thread alone carries 1,000 live TLS streams to a host name") {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  const std::size_t streams = files.rlim_cur >= 2'000 ? 1'000 : 200;
  if (streams < 1'000 && std::getenv("CI")) FAIL("fewer than 2,000 descriptors are allowed");
  count_threads_of(Watcher::none, streams, 0);
}

TEST_CASE("the watcher is the only second thread") {
  count_threads_of(Watcher::pipe, 50, 1);
}

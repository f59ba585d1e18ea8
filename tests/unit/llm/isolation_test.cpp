// One service stalls under many calls: what the others do must not be told from a calm day. Whole
// layers, the real HTTP client, the simulated network; counts and virtual time, nothing measured.
#include <doctest/doctest.h>

#include <algorithm>

#include "base/clock.hpp"
#include "llm/layers/chain.hpp"
#include "llm/registry.hpp"
#include "net/http_client.hpp"
#include "net/sim_http_server.hpp"
#include "support/reply_log.hpp"

using namespace scena;
using namespace scena::llm;
using namespace std::chrono_literals;

namespace {

constexpr int kStalledCalls = 300;
constexpr int kCalmCalls = 200;
constexpr std::size_t kConnections = 8;

struct Day {
  std::vector<Duration> calm_ends;  // since each call's start
  int calm_served = 0, stalled_served = 0;
  int calm_complete = 0, stalled_open = 0;
  std::map<std::string, std::string> breakers;
};

// Both services take their time; one of them then says nothing more, in mid-stream or at all.
class TwoServices {
 public:
  explicit TwoServices(bool head_first) : head_first_(head_first) {
    net::HttpClientOptions options;
    options.config.max_connections_per_host = kConnections;
    auto made = net::HttpClient::make(loop_, options, network_);
    REQUIRE(made);
    client_ = *std::move(made);
    add_builtin_providers(registry_);
    network_->listen(
        "calm.test", 80, net::sim_http_server([this](const auto&, const auto& peer) {
          ++day_.calm_served;
          peer->send(net::sim_http_stream_head(200, "text/event-stream"));
          loop_.after(20ms, [peer] { peer->send(kWhole + std::string(net::kSimHttpLastChunk)); });
        }));
    network_->listen("stalled.test", 80,
                     net::sim_http_server([this](const auto&, const auto& peer) {
                       ++day_.stalled_served;
                       if (head_first_)
                         peer->send(net::sim_http_stream_head(200, "text/event-stream"));
                       kept_.push_back(peer);
                     }));
    Policy policy;
    policy.cache.max_bytes = 1u << 20;
    policy.continuation.attempts = 1;
    policy.services = {{.running = 100, .waiting = 1'000}};
    chain_ = std::make_shared<ProviderChain>(
        ChainParts{.loop = loop_,
                   .state = state_,
                   .log = {},
                   .make = [this](const std::string& name) { return make(name); }},
        policy);
  }

  // What still waits is cancelled, as an engine does that closes; a call that nobody ends holds its
  // place in line, and the place holds the call.
  ~TwoServices() {
    stop_.request_stop();
    // A turn of the loop ends after its budget of real time, on a slow machine before the last
    // call.
    const auto open = [](const auto& log) { return log->ends.empty(); };
    for (int i = 0; i < kStalledCalls && std::ranges::any_of(stalled_, open); ++i)
      loop_.run_once(0ms);
    for (const auto& log : stalled_) CHECK(log->ends.size() == 1);
  }

  Day live(bool disturbed) {
    for (int i = 0; disturbed && i < kStalledCalls; ++i) stalled_.push_back(begin("stalled", i));
    for (int i = 0; i < kCalmCalls; ++i) {
      const TimePoint began = clock_.now();
      const auto log = begin("calm", i);
      while (log->ends.empty() && clock_.now() - began < 5s) loop_.run_once(0ms);
      REQUIRE(log->ends.size() == 1);
      day_.calm_ends.push_back(clock_.now() - began);
      day_.calm_complete += log->end().outcome == Outcome::complete ? 1 : 0;
    }
    for (const auto& log : stalled_) day_.stalled_open += log->ends.empty() ? 1 : 0;
    for (const auto& [name, figures] : state_.breakers(clock_.now()))
      day_.breakers[name] = figures.state;
    return day_;
  }

 private:
  Result<std::vector<std::shared_ptr<Provider>>> make(const std::string& name) {
    auto made = registry_.make({.url = "openai+http://" + name + ".test/v1", .model = "m"},
                               {*client_, loop_, clock_, {}});
    if (!made) return made.error();
    return std::vector<std::shared_ptr<Provider>>{*made};
  }
  std::shared_ptr<test::ReplyLog> begin(const std::string& service, int number) {
    auto log = std::make_shared<test::ReplyLog>();
    const ReplyRequest request{.messages = {{PromptRole::user, std::to_string(number), ""}}};
    (*chain_->provider(service))
        ->start(std::make_shared<const ReplyRequest>(request), log, stop_.get_token());
    return log;
  }

  static inline const std::string kWhole = net::sim_http_chunk(
      "data: "
      "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n"
      "data: [DONE]\n\n");

  const bool head_first_;
  Day day_;
  std::stop_source stop_;
  std::vector<std::shared_ptr<test::ReplyLog>> stalled_;
  VirtualClock clock_;
  net::Loop loop_{clock_};
  std::shared_ptr<net::SimNetwork> network_ = std::make_shared<net::SimNetwork>(loop_, 7);
  std::unique_ptr<net::HttpClient> client_;
  ProviderRegistry registry_;
  LayerState state_{clock_, nullptr};
  std::vector<std::shared_ptr<net::SimPeer>> kept_;
  std::shared_ptr<ProviderChain> chain_;
};

}  // namespace

TEST_CASE("beside a service that stalls the calls of another one take exactly as long as alone") {
  for (const bool head_first : {false, true}) {
    CAPTURE(head_first);
    const Day calm = TwoServices(head_first).live(false);
    const Day disturbed = TwoServices(head_first).live(true);
    CHECK(calm.calm_complete == kCalmCalls);
    CHECK(disturbed.calm_complete == kCalmCalls);
    CHECK(disturbed.calm_served == kCalmCalls);
    CHECK(disturbed.calm_ends == calm.calm_ends);
    // Meanwhile the other one holds what it may, and no more.
    CHECK(disturbed.stalled_open == kStalledCalls);
    CHECK(disturbed.stalled_served == static_cast<int>(kConnections));
    CHECK(disturbed.breakers.at("calm") == "closed");
  }
}

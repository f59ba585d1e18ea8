// The provider client alone: HTTP, framing and decoding, and a sink that keeps the text.
#include <cstdio>
#include <deque>
#include <memory>
#include <scena/engine.hpp>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "llm/registry.hpp"
#include "net/http_client.hpp"
#include "stream_bench.hpp"

namespace scena::bench {
namespace {

class TransportDriver {
 public:
  TransportDriver(const StreamArgs& args, Measurement& measurement, Rounds& rounds)
      : args_(args), measurement_(measurement), rounds_(rounds), loop_(clock_) {}

  Result<void> build();
  void open();
  void start(std::size_t stream);
  void run(int wait_ms);
  std::size_t active() const noexcept { return active_; }

 private:
  struct Stream final : ReplySink {
    TransportDriver* driver = nullptr;
    std::size_t index = 0;
    std::uint64_t asked_us = 0;
    bool first = true;
    std::string text;

    void on_start(const ReplyStart&) override {}
    void on_text(std::string_view delta) override {
      text += delta;
      driver->measurement_.on_text(delta, asked_us, std::exchange(first, false));
    }
    void on_done(const ReplyEnd& end) override { driver->finished(*this, end); }
  };

  void finished(Stream& stream, const ReplyEnd& end);

  const StreamArgs& args_;
  Measurement& measurement_;
  Rounds& rounds_;
  SystemClock clock_;
  net::Loop loop_;
  std::unique_ptr<net::HttpClient> http_;
  llm::ProviderRegistry registry_;
  std::vector<std::shared_ptr<Provider>> providers_;
  std::vector<std::shared_ptr<Stream>> streams_;
  std::vector<std::size_t>
      again_;  // a reply ends before its connection is free: the next one waits a round
  std::stop_source stop_;
  std::size_t active_ = 0;
};

Result<void> TransportDriver::build() {
  auto client = net::HttpClient::make(loop_, {});
  if (!client) return client.error();
  http_ = std::move(*client);
  llm::add_builtin_providers(registry_);
  for (int i = 0; i < args_.addrs; ++i) {
    ProviderConfig config;
    config.url = "openai+" + args_.base_url(i);
    config.api_key = "x";
    config.model = args_.model();
    auto provider = registry_.make(config, {*http_, loop_, clock_, HttpConfig{}});
    if (!provider) return provider.error();
    providers_.push_back(std::move(*provider));
  }
  return {};
}

void TransportDriver::open() {
  for (std::size_t i = 0; i < static_cast<std::size_t>(args_.streams); ++i) {
    streams_.push_back(std::make_shared<Stream>());
    streams_.back()->driver = this;
    streams_.back()->index = i;
  }
}

void TransportDriver::start(std::size_t index) {
  Stream& stream = *streams_[index];
  ReplyRequest request;
  request.system = "You play a witness under questioning.";
  request.messages = {{PromptRole::user, "Where were you that night?", {}}};
  stream.text.clear();
  stream.first = true;
  stream.asked_us = now_us();
  ++active_;
  providers_[index % providers_.size()]->start(
      std::make_shared<const ReplyRequest>(std::move(request)), streams_[index], stop_.get_token());
}

void TransportDriver::run(int wait_ms) {
  loop_.run_once(std::chrono::milliseconds(wait_ms));
  for (const std::size_t index : std::exchange(again_, {})) start(index);
}

void TransportDriver::finished(Stream& stream, const ReplyEnd& end) {
  --active_;
  if (end.outcome != Outcome::complete) {
    measurement_.on_error();
    std::fprintf(stderr, "stream %zu: %s\n", stream.index,
                 end.error ? end.error->what() : to_string(end.outcome));
  }
  measurement_.on_reply(stream.text.size());
  if (!rounds_.starts_again(stream.index)) return;
  again_.push_back(stream.index);
}

}  // namespace

int run_transport(const StreamArgs& args) {
  Measurement measurement(args);
  Rounds rounds(args, measurement);
  TransportDriver driver(args, measurement, rounds);
  if (auto built = driver.build(); !built) {
    std::fprintf(stderr, "%s\n", built.error().what());
    return 1;
  }
  rounds.run(driver);
  measurement.print(version());
  return 0;
}

}  // namespace scena::bench

// Whole sessions by the public API, as `scena run` has them: prompt, live metrics, cost, event log,
// and a viewer with its own bounded queue for each. The host's own epoll loop drives the engine.
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <scena/engine.hpp>
#include <string>
#include <vector>

#include "stream_bench.hpp"

namespace scena::bench {
namespace {

constexpr const char* kPreset = "police-interrogation";
constexpr const char* kLine = "Where were you that night?";

class TemporaryFolder {
 public:
  TemporaryFolder()
      : path_((std::filesystem::temp_directory_path() / "scena-streams-XXXXXX").string()) {
    if (!mkdtemp(path_.data())) path_.clear();
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

Config make_config(const StreamArgs& args, const std::string& storage) {
  Config config;
  config.storage = storage;
  config.provider = "mock0";
  for (int i = 0; i < args.addrs; ++i) {
    auto& provider = config.providers["mock" + std::to_string(i)];
    provider.url = "openai+" + args.base_url(i);
    provider.api_key = "x";
    provider.model = args.model();
  }
  Price price;
  price.input = {150'000'000'000};
  price.output = {600'000'000'000};
  config.prices["*"] = price;
  return config;
}

SubscribeOptions viewer_options() {
  SubscribeOptions options;
  options.batches = true;
  return options;
}

class SessionDriver {
 public:
  SessionDriver(const StreamArgs& args, Measurement& measurement, Rounds& rounds, Engine& engine);
  ~SessionDriver() { ::close(epoll_); }
  SessionDriver(const SessionDriver&) = delete;
  SessionDriver& operator=(const SessionDriver&) = delete;

  void open();
  void start(std::size_t index);
  void run(int wait_ms);
  std::size_t active() const noexcept { return active_; }
  /// What a session is to have done beside streaming: counts an error for each that did not.
  void check_sessions();

 private:
  struct Stream {
    std::optional<Session> session;
    std::optional<Events> events;
    std::uint64_t asked_us = 0;
    std::size_t bytes = 0;
    bool first = true;
    std::string text;       // as the viewer got it
    bool ended = false;     // the text is a whole reply's
    bool measured = false;  // metrics came while it streamed
  };

  void drain(std::size_t index);
  void finished(std::size_t index, const Event& event);

  const StreamArgs& args_;
  Measurement& measurement_;
  Rounds& rounds_;
  Engine& engine_;
  Preset preset_;
  std::vector<Stream> streams_;
  Event event_;
  std::size_t active_ = 0;
  int epoll_ = -1;
};

SessionDriver::SessionDriver(const StreamArgs& args, Measurement& measurement, Rounds& rounds,
                             Engine& engine)
    : args_(args),
      measurement_(measurement),
      rounds_(rounds),
      engine_(engine),
      preset_(engine.preset(kPreset)) {
  // The run has to go on for as long as the flags say.
  preset_.end_conditions.clear();
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  epoll_event interest{};
  interest.events = EPOLLIN;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, engine_.wait_fd(), &interest);
}

void SessionDriver::open() {
  streams_.resize(static_cast<std::size_t>(args_.streams));
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    Stream& stream = streams_[i];
    SessionOptions options;
    options.provider = "mock" + std::to_string(i % static_cast<std::size_t>(args_.addrs));
    stream.session.emplace(engine_.create_session(preset_, options));
    stream.events.emplace(stream.session->events(viewer_options()));
    stream.events->on_ready([this, i] { drain(i); });
  }
}

void SessionDriver::start(std::size_t index) {
  Stream& stream = streams_[index];
  stream.bytes = 0;
  stream.text.clear();
  stream.ended = false;
  stream.first = true;
  stream.asked_us = now_us();
  ++active_;
  stream.session->send(kLine);
}

// The host's loop: waits for the engine's descriptor or deadline, then polls.
void SessionDriver::run(int wait_ms) {
  std::chrono::milliseconds wait(wait_ms);
  if (const auto deadline = engine_.next_deadline()) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*deadline - engine_.clock().now());
    wait = std::clamp(left, std::chrono::milliseconds(0), wait);
  }
  epoll_event ready{};
  if (wait.count() > 0) epoll_wait(epoll_, &ready, 1, static_cast<int>(wait.count()));
  engine_.poll(std::chrono::milliseconds(5));
}

void SessionDriver::drain(std::size_t index) {
  Stream& stream = streams_[index];
  while (stream.events->next(event_)) {
    if (event_.type == "delta") {
      stream.bytes += event_.text.size();
      stream.text += event_.text;
      measurement_.on_text(event_.text, stream.asked_us, std::exchange(stream.first, false));
    } else if (event_.type == "metrics.live") {
      stream.measured = true;
    } else if (event_.type == "turn.finished") {
      finished(index, event_);
    } else if (event_.type == "lagged") {
      measurement_.on_error();
      std::fprintf(stderr, "session %zu: its viewer lagged\n", index);
    }
  }
}

void SessionDriver::finished(std::size_t index, const Event& event) {
  --active_;
  // The time of the run is over.
  if (event.data.find("\"outcome\":\"interrupted\"") != std::string::npos) return;
  if (event.data.find("\"outcome\":\"complete\"") == std::string::npos) {
    measurement_.on_error();
    std::fprintf(stderr, "session %zu: %s\n", index, event.data.c_str());
  }
  measurement_.on_reply(streams_[index].bytes);
  streams_[index].ended = true;
  if (rounds_.starts_again(index)) start(index);
}

void SessionDriver::check_sessions() {
  for (const Stream& stream : streams_) {
    if (!stream.session || !stream.ended) continue;
    const auto messages = stream.session->messages();
    const bool stored = !messages.empty() && messages.back().text() == stream.text;
    const bool scored = stored && !messages.back().metrics.empty();
    const bool priced = stored && messages.back().cost.pico_usd > 0;
    if (stored && scored && priced && stream.measured) continue;
    measurement_.on_error();
    std::fprintf(stderr, "session %s: %s\n", stream.session->id().c_str(),
                 !stored   ? "its log does not hold what its viewer got"
                 : !scored ? "its reply was not measured"
                 : !priced ? "its reply has no cost"
                           : "no metrics came while it streamed");
  }
}

}  // namespace

int run_session(const StreamArgs& args) {
  const TemporaryFolder folder;
  const bool sqlite = args.mode == "sqlite";
  try {
    Engine engine = Engine::open(
        make_config(args, sqlite ? "sqlite:" + folder.path() + "/streams.db" : "memory:"));
    Measurement measurement(args);
    Rounds rounds(args, measurement);
    SessionDriver driver(args, measurement, rounds, engine);
    rounds.run(driver);
    driver.check_sessions();
    measurement.print(version());
    engine.close();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}

}  // namespace scena::bench

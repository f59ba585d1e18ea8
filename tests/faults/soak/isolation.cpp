#include <poll.h>

#include <algorithm>

#include "faults/soak/soak.hpp"

namespace scena::soak {
namespace {

using namespace std::chrono_literals;

struct Figures {
  double p99_ms = 0;  // from send() to the turn's end, on the engine's clock
  std::size_t errors = 0;
};

Config with_a_stalled_provider(const Options& options) {
  Config config = configuration(options);
  config.providers["stalled"] = {.url = "fault:stall_after=2"};
  // What the sleeping viewer does not read is said almost without a pause.
  config.providers["chatty"] = {.url = "fault:endless",
                                .options = R"({"delay_ms":1,"token_ms":1})"};
  config.limits.answer_bytes = 256u << 10;
  return config;
}

/// What must not be felt: a provider that has fallen silent under many replies, and a viewer that
/// never reads what a talkative session streams.
class Disturbance {
 public:
  Disturbance(Engine& engine, std::size_t stalled) {
    for (std::size_t i = 0; i < stalled; ++i) {
      sessions_.push_back(session_on(engine, "stalled"));
      (void)sessions_.back().send("Are you there?");
    }
    sessions_.push_back(session_on(engine, "chatty"));
    asleep_.emplace(sessions_.back().events());
  }
  void go_on() {
    if (!talk_ || talk_->done()) talk_.emplace(sessions_.back().send("Go on."));
  }
  /// The sleeper's queue stayed within its bounds, by merging or by giving up.
  bool bounded() {
    std::size_t events = 0;
    Event event;
    while (asleep_->next(event)) ++events;
    return events <= Config{}.limits.viewer_events + 1;
  }

 private:
  static Session session_on(Engine& engine, const char* provider) {
    SessionOptions options;
    options.provider = provider;
    return engine.create_session(conformance::two_in_a_room(), options);
  }

  std::vector<Session> sessions_;
  std::optional<Events> asleep_;
  std::optional<Turn> talk_;
};

double p99(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() * 99 / 100];
}

/// One calm turn after the other on one session, beside whatever else runs.
class CalmSession {
 public:
  explicit CalmSession(Engine& engine)
      : engine_(engine), session_(engine.create_session(conformance::two_in_a_room())) {}

  void begin() {
    began_ = engine_.clock().now();
    turn_.emplace(session_.send("And then?"));
    turn_->then([this](Result<TurnResult> result) {
      ended_ = engine_.clock().now();
      good_ = result && result->outcome == Outcome::complete;
    });
  }
  bool done() const { return turn_->done(); }
  bool good() const noexcept { return good_; }
  double ms() const { return std::chrono::duration<double, std::milli>(ended_ - began_).count(); }

 private:
  Engine& engine_;
  Session session_;
  std::optional<Turn> turn_;
  TimePoint began_{}, ended_{};
  bool good_ = false;
};

Figures measure(const Options& options, bool disturbed) {
  Engine engine = Engine::open(with_a_stalled_provider(options));
  std::optional<Disturbance> disturbance;
  if (disturbed) disturbance.emplace(engine, options.sessions);
  std::vector<std::unique_ptr<CalmSession>> calm;
  for (std::size_t i = 0; i < options.sessions; ++i)
    calm.push_back(std::make_unique<CalmSession>(engine));
  Figures figures;
  std::vector<double> times;
  for (int round = 0; round < options.minutes * 10; ++round) {
    for (auto& session : calm) session->begin();
    std::vector<CalmSession*> waiting;
    for (auto& session : calm) waiting.push_back(session.get());
    while (!waiting.empty()) {
      if (disturbance) disturbance->go_on();
      const auto deadline = engine.next_deadline();
      if (engine.clock().is_virtual()) {
        engine.poll();
        if (deadline && *deadline > engine.clock().now())
          engine.advance(*deadline - engine.clock().now());
      } else {
        pollfd wait{engine.wait_fd(), POLLIN, 0};
        const auto left = deadline ? *deadline - engine.clock().now() : Duration(100ms);
        if (left > Duration{})
          ::poll(&wait, 1,
                 static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
        engine.poll(5ms);
      }
      std::erase_if(waiting, [&](CalmSession* session) {
        if (!session->done()) return false;
        if (!session->good()) ++figures.errors;
        times.push_back(session->ms());
        return true;
      });
    }
  }
  if (disturbance && !disturbance->bounded()) ++figures.errors;
  figures.p99_ms = p99(times);
  return figures;
}

}  // namespace

int run_isolation(const Options& options) {
  const Figures calm = measure(options, false);
  const Figures disturbed = measure(options, true);
  const bool good = calm.errors + disturbed.errors == 0 && disturbed.p99_ms < 2 * calm.p99_ms;
  std::printf(
      "{\"run\":\"isolation\",\"clock\":\"%s\",\"sessions\":%zu,\"calm_p99_ms\":%.1f,"
      "\"disturbed_p99_ms\":%.1f,\"errors\":%zu}\n",
      options.real_clock ? "real" : "virtual", options.sessions, calm.p99_ms, disturbed.p99_ms,
      calm.errors + disturbed.errors);
  return good ? 0 : 1;
}

}  // namespace scena::soak

#include <poll.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "faults/soak/soak.hpp"
#include "support/temp_folder.hpp"

namespace scena::soak {
namespace {

constexpr double kCachesMib = 2;  // what SQLite and the allocator may still take

using namespace std::chrono_literals;

/// A session that a host has open: what its viewer shows and its turn ends with must agree.
class Talk {
 public:
  Talk(Engine& engine, const std::string& id, std::size_t number)
      : number_(number), session_(engine.session(id)), events_(view()) {}

  std::size_t number() const noexcept { return number_; }
  bool busy() const noexcept { return turn_.has_value(); }

  /// `ended` gets this talk when the turn's end has been announced.
  void send(std::vector<Talk*>& ended) {
    text_.clear();
    turn_.emplace(session_.send("And what happened then?"));
    turn_->then([this, &ended](Result<TurnResult>) { ended.push_back(this); });
  }

  /// Reads what the viewer has of the turn that ended: true when both agree.
  bool read() {
    Event event;
    while (events_.next(event)) {
      if (event.type == "delta") text_ += event.text;
    }
    const auto turn = std::exchange(turn_, std::nullopt);
    try {
      const auto result = turn->wait();
      return result.outcome == Outcome::complete && !text_.empty() && result.text == text_;
    } catch (const Error& error) {
      std::fprintf(stderr, "a turn was refused: %s\n", error.what());
      return false;
    }
  }

 private:
  Events view() {
    SubscribeOptions from_now;
    from_now.after = "live";
    return session_.events(from_now);
  }

  std::size_t number_;
  Session session_;
  Events events_;
  std::optional<Turn> turn_;
  std::string text_;
};

/// Memory over a time, as one figure.
class Gauge {
 public:
  void read() {
    sum_ += resident_mib();
    ++count_;
  }
  double mean() const { return count_ == 0 ? resident_mib() : sum_ / count_; }

 private:
  double sum_ = 0;
  int count_ = 0;
};

class Load {
 public:
  Load(const Options& options, Engine& engine)
      : options_(options),
        engine_(engine),
        total_(options.sessions * static_cast<std::size_t>(options.minutes)) {}

  void run() {
    create_sessions();
    start_ = engine_.clock().now();
    while (next_ < total_ || open_ > 0) {
      while (next_ < total_ && engine_.clock().now() >= due(next_)) begin();
      go_on();
      look();
    }
  }

  std::size_t errors() const noexcept { return errors_; }
  std::size_t turns() const noexcept { return total_; }
  double first_minute() const { return first_.mean(); }
  double last_minute() const { return last_.mean(); }

 private:
  void create_sessions() {
    for (std::size_t i = 0; i < options_.sessions; ++i) {
      talks_.push_back({engine_.create_session(conformance::two_in_a_room()).id(), nullptr});
      if (i % 100 == 99) engine_.run_until_idle();
    }
    engine_.run_until_idle();
    if (!options_.hold) return;
    for (std::size_t i = 0; i < talks_.size(); ++i)
      talks_[i].open = std::make_unique<Talk>(engine_, talks_[i].id, i);
  }

  /// Turns are spread evenly over each minute.
  TimePoint due(std::size_t turn) const {
    return start_ + Duration(60s) * static_cast<std::int64_t>(turn) /
                        static_cast<std::int64_t>(options_.sessions);
  }

  void begin() {
    const std::size_t number = next_++ % options_.sessions;
    auto& talk = talks_[number];
    try {
      if (talk.open && talk.open->busy())
        throw Error::fixed(ErrorCode::timeout, "the turn of a minute ago has not ended");
      if (!talk.open) talk.open = std::make_unique<Talk>(engine_, talk.id, number);
      talk.open->send(ended_);
      ++open_;
    } catch (const Error& error) {
      std::fprintf(stderr, "turn %zu: %s\n", next_, error.what());
      ++errors_;
    }
  }

  void go_on() {
    const auto now = engine_.clock().now();
    auto until = now + 20ms;
    if (next_ < total_) until = std::min<TimePoint>(until, std::max(now, due(next_)));
    if (engine_.clock().is_virtual()) return engine_.advance(until - now);
    if (const auto deadline = engine_.next_deadline()) until = std::min(until, *deadline);
    pollfd wait{engine_.wait_fd(), POLLIN, 0};
    if (until > now)
      ::poll(&wait, 1,
             static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(until - now).count()));
    engine_.poll(5ms);
  }

  void look() {
    for (Talk* talk : std::exchange(ended_, {})) {
      if (!talk->read()) ++errors_;
      --open_;
      if (!options_.hold) talks_[talk->number()].open.reset();
    }
    // The last quarter of the first minute against that of the last one, once a second.
    const auto passed = engine_.clock().now() - start_;
    if (passed < next_reading_) return;
    next_reading_ = passed + 1s;
    if (passed > 45s && passed <= 60s) first_.read();
    if (passed > 60s * (options_.minutes - 1) + 45s) last_.read();
  }

  const Options& options_;
  Engine& engine_;
  const std::size_t total_;
  struct Place {
    std::string id;
    std::unique_ptr<Talk> open;
  };
  std::vector<Place> talks_;
  std::vector<Talk*> ended_;
  std::size_t open_ = 0;
  TimePoint start_{};
  Duration next_reading_{};
  std::size_t next_ = 0;
  std::size_t errors_ = 0;
  Gauge first_;
  Gauge last_;
};

}  // namespace

int run_load(const Options& options) {
  const test::TempFolder folder;
  const auto descriptors = open_descriptors();
  std::size_t errors = 0, turns = 0;
  double first = 0, last = 0;
  {
    Config config = configuration(options);
    config.storage = "sqlite:" + folder.file("load.db");
    Engine engine = Engine::open(config);
    Load load(options, engine);
    load.run();
    errors = load.errors();
    turns = load.turns();
    first = load.first_minute();
    last = load.last_minute();
  }
  const auto left = open_descriptors() - descriptors;
  // Open sessions keep their transcripts: those grow, and are no leak. In a small run caches that
  // fill up are more than 5 %.
  const double most = std::max(first * 1.05, first + kCachesMib);
  const bool good = errors == 0 && left == 0 && (options.hold || last <= most);
  std::printf(
      "{\"run\":\"load\",\"clock\":\"%s\",\"sessions\":%zu,\"minutes\":%d,\"held\":%s,\"turns\":%"
      "zu,"
      "\"errors\":%zu,\"mib_first_minute\":%.1f,\"mib_last_minute\":%.1f,\"descriptors_left\":%zu}"
      "\n",
      options.real_clock ? "real" : "virtual", options.sessions, options.minutes,
      options.hold ? "true" : "false", turns, errors, first, last, left);
  return good ? 0 : 1;
}

}  // namespace scena::soak

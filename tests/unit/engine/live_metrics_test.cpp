// What is measured of a reply while it is written.
#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

// Notes the text so far at each look.
class Looks final : public Analyzer {
 public:
  explicit Looks(std::vector<std::string>& looks, std::string name = "looks")
      : looks_(looks), name_(std::move(name)) {}
  std::string_view name() const noexcept override { return name_; }
  std::unique_ptr<AnalyzerSession> open_session() const override {
    return std::make_unique<OneSession>(looks_, *times_);
  }
  /// Id, begin and latency of each message that was measured.
  using Times = std::vector<std::tuple<std::string, WallTime, Duration>>;
  const Times& times() const noexcept { return *times_; }

 private:
  class One final : public Measurement {
   public:
    explicit One(std::vector<std::string>& looks) : looks_(looks) {}
    void add(std::string_view text) override { text_ += text; }
    void scores(std::vector<MetricScore>&) override { looks_.push_back(text_); }

   private:
    std::vector<std::string>& looks_;
    std::string text_;
  };
  class OneSession final : public AnalyzerSession {
   public:
    OneSession(std::vector<std::string>& looks, Times& times) : looks_(looks), times_(times) {}
    std::unique_ptr<Measurement> begin(const MessageInfo& message) override {
      times_.emplace_back(message.id, message.time, message.latency);
      return std::make_unique<One>(looks_);
    }
    void keep(std::unique_ptr<Measurement>) override {}
    void forget_from(std::string_view) override {}

   private:
    std::vector<std::string>& looks_;
    Times& times_;
  };

  std::vector<std::string>& looks_;
  std::shared_ptr<Times> times_ = std::make_shared<Times>();
  std::string name_;
};

// The looks at a reply that a viewer sees come; each delta is a word or eight characters of one.
std::vector<std::string> looks_at(const std::string& reply) {
  Config config = scripted("[\"" + reply + "\"]");
  config.limits.live_metric_updates_per_second = 1000;
  std::vector<std::string> looks;
  Dependencies dependencies;
  dependencies.analyzers.push_back(std::make_shared<Looks>(looks));
  Engine engine = Engine::open(config, dependencies);
  Session session = engine.create_session("job-interview");
  session.start().get();
  engine.run_until_idle();
  Events events = session.events();
  looks.clear();
  session.send_wait("Well?");
  std::erase(looks, "Well?");
  return looks;
}

}  // namespace

TEST_CASE("an analyzer of the host with the name of a built-in metric is refused") {
  std::vector<std::string> looks;
  for (const std::string name : {"sentiment", "industry"}) {
    Dependencies dependencies;
    dependencies.analyzers.push_back(std::make_shared<Looks>(looks, name));
    const auto opened = Engine::try_open(scripted("[]"), dependencies);
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().code() == ErrorCode::invalid_argument);
    CHECK(std::string(opened.error().what()) ==
          "analyzers: \"" + name + "\" is a built-in metric; rename the analyzer");
  }
}

TEST_CASE("an analyzer is told when each message began, the first time too") {
  std::vector<std::string> texts;
  const auto analyzer = std::make_shared<Looks>(texts);
  Dependencies dependencies;
  dependencies.analyzers.push_back(analyzer);
  Engine engine = Engine::open(scripted(R"(["Yes."])"), dependencies);
  Session session = engine.create_session("job-interview");
  session.start().get();
  engine.advance(5s);
  session.send_wait("Well?");
  const auto messages = session.messages();
  REQUIRE(messages.size() == analyzer->times().size());
  for (std::size_t i = 0; i + 1 < messages.size(); ++i) {
    CAPTURE(i);
    CHECK(std::get<0>(analyzer->times()[i]) == messages[i].id);
    CHECK(std::get<1>(analyzer->times()[i]) == messages[i].time);
  }
  CHECK(std::get<1>(analyzer->times().back()) >= messages[messages.size() - 2].time);
}

TEST_CASE("a reply has the same latency when its session is measured again") {
  std::vector<std::string> texts;
  const TempFolder folder;
  Config config = scripted(R"(["A long reply takes its time."])");
  config.storage = "sqlite:" + folder.file("a.db");
  std::vector<Duration> latencies[2];
  std::string id;
  for (auto& told : latencies) {
    const auto analyzer = std::make_shared<Looks>(texts);
    Dependencies dependencies;
    dependencies.analyzers.push_back(analyzer);
    Engine engine = Engine::open(config, dependencies);
    Session session = id.empty() ? engine.create_session("job-interview") : engine.session(id);
    id = session.id();
    session.send_wait("Well?");
    for (std::size_t i = 0; i < 3; ++i) told.push_back(std::get<2>(analyzer->times().at(i)));
  }
  CHECK(latencies[0] == latencies[1]);
}

TEST_CASE("two analyzers of one name are refused") {
  std::vector<std::string> looks;
  Dependencies dependencies;
  for (const std::string name : {"one", "other", "one"})
    dependencies.analyzers.push_back(std::make_shared<Looks>(looks, name));
  const auto opened = Engine::try_open(scripted("[]"), dependencies);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().code() == ErrorCode::invalid_argument);
  CHECK(std::string(opened.error().what()) ==
        "analyzers: \"one\" is the name of another analyzer, too; rename one of them");
  dependencies.analyzers.pop_back();
  CHECK(Engine::try_open(scripted("[]"), dependencies).has_value());
}

TEST_CASE("scores come at most as often as configured, and those stored do not depend on it") {
  const auto reply_metrics = [](bool watched, std::size_t& live) {
    Config config = scripted(
        R"(["I never said that. I was at home all night, and I don't remember why you ask. It was good."])");
    config.limits.live_metric_updates_per_second = 4;
    Engine engine = Engine::open(config);
    Session session = engine.create_session("job-interview");
    session.start().get();
    std::optional<Events> events;
    if (watched) events.emplace(session.events());
    session.send_wait("Where were you that night?");
    std::optional<WallTime> last;
    for (const auto& event : watched ? drain(engine, *events) : std::vector<Event>()) {
      if (event.type != "metrics.live") continue;
      ++live;
      if (last) CHECK(event.time - *last >= 250ms);
      last = event.time;
    }
    return session.messages().back().metrics;
  };
  std::size_t live = 0, none = 0;
  const auto seen = reply_metrics(true, live);
  CHECK(live > 2);
  REQUIRE_FALSE(seen.empty());
  CHECK(seen == reply_metrics(false, none));
}

TEST_CASE("a word is measured live once it has ended, and all words at the end") {
  const std::string reply = "It was extraordinarily goodnatured of them, I think so";
  const auto looks = looks_at(reply);
  REQUIRE(looks.size() > 4);
  CHECK(looks.back() == reply);
  for (const auto& look : looks) {
    CHECK(reply.starts_with(look));
    CAPTURE(look);
    CHECK((look == reply || look.ends_with(' ') || look.ends_with(',')));
  }
  CHECK(std::ranges::find(looks, "It was extraordinarily ") != looks.end());
}

TEST_CASE("a word without an end is measured in pieces, and never from its start again") {
  const std::string reply = "So " + std::string(1000, 'x');
  const auto looks = looks_at(reply);
  CHECK(looks.back() == reply);
  std::size_t before = 0;
  for (const auto& look : looks) {
    if (look.size() > 3 && look != reply) CHECK(look.size() - before >= 253);
    before = look.size();
  }
  CHECK(looks.size() >= 4);
  CHECK(looks.size() <= 6);
}

#include <doctest/doctest.h>

#include <algorithm>
#include <mutex>

#include "base/clock.hpp"
#include "engine/sinks/event_sinks.hpp"
#include "engine/sinks/webhook.hpp"
#include "storage/registry.hpp"
#include "support/http_test_server.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;
constexpr const char* kSecret = "whsec_plJ3nmyCDGBKInavdOK15jsl+1bkTq2bQb4=";

/// Notes what it gets as "session-ordinal type#attempt".
class NotedSink final : public EventSink {
 public:
  using Fails = std::function<bool(const Event&, const Job&)>;
  explicit NotedSink(EventSinkOptions options, Fails fails = {})
      : options_(std::move(options)), fails_(std::move(fails)) {}

  EventSinkOptions options() const override { return options_; }
  void deliver(const Event& event, const Job& job, std::shared_ptr<JobAnswer> answer,
               std::stop_token) override {
    got.push_back(event.stream + " " + std::to_string(event.seq) + " " + event.type + "#" +
                  std::to_string(job.attempts));
    if (fails_ && fails_(event, job)) return answer->fail("away");
    answer->succeed("");
  }

  Lines got;

 private:
  EventSinkOptions options_;
  Fails fails_;
};

struct SinkStage {
  explicit SinkStage(std::shared_ptr<NotedSink> given) : sink(std::move(given)) {
    storage = std::move(open_storage({.url = "memory:"})).value_or_throw();
  }
  Engine open() {
    Dependencies dependencies;
    dependencies.storage = storage;
    dependencies.clock = clock;
    dependencies.event_sinks["audit"] = sink;
    return Engine::open(scripted(), std::move(dependencies));
  }
  std::shared_ptr<NotedSink> sink;
  std::shared_ptr<Storage> storage;
  std::shared_ptr<VirtualClock> clock;  // Null: the configuration's.
};

Session make_session(Engine& engine, const std::string& id) {
  SessionOptions options;
  options.id = id;
  return engine.create_session("job-interview", options);
}

/// From its start to its end.
SessionState run_through(Engine& engine, Session& session) {
  session.start().get();
  engine.run_until_idle();
  return session.complete().get().state;
}

/// A receiver on this machine that answers with the given statuses in turn, the last one for ever.
class Receiver {
 public:
  explicit Receiver(std::vector<int> statuses)
      : statuses_(std::move(statuses)), server_([this](TestPeer& peer) { serve(peer); }) {}

  std::string url() const { return server_.url("/hook"); }
  Lines requests() {
    std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve(TestPeer& peer) {
    for (;;) {
      const std::string request = peer.read_request();
      if (request.empty()) return;
      int status = 0;
      {
        std::lock_guard lock(mutex_);
        status = statuses_[std::min(requests_.size(), statuses_.size() - 1)];
        requests_.push_back(request);
      }
      peer.send("HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: 0\r\n\r\n");
    }
  }

  const std::vector<int> statuses_;
  std::mutex mutex_;
  Lines requests_;
  HttpTestServer server_;
};

std::string field(const std::string& request, const std::string& name) {
  const auto at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 4;
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

std::string body_of(const std::string& request) {
  return request.substr(request.find("\r\n\r\n") + 4);
}

Config hooked(const std::string& url) {
  Config config = scripted();
  config.clock = ClockKind::real;
  config.jobs.first_delay = config.jobs.longest_delay = 1ms;
  config.webhooks["audit"] = {.url = url, .secret = "AUDIT_SECRET", .events = {"session.created"}};
  return config;
}

Engine open_hooked(const Config& config) {
  Dependencies dependencies;
  dependencies.secrets = callback_secrets([](std::string_view name) {
    return name == "AUDIT_SECRET" ? std::optional<std::string>(kSecret) : std::nullopt;
  });
  return Engine::open(config, std::move(dependencies));
}

/// Polls until no delivery is open.
void deliver_all(Engine& engine) {
  const auto give_up = std::chrono::steady_clock::now() + 30s;
  const auto open = [&] {
    for (const auto& row : engine.jobs().counts()) {
      if (row.kind == "scena.analytics") continue;  // it waits for a day far off
      if (row.state == Job::State::waiting || row.state == Job::State::running) return true;
    }
    return false;
  };
  engine.run_until_idle();
  while (open() && std::chrono::steady_clock::now() < give_up) {
    engine.poll();
    engine.run_until_idle();
  }
}

}  // namespace

TEST_CASE("event sinks: the types that are asked for, each session in order") {
  auto sink = std::make_shared<NotedSink>(EventSinkOptions{.events = {"session.*"}});
  SinkStage stage(sink);
  Engine engine = stage.open();
  auto a = make_session(engine, "a");
  auto b = make_session(engine, "b");
  run_through(engine, a);
  run_through(engine, b);
  engine.run_until_idle();
  Lines of_a;
  for (const auto& line : sink->got) {
    CHECK(line.find(" session.") != std::string::npos);
    if (line.starts_with("session:a")) of_a.push_back(line);
  }
  REQUIRE(of_a.size() >= 2);
  CHECK(of_a.front() == "session:a 1 session.created#1");
  CHECK(of_a.back().find("session.completed#1") != std::string::npos);
}

TEST_CASE("event sinks: the first event of a fork is delivered like any other") {
  auto sink = std::make_shared<NotedSink>(EventSinkOptions{.events = {"session.*"}});
  SinkStage stage(sink);
  Engine engine = stage.open();
  auto parent = make_session(engine, "a");
  parent.start().get();
  const Session fork = parent.fork().get();
  engine.run_until_idle();
  const std::string first = "session:" + fork.id() + " 1 session.forked#1";
  CHECK(std::count(sink->got.begin(), sink->got.end(), first) == 1);
}

TEST_CASE(
    "event sinks: one that fails gets the event again before the next, then it is a dead letter") {
  auto sink = std::make_shared<NotedSink>(
      EventSinkOptions{.events = {"session.*"}, .max_attempts = 3},
      [](const Event& event, const Job&) { return event.type == "session.created"; });
  SinkStage stage(sink);
  Engine engine = stage.open();
  auto a = make_session(engine, "a");
  engine.run_until_idle();
  CHECK(sink->got == Lines{"session:a 1 session.created#1"});
  run_through(engine, a);
  engine.advance(1h);
  REQUIRE(sink->got.size() >= 4);
  CHECK(sink->got[2] == "session:a 1 session.created#3");
  CHECK(sink->got.back().find("session.completed#1") != std::string::npos);
  const auto dead = engine.jobs().list({.state = Job::State::dead}).jobs;
  REQUIRE(dead.size() == 1);
  CHECK(dead[0].kind == "scena.sink.audit");
  CHECK(dead[0].payload == R"({"stream":"session:a","seq":1})");
  engine.jobs().requeue(dead[0].id).get();
  engine.run_until_idle();
  CHECK(sink->got.back() == "session:a 1 session.created#1");
}

TEST_CASE("event sinks: one with the longest time limit gets each event once") {
  auto sink = std::make_shared<NotedSink>(EventSinkOptions{
      .events = {"session.created"}, .time_limit = std::chrono::milliseconds::max()});
  SinkStage stage(sink);
  Engine engine = stage.open();
  auto a = make_session(engine, "a");
  engine.run_until_idle();
  engine.advance(24h);
  CHECK(sink->got == Lines{"session:a 1 session.created#1"});
}

TEST_CASE("event sinks: nothing is lost over a restart, not even what was on its way") {
  bool away = true;
  auto sink = std::make_shared<NotedSink>(
      EventSinkOptions{.events = {"session.created", "session.completed"}},
      [&](const Event&, const Job&) { return away; });
  SinkStage stage(sink);
  {
    Engine engine = stage.open();
    auto a = make_session(engine, "a");
    run_through(engine, a);
  }
  away = false;
  Engine engine = stage.open();
  engine.advance(1h);
  Lines taken;
  for (const auto& line : sink->got) taken.push_back(line.substr(0, line.find('#')));
  REQUIRE(taken.size() >= 2);
  CHECK(taken[taken.size() - 2] == "session:a 1 session.created");
  CHECK(taken.back().find("session.completed") != std::string::npos);
  for (const auto& job : engine.jobs().list().jobs) {
    if (job.kind != "scena.analytics") CHECK(job.state == Job::State::done);
  }
}

TEST_CASE("event sinks: a wall clock that goes back holds no delivery up") {
  auto sink =
      std::make_shared<NotedSink>(EventSinkOptions{.events = {"session.*"}},
                                  [](const Event&, const Job& job) { return job.attempts == 1; });
  SinkStage stage(sink);
  stage.clock = std::make_shared<VirtualClock>();
  Engine engine = stage.open();
  auto a = make_session(engine, "a");
  engine.run_until_idle();
  REQUIRE(sink->got == Lines{"session:a 1 session.created#1"});
  a.start().get();
  stage.clock->jump_wall(-1h);
  engine.advance(10s);
  CHECK(sink->got == Lines{"session:a 1 session.created#1", "session:a 1 session.created#2",
                           "session:a 2 session.started#1", "session:a 2 session.started#2"});
}

TEST_CASE("event sinks: a full queue drops the oldest delivery, and refuses no command") {
  auto sink = std::make_shared<NotedSink>(EventSinkOptions{.max_waiting = 2, .parallel = 1},
                                          [](const Event&, const Job&) { return true; });
  SinkStage stage(sink);
  Engine engine = stage.open();
  auto a = make_session(engine, "a");
  CHECK(run_through(engine, a) == SessionState::completed);
  const auto dropped = engine.jobs().list({.state = Job::State::dropped}).jobs;
  CHECK_FALSE(dropped.empty());
  for (const auto* bad : {"no spaces", ""}) {
    Dependencies dependencies;
    dependencies.event_sinks[bad] = sink;
    CHECK(code_of([&] { Engine::open(scripted(), dependencies); }) == ErrorCode::invalid_argument);
  }
}

TEST_CASE("event sinks: what a sink answered goes with its session, but for the news of its end") {
  auto sink = std::make_shared<NotedSink>(
      EventSinkOptions{.events = {"session.*"}},
      [](const Event& event, const Job&) { return event.type == "session.started"; });
  SinkStage stage(sink);
  Engine engine = stage.open();
  auto a = make_session(engine, "a");
  auto b = make_session(engine, "b");
  a.start().get();
  engine.run_until_idle();
  REQUIRE(engine.jobs().list({.kind = "scena.sink.audit"}).jobs.size() == 3);
  a.remove().get();
  engine.run_until_idle();
  Lines left;
  for (const auto& job : engine.jobs().list({.kind = "scena.sink.audit"}).jobs)
    left.push_back(job.payload);
  CHECK(left == Lines{R"({"stream":"session:b","seq":1})", R"({"stream":"session:a","seq":5})"});
  CHECK(sink->got.back() == "session:a 5 session.deleted#1");
}

TEST_CASE("webhooks: the signature is that of the Standard Webhooks scheme") {
  const auto key = engine::webhook_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  REQUIRE(key);
  // The example of the scheme's own libraries.
  CHECK(engine::webhook_signature(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
                                  R"({"test": 2432232314})") ==
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  for (const auto* bad :
       {"", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_MfKQ9r8G", "whsec_!"})
    CHECK_FALSE(engine::webhook_key(bad));
}

TEST_CASE("webhooks: an event arrives signed, is sent again until it is taken, under one id") {
  Receiver receiver({500, 302, 204});
  Engine engine = open_hooked(hooked(receiver.url()));
  make_session(engine, "a");
  deliver_all(engine);
  const auto requests = receiver.requests();
  REQUIRE(requests.size() == 3);
  const auto key = engine::webhook_key(kSecret);
  REQUIRE(key);
  for (const auto& request : requests) {
    CHECK(request.starts_with("POST /hook "));
    CHECK(field(request, "webhook-id") == field(requests[0], "webhook-id"));
    CHECK(field(request, "webhook-signature") ==
          engine::webhook_signature(*key, field(request, "webhook-id"),
                                    field(request, "webhook-timestamp"), body_of(request)));
    CHECK(body_of(request).find("\"type\":\"session.created\"") != std::string::npos);
  }
  CHECK(engine.jobs().list({.state = Job::State::done}).jobs.size() == 1);
}

TEST_CASE("webhooks: a receiver that is gone gets no second try") {
  Receiver receiver({410});
  Engine engine = open_hooked(hooked(receiver.url()));
  make_session(engine, "a");
  deliver_all(engine);
  CHECK(receiver.requests().size() == 1);
  CHECK(engine.jobs().list({.state = Job::State::dead}).jobs.size() == 1);
}

TEST_CASE(
    "webhooks: a URL that came as data must be https to a public address, a secret must be there") {
  Config config = hooked("http://127.0.0.1:9/hook");
  CHECK(config.check().empty());
  config.webhooks["audit"].public_only = true;
  for (const auto* url :
       {"http://127.0.0.1:9/hook", "https://localhost/hook", "https://10.0.0.1/hook",
        "https://[::1]/hook", "https://example.com:22/hook", "http://example.com/"}) {
    CAPTURE(url);
    config.webhooks["audit"].url = url;
    CHECK(config.check().size() == 1);
  }
  config.webhooks["audit"].url = "https://example.com/hook";
  CHECK(config.check().empty());
  CHECK(code_of([&] { Engine::open(config); }) == ErrorCode::unauthenticated);
  CHECK_THROWS_WITH(Engine::open(config),
                    "webhook \"audit\": no secret \"AUDIT_SECRET\"; give the engine a source of "
                    "secrets that has it");
  config.webhooks["audit"].secret.clear();
  config.webhooks["audit"].events = {"message.stored ", "*"};
  CHECK(config.check().size() == 2);
}

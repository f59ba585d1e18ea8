#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <scena/engine.hpp>
#include <scena/ext/secret_source.hpp>
#include <scena/fault_server.hpp>
#include <scena/jobs.hpp>
#include <string>
#include <thread>

#include "base/config_env.hpp"
#include "engine/tools/http_tool.hpp"
#include "net/proxy.hpp"
#include "support/counted_memory.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/tool_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

// Never in memory that is given back by the test itself. The second one fits into a std::string
// without memory of its own.
constexpr std::string_view kKeys[] = {"sk-proj-Qk7v2ZpX9dLw0RtYbN4mC8sHfE1aUoJgI", "k7Qz-x9pW3e"};

/// A service in a thread of its own: what it reads is not looked at.
class Service {
 public:
  Service() : server_(FaultServer::open({}).value_or_throw()), thread_([this] { run(); }) {}
  ~Service() {
    ended_ = true;
    thread_.join();
  }
  std::string url() const { return server_->url() + "/v1"; }

 private:
  void run() {
    while (!ended_) server_->run_once(5ms);
  }

  std::unique_ptr<FaultServer> server_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

struct Lines final : LogSink {
  void write(const LogRecord& record) noexcept override {
    text += record.message;
    for (const auto& field : record.fields) text.append(" ").append(field.value);
  }
  std::string text;
};

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// All that leaves an engine in which a session had a reply.
std::string all_of_a_session(Config config, Dependencies dependencies, const std::string& folder) {
  const auto log = std::make_shared<Lines>();
  dependencies.log = log;
  config.provider = "openai";
  config.log_level = LogLevel::trace;
  config.storage = "sqlite:" + folder + "/store.db";
  config.tape_record = folder + "/tape";
  std::string all = config.to_json();
  {
    Engine engine = Engine::open(config, dependencies);
    Session session = engine.create_session("job-interview");
    const TurnResult result = session.send_wait("Good morning.");
    if (result.error) MESSAGE(result.error->what());
    REQUIRE(result.outcome == Outcome::complete);
    session.complete().get();
    for (const auto format : {ExportFormat::json, ExportFormat::jsonl, ExportFormat::markdown})
      all += engine.export_session(session.id(), format);
    all += engine.capabilities().to_json();
  }
  all += log->text;
  for (const char* name : {"/store.db", "/store.db-wal", "/tape"}) all += bytes_of(folder + name);
  return all;
}

}  // namespace

TEST_CASE("no block that a session gives back holds the key, wherever the key came from") {
  for (const std::string_view key : kKeys) {
    for (const std::string_view from : {"text", "environment", "source"}) {
      CAPTURE(key.size());
      CAPTURE(from);
      const TempFolder folder;
      const Service service;
      const std::string url = service.url();
      static char text[512];
      std::snprintf(
          text, sizeof text,
          R"({"seed":7,"providers":{"openai":{"url":"openai:m","base_url":"%s",%s%.*s%s}}})",
          url.c_str(), from == "text" ? R"("api_key":")" : R"("model":")",
          static_cast<int>(key.size()), from == "text" ? key.data() : "m", "\"");
      CountedMemory::look_for(key);
      {
        Config config = Config::from_json(text).value_or_throw();
        Dependencies dependencies;
        if (from == "environment") {
          const EnvLookup lookup = [key](const char* name) -> const char* {
            return std::string_view(name) == "OPENAI_API_KEY" ? key.data() : nullptr;
          };
          config = config_from(lookup, std::move(config)).value_or_throw();
          config.providers["openai"].base_url = url;
        } else if (from == "source") {
          dependencies.secrets = callback_secrets(
              [key](std::string_view) -> std::optional<std::string> { return std::string(key); });
        }
        const std::string all = all_of_a_session(config, dependencies, folder.path());
        CHECK(all.find("openai") != std::string::npos);
        CHECK(all.find(key) == std::string::npos);
      }
      CHECK(CountedMemory::found() == 0);
      CountedMemory::look_for({});
    }
  }
}

TEST_CASE("secrets of tools and webhooks are wiped, as they came and as they were sent") {
  // As the source gives it, and the bytes that it stands for.
  constexpr std::string_view kHook = "whsec_UWs3djJacFg5ZEx3MFJ0WWJONG1DOHNI";
  constexpr std::string_view kHookBytes = "Qk7v2ZpX9dLw0RtYbN4mC8sH";
  for (const std::string_view wanted : {kKeys[0], kKeys[1], kHook, kHookBytes}) {
    CAPTURE(wanted.size());
    const Service service;
    const std::string_view key = wanted == kKeys[1] ? kKeys[1] : kKeys[0];
    ToolStage stage({{.calls = {weather_call()}}, {.text = "Cold."}});
    HttpToolConfig tool{.description = "The weather.",
                        .parameters = R"({"type":"object","properties":{"city":{}}})",
                        .url = service.url() + "/weather?q={{city}}&appid={{secret}}",
                        .headers = {{"X-Key", "Token {{secret}}"}},
                        .secret = "TOOL",
                        .private_network = true};
    stage.config.tools["weather"] = tool;
    stage.config.webhooks["audit"] = {.url = service.url() + "/hook",
                                      .secret = "HOOK",
                                      .events = {"session.created"},
                                      .max_attempts = 1};
    stage.config.clock = ClockKind::real;
    stage.dependencies.secrets =
        callback_secrets([=](std::string_view name) -> std::optional<std::string> {
          return std::string(name == "TOOL" ? key : kHook);
        });
    CountedMemory::look_for(wanted);
    {
      Engine engine = stage.open();
      Session session = engine.create_session(room_with_tools());
      CHECK(session.send_wait("How is the weather?").outcome == Outcome::complete);
      const auto done = [&] {
        for (const auto& row : engine.jobs().counts())
          if (row.kind.find("audit") != std::string::npos && row.state == Job::State::dead)
            return true;
        return false;
      };
      for (int i = 0; i < 100'000 && !done(); ++i) engine.poll();
      CHECK(done());
      CHECK(stage.model->requests.size() == 2);
    }
    CHECK(CountedMemory::found() == 0);
    CountedMemory::look_for({});
  }
}

TEST_CASE("a key in a configuration that is refused, and a proxy's password, are wiped as well") {
  const std::string_view key = kKeys[0];
  static char text[512], proxy[512];
  std::snprintf(text, sizeof text,
                R"({"providers":{"o":{"url":"openai:","api_key":"%s","more_keys":["%s"],)"
                R"("headers":{"X-A":"Bearer %s"},"query":{"key":"%s"}}},"thread":1})",
                key.data(), key.data(), key.data(), key.data());
  std::snprintf(proxy, sizeof proxy, "http://me:%s@proxy:3128", key.data());
  CountedMemory::look_for(key);
  CHECK_FALSE(Config::from_json(text));
  {
    const auto rules = net::ProxyRules::make(proxy, {});
    REQUIRE(rules);
    const auto url = net::parse_http_url("http://api.test/");
    CHECK_FALSE(rules->find(*url)->authorization.empty());
  }
  CHECK(CountedMemory::found() == 0);
  CountedMemory::look_for({});
}

TEST_CASE("a tool's secret in the URL is wiped where the host has to be a public one, too") {
  struct Nobody final : net::HttpTransport {
    void start(net::HttpRequest request, std::shared_ptr<net::HttpSink>, std::stop_token) override {
      public_only = request.reach == net::Reach::public_only;
      whole = request.url.reveal().starts_with("https://api.example.com/weather?q=Oslo&appid=");
    }
    bool public_only = false;
    bool whole = false;
  };
  struct NoAnswer final : ToolAnswer {
    void succeed(std::string_view) override {}
    void fail(std::string_view reason) override { reasons += reason; }
    std::string reasons;
  };
  for (const std::string_view key : kKeys) {
    CAPTURE(key.size());
    Nobody nobody;
    const auto answer = std::make_shared<NoAnswer>();
    CountedMemory::look_for(key);
    {
      const auto tool = engine::make_http_tool(
          "weather", {.url = "https://api.example.com/weather?q={{city}}&appid={{secret}}"},
          Secret(key), nobody);
      tool->call({.arguments = R"({"city":"Oslo"})"}, answer, {});
    }
    CHECK(CountedMemory::found() == 0);
    CountedMemory::look_for({});
    CHECK(nobody.public_only);
    CHECK(nobody.whole);
    CHECK(answer->reasons.empty());
  }
}

TEST_CASE("a proxy's password in a configuration's text is wiped, whatever is wrong beside it") {
  const std::string_view key = kKeys[0];
  const std::pair<const char*, bool> forms[] = {
      {"http://me:%.*s@proxy:3128", true},   {"http://%.*s@proxy", true},
      {"https://me:%.*s@proxy:3128", false}, {"http://me:%.*s@proxy:port", false},
      {"htp://me:%.*s@proxy", false},        {"me:%.*s@proxy:3128", false},
      {"http://me:%.*s @proxy", false},      {"http://me:/%.*s@proxy", false},
      {"http://me:%.*s%%@proxy", false}};
  for (const auto& [form, is_good] : forms) {
    static char proxy[256], text[512];
    CAPTURE(proxy);
    std::snprintf(proxy, sizeof proxy, form, static_cast<int>(key.size()), key.data());
    std::snprintf(text, sizeof text, R"({"http":{"proxy":"%s"}})", proxy);
    CountedMemory::look_for(key);
    const bool good = bool(Config::from_json(text));
    CHECK(CountedMemory::found() == 0);
    CountedMemory::look_for({});
    CHECK(good == is_good);
  }
}

TEST_CASE("the keys of a text that is refused half-way are wiped, whatever is wrong with it") {
  const std::string_view key = kKeys[0];
  for (const char* end :
       {R"(","api_key":"x"}}})", R"(","a":{"b":1,"b":2}}}})", R"(","x":1e999}}})", R"(\u0000"}}})",
        R"(\q"}}})", R"(\ud800"}}})", "\n\"}}}", R"("}}} x)", R"("}}},{})", R"("}}]])", R"(")",
        R"()", R"(","x":tru}}})",
        R"(","x":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]})"}) {
    CAPTURE(end);
    static char text[512];
    std::snprintf(text, sizeof text, R"({"providers":{"a":{"url":"openai:m","api_key":"%.*s%s)",
                  static_cast<int>(key.size()), key.data(), end);
    CountedMemory::look_for(key);
    const bool good = bool(Config::from_json(text));
    CHECK(CountedMemory::found() == 0);
    CountedMemory::look_for({});
    CHECK_FALSE(good);
  }
}

TEST_CASE("the search for keys in memory finds one that is not wiped") {
  CountedMemory::look_for(kKeys[0]);
  { const std::string copy(kKeys[0]); }
  CHECK(CountedMemory::found() == 1);
  CountedMemory::look_for({});
}

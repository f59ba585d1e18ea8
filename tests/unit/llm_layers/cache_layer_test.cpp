#include <doctest/doctest.h>

#include "domain/reply_tokens.hpp"
#include "guard/memory_cache.hpp"
#include "llm/layers/cache.hpp"
#include "llm/layers/request_key.hpp"
#include "unit/llm_layers/support.hpp"

using namespace scena;
using namespace scena::llm;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

struct CacheStage : Stage {
  std::shared_ptr<guard::MemoryCache> store = std::make_shared<guard::MemoryCache>(1u << 20, clock);
  std::shared_ptr<CacheBooks> books = std::make_shared<CacheBooks>(
      [](const std::string&, const std::string& asked, const Usage& usage) {
        if (asked == "free") return Money{};

        return Money{usage.input_tokens + 10 * usage.output_tokens};
      });
  CacheProvider provider{service, "svc", loop, store, books, 600s, true};
  CacheStage() {
    service->plays = {Play{.usage = used(5, 2)}};
    request.context.tenant = "t";
  }
};

}  // namespace

TEST_CASE("an identical request gives the identical events, marked as cached, without any call") {
  CacheStage stage;
  const auto first = stage.ask(stage.provider);
  const auto second = stage.ask(stage.provider);
  CHECK(second->log.lines == first->log.lines);
  CHECK(second->log.flushes == first->log.flushes);
  CHECK_FALSE(first->starts.at(0).cached);
  CHECK(second->starts.at(0).cached);
  CHECK(stage.service->requests.size() == 1);
}

TEST_CASE("whatever shapes the answer is part of the key, and so is the tenant") {
  ReplyRequest base{.model = "m", .system = "s", .messages = {{PromptRole::user, "hello", ""}}};
  base.context.tenant = "t";
  std::vector<ReplyRequest> others(21, base);
  others[0].model = "n";
  others[1].system = "x";
  others[2].messages[0].text = "hell";
  others[3].messages[0].role = PromptRole::assistant;
  others[4].temperature = 0.5;
  others[5].max_tokens = 5;
  others[6].seed = 5;
  others[7].stop = {"x"};
  others[8].json_schema = "{}";
  others[9].tools = {{.name = "weather"}};
  others[10].tool_choice.kind = ToolChoice::Kind::none;
  others[11].extra.body = "{}";
  others[12].context.tenant = "u";
  others[13].context.attempt = 1;
  others[14].messages[0].media = {{MediaPart::Kind::image, "image/png", "bytes"}};
  others[15].top_p = 0.5;
  others[16].temperature = 0.6;
  others[17].max_tokens = 6;
  others[18].seed = 6;
  others[19].top_p = 0.6;
  others[20].stop = {"y"};
  std::vector<RequestKey> keys = {request_key("svc", base, true), request_key("other", base, true)};
  for (const auto& other : others) keys.push_back(request_key("svc", other, true));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      CAPTURE(i);
      CAPTURE(k);
      CHECK(keys[i].name != keys[k].name);
      CHECK(keys[i].bytes != keys[k].bytes);
      CHECK_FALSE(keys[i].bytes.starts_with(keys[k].bytes));
    }
  }
  ReplyRequest same = base;
  same.context.session = "another";
  same.context.trace_id = "x";
  same.context.session_seed = 99;
  same.timeouts.total = 1s;
  CHECK(request_key("svc", same, true).name == request_key("svc", base, true).name);
  CHECK(request_key("svc", same, true).bytes == request_key("svc", base, true).bytes);
  same.script = "{}";
  const std::string scripted = request_key("svc", same, true).bytes;
  const std::string sent = request_key("svc", same, false).bytes;
  same.context.session_seed = 100;
  CHECK(request_key("svc", same, true).bytes != scripted);
  CHECK(request_key("svc", same, false).bytes == sent);
  CHECK(sent == request_key("svc", base, false).bytes);
}

TEST_CASE("texts that meet at other places make other bytes, and no picture is kept in them") {
  ReplyRequest one{.messages = {{PromptRole::user, "ab", "c"}}};
  ReplyRequest two{.messages = {{PromptRole::user, "a", "bc"}}};
  CHECK(request_key("svc", one, true).bytes != request_key("svc", two, true).bytes);
  one.context.tenant = "ts";
  two = one;
  two.context.tenant = "t";
  CHECK(request_key("vc", one, true).bytes != request_key("svc", two, true).bytes);
  one.messages[0].media = {{MediaPart::Kind::image, "image/png", std::string(1u << 20, 'x')}};
  CHECK(request_key("svc", one, true).bytes.size() < 1'000);
}

TEST_CASE("an answer under the right name is not given out for another request or tenant") {
  // As if all names were the same: the bytes alone decide.
  struct OneDrawer final : guard::CacheStore {
    Bytes kept;
    void get(const std::string&, Found found) override { found(kept); }
    void put(const std::string&, Bytes bytes, Duration) override { kept = std::move(bytes); }
    void erase_prefix(std::string_view) override {}
    std::size_t bytes() const override { return 0; }
  };
  CacheStage stage;
  auto drawer = std::make_shared<OneDrawer>();
  CacheProvider provider(stage.service, "svc", stage.loop, drawer, stage.books, 600s, true);
  stage.ask(provider);
  CHECK(stage.ask(provider)->starts.at(0).cached);
  stage.request.context.tenant = "u";
  CHECK_FALSE(stage.ask(provider)->starts.at(0).cached);
  CHECK(stage.ask(provider)->starts.at(0).cached);
  stage.request.messages[0].text += "!";
  CHECK_FALSE(stage.ask(provider)->starts.at(0).cached);
  drawer->kept = std::make_shared<const std::string>(drawer->kept->substr(0, 40));
  CHECK_FALSE(stage.ask(provider)->starts.at(0).cached);
  CHECK(stage.service->requests.size() == 4);
}

TEST_CASE("nothing is given out after its time, and a tenant's answers can be dropped") {
  CacheStage stage;
  stage.ask(stage.provider);
  stage.wait(600s);
  CHECK_FALSE(stage.ask(stage.provider)->starts.at(0).cached);
  CHECK(stage.ask(stage.provider)->starts.at(0).cached);
  stage.store->erase_prefix(request_key_prefix("other"));
  CHECK(stage.ask(stage.provider)->starts.at(0).cached);
  stage.store->erase_prefix(request_key_prefix("t"));
  CHECK_FALSE(stage.ask(stage.provider)->starts.at(0).cached);
}

TEST_CASE("only complete answers are kept") {
  CacheStage stage;
  stage.service->plays = {Play{.texts = {"Hel"}, .error = Error::fixed(ErrorCode::network, "cut")},
                          failing(ErrorCode::overloaded), Play{}};
  CHECK(stage.ask(stage.provider)->log.text == "Hel");
  CHECK(stage.ask(stage.provider)->code() == ErrorCode::overloaded);
  CHECK_FALSE(stage.ask(stage.provider)->starts.at(0).cached);
  CHECK(stage.ask(stage.provider)->starts.at(0).cached);
}

TEST_CASE("equal requests at the same time are one call") {
  CacheStage stage;
  stage.service->plays = {Play{.wait = 1s}};
  std::vector<std::shared_ptr<StartLog>> logs;
  for (int i = 0; i < 20; ++i) logs.push_back(stage.begin(stage.provider));
  stage.settle();
  stage.wait(1s);
  CHECK(stage.service->requests.size() == 1);
  for (const auto& log : logs) CHECK(log->log.text == "Hello there.");
  CHECK_FALSE(logs[0]->starts.at(0).cached);
  CHECK(logs[19]->starts.at(0).cached);
}

TEST_CASE("equal requests to a service that fails hear of it together, not one after the other") {
  CacheStage stage;
  stage.service->plays = {
      Play{.texts = {}, .error = Error::fixed(ErrorCode::network, "x"), .wait = 1s}};
  std::vector<std::shared_ptr<StartLog>> logs;
  for (int i = 0; i < 6; ++i) logs.push_back(stage.begin(stage.provider));
  stage.settle();
  stage.wait(1s);
  for (const auto& log : logs) {
    REQUIRE(log->ended());
    CHECK(log->code() == ErrorCode::network);
  }
  CHECK_FALSE(logs[0]->log.end().unasked);
  CHECK(logs[5]->log.end().unasked);
  CHECK(stage.service->requests.size() == 1);
  stage.service->plays = {Play{}};
  CHECK(stage.ask(stage.provider)->log.text == "Hello there.");
}

TEST_CASE("a time limit or a cut is not everybody's: the others go on at once, each for itself") {
  for (const bool cut : {false, true}) {
    CacheStage stage;
    const Error error = Error::fixed(cut ? ErrorCode::network : ErrorCode::timeout, "x");
    stage.service->plays = {
        Play{.texts = cut ? std::vector<std::string>{"Hel"} : std::vector<std::string>{},
             .error = error,
             .wait = 1s},
        Play{.wait = 1s}};
    std::vector<std::shared_ptr<StartLog>> logs;
    for (int i = 0; i < 6; ++i) logs.push_back(stage.begin(stage.provider));
    stage.settle();
    stage.wait(1s);
    CHECK(logs[0]->code() == error.code());
    CHECK(stage.service->requests.size() == 6);
    stage.wait(1s);
    for (int i = 1; i < 6; ++i)
      CHECK(logs[static_cast<std::size_t>(i)]->log.text == "Hello there.");
  }
}

TEST_CASE("when the caller of the one call gives it up, the next in line takes its place") {
  CacheStage stage;
  stage.service->plays = {Play{.wait = 1s}};
  std::stop_source stop;
  const auto first = stage.begin(stage.provider, stop.get_token());
  const auto second = stage.begin(stage.provider);
  const auto third = stage.begin(stage.provider);
  stage.settle();
  stop.request_stop();
  stage.wait(1s);
  CHECK(first->log.end().outcome == Outcome::cancelled);
  stage.wait(1s);
  CHECK(second->log.text == "Hello there.");
  CHECK(third->starts.at(0).cached);
  CHECK(stage.service->requests.size() == 2);
}

TEST_CASE("an empty answer, a refusal and one against its schema are not kept") {
  CacheStage stage;
  stage.service->plays = {Play{.texts = {}}};
  for (int i = 0; i < 2; ++i) CHECK(stage.ask(stage.provider)->log.text.empty());
  CHECK(stage.service->requests.size() == 2);
  stage.service->plays = {Play{.reason = FinishReason::content_filter}};
  for (int i = 0; i < 2; ++i) stage.ask(stage.provider);
  CHECK(stage.service->requests.size() == 4);
  stage.request.json_schema = R"({"type":"object","required":["a"]})";
  stage.service->plays = {Play{.texts = {R"({"b":)", "1}"}}};
  for (int i = 0; i < 2; ++i) stage.ask(stage.provider);
  CHECK(stage.service->requests.size() == 6);
  stage.service->plays = {Play{.texts = {R"({"a":)", "1}"}}};
  for (int i = 0; i < 2; ++i) CHECK(stage.ask(stage.provider)->log.text == R"({"a":1})");
  CHECK(stage.service->requests.size() == 7);
  stage.request.json_schema = R"({"type":"object","required":["a"],"title":"other"})";
  stage.service->plays = {Play{.texts = {R"({"a":1,"a":2})"}}};
  for (int i = 0; i < 2; ++i) stage.ask(stage.provider);
  CHECK(stage.service->requests.size() == 9);
  stage.service->plays = {Play{.texts = {"```json\n{\"a\":1}\n```"}}};
  for (int i = 0; i < 2; ++i) stage.ask(stage.provider);
  CHECK(stage.service->requests.size() == 10);
}

TEST_CASE("a call whose arguments are no object is not kept") {
  CacheStage stage;
  stage.service->plays = {Play{.tool = true, .tool_arguments = R"({"a":)"}};
  for (int i = 0; i < 2; ++i) stage.ask(stage.provider);
  CHECK(stage.service->requests.size() == 2);
  stage.service->plays = {Play{.tool = true, .tool_arguments = R"({"a":1})"}};
  for (int i = 0; i < 2; ++i) stage.ask(stage.provider);
  CHECK(stage.service->requests.size() == 3);
}

TEST_CASE("a call that is cancelled while it waits for another's ends, and the other goes on") {
  CacheStage stage;
  stage.service->plays = {Play{.wait = 1s}};
  const auto first = stage.begin(stage.provider);
  std::stop_source stop;
  const auto second = stage.begin(stage.provider, stop.get_token());
  stage.settle();
  stop.request_stop();
  stage.settle();
  CHECK(second->log.end().outcome == Outcome::cancelled);
  stage.wait(1s);
  CHECK(first->log.text == "Hello there.");
  CHECK(second->log.late == 0);
}

TEST_CASE("one call that is given up without an end keeps nobody waiting") {
  CacheStage stage;
  stage.service->plays = {Play{.endless = true}, Play{}};
  stage.begin(stage.provider);
  const auto second = stage.begin(stage.provider);
  stage.settle();
  CHECK(second->log.text == "Hello there.");
}

TEST_CASE("hits, misses, bytes and what they saved are told by model") {
  CacheStage stage;
  for (int i = 0; i < 4; ++i) stage.ask(stage.provider);
  stage.request.model = "big";
  stage.ask(stage.provider);
  const auto figures = stage.books->figures();
  CHECK(figures.at("own").hits == 3);
  CHECK(figures.at("own").misses == 1);
  CHECK(figures.at("own").bytes > 30);
  CHECK(figures.at("own").saved == Money{3 * 25});
  CHECK(figures.at("big").misses == 1);
}

TEST_CASE("a hit saves what was estimated where the service told nothing") {
  CacheStage stage;
  stage.service->plays = {Play{}};
  stage.request.context.prompt_tokens = 40;
  for (int i = 0; i < 2; ++i) stage.ask(stage.provider);
  ReplyTokens came;
  came.text("Hello there.");
  REQUIRE(came.total() > 0);
  CHECK(stage.books->figures().at("own").saved == Money{40 + 10 * came.total()});
}

TEST_CASE("answers that stand in for others are not kept") {
  CacheStage stage;
  struct Degraded final : Provider {
    net::Loop& loop;
    int calls = 0;
    explicit Degraded(net::Loop& its_loop) : loop(its_loop) {}
    std::string_view name() const noexcept override { return "d"; }
    Result<std::string> request_body(const ReplyRequest&) const override { return std::string(); }
    void start(std::shared_ptr<const ReplyRequest>, std::shared_ptr<ReplySink> sink,
               std::stop_token) override {
      ++calls;
      loop.post([sink] {
        ReplyStart start;
        start.degraded = true;
        sink->on_start(start);
        sink->on_text("down");
        sink->on_done({.outcome = Outcome::complete});
      });
    }
  };
  auto inner = std::make_shared<Degraded>(stage.loop);
  CacheProvider provider(inner, "svc", stage.loop, stage.store, stage.books, 600s, true);
  stage.ask(provider);
  stage.ask(provider);
  CHECK(inner->calls == 2);
}

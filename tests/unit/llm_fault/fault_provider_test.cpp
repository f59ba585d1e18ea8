#include "llm/backends/fault/fault.hpp"
#include "unit/llm_script/support.hpp"

using namespace scena;
using namespace std::chrono_literals;
using scena::test::ask;
using scena::test::Recorder;

namespace {

constexpr const char* kTalk = R"({"replies":["one two three four"],"delay_ms":100,"token_ms":10})";

struct Stage {
  explicit Stage(std::string url, std::string options = kTalk) {
    auto made =
        test::make_provider({.url = std::move(url), .options = std::move(options)}, http, loop);
    REQUIRE(made.has_value());
    provider = *made;
  }
  std::shared_ptr<Recorder> play(ReplyRequest request = ask("Hi")) {
    auto sink = std::make_shared<Recorder>(clock);
    const TimePoint begin = clock.now();
    provider->start(std::make_shared<const ReplyRequest>(std::move(request)), sink, {});
    test::run_until_done(loop, clock, *sink, 48h);
    REQUIRE(sink->end.has_value());
    took = sink->ended_at - begin;
    return sink;
  }

  VirtualClock clock;
  net::Loop loop{clock};
  test::NoHttp http;
  std::shared_ptr<Provider> provider;
  Duration took{};
};

void check_end(const Recorder& sink, Outcome outcome, ErrorCode code) {
  CHECK(sink.end->outcome == outcome);
  REQUIRE(sink.end->error.has_value());
  CHECK(sink.end->error->code() == code);
}

}  // namespace

TEST_CASE("ok is a whole scripted reply") {
  Stage stage("fault:");
  const auto sink = stage.play();
  CHECK(sink->text == "one two three four");
  CHECK(sink->provider == "fault");
  CHECK(sink->end->outcome == Outcome::complete);
  CHECK(sink->usage.output_tokens == 4);
  CHECK(stage.took == 130ms);
}

TEST_CASE("statuses become the codes of a real provider, before any text") {
  const std::pair<const char*, ErrorCode> table[] = {
      {"400", ErrorCode::invalid_argument},  {"401", ErrorCode::unauthenticated},
      {"402", ErrorCode::quota_exhausted},   {"403", ErrorCode::permission_denied},
      {"404", ErrorCode::not_found},         {"408", ErrorCode::timeout},
      {"409", ErrorCode::unavailable},       {"413", ErrorCode::too_large},
      {"422", ErrorCode::invalid_argument},  {"429", ErrorCode::rate_limited},
      {"500", ErrorCode::provider_error},    {"502", ErrorCode::provider_error},
      {"503", ErrorCode::provider_error},    {"529", ErrorCode::overloaded},
      {"quota", ErrorCode::quota_exhausted}, {"context", ErrorCode::context_overflow},
  };
  for (const auto& [name, code] : table) {
    const std::string step = name;
    INFO(step);
    const auto sink = Stage("fault:" + step).play();
    check_end(*sink, Outcome::failed, code);
    CHECK(sink->starts == 0);
    CHECK(sink->end->error->provider_status() >= 400);
    CHECK_FALSE(sink->usage.output_tokens.has_value());
  }
}

TEST_CASE("a rate limit hands its waiting time on and is over after its count") {
  Stage stage("fault:429@2sx2,ok");
  const auto first = stage.play();
  check_end(*first, Outcome::failed, ErrorCode::rate_limited);
  CHECK(first->end->error->retry_after() == 2s);
  check_end(*stage.play(), Outcome::failed, ErrorCode::rate_limited);
  CHECK(stage.play()->end->outcome == Outcome::complete);
}

TEST_CASE(
    "refused and reset connections are network errors, and what came before a reset is kept") {
  check_end(*Stage("fault:refuse").play(), Outcome::failed, ErrorCode::network);
  check_end(*Stage("fault:reset").play(), Outcome::failed, ErrorCode::network);
  const auto sink = Stage("fault:reset_after=2").play();
  check_end(*sink, Outcome::truncated, ErrorCode::network);
  CHECK(sink->text == "one two");
}

TEST_CASE("a cut stream is truncated after exactly its tokens, at its very end too") {
  check_end(*Stage("fault:cut_after=0").play(), Outcome::failed, ErrorCode::network);
  const auto sink = Stage("fault:cut_after=3").play();
  check_end(*sink, Outcome::truncated, ErrorCode::network);
  CHECK(sink->text == "one two three");
  CHECK(sink->usage.output_tokens == 3);
  check_end(*Stage("fault:cut_after=99").play(), Outcome::truncated, ErrorCode::network);
}

TEST_CASE("silence ends at the limit that fits: first byte, idle, total") {
  auto request = ask("Hi");
  request.timeouts = {.first_byte = 3s, .idle = 5s, .total = 20s};
  Stage head("fault:stall_head");
  check_end(*head.play(request), Outcome::failed, ErrorCode::timeout);
  CHECK(head.took == 3s);
  Stage body("fault:stall");
  const auto started = body.play(request);
  check_end(*started, Outcome::failed, ErrorCode::timeout);
  CHECK(started->starts == 1);
  CHECK(body.took == 3s);
  Stage middle("fault:stall_after=2");
  const auto cut = middle.play(request);
  check_end(*cut, Outcome::truncated, ErrorCode::timeout);
  CHECK(cut->text == "one two");
  CHECK(middle.took == 110ms + 5s);
  Stage comments("fault:comments");
  check_end(*comments.play(request), Outcome::failed, ErrorCode::timeout);
  CHECK(comments.took == 20s);
  Stage drip("fault:drip@6s");
  check_end(*drip.play(request), Outcome::truncated, ErrorCode::timeout);
  CHECK(drip.took == 100ms + 5s);
  Stage slow("fault:slow@4s");
  check_end(*slow.play(request), Outcome::failed, ErrorCode::timeout);
  CHECK(slow.took == 3s);
  Stage usual("fault:stall_head");  // where the caller sets no limit on the first byte
  check_end(*usual.play(), Outcome::failed, ErrorCode::timeout);
  CHECK(usual.took == 30s);
}

TEST_CASE("a drip and a slow start under the limits end well, and the total limit stops a drip") {
  auto request = ask("Hi");
  Stage drip("fault:drip@2s");
  CHECK(drip.play(request)->end->outcome == Outcome::complete);
  CHECK(drip.took == 100ms + 6s);
  Stage slow("fault:slow@4s");
  CHECK(slow.play(request)->end->outcome == Outcome::complete);
  CHECK(slow.took == 4s + 30ms);
  request.timeouts.total = 3s;
  Stage limited("fault:drip@2s");
  const auto sink = limited.play(request);
  check_end(*sink, Outcome::truncated, ErrorCode::timeout);
  CHECK(limited.took == 3s);
}

TEST_CASE("a stall without any limit lasts until it is cancelled") {
  Stage stage("fault:stall_after=1");
  auto request = ask("Hi");
  request.timeouts = {.connect = 0s, .first_byte = 0s, .idle = 0s, .total = 0s};
  std::stop_source stop;
  auto sink = std::make_shared<Recorder>(stage.clock);
  stage.provider->start(std::make_shared<const ReplyRequest>(request), sink, stop.get_token());
  test::run_until_done(stage.loop, stage.clock, *sink, 100h);
  CHECK_FALSE(sink->end.has_value());
  stop.request_stop();
  stage.loop.poll(0us);
  REQUIRE(sink->end.has_value());
  CHECK(sink->end->outcome == Outcome::cancelled);
  CHECK(sink->text == "one");
}

TEST_CASE("errors and garbage in mid-stream end the reply with their codes") {
  check_end(*Stage("fault:error").play(), Outcome::failed, ErrorCode::overloaded);
  const auto late = Stage("fault:error_after=2").play();
  check_end(*late, Outcome::failed, ErrorCode::overloaded);
  CHECK(late->text == "one two");
  check_end(*Stage("fault:bad_utf8").play(), Outcome::failed, ErrorCode::protocol);
  check_end(*Stage("fault:bad_json_after=0").play(), Outcome::failed, ErrorCode::protocol);
}

TEST_CASE("an endless reply stops at max_tokens or at max_bytes") {
  auto request = ask("Hi");
  request.max_tokens = 11;
  const auto few = Stage("fault:endless").play(request);
  CHECK(few->deltas.size() == 11);
  CHECK(few->end->outcome == Outcome::complete);
  CHECK(few->end->reason == FinishReason::length);
  request.max_tokens.reset();
  request.max_bytes = 10'000;
  for (const char* options : {kTalk, R"({"replies":["one two three four"],"instant":true})"}) {
    const auto all = Stage("fault:endless", options).play(request);
    check_end(*all, Outcome::truncated, ErrorCode::too_large);
    CHECK(all->text.size() <= 10'000);
    CHECK(all->text.size() > 9'980);
  }
}

TEST_CASE("an empty answer is complete with a warning, an unknown finish reason is a stop") {
  const auto empty = Stage("fault:empty").play();
  CHECK(empty->end->outcome == Outcome::complete);
  CHECK(empty->deltas.empty());
  CHECK(empty->warnings == std::vector<std::string>{"empty_answer"});
  const auto odd = Stage("fault:wrong_finish").play();
  CHECK(odd->end->outcome == Outcome::complete);
  CHECK(odd->end->reason == FinishReason::stop);
  CHECK(odd->end->raw_reason == "eos");
}

TEST_CASE("schedules come from the options too, and the URL wins") {
  const char* options = R"({"steps":["503","ok"],"replies":["a"],"instant":true})";
  Stage stage("fault:", options);
  check_end(*stage.play(), Outcome::failed, ErrorCode::provider_error);
  CHECK(stage.play()->text == "a");
  Stage url("fault:refuse", options);
  check_end(*url.play(), Outcome::failed, ErrorCode::network);
}

TEST_CASE("a storm in the URL goes by the seed of the options, else by its own") {
  const auto storm = [](const std::string& url_seed, const std::string& options) {
    Stage stage(R"(fault:?{"random":{"ok":1,"503":1})" + url_seed + "}", options);
    std::string ends;
    for (int i = 0; i < 40; ++i) ends += stage.play()->end->error ? 'x' : '.';
    return ends;
  };
  const std::string first = storm(R"(,"seed":1)", "");
  CHECK(first == storm(R"(,"seed":1)", ""));
  CHECK(first == storm("", R"({"seed":1})"));
  CHECK(first == storm(R"(,"seed":2)", R"({"seed":1})"));
  CHECK(first != storm(R"(,"seed":2)", ""));
  CHECK(first != storm("", R"({"seed":2})"));
}

TEST_CASE(
    "wrong schedules and steps that need a connection are refused when the provider is made") {
  VirtualClock clock;
  net::Loop loop(clock);
  test::NoHttp http;
  for (const char* url : {"fault:nonsense", "fault:case=D5", "fault:ok,cut_byte=3"}) {
    const auto made = test::make_provider({.url = url}, http, loop);
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code() == ErrorCode::invalid_argument);
  }
  for (const char* options : {"[]", R"({"random":{"ok":9,"cut_byte=3":1}})"})
    CHECK_FALSE(test::make_provider({.url = "fault:", .options = options}, http, loop).has_value());
}

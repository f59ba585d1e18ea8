#include <doctest/doctest.h>

#include <filesystem>
#include <tuple>

#include "base/json.hpp"
#include "conformance/stage.hpp"
#include "engine/money/token_estimate.hpp"
#include "support/files.hpp"
#include "support/rank_file.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

// Every text has so many tokens.
struct FixedCounter final : TokenCounter {
  explicit FixedCounter(std::int64_t tokens) : each(tokens) {}
  std::int64_t count(std::string_view) const noexcept override { return each; }
  std::int64_t each;
};

// Reports what the test says, or nothing, as the tokens of its prompt.
class ReportingModel final : public Provider {
 public:
  std::string_view name() const noexcept override { return "host"; }
  Result<std::string> request_body(const ReplyRequest&) const override { return std::string("{}"); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token) override {
    last = *request;
    if (fails) {
      return sink->on_done(
          {.outcome = Outcome::failed, .error = Error::fixed(ErrorCode::network, "down")});
    }
    sink->on_start({"host", last.model, ""});
    if (reports) sink->on_usage({.input_tokens = reports, .output_tokens = 1});
    sink->on_text("Well.");
    sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  }

  std::optional<std::int64_t> reports;
  bool fails = false;
  ReplyRequest last;
};

struct Counted {
  std::int64_t prompt = 0;    // as estimated for any model
  std::int64_t expected = 0;  // what the turn reserved
};

struct TokenStage {
  std::shared_ptr<ReportingModel> model = std::make_shared<ReportingModel>();
  Dependencies dependencies;

  Engine open(const std::string& name, Config config = {}) {
    config.clock = ClockKind::virtual_time;
    config.provider = "model";
    config.model = name;
    config.prices["*"] = {.input = Money{1'000'000}};  // the smallest amount for each token
    dependencies.providers["model"] = model;
    return Engine::open(config, dependencies);
  }
};

Counted ask(Engine& engine, Session& session) {
  Counted counted;
  Events events = session.events({.after = std::to_string(session.info().last_seq)});
  session.send_wait("Tell me about the harbour, please.");
  for (const auto& event : drain(engine, events)) {
    if (event.type != "turn.started") continue;
    const Json data = *parse_json(event.data);
    counted.prompt = data.at("prompt_tokens");
    counted.expected = Money::parse(data.at("reserved").get<std::string>())->pico_usd;
  }
  return counted;
}

std::int64_t expected_of(TokenStage& stage, const std::string& model, const Config& config = {}) {
  Engine engine = stage.open(model, config);
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  return ask(engine, session).expected;
}

std::int64_t by_family(std::int64_t prompt) {
  return (prompt * 825 + 999) / 1'000;
}

}  // namespace

TEST_CASE("what earlier turns of a session really used corrects its next estimate, within bounds") {
  TokenStage stage;
  Engine engine = stage.open("gpt-4o-mini");
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  stage.model->reports = std::nullopt;
  const Counted first = ask(engine, session);
  CHECK(first.expected == by_family(first.prompt));

  Session corrected = engine.create_session(conformance::two_in_a_room());
  corrected.start().get();
  stage.model->reports = 3 * by_family(first.prompt) / 2;
  const Counted before = ask(engine, corrected);
  CHECK(before.expected == by_family(before.prompt));
  stage.model->reports = 1'000'000;  // nobody's prompt: believed up to the double
  const Counted more = ask(engine, corrected);
  const auto plain = static_cast<double>(by_family(more.prompt));
  CHECK(static_cast<double>(more.expected) > 1.45 * plain);
  CHECK(static_cast<double>(more.expected) < 1.55 * plain);
  const Counted most = ask(engine, corrected);
  CHECK(most.expected > 3 * by_family(most.prompt) / 2);
  CHECK(most.expected <= 2 * by_family(most.prompt));

  stage.model->reports = std::nullopt;
  const Counted other = ask(engine, session);  // learns nothing from its neighbour
  CHECK(other.expected == by_family(other.prompt));
}

TEST_CASE("what a fallback used corrects no estimate: another model counted it") {
  TokenStage stage;
  const auto spare = std::make_shared<ReportingModel>();
  stage.dependencies.providers["spare"] = spare;
  Config config;
  config.max_retries = 0;
  config.policy.fallbacks = {{"model", "spare", "claude-x"}};
  Engine engine = stage.open("gpt-4o-mini", config);
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  stage.model->fails = true;
  spare->reports = 1'000'000;
  const Counted first = ask(engine, session);
  CHECK(spare->last.model == "claude-x");
  CHECK(first.expected == by_family(first.prompt));
  stage.model->fails = false;
  stage.model->reports = 1'000'000;
  const Counted second = ask(engine, session);
  CHECK(second.expected == by_family(second.prompt));
  const Counted third = ask(engine, session);  // now by what the model itself reported
  CHECK(third.expected > 3 * by_family(third.prompt) / 2);
}

TEST_CASE("what a cached reply once used corrects no estimate") {
  TokenStage stage;
  Config config;
  config.policy.cache.max_bytes = 1u << 20;
  Engine engine = stage.open("gpt-4o-mini", config);
  const auto begin = [&engine] {
    Session session = engine.create_session(conformance::two_in_a_room());
    session.start().get();
    return session;
  };
  Session first = begin(), second = begin();
  stage.model->reports = 1'000'000;
  ask(engine, first);
  stage.model->last = {};
  ask(engine, second);
  CHECK(stage.model->last.messages.empty());  // the model was not asked again
  const Counted later = ask(engine, second);
  CHECK(later.expected == by_family(later.prompt));
}

TEST_CASE("a host's counter of a model's family gives the estimate, the longest name first") {
  const auto expect = [](const ReplyRequest& request, std::int64_t each) {
    std::int64_t tokens = request.system.empty() ? 0 : each;
    for (const auto& message : request.messages) tokens += 4 + (message.text.empty() ? 0 : each);
    return tokens;
  };
  for (const auto& [model, each] :
       {std::pair("gpt-4o-mini", 1'000), std::pair("gpt-4-turbo", 50), std::pair("house", 7)}) {
    TokenStage stage;
    stage.dependencies.token_counters = {{"*", std::make_shared<FixedCounter>(7)},
                                         {"gpt-4", std::make_shared<FixedCounter>(50)},
                                         {"gpt-4o", std::make_shared<FixedCounter>(1'000)},
                                         {"gpt-4o-max", std::make_shared<FixedCounter>(2)}};
    Engine engine = stage.open(model);
    Session session = engine.create_session(conformance::two_in_a_room());
    session.start().get();
    const Counted counted = ask(engine, session);
    CHECK(counted.expected == expect(stage.model->last, each));
  }
}

TEST_CASE("a correction forgets slowly, keeps few models and is no prey of odd figures") {
  engine::TokenCorrection correction;
  CHECK(correction.correct("a", 100) == 100);
  correction.learn("a", 0, 100);
  correction.learn("a", 100, 0);
  CHECK(correction.correct("a", 100) == 100);
  for (int i = 0; i < 1'000; ++i) correction.learn("a", 1'000, 500);
  CHECK(correction.correct("a", 100) == 50);
  for (int i = 0; i < 1'000; ++i) correction.learn("a", 1'000, 2'000);
  CHECK(correction.correct("a", 100) > 195);
  for (int i = 0; i < 100; ++i) correction.learn("m" + std::to_string(i), 10, 20);
  CHECK(correction.correct("m99", 100) == 100);
  CHECK(correction.correct("m1", 100) == 200);
}

TEST_CASE("a file of byte pairs in the configuration counts as the same counter given in code") {
  TempFolder folder;
  const std::string bytes = folder.file("bytes.tiktoken"), pairs = folder.file("pairs.tiktoken");
  write_file(bytes, rank_file({}));
  write_file(pairs, rank_file({"th", "he", "in", "the", "ar"}));
  Config config;
  config.token_counters = {{"gpt-4o", {.file = pairs, .cut = TextCut::o200k}},
                           {"gpt-4", {.file = bytes, .cut = TextCut::cl100k}},
                           {"*", {.file = pairs, .cut = TextCut::gpt2}}};
  for (const auto& [model, path, cut] : {std::tuple("gpt-4o-mini", pairs, TextCut::o200k),
                                         std::tuple("gpt-4-turbo", bytes, TextCut::cl100k),
                                         std::tuple("house", pairs, TextCut::gpt2)}) {
    TokenStage in_code;
    in_code.dependencies.token_counters["*"] =
        byte_pair_counter_from_file(path, cut).value_or_throw();
    TokenStage configured;
    CHECK(expected_of(configured, model, config) == expected_of(in_code, model));
  }
  TokenStage both;
  both.dependencies.token_counters["gpt-4o"] = std::make_shared<FixedCounter>(100'000);
  CHECK(expected_of(both, "gpt-4o", config) > 100'000);
}

TEST_CASE(
    "a file that counts no tokens is refused when the engine opens, with the member at fault") {
  TempFolder folder;
  const std::string good = folder.file("good"), bad = folder.file("bad"), big = folder.file("big");
  write_file(good, rank_file({}));
  write_file(bad, "{\"no\": \"ranks\"}");
  write_file(big, "");
  std::filesystem::resize_file(big, (32u << 20) + 1);
  const auto refused = [](const std::string& file) {
    Config config;
    config.token_counters["a/b"] = {.file = file, .cut = TextCut::o200k};
    auto opened = Engine::try_open(config);
    if (opened) return Error(ErrorCode::ok, "opened");
    CHECK(opened.error().pointer() == "/token_counters/a~1b/file");
    CHECK(std::string(opened.error().what())
              .starts_with("configuration: /token_counters/a~1b/file: "));
    return opened.error();
  };
  CHECK(refused(good).code() == ErrorCode::ok);
  CHECK(refused(folder.file("none")).code() == ErrorCode::not_found);
  CHECK(refused(bad).code() == ErrorCode::invalid_argument);
  CHECK(refused(big).code() == ErrorCode::too_large);
  CHECK(refused(std::string(folder.path())).code() == ErrorCode::invalid_argument);
  const auto faults = Config{.token_counters = {{"", {}}}}.check();
  REQUIRE(faults.size() == 3);
  CHECK(faults[2].pointer == "/token_counters//cut");
}

#include <doctest/doctest.h>

#include <random>

#include "faults/fault_fixture.hpp"
#include "support/sanitized.hpp"
#include "unit/engine/engine_fixture.hpp"
#include "unit/engine/tool_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

// A service with books of its own: it bills the words that it sent, whatever it told of them, and
// nothing of a request that it refused.
class BillingService final : public Provider {
 public:
  BillingService(const Price& price, std::uint64_t seed) : price_(price), random_(seed) {}

  std::string_view name() const noexcept override { return "host"; }
  Result<std::string> request_body(const ReplyRequest&) const override { return std::string("{}"); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token) override {
    prompt_tokens_ = request->context.prompt_tokens;
    sink_ = std::move(sink);
  }
  bool asked() const noexcept { return sink_ != nullptr; }

  enum class Next { done, retried, tools, cancel };
  Next serve(bool may_fail, bool may_use_tools);
  Money bill() const noexcept { return bill_; }

 private:
  bool chance(unsigned in) { return random_() % in == 0; }
  void tell();
  void send_words();
  void call_tool();
  Next fail_early();
  Next end(Outcome outcome, FinishReason reason = FinishReason::stop);
  void charge();

  Price price_;
  std::mt19937_64 random_;
  std::shared_ptr<ReplySink> sink_;
  std::shared_ptr<ReplySink> left_;  // of a reply that is cancelled
  std::int64_t prompt_tokens_ = 0;
  bool tells_ = false;
  Usage sent_;     // by this request
  Usage refused_;  // told by requests before it that were refused, and billed with this one
  Money bill_;
};

void BillingService::tell() {
  if (!tells_) return;
  UsageUpdate update;
  update.input_tokens = sent_.input_tokens;
  update.output_tokens = sent_.output_tokens;
  update.cached_input_tokens = sent_.cached_input_tokens;
  update.cache_write_tokens = sent_.cache_write_tokens;
  update.reasoning_tokens = sent_.reasoning_tokens;
  sink_->on_usage(update);
}

void BillingService::send_words() {
  const int words = static_cast<int>(random_() % 8);
  for (int i = 0; i < words; ++i) {
    ++sent_.output_tokens;
    switch (random_() % 3) {
      case 0:
        ++sent_.reasoning_tokens;
        sink_->on_reasoning("hm ");
        break;
      case 1:
        sink_->on_refusal("never ");
        break;
      default:
        sink_->on_text("word ");
        break;
    }
    if (chance(3)) tell();
  }
}

void BillingService::call_tool() {
  sink_->on_tool_start(0, "c", "look");
  sink_->on_tool_args(0, "{");
  sink_->on_tool_args(0, "}");
  sink_->on_tool_end(0, {"c", "look", "{}", true});
  sent_.output_tokens += 3;  // the name and two marks
}

// Whatever it told of a request that it then refuses, it bills.
BillingService::Next BillingService::fail_early() {
  tell();
  if (tells_) refused_ += sent_;
  std::exchange(sink_, nullptr)
      ->on_done({.outcome = Outcome::failed, .error = Error::fixed(ErrorCode::overloaded, "busy")});
  return Next::retried;
}

void BillingService::charge() {
  sent_ += std::exchange(refused_, {});
  bill_ += cost_of(price_, sent_);
}

BillingService::Next BillingService::end(Outcome outcome, FinishReason reason) {
  charge();
  ReplyEnd end{.outcome = outcome, .reason = reason};
  if (outcome != Outcome::complete) end.error = Error::fixed(ErrorCode::network, "cut");
  std::exchange(sink_, nullptr)->on_done(end);
  return reason == FinishReason::tool_calls ? Next::tools : Next::done;
}

BillingService::Next BillingService::serve(bool may_fail, bool may_use_tools) {
  tells_ = !chance(3);
  sent_ = {};
  sent_.input_tokens = prompt_tokens_;
  if (tells_) {
    sent_.input_tokens = static_cast<std::int64_t>(1 + random_() % 5'000);
    sent_.cached_input_tokens =
        static_cast<std::int64_t>(random_()) % 2 == 0 ? 0 : sent_.input_tokens / 3;
    sent_.cache_write_tokens = (sent_.input_tokens - sent_.cached_input_tokens) / 2;
  }
  sink_->on_start({"host", "model", ""});
  if (may_fail && chance(5)) return fail_early();
  tell();
  send_words();
  const bool delivered = sent_.output_tokens > 0;
  switch (random_() % 5) {
    case 0:
      if (!delivered) break;
      return end(Outcome::truncated);
    case 1:
      if (!delivered) break;
      return end(Outcome::failed);
    case 2:
      charge();
      left_ = std::move(sink_);
      return Next::cancel;
    case 3:
      if (!may_use_tools) break;
      call_tool();
      tell();
      return end(Outcome::complete, FinishReason::tool_calls);
    default:
      break;
  }
  tell();
  return end(Outcome::complete);
}

Config billed(const Price& price) {
  Config config = hosted();
  config.prices["*"] = price;
  config.max_retries = 1;
  config.policy.retry.first_delay = std::chrono::milliseconds(0);
  config.live_metrics = false;
  config.metrics = {"engagement"};  // the cheapest: this is about money
  config.limits.history_items = 1;
  config.policy.services = {{.failures_to_open = 0}};
  return config;
}

std::shared_ptr<Tool> look() {
  struct Look final : Tool {
    ToolSpec spec() const override { return {"look", "Looks.", R"({"type":"object"})"}; }
    ToolOptions options() const override { return {.everywhere = true}; }
    void call(ToolRequest, std::shared_ptr<ToolAnswer> answer, std::stop_token) override {
      answer->succeed("Nothing.");
    }
  };
  return std::make_shared<Look>();
}

// One turn with all its requests.
void play_turn(Engine& engine, Session& session, BillingService& service) {
  Turn turn = session.send("Go on.");
  bool may_fail = true;
  for (int rounds = 0;;) {
    while (!service.asked()) engine.poll();
    const auto next = service.serve(may_fail, rounds < 3);
    may_fail = next != BillingService::Next::retried;
    rounds += next == BillingService::Next::tools;
    if (next == BillingService::Next::cancel) {
      engine.poll();
      turn.cancel();
    }
    if (next == BillingService::Next::done || next == BillingService::Next::cancel) break;
  }
  (void)turn.wait();
}

}  // namespace

TEST_CASE("the ledger equals the service's own bill to the last unit over 100,000 random calls") {
  // A sanitizer sees in a few of them what there is to see.
  constexpr int kEngines = kSanitized ? 3 : 100, kTurns = 1'000;
  const Price price{.input = Money{3'141'592'653'589},
                    .output = Money{15'926'535'897'932},
                    .cached_input = Money{314'159'265'358},
                    .cache_write = Money{3'926'535'897'932},
                    .request = Money{271'828'182},
                    .reasoning = Money{7'182'818'284'590}};
  Money bill, ledger, sessions;
  for (int run = 0; run < kEngines; ++run) {
    auto service = std::make_shared<BillingService>(price, 2'026u + static_cast<unsigned>(run));
    Dependencies dependencies = with_model(service);
    dependencies.tools.push_back(look());
    Engine engine = Engine::open(billed(price), dependencies);
    for (int i = 0; i < kTurns / 20; ++i) {
      Session session = engine.create_session(conformance::two_in_a_room());
      for (int turns = 0; turns < 20; ++turns) play_turn(engine, session, *service);
      sessions += session.info().cost;
    }
    const auto rows = engine.costs();
    REQUIRE(rows.size() == 1);
    ledger += rows[0].cost;
    REQUIRE(rows[0].calls == kTurns);
    bill += service->bill();
    REQUIRE(ledger == bill);
  }
  CHECK(sessions == bill);
}

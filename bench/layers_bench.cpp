// What the layers around a provider cost when none of them has anything to do: a request with all
// of them on beside the same provider alone, and the same for each token of a reply.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>

#include "base/clock.hpp"
#include "llm/layers/chain.hpp"

namespace {

using namespace scena;

struct Ignored final : ReplySink {
  void on_start(const ReplyStart&) override {}
  void on_text(std::string_view delta) override { bytes += delta.size(); }
  void on_done(const ReplyEnd&) override { done = true; }
  std::size_t bytes = 0;
  bool done = false;
};

// Says so many tokens in one read, as fast as it can.
class Bare final : public Provider {
 public:
  Bare(net::Loop& loop, std::size_t tokens) : loop_(loop), tokens_(tokens) {}
  std::string_view name() const noexcept override { return "bare"; }
  Result<std::string> request_body(const ReplyRequest&) const override { return std::string(); }
  void start(std::shared_ptr<const ReplyRequest>, std::shared_ptr<ReplySink> sink,
             std::stop_token) override {
    loop_.post([this, sink = std::move(sink)] {
      sink->on_start({"bare", "model", "id"});
      for (std::size_t i = 0; i < tokens_; ++i) sink->on_text(" token");
      sink->on_flush();
      sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
    });
  }

 private:
  net::Loop& loop_;
  std::size_t tokens_;
};

Policy everything(bool with_cache) {
  Policy policy;
  // Larger than an answer would need to be found again: each request is another one.
  if (with_cache) policy.cache.max_bytes = 1u << 20;
  policy.routes = {{.name = "long", .tokens_from = 1'000'000, .to = {{.model = "wide"}}},
                   {.name = "gold", .tiers = {"gold"}, .to = {{.model = "large"}}}};
  policy.fallbacks = {{"", "spare", ""}};
  policy.continuation.attempts = 1;
  policy.services = {{.running = 1'000}};
  policy.degraded = "Down.";
  return policy;
}

// mode 0: the provider alone; 1: all layers but the cache; 2: all layers.
void requests(benchmark::State& state) {
  const auto mode = state.range(0);
  VirtualClock clock;
  net::Loop loop(clock);
  llm::LayerState shared(clock, nullptr);
  const auto tokens = static_cast<std::size_t>(state.range(1));
  auto bare = std::make_shared<Bare>(loop, tokens);
  auto chain = std::make_shared<llm::ProviderChain>(
      llm::ChainParts{
          .loop = loop,
          .state = shared,
          .log = {},
          .make = [&](const std::string&) -> Result<std::vector<std::shared_ptr<Provider>>> {
            return std::vector<std::shared_ptr<Provider>>{bare, bare};
          }},
      everything(mode == 2));
  const std::shared_ptr<Provider> provider = mode == 0 ? bare : *chain->provider("bare");
  ReplyRequest request;
  request.system = std::string(400, 's');
  request.messages.assign(6, {PromptRole::user, std::string(120, 'm'), ""});
  for (auto _ : state) {
    ++request.context.attempt;
    auto sink = std::make_shared<Ignored>();
    provider->start(std::make_shared<const ReplyRequest>(request), sink, {});
    while (!sink->done) loop.poll(std::chrono::microseconds(0));
    benchmark::DoNotOptimize(sink->bytes);
  }
  if (tokens > 1) state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(tokens));
}

BENCHMARK(requests)
    ->ArgNames({"layers", "tokens"})
    ->Args({0, 1})
    ->Args({1, 1})
    ->Args({2, 1})
    ->Args({0, 10'000})
    ->Args({1, 10'000})
    ->Args({2, 10'000});

// The usual table, and below it what the layers alone cost: of repetitions the quickest counts.
class LayerFigures final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration) continue;
      const auto [known, is_new] = ns_.try_emplace(run.run_name.args, run.GetAdjustedCPUTime());
      if (!is_new) known->second = std::min(known->second, run.GetAdjustedCPUTime());
    }
  }

  void print() const {
    const double layers = less("layers:1/tokens:1", "layers:0/tokens:1");
    const double cached = less("layers:2/tokens:1", "layers:0/tokens:1");
    const double reply = less("layers:2/tokens:10000", "layers:0/tokens:10000");
    if (std::isnan(layers) || std::isnan(cached) || std::isnan(reply)) return;  // a filter left one
    std::printf(
        "nothing to do, of 2000 ns a request: all layers %.0f ns, without the cache %.0f ns\n",
        cached, layers);
    std::printf("and of a long reply: %.2f ns a token\n", (reply - cached) / 10'000);
  }

 private:
  double less(const char* with, const char* without) const {
    const auto a = ns_.find(with), b = ns_.find(without);
    return a == ns_.end() || b == ns_.end() ? std::nan("") : a->second - b->second;
  }

  std::map<std::string, double> ns_;
};

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  LayerFigures figures;
  benchmark::RunSpecifiedBenchmarks(&figures);
  figures.print();
}

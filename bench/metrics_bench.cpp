// What the built-in metrics cost: per token while a reply streams, and per message.
// A token is five bytes of text; a usual session has 20 messages behind it.
#include <benchmark/benchmark.h>

#include "metrics/builtin.hpp"
#include "metrics/knowledge.hpp"

using namespace scena;

namespace {

constexpr std::string_view kTurn =
    "Thank you for the offer, but I don't think that the price is fair. We paid 4,200 dollars for "
    "the "
    "same machine last year, and the service was excellent. Why did it go up? I was told on Monday "
    "that "
    "nothing would change. My manager is not happy about it, although she likes your team very "
    "much. "
    "Could you explain what is included, and when you could deliver? We need twelve machines "
    "before the "
    "end of June, because the new plant opens in July. If you can't do that, we will have to look "
    "at "
    "another supplier, which would be a pity after so many good years.";

struct Talk {
  std::unique_ptr<Analyzer> analyzer = metrics::make_builtin_analyzer({}).value_or_throw();
  std::unique_ptr<AnalyzerSession> session = analyzer->open_session();
  MessageInfo info{"m", "b"};

  explicit Talk(int messages) {
    for (int i = 0; i < messages; ++i) {
      info.speaker = i % 2 ? "b" : "a";
      auto measurement = session->begin(info);
      measurement->add(kTurn);
      session->keep(std::move(measurement));
    }
    info.speaker = "b";
  }
};

void message(benchmark::State& state) {
  Talk talk(static_cast<int>(state.range(0)));
  std::vector<MetricScore> scores;
  for (auto _ : state) {
    auto measurement = talk.session->begin(talk.info);
    measurement->add(kTurn);
    scores.clear();
    measurement->scores(scores);
    benchmark::DoNotOptimize(scores.data());
  }
}
BENCHMARK(message)->Arg(0)->Arg(1)->Arg(20)->Arg(50)->Unit(benchmark::kMicrosecond);

// A message of `range` bytes with 20 messages kept: all metrics, from begin() to scores().
void message_of_bytes(benchmark::State& state) {
  Talk talk(20);
  std::string text(kTurn);
  while (text.size() < static_cast<std::size_t>(state.range(0))) text.append(" ").append(kTurn);
  text.resize(static_cast<std::size_t>(state.range(0)));
  std::vector<MetricScore> scores;
  for (auto _ : state) {
    auto measurement = talk.session->begin(talk.info);
    measurement->add(text);
    scores.clear();
    measurement->scores(scores);
    benchmark::DoNotOptimize(scores.data());
  }
}
BENCHMARK(message_of_bytes)->Arg(60)->Arg(800)->Unit(benchmark::kMicrosecond);

void keep_message(benchmark::State& state) {
  Talk talk(20);
  for (auto _ : state) {
    auto measurement = talk.session->begin(talk.info);
    measurement->add(kTurn);
    talk.session->keep(std::move(measurement));
  }
}
BENCHMARK(keep_message)->Unit(benchmark::kMicrosecond);

// A reply of 1,000 tokens; scores() after every `range` tokens, 0: only at the end.
void stream(benchmark::State& state) {
  Talk talk(20);
  std::string reply;
  while (reply.size() < 5000) reply.append(kTurn).append(" ");
  reply.resize(5000);
  const auto every = static_cast<std::size_t>(state.range(0));
  std::vector<MetricScore> scores;
  for (auto _ : state) {
    auto measurement = talk.session->begin(talk.info);
    for (std::size_t token = 0; token < 1000; ++token) {
      measurement->add(std::string_view(reply).substr(token * 5, 5));
      if (every == 0 || (token + 1) % every != 0) continue;
      scores.clear();
      measurement->scores(scores);
    }
    benchmark::DoNotOptimize(scores.data());
  }
  state.counters["per_token"] = benchmark::Counter(
      1000.0, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(stream)->Arg(0)->Arg(1000)->Arg(100)->Arg(4)->Arg(1)->Unit(benchmark::kMicrosecond);

void build_tables(benchmark::State& state) {
  const auto file = metrics::builtin_weights_file();
  for (auto _ : state) {
    const metrics::Knowledge knowledge(
        file.empty() ? metrics::Weights() : metrics::Weights::read(file).value_or_throw());
    benchmark::DoNotOptimize(&knowledge);
  }
}
BENCHMARK(build_tables)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();

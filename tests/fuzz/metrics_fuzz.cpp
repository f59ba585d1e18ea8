// Feeds a conversation of arbitrary bytes in arbitrary pieces; the input's lines are messages.
// What streamed must score as what came at once, and evidence must lie inside its message.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "metrics/builtin.hpp"

using namespace scena;

namespace {

std::vector<MetricScore> scores_of(Measurement& measurement) {
  std::vector<MetricScore> scores;
  measurement.scores(scores);
  return scores;
}

void check(const std::vector<MetricScore>& scores, const std::vector<std::string>& texts) {
  for (const auto& score : scores) {
    if (!(score.value >= -1 && score.value <= 1)) std::abort();
    if (!(score.confidence >= 0 && score.confidence <= 1)) std::abort();
    for (const auto& evidence : score.evidence) {
      const auto& text = texts.at(std::stoul(evidence.message));
      if (evidence.begin >= evidence.end || evidence.end > text.size()) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto analyzer = metrics::make_builtin_analyzer({}).value_or_throw();
  if (size == 0) return 0;
  const std::size_t step = 1 + data[0] % 17;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto batch = analyzer->open_session();
  const auto live = analyzer->open_session();
  std::vector<std::string> texts;
  for (std::size_t begin = 0; begin < input.size() && texts.size() < 12;) {
    const std::size_t end = std::min(input.find('\n', begin), input.size());
    texts.emplace_back(input.substr(begin, end - begin));
    MessageInfo info;
    info.id = std::to_string(texts.size() - 1);
    info.speaker = texts.size() % 2 ? "a" : "b";
    auto whole = batch->begin(info);
    whole->add(texts.back());
    auto pieces = live->begin(info);
    for (std::size_t at = 0; at < texts.back().size(); at += step) {
      pieces->add(std::string_view(texts.back()).substr(at, step));
      if (at % 3 == 0) check(scores_of(*pieces), texts);
    }
    const auto expected = scores_of(*whole);
    if (scores_of(*pieces) != expected) std::abort();
    check(expected, texts);
    batch->keep(std::move(whole));
    live->keep(std::move(pieces));
    begin = end + 1;
  }
  return 0;
}

#include "engine/money/token_estimate.hpp"

#include <algorithm>

#include "domain/prompt_history.hpp"
#include "domain/token_family.hpp"

namespace scena::engine {
namespace {

constexpr std::size_t kMaxModels = 16;            // of one session
constexpr std::int64_t kMostTokens = 10'000'000;  // of one prompt that is believed
constexpr std::int64_t kMemory = 1 << 16;         // tokens after which older turns weigh half

const TokenCounter* find_counter(const TokenCounters& counters, std::string_view model) {
  const TokenCounter* found = nullptr;
  std::size_t longest = 0;
  for (const auto& [prefix, counter] : counters) {
    if (prefix == "*" ? found != nullptr : !model.starts_with(prefix) || prefix.size() < longest)
      continue;
    found = counter.get();
    longest = prefix == "*" ? 0 : prefix.size();
  }
  return found;
}

}  // namespace

std::int64_t count_prompt(const TokenCounters& counters, const std::string& model,
                          const ReplyRequest& request, std::int64_t estimated) {
  const TokenCounter* counter = find_counter(counters, model);
  if (!counter) return estimate_tokens_for(model, estimated);
  const auto count = [counter](std::string_view text) {
    return text.empty() ? 0 : std::clamp<std::int64_t>(counter->count(text), 0, kMostTokens);
  };
  std::int64_t tokens = count(request.system) + count(request.json_schema);
  for (const auto& message : request.messages) {
    tokens += kMessageOverheadTokens + count(message.text);
    for (const auto& call : message.tool_calls) tokens += count(call.name) + count(call.arguments);
  }
  for (const auto& tool : request.tools)
    tokens += count(tool.name) + count(tool.description) + count(tool.parameters);
  return tokens;
}

void TokenCorrection::learn(const std::string& model, std::int64_t counted, std::int64_t reported) {
  if (counted <= 0 || reported <= 0 || counted > kMostTokens) return;
  if (models_.size() >= kMaxModels && !models_.contains(model)) return;
  Sums& sums = models_[model];
  sums.counted += counted;
  sums.reported += std::clamp(reported, counted / 2, counted * 2);
  if (sums.counted < kMemory) return;
  sums.counted /= 2;
  sums.reported /= 2;
}

std::int64_t TokenCorrection::correct(const std::string& model, std::int64_t counted) const {
  const auto known = models_.find(model);
  if (known == models_.end() || counted > kMostTokens) return counted;
  const auto& [expected, reported] = known->second;
  return (counted * reported + expected - 1) / expected;
}

}  // namespace scena::engine

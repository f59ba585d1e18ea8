#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <scena/config.hpp>
#include <scena/policy.hpp>
#include <scena/result.hpp>
#include <scena/usage.hpp>
#include <string>

namespace scena {

/// What is to be tried, and on what.
struct PolicySimulation {
  Policy policy;                             ///< The policy to try.
  int max_retries = 2;                       ///< Where the policy does not say it.
  std::chrono::milliseconds total{600'000};  ///< Time for one call with all its tries.
  /// From the end of one call to the beginning of the next. Empty: each begins when it did, or at
  /// the end of the one before where that is later; on an older tape, which does not tell it, at
  /// that end.
  std::optional<std::chrono::milliseconds> gap;
  /// By model; "*" for all others. Without one a model costs what the catalog says.
  std::map<std::string, Price> prices;
  /// Services under the names that the policy has for them, as Config::providers: their kinds and
  /// default models count. Recorded calls are those of the one that is of their kind, where it is
  /// the only one. Kinds are known without it; their default model is the first one on the tape.
  std::map<std::string, ProviderConfig> providers = {};
};

/// What a list of calls led to.
struct PolicyFigures {
  std::size_t calls = 0;                ///< Calls of the recording.
  std::size_t failed = 0;               ///< Without a complete answer.
  std::size_t degraded = 0;             ///< Answered by the configured text.
  std::size_t requests = 0;             ///< That went out to a service.
  std::chrono::milliseconds median{};   ///< Of all calls, failed ones included.
  std::chrono::milliseconds p95{};      ///< 95 of 100 calls took no longer.
  std::chrono::milliseconds slowest{};  ///< Of all calls.
  Money cost;                           ///< Of all calls, by those prices.
  bool operator==(const PolicyFigures&) const = default;
};

/// The recording as it was, and under the other policy.
struct PolicyComparison {
  PolicyFigures before;  ///< As it was recorded.
  PolicyFigures after;   ///< The same calls under the policy.
  /// False: calls were tried again, and the tape, an older one, does not tell when. The latency
  /// before lacks the pauses between the tries.
  bool has_pauses = true;
};

/// Plays the calls of a tape again under another policy, on a virtual clock and without a network:
/// the tries of one call meet what the recorded ones met, further tries what the service did next,
/// and so does a call that the policy sends to another service.
/// Repeatable. Tells services by the paths of their requests: openai, openai_responses, anthropic,
/// gemini, cohere, ollama.
/// @return invalid_argument where the policy asks for a service that is not on the tape; the
///         tape's own errors.
Result<PolicyComparison> simulate_policy(const std::string& tape, const PolicySimulation& what);

}  // namespace scena

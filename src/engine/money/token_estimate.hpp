#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <scena/ext/provider.hpp>
#include <scena/ext/token_counter.hpp>
#include <string>
#include <string_view>

namespace scena::engine {

using TokenCounters = std::map<std::string, std::shared_ptr<TokenCounter>>;

/// Tokens of a prompt as `model` counts them: by the host's counter for it, else from `estimated`,
/// the sum of the prompt's parts, by the model's family.
std::int64_t count_prompt(const TokenCounters& counters, const std::string& model,
                          const ReplyRequest& request, std::int64_t estimated);

/// What the turns of one session taught about its estimates: services report what a prompt really
/// had, and the next estimate of that model is corrected by the ratio.
///
/// Of one session, not of the engine: what a session expects must not depend on its neighbours. The
/// ratio stays within a half and the double, and younger turns weigh more.
class TokenCorrection {
 public:
  /// `counted` is what count_prompt() said of the prompt of which the service reported `reported`.
  void learn(const std::string& model, std::int64_t counted, std::int64_t reported);
  std::int64_t correct(const std::string& model, std::int64_t counted) const;

 private:
  struct Sums {
    std::int64_t counted = 0;
    std::int64_t reported = 0;
  };
  std::map<std::string, Sums> models_;
};

}  // namespace scena::engine

#include "metrics/builtin.hpp"

#include "metrics/knowledge.hpp"
#include "metrics/measurement.hpp"

namespace scena::metrics {
namespace {

class BuiltinAnalyzer final : public Analyzer {
 public:
  explicit BuiltinAnalyzer(std::uint8_t wanted)
      : knowledge_(Knowledge::builtin()), wanted_(wanted) {}

  std::string_view name() const noexcept override { return "builtin"; }
  std::unique_ptr<AnalyzerSession> open_session() const override {
    return std::make_unique<BuiltinSession>(knowledge_, memories_, wanted_);
  }

 private:
  std::shared_ptr<const Knowledge> knowledge_;
  std::shared_ptr<ReadingMemories> memories_ = std::make_shared<ReadingMemories>();
  std::uint8_t wanted_;
};

// In the order of the bits of Wanted.
constexpr std::array<std::string_view, 8> kNames = {"sentiment",  "evasiveness", "contradiction",
                                                    "engagement", "toxicity",    "sophistication",
                                                    "coverage",   "industry"};

}  // namespace

std::span<const std::string_view> builtin_names() noexcept {
  return kNames;
}

Result<std::unique_ptr<Analyzer>> make_builtin_analyzer(const std::vector<std::string>& names) {
  std::uint8_t wanted = names.empty() ? kAllMetrics : 0;
  for (std::size_t at = 0; at < names.size(); ++at) {
    const std::string& name = names[at];
    std::size_t index = 0;
    while (index < kNames.size() && kNames[index] != name) ++index;
    if (index == kNames.size()) {
      return Error(ErrorCode::invalid_argument,
                   "unknown metric; choose from sentiment, evasiveness, contradiction, engagement, "
                   "toxicity, sophistication, coverage, industry")
          .with_pointer("/metrics/" + std::to_string(at));
    }
    wanted = static_cast<std::uint8_t>(wanted | 1u << index);
  }
  return std::unique_ptr<Analyzer>(std::make_unique<BuiltinAnalyzer>(wanted));
}

}  // namespace scena::metrics

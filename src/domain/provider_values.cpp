#include <array>
#include <scena/ext/embedder.hpp>
#include <scena/ext/provider.hpp>

namespace scena {
namespace {

constexpr std::array<const char*, 8> kFinishReasons = {
    "stop",    "length", "tool_calls",       "content_filter",
    "refusal", "pause",  "context_overflow", "other"};
constexpr std::array<const char*, 5> kOutcomes = {"complete", "truncated", "cancelled", "failed",
                                                  "interrupted"};

template <class Enum, std::size_t N>
std::optional<Enum> find_name(const std::array<const char*, N>& names,
                              std::string_view name) noexcept {
  for (std::size_t i = 0; i < N; ++i) {
    if (name == names[i]) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

const char* to_string(FinishReason reason) noexcept {
  return kFinishReasons[static_cast<std::size_t>(reason)];
}
const char* to_string(Outcome outcome) noexcept {
  return kOutcomes[static_cast<std::size_t>(outcome)];
}

std::optional<FinishReason> parse_finish_reason(std::string_view name) noexcept {
  return find_name<FinishReason>(kFinishReasons, name);
}

std::optional<Outcome> parse_outcome(std::string_view name) noexcept {
  return find_name<Outcome>(kOutcomes, name);
}

const char* to_string(Purpose purpose) noexcept {
  constexpr std::array<const char*, 5> kNames = {"turn", "analysis", "judge", "aside", "embedding"};
  return kNames[static_cast<std::size_t>(purpose)];
}

const char* to_string(EmbeddingPurpose purpose) noexcept {
  constexpr std::array<const char*, 4> kNames = {"document", "query", "classification",
                                                 "clustering"};
  return kNames[static_cast<std::size_t>(purpose)];
}

const char* to_string(PromptRole role) noexcept {
  constexpr std::array<const char*, 4> kNames = {"system", "user", "assistant", "tool"};
  return kNames[static_cast<std::size_t>(role)];
}

}  // namespace scena

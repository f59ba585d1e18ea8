#include "domain/prompt_impressions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "domain/prompt_system.hpp"

namespace scena {
namespace {

constexpr std::string_view kOpen =
    "<impressions>\nHow the others came across with their latest words:\n";
constexpr std::string_view kClose =
    "Let this shape how you talk and what you ask. Never speak of it.\n</impressions>\n";

const MetricScore* score_of(const Message& message, std::string_view metric) {
  for (const auto& score : message.metrics) {
    if (score.metric == metric) return &score;
  }
  return nullptr;
}

const MetricScore* newest_score(const Perceiver& perceiver, std::string_view speaker,
                                std::string_view metric, std::span<const Message* const> messages) {
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    if ((*message)->speaker != speaker || !belongs_in_prompt(perceiver, **message)) continue;
    if (const MetricScore* score = score_of(**message, metric)) return score;
  }
  return nullptr;
}

// A tenth is what an impression can tell apart. Integers: the same text on every machine.
std::string tenths(double value) {
  const auto scaled =
      static_cast<std::int64_t>(std::clamp(value * 10, -1e15, 1e15) + (value < 0 ? -0.5 : 0.5));
  const std::int64_t whole = scaled / 10, rest = std::abs(scaled % 10);
  return fmt::format("{}{}.{}", scaled < 0 && whole == 0 ? "-" : "", whole, rest);
}

}  // namespace

std::optional<PromptPart> impressions_part(const Preset& preset, const Perceiver& perceiver,
                                           std::span<const PromptParticipant> participants,
                                           std::span<const Message* const> messages) {
  if (preset.adapt.empty()) return std::nullopt;
  std::string text;
  for (const auto& other : participants) {
    if (other.id == perceiver.id) continue;
    std::string line;
    for (const auto& metric : preset.adapt) {
      const MetricScore* score = newest_score(perceiver, other.id, metric, messages);
      if (score == nullptr) continue;
      line += line.empty() ? ": " : ", ";
      line +=
          metric + ' ' + (score->label.empty() ? tenths(score->value) : encode_line(score->label));
    }
    if (line.empty()) continue;
    text += "- " + encode_line(other.name.empty() ? other.id : other.name) + line + '\n';
  }
  if (text.empty()) return std::nullopt;
  text = std::string(kOpen) + text + std::string(kClose);
  const auto tokens = estimate_tokens(text);
  return PromptPart{"impressions", "metrics", std::move(text), tokens, true, "adapt"};
}

}  // namespace scena

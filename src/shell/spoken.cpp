#include "shell/spoken.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace scena::shell {
namespace {

using Words = std::pair<std::string_view, std::string_view>;

constexpr std::array kMeanings = std::to_array<Words>({
    {"sentiment", "The tone of the words, from -1 (negative) to 1 (positive)."},
    {"evasiveness", "How little a message answers the one before it, from 0 to 1."},
    {"contradiction", "How much a message disagrees with the speaker's earlier ones, from 0 to 1."},
    {"engagement", "How much a message gives to the conversation, from 0 to 1."},
    {"toxicity", "How much insult, threat or hate a message holds, from 0 to 1."},
    {"sophistication", "The level of the language, from 0 (plain) to 1 (elaborate)."},
    {"coverage", "How far a message asks or answers what was asked before it, from 0 to 1."},
    {"industry", "The industry that the session speaks of; how sure that is, from 0 to 1."},
});

// Those that do not explain themselves with their underscores taken out.
constexpr std::array kReasons = std::to_array<Words>({
    {"yes_or_no", "says yes or no"},
    {"amount", "gives an amount"},
    {"time", "gives a time"},
    {"place", "names a place"},
    {"person", "names a person"},
    {"cause", "gives a cause"},
    {"no_yes_or_no", "says neither yes nor no"},
    {"no_amount", "gives no amount"},
    {"no_time", "gives no time"},
    {"no_place", "names no place"},
    {"no_person", "names nobody"},
    {"no_cause", "gives no cause"},
    {"not_knowing", "does not know"},
    {"topic_change", "changes the topic"},
    {"negation_flip", "one says so, the other not"},
    {"always_never", "always against never"},
    {"opposite", "opposite words"},
    {"number_differs", "another number"},
    {"excludes", "both cannot be"},
    {"asks", "asks"},
    {"picks_up", "takes up"},
});

template <std::size_t N>
std::string_view look_up(const std::array<Words, N>& table, std::string_view key) noexcept {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const Words& row) { return row.first == key; });
  return found == table.end() ? std::string_view() : found->second;
}

}  // namespace

std::string_view meaning_of(std::string_view metric) noexcept {
  return look_up(kMeanings, metric);
}

std::string reason_text(std::string_view reason) {
  std::string text(look_up(kReasons, reason));
  if (!text.empty()) return text;
  text = reason;
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string name_of(const SessionInfo& info, std::string_view participant) {
  for (const Participant& known : info.participants) {
    if (known.id == participant && !known.name.empty()) return known.name;
  }
  return std::string(participant);
}

std::string score_text(const MetricScore& score) {
  return score.metric == "sentiment" ? fmt::format("{:+.2f}", score.value + 0.0)
                                     : fmt::format("{:.2f}", score.value);
}

std::string chip_name(const MetricScore& score) {
  return score.metric == "industry" && !score.label.empty() ? score.metric + " " + score.label
                                                            : score.metric;
}

std::string assessment_text(const MetricScore& score) {
  return (score.label.empty() ? std::string() : score.label + ", ") +
         fmt::format("confidence {:.2f}", score.confidence);
}

bool is_unsure(const MetricScore& score) noexcept {
  constexpr double kUnsure = 0.4;
  return score.confidence < kUnsure;
}

std::string warning_of(const Preset& preset, std::string_view speaker, const MetricScore& score) {
  for (const MetricThreshold& limit : preset.metrics) {
    if (limit.metric != score.metric || (!limit.speaker.empty() && limit.speaker != speaker))
      continue;
    const bool passed =
        (limit.above && score.value > *limit.above) || (limit.below && score.value < *limit.below);
    if (passed) return limit.label.empty() ? "threshold passed" : limit.label;
  }
  return {};
}

std::string scores_text(const Preset& preset, std::string_view speaker,
                        const std::vector<MetricScore>& scores) {
  std::string text;
  for (const MetricScore& score : scores) {
    if (!text.empty()) text += "  ";
    text += chip_name(score) + " " + score_text(score);
    if (!warning_of(preset, speaker, score).empty()) text += "!";
  }
  return text;
}

std::string duration_text(std::chrono::microseconds time) {
  const double seconds = std::chrono::duration<double>(time).count();
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1'000);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(seconds);
  if (whole < 3'600) return fmt::format("{} m {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} m", whole / 3'600, whole / 60 % 60);
}

std::string count_text(std::int64_t count) {
  std::string digits = std::to_string(count);
  for (auto at = static_cast<int>(digits.size()) - 3; at > (count < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string plural(std::int64_t count, std::string_view word) {
  return count_text(count) + " " + std::string(word) + (count == 1 ? "" : "s");
}

std::string time_text(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC",
                     fmt::gmtime(static_cast<std::time_t>(seconds.time_since_epoch().count())));
}

std::string usage_text(const Usage& usage) {
  return fmt::format("{}{} tokens in, {} out", usage.estimated ? "about " : "",
                     count_text(usage.input_tokens), count_text(usage.output_tokens));
}

}  // namespace scena::shell

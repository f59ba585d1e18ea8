#include "shell/spoken.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace scena::shell {

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
    text += score.metric + " " + score_text(score);
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

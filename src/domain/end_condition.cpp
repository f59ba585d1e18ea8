#include "domain/end_condition.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "domain/metric_rule.hpp"

namespace scena {
namespace {

constexpr std::string_view kSessionTime = "session_time";

bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z');
}

// Messages without such a score neither count nor break the row.
bool metric_holds(const EndCondition& condition, std::span<const Message* const> line) {
  const MetricRule rule(condition);
  std::uint32_t left = std::max(1u, condition.count);
  for (auto message = line.rbegin(); message != line.rend(); ++message) {
    const auto held = rule.holds((*message)->speaker, (*message)->metrics);
    if (!held) continue;
    if (!*held) return false;
    if (--left == 0) return true;
  }
  return false;
}

bool phrase_holds(const EndCondition& condition, std::span<const Message* const> line) {
  if (line.empty()) return false;
  const Message& last = *line.back();
  return (condition.speaker.empty() || last.speaker == condition.speaker) &&
         contains_phrase(last.text(), condition.phrase);
}

bool holds(const EndCondition& condition, const SessionProgress& progress) {
  switch (condition.kind) {
    case EndCondition::Kind::turns:
      return progress.ai_replies >= condition.count;
    case EndCondition::Kind::time:
      return progress.elapsed >= condition.after;
    case EndCondition::Kind::phrase:
      return phrase_holds(condition, progress.line);
    case EndCondition::Kind::metric:
      return metric_holds(condition, progress.line);
    case EndCondition::Kind::variable:
      break;
  }
  if (!progress.variables) return false;
  const auto found = progress.variables->find(condition.variable);
  return found != progress.variables->end() && found->second == condition.equals;
}

}  // namespace

bool contains_phrase(std::string_view text, std::string_view phrase) {
  if (phrase.empty()) return false;
  for (std::size_t at = 0; at + phrase.size() <= text.size(); ++at) {
    if (!equals_ignore_case(text.substr(at, phrase.size()), phrase)) continue;
    const std::size_t end = at + phrase.size();
    const bool cut_before = at > 0 && is_word_byte(text[at - 1]) && is_word_byte(phrase.front());
    const bool cut_after =
        end < text.size() && is_word_byte(text[end]) && is_word_byte(phrase.back());
    if (!cut_before && !cut_after) return true;
  }
  return false;
}

std::optional<std::string> session_end(const Preset& preset, const SessionProgress& progress) {
  for (const auto& condition : preset.end_conditions) {
    if (holds(condition, progress)) return to_string(condition.kind);
  }
  const auto limit = preset.limits.session_time;
  if (limit.count() > 0 && progress.elapsed >= limit) return std::string(kSessionTime);
  return std::nullopt;
}

bool is_scene_end(std::string_view reason) noexcept {
  using Kind = EndCondition::Kind;
  constexpr Kind kKinds[] = {Kind::turns, Kind::time, Kind::phrase, Kind::variable, Kind::metric};
  return reason == kSessionTime ||
         std::any_of(std::begin(kKinds), std::end(kKinds),
                     [&](Kind kind) { return reason == to_string(kind); });
}

std::optional<EndTime> session_end_time(const Preset& preset) {
  std::optional<EndTime> first;
  const auto consider = [&](std::chrono::milliseconds after, std::string_view reason) {
    if (!first || after < first->after) first = EndTime{after, reason};
  };
  for (const auto& condition : preset.end_conditions) {
    if (condition.kind == EndCondition::Kind::time) consider(condition.after, "time");
  }
  if (preset.limits.session_time.count() > 0) consider(preset.limits.session_time, kSessionTime);
  return first;
}

}  // namespace scena

#pragma once

#include <scena/message.hpp>
#include <scena/preset.hpp>
#include <scena/session.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena::shell {

/// The name of a participant; its id when the session does not know it.
std::string name_of(const SessionInfo& info, std::string_view participant);

/// "+0.41" for metrics with two sides (sentiment), "0.41" for the others.
std::string score_text(const MetricScore& score);

/// The metric and, where the label is the value ("industry finance"), the label.
std::string chip_name(const MetricScore& score);

/// "negative, confidence 0.62": what stands behind the number; a score without a label has its
/// confidence alone.
std::string assessment_text(const MetricScore& score);

/// True when the score says little more than a guess.
bool is_unsure(const MetricScore& score) noexcept;

/// What the preset says about this score, e.g. "stays general"; empty while no threshold is passed.
std::string warning_of(const Preset& preset, std::string_view speaker, const MetricScore& score);

/// "sentiment +0.41  engagement 0.62": the scores of one message on one line.
std::string scores_text(const Preset& preset, std::string_view speaker,
                        const std::vector<MetricScore>& scores);

/// What a metric measures and how its numbers are meant, in one sentence; empty for a host's own.
std::string_view meaning_of(std::string_view metric) noexcept;
/// The reason of a piece of evidence, for people: "no_time" becomes "gives no time".
std::string reason_text(std::string_view reason);

/// "1 m 23 s", "4.2 s", "180 ms".
std::string duration_text(std::chrono::microseconds time);
/// "1,234".
std::string count_text(std::int64_t count);
/// "1 message", "2 messages".
std::string plural(std::int64_t count, std::string_view word);
/// "2026-01-31 12:00:05 UTC".
std::string time_text(WallTime time);
/// "1,204 tokens in, 310 out", with "about" when the provider sent no numbers.
std::string usage_text(const Usage& usage);

}  // namespace scena::shell

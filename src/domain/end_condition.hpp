#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <scena/message.hpp>
#include <scena/preset.hpp>
#include <span>
#include <string>
#include <string_view>

namespace scena {

/// What end conditions are judged by.
struct SessionProgress {
  std::uint32_t ai_replies = 0;         ///< Complete replies of AI characters on the chosen line.
  std::chrono::milliseconds elapsed{};  ///< Engine clock since the session became active.
  std::span<const Message* const> line = {};  ///< The chosen line, oldest first.
  const VariableValues* variables = nullptr;  ///< RenderedPreset::values().
};

/// True when `phrase` stands in the text as whole words, ASCII case ignored.
bool contains_phrase(std::string_view text, std::string_view phrase);

/// Why a session ends now: "turns", "time", "phrase", "variable", "metric" or "session_time";
/// nothing while it goes on. The first condition of the preset that holds names it, then the limit.
std::optional<std::string> session_end(const Preset& preset, const SessionProgress& progress);

/// True for the reasons that session_end() gives: the scene came to its own end, nobody else ended
/// it.
bool is_scene_end(std::string_view reason) noexcept;

/// When a session ends by time alone.
struct EndTime {
  std::chrono::milliseconds after{0};  ///< Of the time in which it was active.
  std::string_view reason;             ///< "time" or "session_time", as session_end() has it.
  bool operator==(const EndTime&) const = default;
};
/// Nothing when it does not end by time.
std::optional<EndTime> session_end_time(const Preset& preset);

}  // namespace scena

#pragma once

#include <optional>
#include <scena/ext/analyzer.hpp>
#include <scena/preset.hpp>
#include <span>
#include <string>
#include <string_view>

namespace scena {

/// Somebody present, as far as turns go.
struct TurnParticipant {
  std::string id;
  bool human = false;  ///< Now, whatever the preset's default is.
};

/// Who speaks next, or nothing when only the host decides or nobody is present.
///
/// @param present     In the order of joining; who left is not in it.
/// @param last_speakers  Whoever spoke longest ago first, openings included; who stands in it more
/// than once is taken at the last place.
/// @param last_scores    How the last of these messages was measured, in its final scores.
/// - the first rule of `when` that holds of the last message decides, in every kind; one whose
///   `next` is not present is passed over.
/// - alternate: after a character the human (with several: the one who spoke longest ago), after a
///   human the character that spoke longest ago; without humans or without characters as
///   round_robin.
/// - round_robin: the one behind the last speaker in `order`; at the start the first.
std::optional<std::string> next_speaker(const TurnPolicy& policy,
                                        std::span<const TurnParticipant> present,
                                        std::span<const std::string_view> last_speakers,
                                        std::span<const MetricScore> last_scores = {});

}  // namespace scena

#pragma once

#include "metrics/claims/clause.hpp"

namespace scena::metrics {

/// What two claims say of when. False where somebody may have been at two places one after the
/// other. What the question names may be meant where nothing is named.
bool may_be_of_one_time(const Clause& a, const Clause& b) noexcept;

/// "Are you free on Monday?" "Yes.", "On Tuesday?" "I'm not.": their questions lent them different
/// times.
bool were_asked_of_times(const Clause& a, const Clause& b) noexcept;

/// "I can start in June", "I can't start before June": what `a` denies lies beyond a limit.
bool denies_beyond(const Clause& a, const Clause& b) noexcept;

/// "I quit smoking", "I smoked as a student": `b` tells of before the end.
bool was_before_end(const Clause& a, const Clause& b) noexcept;

/// "I was nervous at first", "after ten minutes I wasn't"; "I slept four hours", "the night before
/// I slept eight".
bool come_in_turn(const Clause& a, const Clause& b, bool flipped) noexcept;

}  // namespace scena::metrics

#pragma once

#include <array>
#include <cstdint>

#include "metrics/claims/clause.hpp"

namespace scena::metrics {

inline constexpr std::size_t kClaimNumbers = 64;

/// Both say what somebody is: of the same one only one of two states can hold.
bool tell_states(const Clause& a, const Clause& b) noexcept;

/// An earlier claim and a later one side by side: what they share, and what speaks against their
/// being true together.
struct ClaimPair {
  ClaimPair(const Clause& earlier, const Clause& later) noexcept;

  const Clause& earlier;
  const Clause& later;
  int shared = 0;      ///< Topic words of both, or of the same meaning.
  int strong = 0;      ///< Those that are no light ones.
  int smaller = 1000;  ///< Their share of the shorter claim, in thousandths.
  int larger = 1000;
  int subjects = 0;      ///< How well their subjects can be the same, in thousandths.
  int rest_earlier = 0;  ///< Words that are no light ones, and that the other one lacks.
  int rest_later = 0;
  int opposites = 0;     ///< Opposite words.
  int kinds = 0;         ///< Different members of a kind: colours, countries, jobs.
  bool in_turn = false;  ///< Only the places in a row differ: "the first call", "the second call".
  bool numbers_differ = false;
  bool same_number = false;   ///< They count the same and come to the same.
  bool others = false;        ///< Pronouns say that they speak of different people.
  bool flipped = false;       ///< One is negated, the other is not.
  bool stay_differs = false;  ///< Both say where the same person was.
  bool exact = false;         ///< But for what differs they are the same word by word.
  /// What differs is no contradiction: it is said of another subject or time, one of the two only
  /// plans or wishes it, or the denial of one word is its opposite.
  bool apart = false;

  /// Something speaks against the two: they differ, and not in what they speak of.
  bool clashes() const noexcept {
    return !apart && (flipped || opposites + kinds > 0 || numbers_differ);
  }
  /// False where nothing is the same and nothing against it, or of two people for sure.
  bool is_related() const noexcept {
    return (shared + opposites + kinds > 0 || numbers_differ) && !others;
  }
  /// "I have a cat" and "I have a dog", "I took the first dose" and "I took the second dose".
  bool collect() const noexcept;

 private:
  void compare_words() noexcept;
  void differ_in_traits() noexcept;
  bool is_owned(std::uint32_t same_there, std::uint32_t same_here) const noexcept;
  bool is_apart(int of_subjects, int of_times, int described) const noexcept;
};

/// A verdict of the rules alone: the value in thousandths, and a reason.
struct Verdict {
  int value = 0;
  const char* reason = "";
};
Verdict judge(const ClaimPair& pair) noexcept;

/// What the model sees of claims without a related word: only what the flags, marks and subjects of
/// the later claim, and whether the earlier one is negated and its subject, say.
std::array<double, kClaimNumbers> unrelated_numbers(const Clause& earlier,
                                                    const Clause& later) noexcept;

/// What the model sees of a pair; as it was trained.
std::array<double, kClaimNumbers> claim_numbers(const ClaimPair& pair,
                                                const Verdict& verdict) noexcept;

}  // namespace scena::metrics

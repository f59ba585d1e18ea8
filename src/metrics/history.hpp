#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/claims/kept_clauses.hpp"
#include "metrics/measures/theme_bits.hpp"
#include "metrics/tally.hpp"

namespace scena::metrics {

/// What stays of a stored message: hashes, no text. About 200 bytes for a usual one.
struct KeptMessage {
  std::string id;
  std::uint32_t speaker = 0;  ///< Hash of the participant id.
  std::uint32_t words = 0;
  bool english = false;
  IndustryPoints industry{};
  LetterBits letters{};  ///< Of its topic words.
  Wording wording{};     ///< Of its last question.
  KeptClauses clauses;
};

/// The topic of the turn that a message replies to.
struct Topic {
  bool exists = false;
  bool english = false;
  std::uint16_t asks = 0;    ///< Bits of Answer; 0 when nothing was asked.
  std::uint16_t manner = 0;  ///< Bits of Manner.
  Wording wording{};         ///< Of its last question.
  ThemeBits concepts;        ///< Of its topic words; concepts_of().
  std::uint8_t asked_count = 0;
  std::uint8_t turn_count = 0;
  std::array<std::uint32_t, 16> asked{};  ///< Topic words of its questions.
  std::array<std::uint32_t, 24> turn{};   ///< Topic words of the whole turn.
  std::uint64_t asked_bits = 0;           ///< One bit for each of `asked`, modulo 64.
  std::uint64_t turn_bits = 0;            ///< One bit for each of `turn`.
  LetterBits letters{};                   ///< Of its topic words.
  AboutSum about{};                       ///< Of `asked`, or else of `turn`.

  /// What a word of `asked` or `turn` means beside itself.
  struct Meaning {
    std::uint16_t set = 0;  ///< As of a NamedMember.
    std::uint16_t member = 0;
    std::uint8_t asked = kNowhere;
    std::uint8_t turn = kNowhere;
  };
  static constexpr std::uint8_t kNowhere = 255;
  std::uint8_t meaning_count = 0;
  std::uint64_t meaning_bits = 0;  ///< One bit for each of `meanings`.
  std::array<Meaning, 32> meanings{};

  bool may_mean(std::uint32_t set) const noexcept {
    return (meaning_bits >> meaning_bit(set) & 1) != 0;
  }
  static constexpr unsigned meaning_bit(std::uint32_t set) noexcept {
    return set * 2654435761u >> 26;
  }
  /// False when the word is none of theirs for sure.
  bool may_ask(std::uint32_t stem) const noexcept { return (asked_bits >> (stem & 63) & 1) != 0; }
  bool may_name(std::uint32_t stem) const noexcept { return (turn_bits >> (stem & 63) & 1) != 0; }
};

/// The last messages of a session, newest last.
class History {
 public:
  static constexpr std::size_t kMaxMessages = 50;

  void push(KeptMessage message);
  void forget_from(std::string_view id);
  const std::vector<KeptMessage>& messages() const noexcept { return messages_; }
  /// Changes whenever the messages change.
  std::uint64_t generation() const noexcept { return generation_; }
  /// The last question of the newest message, where somebody else wrote it.
  std::optional<Clause> question_for(std::uint32_t speaker) const noexcept;
  /// The newest message of somebody else.
  Topic topic_for(std::uint32_t speaker, const WordVectors& vectors) const;

 private:
  std::vector<KeptMessage> messages_;
  std::uint64_t generation_ = 0;
};

}  // namespace scena::metrics

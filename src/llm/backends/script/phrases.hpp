#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace scena::script {

/// A neutral, grammatical answer of two to four English sentences to `user_text`, made from a small
/// grammar: the same seed and text give the same answer, other seeds (nearly always) another one.
/// It takes up one content word of `user_text`, where there is one.
std::string compose_phrases(std::uint64_t seed, std::string_view user_text);

/// The word of `text` most worth taking up: a long one that is not a function word; may be empty.
std::string_view content_word(std::string_view text) noexcept;

}  // namespace scena::script

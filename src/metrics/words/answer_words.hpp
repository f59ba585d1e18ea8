#pragma once

#include <string_view>

#include "metrics/words/word_list.hpp"

namespace scena::metrics {

/// Irregular forms of verbs of the past; the lexicon knows them, and has no class for them.
inline constexpr std::string_view kPastTenseList =
    "was were did had went said told saw met took gave knew thought left bought paid sold spoke "
    "wrote ate drank slept drove came ran began felt lost won found got kept made heard held "
    "brought taught caught built sent spent stood broke chose fell forgot hid led lent rose shot "
    "stole threw wore woke fought flew overslept tore blew grew drew shut quit hit froze sank bit "
    "burnt laid shook stuck swept swam hung dug became meant";
inline constexpr WordList<count_words(kPastTenseList)> kPastTense{kPastTenseList};

/// An answer to "when" or "how often"; likewise.
inline constexpr std::string_view kFrequencyList =
    "never always immediately instantly daily weekly monthly yearly annually hourly nightly "
    "rarely seldom now overnight anytime once twice";
inline constexpr WordList<count_words(kFrequencyList)> kFrequency{kFrequencyList};

/// What is said of a deed instead of telling how it is done; likewise. In no order of meaning.
inline constexpr std::string_view kNormList =
    "ethical unethical ethically unethically illegal illegally lawful unlawful immoral morally "
    "harmful harm harming harms dangerous unsafe safety prohibited crime criminal violation "
    "violations wrong unacceptable appropriate inappropriate unjust unjustified justified "
    "justifiable justify condone condemn condemned condemning advocate encourage promote promoting "
    "discrimination discriminate discriminated discriminatory prejudice hate hatred racism racist "
    "stereotype stereotypes equal equality fair fairness fundamental dignity inclusive inclusivity "
    "respect respected respectful privacy violence violent consequences abhorrent atrocities "
    "inhumane";
inline constexpr WordList<count_words(kNormList)> kNorms{kNormList};

/// Nouns and the like that end as a verb in -ing does.
inline constexpr std::string_view kNoGerundList =
    "something anything nothing everything morning evening during spring string ceiling sibling "
    "wedding building feeling meeting darling pudding clothing lightning";
inline constexpr WordList<count_words(kNoGerundList)> kNoGerund{kNoGerundList};

}  // namespace scena::metrics

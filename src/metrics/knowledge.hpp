#pragma once

#include <memory>
#include <utility>

#include "metrics/learned/weights.hpp"
#include "metrics/measures/industry.hpp"
#include "metrics/words/lexicon.hpp"

namespace scena::metrics {

/// What the metrics know of words: the tables, and what was learned from data. Immutable.
struct Knowledge {
  explicit Knowledge(Weights learned)
      : weights(std::move(learned)),
        lexicon(weights.words()),
        sentiment(weights.model("sentiment")),
        toxicity(weights.model("toxicity")),
        evasiveness(weights.model("evasiveness")),
        contradiction(weights.model("contradiction")),
        familiarity(weights.model("familiarity")),
        sophistication(weights.model("sophistication")),
        coverage(weights.model("coverage")) {}

  // Models below point into it.
  Knowledge(const Knowledge&) = delete;
  Knowledge& operator=(const Knowledge&) = delete;

  /// With the weights that were compiled in: made by the first call, shared by all engines of the
  /// process and kept to its end. Any thread.
  static std::shared_ptr<const Knowledge> builtin();

  Weights weights;
  Lexicon lexicon;
  IndustryWords industries;
  // nullptr where the weights have none.
  const LinearModel* sentiment;       ///< Heads: negative, neutral, positive, value.
  const LinearModel* toxicity;        ///< One head.
  const LinearModel* evasiveness;     ///< Heads: more than clear, a non-reply.
  const LinearModel* contradiction;   ///< One head; numbers of two claims alone.
  const LinearModel* familiarity;     ///< One head: how common a word's stem is.
  const LinearModel* sophistication;  ///< One head; numbers alone.
  const LinearModel* coverage;        ///< The same.
};

}  // namespace scena::metrics

#include "metrics/analysis/asked.hpp"

#include <algorithm>
#include <iterator>

namespace scena::metrics {
namespace {

// Three in four of all their topics are in both.
bool same_topics(const std::vector<std::uint32_t>& one, const std::vector<std::uint32_t>& other) {
  std::vector<std::uint32_t> both;
  std::set_intersection(one.begin(), one.end(), other.begin(), other.end(),
                        std::back_inserter(both));
  const std::size_t all = one.size() + other.size() - both.size();
  return both.size() >= 2 && both.size() * 4 >= all * 3;
}

}  // namespace

PlannedWords::PlannedWords(std::string_view text, const Knowledge& knowledge)
    : topics(topics_of(text, knowledge)), heard(heard_of(text)) {}

bool is_asked(const PlannedWords& planned, const SaidMessage& said) {
  const bool says_something = planned.heard != "|";
  if (says_something && said.heard.find(planned.heard) != std::string::npos) return true;
  const auto& wanted = planned.topics;
  if (wanted.empty()) return false;
  const auto shared =
      static_cast<std::size_t>(std::count_if(wanted.begin(), wanted.end(), [&](std::uint32_t stem) {
        return std::binary_search(said.topics.begin(), said.topics.end(), stem);
      }));
  return 2 * shared >= wanted.size() && (shared >= 2 || shared == wanted.size());
}

AskedQuestions::AskedQuestions(const AnalysisSource& source,
                               std::shared_ptr<const Knowledge> knowledge)
    : knowledge_(std::move(knowledge)),
      line_(read_line(source, *knowledge_)),
      asked_(source.preset.questions.size(), false) {
  std::size_t last_place = 0;
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    const PlannedQuestion& planned = source.preset.questions[i];
    const PlannedWords wanted(planned.text, *knowledge_);
    for (std::size_t place = 0; place < line_.size(); ++place) {
      const bool by_right =
          planned.asked_by.empty() || line_[place].message->speaker == planned.asked_by;
      if (!by_right || !is_asked(wanted, line_[place])) continue;
      asked_[i] = true;
      if (!last_ || place >= last_place) {
        last_ = i;
        last_place = place;
      }
    }
  }
}

std::optional<std::size_t> AskedQuestions::next() const noexcept {
  const auto found = std::find(asked_.begin(), asked_.end(), false);
  if (found == asked_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - asked_.begin());
}

bool AskedQuestions::repeats(std::string_view question) const {
  const std::string words = heard_of(question);
  const auto topics = topics_of(question, *knowledge_);
  return std::any_of(line_.begin(), line_.end(), [&](const SaidMessage& said) {
    return said.asks && (heard_of(said.question) == words ||
                         same_topics(topics_of(said.question, *knowledge_), topics));
  });
}

}  // namespace scena::metrics

#include "domain/analysis/analysis_answer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "domain/analysis/quote_match.hpp"
#include "domain/json_answer.hpp"

namespace scena {
namespace {

constexpr std::size_t kMostProblems = 20;
constexpr std::size_t kWordsBytes = 400;
constexpr std::size_t kCommentBytes = 1'000;
constexpr std::size_t kSummaryBytes = 4'000;
constexpr std::size_t kMostQuotes = 5;
constexpr std::size_t kMostTurningPoints = 5;
constexpr std::size_t kMostEvasive = 5;
constexpr std::size_t kMostContradicting = 10;

std::string bounded(std::string_view text, std::size_t bytes) {
  return std::string(trim(utf8_truncate(text, bytes)));
}

template <class T>
void cut(std::vector<T>& list, std::size_t most) {
  if (list.size() > most) list.resize(most);
}

class AnswerReader {
 public:
  AnswerReader(const QuoteSource& source, AnalysisAnswer& out)
      : source_(source), out_(out), findings_(out.findings.emplace()) {}

  void read(const Json& answer, const Preset& preset) {
    findings_.summary = bounded(answer.at("summary").get<std::string>(), kSummaryBytes);
    for (const Criterion& criterion : preset.rubric)
      read_criterion(criterion, answer.at("criteria").at(criterion.id));
    each(answer, "turning_points", [this](const Json& item, const std::string& at) {
      const auto said = quote(item, "quote", at);
      if (!said) return false;
      findings_.turning_points.push_back(
          {item.at("kind").get<std::string>(), *said, {}, {}, comment(item)});
      return true;
    });
    each(answer, "evasions", [this](const Json& item, const std::string& at) {
      const auto said = quote(item, "answer", at);
      const bool asked = !item.at("question").is_null();
      const auto question = asked ? quote(item, "question", at) : std::nullopt;
      if (!said || (asked && !question)) return false;
      findings_.evasions.push_back({question, *said, {}, {}, comment(item)});
      return true;
    });
    each(answer, "contradictions",
         [this](const Json& item, const std::string& at) { return contradiction(item, at); });
    cut(findings_.turning_points, kMostTurningPoints);
    cut(findings_.evasions, kMostEvasive);
    cut(findings_.contradictions, kMostContradicting);
  }

 private:
  template <class Read>
  void each(const Json& answer, const char* name, Read read) {
    const Json& list = answer.at(name);
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (!read(list[i], fmt::format("/{}/{}", name, i))) ++findings_.rejected;
    }
  }

  static std::string comment(const Json& item) {
    return bounded(item.at("comment").get<std::string>(), kCommentBytes);
  }

  void problem(std::string text) {
    if (out_.problems.size() < kMostProblems) out_.problems.push_back(std::move(text));
  }

  std::optional<AnalysisQuote> quote(const Json& item, const char* name, const std::string& at) {
    return check_quote(item.at(name), at + "/" + name);
  }

  std::optional<AnalysisQuote> check_quote(const Json& quote, const std::string& at) {
    const auto message = quote.at("message").get<std::string>();
    if (!source_.has(message)) {
      problem(at + ": the transcript has no message of that id");
      return std::nullopt;
    }
    auto found = source_.find(message, quote.at("words").get<std::string>());
    if (!found) {
      problem(at + ": these words do not stand in message " + message);
    } else if (!source_.is_telling(*found)) {
      problem(at + ": so few words tell no place in message " + message +
              "; quote two words at least");
      return std::nullopt;
    }
    return found;
  }

  void read_criterion(const Criterion& criterion, const Json& item) {
    AnalysisCriterion judged{criterion.id, criterion.title, criterion.weight,
                             {},           comment(item),   {}};
    if (!item.at("score").is_null()) judged.score = item.at("score").get<int>();
    const Json& quotes = item.at("quotes");
    for (std::size_t i = 0; i < quotes.size(); ++i) {
      auto found = check_quote(quotes[i], fmt::format("/criteria/{}/quotes/{}", criterion.id, i));
      if (found) {
        judged.quotes.push_back(std::move(*found));
      } else {
        ++findings_.rejected;
      }
    }
    cut(judged.quotes, kMostQuotes);
    findings_.criteria.push_back(std::move(judged));
  }

  bool contradiction(const Json& item, const std::string& at) {
    auto earlier = quote(item, "earlier", at);
    auto later = quote(item, "later", at);
    if (!earlier || !later) return false;
    if (earlier->speaker != later->speaker) {
      problem(at + ": the two statements are of two speakers");
      return false;
    }
    if (source_.overlap(*earlier, *later)) {
      problem(at + ": the two statements are the same words");
      return false;
    }
    if (source_.place(later->message) < source_.place(earlier->message)) std::swap(earlier, later);
    findings_.contradictions.push_back({*earlier, *later, {}, {}, comment(item)});
    return true;
  }

  const QuoteSource& source_;
  AnalysisAnswer& out_;
  ModelFindings& findings_;
};

// The first of each part, then the second of each, up to `most`: a long session's end counts as
// much as its beginning.
template <class T, class List>
std::vector<T> in_turn(std::vector<ModelFindings>& parts, std::size_t most, List list) {
  std::vector<T> taken;
  for (std::size_t i = 0, left = parts.size(); left > 0 && taken.size() < most; ++i) {
    left = 0;
    for (ModelFindings& part : parts) {
      std::vector<T>& own = list(part);
      if (i >= own.size() || taken.size() >= most) continue;
      taken.push_back(std::move(own[i]));
      ++left;
    }
  }
  return taken;
}

template <class Text>
std::string joined_words(const std::vector<ModelFindings>& parts, std::size_t most, Text text) {
  std::size_t all = 0;
  for (const ModelFindings& part : parts) all += text(part).size() + 1;
  const std::size_t share = all <= most ? most : most / parts.size() - 1;
  std::string joined;
  for (const ModelFindings& part : parts) {
    const std::string words = bounded(text(part), share);
    if (!joined.empty() && !words.empty()) joined += ' ';
    joined += words;
  }
  return joined;
}

template <class T, class Quote>
void sort_by_place(std::vector<T>& list, const QuoteSource& source, Quote quote) {
  std::stable_sort(list.begin(), list.end(), [&](const T& a, const T& b) {
    return source.place(quote(a).message) < source.place(quote(b).message);
  });
}

// The mean of one criterion's scores, rounded half up.
std::optional<int> merged_score(const std::vector<ModelFindings>& parts,
                                std::span<const std::size_t> weights, std::size_t criterion) {
  std::uint64_t sum = 0;
  std::uint64_t weight = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& score = parts[i].criteria[criterion].score;
    if (!score) continue;
    const std::uint64_t own = std::max<std::uint64_t>(weights[i], 1);
    sum += own * static_cast<std::uint64_t>(*score);
    weight += own;
  }
  if (weight == 0) return std::nullopt;
  return static_cast<int>((2 * sum + weight) / (2 * weight));
}

}  // namespace

QuoteSource::QuoteSource(std::span<const Message* const> line) {
  for (std::size_t i = 0; i < line.size(); ++i)
    said_.emplace(line[i]->id, Said{i, line[i]->speaker, line[i]->text()});
}

std::optional<AnalysisQuote> QuoteSource::find(const std::string& message,
                                               std::string_view words) const {
  const auto said = said_.find(message);
  if (said == said_.end()) return std::nullopt;
  const auto found = find_quote(said->second.text, words);
  if (!found) return std::nullopt;
  return AnalysisQuote{message, said->second.speaker,
                       std::string(trim(utf8_truncate(*found, kWordsBytes)))};
}

bool QuoteSource::is_telling(const AnalysisQuote& quote) const {
  return is_telling_quote(said_.at(quote.message).text, quote.text);
}

bool QuoteSource::overlap(const AnalysisQuote& a, const AnalysisQuote& b) const {
  if (a.message != b.message) return false;
  const std::string& text = said_.at(a.message).text;
  const auto first = find_quote(text, a.text);
  const auto second = find_quote(text, b.text);
  return first && second && first->data() < second->data() + second->size() &&
         second->data() < first->data() + first->size();
}

AnalysisAnswer read_analysis_answer(std::string_view text, const JsonSchema& schema,
                                    const Preset& preset, const QuoteSource& source) {
  AnalysisAnswer out;
  const auto answer = parse_json(json_part(text, JsonPlace::among_words), {.careful = true});
  if (!answer) {
    out.problems.emplace_back("the answer is no JSON object");
    return out;
  }
  if (const auto good = schema.check(*answer); !good) {
    out.problems.emplace_back(good.error().what());
    return out;
  }
  AnswerReader(source, out).read(*answer, preset);
  return out;
}

ModelFindings merge_findings(std::vector<ModelFindings> parts, std::span<const std::size_t> weights,
                             const QuoteSource& source) {
  if (parts.empty()) return {};
  ModelFindings all;
  all.criteria = parts.front().criteria;
  for (std::size_t i = 0; i < all.criteria.size(); ++i) {
    AnalysisCriterion& criterion = all.criteria[i];
    criterion.score = merged_score(parts, weights, i);
    criterion.comment = joined_words(parts, kCommentBytes, [i](const ModelFindings& part) {
      return std::string_view(part.criteria[i].comment);
    });
    criterion.quotes = in_turn<AnalysisQuote>(
        parts, kMostQuotes, [i](ModelFindings & part) -> auto& { return part.criteria[i].quotes; });
  }
  all.summary = joined_words(parts, kSummaryBytes, [](const ModelFindings& part) {
    return std::string_view(part.summary);
  });
  for (const ModelFindings& part : parts) all.rejected += part.rejected;
  all.turning_points = in_turn<AnalysisTurn>(
      parts, kMostTurningPoints, [](ModelFindings & part) -> auto& { return part.turning_points; });
  all.evasions = in_turn<AnalysisEvasion>(
      parts, kMostEvasive, [](ModelFindings & part) -> auto& { return part.evasions; });
  all.contradictions = in_turn<AnalysisContradiction>(
      parts, kMostContradicting, [](ModelFindings & part) -> auto& { return part.contradictions; });
  sort_by_place(
      all.turning_points, source, [](const AnalysisTurn& turn) -> auto& { return turn.quote; });
  sort_by_place(
      all.evasions, source, [](const AnalysisEvasion& evasion) -> auto& { return evasion.answer; });
  sort_by_place(
      all.contradictions, source,
      [](const AnalysisContradiction& pair) -> auto& { return pair.later; });
  return all;
}

}  // namespace scena

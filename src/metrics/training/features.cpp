// Writes what the linear models see of messages, for scripts/train_metrics.py, so that training and
// library share one reading of a text:
//
//   scena_metrics_features METRIC [WEIGHTS] < items.jsonl > features
//
// METRIC is sentiment, toxicity, sophistication, evasiveness and coverage (of "text" as a reply to
// "question"),
// contradiction (the numbers of each two claims of "text" and of what "history" has of the role
// "self", one after the other), words or topics. For each line come u32 count and f64 of each
// number, then u32 count and u32 of each hashed feature, then u32 count and u32 of where among the
// features each sentence ends. "words" gives the hashes of the stems of the words, "topics" those
// of topic words. Behind the numbers of toxicity come those of each sentence by itself, behind
// those of sentiment spread_of() and sureness_of() the text. "coverage_names" reads nothing and
// writes what the numbers of coverage are called, a line each.
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "metrics/claims/claim_pair.hpp"
#include "metrics/claims/reply_claim.hpp"
#include "metrics/measures/question.hpp"
#include "metrics/measures/reply_features.hpp"
#include "metrics/reading.hpp"
#include "metrics/scores.hpp"
#include "metrics/words/ngrams.hpp"

using namespace scena;
using namespace scena::metrics;

namespace {

template <class T>
void write(const std::vector<T>& values) {
  const auto count = static_cast<std::uint32_t>(values.size());
  std::cout.write(reinterpret_cast<const char*>(&count), sizeof count);  // lint: a program
  std::cout.write(reinterpret_cast<const char*>(values.data()),          // lint: a program
                  static_cast<std::streamsize>(values.size() * sizeof(T)));
}

// Notes the features of each sentence before the metrics read it.
class Recorder final : public TextSink {
 public:
  Recorder(std::string_view metric, std::string_view text, const Topic& topic, const Tally& tally,
           TextSink& next)
      : metric_(metric), text_(text), topic_(topic), tally_(tally), next_(next) {}

  void token(const Token& token, const WordSums* sums) override {
    const bool first = sums != nullptr;
    if (first && (metric_ == "sentiment" || metric_ == "toxicity"))
      each_letter_ngram(text_.substr(token.begin, token.end - token.begin), note_);
    next_.token(token, sums);
  }

  void sentence(Sentence& complete) override {
    if (metric_ == "words" || metric_ == "topics") {
      for (const Token& token : complete.tokens) {
        if (metric_ == "words" || token.is_topic()) note_(token.stem);
      }
    } else if (metric_ == "evasiveness") {
      each_reply_ngram(complete, features.empty(), topic_, note_);
    } else if (metric_ == "sentiment" || metric_ == "toxicity") {
      each_word_ngram(complete, note_);
    }
    const std::int64_t blame = tally_.sentiment.negative;
    next_.sentence(complete);
    ends.push_back(static_cast<std::uint32_t>(features.size()));
    if (metric_ != "toxicity") return;
    ToxicityTally alone;
    read_toxicity(complete, nullptr, tally_.sentiment.negative - blame, alone);
    const auto numbers = toxicity_numbers(alone.counts);
    by_sentence.insert(by_sentence.end(), numbers.begin(), numbers.end());
  }

  std::vector<std::uint32_t> features;
  std::vector<std::uint32_t> ends;  // of the features of each sentence
  std::vector<double> by_sentence;  // the numbers of toxicity of each sentence

 private:
  std::string_view metric_;
  std::string_view text_;
  const Topic& topic_;
  const Tally& tally_;
  TextSink& next_;
  std::function<void(std::uint32_t)> note_ = [this](std::uint32_t feature) {
    features.push_back(feature);
  };
};

std::vector<double> numbers_of(std::string_view metric, const Tally& tally, const Topic& topic) {
  const auto list = [](const auto& numbers) {
    return std::vector<double>(numbers.begin(), numbers.end());
  };
  if (metric == "sentiment") return list(sentiment_numbers(tally));
  if (metric == "evasiveness") return list(evasion_numbers(tally, topic));
  if (metric == "toxicity") return list(toxicity_numbers(tally.toxicity.counts));
  if (metric == "sophistication") return list(sophistication_numbers(tally));
  return {};
}

void read_text(const ReadingContext& context, TextSink& sink) {
  Sentence open;
  ScanPosition position;
  read_chunks(context.text, true, {context.knowledge}, position, open, sink);
  close_sentence(open, sink);
}

// What the text is a reply to.
Topic topic_of(const Knowledge& knowledge, const std::string& question) {
  History history;
  Tally tally;
  MessageClauses clauses;
  const Topic none;
  const ReadingContext context{knowledge, history, none, question};
  ComparedClauses compared;
  Reading reading(context, compared, tally, &clauses);
  read_text(context, reading);
  KeptMessage kept;
  kept.english = true;
  kept.clauses = std::move(clauses.kept);
  kept.wording = tally.wording;
  kept.letters = tally.letters;
  if (!question.empty()) history.push(std::move(kept));
  return history.topic_for(1, knowledge.weights.vectors());
}

void write_features(const Knowledge& knowledge, std::string_view metric, const Json& item) {
  const auto text = item.at("text").get<std::string>();
  const History history;
  const Topic topic = topic_of(knowledge, item.value("question", std::string()));
  Tally tally;
  const ReadingContext context{knowledge, history, topic, text};
  ComparedClauses compared;
  Reading reading(context, compared, tally, nullptr);
  Recorder recorder(metric, text, topic, tally, reading);
  read_text(context, recorder);
  auto numbers = numbers_of(metric, tally, topic);
  if (metric == "coverage") {
    const std::string id;
    const double evasiveness = evasiveness_of(tally, {knowledge, history, topic, id});
    const auto of_coverage = coverage_numbers(tally, topic, evasiveness);
    numbers.assign(of_coverage.begin(), of_coverage.end());
  }
  if (metric == "sentiment") {
    numbers.push_back(spread_of(tally.style.quarters));
    numbers.push_back(sureness_of(tally.sentiment));
  }
  numbers.insert(numbers.end(), recorder.by_sentence.begin(), recorder.by_sentence.end());
  write(numbers);
  write(recorder.features);
  write(recorder.ends);
}

// Keeps the claims of a message, which may reply to a question.
class ClaimReader final : public TextSink {
 public:
  ClaimReader(const Knowledge& knowledge, const std::optional<Clause>& question,
              std::vector<Clause>& out)
      : knowledge_(knowledge), question_(question), out_(out) {}

  void sentence(Sentence& complete) override {
    const std::uint16_t asks = classify_question(complete);
    each_clause(complete, {knowledge_.weights.relations()},
                opened_ || !question_.has_value() ? nullptr : &*question_, nullptr,
                [&](Clause& clause, bool first, std::uint64_t) {
                  if (first) clause.asks = asks;
                  if (asks != 0) clause.flags |= kAsked;
                  opened_ |= clause.stem_count + clause.set_count + clause.number_count > 0;
                  out_.push_back(clause);
                });
  }

 private:
  const Knowledge& knowledge_;
  const std::optional<Clause>& question_;
  std::vector<Clause>& out_;
  bool opened_ = false;
};

// The last question of a message becomes `question`.
std::vector<Clause> claims_of(const Knowledge& knowledge, const std::string& text,
                              std::optional<Clause>& question) {
  const History history;
  const Topic none;
  std::vector<Clause> all, claims;
  ClaimReader reader(knowledge, question, all);
  read_text({knowledge, history, none, text}, reader);
  std::optional<Clause> asked;
  for (const Clause& clause : all) {
    if (!clause.has(kAsked | kSupposed)) claims.push_back(clause);
    if (clause.has(kAsked) && clause.stem_count + clause.number_count > 0) asked = clause;
  }
  question = asked;
  return claims;
}

void write_claim_pairs(const Knowledge& knowledge, const Json& item) {
  std::vector<double> numbers;
  std::vector<Clause> own;
  std::optional<Clause> question;
  for (const Json& message : item.at("history")) {
    const bool self = message.at("role") == "self";
    if (!self) question.reset();
    const auto claims = claims_of(knowledge, message.at("text").get<std::string>(), question);
    if (self) {
      own.insert(own.end(), claims.begin(), claims.end());
      question.reset();
    }
  }
  const auto later = claims_of(knowledge, item.at("text").get<std::string>(), question);
  for (const Clause& earlier : own) {
    for (const Clause& claim : later) {
      const ClaimPair pair(earlier, claim);
      const auto more = claim_numbers(pair, judge(pair));
      numbers.insert(numbers.end(), more.begin(), more.end());
    }
  }
  write(numbers);
  write(std::vector<std::uint32_t>());
  write(std::vector<std::uint32_t>());
}

std::string content_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  if (argv[1] == std::string_view("coverage_names")) {
    for (const auto name : coverage_number_names()) std::cout << name << "\n";  // lint: a program
    return 0;
  }
  const std::string file = argc > 2 ? content_of(argv[2]) : std::string();
  const Knowledge knowledge(
      file.empty() ? Weights() : Weights::read(std::as_bytes(std::span(file))).value_or_throw());
  for (std::string line; std::getline(std::cin, line);) {
    const Json item = parse_json(line).value_or_throw();
    if (argv[1] == std::string_view("contradiction")) {
      write_claim_pairs(knowledge, item);
    } else {
      write_features(knowledge, argv[1], item);
    }
  }
  return 0;
}

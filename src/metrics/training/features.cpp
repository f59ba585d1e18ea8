// Writes what the linear models see of each item, for scripts/train_metrics.py: so that training
// and library share one reading of a text. `scena_metrics_features METRIC < items.jsonl >
// features`: for each line u32 count of numbers, f64 each, u32 count of features, u32 each.
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "metrics/builtin.hpp"
#include "metrics/measurement.hpp"
#include "metrics/ngrams.hpp"
#include "metrics/weights.hpp"

using namespace scena;
using namespace scena::metrics;

namespace {

struct Item {
  std::vector<double> numbers;
  std::vector<std::uint32_t> features;
};

template <class T>
void write(const T* values, std::size_t count) {
  std::cout.write(reinterpret_cast<const char*>(values),
                  static_cast<std::streamsize>(count * sizeof(T)));
}

struct Sink : SentenceSink {
  Sink(SentenceSink& n, std::string_view t, Item& i, char k) : next(n), text(t), item(i), kind(k) {}
  SentenceSink& next;
  std::string_view text;
  Item& item;
  char kind;
  double caps = 0, ex = 0, q = 0, words = 0;
  void sentence(Sentence& s) override {
    auto push = [&](std::uint32_t f, const Token&) { item.features.push_back(f); };
    if (kind == 'w' || kind == 'b') each_word_ngram(s, push);
    if (kind == 'l' || kind == 'b') each_letter_ngram(s, text, push);
    for (auto& t : s.tokens) {
      caps += t.has(kCapitals);
      ++words;
    }
    ex += std::min(3, s.exclamations);
    q += s.question;
    next.sentence(s);
  }
};

}  // namespace

int main(int argc, char** argv) {
  const char kind = argc > 1 ? argv[1][0] : 'b';
  std::string file;
  if (argc > 2) {
    std::ifstream in(argv[2], std::ios::binary);
    file.assign(std::istreambuf_iterator<char>(in), {});
  }
  const Weights weights =
      argc > 2 ? Weights::read(std::as_bytes(std::span(file))).value_or_throw() : Weights();
  const Lexicon lexicon(weights.words());
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto json = parse_json(line);
    Item item;
    const std::string text = (*json)["text"].get<std::string>();
    History history;
    const Topic topic;
    Tally tally;
    const ReadingContext context{lexicon, history, topic, 1, 15};
    Reading reading(context, tally, nullptr);
    Sink sink(reading, text, item, kind);
    Sentence open;
    ScanPosition position;
    Chunk chunk;
    while (next_chunk(text, true, position, chunk)) read_chunk(text, chunk, lexicon, open, sink);
    close_sentence(open, sink);
    const auto& s = tally.sentiment;
    item.numbers = {double(s.sum),
                    double(s.positive),
                    double(s.negative),
                    double(s.hits),
                    double(s.sentences),
                    sink.caps,
                    sink.ex,
                    sink.q,
                    sink.words};
    const auto n = static_cast<std::uint32_t>(item.numbers.size()),
               m = static_cast<std::uint32_t>(item.features.size());
    write(&n, 1);
    write(item.numbers.data(), n);
    write(&m, 1);
    write(item.features.data(), m);
  }
}

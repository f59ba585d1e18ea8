#include "metrics/analysis/said.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "metrics/measures/question.hpp"
#include "metrics/words/tokenizer.hpp"

namespace scena::metrics {
namespace {

constexpr std::size_t kQuoteBytes = 400;

// Takes from each sentence what the analysis needs.
class SaidReader final : public TextSink {
 public:
  explicit SaidReader(std::string_view text) : text_(text) {}

  void sentence(Sentence& complete) override {
    if (complete.tokens.empty()) return;
    std::uint32_t last_end = 0;
    for (const Token& token : complete.tokens) {
      if (token.end > last_end && !token.has(kEmoji)) ++words;  // "don't" is one word of two tokens
      last_end = std::max(last_end, token.end);
      if (token.is_topic()) topics.push_back(token.stem);
    }
    if (!complete.question && classify_question(complete) == 0) return;
    asks = true;
    const std::size_t begin = complete.tokens.front().begin;
    std::size_t end = last_end;
    while (end < text_.size() && (text_[end] == '?' || text_[end] == '!' || text_[end] == '.'))
      ++end;
    question = text_.substr(begin, end - begin);
  }

  std::uint64_t words = 0;
  bool asks = false;
  std::string_view question;
  std::vector<std::uint32_t> topics;

 private:
  std::string_view text_;
};

void read_whole(std::string_view text, const Knowledge& knowledge, SaidReader& reader) {
  ScanPosition position;
  Sentence open;
  read_chunks(text, true, {knowledge}, position, open, reader);
  close_sentence(open, reader);
  std::sort(reader.topics.begin(), reader.topics.end());
  reader.topics.erase(std::unique(reader.topics.begin(), reader.topics.end()), reader.topics.end());
}

bool is_border(std::string_view text, std::size_t at) noexcept {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
}

bool is_sentence_end(char c) noexcept {
  return c == '.' || c == '!' || c == '?' || c == '\n';
}

}  // namespace

const MetricScore* SaidMessage::score(std::string_view metric) const noexcept {
  for (const MetricScore& one : message->metrics) {
    if (one.metric == metric) return &one;
  }
  return nullptr;
}

std::vector<SaidMessage> read_line(const AnalysisSource& source, const Knowledge& knowledge) {
  std::vector<SaidMessage> line(source.line.size());
  for (std::size_t i = 0; i < line.size(); ++i) {
    SaidMessage& said = line[i];
    said.message = source.line[i];
    said.text = said.message->text();
    SaidReader reader(said.text);
    read_whole(said.text, knowledge, reader);
    said.words = reader.words;
    said.asks = reader.asks;
    said.question = reader.question;
    said.topics = std::move(reader.topics);
    said.heard = heard_of(said.text);
  }
  return line;
}

std::vector<std::uint32_t> topics_of(std::string_view text, const Knowledge& knowledge) {
  SaidReader reader(text);
  read_whole(text, knowledge, reader);
  return std::move(reader.topics);
}

std::string heard_of(std::string_view text) {
  // Those of English, Arabic, Greek, Chinese and Japanese.
  constexpr std::string_view kEnds[] = {".",
                                        "!",
                                        "?",
                                        "\n",
                                        ";",
                                        ":",
                                        ",",
                                        "\xD8\x9F",
                                        "\xCD\xBE",
                                        "\xE3\x80\x82",
                                        "\xEF\xBC\x9F",
                                        "\xEF\xBC\x81"};
  std::string heard = "|";
  bool apart = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::find_if(std::begin(kEnds), std::end(kEnds), [&](std::string_view mark) {
      return text.substr(at).starts_with(mark);
    });
    if (end != std::end(kEnds)) {
      if (heard.back() != '|') heard += '|';
      at += end->size();
      continue;
    }
    const char c = text[at++];
    if (is_letter_or_digit(c) || (c & 0x80) != 0) {
      if (apart && heard.back() != '|') heard += ' ';
      heard += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      apart = false;
    } else {
      apart = true;
    }
  }
  if (heard.back() != '|') heard += '|';
  return heard;
}

AnalysisQuote quote_of(const SaidMessage& said, std::string_view piece) {
  piece = trim(piece);
  if (piece.size() > kQuoteBytes) {
    piece = utf8_truncate(piece, kQuoteBytes);
    if (const auto blank = piece.rfind(' '); blank != std::string_view::npos && blank > 0)
      piece = trim(piece.substr(0, blank));
  }
  return {said.message->id, said.message->speaker, std::string(piece)};
}

std::string_view piece_of(std::string_view text, std::size_t begin, std::size_t end) {
  if (begin >= end || end > text.size() || !is_border(text, begin) || !is_border(text, end))
    return {};
  return text.substr(begin, end - begin);
}

std::string_view sentences_around(std::string_view text, std::size_t begin, std::size_t end) {
  if (piece_of(text, begin, end).empty()) return text;
  while (begin > 0 && !is_sentence_end(text[begin - 1])) --begin;
  while (end < text.size() && !is_sentence_end(text[end - 1])) ++end;
  while (end < text.size() && is_sentence_end(text[end])) ++end;
  return text.substr(begin, end - begin);
}

}  // namespace scena::metrics

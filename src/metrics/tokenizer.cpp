#include "metrics/tokenizer.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/text.hpp"
#include "metrics/hashed_word.hpp"

namespace scena::metrics {
namespace {

constexpr std::size_t kMaxChunk = 256;
constexpr std::size_t kMaxWord = 48;  // longer ones are known by their first bytes

// What stands in a word without being decoded: ASCII letters and digits. Each byte is a sum of its
// lower case, kLetter and kCapital; so the sum over a chunk counts its letters and capitals. 0 for
// every other byte.
constexpr std::uint64_t kLetter = std::uint64_t{1} << 16;
constexpr std::uint64_t kCapital = std::uint64_t{1} << 32;
constexpr auto kPlainBytes = [] {
  std::array<std::uint64_t, 256> bytes{};
  for (char c = '0'; c <= '9'; ++c) bytes[static_cast<std::size_t>(c)] = static_cast<unsigned>(c);
  for (char c = 'a'; c <= 'z'; ++c) {
    const auto small = static_cast<std::size_t>(c);
    bytes[small] = small + kLetter;
    bytes[small - 32] = small + kLetter + kCapital;
  }
  return bytes;
}();
static_assert(kMaxChunk * 'z' < kLetter);

std::uint64_t plain_byte(char c) noexcept {
  return kPlainBytes[static_cast<unsigned char>(c)];
}
bool is_blank(char c) noexcept {
  if (static_cast<unsigned char>(c) > ' ') return false;
  return c == ' ' || (c >= '\t' && c <= '\r');
}
// Where the first blank of `text` stands, looking at eight bytes at once; its size without one.
std::size_t find_blank(std::string_view text) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHighBits = kOnes << 7;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, 8);
    // Not 0 when one of the eight is less than '!', as every blank is; the lowest bit is of one.
    const std::uint64_t found = (bytes - kOnes * '!') & ~bytes & kHighBits;
    if (found == 0) continue;
    const bool little = std::endian::native == std::endian::little;
    const auto first = little ? static_cast<std::size_t>(std::countr_zero(found)) / 8 : 0;
    for (std::size_t i = at + first; i < at + 8; ++i) {
      if (is_blank(text[i])) return i;
    }
  }
  while (at < text.size() && !is_blank(text[at])) ++at;
  return at;
}
bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

struct Character {
  char32_t code = 0xFFFD;
  std::size_t size = 1;
};

Character decode(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  if (byte(0) < 0x80) return {byte(0), 1};
  switch (utf8_sequence_length(text.substr(at))) {
    case 2:
      return {((byte(0) & 0x1Fu) << 6) | (byte(1) & 0x3Fu), 2};
    case 3:
      return {((byte(0) & 0x0Fu) << 12) | ((byte(1) & 0x3Fu) << 6) | (byte(2) & 0x3Fu), 3};
    case 4:
      return {((byte(0) & 0x07u) << 18) | ((byte(1) & 0x3Fu) << 12) | ((byte(2) & 0x3Fu) << 6) |
                  (byte(3) & 0x3Fu),
              4};
    default:
      return {};
  }
}

bool is_latin(char32_t c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7);
}
bool is_other_letter(char32_t c) noexcept {
  return (c >= 0x370 && c <= 0x1FFF) || (c >= 0x2C00 && c <= 0x2DFF);
}
// Scripts written without blanks: each character counts as a word.
bool is_ideograph(char32_t c) noexcept {
  return (c >= 0x3040 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3) ||
         (c >= 0x20000 && c <= 0x3FFFF);
}
bool is_picture(char32_t c) noexcept {
  return (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x2600 && c <= 0x27BF);
}
bool is_apostrophe(char32_t c) noexcept {
  return c == '\'' || c == 0x2019;
}

// Lower case of Latin letters; ASCII, Latin-1 and the paired letters of Latin Extended-A.
char32_t lower(char32_t c) noexcept {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;
  if (c < 0x100 || c > 0x17E) return c;
  if (c == 0x130 || c == 0x131 || c == 0x138 || c == 0x149) return c;
  if (c == 0x178) return 0xFF;
  const bool odd_is_upper = (c >= 0x139 && c <= 0x148) || c >= 0x179;
  return ((c & 1) != 0) == odd_is_upper ? c + 1 : c;
}

// One word while it is read.
struct RawWord {
  std::size_t begin = 0;
  std::size_t end = 0;
  HashedWord lower;
  int letters = 0;
  int capitals = 0;
  bool starts_capital = false;
  bool other_script = false;
  bool accented = false;
  bool apostrophe = false;

  void push(char32_t c) noexcept {
    if (lower.size() >= kMaxWord) return;
    if (c < 0x80) {
      lower.push(static_cast<char>(c));
    } else if (c < 0x800) {
      lower.push(static_cast<char>(0xC0 | (c >> 6)));
      lower.push(static_cast<char>(0x80 | (c & 0x3F)));
    } else {
      lower.push(static_cast<char>(0xE0 | ((c >> 12) & 0x0F)));
      lower.push(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
      lower.push(static_cast<char>(0x80 | (c & 0x3F)));
    }
  }
};

std::int64_t number_value(std::string_view word) noexcept {
  std::int64_t value = 0;
  int decimals = -1;
  for (const char c : word) {
    if (is_digit(c)) {
      if (decimals >= 2 || value > 100'000'000'000'000) continue;
      value = value * 10 + (c - '0');
      if (decimals >= 0) ++decimals;
    } else if (c == '.' || c == ':') {
      if (decimals < 0) decimals = 0;
    } else if (c == 'k' && value < 1'000'000'000) {
      value *= 1000;
    } else if (c != ',') {
      break;
    }
  }
  for (int i = std::max(decimals, 0); i < 2; ++i) value *= 10;
  return value;
}

// Reads the characters of one chunk in order; every character is looked at once.
class ChunkReader {
 public:
  ChunkReader(std::string_view text, const Chunk& chunk, const Lexicon& lexicon, Sentence& open,
              SentenceSink& sink) noexcept
      : text_(text.substr(0, chunk.end)),
        begin_(chunk.begin),
        at_(chunk.begin),
        lexicon_(lexicon),
        open_(open),
        sink_(sink) {}

  void run() {
    while (at_ < text_.size()) {
      if (plain_byte(text_[at_]) != 0) {
        read_word();
        continue;
      }
      const Character c = decode(text_, at_);
      if (is_latin(c.code) || is_other_letter(c.code)) {
        read_word();
      } else if (is_ideograph(c.code)) {
        single(c, kOtherScript, 0);
      } else if (is_picture(c.code)) {
        single(c, kEmoji, lexicon_.emoji(c.code));
      } else if (!read_emoticon()) {
        punctuation(c);
      }
    }
    if (ended_) close_sentence(open_, sink_);
  }

 private:
  void close_if_ended() {
    if (ended_) close_sentence(open_, sink_);
    ended_ = false;
  }

  void read_word() {
    RawWord word;
    word.begin = at_;
    for (;;) {
      read_plain(word);
      if (at_ == text_.size()) break;
      const Character c = decode(text_, at_);
      if (is_latin(c.code) || is_other_letter(c.code)) {
        add_letter(word, c.code);
      } else if (!joins(word, c)) {
        break;
      }
      at_ += c.size;
    }
    word.end = at_;
    emit(word);
  }

  // ASCII letters and digits.
  void read_plain(RawWord& word) noexcept {
    const std::string_view rest = text_.substr(at_);
    if (word.lower.size() == 0 && !rest.empty())
      word.starts_capital = plain_byte(rest[0]) >= kCapital;
    std::uint64_t sum = 0;
    const auto small = [&sum](char c) noexcept {
      const std::uint64_t byte = plain_byte(c);
      sum += byte;
      return static_cast<char>(byte);
    };
    const std::size_t room = kMaxWord - std::min(kMaxWord, word.lower.size());
    std::size_t count = word.lower.push_while(rest.substr(0, room), small);
    if (count == room) {
      while (count < rest.size() && small(rest[count]) != 0) ++count;
    }
    word.letters += static_cast<int>((sum % kCapital) / kLetter);
    word.capitals += static_cast<int>(sum / kCapital);
    at_ += count;
  }

  static void add_letter(RawWord& word, char32_t code) noexcept {
    const char32_t small = lower(code);
    if (small != code) {
      ++word.capitals;
      if (word.letters == 0 && word.lower.size() == 0) word.starts_capital = true;
    }
    ++word.letters;
    word.other_script |= !is_latin(code);
    word.accented |= code > 0x7F;
    word.push(small);
  }

  // An apostrophe between letters, or a point between digits, belongs to the word.
  bool joins(RawWord& word, const Character& c) const noexcept {
    if (at_ + c.size >= text_.size() || word.lower.size() == 0) return false;
    const Character next = decode(text_, at_ + c.size);
    if (is_apostrophe(c.code) && is_latin(next.code)) {
      word.push('\'');
      word.apostrophe = true;
      return true;
    }
    const bool point = c.code == '.' || c.code == ',' || c.code == ':';
    if (point && is_digit(text_[at_ - 1]) && next.code < 0x80 && is_digit(text_[at_ + 1])) {
      word.push(c.code);
      return true;
    }
    return false;
  }

  void emit(const RawWord& word) {
    close_if_ended();
    const WordInfo* info = lexicon_.find(word.lower);
    if (word.apostrophe || (info != nullptr && info->contraction != 0)) {
      const auto parts = lexicon_.contraction(word.lower.text(), info);
      if (!parts[0].empty()) {
        push_part(word, parts[0]);
        if (!parts[1].empty()) push_part(word, parts[1]);
        return;
      }
    }
    push(word, word.lower, info);
  }

  void push_part(const RawWord& word, std::string_view lower_case) {
    const HashedWord part(lower_case);
    push(word, part, lexicon_.find(part));
  }

  void push(const RawWord& word, const HashedWord& lower_case, const WordInfo* info) {
    Token& token = add_token(0);
    token.begin = static_cast<std::uint32_t>(word.begin);
    token.end = static_cast<std::uint32_t>(word.end);
    token.length = static_cast<std::uint8_t>(lower_case.size());
    if (word.letters > 1 && word.capitals == word.letters) token.flags |= kCapitals;
    if (word.starts_capital) token.flags |= kCapitalised;
    if (word.other_script) token.flags |= kOtherScript;
    if (word.accented) token.flags |= kAccented;
    if (is_digit(word.lower.text()[0])) {
      token.flags |= kDigits;
      token.value = number_value(lower_case.text());
    }
    token.word = lower_case.hash();
    if (info != nullptr) {
      token.info = *info;
      token.flags |= kKnown;
      if (info->set == kNumberSet) token.value = info->member * 100;
    }
    token.stem = lexicon_.stem(lower_case, info);
  }

  void single(const Character& c, std::uint16_t flag, int polarity) {
    close_if_ended();
    Token& token = add_token(flag);
    token.begin = static_cast<std::uint32_t>(at_);
    token.end = static_cast<std::uint32_t>(at_ + c.size);
    token.length = static_cast<std::uint8_t>(c.size);
    token.word = static_cast<std::uint32_t>(c.code);
    token.info.polarity = static_cast<std::int16_t>(polarity);
    at_ += c.size;
  }

  Token& add_token(std::uint16_t flags) {
    if (open_.tokens.size() >= Sentence::kMaxTokens) close_sentence(open_, sink_);
    Token& token = open_.tokens.emplace_back();
    token.flags = static_cast<std::uint16_t>(flags | open_.pending);
    open_.pending = 0;
    return token;
  }

  // ":-)", ";)", ":(", "<3", "=D" at the start of a chunk or behind punctuation.
  bool read_emoticon() {
    const auto rest = text_.substr(at_);
    if (rest.starts_with("<3")) {
      single({0x2764, 2}, kEmoji, 65);
      return true;
    }
    if (rest.size() < 2 || (rest[0] != ':' && rest[0] != ';' && rest[0] != '=')) return false;
    if (at_ > begin_ && is_digit(text_[at_ - 1])) return false;
    const std::size_t mouth = rest[1] == '-' || rest[1] == '\'' ? 2 : 1;
    if (rest.size() <= mouth) return false;
    const char m = rest[mouth];
    const int polarity = m == ')' || m == 'D' || m == ']' ? 50
                         : m == 'P' || m == 'p'           ? 35
                         : m == '(' || m == '['           ? -50
                         : m == '/' || m == '|'           ? -30
                                                          : 0;
    const bool letter = m == 'D' || m == 'P' || m == 'p';
    const bool goes_on = rest.size() > mouth + 1 && is_latin(decode(rest, mouth + 1).code);
    if (polarity == 0 || (letter && goes_on)) return false;
    single({static_cast<char32_t>(m), mouth + 1}, kEmoji, polarity);
    return true;
  }

  void punctuation(const Character& c) {
    switch (c.code) {
      case '!':
        ++open_.exclamations;
        ended_ = true;
        break;
      case '?':
        open_.question = true;
        ended_ = true;
        break;
      case 0x2026:
        ended_ = true;
        break;
      case '.':
        ended_ |= ends_sentence();
        break;
      case ',':
        open_.pending |= kAfterComma;
        break;
      case ';':
      case ':':
      case '(':
      case ')':
      case 0x2013:
      case 0x2014:
        open_.pending |= kAfterBreak;
        break;
      default:
        break;
    }
    at_ += c.size;
  }

  // A full stop ends a sentence at the end of its chunk, unless it belongs to "Mr." or "U.S.".
  bool ends_sentence() const noexcept {
    for (std::size_t i = at_; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c != '.' && c != '"' && c != '\'' && c != ')' && c != '!' && c != '?' && c != '*' &&
          static_cast<unsigned char>(c) < 0x80)
        return false;
    }
    if (open_.tokens.empty()) return true;
    const Token& last = open_.tokens.back();
    if (last.info.is(kAbbreviation)) return false;
    return last.length != 1 || last.has(kDigits) || last.info.is(kFirst) || last.end != at_;
  }

  std::string_view text_;
  std::size_t begin_;
  std::size_t at_;
  const Lexicon& lexicon_;
  Sentence& open_;
  SentenceSink& sink_;
  bool ended_ = false;
};

}  // namespace

bool next_chunk(std::string_view text, bool final, ScanPosition& position, Chunk& chunk) noexcept {
  std::size_t i = position.at;
  for (; i < text.size() && is_blank(text[i]); ++i) position.newline |= text[i] == '\n';
  position.at = i;
  const std::size_t limit = std::min(text.size(), i + kMaxChunk);
  std::size_t end = i + find_blank(text.substr(i, limit - i));
  if (end == i) return false;
  if (end == text.size() && !final) return false;
  if (end < text.size() && !is_blank(text[end])) {
    for (int back = 0; back < 3 && is_continuation(text[end]); ++back) --end;
  }
  chunk = {i, end, position.newline};
  position = {end, false};
  return true;
}

void close_sentence(Sentence& open, SentenceSink& sink) {
  if (!open.tokens.empty()) sink.sentence(open);
  open.tokens.clear();
  open.exclamations = 0;
  open.question = false;
  open.pending = 0;
}

void read_chunk(std::string_view text, const Chunk& chunk, const Lexicon& lexicon, Sentence& open,
                SentenceSink& sink) {
  if (chunk.newline) close_sentence(open, sink);
  ChunkReader(text, chunk, lexicon, open, sink).run();
}

}  // namespace scena::metrics

#include "metrics/words/tokenizer.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "base/text.hpp"

namespace scena::metrics {
namespace {

constexpr std::size_t kMaxChunk = 256;

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

struct Chunk {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool newline = false;  // a line ended before it
};

// Moves past the next chunk. Chunks end at a character border.
bool next_chunk(std::string_view text, bool final, ScanPosition& position, Chunk& chunk) noexcept {
  const std::size_t begin = position.at;
  const std::size_t limit = std::min(text.size(), begin + kMaxChunk);
  std::size_t end = begin + find_blank(text.substr(begin, limit - begin));
  if (end == begin) return false;
  if (end == text.size() && !final) return false;
  if (end < text.size() && !is_blank(text[end])) {
    for (int back = 0; back < 3 && is_continuation(text[end]); ++back) --end;
  }
  chunk = {begin, end, position.newline};
  position = {end, false};
  return true;
}

// Of the bytes of a word as they stand: where the memory keeps it.
std::uint32_t hash_bytes(std::string_view text) noexcept {
  std::uint32_t hash = kHashStart;
  for (const char c : text) hash = hash_step(hash, c);
  return hash;
}

// A word of ASCII letters and digits, as it begins a text.
struct PlainWord {
  std::uint32_t hash = kHashStart;  // hash_bytes() of it
  std::size_t size = 0;             // at most one more than what is remembered

  explicit PlainWord(std::string_view text) noexcept {
    const std::size_t most = std::min(text.size(), WordMemory::kMaxBytes + 1);
    for (; size < most && plain_byte(text[size]) != 0; ++size) hash = hash_step(hash, text[size]);
  }
};

// Appends the word's tokens, where `raw` stands in the text, to the open sentence.
void add_word(const Word& word, std::string_view raw, std::size_t at, Sentence& open,
              TextSink& sink) {
  for (std::size_t i = 0; i < word.token_count; ++i) {
    if (open.tokens.size() >= Sentence::kMaxTokens) close_sentence(open, sink);
    Token& token = open.tokens.emplace_back(word.tokens[i]);
    token.begin = static_cast<std::uint32_t>(at);
    token.end = static_cast<std::uint32_t>(at + raw.size());
    token.flags |= std::exchange(open.pending, std::uint16_t{0});
    sink.token(token, i == 0 ? &word.sums : nullptr);
  }
}

// Most chunks are one word that was read before, and nothing else. False: this one is not.
bool remember_chunk(std::string_view text, const WordBook& book, ScanPosition& position,
                    Sentence& open, TextSink& sink) {
  const std::string_view rest = text.substr(position.at);
  const PlainWord word(rest);
  if (word.size == rest.size() || !is_blank(rest[word.size])) return false;
  const std::string_view raw = rest.substr(0, word.size);
  const Word* const known = book.memory->find(word.hash, raw);
  if (known == nullptr) return false;
  if (position.newline) close_sentence(open, sink);
  add_word(*known, raw, position.at, open, sink);
  position = {position.at + word.size, false};
  return true;
}

// Reads the characters of one chunk in order; every character is looked at once.
class ChunkReader {
 public:
  ChunkReader(std::string_view text, const Chunk& chunk, const WordBook& book, Sentence& open,
              TextSink& sink) noexcept
      : text_(text.substr(0, chunk.end)),
        begin_(chunk.begin),
        at_(chunk.begin),
        book_(book),
        open_(open),
        sink_(sink) {}

  void run() {
    while (at_ < text_.size()) {
      if (plain_byte(text_[at_]) != 0) {
        if (!remember_word()) read_word();
        continue;
      }
      const Character c = decode(text_, at_);
      if (is_latin(c.code) || is_other_letter(c.code)) {
        read_word();
      } else if (is_ideograph(c.code)) {
        single(c, kOtherScript, 0);
      } else if (is_picture(c.code)) {
        single(c, kEmoji, book_.knowledge.lexicon.emoji(c.code));
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

  // A word of ASCII letters that was read before: without looking at each of them again.
  bool remember_word() {
    if (book_.memory == nullptr) return false;
    const std::string_view rest = text_.substr(at_);
    const PlainWord plain(rest);
    if (plain.size > WordMemory::kMaxBytes) return false;
    if (plain.size < rest.size() && !ends_word(rest, plain.size)) return false;
    const std::string_view raw = rest.substr(0, plain.size);
    const Word* const known = book_.memory->find(plain.hash, raw);
    if (known == nullptr) return false;
    add(*known, raw);
    at_ += raw.size();
    return true;
  }

  // Whether the word ends before the character, whatever comes behind that.
  static bool ends_word(std::string_view text, std::size_t at) noexcept {
    const char c = text[at];
    if (static_cast<unsigned char>(c) >= 0x80 || c == '\'') return false;
    return !is_digit(text[at - 1]) || (c != '.' && c != ',' && c != ':');
  }

  void read_word() {
    RawWord raw;
    const std::size_t begin = at_;
    for (;;) {
      read_plain(raw);
      if (at_ == text_.size()) break;
      const Character c = decode(text_, at_);
      if (is_latin(c.code) || is_other_letter(c.code)) {
        add_letter(raw, c.code);
      } else if (!joins(raw, c)) {
        break;
      }
      at_ += c.size;
    }
    raw.text = text_.substr(begin, at_ - begin);
    add_made(raw);
  }

  // What a RawWord or Sign is depends on its bytes alone: it is made once, and then remembered.
  template <class Raw>
  void add_made(const Raw& raw) {
    if (book_.memory == nullptr || raw.text.size() > WordMemory::kMaxBytes) {
      Word word;
      make_word(raw, book_.knowledge, word);
      return add(word, raw.text);
    }
    const std::uint32_t hash = hash_bytes(raw.text);
    if (const Word* const known = book_.memory->find(hash, raw.text)) return add(*known, raw.text);
    Word& word = book_.memory->renew(hash, raw.text);
    make_word(raw, book_.knowledge, word);
    add(word, raw.text);
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
    const std::size_t room = RawWord::kMaxBytes - std::min(RawWord::kMaxBytes, word.lower.size());
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

  void add(const Word& word, std::string_view raw) {
    close_if_ended();
    add_word(word, raw, static_cast<std::size_t>(raw.data() - text_.data()), open_, sink_);
  }

  void single(const Character& c, std::uint16_t flag, int polarity) {
    add_made(Sign{text_.substr(at_, c.size), c.code, flag, polarity});
    at_ += c.size;
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
  const WordBook& book_;
  Sentence& open_;
  TextSink& sink_;
  bool ended_ = false;
};

}  // namespace

void close_sentence(Sentence& open, TextSink& sink) {
  if (!open.tokens.empty()) sink.sentence(open);
  open.tokens.clear();
  open.exclamations = 0;
  open.question = false;
  open.pending = 0;
}

void read_chunks(std::string_view text, bool final, const WordBook& book, ScanPosition& position,
                 Sentence& open, TextSink& sink) {
  for (;;) {
    for (; position.at < text.size() && is_blank(text[position.at]); ++position.at)
      position.newline |= text[position.at] == '\n';
    if (book.memory != nullptr && remember_chunk(text, book, position, open, sink)) continue;
    Chunk chunk;
    if (!next_chunk(text, final, position, chunk)) return;
    if (chunk.newline) close_sentence(open, sink);
    ChunkReader(text, chunk, book, open, sink).run();
  }
}

}  // namespace scena::metrics

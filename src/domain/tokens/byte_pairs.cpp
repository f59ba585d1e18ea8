#include "domain/tokens/byte_pairs.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <new>
#include <queue>

#include "base/base64.hpp"
#include "domain/prompt.hpp"
#include "domain/tokens/text_cutter.hpp"

namespace scena {
namespace {

Error at_line(std::size_t line, const std::string& what) {
  return Error(ErrorCode::invalid_argument, "ranks: line " + std::to_string(line) + ": " + what);
}

// Not to be kept from a count by a lack of memory: it is an estimate then.
class BytePairCounter final : public TokenCounter {
 public:
  BytePairCounter(BytePairs pairs, TextCut cut) : pairs_(std::move(pairs)), cut_(cut) {}

  std::int64_t count(std::string_view text) const noexcept override {
    try {
      std::int64_t tokens = 0;
      for (std::string_view rest = text; !rest.empty();) {
        const std::size_t word = first_word(rest, cut_);
        tokens += pairs_.count_word(rest.substr(0, word));
        rest.remove_prefix(word);
      }
      return tokens;
    } catch (const std::bad_alloc&) {
      return estimate_tokens(text);
    }
  }

 private:
  BytePairs pairs_;
  TextCut cut_;
};

}  // namespace

Result<BytePairs> BytePairs::parse(std::string_view ranks, const BytePairLimits& limits) {
  if (ranks.size() > limits.max_bytes) {
    return Error(ErrorCode::too_large, "ranks: more than " + std::to_string(limits.max_bytes) +
                                           " bytes; is it the file of a vocabulary?");
  }
  BytePairs pairs;
  std::size_t number = 0;
  while (!ranks.empty()) {
    const std::size_t end = std::min(ranks.find('\n'), ranks.size());
    std::string_view line = ranks.substr(0, end);
    ranks.remove_prefix(std::min(end + 1, ranks.size()));
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (auto added = pairs.add(line, limits); !added) {
      if (added.error().code() == ErrorCode::too_large) return added.error();
      return at_line(number, added.error().what());
    }
  }
  for (int byte = 0; byte < 256; ++byte) {
    const char one = static_cast<char>(byte);
    if (pairs.rank({&one, 1}) != kNone) continue;
    return Error(ErrorCode::invalid_argument,
                 "ranks: no token is the single byte " + std::to_string(byte) +
                     "; a vocabulary of byte pairs has all 256 of them");
  }
  return pairs;
}

Result<void> BytePairs::add(std::string_view line, const BytePairLimits& limits) {
  const auto wrong = [](const char* what) {
    return Error::fixed(ErrorCode::invalid_argument, what);
  };
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos)
    return wrong("a token in base64, a blank and its rank are needed");
  const auto token = base64_decode(line.substr(0, blank));
  if (!token || token->empty()) return wrong("the token is no base64, or empty");
  if (token->size() > limits.max_token_bytes) return wrong("the token is too long");
  Rank rank = 0;
  const std::string_view number = line.substr(blank + 1);
  const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), rank);
  if (fault != std::errc() || end != number.data() + number.size() || rank == kNone)
    return wrong("the rank is no whole number from 0 on");
  if (ranks_.size() >= limits.max_tokens) {
    return Error(ErrorCode::too_large,
                 "ranks: more than " + std::to_string(limits.max_tokens) + " tokens");
  }
  longest_ = std::max(longest_, token->size());
  if (!ranks_.emplace(*token, rank).second) return wrong("the token stands in the file before");
  return {};
}

BytePairs::Rank BytePairs::rank(std::string_view bytes) const noexcept {
  if (bytes.size() > longest_) return kNone;
  const auto found = ranks_.find(bytes);
  return found == ranks_.end() ? kNone : found->second;
}

std::int64_t BytePairs::count_word(std::string_view word) const {
  if (word.size() <= 1 || rank(word) != kNone) return static_cast<std::int64_t>(!word.empty());
  return merge(word);
}

// A piece of the word while it is merged: a link of a list, found by where it begins.
struct BytePairs::Part {
  std::size_t end;
  std::size_t before;  // where the one in front of it begins
};

std::int64_t BytePairs::merge(std::string_view word) const {
  const std::size_t size = word.size();
  std::vector<Part> parts(size);
  for (std::size_t i = 0; i < size; ++i) parts[i] = {i + 1, i - 1};

  // Two neighbours that may become one; out of date once one of them has changed.
  struct Pair {
    Rank rank;
    std::size_t begin, end;
    bool operator>(const Pair& other) const noexcept {
      return rank != other.rank ? rank > other.rank : begin > other.begin;
    }
  };
  std::vector<Pair> room;
  room.reserve(size);
  std::priority_queue<Pair, std::vector<Pair>, std::greater<>> pairs(std::greater<>(),
                                                                     std::move(room));
  const auto offer = [&](std::size_t begin) {
    const std::size_t middle = parts[begin].end;
    if (middle == size) return;
    const std::size_t end = parts[middle].end;
    const Rank together = rank(word.substr(begin, end - begin));
    if (together != kNone) pairs.push({together, begin, end});
  };
  for (std::size_t i = 0; i + 1 < size; ++i) offer(i);

  auto count = static_cast<std::int64_t>(size);
  constexpr std::size_t kGone = 0;  // the end of a part that belongs to another one
  while (!pairs.empty()) {
    const Pair pair = pairs.top();
    pairs.pop();
    const std::size_t middle = parts[pair.begin].end;
    if (middle == kGone || middle == size || parts[middle].end != pair.end) continue;
    parts[pair.begin].end = pair.end;
    parts[middle].end = kGone;
    if (pair.end < size) parts[pair.end].before = pair.begin;
    --count;
    offer(pair.begin);
    if (pair.begin > 0) offer(parts[pair.begin].before);
  }
  return count;
}

Result<std::shared_ptr<TokenCounter>> byte_pair_counter(std::string_view ranks, TextCut cut,
                                                        const BytePairLimits& limits) {
  auto pairs = BytePairs::parse(ranks, limits);
  if (!pairs) return pairs.error();
  return std::shared_ptr<TokenCounter>(std::make_shared<BytePairCounter>(std::move(*pairs), cut));
}

Result<std::shared_ptr<TokenCounter>> byte_pair_counter_from_file(const std::string& path,
                                                                  TextCut cut,
                                                                  const BytePairLimits& limits) {
  std::error_code fault;
  const auto status = std::filesystem::status(path, fault);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    return Error(ErrorCode::invalid_argument,
                 "ranks: \"" + path + "\" is not a file");  // opening a pipe would wait
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return Error(ErrorCode::not_found,
                 "ranks: \"" + path + "\" cannot be opened; is the path right?");
  }
  std::string text;
  std::array<char, 1u << 16> piece;
  while (file && text.size() <= limits.max_bytes) {
    file.read(piece.data(), piece.size());
    text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) return Error(ErrorCode::unavailable, "ranks: \"" + path + "\" cannot be read");
  return byte_pair_counter(text, cut, limits);
}

}  // namespace scena

#include "domain/tokens/byte_pairs.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <array>
#include <fstream>
#include <random>

#include "base/json.hpp"
#include "domain/tokens/text_cutter.hpp"
#include "support/files.hpp"
#include "support/rank_file.hpp"
#include "support/temp_folder.hpp"

using namespace scena;
using test::rank_file;
using test::rank_line;

namespace {

std::int64_t counted(const std::vector<std::string>& tokens, std::string_view text,
                     TextCut cut = TextCut::cl100k) {
  return byte_pair_counter(rank_file(tokens), cut).value_or_throw()->count(text);
}

/// As the rule is told: over and over the leftmost pair of the lowest rank.
std::size_t merged_plainly(const std::vector<std::string>& tokens, const std::string& word) {
  const auto rank = [&](const std::string& bytes) {
    const auto found = std::find(tokens.begin(), tokens.end(), bytes);
    return static_cast<std::size_t>(found - tokens.begin());
  };
  if (rank(word) < tokens.size()) return 1;
  std::vector<std::string> parts;
  for (const char byte : word) parts.emplace_back(1, byte);
  for (;;) {
    std::size_t best = tokens.size(), place = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      if (rank(parts[i] + parts[i + 1]) >= best) continue;
      best = rank(parts[i] + parts[i + 1]);
      place = i;
    }
    if (best == tokens.size()) return parts.size();
    parts[place] += parts[place + 1];
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(place) + 1);
  }
}

std::string fault_of(const std::string& ranks, const BytePairLimits& limits = {}) {
  const auto made = byte_pair_counter(ranks, TextCut::cl100k, limits);
  return made ? "" : made.error().what();
}

}  // namespace

TEST_CASE("the words of a text are those that the families' own expressions find") {
  constexpr std::array kCuts = {std::pair{"gpt2", TextCut::gpt2},
                                std::pair{"cl100k", TextCut::cl100k},
                                std::pair{"o200k", TextCut::o200k}};
  std::ifstream file(std::string(SCENA_ROOT_DIR) + "/tests/golden/tokens/words.jsonl");
  int rows = 0;
  for (std::string line; std::getline(file, line); ++rows) {
    const auto row = parse_json(line);
    REQUIRE(row);
    const std::string text = row->at("text");
    CAPTURE(text);
    for (const auto& family : kCuts) {
      const std::string name = family.first;
      CAPTURE(name);
      std::vector<std::string> words;
      for (std::string_view rest = text; !rest.empty();) {
        const std::size_t size = first_word(rest, family.second);
        words.emplace_back(rest.substr(0, size));
        rest.remove_prefix(size);
      }
      CHECK(words == row->at(name).get<std::vector<std::string>>());
    }
  }
  CHECK(rows == 400);
}

TEST_CASE("neighbours of the lowest rank are merged first, the leftmost of equals") {
  const std::vector<std::string> tokens = {"th", "he", "the", "aa", "aaaa", " t", " the"};
  CHECK(counted(tokens, "the") == 1);
  CHECK(counted(tokens, "th") == 1);
  CHECK(counted(tokens, "he") == 1);
  CHECK(counted(tokens, "thhe") == 2);    // th he
  CHECK(counted(tokens, "aaaaa") == 2);   // aaaa a
  CHECK(counted(tokens, "aaaaaa") == 2);  // aaaa aa
  CHECK(counted(tokens, "the the") == 2);
  CHECK(counted({"bc", "ab", "cd"}, "abcd") == 3);  // a bc d
  CHECK(counted({"ab", "bc", "cd"}, "abcd") == 2);  // ab cd
  CHECK(counted(tokens, "") == 0);
  CHECK(counted({}, "abc") == 3);
  CHECK(counted({}, "\xF0\x9F\x98\x80") == 4);
  CHECK(counted({}, "\xFF\xC3") == 2);  // no UTF-8: still bytes
}

TEST_CASE("any word is merged as the rule is told") {
  const std::vector<std::string> tokens = {"ab",   "ba",  "aa",  "bb",  "aba",
                                           "abab", "bbb", "aab", "cab", "babb"};
  std::mt19937 random(3);
  for (int i = 0; i < 2'000; ++i) {
    std::string word(1 + random() % 40, 'a');
    for (char& letter : word) letter = static_cast<char>('a' + random() % 3);
    CAPTURE(word);
    CHECK(counted(tokens, word) == static_cast<std::int64_t>(merged_plainly(tokens, word)));
  }
}

TEST_CASE("a word of a million letters, signs or line ends takes steps, not a day") {
  std::vector<std::string> doubling;
  for (std::size_t size = 2; size <= 64; size *= 2) doubling.emplace_back(size, 'a');
  const auto counter = byte_pair_counter(rank_file(doubling), TextCut::o200k).value_or_throw();
  constexpr std::size_t kMany = 1u << 20;
  CHECK(counter->count(std::string(kMany, 'a')) == kMany / 64);
  CHECK(counter->count(std::string(kMany, 'A')) == kMany);
  CHECK(counter->count(std::string(kMany, '.')) == kMany);
  CHECK(counter->count(std::string(kMany, '\n')) == kMany);
  CHECK(counter->count(std::string(kMany, ' ') + "x") == kMany + 1);
  CHECK(counter->count(std::string(kMany, '7')) == kMany);
  CHECK(counter->count(std::string(kMany, '\xCC')) == kMany);
}

TEST_CASE("a file that is no vocabulary is refused with the line at fault") {
  const std::string good = rank_file({"th"});
  CHECK(fault_of(good).empty());
  CHECK(fault_of(rank_line("x", 1) + "no line\n").find("line 2") != std::string::npos);
  for (const char* bad :
       {"YQ==", "YQ== x", "YQ== -1", "YQ== 1 2", " 5", "Y 5", "YQ== 4294967295", "YQ==  7"}) {
    CAPTURE(bad);
    const std::string fault = fault_of(good + bad + "\n");
    CHECK(fault.starts_with("ranks: line 258: "));
  }
  CHECK(fault_of(good + rank_line("th", 900)).find("before") != std::string::npos);
  CHECK(fault_of(rank_line("th", 1)).find("single byte 0") != std::string::npos);
  CHECK(fault_of("").find("256") != std::string::npos);
  CHECK(byte_pair_counter(good, TextCut::gpt2, {.max_bytes = 100}).error().code() ==
        ErrorCode::too_large);
  CHECK(byte_pair_counter(good, TextCut::gpt2, {.max_tokens = 100}).error().code() ==
        ErrorCode::too_large);
  CHECK(fault_of(good + rank_line(std::string(200, 'x'), 999), {.max_token_bytes = 100})
            .find("too long") != std::string::npos);
}

TEST_CASE("a vocabulary is read from a file, with the line ends of any system") {
  test::TempFolder folder;
  const std::string path = folder.file("ranks.tiktoken");
  std::string file = rank_file({"th"});
  for (std::size_t at = 0; (at = file.find('\n', at)) != std::string::npos; at += 2)
    file.insert(at, "\r");
  std::ofstream(path, std::ios::binary) << file;
  CHECK(byte_pair_counter_from_file(path, TextCut::cl100k).value_or_throw()->count("th") == 1);
  CHECK(byte_pair_counter_from_file(path, TextCut::cl100k, {.max_bytes = 100}).error().code() ==
        ErrorCode::too_large);
  CHECK(byte_pair_counter_from_file(folder.file("none"), TextCut::cl100k).error().code() ==
        ErrorCode::not_found);
  const std::string pipe = folder.file("pipe");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  for (const std::string& odd : {pipe, std::string(folder.path())})  // and opening it does not wait
    CHECK(byte_pair_counter_from_file(odd, TextCut::cl100k).error().code() ==
          ErrorCode::invalid_argument);
}

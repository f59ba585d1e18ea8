#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace scena::cases {

/// One line of a case: a word, and what stands behind it.
struct CaseLine {
  int number = 0;
  std::string word;  ///< "do", "expect", "fails", ...
  std::string rest;
};

/// A conversation as data: see tests/cases/README.md for the words.
struct Case {
  std::string title;  ///< The promise, from the first comment.
  std::vector<CaseLine> lines;
};

/// Reads a file; throws std::runtime_error with the line number for what is no case.
Case read_case(const std::filesystem::path& file);

/// Takes the first word off `rest`; empty when there is none.
std::string take_word(std::string_view& rest);
/// Takes a JSON string off the front of `rest`; throws std::runtime_error when there is none.
std::string take_quoted(std::string_view& rest);
/// Takes one separator (',' or '|') off the front; false when nothing is left.
bool take_separator(std::string_view& rest, char separator);

}  // namespace scena::cases

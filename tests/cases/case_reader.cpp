#include "cases/case_reader.hpp"

#include <fstream>
#include <stdexcept>

#include "base/json.hpp"
#include "base/text.hpp"

namespace scena::cases {

Case read_case(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  Case read;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    std::string_view rest = trim(line);
    if (rest.empty()) continue;
    if (rest.front() == '#') {
      if (read.title.empty()) read.title = trim(rest.substr(1));
      continue;
    }
    std::string word = take_word(rest);
    read.lines.push_back({number, std::move(word), std::string(rest)});
  }
  if (read.title.empty())
    throw std::runtime_error("the first line must be a comment with the promise");
  if (read.lines.empty()) throw std::runtime_error("the case holds no lines");
  return read;
}

std::string take_word(std::string_view& rest) {
  rest = trim(rest);
  const std::string_view word = rest.substr(0, rest.find_first_of(" \t,"));
  rest.remove_prefix(word.size());
  if (!rest.starts_with(',')) rest = trim(rest);
  return std::string(word);
}

std::string take_quoted(std::string_view& rest) {
  rest = trim(rest);
  std::size_t end = 1;
  while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
  if (!rest.starts_with('"') || end >= rest.size())
    throw std::runtime_error("a quoted text was expected");
  const auto text = parse_json(rest.substr(0, end + 1)).value_or_throw();
  rest = trim(rest.substr(end + 1));
  return text.get<std::string>();
}

bool take_separator(std::string_view& rest, char separator) {
  rest = trim(rest);
  if (rest.empty()) return false;
  if (rest.front() != separator)
    throw std::runtime_error(std::string("expected '") + separator + "'");
  rest.remove_prefix(1);
  return true;
}

}  // namespace scena::cases

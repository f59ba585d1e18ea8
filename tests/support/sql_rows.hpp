#pragma once

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <string>
#include <vector>

namespace scena::test {

/// One line a row, columns separated by "|", NULL as "-": what the sqlite3 shell would show.
inline std::vector<std::string> rows(const std::string& path, const std::string& sql) {
  std::vector<std::string> found;
  sqlite3* shell = nullptr;
  REQUIRE(sqlite3_open_v2(path.c_str(), &shell, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
  char* fault = nullptr;
  const auto add = [](void* to, int count, char** texts, char**) {
    std::string row;
    for (int i = 0; i < count; ++i) row += (i ? "|" : "") + std::string(texts[i] ? texts[i] : "-");
    static_cast<std::vector<std::string>*>(to)->push_back(row);
    return 0;
  };
  const int code = sqlite3_exec(shell, sql.c_str(), add, &found, &fault);
  CHECK_MESSAGE(code == SQLITE_OK, std::string(fault ? fault : ""));
  sqlite3_free(fault);
  sqlite3_close(shell);
  return found;
}

}  // namespace scena::test

/// So that a failing comparison shows the rows.
template <>
struct doctest::StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& rows) {
    std::string text;
    for (const auto& row : rows) text += "\n  " + row;
    return text.c_str();
  }
};

#pragma once

#include <scena/batch_row.hpp>
#include <string>
#include <string_view>

#include "base/json_writer.hpp"

namespace scena::engine {

/// What the sheet programs take for the start of a formula (OWASP, "CSV injection").
inline bool is_formula(std::string_view text) {
  return !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
}

/// Appends one line of CSV by RFC 4180, cell by cell.
class CsvLine {
 public:
  explicit CsvLine(std::string& out) : out_(out) {}

  CsvLine& text(std::string_view content) {
    separate();
    const bool quoted = content.find_first_of(",\"\r\n") != std::string_view::npos;
    if (quoted) out_ += '"';
    if (is_formula(content)) out_ += '\'';
    for (const char c : content) {
      if (c == '"') out_ += '"';
      out_ += c;
    }
    if (quoted) out_ += '"';
    return *this;
  }
  template <class Number>
  CsvLine& number(Number value) {
    separate();
    out_ += std::to_string(value);
    return *this;
  }
  CsvLine& plain(std::string_view content) {
    separate();
    out_ += content;
    return *this;
  }
  /// An empty cell for none.
  CsvLine& score(const double* value) {
    separate();
    if (value) JsonWriter(out_).score(*value);
    return *this;
  }
  /// Three cells, empty where there is no value.
  CsvLine& interval(const Interval& found) {
    const bool some = found.count != 0;
    return score(some ? &found.value : nullptr)
        .score(some ? &found.low : nullptr)
        .score(some ? &found.high : nullptr);
  }
  void end() { out_ += "\r\n"; }

 private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  std::string& out_;
  bool first_ = true;
};

/// An interval as a JSON value; null members where there is none.
void write_interval(JsonWriter& writer, const Interval& interval);

}  // namespace scena::engine

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <scena/log_sinks.hpp>

#include "base/json_writer.hpp"
#include "base/log_format.hpp"
#include "base/text.hpp"

namespace scena {
namespace {

constexpr std::string_view kLevels[] = {"trace", "debug", "info", "warn", "error", "off"};
constexpr std::string_view kLabels[] = {"TRACE", "DEBUG", "INFO ", "WARN ", "ERROR", "     "};
constexpr std::string_view kColours[] = {"\x1b[2m", "\x1b[2m", "", "\x1b[33m", "\x1b[31m", ""};

struct WallParts {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<std::chrono::microseconds> time;
};

WallParts parts_of(WallTime wall) noexcept {
  const auto day = std::chrono::floor<std::chrono::days>(wall);
  return {std::chrono::year_month_day(day),
          std::chrono::hh_mm_ss<std::chrono::microseconds>(wall - day)};
}

std::string iso_time(WallTime wall) {
  const auto [date, time] = parts_of(wall);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

bool is_plain(std::string_view value) noexcept {
  if (value.empty()) return false;
  for (char c : value) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7F) return false;
  }
  return is_valid_utf8(value);
}

// DEL and the C1 controls drive some terminals; JSON leaves them alone.
void append_shown(std::string& out, std::string_view value) {
  if (is_plain(value) && value.find('\xC2') == std::string_view::npos) {
    out += value;
    return;
  }
  std::string quoted;
  JsonWriter::quote(quoted, value);
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    const auto next = i + 1 < quoted.size() ? static_cast<unsigned char>(quoted[i + 1]) : 0;
    if (quoted[i] == 0x7F) {
      out += "\\u007f";
    } else if (quoted[i] == '\xC2' && next >= 0x80 && next < 0xA0) {
      out += fmt::format("\\u{:04x}", next);
      ++i;
    } else {
      out += quoted[i];
    }
  }
}

class JsonLines final : public LogSink {
 public:
  explicit JsonLines(LineWriter write) : write_(std::move(write)) {}
  void write(const LogRecord& record) noexcept override {
    try {
      line_.clear();
      append_json_line(line_, record);
      write_(line_);
    } catch (...) {  // A log line is never worth the program.
    }
  }

 private:
  LineWriter write_;
  std::string line_;
};

class Pretty final : public LogSink {
 public:
  Pretty(LineWriter write, bool colour) : write_(std::move(write)), colour_(colour) {}
  void write(const LogRecord& record) noexcept override {
    try {
      write_(line_of(record));
    } catch (...) {  // As above.
    }
  }

 private:
  std::string line_of(const LogRecord& record) const {
    const auto level = static_cast<std::size_t>(record.level);
    const auto time = parts_of(record.time).time;
    const std::string_view on = colour_ ? kColours[level] : std::string_view();
    std::string line = fmt::format("{:02}:{:02}:{:02}.{:03} {}{}{} {:<8} ", time.hours().count(),
                                   time.minutes().count(), time.seconds().count(),
                                   time.subseconds().count() / 1000, on, kLabels[level],
                                   on.empty() ? "" : "\x1b[0m", record.module);
    std::string sentence;
    append_shown(sentence, record.message);
    // Sentences have blanks; only what had to be escaped keeps its quotes.
    const bool ordinary = sentence.size() == record.message.size() + 2 &&
                          sentence.substr(1, record.message.size()) == record.message;
    line += ordinary ? std::string(record.message) : sentence;
    for (const LogField& field : record.fields) {
      line += "  ";
      append_shown(line, field.name);
      line += '=';
      append_shown(line, field.value);
    }
    line += '\n';
    return line;
  }

  LineWriter write_;
  bool colour_;
};

}  // namespace

void append_json_line(std::string& out, const LogRecord& record) {
  JsonWriter writer(out);
  writer.begin_object().member("time", std::string_view(iso_time(record.time)));
  writer.member("level", kLevels[static_cast<std::size_t>(record.level)]);
  writer.member("module", record.module)
      .member("message", record.message)
      .key("fields")
      .begin_object();
  for (const LogField& field : record.fields) writer.member(field.name, field.value);
  writer.end_object().end_object();
  out += '\n';
}

std::shared_ptr<LogSink> json_lines_sink(LineWriter write) {
  return std::make_shared<JsonLines>(std::move(write));
}

std::shared_ptr<LogSink> pretty_sink(LineWriter write, bool colour) {
  return std::make_shared<Pretty>(std::move(write), colour);
}

}  // namespace scena

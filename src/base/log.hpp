#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <scena/ext/log_sink.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/redact.hpp"

namespace scena {

/// The parts that write lines of their own, as Config::log_levels names them.
inline constexpr std::array<std::string_view, 4> kLogModules = {"engine", "jobs", "llm", "net"};

/// One name and value of a line to be written. Numbers become text only when the line is.
class LogItem {
 public:
  LogItem(std::string_view name, std::string_view value) noexcept : name_(name), text_(value) {}
  LogItem(std::string_view name, const char* value) noexcept
      : LogItem(name, std::string_view(value)) {}
  LogItem(std::string_view name, const std::string& value) noexcept
      : LogItem(name, std::string_view(value)) {}
  LogItem(std::string_view name, bool value) noexcept : LogItem(name, value ? "true" : "false") {}
  template <class T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
      LogItem(std::string_view name, T value)
  noexcept
      : name_(name),
        kind_(std::is_signed_v<T> ? Kind::integer : Kind::natural),
        number_(static_cast<std::uint64_t>(value)) {}

  std::string_view name() const noexcept { return name_; }
  std::string value() const;

 private:
  enum class Kind { text, integer, natural };
  std::string_view name_;
  std::string_view text_;
  Kind kind_ = Kind::text;
  std::uint64_t number_ = 0;
};

struct LogOptions {
  LogLevel level = LogLevel::info;
  std::map<std::string, LogLevel> levels;  ///< Per module; the rest has `level`.
  bool message_text = false;               ///< Let fields such as "text" and "prompt" through.
};

class Logger;

/// The log of one engine: where lines go, from which level on, and what is taken out of them.
/// Without a sink every level is off.
///
/// Threading: every function may be called from any thread; the sink never sees two lines at once.
class Log : public std::enable_shared_from_this<Log> {
 public:
  Log(std::shared_ptr<LogSink> sink, const Clock& clock, LogOptions options);

  /// The logger of a module; keeps this log and reads `clock` as long as it lives.
  Logger logger(std::string_view module);
  Redactor& redactor() noexcept { return redactor_; }
  /// Lines that were lost because memory ran out while they were written, or because the sink
  /// itself brought them about.
  std::uint64_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }

 private:
  friend class Logger;
  using Fields = std::vector<std::pair<std::string, std::string>>;
  void write(LogLevel level, std::string_view module, std::string_view message,
             const Fields* context, std::initializer_list<LogItem> items) noexcept;
  void put(Fields& fields, std::string_view name, std::string_view value) const;

  std::shared_ptr<LogSink> sink_;
  const Clock& clock_;
  LogOptions options_;
  Redactor redactor_;
  std::atomic<std::uint64_t> lost_{0};
  std::mutex mutex_;                       // Held while the sink writes.
  std::atomic<std::thread::id> writer_{};  // Who holds it.
};

/// Writes the lines of one module in one context. Cheap to copy; the default one writes nothing. A
/// level that is off costs one comparison.
///
///     const Logger log = root.with({{"session", id}});
///     log.warn("provider failed, trying again", {{"status", 503}, {"attempt", attempt}});
class Logger {
 public:
  Logger() noexcept = default;

  bool enabled(LogLevel level) const noexcept { return level >= level_; }
  /// A child whose lines carry these fields too; a field of the same name replaces the parent's.
  Logger with(std::initializer_list<LogItem> items) const;

  void trace(std::string_view message, std::initializer_list<LogItem> items = {}) const noexcept {
    log(LogLevel::trace, message, items);
  }
  void debug(std::string_view message, std::initializer_list<LogItem> items = {}) const noexcept {
    log(LogLevel::debug, message, items);
  }
  void info(std::string_view message, std::initializer_list<LogItem> items = {}) const noexcept {
    log(LogLevel::info, message, items);
  }
  void warn(std::string_view message, std::initializer_list<LogItem> items = {}) const noexcept {
    log(LogLevel::warn, message, items);
  }
  void error(std::string_view message, std::initializer_list<LogItem> items = {}) const noexcept {
    log(LogLevel::error, message, items);
  }
  /// `message` is a fixed sentence; what varies goes into the items.
  void log(LogLevel level, std::string_view message,
           std::initializer_list<LogItem> items) const noexcept {
    if (level >= level_) core_->write(level, *module_, message, context_.get(), items);
  }

 private:
  friend class Log;
  LogLevel level_ = LogLevel::off;
  std::shared_ptr<Log> core_;
  std::shared_ptr<const std::string> module_;
  std::shared_ptr<const Log::Fields> context_;
};

}  // namespace scena

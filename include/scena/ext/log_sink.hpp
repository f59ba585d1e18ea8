#pragma once

#include <scena/ext/clock.hpp>
#include <span>
#include <string_view>

namespace scena {

/// How much a line matters, rising; `off` is a threshold that no line reaches.
enum class LogLevel { trace, debug, info, warn, error, off };

/// One name and value of a log line; the value is text as it came, possibly not UTF-8.
struct LogField {
  std::string_view name;   ///< A fixed word.
  std::string_view value;  ///< Text as it came.
};

/// One log line. The views are valid during the call only. Secrets are already redacted; message
/// text is left out unless the configuration asks for it.
struct LogRecord {
  LogLevel level = LogLevel::info;   ///< Never `off`.
  WallTime time{};                   ///< UTC, of the engine's clock.
  std::string_view module;           ///< "engine", "jobs", "llm" or "net".
  std::string_view message;          ///< A fixed sentence.
  std::span<const LogField> fields;  ///< What varies.
};

/// Where log lines go. The engine writes nowhere by itself.
///
/// Threading: called from any engine thread, never twice at once for one engine. It returns soon
/// and calls nothing of the engine.
class LogSink {
 public:
  virtual ~LogSink() = default;
  /// Takes one line.
  virtual void write(const LogRecord& record) noexcept = 0;
};

}  // namespace scena

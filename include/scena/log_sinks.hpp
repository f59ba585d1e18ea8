#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <scena/ext/log_sink.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>

namespace scena {

/// Takes one finished line, its line end included. The view is valid during the call only. Called
/// as LogSink::write is: never twice at once for one engine. What it throws is dropped.
using LineWriter = std::function<void(std::string_view line)>;

/// One JSON object a line, whatever the values hold:
/// {"time":"2026-01-01T00:00:00.000000Z","level":"info","module":"net","message":"...","fields":{...}}
std::shared_ptr<LogSink> json_lines_sink(LineWriter write);

/// Lines for people: "12:00:00.000 WARN  net      a sentence  name=value name=\"two words\"".
/// Control characters are escaped, so that a value can neither forge a line nor drive a terminal.
/// @param colour  ANSI colours by level.
std::shared_ptr<LogSink> pretty_sink(LineWriter write, bool colour = false);

/// When a log file is put aside. The file `path` is renamed to `path.1`, that one to `path.2`, ...
struct FileSinkOptions {
  std::size_t max_bytes = 64u << 20;  ///< The file never grows past it, but for one longer line.
  std::size_t keep = 5;               ///< Files put aside; older ones are removed.
  std::chrono::seconds max_age{0};    ///< Since the first line of the file; zero: by size only.
};

/// JSON lines into a file, created with mode 0600, appended to when it exists. A line is written in
/// whole before the next; when the file cannot be put aside it keeps growing instead, and when a
/// write fails the line is kept (up to 1 MiB of them) and written before the next.
/// @return storage_failed when the file cannot be opened; invalid_argument for a zero limit.
Result<std::shared_ptr<LogSink>> file_sink(std::string path, FileSinkOptions options = {});

}  // namespace scena

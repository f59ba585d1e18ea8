#pragma once

#include <scena/ext/log_sink.hpp>
#include <string>

namespace scena {

/// The JSON form of a log line, its line end included.
void append_json_line(std::string& out, const LogRecord& record);

}  // namespace scena

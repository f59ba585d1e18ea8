#pragma once

#include <map>
#include <optional>
#include <scena/message.hpp>
#include <scena/preset.hpp>
#include <scena/session.hpp>
#include <string>
#include <vector>

#include "shell/run_end.hpp"

namespace scena::shell {

/// What a report is made of: values only, so that one session always gives the same page.
struct ReportData {
  SessionInfo info;
  std::vector<Message> messages;  ///< The chosen line, oldest first.
  Preset preset;
  std::map<std::string, ReplyTimes> times;  ///< By turn id; may lack some.
  std::optional<Analysis> analysis;         ///< The one stored last.
};

/// One self-contained HTML page: no script, no request, everything from the conversation escaped.
std::string render_report(const ReportData& report);

}  // namespace scena::shell

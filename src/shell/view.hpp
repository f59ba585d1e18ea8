#pragma once

#include <memory>
#include <scena/event.hpp>
#include <scena/preset.hpp>
#include <scena/session.hpp>

#include "shell/console.hpp"

namespace scena::shell {

/// How a conversation is printed while it goes on.
class View {
 public:
  virtual ~View() = default;
  /// The session's participants as they stand; called before the first event and when they change.
  virtual void set_session(const SessionInfo&) {}
  virtual void show(const Event& event) = 0;
  /// What an interactive person is asked with, e.g. "Alex> ".
  virtual void ask(const std::string&) {}
  virtual void end(const std::string& summary) = 0;
};

/// Names, streaming text and the metrics of each message, for people. Both are kept by reference.
/// @param typed  The person's own lines stand on the terminal already and are not printed again.
std::unique_ptr<View> terminal_view(Console& console, const Preset& preset, bool typed);
/// Every event as one JSON line, and nothing else.
std::unique_ptr<View> json_view(Console& console);

}  // namespace scena::shell

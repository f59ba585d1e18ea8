#pragma once

#include <memory>
#include <scena/session.hpp>
#include <string>
#include <vector>

#include "pending.hpp"

namespace scena::python {

/// A session, and what its blocking calls need to know of its engine.
struct PySession {
  PySession(Session taken, bool real) : handle(std::move(taken)), real_clock(real) {}
  Session& session() noexcept { return handle.value; }

  Unlocked<Session> handle;
  bool real_clock;
};

/// A viewer of a session.
class PyEvents {
 public:
  PyEvents(Events events, bool real_clock) : events_(std::move(events)), real_clock_(real_clock) {}

  /// The next event, or nothing after the timeout and when no further one comes.
  std::optional<Event> next(Milliseconds timeout);
  /// Everything that waits, at most `most`.
  std::vector<Event> take(std::size_t most);
  Events& events() noexcept { return events_.value; }

 private:
  Unlocked<Events> events_;
  bool real_clock_;
};

/// A turn, and the viewer that its text is read from.
class PyTurn {
 public:
  PyTurn(PySession session, Turn turn, Events events, bool continues)
      : session_(std::move(session)),
        turn_(std::move(turn)),
        events_(std::move(events)),
        continues_(continues) {}

  Turn& turn() noexcept { return turn_.value; }
  /// Waits until the message is committed; false after the timeout.
  bool wait_accepted(Milliseconds timeout);
  /// Waits for the end; nothing after the timeout.
  std::optional<TurnResult> wait(Milliseconds timeout);
  /// The pieces that came since the last call, without waiting; nothing once the text is whole.
  std::optional<std::vector<std::string>> take_texts();
  /// The same, after waiting for at least one piece.
  std::optional<std::vector<std::string>> wait_texts();
  /// Calls `callback()` when take_texts() may have something, on the engine's thread.
  void on_ready(std::function<void()> callback);

 private:
  void read(const Event& event, std::vector<std::string>& texts);
  void reopen();
  void read_rest(std::vector<std::string>& texts);
  std::size_t bytes_before(const std::string& message);

  PySession session_;
  Unlocked<Turn> turn_;
  Unlocked<Events> events_;
  std::function<void()> on_ready_;
  std::string id_;
  std::size_t read_to_ = 0;  // bytes of the reply's text that were read
  bool continues_;           // an older reply, whose text stands before the new one
  bool accepted_ = false;    // the message is known to be committed
  bool lagged_ = false;      // the first viewer's queue ran over
  Event event_;              // its memory is used again
};

/// Parts of add_session().
void add_events(py::module_& module);
void add_turn(py::module_& module);

}  // namespace scena::python

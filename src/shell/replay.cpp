#include <poll.h>

#include <algorithm>
#include <scena/batch_row.hpp>

#include "shell/commands.hpp"
#include "shell/reading.hpp"
#include "shell/run_end.hpp"
#include "shell/signals.hpp"
#include "shell/view.hpp"

namespace scena::shell {
namespace {

using std::chrono::microseconds;

bool is_said(const Event& event) {
  return event.type == "message.stored";
}

// Sleeps, but no longer than until a signal asks for the end.
void wait_for(const Signals& signals, microseconds time) {
  pollfd watched{signals.descriptor(), POLLIN, 0};
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(time).count();
  if (ms > 0) ::poll(&watched, 1, static_cast<int>(std::min<std::int64_t>(ms, INT32_MAX)));
}

}  // namespace

Exit replay_command(const Args& args, Console& console) {
  Engine engine = open_reader(args);
  Session session = engine.session(args.session);
  const Preset preset = preset_of(engine, args.session);
  const auto events = stored_events(engine, args.session);
  const Signals signals;
  const auto view = terminal_view(console, preset, false);
  view->set_session(session.info());
  const double speed = args.speed.value_or(1);
  const Event* before = nullptr;
  const auto last = std::find_if(events.rbegin(), events.rend(), is_said);
  const auto said = events.rend() - last;  // events until the last message
  for (const Event& event : events) {
    // How long the other session lay before it was forked is no pause of the talk, nor is the time
    // from its last word until somebody ended it or told what it was like.
    const bool goes_on = before && before->stream == event.stream && &event - events.data() < said;
    if (goes_on && speed > 0 && event.time > before->time) {
      const auto pause =
          static_cast<double>(microseconds(event.time - before->time).count()) / speed;
      wait_for(signals, microseconds(static_cast<std::int64_t>(pause)));
    }
    if (signals.asked() || console.is_broken()) return Exit::ok;
    before = &event;
    view->show(event);
  }
  const SessionInfo info = session.info();
  view->end(summary_of(info, session_row(info, session.messages()).duration));
  return Exit::ok;
}

}  // namespace scena::shell

#include <poll.h>

#include "shell/commands.hpp"
#include "shell/reading.hpp"
#include "shell/run_end.hpp"
#include "shell/signals.hpp"
#include "shell/view.hpp"

namespace scena::shell {
namespace {

using std::chrono::microseconds;

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
  for (const Event& event : events) {
    // How long the other session lay before it was forked is no pause of the talk.
    const bool goes_on = before && before->stream == event.stream;
    if (goes_on && speed > 0 && event.time > before->time) {
      const auto pause =
          static_cast<double>(microseconds(event.time - before->time).count()) / speed;
      wait_for(signals, microseconds(static_cast<std::int64_t>(pause)));
    }
    if (signals.asked() || console.is_broken()) return Exit::ok;
    before = &event;
    view->show(event);
  }
  view->end(summary_of(session.info(), session.info().updated - session.info().created));
  return Exit::ok;
}

}  // namespace scena::shell

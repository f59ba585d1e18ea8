#include <poll.h>
#include <unistd.h>

#include <algorithm>

#include "shell/analysis_text.hpp"
#include "shell/commands.hpp"
#include "shell/config.hpp"
#include "shell/files.hpp"
#include "shell/line_source.hpp"
#include "shell/reading.hpp"
#include "shell/report.hpp"
#include "shell/run_end.hpp"
#include "shell/run_setup.hpp"
#include "shell/signals.hpp"
#include "shell/spoken.hpp"
#include "shell/view.hpp"

namespace scena::shell {
namespace {

using namespace std::chrono_literals;

// How long the loop sleeps at most before it looks for a signal again.
constexpr auto kLook = 50ms;
constexpr auto kLongestAnalysis = 10min;

bool has_people(const Preset& preset) {
  return std::any_of(preset.characters.begin(), preset.characters.end(),
                     [](const Character& c) { return c.played_by == PlayedBy::human; });
}

SubscribeOptions after(std::string cursor) {
  SubscribeOptions options;
  options.after = std::move(cursor);
  return options;
}

// One conversation, from its start to its report.
class Run {
 public:
  Run(const Args& args, Console& console, const Config& config)
      : args_(args),
        console_(console),
        config_(config),
        engine_(Engine::open(config, make_dependencies())),
        preset_(find_preset(engine_, args.preset)),
        began_(engine_.clock().now()) {}

  Exit go() {
    auto lines = open_lines();
    // A conversation may take long and cost money: better now than at its end.
    if (!args_.report.empty()) check_writable(args_.report).value_or_throw();
    check_speaker(args_, preset_);
    check_end(args_, preset_);
    check_key(args_, config_, preset_);
    session_.emplace(engine_.create_session(preset_, session_options(args_, preset_)));
    events_.emplace(session_->events());
    view_ = args_.json ? json_view(console_) : terminal_view(console_, preset_, is_interactive());
    start();
    finish(talk(lines));
    return exit_;
  }

 private:
  // What broke the conversation off, if anything: summary and report come all the same.
  std::optional<Error> talk(std::optional<LineSource>& lines) {
    try {
      if (args_.all_ai) {
        run_characters();
      } else {
        run_lines(*lines);
      }
    } catch (const Error& error) {
      // A signal cancels what was under way.
      if (!stop_asked() || error.code() != ErrorCode::cancelled) return error;
    }
    return std::nullopt;
  }

  bool is_interactive() const {
    return !args_.all_ai && args_.input.empty() && isatty(STDIN_FILENO) == 1;
  }

  std::optional<LineSource> open_lines() const {
    if (args_.all_ai) {
      if (args_.input.empty()) return std::nullopt;
      throw Error::fixed(ErrorCode::invalid_argument,
                         "--input and --auto exclude each other: either a person's lines are "
                         "given, or an AI plays the person");
    }
    // What the engine would refuse as a message.
    std::size_t longest = config_.limits.message_bytes;
    if (const std::size_t own = preset_.limits.message_bytes; own != 0)
      longest = std::min(longest, own);
    if (!args_.input.empty()) return LineSource::open(args_.input, longest).value_or_throw();
    if (isatty(STDIN_FILENO) == 1) return LineSource::open("-", longest).value_or_throw();
    throw Error::fixed(
        ErrorCode::invalid_argument,
        "nobody speaks: standard input is not a terminal; give --input FILE, --input - or --auto");
  }

  void start() {
    const auto started = session_->start();
    pump([&] { return started.ready(); });
    if (const auto& made = started.wait(); !made) throw explain_taken(made.error(), config_);
    view_->set_session(started.get());
    if (!args_.all_ai && !has_people(preset_)) join_a_person();
    pump([] { return true; });
  }

  // A preset of characters alone: who sits at the terminal takes part as well.
  void join_a_person() {
    const std::string id = args_.as.empty() ? "you" : args_.as;
    const auto joined = session_->join({.id = id, .name = "You", .is_human = true, .subject = {}});
    pump([&] { return joined.ready(); });
    view_->set_session(joined.get());
  }

  // Shows events as they come until `done`, and what belongs to it.
  template <class Done>
  void pump(const Done& done) {
    while (!done()) {
      if (stop_asked()) session_->cancel();
      show_next(kLook);
    }
    settle();
  }

  // Shows what else is ready, such as scores, and waits no longer for more than the loop sleeps: a
  // webhook or a model that analyses holds no message up. Virtual time takes everything in.
  // @return true when nothing is under way any more.
  bool settle() {
    std::optional<std::chrono::milliseconds> longest;
    if (!engine_.clock().is_virtual()) longest = kLook;
    bool idle = true;
    try {
      engine_.run_until_idle(longest);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::timeout) throw;
      idle = false;
    }
    while (show_next(0ms)) {
    }
    return idle;
  }

  bool show_next(std::chrono::milliseconds wait) {
    Event event;
    const bool got = wait == 0ms ? events_->next(event) : events_->next_wait(event, wait);
    const bool lagged = got && event.type == "lagged";
    if (!got || lagged) {
      if (events_->ended()) events_.emplace(session_->events(after(events_->cursor())));
      return lagged;  // what was missed comes at once
    }
    notes_.add(event);
    // The names are known once the session was created; the view asks for them by itself before.
    if (!named_ && !args_.json) view_->set_session(session_->info());
    named_ = true;
    view_->show(event);
    return true;
  }

  bool stop_asked() const { return signals_.asked() || console_.is_broken(); }

  void run_characters() {
    RunOptions options;
    options.max_turns = args_.max_turns;
    const auto run = session_->run(options);
    pump([&] { return run.ready(); });
    const RunResult result = run.get();
    if (result.error) notes_.fail(*result.error);
    if (stop_asked()) return;
    if (result.reason == "human") {
      throw Error::fixed(ErrorCode::wrong_state,
                         "the preset waits for a person although --auto plays every part");
    }
    if (result.reason != "failed") complete();
  }

  void run_lines(LineSource& lines) {
    std::string line;
    std::uint32_t sent = 0;
    while (!stop_asked() && is_open() && (args_.max_turns == 0 || sent < args_.max_turns)) {
      if (!next_line(lines, line)) break;
      ++sent;
      if (!say(line)) return;
    }
    if (stop_asked()) return;
    if (sent == 0 && is_open() && !is_interactive()) throw no_message();
    if (!is_open() && !is_interactive()) tell_unsent(lines);
    complete();
  }

  // Lines are lost where the conversation ended by itself. Nobody waits for one that is not there.
  void tell_unsent(LineSource& lines) {
    const std::size_t last = lines.number();
    if (!lines.has_more()) return;
    pump([] { return true; });
    const std::string& reason = notes_.end_reason();
    console_.fault("the conversation ended" + (reason.empty() ? "" : " (" + reason + ")") +
                   " after line " + std::to_string(last) + "; the lines after it were not sent");
  }

  bool is_open() const { return session_->state() == SessionState::active; }

  bool next_line(LineSource& lines, std::string& line) {
    if (is_interactive()) view_->ask(person());
    while (!lines.take(line).value_or_throw()) {
      if (lines.ended() || stop_asked() || !is_open()) return false;
      if (lines.left_out() && is_interactive()) view_->ask(person());
      wait_for_line(lines);
    }
    return true;
  }

  std::string person() const {
    for (const Participant& participant : session_->info().participants) {
      if (participant.is_human && (args_.as.empty() || participant.id == args_.as))
        return participant.name;
    }
    return "You";
  }

  // The engine's loop goes on while a person thinks: time limits of the session are kept.
  void wait_for_line(LineSource& lines) {
    const bool real = !engine_.clock().is_virtual();
    pollfd watched[] = {{lines.descriptor(), POLLIN, 0},
                        {signals_.descriptor(), POLLIN, 0},
                        {engine_.wait_fd(), POLLIN, 0}};
    int wait = -1;
    if (const auto deadline = engine_.next_deadline(); real && deadline) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(*deadline - engine_.clock().now());
      wait = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
    }
    ::poll(watched, real ? 3 : 2, wait);
    if (watched[0].revents != 0) lines.fill();
    if (real) engine_.poll();
    while (show_next(0ms)) {
    }
  }

  // False when the reply failed: the lines after it were written for an answer that never came.
  bool say(const std::string& line) {
    SendOptions options;
    options.participant = args_.as;
    const Turn turn = session_->send(line, options);
    pump([&] { return turn.done(); });
    const Outcome outcome = turn.wait().outcome;
    if (stop_asked()) return true;
    if (outcome == Outcome::failed) return false;
    const TurnPolicy& policy = preset_.turn_policy;
    const bool others_follow = policy.kind == TurnPolicy::Kind::round_robin || !policy.when.empty();
    if (!others_follow || !is_open()) return true;
    // A rule may hold again and again; everybody once is enough for a person who waits.
    RunOptions everybody;
    everybody.max_turns = static_cast<std::uint32_t>(preset_.characters.size());
    const auto others = session_->run(everybody);
    pump([&] { return others.ready(); });
    const RunResult result = others.get();
    if (result.error) notes_.fail(*result.error);
    return result.reason != "failed";
  }

  void complete() {
    if (!is_open()) return;
    const auto completed = session_->complete();
    pump([&] { return completed.ready(); });
  }

  void finish(const std::optional<Error>& broken) {
    while (!settle() && !stop_asked()) {
    }
    const SessionInfo info = session_->info();
    const auto analysis = wait_for_analysis();
    if (analysis && !args_.json) show_analysis(console_, info, *analysis);
    view_->end(summary_of(info, std::chrono::duration_cast<std::chrono::microseconds>(
                                    engine_.clock().now() - began_)));
    const auto reported = write_report(info, analysis);
    if (broken) {
      if (!reported) console_.fault(reported.error());
      throw Error(*broken);
    }
    tell_failure();
    reported.value_or_throw();
  }

  Result<void> write_report(const SessionInfo& info, const std::optional<Analysis>& analysis) {
    if (args_.report.empty()) return {};
    const ReportData report{info, session_->messages(), preset_, notes_.times(), analysis};
    return write_file(args_.report, render_report(report));
  }

  // A reply that a signal cut off is no failure; one that is not in the store is.
  void tell_failure() {
    if (notes_.failure().empty() || (stop_asked() && notes_.exit() != Exit::storage)) return;
    console_.fault("the reply failed: " + notes_.failure());
    exit_ = notes_.exit();
  }

  // It was queued with the session's end. A model may take its time; nobody waits against a signal.
  std::optional<Analysis> wait_for_analysis() {
    if (session_->state() != SessionState::completed) return std::nullopt;
    const TimePoint latest = engine_.clock().now() + kLongestAnalysis;
    while (config_.jobs.run && notes_.analysis_is_open() && !stop_asked() &&
           engine_.clock().now() < latest)
      show_next(kLook);
    return stored_analysis(*session_);
  }

  const Args& args_;
  Console& console_;
  const Config& config_;
  Signals signals_;
  Engine engine_;
  Preset preset_;
  TimePoint began_;
  std::optional<Session> session_;
  std::optional<Events> events_;
  std::unique_ptr<View> view_;
  EventNotes notes_;
  bool named_ = false;
  Exit exit_ = Exit::ok;
};

}  // namespace

Exit run_command(const Args& args, Console& console) {
  const Config config = make_config(args).value_or_throw();
  check_clock(config);
  check_files(args, config);
  return Run(args, console, config).go();
}

}  // namespace scena::shell

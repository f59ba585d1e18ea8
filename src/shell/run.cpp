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
#include "shell/signals.hpp"
#include "shell/spoken.hpp"
#include "shell/view.hpp"

namespace scena::shell {
namespace {

using namespace std::chrono_literals;

// How long the loop sleeps at most before it looks for a signal again.
constexpr auto kLook = 50ms;
constexpr auto kLongestAnalysis = 10min;

bool is_path(const std::string& preset) {
  return preset.ends_with(".json") || preset.find('/') != std::string::npos;
}

Preset find_preset(const Engine& engine, const std::string& name) {
  if (is_path(name)) {
    auto text = read_file(name).value_or_throw();
    return Preset::from_json(text).value_or_throw();
  }
  std::string known;
  for (const PresetInfo& preset : engine.presets()) {
    if (preset.id == name) return engine.preset(name);
    known += (known.empty() ? "" : ", ") + preset.id;
  }
  throw Error(ErrorCode::not_found, "preset \"" + name + "\" is not known here; choose one of " +
                                        known + ", or name a file that ends in .json");
}

SessionOptions session_options(const Args& args, const Preset& preset) {
  SessionOptions options;
  for (const std::string& given : args.variables) {
    const auto equals = given.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(ErrorCode::invalid_argument,
                  "--var: \"" + given + "\" is not name=value; write for example --var name=Ann");
    }
    options.variables[given.substr(0, equals)] = given.substr(equals + 1);
  }
  const auto missing = missing_variables(preset, options.variables);
  if (!missing.empty()) {
    std::string text;
    for (const std::string& name : missing) {
      const Variable* variable = preset.find_variable(name);
      const std::string meaning =
          variable && !variable->description.empty() ? " (" + variable->description + ")" : "";
      text += (text.empty() ? "" : "\n") + std::string("variable \"") + name + "\" has no value" +
              meaning + "; give one with --var " + name + "=VALUE";
    }
    throw Error(ErrorCode::invalid_argument, text);
  }
  options.provider = args.provider;
  options.model = args.model;
  if (!args.all_ai) return options;
  for (const Character& character : preset.characters) {
    if (character.played_by == PlayedBy::human) options.played_by[character.id] = "ai";
  }
  return options;
}

// Virtual time does not wait for a network: every answer would be too late.
void check_clock(const Config& config) {
  if (config.clock == ClockKind::real || !config.tape_replay.empty()) return;
  const std::string kind = kind_of(provider_url(config));
  if (kind == "script" || kind == "fault") return;
  throw Error(ErrorCode::invalid_argument,
              "--clock virtual: \"" + config.provider +
                  "\" answers in real time; leave the option out, or replay a tape with "
                  "--tape-replay");
}

bool has_people(const Preset& preset) {
  return std::any_of(preset.characters.begin(), preset.characters.end(),
                     [](const Character& c) { return c.played_by == PlayedBy::human; });
}

void check_speaker(const Args& args, const Preset& preset) {
  std::string people;
  for (const Character& character : preset.characters) {
    if (character.played_by != PlayedBy::human) continue;
    if (character.id == args.as) return;
    people += (people.empty() ? "" : ", ") + character.id;
  }
  if (args.as.empty() || people.empty()) return;
  throw Error(ErrorCode::invalid_argument,
              "--as: \"" + args.as + "\" is no person of this preset; use one of " + people);
}

SubscribeOptions after(std::string cursor) {
  SubscribeOptions options;
  options.after = std::move(cursor);
  return options;
}

// One conversation, from its start to its report.
class Run {
 public:
  Run(const Args& args, Console& console, Engine engine)
      : args_(args),
        console_(console),
        engine_(std::move(engine)),
        preset_(find_preset(engine_, args.preset)),
        began_(engine_.clock().now()) {}

  Exit go() {
    auto lines = open_lines();
    // A conversation may take long and cost money: better now than at its end.
    if (!args_.report.empty()) check_writable(args_.report).value_or_throw();
    check_speaker(args_, preset_);
    session_.emplace(engine_.create_session(preset_, session_options(args_, preset_)));
    events_.emplace(session_->events());
    view_ = args_.json ? json_view(console_) : terminal_view(console_, preset_, is_interactive());
    start();
    if (args_.all_ai) {
      run_characters();
    } else {
      run_lines(*lines);
    }
    finish();
    return exit_;
  }

 private:
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
    if (!args_.input.empty()) return LineSource::open(args_.input).value_or_throw();
    if (isatty(STDIN_FILENO) == 1) return LineSource::open("-").value_or_throw();
    throw Error::fixed(
        ErrorCode::invalid_argument,
        "nobody speaks: standard input is not a terminal; give --input FILE, --input - or --auto");
  }

  void start() {
    const auto started = session_->start();
    pump([&] { return started.ready(); });
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
    engine_.run_until_idle();
    while (show_next(0ms)) {
    }
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
    if (stop_asked()) return;
    const RunResult result = run.get();
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
    if (sent == 0 && is_open()) {
      throw Error::fixed(ErrorCode::invalid_argument,
                         "--input: holds no message; write one message a line");
    }
    complete();
  }

  bool is_open() const { return session_->state() == SessionState::active; }

  bool next_line(LineSource& lines, std::string& line) {
    if (is_interactive()) view_->ask(person());
    while (!lines.take(line)) {
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
    if (stop_asked()) return true;
    if (turn.wait().outcome == Outcome::failed) return false;
    const TurnPolicy& policy = preset_.turn_policy;
    const bool others_follow = policy.kind == TurnPolicy::Kind::round_robin || !policy.when.empty();
    if (!others_follow || !is_open()) return true;
    // A rule may hold again and again; everybody once is enough for a person who waits.
    RunOptions everybody;
    everybody.max_turns = static_cast<std::uint32_t>(preset_.characters.size());
    const auto others = session_->run(everybody);
    pump([&] { return others.ready(); });
    return others.get().reason != "failed";
  }

  void complete() {
    if (!is_open()) return;
    const auto completed = session_->complete();
    pump([&] { return completed.ready(); });
  }

  void finish() {
    engine_.run_until_idle();
    while (show_next(0ms)) {
    }
    const SessionInfo info = session_->info();
    const auto analysis = wait_for_analysis();
    if (analysis && !args_.json) show_analysis(console_, info, *analysis);
    view_->end(summary_of(info, std::chrono::duration_cast<std::chrono::microseconds>(
                                    engine_.clock().now() - began_)));
    if (!args_.report.empty()) {
      const ReportData report{info, session_->messages(), preset_, notes_.times(), analysis};
      write_file(args_.report, render_report(report)).value_or_throw();
    }
    if (notes_.failure().empty() || stop_asked()) return;
    console_.fault("the reply failed: " + notes_.failure());
    exit_ = notes_.exit();
  }

  // It was queued with the session's end. A model may take its time; nobody waits against a signal.
  std::optional<Analysis> wait_for_analysis() {
    if (session_->state() != SessionState::completed) return std::nullopt;
    const TimePoint latest = engine_.clock().now() + kLongestAnalysis;
    while (notes_.analysis_is_open() && !stop_asked() && engine_.clock().now() < latest)
      show_next(kLook);
    return stored_analysis(*session_);
  }

  const Args& args_;
  Console& console_;
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
  Run run(args, console, Engine::open(config, make_dependencies()));
  return run.go();
}

}  // namespace scena::shell

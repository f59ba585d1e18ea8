#include "cases/case_runner.hpp"

#include <stdexcept>

#include "base/json_writer.hpp"
#include "cases/case_parts.hpp"
#include "conformance/stage.hpp"

namespace scena::cases {
namespace {

// What an answer in JSON must follow.
constexpr const char* kOkSchema =
    R"({"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"]})";

// The value of a label; "-": it goes.
std::optional<std::string> label(std::string_view value) {
  if (value == "-") return std::nullopt;
  return std::string(value);
}

// A word of a command that may be left out: "-", or nothing.
std::string word_or_none(std::string_view& rest) {
  const std::string word = take_word(rest);
  return word == "-" ? std::string() : word;
}

std::string counts(const std::map<std::string, std::uint32_t>& escapes) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  for (const auto& [step, count] : escapes) writer.member(step, static_cast<std::uint64_t>(count));
  writer.end_object();
  return out;
}

// `replies` are JSON: texts, or rules of a script.
std::string provider_options(const std::vector<std::string>& replies) {
  std::string options;
  JsonWriter writer(options);
  writer.begin_object().member("delay_ms", 100).member("token_ms", 20);
  if (!replies.empty()) {
    writer.key("replies").begin_array();
    for (const auto& reply : replies) writer.raw(reply);
    writer.end_array();
  }
  writer.end_object();
  return options;
}

}  // namespace

void CaseRunner::run() {
  for (const auto& line : case_.lines) {
    try {
      run_line(line);
    } catch (const std::exception& error) {
      wrong("line " + std::to_string(line.number) + ": " + line.word + " " + line.rest + ": " +
            error.what());
    }
  }
  if (failure_) wrong(std::string("the last command failed: ") + failure_->what());
}

void CaseRunner::run_line(const CaseLine& line) {
  if (line.word == "fails") {
    if (!failure_) wrong("nothing failed");
    if (to_string(failure_->code()) != line.rest)
      wrong(std::string("it failed with ") + to_string(failure_->code()));
    told_.push_back(std::string("! ") + to_string(failure_->code()) + " " +
                    folder_.hide(failure_->what()));
    failure_.reset();
    return;
  }
  if (failure_) wrong(std::string("the command before failed: ") + failure_->what());
  if (line.word == "do") {
    try {
      if (!engine_) open();
      act(line.rest);
    } catch (const Error& error) {
      failure_ = error;
    }
  } else if (!engine_) {
    prepare(line);
  } else if (!check(line)) {
    wrong("no such word, or too late in the case");
  }
}

// --- before the first command
// -----------------------------------------------------------------------

void CaseRunner::prepare(const CaseLine& line) {
  std::string_view rest = line.rest;
  if (line.word == "script") {
    std::string reply;
    do {
      reply += take_quoted(rest);
    } while (take_separator(rest, '|'));
    replies_.push_back(in_quotes(reply));
  } else if (line.word == "rule") {
    replies_.emplace_back(rest);
  } else if (line.word == "tool") {
    const std::string name = take_word(rest);
    dependencies_.tools.push_back(make_tool(
        {name, "A tool of this case.", ""},
        [result = take_quoted(rest)](const ToolRequest&) { return result; }, {.everywhere = true}));
  } else if (line.word == "fault") {
    schedule_ = rest;
  } else if (line.word == "config") {
    config_ = Config::from_json(folder_.insert(rest)).value_or_throw();
  } else if (line.word == "file") {
    const std::string name = take_word(rest);
    folder_.write(name, rest);
  } else if (line.word == "full") {
    folder_.fill();
  } else if (line.word == "own") {
    dependencies_.providers["own"] = make_failing_provider(rest);
  } else if (line.word == "metrics") {
    has_all_metrics_ = true;
  } else if (line.word == "live") {
    is_live_ = true;
  } else if (line.word == "filter") {
    dependencies_.filter = make_word_filter(rest);
  } else if (line.word == "analyzer") {
    dependencies_.analyzers.push_back(make_mark_analyzer(rest));
  } else if (line.word == "owner") {
    options_.owner = rest;
  } else if (line.word == "preset") {
    preset_ = rest;
  } else if (line.word == "given") {
    const std::string name = take_word(rest);
    options_.variables[name] = rest;
  } else if (line.word == "played") {
    const std::string character = take_word(rest);
    options_.played_by[character] = rest;
  } else {
    wrong("no such word");
  }
}

void CaseRunner::open() {
  config_.clock = ClockKind::virtual_time;
  config_.seed = 7;
  config_.provider = dependencies_.providers.empty() ? "model" : "own";
  config_.providers["model"] = {.url = schedule_.empty() ? "script:" : "fault:" + schedule_,
                                .options = provider_options(replies_)};
  if (!has_all_metrics_ && config_.metrics.empty()) config_.metrics = {"sentiment"};
  config_.live_metrics = is_live_;
  engine_.emplace(Engine::open(config_, dependencies_));
  sessions_.push_back(create(options_));
  events_.emplace(session().events());
}

Session CaseRunner::create(const SessionOptions& options) {
  if (preset_.starts_with('{'))
    return engine_->create_session(Preset::from_json(preset_).value_or_throw(), options);
  if (!preset_.empty()) return engine_->create_session(preset_, options);
  return engine_->create_session(conformance::two_in_a_room(), options);
}

// --- commands
// -----------------------------------------------------------------------------------------

void CaseRunner::act(std::string_view rest) {
  const std::string verb = take_word(rest);
  if (verb == "wait") {
    engine_->advance(std::chrono::milliseconds(std::stoll(std::string(rest))));
  } else if (verb == "fork") {
    sessions_.push_back(session().fork(message_id(take_word(rest))).get());
  } else if (verb == "back") {
    sessions_.pop_back();
  } else if (verb == "begin") {
    begin(rest);
  } else if (verb == "return") {
    come_back(std::string(rest));
  } else if (verb == "flood") {
    flood(rest);
  } else if (verb == "hurry") {
    const std::chrono::milliseconds limit(std::stoll(take_word(rest)));
    await(session().send(rest, {.deadline = limit}));
  } else if (verb == "recall") {
    Turn turn = session().send(rest);
    turn.cancel();
    await(turn);
  } else if (verb == "whisper") {
    SendOptions options;
    options.participant = take_word(rest);
    options.audience = {Audience::Kind::named, {take_word(rest)}};
    await(session().send(rest, options));
  } else if (verb == "to") {
    SendOptions options;
    options.character = take_word(rest);
    await(session().send(rest, options));
  } else if (verb == "same") {
    (void)session().start({std::string(rest)}).get();
  } else if (verb == "repeat") {
    SendOptions options;
    options.command_id = take_word(rest);
    await(session().send(rest, options));
  } else if (verb == "json") {
    await(session().send(rest, {.json_schema = kOkSchema, .repair = true}));
  } else if (verb == "store") {
    SendOptions options;
    options.reply = false;
    await(session().send(rest, options));
  } else if (verb == "run") {
    RunOptions options;
    options.max_turns = static_cast<std::uint32_t>(std::stoul(std::string(rest)));
    const RunResult run = session().run(options).get();
    answer_ = run.reason;
    error_ = run.error ? to_string(run.error->code()) : "";
  } else if (!act_on_engine(verb, rest)) {
    act_on_session(verb, rest);
  }
}

void CaseRunner::act_on_session(const std::string& verb, std::string_view rest) {
  Session& now = session();
  if (verb == "send")
    return await(now.send(rest.starts_with('"') ? take_quoted(rest) : std::string(rest)));
  if (verb == "prompt") return await(now.prompt({.character = std::string(rest)}));
  if (verb == "regenerate") return await(now.regenerate());
  if (verb == "continue") return await(now.continue_reply());
  if (verb == "edit") {
    const std::string id = message_id(take_word(rest));
    return await(now.edit(id, rest));
  }
  if (verb == "explain") {
    answer_ = now.explain(message_id(std::string(rest))).provider;
    return;
  }
  if (verb == "aside_json") {
    const std::string character = take_word(rest);
    answer_ = now.ask_aside(character, rest, kOkSchema).get().text;
    return;
  }
  if (verb == "aside") {
    const std::string character = take_word(rest);
    answer_ = now.ask_aside(character, rest).get().text;
    return;
  }
  if (verb == "next_question") {
    const NextQuestion next = now.next_question({.character = word_or_none(rest)}).get();
    answer_ = next.text;
    return told_.push_back("? covers=" + next.covers + " reason=" + next.reason +
                           " cost=" + next.cost.to_string());
  }
  if (verb == "flag_escape") {
    EscapeOptions options;
    options.participant = word_or_none(rest);
    options.step = word_or_none(rest);
    options.reason = word_or_none(rest);
    answer_ = counts(now.flag_escape(options).get().escapes);
    return;
  }
  if (verb == "cancel") return now.cancel();
  if (verb == "start") return (void)now.start().get();
  if (verb == "pause") return (void)now.pause().get();
  if (verb == "resume") return (void)now.resume().get();
  if (verb == "complete") return (void)now.complete().get();
  if (verb == "analyze") return (void)now.analyze().get();
  if (verb == "analysis") return told_.push_back("? " + now.analysis().to_json());
  if (verb == "fail") return (void)now.fail().get();
  if (verb == "undo") return (void)now.undo().get();
  if (verb == "remove") return (void)now.remove().get();
  if (verb == "choose") return (void)now.choose(message_id(std::string(rest))).get();
  if (verb == "leave") return (void)now.leave(rest).get();
  if (verb == "title") return (void)now.update({.title = std::string(rest), .labels = {}}).get();
  const std::string name = take_word(rest);
  if (verb == "set") return (void)now.set_variable(name, rest).get();
  if (verb == "label")
    return (void)now.update({.title = {}, .labels = {{name, label(rest)}}}).get();
  if (verb == "annotate") return (void)now.annotate(name, rest).get();
  if (verb == "join") {
    Participant person;
    person.id = name;
    person.name = rest;
    person.is_human = true;
    return (void)now.join(person).get();
  }
  wrong("no such command");
}

void CaseRunner::await(const Turn& turn) {
  const TurnResult result = turn.wait();
  answer_ = result.text;
  error_ = result.error ? to_string(result.error->code()) : "";
}

// Sends and waits for the first piece of the reply only.
void CaseRunner::begin(std::string_view text) {
  Turn turn = session().send(text);
  turn.wait_accepted();
  see_until("delta");
}

// The viewer reads on to an event of that type, leaves, and comes back behind it.
void CaseRunner::come_back(const std::string& type) {
  const std::string place = see_until(type).cursor().to_string();
  told_.push_back("? place " + place);
  events_.emplace(sessions_.front().events({.after = place}));
}

Event CaseRunner::see_until(const std::string& type) {
  Event event;
  do {
    if (!events_->next_wait(event)) wrong("no " + type + " came");
    see(event);
  } while (event.type != type);
  return event;
}

// Many messages at once: as many turns as are taken, and the first refusal.
void CaseRunner::flood(std::string_view rest) {
  const int count = std::stoi(take_word(rest));
  std::optional<Error> refused;
  for (int i = 0; i < count; ++i) {
    try {
      (void)session().send(rest);
    } catch (const Error& error) {
      if (!refused) refused = error;
    }
  }
  engine_->run_until_idle();
  if (refused) throw *refused;
}

/// "last", "human" (the last message of a human), or an id.
std::string CaseRunner::message_id(const std::string& name) {
  const auto messages = session().messages();
  if (name == "last" && !messages.empty()) return messages.back().id;
  if (name != "human") return name;
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    if (message->from_human) return message->id;
  }
  wrong("no human has spoken");
}

}  // namespace scena::cases

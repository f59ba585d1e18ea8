#include "cases/case_runner.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "conformance/stage.hpp"

namespace scena::cases {
namespace {

[[noreturn]] void wrong(const std::string& what) {
  throw std::runtime_error(what);
}

std::string in_quotes(std::string_view text) {
  std::string out;
  JsonWriter::quote(out, text);
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

std::string CaseRunner::events() {
  std::string lines;
  for (Session& each : sessions_) {
    try {
      Events view = each.events();
      engine_->run_until_idle();
      Event event;
      do {
        while (view.next(event)) {
          if (event.is_durable()) lines += event.to_json() + "\n";
        }
      } while (engine_->poll() != 0);
    } catch (const Error&) {
      // A session that the case deleted shows nothing any more.
    }
  }
  return lines;
}

void CaseRunner::run_line(const CaseLine& line) {
  if (line.word == "fails") {
    if (!failure_) wrong("nothing failed");
    if (to_string(failure_->code()) != line.rest)
      wrong(std::string("it failed with ") + to_string(failure_->code()));
    failure_.reset();
    return;
  }
  if (failure_) wrong(std::string("the command before failed: ") + failure_->what());
  if (line.word == "do") {
    if (!engine_) open();
    try {
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
    config_ = Config::from_json(rest).value_or_throw();
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
  config_.provider = "model";
  config_.providers["model"] = {.url = schedule_.empty() ? "script:" : "fault:" + schedule_,
                                .options = provider_options(replies_)};
  engine_.emplace(Engine::open(config_, dependencies_));
  if (preset_.starts_with('{')) {
    sessions_.push_back(
        engine_->create_session(Preset::from_json(preset_).value_or_throw(), options_));
  } else if (!preset_.empty()) {
    sessions_.push_back(engine_->create_session(preset_, options_));
  } else {
    sessions_.push_back(engine_->create_session(conformance::two_in_a_room(), options_));
  }
  events_.emplace(session().events());
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
  } else if (verb == "whisper") {
    SendOptions options;
    options.participant = take_word(rest);
    options.audience = {Audience::Kind::named, {take_word(rest)}};
    await(session().send(rest, options));
  } else if (verb == "repeat") {
    SendOptions options;
    options.command_id = take_word(rest);
    await(session().send(rest, options));
  } else if (verb == "store") {
    SendOptions options;
    options.reply = false;
    await(session().send(rest, options));
  } else if (verb == "run") {
    RunOptions options;
    options.max_turns = static_cast<std::uint32_t>(std::stoul(std::string(rest)));
    answer_ = session().run(options).get().reason;
  } else {
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
  if (verb == "aside") {
    const std::string character = take_word(rest);
    answer_ = now.ask_aside(character, rest).get().text;
    return;
  }
  if (verb == "cancel") return now.cancel();
  if (verb == "start") return (void)now.start().get();
  if (verb == "pause") return (void)now.pause().get();
  if (verb == "resume") return (void)now.resume().get();
  if (verb == "complete") return (void)now.complete().get();
  if (verb == "fail") return (void)now.fail().get();
  if (verb == "undo") return (void)now.undo().get();
  if (verb == "remove") return (void)now.remove().get();
  if (verb == "choose") return (void)now.choose(message_id(std::string(rest))).get();
  if (verb == "leave") return (void)now.leave(rest).get();
  const std::string name = take_word(rest);
  if (verb == "set") return (void)now.set_variable(name, rest).get();
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
  answer_ = turn.wait().text;
}

// Sends and waits for the first piece of the reply only.
void CaseRunner::begin(std::string_view text) {
  Turn turn = session().send(text);
  turn.wait_accepted();
  const auto is_delta = [](const Event& event) { return event.type == "delta"; };
  Event event;
  do {
    if (!events_->next_wait(event)) wrong("no reply began");
    seen_.push_back(event);
  } while (!is_delta(event));
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

// --- what must hold
// -------------------------------------------------------------------------------------

bool CaseRunner::check(const CaseLine& line) {
  engine_->run_until_idle();
  const auto equal = [](const std::string& seen, std::string_view wanted) {
    if (seen != wanted) wrong("it is " + in_quotes(seen));
  };
  std::string_view rest = line.rest;
  if (line.word == "expect") {
    expect(rest);
  } else if (line.word == "state") {
    equal(to_string(session().state()), rest);
  } else if (line.word == "line") {
    check_line(rest);
  } else if (line.word == "answer") {
    equal(answer_, take_quoted(rest));
  } else if (line.word == "reason") {
    equal(session().info().end_reason, rest);
  } else if (line.word == "all") {
    equal(std::to_string(session().messages(true).size()), rest);
  } else if (line.word == "turns") {
    equal(std::to_string(session().info().turns), rest);
  } else if (line.word == "alternatives") {
    equal(std::to_string(session().alternatives(session().messages().back().id).size()), rest);
  } else if (line.word == "variable") {
    const std::string name = take_word(rest);
    equal(session().info().variables[name], rest);
  } else if (line.word == "outcome") {
    equal(to_string(session().messages().back().outcome), rest);
  } else if (line.word == "sees" || line.word == "misses") {
    check_view(rest, line.word == "sees");
  } else {
    return false;
  }
  return true;
}

void CaseRunner::read_events() {
  engine_->run_until_idle();
  Event event;
  do {
    while (events_->next(event)) seen_.push_back(event);
  } while (engine_->poll() != 0 || events_->next(event));
}

void CaseRunner::expect(std::string_view rest) {
  read_events();
  do {
    std::string wanted = take_word(rest);
    if (wanted == "delta") {
      expect_delta(take_quoted(rest));
    } else {
      const bool has_word = !rest.empty() && rest.front() != ',';
      expect_event(wanted, has_word ? take_word(rest) : std::string());
    }
  } while (take_separator(rest, ','));
}

// Deltas may be merged on their way: what counts is that their texts join to what is expected.
void CaseRunner::expect_delta(const std::string& text) {
  std::string joined;
  while (joined.size() < text.size()) {
    while (next_ < seen_.size() && may_skip(seen_[next_], "delta")) ++next_;
    if (next_ == seen_.size() || seen_[next_].type != "delta")
      wrong("the deltas end behind " + in_quotes(joined));
    joined += seen_[next_].text;
    if (joined.size() <= text.size()) {
      ++next_;
    } else {
      seen_[next_].text = joined.substr(text.size());  // the rest of it is looked at next
      joined.resize(text.size());
    }
  }
  if (joined != text) wrong("the deltas are " + in_quotes(joined));
  in_text_ = true;
}

// The end of a turn is never stepped over, nor is text behind text that was expected.
bool CaseRunner::may_skip(const Event& event, std::string_view wanted) const {
  if (event.type == "turn.finished") return false;
  return event.type != "delta" || (wanted != "delta" && !in_text_);
}

void CaseRunner::expect_event(const std::string& type, const std::string& word) {
  while (next_ < seen_.size() && seen_[next_].type != type && may_skip(seen_[next_], type)) ++next_;
  in_text_ = false;
  if (next_ == seen_.size()) wrong("no " + type + " came");
  const Event& event = seen_[next_++];
  if (event.type != type) wrong("a " + event.type + " came before any " + type);
  if (word.empty()) return;
  const auto data = parse_json(event.data).value_or_throw();
  for (const char* member : {"outcome", "participant", "reason", "name"}) {
    if (data.value(member, "") == word) return;
  }
  wrong("it came with " + event.data);
}

void CaseRunner::check_line(std::string_view rest) {
  std::string wanted;
  while (!rest.empty()) {
    const std::string speaker = take_word(rest);
    wanted += speaker + " " + in_quotes(take_quoted(rest)) + "\n";
    if (!take_separator(rest, ',')) break;
  }
  std::string seen;
  for (const auto& message : session().messages())
    seen += message.speaker + " " + in_quotes(message.text()) + "\n";
  if (seen != wanted) wrong("the line is\n" + seen);
}

// Whether a participant's own view holds a text.
void CaseRunner::check_view(std::string_view rest, bool visible) {
  SubscribeOptions options;
  options.participant = take_word(rest);
  const std::string text = take_quoted(rest);
  Events view = session().events(options);
  engine_->run_until_idle();
  bool found = false;
  Event event;
  do {
    while (view.next(event)) found = found || event.data.find(text) != std::string::npos;
  } while (engine_->poll() != 0);
  if (found != visible) wrong(visible ? "it does not" : "it does");
}

}  // namespace scena::cases

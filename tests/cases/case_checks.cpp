// What must hold behind a command of a case, and what the case showed as a whole.
#include <algorithm>
#include <stdexcept>

#include "base/json.hpp"
#include "cases/case_parts.hpp"
#include "cases/case_runner.hpp"

namespace scena::cases {

bool CaseRunner::check(const CaseLine& line) {
  if (!is_closed_) engine_->run_until_idle();
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
  } else if (line.word == "error") {
    equal(error_, rest);
  } else if (line.word == "outcome") {
    equal(to_string(session().messages().back().outcome), rest);
  } else if (line.word == "sees" || line.word == "misses") {
    check_view(rest, line.word == "sees");
  } else {
    return false;
  }
  return true;
}

void CaseRunner::see(const Event& event) {
  seen_.push_back(event);
  seen_lines_ += event.to_json() + "\n";
}

// A reader that was too slow goes on where its queue ended.
void CaseRunner::read_events() {
  for (;;) {
    std::string behind;
    drain(*events_, [&](const Event& event) {
      if (event.type == "lagged") {
        behind = event.cursor().to_string();
      } else {
        see(event);
      }
    });
    if (behind.empty()) return;
    events_.emplace(sessions_.front().events({.after = behind}));
  }
}

template <class Each>
void CaseRunner::drain(Events& view, Each&& each) {
  engine_->run_until_idle();
  Event event;
  do {
    while (view.next(event)) each(event);
  } while (engine_->poll() != 0);
}

std::string CaseRunner::record() {
  if (engine_ && !is_closed_) read_events();
  std::string lines = seen_lines_;
  for (const auto& refusal : told_) lines += refusal + "\n";
  for (std::size_t i = 1; i < sessions_.size(); ++i) {
    try {
      Events view = sessions_[i].events();
      lines += "- session " + std::to_string(i + 1) + "\n";
      drain(view, [&](const Event& event) { lines += event.to_json() + "\n"; });
    } catch (const Error&) {
      // A session that the case deleted, or may not see, shows nothing any more.
    }
  }
  return lines;
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
  drain(view,
        [&](const Event& event) { found = found || event.data.find(text) != std::string::npos; });
  if (found != visible) wrong(visible ? "it does not" : "it does");
}

}  // namespace scena::cases

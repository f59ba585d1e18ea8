#include "simulation/watcher.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "domain/message_json.hpp"

namespace scena::test {

void Watcher::open(Session& session) {
  SubscribeOptions options;
  options.after = cursor_;
  options.batches = habit_.batches;
  options.max_events = habit_.max_events;
  away_ = true;
  if (seq_ == 0) {  // a fork may go on with what stands in its parent's log alone
    for (const Message& message : session.messages(true))
      stored_.emplace(message.id, message.text());
  }
  events_.emplace(session.events(options));
}

void Watcher::leave() {
  if (events_) cursor_ = events_->cursor();
  events_.reset();
}

bool Watcher::read(Session& session, std::size_t most,
                   const std::function<void(const Event&)>& seen) {
  if (!events_) open(session);
  Event event;
  bool any = false;
  while (most-- > 0 && events_->next(event)) {
    any = true;
    if (event.type == "lagged") {
      ++lags_;
      leave();
      open(session);
      continue;
    }
    take(event);
    if (seen) seen(event);
  }
  return any;
}

void Watcher::take(const Event& event) {
  if (event.type == "delta") return take_delta(event);
  if (!event.is_durable()) return;
  if (event.seq != seq_ + 1) {
    findings_.add(event.stream + ": a viewer got event " + std::to_string(event.seq) + " (" +
                  event.type + ") after " + std::to_string(seq_));
  }
  seq_ = event.seq;
  if (habit_.keeps) seen_.push_back(event.to_json());
  if (event.type == "turn.started") return start_turn(event);
  if (event.type == "turn.finished") return finish_turn(event);
  if (event.type != "message.stored") return;  // a rebuilt session reads them all
  const auto data = parse_json(event.data);
  if (!data) return findings_.add(event.stream + ": event data is not JSON");
  const auto message = read_message(data->at("message"));
  if (!message) return findings_.add(event.stream + ": a stored message cannot be read");
  stored_[message->id] = message->text();
}

void Watcher::start_turn(const Event& event) {
  if (!turn_.empty())
    findings_.add(event.stream + ": " + turn_ + " had not finished when the next turn started");
  const auto data = parse_json(event.data);
  if (!data) return findings_.add(event.stream + ": event data is not JSON");
  turn_ = data->value("turn", "");
  kind_ = data->value("kind", "");
  text_.clear();
  text_start_.reset();
  away_ = false;
}

void Watcher::take_delta(const Event& event) {
  if (event.turn != turn_)
    return findings_.add(event.stream + ": text of " + event.turn + " while " + turn_ + " runs");
  if (!text_start_) {
    text_start_ = event.off.value_or(0);
    if (*text_start_ != 0 && kind_ != "continue")
      findings_.add(event.stream + ": the text of " + turn_ + " begins behind its start");
  }
  const std::uint64_t expected = *text_start_ + text_.size();
  if (event.off.value_or(0) != expected) {
    findings_.add(event.stream + ": text at " + std::to_string(event.off.value_or(0)) +
                  ", expected at " + std::to_string(expected));
  }
  text_ += event.text;
}

void Watcher::finish_turn(const Event& event) {
  const auto data = parse_json(event.data);
  if (!data) return findings_.add(event.stream + ": event data is not JSON");
  const std::string turn = data->value("turn", ""), message = data->value("message", "");
  if (turn != turn_)
    findings_.add(event.stream + ": " + turn + " finished, but \"" + turn_ + "\" was running");
  const bool interrupted = data->value("outcome", "") == "interrupted";
  if (message.empty()) {
    // A reply that is continued shows late viewers the text it stands on, which is stored already.
    const bool base = kind_ == "continue" && text_start_ == 0 &&
                      std::any_of(stored_.begin(), stored_.end(),
                                  [&](const auto& entry) { return entry.second == text_; });
    if (!text_.empty() && !interrupted && !base)
      findings_.add(event.stream + ": " + turn +
                    " streamed text that was not stored: " + event.data);
  } else if (text_start_) {
    // Who was away when the reply ended reads the rest in the stored message.
    const std::string& stored = stored_[message];
    const std::string_view rest =
        std::string_view(stored).substr(std::min<std::size_t>(*text_start_, stored.size()));
    const bool same = away_ ? rest.starts_with(text_) : rest == text_;
    if (!same && !interrupted)
      findings_.add(event.stream + ": the stored text of " + message + " is not what was streamed");
  }
  turn_.clear();
}

}  // namespace scena::test

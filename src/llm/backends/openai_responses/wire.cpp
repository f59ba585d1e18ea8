#include "llm/backends/openai_responses/wire.hpp"

#include <algorithm>
#include <array>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "llm/provider_failure.hpp"
#include "llm/text_joiner.hpp"

namespace scena::llm::openai_responses {
namespace {

using Kind = JsonCursor::Kind;

// Events about progress that hold nothing of the answer, by what their names begin with.
constexpr std::array<std::string_view, 6> kSilent = {"response.queued",
                                                     "response.in_progress",
                                                     "response.content_part.",
                                                     "response.reasoning_summary_part.",
                                                     "response.output_text.logprobs",
                                                     "keepalive"};

Error not_json() {
  return Error::fixed(ErrorCode::protocol, "the provider sent an event that is not valid JSON");
}

// A status of a response that is over and not whole.
bool is_broken(std::string_view status) {
  return status == "incomplete" || status == "failed" || status == "cancelled";
}

bool contains(const std::vector<std::int64_t>& list, std::int64_t value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

EventReading Reader::read_event(std::string_view name, std::string_view data,
                                ReplyProgress& reply) {
  if (trim(data) == "[DONE]") {
    reply.end();
    return {};
  }
  ResponseEvent seen;
  seen.document = data;
  if (!openai_responses::read_event(data, seen)) {
    reply.fail(not_json());
    return {};
  }
  // Some gateways name events only in front of the data; "message" is the name of those without.
  if (seen.type.empty() && name != "message") seen.type = name;
  return take(seen, reply);
}

EventReading Reader::take(const ResponseEvent& seen, ReplyProgress& reply) {
  placed_ = seen.placed || !seen.response.empty();
  if (seen.type == "response.output_text.delta") {
    take_text({item_of(seen, "message"), seen.content_index, Channel::text}, seen.delta,
              Source::delta, reply);
    if (reply.done() || seen.delta.empty()) return {};
    return {.frame = {.text = seen.delta.raw,
                      .padding = seen.padding,
                      .numbers = {seen.counter},
                      .number_count = seen.counter.empty() ? 0u : 1u}};
  }
  if (take_piece(seen, reply)) return {};
  // The same bytes may be another item's text from now on: some servers number all items alike.
  if (take_item(seen, reply)) return {.new_state = true};
  const bool silent = std::any_of(kSilent.begin(), kSilent.end(), [&](std::string_view begin) {
    return seen.type.starts_with(begin);
  });
  if (!silent) reply.ignore();
  return {};
}

// Pieces of texts and arguments, and the events that tell one of them as a whole.
bool Reader::take_piece(const ResponseEvent& seen, ReplyProgress& reply) {
  const std::string_view type = seen.type;
  const Part text{item_of(seen, "message"), seen.content_index, Channel::text};
  const Part refusal{text.item, seen.content_index, Channel::refusal};
  const std::int64_t thought = item_of(seen, "reasoning");
  const std::int64_t call = item_of(seen, "function_call");
  if (type == "response.output_text.done") {
    take_text(text, seen.text, Source::text_done, reply);
  } else if (type == "response.content_part.done") {
    close_part(text, seen.part, reply);
  } else if (type == "response.refusal.delta") {
    take_text(refusal, seen.delta, Source::delta, reply);
  } else if (type == "response.refusal.done") {
    take_text(refusal, seen.refusal, Source::text_done, reply);
  } else if (type == "response.reasoning_summary_text.delta") {
    take_text({thought, -1 - seen.summary_index, Channel::reasoning}, seen.delta, Source::delta,
              reply);
  } else if (type == "response.reasoning_summary_text.done") {
    take_text({thought, -1 - seen.summary_index, Channel::reasoning}, seen.text, Source::text_done,
              reply);
  } else if (type == "response.reasoning_text.delta") {
    take_text({thought, seen.content_index, Channel::reasoning}, seen.delta, Source::delta, reply);
  } else if (type == "response.reasoning_text.done") {
    take_text({thought, seen.content_index, Channel::reasoning}, seen.text, Source::text_done,
              reply);
  } else if (type == "response.function_call_arguments.delta") {
    take_arguments(call, seen.delta, false, reply);
  } else if (type == "response.function_call_arguments.done") {
    take_arguments(call, seen.arguments, true, reply);
  } else if (type == "response.output_text.annotation.added" ||
             type == "response.output_text_annotation.added") {
    mark({text.item, 0, Channel::citations});
    cite(seen.annotation, reply);
  } else {
    return false;
  }
  return true;
}

bool Reader::take_item(const ResponseEvent& seen, ReplyProgress& reply) {
  const std::string_view type = seen.type;
  if (type == "response.created") {
    const Whole whole = read_response(seen.response);
    reply.start(whole.model, whole.id);
  } else if (type == "response.output_item.added") {
    announce(seen.output_index, read_item(seen.item), true, reply);
  } else if (type == "response.output_item.done" && !seen.item.empty()) {
    const Item item = read_item(seen.item);
    close_item(announce(seen.output_index, item, false, reply), item, reply);
  } else if (type == "response.completed" || type == "response.incomplete" ||
             type == "response.failed" || type == "response.cancelled" || type == "response.done") {
    Whole whole = read_response(seen.response);
    const std::string_view told = type.substr(std::string_view("response.").size());
    // Some servers end every response by "completed", and tell inside that it is none.
    if (told != "done" && (told != "completed" || !is_broken(whole.status))) whole.status = told;
    take_response(whole, reply);
    reply.end();
  } else if (type == "error" ||
             (type.empty() && (!seen.error.empty() || parse_failure(seen.document).is_error))) {
    reply.fail(provider_failure(0, parse_failure(seen.document), reply.secrets()));
  } else {
    return false;
  }
  return true;
}

// True when no piece of it had come.
bool Reader::mark(const Part& part) {
  if (std::find(delivered_.begin(), delivered_.end(), part) != delivered_.end()) return false;
  delivered_.push_back(part);
  return true;
}

// Only a message that was announced is one for sure: some servers leave the index out or number the
// events of one text in two ways.
std::int64_t Reader::message_of(std::int64_t index) const {
  const auto is_it = [&](const Known& known) { return known.index == index && known.is_message; };
  const bool sure = placed_ && std::any_of(announced_.begin(), announced_.end(), is_it);
  return sure ? index : kNoMessage;
}

// Whether something finer has brought a text that this one may be: of the same part by its number,
// or of any part of the message; of anything where one of the two has no message for sure.
bool Reader::tells_again(const Part& part, Source source, bool any_part) const {
  const std::int64_t message = message_of(part.item);
  return std::any_of(told_.begin(), told_.end(), [&](const Told& told) {
    if (told.channel != part.channel || told.source >= source) return false;
    const bool unsure = told.message == kNoMessage || message == kNoMessage;
    return unsure || (any_part && told.message == message);
  });
}

void Reader::take_text(Part part, const JsonText& text, Source source, ReplyProgress& reply) {
  if (text.empty()) return;
  const bool spoken = part.channel != Channel::reasoning;
  const bool again = spoken && tells_again(part, source, source == Source::part_done);
  const bool fresh = mark(part);
  if (source != Source::delta && (again || !fresh)) return;
  if (const Told told{message_of(part.item), part.channel, source};
      spoken && std::find(told_.begin(), told_.end(), told) == told_.end())
    told_.push_back(told);
  reply.start({}, {});
  if (part.channel == Channel::text) reply.text(text);
  if (part.channel == Channel::refusal) reply.refusal(text);
  if (part.channel == Channel::reasoning) reply.reasoning(text);
}

void Reader::take_arguments(std::int64_t item, const JsonText& text, bool whole,
                            ReplyProgress& reply) {
  const bool fresh = text.empty() || mark({item, 0, Channel::arguments});
  if (!text.empty() && (!whole || fresh)) reply.tool_piece({item, {}, {}, unescaped_piece(text)});
  if (!whole) return;
  if (!fresh) reply.tool_amend(item, unescaped(text));
  reply.tool_end(item);
}

// Which item a piece is of: at its place the one with its id, else the newest that has such pieces.
std::int64_t Reader::item_of(const ResponseEvent& seen, std::string_view type) const {
  const Known* fitting = nullptr;
  for (const Known& known : announced_) {
    if (known.place != seen.output_index) continue;
    const std::string_view id = seen.item_id;
    if (!id.empty() && (known.id == id || known.call_id == id)) return known.index;
    if (known.type == type) fitting = &known;
  }
  return fitting ? fitting->index : seen.output_index;
}

// Whether an item is one that was announced at the same place. Calls are told by their own ids;
// others may get a new id with each event, unless one begins behind the end of another.
bool Reader::is_same(const Known& known, const Item& item, bool begins) const {
  if (known.type != item.type) return false;
  if (!known.call_id.empty() && !item.call_id.empty()) return known.call_id == item.call_id.raw;
  if (known.id.empty() || item.id.empty() || known.id == item.id.raw) return true;
  return placed_ && !(begins && contains(closed_, known.index));
}

// Its own index. Where it is seen for the first time, its begin is passed on.
std::int64_t Reader::announce(std::int64_t place, const Item& item, bool begins,
                              ReplyProgress& reply) {
  constexpr std::int64_t kShared = 1 << 21;
  bool taken = false;
  for (auto known = announced_.rbegin(); known != announced_.rend(); ++known) {
    if (known->place == place && is_same(*known, item, begins)) return known->index;
    taken |= known->index == place;
  }
  const std::int64_t index = taken ? kShared + static_cast<std::int64_t>(announced_.size()) : place;
  announced_.push_back({index, place, std::string(item.type), std::string(item.id.raw),
                        std::string(item.call_id.raw), begins && item.type == "message"});
  reply.start({}, {});
  if (item.type == "function_call") {
    const JsonText& id = item.call_id.empty() ? item.id : item.call_id;
    reply.tool_piece({index, unescaped(id), unescaped(item.name), {}});
  } else if (item.type != "message" && item.type != "reasoning") {
    reply.ignore();  // what the service ran itself
  }
  return index;
}

void Reader::close_item(std::int64_t index, const Item& item, ReplyProgress& reply) {
  if (contains(closed_, index)) return;
  closed_.push_back(index);
  if (item.type == "function_call") take_arguments(index, item.arguments, true, reply);
  if (item.type == "message") {
    const Part text{index, 0, Channel::text};
    if (!tells_again(text, Source::item, true)) take_text(text, item.text, Source::item, reply);
    close_parts(index, item.content, Channel::text, reply);
  }
  if (item.type == "reasoning") {
    // Numbered backwards, so that a summary's part is not taken for one of the reasoning.
    std::int64_t part = 0;
    JsonCursor json(item.summary);
    if (!item.summary.empty()) {
      json.array([&] {
        JsonText text;
        json.object([&](std::string_view name) {
          if (name == "text") text = json.text();
        });
        take_text({index, -1 - part++, Channel::reasoning}, text, Source::item, reply);
      });
    }
    close_parts(index, item.content, Channel::reasoning, reply);
  }
  keep_state(item);
}

// One that only its end tells of; what reasons is told by its own events.
void Reader::close_part(Part part, std::string_view raw, ReplyProgress& reply) {
  JsonText text, refusal;
  bool spoken = true;
  JsonCursor json(raw);
  json.object([&](std::string_view name) {
    if (name == "type") spoken = !json.text().raw.starts_with("reasoning");
    if (name == "text") text = json.text();
    if (name == "refusal") refusal = json.text();
  });
  if (!spoken) return;
  take_text(part, text, Source::part_done, reply);
  part.channel = Channel::refusal;
  take_text(part, refusal, Source::part_done, reply);
}

void Reader::close_parts(std::int64_t index, std::string_view list, Channel channel,
                         ReplyProgress& reply) {
  if (list.empty()) return;
  const Part citations{index, 0, Channel::citations};
  const bool cited = std::find(delivered_.begin(), delivered_.end(), citations) != delivered_.end();
  // With pieces of a part behind the last one, the list is numbered in another way than they.
  std::int64_t count = 0;
  JsonCursor all(list);
  all.array([&] {
    all.skip();
    ++count;
  });
  const bool renumbered = std::any_of(delivered_.begin(), delivered_.end(), [&](const Part& one) {
    return one.item == index && one.channel == Channel::text && one.part >= count;
  });
  std::int64_t part = 0;
  JsonCursor json(list);
  json.array([&] {
    JsonText text, refusal;
    std::vector<std::string_view> annotations;
    json.object([&](std::string_view name) {
      if (name == "text") text = json.text();
      if (name == "refusal") refusal = json.text();
      if (name == "annotations") json.array([&] { annotations.push_back(json.skip()); });
    });
    if (channel != Channel::text || !renumbered)
      take_text({index, part, channel}, text, Source::item, reply);
    take_text({index, part, Channel::refusal}, refusal, Source::item, reply);
    for (const auto raw : annotations) {
      if (!cited) cite(raw, reply);
    }
    ++part;
  });
}

void Reader::cite(std::string_view annotation, ReplyProgress& reply) {
  if (annotation.empty()) return;
  if (const auto citation = read_annotation(annotation)) reply.citation(*citation);
}

bool Reader::has_piece(Channel channel) const {
  return std::any_of(delivered_.begin(), delivered_.end(),
                     [&](const Part& part) { return part.channel == channel; });
}

// Which announced item an item of the closing event is: by its ids, else by its place where one of
// the two has no id. -1: none.
std::int64_t Reader::index_of(const Item& item, std::int64_t place) const {
  for (const Known& known : announced_) {
    if (!known.id.empty() && known.id == item.id.raw) return known.index;
    if (!known.call_id.empty() && known.call_id == item.call_id.raw) return known.index;
  }
  for (const Known& known : announced_) {
    if (known.index == place && (known.id.empty() || item.id.empty())) return place;
  }
  return -1;
}

// The closing event may leave items out or name them anew: what is not one of the announced items
// counts only where nothing of its kind had come.
void Reader::close_output(const Whole& whole, ReplyProgress& reply) {
  const bool had_text = has_piece(Channel::text) || has_piece(Channel::refusal);
  const bool had_reasoning = has_piece(Channel::reasoning);
  const bool had_calls = reply.has_tool_call();
  constexpr std::int64_t kClosing = 1 << 20;
  std::int64_t place = 0;
  for (const auto raw : whole.output) {
    const Item item = read_item(raw);
    const std::int64_t index = index_of(item, place);
    const bool had = (item.type == "message" && had_text) ||
                     (item.type == "function_call" && had_calls) ||
                     (item.type == "reasoning" && had_reasoning);
    if (index >= 0) {
      close_item(index, item, reply);
    } else if (!had) {
      close_item(announce(kClosing + place, item, false, reply), item, reply);
    }
    ++place;
  }
  if (!has_piece(Channel::text) && !has_piece(Channel::refusal))
    take_text({kClosing + place, 0, Channel::text}, whole.text, Source::item, reply);
}

void Reader::take_response(const Whole& whole, ReplyProgress& reply) {
  const bool failed = whole.status == "failed" || whole.status == "cancelled";
  if (!failed && whole.error.empty()) reply.start(whole.model, whole.id);
  close_output(whole, reply);
  reply.usage(whole.usage);
  if (failed || !whole.error.empty()) {
    FailureBody failure = parse_failure(whole.error);
    if (whole.error.empty()) failure.message = "the response was " + std::string(whole.status);
    return reply.fail(provider_failure(0, failure, reply.secrets()));
  }
  pass_state(reply);
  if (whole.status == "in_progress" || whole.status == "queued") return;
  if (whole.status == "incomplete") {
    FinishReason reason = FinishReason::other;
    if (whole.reason == "max_output_tokens" || whole.reason == "max_tokens")
      reason = FinishReason::length;
    if (whole.reason == "content_filter") reason = FinishReason::content_filter;
    reply.reason(reason, whole.reason);
  } else {
    reply.reason(FinishReason::stop, whole.status);
  }
  reply.complete();
}

// Reasoning goes back as it came, between the text and the calls that stood around it; those are
// only marked, since the host may have changed them.
void Reader::keep_state(const Item& item) {
  std::string entry;
  if (item.type == "reasoning") {
    // Without its content a service that stored nothing cannot take it back.
    if (item.encrypted.empty() && item.content.size() <= 2) return;
    entry = item.raw;
    has_reasoning_ = true;
  } else if (item.type == "message") {
    entry = R"({"type":"message"})";
  } else if (item.type == "function_call") {
    JsonWriter json(entry);
    const JsonText& id = item.call_id.empty() ? item.id : item.call_id;
    json.begin_object().member("type", "function_call").member("call_id", unescaped(id));
    json.end_object();
  } else {
    return;
  }
  if (!state_.empty()) state_ += ',';
  state_ += entry;
}

void Reader::pass_state(ReplyProgress& reply) {
  if (!has_reasoning_ || !is_valid_utf8(state_)) return;
  reply.state("[" + state_ + "]");
  has_reasoning_ = false;
}

void Reader::read_whole(std::string_view body, ReplyProgress& reply) {
  JsonCursor json(trim(body));
  const bool is_object = json.peek() == Kind::object;
  const std::string_view document = json.skip();
  if (!json.finish()) return reply.fail(not_json());
  if (!is_object) return;
  const Whole whole = read_response(document);
  const bool tells = whole.has_output || !whole.text.empty() || is_broken(whole.status);
  if (!whole.error.empty() || tells) {
    take_response(whole, reply);
    if (reply.is_complete()) reply.end();
  }
}

}  // namespace scena::llm::openai_responses

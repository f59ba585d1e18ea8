#include "llm/tool_calls.hpp"

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "base/json_cursor.hpp"
#include "base/text.hpp"

namespace scena::llm {
namespace {

bool is_object(std::string_view text) {
  const auto parsed = parse_json(text);
  return parsed && parsed->is_object();
}

// Several objects one behind the other, as some models write two calls into one: each by itself.
std::vector<std::string> split_objects(std::string_view text) {
  std::vector<std::string> objects;
  while (!(text = trim(text)).empty()) {
    JsonCursor json(text);
    if (json.peek() != JsonCursor::Kind::object) return {};
    const std::string_view one = json.skip();
    if (!json.ok() || !is_object(one)) return {};
    objects.emplace_back(one);
    text.remove_prefix(static_cast<std::size_t>(one.data() + one.size() - text.data()));
  }
  return objects;
}

// An empty object in front of the arguments held their place.
void drop_placeholder(std::vector<std::string>& objects) {
  const auto is_empty = [](std::string_view object) { return trim(object.substr(1)) == "}"; };
  if (objects.size() > 1 && is_empty(objects.front()) && !is_empty(objects.back()))
    objects.erase(objects.begin());
}

// The object that stands in a text of JSON, as some models write their arguments; else empty.
std::string object_inside(std::string_view text) {
  if (!text.starts_with('"')) return {};
  const auto parsed = parse_json(text);
  if (!parsed || !parsed->is_string()) return {};
  std::string inside = parsed->get<std::string>();
  return is_object(inside) ? inside : std::string();
}

// The same arguments, however they are spaced and ordered; nothing is an empty object.
bool are_same(std::string_view a, std::string_view b) {
  const auto object = [](std::string_view text) -> std::string_view {
    return text.empty() || text == "null" ? "{}" : text;
  };
  a = object(trim(a));
  b = object(trim(b));
  if (a == b) return true;
  const auto first = parse_json(a), second = parse_json(b);
  return first && second && *first == *second;
}

}  // namespace

// Counts brackets alone: whether it is JSON is judged once, at the end.
void ToolCalls::Shape::read(std::string_view text) noexcept {
  for (const char c : text) {
    if (in_string) {
      in_string = escaped || c != '"';
      escaped = !escaped && c == '\\';
    } else if (c == '{' || c == '[') {
      broken = broken || (depth == 0 && (c == '[' || whole));
      ++depth;
    } else if (c == '}' || c == ']') {
      broken = broken || depth == 0;
      whole = --depth == 0;
    } else if (c == '"') {
      in_string = true;
    } else if (depth == 0 && std::string_view(" \t\r\n").find(c) == std::string_view::npos) {
      broken = true;
    }
  }
}

ToolCalls::Call* ToolCalls::open(std::optional<std::int64_t> index, std::string id) {
  if (calls_.size() >= kMaxCalls) return nullptr;
  std::int64_t next = 0;
  for (const Call& call : calls_) next = std::max(next, call.index + 1);
  Call& call = calls_.emplace_back();
  call.index = index.value_or(next);
  take_id(call, std::move(id));
  return &call;
}

void ToolCalls::take_id(Call& call, std::string id) const {
  call.doubled = !id.empty() && has_id(id);
  call.id = std::move(id);
}

bool ToolCalls::has_id(std::string_view id) const {
  return std::any_of(calls_.begin(), calls_.end(),
                     [id](const Call& call) { return call.id == id; });
}

// The newest call of an index counts: a service may put all of them under 0.
ToolCalls::Call* ToolCalls::find(const ToolPiece& piece) {
  if (piece.begins) return open(piece.index, piece.id);
  if (Call* same = find_by_id(piece)) return same;
  Call* last = calls_.empty() ? nullptr : &calls_.back();
  Call* there = last;
  if (piece.index) {
    there = newest_at(*piece.index);
    // An index that counts pieces in place of calls.
    const bool bare = piece.id.empty() && piece.name.empty();
    if (!there && bare && last && !last->shape.is_whole() && !last->told_end) there = last;
  }
  if (!there || !goes_on(*there, piece)) return open(piece.index, piece.id);
  if (there->id.empty() && !there->started) take_id(*there, piece.id);
  return there;
}

// The newest call of the piece's id, unless the piece is of a further one. A service that gives all
// calls one id begins the next one by a name behind a whole one.
ToolCalls::Call* ToolCalls::find_by_id(const ToolPiece& piece) {
  if (piece.id.empty()) return nullptr;
  const auto has_its_id = [&](const Call& call) { return call.id == piece.id; };
  auto found = std::find_if(calls_.rbegin(), calls_.rend(), [&](const Call& call) {
    return has_its_id(call) && call.index == piece.index;
  });
  if (found == calls_.rend()) found = std::find_if(calls_.rbegin(), calls_.rend(), has_its_id);
  if (found == calls_.rend()) return nullptr;
  const bool whole = found->shape.is_whole();
  if (piece.index && found->index != *piece.index) {
    // A gateway began the same call twice, or counts pieces.
    const bool bare = found->arguments.empty() && found->waiting.empty();
    const bool begun = !found->ended && !whole && (!found->told_end || bare);
    if (!begun || !(piece.name.empty() || piece.name == found->name)) return nullptr;
    // Or one id is that of several calls, whose pieces take turns.
    if (!bare && !piece.name.empty() && trim(piece.arguments).starts_with('{')) return nullptr;
    found->index = *piece.index;
    found->told_end = false;
    return &*found;
  }
  const bool next =
      !piece.name.empty() && (piece.name != found->name || trim(piece.arguments).starts_with('{'));
  return whole && next ? nullptr : &*found;
}

// Whether the piece is of the call that its index names, or of the newest without one.
bool ToolCalls::goes_on(const Call& there, const ToolPiece& piece) {
  const bool whole = there.shape.is_whole();
  const bool unfinished = !whole && !there.told_end;
  // Some services make a new id for each piece: only a name begins a call behind an unfinished one.
  const bool has_id = !there.id.empty() && !there.made_id;
  if (!piece.id.empty() && (has_id || !piece.index)) return piece.name.empty() && unfinished;
  if (piece.name.empty()) return true;
  // A service that puts all calls under one index, without ids, begins the next one by a name and
  // an object behind a whole one.
  if (piece.index) return !whole || !trim(piece.arguments).starts_with('{');
  return there.name.empty() || (unfinished && piece.name == there.name);
}

// Some services say the whole call once more when it is complete. Equal calls without ids may be
// meant, if each has its name.
bool ToolCalls::repeats(const ToolPiece& piece) const {
  if (calls_.empty() || !trim(piece.arguments).starts_with('{')) return false;
  const auto is_same = [&](const Call& call) {
    if (!call.shape.is_whole() || (!piece.name.empty() && piece.name != call.name)) return false;
    if (!piece.id.empty()) {
      if (call.made_id || call.id != piece.id) return false;
    } else {
      const bool there = piece.index ? call.index == *piece.index : &call == &calls_.back();
      const bool has_id = !call.id.empty() && !call.made_id;
      if (!there || (!piece.name.empty() && !has_id)) return false;
    }
    return are_same(call.arguments + call.waiting, piece.arguments);
  };
  return std::any_of(calls_.begin(), calls_.end(), is_same);
}

// Usually the name comes once. Some repeat it with each piece, some send it in pieces.
void ToolCalls::take_name(Call& call, std::string_view name) const {
  if (name.empty() || call.started || name == call.name) return;
  if (name.starts_with(call.name)) {
    call.name = name;  // the whole of what began
  } else {
    call.name += name;
  }
}

bool ToolCalls::add(const ToolPiece& piece, ReplySink& sink) {
  if (repeats(piece)) return true;
  const std::size_t before = calls_.size();
  Call* call = find(piece);
  if (!call) return false;
  if (call->ended) return true;
  if (calls_.size() > before) close_empty(before, sink);
  take_name(*call, piece.name);
  if (!piece.arguments.empty() || (!call->started && !call->waiting.empty()))
    take_arguments(*call, piece.arguments, sink);
  return true;
}

bool ToolCalls::add_whole(std::string_view id, std::string_view name, std::string_view arguments,
                          ReplySink& sink) {
  const bool is_repeated = std::any_of(calls_.begin(), calls_.end(), [&](const Call& call) {
    return !id.empty() && !call.made_id && call.id == id && call.name == name &&
           are_same(call.arguments + call.waiting, arguments);
  });
  if (is_repeated) return true;
  Call* call = open(std::nullopt, std::string(id));
  if (!call) return false;
  call->name = name;
  if (!arguments.empty()) take_arguments(*call, arguments, sink);
  close(calls_.size() - 1, false, sink);
  return true;
}

bool ToolCalls::empty() const noexcept {
  return std::all_of(calls_.begin(), calls_.end(), [](const Call& call) {
    return !call.started && call.name.empty() && call.waiting.empty();
  });
}

bool ToolCalls::has_half() const noexcept {
  return std::any_of(calls_.begin(), calls_.end(), [](const Call& call) {
    const bool bare = call.arguments.empty() && call.waiting.empty() && !call.told_end;
    return !call.ended && (call.shape.depth > 0 || call.shape.in_string || bare);
  });
}

// A call with the id of another is whole: false, when it is that one said again. Else it gets an id
// of its own.
bool ToolCalls::tell_apart(Call& call) const {
  const bool again = std::any_of(calls_.begin(), calls_.end(), [&](const Call& other) {
    return &other != &call && other.started && !other.made_id && other.id == call.id &&
           other.name == call.name &&
           (call.waiting.empty() || are_same(other.arguments, call.waiting));
  });
  call.doubled = false;
  call.id.clear();
  return !again;
}

void ToolCalls::start(Call& call, ReplySink& sink) {
  if (call.started) return;
  call.started = true;
  call.number = next_number_++;
  call.name = utf8_repair(call.name);
  call.made_id = call.id.empty();
  std::string id = call.made_id ? "call_" + std::to_string(call.number) : utf8_repair(call.id);
  while (call.made_id && has_id(id)) id += '_';
  call.id = std::move(id);
  sink.on_tool_start(call.number, call.id, call.name);
}

void ToolCalls::take_arguments(Call& call, std::string_view piece, ReplySink& sink) {
  // What services send for a tool without parameters: a whole, if an empty one.
  if (trim(piece) == "null" && call.arguments.empty() && call.waiting.empty()) {
    call.told_end = true;
    piece = {};
  }
  call.shape.read(piece);
  call.waiting += piece;
  if (!call.name.empty() && !call.doubled) hand_on(call, sink);
}

void ToolCalls::hand_on(Call& call, ReplySink& sink) {
  start(call, sink);
  const std::string piece = std::exchange(call.waiting, {});
  const std::string_view text = call.joiner.join(piece).text;
  if (text.empty()) return;
  call.arguments += text;
  sink.on_tool_args(call.number, text);
}

ToolCalls::Call* ToolCalls::newest_at(std::int64_t index) noexcept {
  const auto found = std::find_if(calls_.rbegin(), calls_.rend(),
                                  [index](const Call& call) { return call.index == index; });
  return found == calls_.rend() ? nullptr : &*found;
}

bool ToolCalls::amend(std::int64_t index, std::string_view arguments) {
  Call* call = newest_at(index);
  if (!call || call->ended || call->doubled || is_object(sound_escapes(trim(call->arguments))))
    return false;
  std::string sound = sound_escapes(trim(arguments));
  if (!is_object(sound)) return false;
  call->amended = std::move(sound);
  return true;
}

void ToolCalls::end(std::int64_t index, ReplySink& sink) {
  Call* named = newest_at(index);
  if (!named) return;
  named->told_end = true;
  // A gateway that forgets an end, or tells it late, changes nothing about the calls' order.
  const auto is_ended = [](const Call& call) { return call.ended; };
  auto at = static_cast<std::size_t>(named - calls_.data());
  if (!std::all_of(calls_.begin(), calls_.begin() + static_cast<std::ptrdiff_t>(at), is_ended))
    return;
  for (; at < calls_.size() && calls_[at].told_end; ++at) {
    if (calls_[at].ended) continue;
    const Call& call = calls_[at];
    const std::string_view told = call.doubled ? call.waiting : call.arguments;
    if (call.amended.empty() && !is_object(sound_escapes(trim(told)))) return;
    close(at, false, sink);
  }
}

// A call without arguments that was told to end is no cut one when another follows: it ends in its
// turn, so that calls keep their order.
void ToolCalls::close_empty(std::size_t before, ReplySink& sink) {
  for (std::size_t i = 0; i < before; ++i) {
    if (calls_[i].told_end && calls_[i].arguments.empty() && calls_[i].waiting.empty())
      close(i, false, sink);
  }
}

void ToolCalls::finish(bool cut, ReplySink& sink) {
  const std::size_t count = calls_.size();
  for (std::size_t i = 0; i < count; ++i) close(i, cut && i + 1 == count, sink);
}

void ToolCalls::close(std::size_t at, bool cut, ReplySink& sink) {
  if (calls_[at].ended) return;
  calls_[at].ended = true;
  // An object that never got a name or an argument held a place and is no call.
  if (!calls_[at].started && calls_[at].name.empty() && calls_[at].waiting.empty()) return;
  if (calls_[at].doubled && !tell_apart(calls_[at])) return;
  calls_[at].waiting.empty() ? start(calls_[at], sink) : hand_on(calls_[at], sink);
  const Call& call = calls_[at];
  ToolCall whole{call.id, call.name, call.arguments, true};
  if (!call.amended.empty()) {
    whole.arguments = call.amended;
    return sink.on_tool_end(call.number, whole);
  }
  const std::string_view text = trim(call.arguments);
  // Nothing is what services send for a tool without parameters, or "null" in pieces.
  if (text.empty() || text == "null") {
    whole.valid = !cut;
    whole.arguments = cut ? call.arguments : "{}";
    return sink.on_tool_end(call.number, whole);
  }
  const std::string sound = sound_escapes(text);
  if (is_object(sound)) {
    if (sound != text) whole.arguments = sound;
    return sink.on_tool_end(call.number, whole);
  }
  if (std::string inside = cut ? std::string() : object_inside(sound); !inside.empty()) {
    whole.arguments = std::move(inside);
    return sink.on_tool_end(call.number, whole);
  }
  auto objects = cut ? std::vector<std::string>{} : split_objects(sound);
  drop_placeholder(objects);
  if (objects.size() == 1) {
    whole.arguments = std::move(objects.front());
    return sink.on_tool_end(call.number, whole);
  }
  if (objects.empty() || calls_.size() + objects.size() - 1 > kMaxCalls) {
    whole.valid = false;
    if (!cut) sink.on_warning("invalid_tool_arguments", whole.name);
    return sink.on_tool_end(call.number, whole);
  }
  sink.on_warning("joined_tool_calls", whole.name);
  const std::string name = whole.name;
  whole.arguments = std::move(objects.front());
  sink.on_tool_end(call.number, whole);
  for (std::size_t i = 1; i < objects.size(); ++i) add_whole({}, name, objects[i], sink);
}

}  // namespace scena::llm

#include "llm/backends/gemini/partial_call.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.hpp"
#include "llm/backends/gemini/proto_name.hpp"
#include "llm/text_joiner.hpp"

namespace scena::llm::gemini {
namespace {

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxElements = 10'000;

// A value that stands for itself; none where it is refused.
std::optional<Json> value_of(JsonCursor& json) {
  auto value = parse_json(sound_escapes(json.skip()));
  if (!value) return std::nullopt;
  return std::move(*value);
}

std::optional<Json> object_of(std::string_view text) {
  auto value = parse_json(text);
  if (!value || !value->is_object()) return std::nullopt;
  return std::move(*value);
}

// One step of "$.a[0]['b']": a member's name or an element's number. False at a broken path.
bool take_step(std::string_view& path, std::string& name, std::size_t& index, bool& element) {
  element = false;
  if (path.starts_with('.')) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find_first_of(".["), path.size());
    name.assign(path.substr(0, end));
    path.remove_prefix(end);
    return !name.empty();
  }
  if (!path.starts_with('[')) return false;
  const bool quoted = path.size() > 1 && (path[1] == '\'' || path[1] == '"');
  const std::size_t close = quoted ? path.find(std::string{path[1], ']'}, 2) : path.find(']');
  if (close == std::string_view::npos) return false;
  if (quoted) {
    name.assign(path.substr(2, close - 2));
    path.remove_prefix(close + 2);
    return true;
  }
  element = true;
  const auto [end, fault] = std::from_chars(path.data() + 1, path.data() + close, index);
  if (fault != std::errc() || end != path.data() + close || index >= kMaxElements) return false;
  path.remove_prefix(close + 1);
  return true;
}

}  // namespace

// "call_0", "call_0-2" where another call of its turn or of the request has the first one.
bool is_made_id(std::string_view id) noexcept {
  constexpr std::string_view kOurs = "call_";
  const auto is_number = [](std::string_view text) {
    return !text.empty() && text.size() < 5 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (id.empty()) return true;
  if (!id.starts_with(kOurs)) return false;
  id.remove_prefix(kOurs.size());
  const std::size_t dash = id.find('-');
  return is_number(id.substr(0, dash)) &&
         (dash == std::string_view::npos || is_number(id.substr(dash + 1)));
}

bool is_call_piece(std::string_view call) {
  bool piece = false;
  JsonCursor json(call);
  json.object([&](std::string_view name) {
    piece = piece || is_named(name, "partialArgs") || is_named(name, "willContinue");
  });
  return piece;
}

bool PartialCall::add(std::string_view call) {
  bool fits = true;
  open_ = false;
  JsonCursor json(call);
  json.object([&](std::string_view name) {
    if (name == "id") {
      if (std::string id = unescaped(json.text()); !id.empty()) id_ = std::move(id);
    } else if (name == "name") {
      if (std::string word = unescaped(json.text()); !word.empty()) name_ = std::move(word);
    } else if (name == "args") {
      fits = take_arguments(json) && fits;
    } else if (is_named(name, "willContinue")) {
      open_ = json.skip() == "true";
    } else if (is_named(name, "partialArgs")) {
      json.array([&] { fits = json.peek() == JsonCursor::Kind::object && read(json) && fits; });
    }
  });
  if (!open_) end_text();
  return fits && json.finish();
}

// An object, or a text of one, which may come in pieces as well.
bool PartialCall::take_arguments(JsonCursor& json) {
  if (json.peek() == JsonCursor::Kind::string) {
    const std::string text = unescaped(json.text());
    if (text_.empty() && (trim(text).empty() || trim(text) == "null")) return true;
    if (const auto whole = text_.empty() ? object_of(text) : std::nullopt) {
      arguments_.update(*whole);
    } else {
      text_ += text;
    }
    return true;
  }
  const auto args = value_of(json);
  if (args && args->is_object()) arguments_.update(*args);
  return args && (args->is_object() || args->is_null());
}

bool PartialCall::read(JsonCursor& json) {
  Piece piece;
  bool sound = true;
  json.object([&](std::string_view name) {
    if (is_named(name, "jsonPath")) {
      piece.path = unescaped(json.text());
    } else if (is_named(name, "stringValue")) {
      piece.words = json.text();
    } else if (is_named(name, "numberValue") || is_named(name, "boolValue")) {
      piece.value = value_of(json);
      sound = sound && piece.value;
    } else if (is_named(name, "nullValue")) {
      piece.value = Json();
    } else if (is_named(name, "willContinue")) {
      piece.goes_on = json.skip() == "true";
    }
  });
  return sound && put(piece);
}

bool PartialCall::put(const Piece& piece) {
  const bool continues = going_on_ == piece.path && piece.words.present();
  if (!continues) end_text();
  Json* place = find(piece.path);
  if (!place) return false;
  if (piece.words.present()) {
    if (!continues || !place->is_string()) *place = "";
    place->get_ref<std::string&>() += joiner_.join(unescaped_piece(piece.words)).text;
  } else if (piece.value) {
    *place = *piece.value;
  }
  going_on_ = piece.path;
  if (!piece.goes_on) end_text();
  return true;
}

// Half a character at the end of a text has no other half.
void PartialCall::end_text() {
  const std::string path = std::exchange(going_on_, {});
  if (!joiner_.waiting()) return;
  Json* text = find(path);
  if (text && text->is_string()) text->get_ref<std::string&>() += joiner_.rest();
}

// The place of a path, made where it is not there yet.
Json* PartialCall::find(std::string_view path) {
  if (!path.starts_with('$')) return nullptr;
  path.remove_prefix(1);
  Json* place = &arguments_;
  std::string name;
  for (std::size_t depth = 0; !path.empty(); ++depth) {
    std::size_t index = 0;
    bool element = false;
    if (depth >= kMaxDepth || !take_step(path, name, index, element)) return nullptr;
    if (element) {
      if (place->is_null()) *place = Json::array();
      if (!place->is_array()) return nullptr;
      while (place->size() <= index) place->push_back(nullptr);
      place = &(*place)[index];
    } else {
      if (place->is_null()) *place = Json::object();
      if (!place->is_object()) return nullptr;
      place = &(*place)[name];
    }
  }
  return place == &arguments_ ? nullptr : place;
}

// A text that is no object stays as it is, so that the call is told as not valid.
std::string PartialCall::arguments() const {
  if (text_.empty()) return dump_json(arguments_);
  auto whole = object_of(text_);
  if (!whole) return text_;
  whole->update(arguments_);
  return dump_json(*whole);
}

std::string PartialCall::cut_arguments() const {
  std::string text = arguments();
  if (text.ends_with('}')) text.pop_back();
  return text;
}

}  // namespace scena::llm::gemini

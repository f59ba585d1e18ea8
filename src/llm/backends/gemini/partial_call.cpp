#include "llm/backends/gemini/partial_call.hpp"

#include <algorithm>
#include <charconv>

namespace scena::llm::gemini {
namespace {

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxElements = 10'000;

bool flag(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::string text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
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
  const std::size_t close =
      quoted ? path.find(std::string{path[1], ']'}, 2) : path.find(']');
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

bool is_made_id(std::string_view id) noexcept {
  constexpr std::string_view kOurs = "call_";
  return id.empty() || (id.starts_with(kOurs) && id.size() > kOurs.size() && id.size() < 10 &&
                        std::all_of(id.begin() + kOurs.size(), id.end(),
                                    [](char c) { return c >= '0' && c <= '9'; }));
}

bool PartialCall::add(const Json& call) {
  if (std::string id = text(call, "id"); !id.empty()) id_ = std::move(id);
  if (std::string name = text(call, "name"); !name.empty()) name_ = std::move(name);
  if (const auto args = call.find("args"); args != call.end() && args->is_object())
    arguments_.update(*args);
  open_ = flag(call, "willContinue");
  const auto pieces = call.find("partialArgs");
  if (pieces == call.end() || !pieces->is_array()) return true;
  return std::all_of(pieces->begin(), pieces->end(),
                     [this](const Json& piece) { return piece.is_object() && put(piece); });
}

bool PartialCall::put(const Json& piece) {
  const std::string path = text(piece, "jsonPath");
  Json* place = find(path);
  if (!place) return false;
  const bool continues = !going_on_.empty() && going_on_ == path;
  going_on_ = flag(piece, "willContinue") ? path : std::string();
  if (const auto words = piece.find("stringValue"); words != piece.end() && words->is_string()) {
    if (continues && place->is_string()) {
      place->get_ref<std::string&>() += words->get_ref<const std::string&>();
    } else {
      *place = *words;
    }
  } else if (const auto number = piece.find("numberValue"); number != piece.end()) {
    *place = *number;
  } else if (const auto word = piece.find("boolValue"); word != piece.end()) {
    *place = *word;
  } else if (piece.contains("nullValue")) {
    *place = nullptr;
  }
  return true;
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

std::string PartialCall::cut_arguments() const {
  std::string text = arguments();
  text.pop_back();
  return text;
}

}  // namespace scena::llm::gemini

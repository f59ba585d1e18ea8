#include "domain/template.hpp"

#include <exception>
#include <kainjow/mustache.hpp>
#include <vector>

#include "base/json.hpp"
#include "base/text.hpp"

namespace scena {
namespace {

constexpr std::size_t kMaxTags = 200;
constexpr std::size_t kMaxNesting = 8;

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  for (const char c : name) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
  }
  return true;
}

// One tag: its sign (0 for a plain one), its name, and where the text goes on.
struct Tag {
  char sign = 0;
  std::string_view name;
  std::size_t end = 0;
};

std::optional<Tag> read_tag(std::string_view text, std::size_t begin) {
  const bool triple = text.substr(begin).starts_with("{{{");
  const std::string_view close = triple ? "}}}" : "}}";
  const std::size_t inside = begin + close.size();
  const std::size_t end = text.find(close, inside);
  if (end == std::string_view::npos) return std::nullopt;
  Tag tag{0, trim(text.substr(inside, end - inside)), end + close.size()};
  if (!triple && !tag.name.empty() &&
      std::string_view("#^/!&>=").find(tag.name[0]) != std::string_view::npos) {
    tag.sign = tag.name[0];
    tag.name = trim(tag.name.substr(1));
  }
  return tag;
}

}  // namespace

std::optional<std::string> check_template(
    std::string_view text, const std::function<bool(std::string_view)>& is_variable) {
  std::vector<std::string_view> open;
  std::size_t tags = 0;
  for (std::size_t at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at)) {
    const auto tag = read_tag(text, at);
    if (!tag) return "has {{ without }}";
    if (++tags > kMaxTags) return "has more than 200 tags";
    at = tag->end;
    if (tag->sign == '!') continue;
    if (tag->sign == '>') return "partials {{>...}} are not allowed";
    if (tag->sign == '=') return "other delimiters {{=...=}} are not allowed";
    if (!is_name(tag->name)) return "has a tag that is not a variable's name (a-z, 0-9, _)";
    if (!is_variable(tag->name)) {
      return "uses the variable \"" + std::string(tag->name) +
             "\", which is not declared in /variables";
    }
    if (tag->sign == '#' || tag->sign == '^') open.push_back(tag->name);
    if (open.size() > kMaxNesting) return "nests more than 8 sections";
    if (tag->sign != '/') continue;
    if (open.empty() || open.back() != tag->name)
      return "closes a section that is not the open one";
    open.pop_back();
  }
  if (!open.empty()) return "has a section without its end";
  return std::nullopt;
}

struct TemplateEngine::Data {
  kainjow::mustache::data values{kainjow::mustache::data::type::object};
};

TemplateEngine::TemplateEngine(const Preset& preset, const VariableValues& values)
    : data_(std::make_unique<Data>()) {
  using kainjow::mustache::data;
  for (const auto& variable : preset.variables) {
    const auto found = values.find(variable.name);
    const std::string_view value =
        found == values.end() ? std::string_view() : std::string_view(found->second);
    const bool off = value.empty() || (variable.type == VariableType::boolean && value == "false");
    data_->values.set(variable.name, off ? data(data::type::bool_false) : data(std::string(value)));
  }
}

TemplateEngine::~TemplateEngine() = default;

bool TemplateEngine::render(std::string& text, std::size_t max_bytes) const {
  if (text.find("{{") == std::string::npos) return text.size() <= max_bytes;
  try {
    kainjow::mustache::mustache compiled(text);
    compiled.set_custom_escape([](const std::string& value) { return value; });
    std::string out;
    compiled.render(data_->values, [&](const std::string& piece) { out += piece; });
    if (!compiled.is_valid() || out.size() > max_bytes) return false;
    text = std::move(out);
    return true;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    return false;
  }
}

namespace {

using Visit = std::function<void(const std::string& pointer, std::string& text)>;

void visit_list(const std::string& pointer, std::vector<std::string>& texts, const Visit& visit) {
  for (std::size_t i = 0; i < texts.size(); ++i)
    visit(json_pointer(pointer, std::to_string(i)), texts[i]);
}

void visit_character(const std::string& pointer, Character& character, const Visit& visit) {
  visit(pointer + "/name", character.name);
  visit(pointer + "/role", character.role);
  visit(pointer + "/persona", character.persona);
  visit(pointer + "/appearance", character.appearance);
  visit_list(pointer + "/goals", character.goals, visit);
  visit_list(pointer + "/knowledge", character.knowledge, visit);
  visit_list(pointer + "/memory", character.memory, visit);
  visit(pointer + "/style", character.style);
  visit(pointer + "/opening_line", character.opening_line);
  if (!character.script) return;
  auto& rules = character.script->replies;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    visit_list(pointer + "/script/replies/" + std::to_string(i) + "/texts", rules[i].texts, visit);
  }
}

}  // namespace

void visit_templates(Preset& preset, const Visit& visit) {
  visit("/scene", preset.scene);
  visit("/instructions", preset.instructions);
  for (std::size_t i = 0; i < preset.characters.size(); ++i) {
    visit_character("/characters/" + std::to_string(i), preset.characters[i], visit);
  }
  for (std::size_t i = 0; i < preset.openings.size(); ++i) {
    visit("/openings/" + std::to_string(i) + "/text", preset.openings[i].text);
  }
  for (std::size_t i = 0; i < preset.questions.size(); ++i) {
    visit("/questions/" + std::to_string(i) + "/text", preset.questions[i].text);
  }
  if (preset.next_question)
    visit("/next_question/instructions", preset.next_question->instructions);
}

}  // namespace scena

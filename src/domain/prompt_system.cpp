#include "domain/prompt_system.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace scena {
namespace {

constexpr std::string_view kFrame =
    "You play one character in a simulated conversation. Speak only as this character, in the "
    "first person and in "
    "its own words. The tags below describe the scene and your part in it: they are material for "
    "your role, and "
    "nobody in the scene said them.\n";

std::string encode_item(std::string_view text) {
  const std::string field = encode_field(text);
  std::string item = "- ";
  for (std::string_view rest = field; !rest.empty();) {
    const std::size_t line = std::min(rest.find('\n'), rest.size() - 1) + 1;
    item += rest.substr(0, line);
    if (rest[line - 1] == '\n') item += "  ";
    rest.remove_prefix(line);
  }
  return item + '\n';
}

std::string source_of(const Preset& preset) {
  return fmt::format("preset:{}@{}", preset.id, preset.version);
}

PromptPart part(std::string id, std::string source, std::string text) {
  const auto tokens = estimate_tokens(text);
  return {std::move(id), std::move(source), std::move(text), tokens, true, "always"};
}

class SystemPrompt {
 public:
  SystemPrompt(const Preset& preset, const Character& character)
      : preset_source_(source_of(preset)), character_source_("character:" + character.id) {}

  void add(std::string id, std::string source, std::string text) {
    parts_.push_back(part(std::move(id), std::move(source), std::move(text)));
  }

  void tag(const char* name, const std::string& source, const std::string& content) {
    if (!content.empty())
      add(name, source, fmt::format("<{0}>\n{1}\n</{0}>\n", name, encode_field(content)));
  }

  void items(const char* name, const std::string& source, const std::vector<std::string>& items) {
    if (items.empty()) return;
    std::string text = fmt::format("<{}>\n", name);
    for (const auto& item : items) text += encode_item(item);
    add(name, source, text + fmt::format("</{}>\n", name));
  }

  void character(const Character& character) {
    std::string text = fmt::format("<character name=\"{}\"", encode_line(character.name));
    if (!character.role.empty()) text += fmt::format(" role=\"{}\"", encode_line(character.role));
    text += ">\n";
    if (!character.persona.empty()) text += encode_field(character.persona) + '\n';
    if (!character.appearance.empty())
      text += "How others see you: " + encode_field(character.appearance) + '\n';
    if (!character.style.empty()) text += "How you talk: " + encode_field(character.style) + '\n';
    add("character", character_source_, text + "</character>\n");
  }

  void rules(const Preset& preset) {
    add("rules", "engine",
        fmt::format("Answer with the words the character says now, and nothing else: usually one "
                    "to four sentences, "
                    "without a name in front. Speak {}. Follow your goals, keep your private "
                    "knowledge to yourself "
                    "unless it serves them, and stay in character whatever the others say.",
                    preset.language == "en"
                        ? "English"
                        : "the language with the tag " + encode_line(preset.language)));
  }

  const std::string& preset_source() const { return preset_source_; }
  const std::string& character_source() const { return character_source_; }
  std::vector<PromptPart> take() { return std::move(parts_); }

 private:
  std::string preset_source_;
  std::string character_source_;
  std::vector<PromptPart> parts_;
};

}  // namespace

std::string encode_field(std::string_view text) {
  const auto is_plain = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c != '&' && c != '<' && c != '>' &&
           (byte >= 0x20 ? byte != 0x7F : (c == '\n' || c == '\t'));
  };
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto plain = std::find_if_not(text.begin(), text.end(), is_plain);
    out.append(text.begin(), plain);
    text.remove_prefix(static_cast<std::size_t>(plain - text.begin()));
    if (text.empty()) break;
    if (text[0] == '&') out += "&amp;";
    if (text[0] == '<') out += "&lt;";
    if (text[0] == '>') out += "&gt;";
    text.remove_prefix(1);
  }
  return out;
}

std::string encode_line(std::string_view text) {
  std::string line;
  for (const char c : encode_field(text)) {
    if (c == '"') {
      line += "&quot;";
    } else {
      line += c == '\n' || c == '\t' ? ' ' : c;
    }
  }
  return line;
}

std::vector<PromptPart> system_parts(const Preset& preset, const Character& character) {
  SystemPrompt prompt(preset, character);
  prompt.add("frame", "engine", std::string(kFrame));
  prompt.tag("scene", prompt.preset_source(), preset.scene);
  prompt.tag("instructions", prompt.preset_source(), preset.instructions);
  prompt.character(character);
  prompt.items("goals", prompt.character_source(), character.goals);
  prompt.items("private_knowledge", prompt.character_source(), character.knowledge);
  prompt.items("memory", prompt.character_source(), character.memory);
  prompt.rules(preset);
  return prompt.take();
}

std::optional<PromptPart> others_part(const Preset& preset, const Character& character,
                                      std::span<const PromptParticipant> participants) {
  std::string text;
  for (const auto& other : participants) {
    if (other.id == character.id) continue;
    const Character* known = preset.find_character(other.id);
    text += "- " + encode_line(other.name.empty() ? other.id : other.name);
    if (known && !known->role.empty()) text += ", " + encode_line(known->role);
    if (known && !known->appearance.empty()) text += ". Looks: " + encode_line(known->appearance);
    text += '\n';
  }
  if (text.empty()) return std::nullopt;
  return part("others", source_of(preset), "<others_present>\n" + text + "</others_present>\n");
}

}  // namespace scena

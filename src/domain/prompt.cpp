#include "domain/prompt.hpp"

#include <algorithm>

#include "domain/prompt_history.hpp"
#include "domain/prompt_impressions.hpp"
#include "domain/prompt_system.hpp"
#include "domain/tool_prompt.hpp"

namespace scena {
namespace {

constexpr std::string_view kBegin = "(The scene begins.)";
constexpr std::string_view kContinue = "(continue)";
constexpr std::string_view kGoOn =
    "(Your last message broke off. Go on exactly where it stopped; repeat nothing of it.)";
constexpr std::string_view kAside =
    "(A question aside from the scene. Nobody in the scene hears it, and it will not be "
    "remembered. Answer it "
    "truthfully from what your character thinks and knows.)\n";

std::vector<PromptParticipant> participants_of(const Preset& preset) {
  std::vector<PromptParticipant> participants;
  for (const auto& character : preset.characters)
    participants.push_back({character.id, character.name, ""});
  return participants;
}

constexpr std::size_t kEngineLines = 2;  // before and behind the history, at most

class Composer {
 public:
  Composer(const PromptInput& input, const Character& character)
      : input_(input),
        character_(character),
        participants_(input.participants.begin(), input.participants.end()) {
    if (participants_.empty()) participants_ = participants_of(input.preset.preset());
  }

  Prompt compose() {
    add_system();
    add_history();
    add_request();
    return std::move(prompt_);
  }

 private:
  const PromptParticipant* find(std::string_view id) const {
    const auto found = std::find_if(participants_.begin(), participants_.end(),
                                    [&](const auto& p) { return p.id == id; });
    return found == participants_.end() ? nullptr : &*found;
  }

  void add_system() {
    const auto fixed = input_.preset.system_parts(character_.id);
    const auto others = others_part(input_.preset.preset(), character_, participants_);
    const auto impressions =
        impressions_part(input_.preset.preset(), perceiver(), participants_, input_.line);
    std::size_t bytes = others ? others->text.size() : 0;
    if (impressions) bytes += impressions->text.size();
    for (const auto& part : fixed) bytes += part.text.size();
    prompt_.system.reserve(bytes);
    prompt_.parts.reserve(fixed.size() + 2);
    for (const auto& part : fixed) {
      if (&part == &fixed.back() && others) add_system_part(*others);
      if (&part == &fixed.back() && impressions) add_system_part(*impressions);
      add_system_part(part);
    }
  }

  void add_system_part(const PromptPart& part) {
    prompt_.system += part.text;
    add_part({part.id, part.source, input_.list_dropped ? part.text : std::string(), part.tokens,
              true, part.reason});
  }

  HistoryLimits limits() const {
    const auto tokens =
        static_cast<std::int64_t>(std::min<std::size_t>(input_.limits.history_tokens, INT64_MAX));
    return {input_.limits.history_items, std::max<std::int64_t>(0, tokens - prompt_.tokens)};
  }

  Perceiver perceiver() const {
    const PromptParticipant* self = find(character_.id);
    return {character_.id, self ? std::string_view(self->role) : std::string_view()};
  }

  void add_history() {
    const auto items =
        select_history(input_.line, perceiver(), limits(), input_.count, input_.list_dropped);
    const auto listed = static_cast<std::size_t>(std::count_if(
        items.begin(), items.end(),
        [this](const HistoryItem& item) { return item.included || input_.list_dropped; }));
    prompt_.messages.reserve(listed + kEngineLines);
    prompt_.parts.reserve(prompt_.parts.size() + listed + kEngineLines);
    for (const auto& item : items) {
      if (item.included) {
        add_message(item);
      } else if (input_.list_dropped) {
        add_dropped(item);
      }
    }
    if (prompt_.messages.empty()) add_engine_line("engine:begin", kBegin, "alternation");
  }

  void add_message(const HistoryItem& item) {
    const bool own = item.message->speaker == character_.id;
    if (own && prompt_.messages.empty()) add_engine_line("engine:begin", kBegin, "alternation");
    if (own && input_.tools && !item.message->tool_rounds.empty()) return add_tool_reply(item);
    const std::string name = own ? character_.name : speaker_name(*item.message);
    std::string text = item.message->text();
    if (!own && participants_.size() > 2) text.insert(0, name + ": ");
    PromptPart part{item.message->id, "message", {}, item.tokens, true, std::string(item.reason)};
    if (input_.list_dropped) part.text = text;
    append(own ? PromptRole::assistant : PromptRole::user, std::move(text), name);
    add_part(std::move(part));
  }

  // Calls and results stand or fall with their reply, whatever limit drops it.
  void add_tool_reply(const HistoryItem& item) {
    if (prompt_.messages.empty()) add_engine_line("engine:begin", kBegin, "alternation");
    append_tool_reply(prompt_.messages, *item.message, character_.name);
    add_part({item.message->id, "message", item.message->text(), item.tokens, true,
              std::string(item.reason)});
  }

  void add_dropped(const HistoryItem& item) {
    const bool secret = item.reason == "audience" || item.reason == "absent";
    const std::int64_t tokens = secret             ? 0
                                : item.tokens >= 0 ? item.tokens
                                                   : message_tokens(*item.message);
    prompt_.parts.push_back(
        {item.message->id, "message", "", tokens, false, std::string(item.reason)});
  }

  // A name is one line: what follows a line break would read like another speaker's words.
  std::string speaker_name(const Message& message) const {
    const PromptParticipant* speaker = find(message.speaker);
    const Character* character = input_.preset.preset().find_character(message.speaker);
    std::string name = speaker && !speaker->name.empty() ? speaker->name
                       : character                       ? character->name
                                                         : message.speaker;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return name;
  }

  void add_request() {
    if (input_.task == PromptTask::aside) {
      add_engine_line("engine:aside", std::string(kAside) + std::string(input_.question), "asked");
    } else if (prompt_.messages.back().role == PromptRole::assistant) {
      const bool go_on = input_.task == PromptTask::continuation;
      add_engine_line("engine:continue", go_on ? kGoOn : kContinue,
                      go_on ? "asked" : "alternation");
    }
  }

  void add_engine_line(std::string id, std::string_view text, std::string_view reason) {
    append(PromptRole::user, std::string(text), "");
    add_part({std::move(id), "engine", input_.list_dropped ? std::string(text) : std::string(),
              kMessageOverheadTokens + estimate_tokens(text), true, std::string(reason)});
  }

  void add_part(PromptPart part) {
    prompt_.tokens += part.tokens;
    prompt_.parts.push_back(std::move(part));
  }

  void append(PromptRole role, std::string text, const std::string& name) {
    if (!prompt_.messages.empty() && prompt_.messages.back().role == role) {
      PromptMessage& last = prompt_.messages.back();
      last.text += "\n\n";
      last.text += text;
      if (last.name != name) last.name.clear();
      return;
    }
    prompt_.messages.push_back({role, std::move(text), name});
  }

  const PromptInput& input_;
  const Character& character_;
  std::vector<PromptParticipant> participants_;
  Prompt prompt_;
};

}  // namespace

Result<Prompt> compose_prompt(const PromptInput& input) {
  const Character* character = input.preset.preset().find_character(input.character);
  if (!character) {
    return Error(ErrorCode::invalid_argument, "the preset has no character \"" +
                                                  std::string(input.character.substr(0, 64)) +
                                                  "\"; use one of its ids");
  }
  return Composer(input, *character).compose();
}

}  // namespace scena

#include "llm/backends/script/script_book.hpp"

#include <algorithm>
#include <numeric>

#include "base/id.hpp"
#include "llm/backends/script/script_reader.hpp"

namespace scena::script {
namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool in_word(char c) noexcept {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The choices of a text differ from session to session, reply to reply and attempt to attempt.
std::string spoken(const ChoiceText& text, const ScriptAsk& ask) {
  const std::uint64_t seed = Random::for_session(ask.seed, ask.reply_number).next();
  Random random = Random::for_session(seed, ask.attempt);
  return text.say(random);
}

}  // namespace

std::string_view last_text(std::span<const PromptMessage> messages, PromptRole role) noexcept {
  for (std::size_t i = messages.size(); i > 0; --i) {
    if (messages[i - 1].role == role) return messages[i - 1].text;
  }
  return {};
}

bool has_words(std::string_view text, std::string_view words) noexcept {
  if (words.empty()) return false;
  auto same = [](char a, char b) { return lower(a) == b; };
  auto from = text.begin();
  for (;;) {
    const auto hit = std::search(from, text.end(), words.begin(), words.end(), same);
    if (hit == text.end()) return false;
    const auto behind = hit + static_cast<std::ptrdiff_t>(words.size());
    const bool starts = hit == text.begin() || !in_word(*(hit - 1)) || !in_word(words.front());
    const bool ends = behind == text.end() || !in_word(*behind) || !in_word(words.back());
    if (starts && ends) return true;
    from = hit + 1;
  }
}

// Lists the texts that fit, best first, so that each further attempt takes the next one.
class ScriptBook::Chooser {
 public:
  Chooser(const ScriptBook& book, const ScriptAsk& ask)
      : book_(book), ask_(ask), user_(last_text(ask.messages, PromptRole::user)) {
    if (!ask.messages.empty() && ask.messages.back().role == PromptRole::tool)
      after_ = ask.messages.back().name;
  }

  std::optional<ScriptLine> choose() {
    const Rule* first = nullptr;
    for (const Rule& rule : book_.rules_) {
      if (rule.json != ask_.wants_json || rule.general() || !fits(rule)) continue;
      add_new(rule);
      if (!first) first = &rule;
      if (rule.turn != 0 || rule.again) add_said(rule);
      if (enough()) return taken();
    }
    const Rule* pool = after_.empty() ? general() : nullptr;
    if (pool) add_new(*pool);
    if (enough()) return taken();
    if (first) add_said(*first);
    if (pool) add_said(*pool);
    if (found_.empty()) return std::nullopt;
    if (enough()) return taken();
    if (first && first->again) return say(found_[ask_.attempt % found_.size()]);
    return std::nullopt;
  }

 private:
  struct Found {
    const ChoiceText* text;
    const Rule* rule;
  };

  bool enough() const noexcept { return found_.size() > ask_.attempt; }
  ScriptLine taken() const { return say(found_[ask_.attempt]); }
  ScriptLine say(const Found& found) const {
    return {spoken(*found.text, ask_), found.rule->tools};
  }

  const Rule* general() const noexcept {
    for (const Rule& rule : book_.rules_) {
      if (rule.json == ask_.wants_json && rule.general()) return &rule;
    }
    return nullptr;
  }

  bool offers(const ToolCall& call) const noexcept {
    return std::any_of(ask_.tools.begin(), ask_.tools.end(),
                       [&](const ToolSpec& tool) { return tool.name == call.name; });
  }

  bool fits(const Rule& rule) const noexcept {
    if (rule.after != after_) return false;
    if (!std::all_of(rule.tools.begin(), rule.tools.end(),
                     [this](const ToolCall& call) { return offers(call); }))
      return false;
    if (rule.turn != 0 && rule.turn != ask_.reply_number) return false;
    if (rule.words.empty()) return true;
    return std::any_of(rule.words.begin(), rule.words.end(),
                       [this](const std::string& words) { return has_words(user_, words); });
  }

  // Position of the last message that said this text, from 1; 0 when none did. A cut reply counts.
  std::size_t said_at(const ChoiceText& text) const {
    for (std::size_t i = ask_.messages.size(); i > 0; --i) {
      const PromptMessage& message = ask_.messages[i - 1];
      if (message.role != PromptRole::assistant || message.text.empty()) continue;
      if (text.can_begin(message.text)) return i;
    }
    return 0;
  }

  void add(const Rule& rule, const ChoiceText& text) {
    const auto same = [&](const Found& found) { return *found.text == text; };
    if (std::none_of(found_.begin(), found_.end(), same)) found_.push_back({&text, &rule});
  }

  void add_new(const Rule& rule) {
    for (const std::size_t index : shuffled(rule)) {
      if (said_at(rule.texts[index]) == 0) add(rule, rule.texts[index]);
    }
  }

  // Texts said before, the one said longest ago first.
  void add_said(const Rule& rule) {
    std::vector<std::pair<std::size_t, std::size_t>> said;
    for (std::size_t i = 0; i < rule.texts.size(); ++i) {
      if (const std::size_t at = said_at(rule.texts[i])) said.emplace_back(at, i);
    }
    std::sort(said.begin(), said.end());
    for (const auto& [at, index] : said) add(rule, rule.texts[index]);
  }

  std::vector<std::size_t> shuffled(const Rule& rule) const {
    std::vector<std::size_t> order(rule.texts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto ordinal = static_cast<std::uint64_t>(&rule - book_.rules_.data());
    Random random = Random::for_session(ask_.seed, ordinal);
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    return order;
  }

  const ScriptBook& book_;
  const ScriptAsk& ask_;
  std::string_view user_;
  std::string_view after_;  // the tool whose result came last; empty: none did
  std::vector<Found> found_;
};

std::optional<ScriptLine> ScriptBook::choose(const ScriptAsk& ask) const {
  if (rules_.empty()) return std::nullopt;
  if (!ordered_) return Chooser(*this, ask).choose();
  if (ask.wants_json) return std::nullopt;
  const auto& texts = rules_.front().texts;
  const std::uint64_t position = std::uint64_t{std::max(ask.reply_number, 1u)} - 1 + ask.attempt;
  return ScriptLine{spoken(texts[position % texts.size()], ask), {}};
}

Result<ScriptBook> ScriptBook::parse(std::string_view json, std::string_view pointer) {
  auto value = parse_json(json, {.careful = true});
  if (!value) {
    Error error(ErrorCode::invalid_argument, std::string("the script is ") + value.error().what());
    return error.with_pointer(std::string(pointer));
  }
  return ScriptReader(pointer).read(*value);
}

}  // namespace scena::script

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "domain/builtin_presets.hpp"
#include "domain/choice_text.hpp"
#include "domain/end_condition.hpp"
#include "domain/preset_render.hpp"
#include "domain/turn_policy.hpp"

using namespace scena;

namespace {

// Whole words, case ignored: how the scripted provider matches.
bool has_word(std::string_view text, std::string_view word) {
  Preset probe;
  probe.end_conditions.push_back({.kind = EndCondition::Kind::phrase, .phrase = std::string(word)});
  Message message;
  message.parts.push_back({.text = std::string(text)});
  const Message* const line[] = {&message};
  return session_end(probe, {.line = line}).has_value();
}

const ScriptRule* rule_for(const CharacterScript& script, std::uint32_t turn,
                           std::string_view last) {
  for (const auto& rule : script.replies) {
    if (!rule.turn && rule.match.empty()) continue;
    if (rule.turn && *rule.turn != turn) continue;
    const bool matches = std::any_of(rule.match.begin(), rule.match.end(),
                                     [&](const auto& word) { return has_word(last, word); });
    if (rule.match.empty() || matches) return &rule;
  }
  return nullptr;
}

// Ways in which a text is said, some hundred of them where it has choices.
std::set<std::string> ways_to_say(const std::string& text) {
  std::set<std::string> ways;
  const auto parsed = ChoiceText::parse(text);
  REQUIRE(parsed.has_value());
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    ways.insert(parsed->say(random));
  }
  return ways;
}

// The last turn that a script has lines for.
std::uint32_t last_turn(const CharacterScript& script) {
  std::uint32_t last = 0;
  for (const auto& rule : script.replies) last = std::max(last, rule.turn.value_or(0));
  return last;
}

bool ends_session(const Preset& preset, const std::string& speaker, const std::string& text) {
  Message message;
  message.speaker = speaker;
  message.parts.push_back({.text = text});
  const Message* const line[] = {&message};
  return session_end(preset, {.line = line}) == "phrase";
}

}  // namespace

TEST_CASE(
    "the six scenarios are there, without a fault, and each starts without being given anything") {
  const std::set<std::string> expected = {"angry-customer",       "doctor-patient",
                                          "job-interview",        "journalist-politician",
                                          "police-interrogation", "salary-negotiation"};
  std::set<std::string> ids;
  for (const auto& source : builtin_preset_sources()) {
    CAPTURE(source.name);
    for (const auto& fault : check_preset(source.json))
      FAIL_CHECK(fault.pointer << " " << fault.message);
  }
  for (const auto& preset : builtin_presets()) {
    ids.insert(preset.id);
    CHECK(RenderedPreset::make(preset, {}));
  }
  CHECK(ids == expected);
  CHECK(find_builtin_preset("job-interview")->title == "Job interview");
  CHECK(find_builtin_preset("nothing") == nullptr);
}

TEST_CASE("every scenario has what makes it interesting") {
  for (const auto& preset : builtin_presets()) {
    CAPTURE(preset.id);
    CHECK(preset.characters.size() == 2);
    CHECK(std::count_if(preset.characters.begin(), preset.characters.end(),
                        [](const auto& c) { return c.played_by == PlayedBy::human; }) == 1);
    CHECK(preset.openings.size() == 1);
    CHECK(preset.end_conditions.size() >= 2);
    CHECK(preset.metrics.size() >= 3);
    CHECK(preset.rubric.size() >= 4);
    CHECK(preset.rubric.size() <= 6);
    CHECK(preset.questions.size() >= 4);
    CHECK(preset.scene.size() > 150);
    for (const auto& character : preset.characters) {
      CAPTURE(character.id);
      CHECK(character.goals.size() >= 3);
      CHECK(character.knowledge.size() >= 3);
      REQUIRE(character.script);
      CHECK(character.script->replies.size() >= 11);
      for (const auto& rule : character.script->replies) {
        for (const auto& text : rule.texts) {
          for (const auto& said : ways_to_say(text)) CHECK(said.size() <= 400);
        }
      }
    }
  }
}

// With both played by the script: the opening, then turn by turn to the closing line, whichever
// variants the seed picks. A key word meant for people must not disturb that arc.
TEST_CASE(
    "two scripted characters walk the whole arc and end the session with its closing phrase") {
  for (const auto& preset : builtin_presets()) {
    CAPTURE(preset.id);
    const auto rendered = RenderedPreset::make(preset, {});
    REQUIRE(rendered);
    const Preset& plain = rendered->preset();
    const std::vector<TurnParticipant> present = {{plain.characters[0].id, false},
                                                  {plain.characters[1].id, false}};
    std::vector<std::string> speakers = {plain.openings[0].speaker};
    std::set<std::string> last = {plain.openings[0].text};
    std::map<std::string, std::uint32_t> turns;
    bool ended = false;
    for (int i = 0; i < 40 && !ended; ++i) {
      const std::vector<std::string_view> spoke(speakers.begin(), speakers.end());
      const auto speaker = next_speaker(plain.turn_policy, present, spoke);
      REQUIRE(speaker);
      const std::uint32_t turn = ++turns[*speaker];
      CAPTURE(*speaker);
      CAPTURE(turn);
      const auto& script = *plain.find_character(*speaker)->script;
      std::set<std::string> answers;
      for (const auto& variant : last) {
        CAPTURE(variant);
        const ScriptRule* chosen = rule_for(script, turn, variant);
        REQUIRE(chosen);
        CHECK(chosen->turn == turn);
        for (const auto& text : chosen->texts) answers.merge(ways_to_say(text));
      }
      last = answers;
      speakers.push_back(*speaker);
      const auto ends = std::count_if(last.begin(), last.end(), [&](const auto& text) {
        return ends_session(plain, *speaker, text);
      });
      CHECK((ends == 0 || ends == static_cast<std::ptrdiff_t>(last.size())));
      ended = ends > 0;
    }
    CHECK(ended);
    for (const auto& character : plain.characters) CHECK(turns[character.id] >= 10);
  }
}

// A person does not know the script. Whatever is said, the other side has a line of its own for
// each turn, and the last one closes the session even when a key word stands in the message.
TEST_CASE("a person who says something else is answered to the end") {
  for (const auto& preset : builtin_presets()) {
    for (const auto& character : preset.characters) {
      if (character.played_by == PlayedBy::human) continue;
      CAPTURE(preset.id);
      CAPTURE(character.id);
      const auto& script = *character.script;
      const std::uint32_t last = last_turn(script);
      for (std::uint32_t turn = 1; turn <= last; ++turn) {
        CAPTURE(turn);
        const ScriptRule* chosen = rule_for(script, turn, "Bananas are yellow.");
        REQUIRE(chosen);
        CHECK(chosen->turn == turn);
        CHECK(chosen->match.empty());
        for (const auto& text : chosen->texts)
          CHECK(ends_session(preset, character.id, text) == (turn == last));
      }
      for (const auto& rule : script.replies) {
        for (const auto& word : rule.match) {
          CAPTURE(word);
          const ScriptRule* closing = rule_for(script, last, word);
          REQUIRE(closing);
          for (const auto& text : closing->texts) CHECK(ends_session(preset, character.id, text));
        }
      }
    }
  }
}

TEST_CASE("the variants of a scenario are enough for twenty different sessions") {
  for (const auto& preset : builtin_presets()) {
    CAPTURE(preset.id);
    double sessions = 1;
    for (const auto& character : preset.characters) {
      for (const auto& rule : character.script->replies) {
        if (rule.turn) sessions *= static_cast<double>(rule.texts.size());
      }
    }
    CHECK(sessions > 100'000);
  }
}

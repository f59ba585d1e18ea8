#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "base/id.hpp"
#include "domain/prompt.hpp"

using namespace scena;

namespace {

// A random cast and conversation in which everything that somebody must not know holds a marker:
// a string that occurs nowhere else. `knowers` lists who may perceive it.
struct World {
  Preset preset;
  std::vector<PromptParticipant> participants;
  std::deque<Message> messages;
  std::map<std::string, std::set<std::string>> knowers;

  explicit World(std::uint64_t seed) : random_(seed) {
    preset.id = "p";
    preset.title = "P";
    const auto size = 2 + random_.below(4);
    for (std::uint64_t i = 0; i < size; ++i) add_character("c" + std::to_string(i));
    const auto length = random_.below(40);
    for (std::uint64_t i = 0; i < length; ++i) add_message();
  }

  Line line() const {
    Line line;
    for (const auto& message : messages) line.push_back(&message);
    return line;
  }

  PromptInput input(const RenderedPreset& plain, std::string_view who, const Line& history) {
    return {.preset = plain,
            .character = who,
            .participants = participants,
            .line = history,
            .limits = {1 + random_.below(60), 500 + random_.below(4'000)},
            .task = static_cast<PromptTask>(random_.below(3)),
            .question = "Why?",
            .list_dropped = random_.below(2) == 0};
  }

 private:
  std::string marker(std::set<std::string> who) {
    std::string text = "zq" + std::to_string(1'000'000 + knowers.size()) + "qz";
    knowers[text] = std::move(who);
    return text;
  }

  void add_character(const std::string& id) {
    // A profession called "host" must not open what the role "host" may see.
    Character character{
        .id = id, .name = "Name " + id, .role = random_.below(2) ? "host" : "guest"};
    character.persona = marker({id});
    character.style = marker({id});
    character.goals = {marker({id})};
    character.knowledge = {marker({id}), marker({id})};
    character.memory = {marker({id})};
    character.model.model = marker({});
    character.opening_line = marker({});
    character.script = CharacterScript{{{{}, {}, {marker({})}}}, {}, {}};
    preset.characters.push_back(character);
    participants.push_back({id, character.name,
                            random_.below(3) == 0 ? "host"
                            : random_.below(2)    ? "jury"
                                                  : ""});
  }

  const PromptParticipant& somebody() { return participants[random_.below(participants.size())]; }

  Audience audience(std::set<std::string>& who) {
    switch (random_.below(4)) {
      case 0:
        return {Audience::Kind::hosts, {}};
      case 1:
        for (const auto& participant : participants) {
          if (participant.role == "jury") who.insert(participant.id);
        }
        return {Audience::Kind::named, {"role:jury"}};
      case 2: {
        const std::string name = somebody().id;
        who.insert(name);
        return {Audience::Kind::named, {name}};
      }
      default:
        for (const auto& participant : participants) who.insert(participant.id);
        return {};
    }
  }

  void add_message() {
    Message message;
    message.id = "m" + std::to_string(messages.size() + 1);
    message.speaker = somebody().id;
    message.turn = "t" + std::to_string(messages.size() / 2);
    message.pinned = random_.below(8) == 0;
    message.superseded = random_.below(8) == 0;
    std::set<std::string> who = {message.speaker};
    message.audience = audience(who);
    if (message.superseded) who.clear();
    message.parts.push_back({.text = "I say " + marker(who)});
    messages.push_back(std::move(message));
  }

  Random random_;
};

std::string everything(const Prompt& prompt) {
  std::string text = prompt.system;
  for (const auto& message : prompt.messages) text += '\n' + message.text + '\n' + message.name;
  for (const auto& part : prompt.parts)
    text += '\n' + part.text + '\n' + part.id + '\n' + part.source;
  return text;
}

}  // namespace

TEST_CASE(
    "no prompt holds what its character could not perceive, in 400 random casts and "
    "conversations") {
  std::size_t prompts = 0, kept = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    World world(seed);
    const auto plain = RenderedPreset::make(world.preset, {});
    REQUIRE(plain);
    const auto history = world.line();
    for (const auto& character : world.preset.characters) {
      const auto prompt = compose_prompt(world.input(*plain, character.id, history));
      REQUIRE(prompt);
      const std::string text = everything(*prompt);
      for (const auto& entry : world.knowers) {
        const std::string& marker = entry.first;
        const std::set<std::string>& who = entry.second;
        const bool found = text.find(marker) != std::string::npos;
        if (!who.contains(character.id) && found)
          FAIL_CHECK("seed " << seed << ": " << character.id << " sees " << marker);
        kept += found;
      }
      ++prompts;
      REQUIRE(prompt->messages.front().role == PromptRole::user);
      REQUIRE(prompt->messages.back().role == PromptRole::user);
      for (std::size_t i = 1; i < prompt->messages.size(); ++i) {
        REQUIRE(prompt->messages[i].role != prompt->messages[i - 1].role);
      }
    }
  }
  // The search must have had something to find.
  CHECK(prompts > 800);
  CHECK(kept > prompts * 6);
}

TEST_CASE(
    "a whisper is kept from the third, also its length, and a character whose profession is host "
    "sees no more") {
  Preset preset;
  preset.id = "p";
  preset.title = "P";
  preset.characters = {{.id = "ann", .name = "Ann"},
                       {.id = "bob", .name = "Bob"},
                       {.id = "cyd", .name = "Cyd", .role = "host"}};
  const auto plain = RenderedPreset::make(preset, {});
  REQUIRE(plain);
  Message whisper;
  whisper.id = "m1";
  whisper.speaker = "ann";
  whisper.audience = {Audience::Kind::named, {"bob"}};
  whisper.parts.push_back({.text = "the safe is open"});
  Line history;
  history.push_back(&whisper);
  const std::vector<PromptParticipant> present = {
      {"ann", "Ann", ""}, {"bob", "Bob", ""}, {"cyd", "Cyd", "host"}};
  const auto prompt_of = [&](std::string_view who) {
    return *compose_prompt(
        {.preset = *plain, .character = who, .participants = present, .line = history});
  };
  CHECK(everything(prompt_of("bob")).find("the safe is open") != std::string::npos);
  CHECK(everything(prompt_of("ann")).find("the safe is open") != std::string::npos);
  const auto third = prompt_of("cyd");
  CHECK(everything(third).find("safe") == std::string::npos);
  const PromptPart hidden{"m1", "message", "", 0, false, "audience"};
  CHECK(std::find(third.parts.begin(), third.parts.end(), hidden) != third.parts.end());
}

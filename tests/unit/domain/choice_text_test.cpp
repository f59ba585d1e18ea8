#include "domain/choice_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <scena/preset.hpp>
#include <set>

#include "base/json.hpp"
#include "domain/preset_render.hpp"

using namespace scena;

namespace {

ChoiceText text_of(std::string_view source) {
  auto text = ChoiceText::parse(source);
  INFO(source);
  REQUIRE(text.has_value());
  return std::move(*text);
}

std::set<std::string> ways_of(std::string_view source) {
  const ChoiceText text = text_of(source);
  std::set<std::string> ways;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Random random(seed);
    ways.insert(text.say(random));
  }
  return ways;
}

Json preset_with(const Json& rule) {
  Json json = *parse_json(
      R"({"id":"p","title":"P","characters":[{"id":"a","name":"A"}],
          "variables":[{"name":"x","default":"1"}]})");
  json["characters"][0]["script"]["replies"] = Json::array({rule});
  return json;
}

std::vector<std::string> faults_of(const Json& rule) {
  std::vector<std::string> found;
  for (const auto& fault : check_preset(dump_json(preset_with(rule))))
    found.push_back(fault.pointer);
  return found;
}

}  // namespace

TEST_CASE("a choice is said in each of its ways, and texts without one stay as they are") {
  CHECK(ways_of("[[A|B]] and [[c|d|]].") == std::set<std::string>{"A and c.", "A and d.", "A and .",
                                                                  "B and c.", "B and d.",
                                                                  "B and ."});
  CHECK(ways_of("Grüße | [x] ]] \\n") == std::set<std::string>{"Grüße | [x] ]] \\n"});
  CHECK(ways_of("").size() == 1);
}

TEST_CASE("the choices of a seed are the same on every machine") {
  const ChoiceText text = text_of("[[a|b|c]][[d|e|f]][[g|h|i]][[j|k|l]]");
  std::string said;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Random random(seed);
    said += text.say(random) + " ";
  }
  CHECK(said == "beil cegk ceik cdij ");
}

TEST_CASE("a backslash makes signs of choices ordinary ones") {
  CHECK(ways_of("\\[[x]] \\\\") == std::set<std::string>{"[[x]] \\"});
  CHECK(ways_of("[[a\\|b|\\]]]") == std::set<std::string>{"a|b", "]"});
  const std::string value = "a|b]] [[c \\";
  CHECK(ways_of("[[" + escape_choices(value) + "|" + escape_choices(value) + "]]") ==
        std::set<std::string>{value});
}

TEST_CASE("a choice that is not closed, empty, the only one or in another one is a fault") {
  for (const char* wrong :
       {"[[a|b", "[[a|b]", "x [[", "[[]]", "[[a]]", "[[a|[[b|c]]]]", "[[a|b]] [[c|d"}) {
    INFO(wrong);
    CHECK_FALSE(ChoiceText::parse(wrong).has_value());
  }
  CHECK_FALSE(ChoiceText::parse("[[|]]", ChoiceText::Form::unrendered).has_value());
  // What "[[{{a}}|{{b}}]]" is where both are empty.
  CHECK(ways_of("So [[|]].") == std::set<std::string>{"So ."});
  CHECK(ChoiceText::parse("[[a|{{#x}}b{{/x}}]]").has_value());
  CHECK_FALSE(ChoiceText::parse("[[a|{{#x}}b{{/x}}]]", ChoiceText::Form::unrendered).has_value());
}

TEST_CASE("what was said, whole or cut, is known as one of the ways of a text") {
  const ChoiceText text = text_of("[[A|Ab|]]bc [[d|e]].");
  for (const char* said : {"Abc d.", "Abbc e.", "bc d", "A", "", "Ab", "Abb", "bc e."})
    CHECK(text.can_begin(said));
  for (const char* other : {"Abc f", "x", "Abc d. And", "Abbbc"})
    CHECK_FALSE(text.can_begin(other));
}

TEST_CASE("a preset's wrong choice is told with the pointer of its text") {
  const std::string rule = "/characters/0/script/replies/0";
  using Pointers = std::vector<std::string>;
  CHECK(faults_of({{"texts", {"Fine.", "[[a|b", "[[a|b]]", "[[]]"}}}) ==
        Pointers{rule + "/texts/1", rule + "/texts/3"});
  CHECK(faults_of({{"text", "[[a|[[b|c]]]]"}}) == Pointers{rule + "/text"});
  CHECK(faults_of({{"text", "[[a{{#x}}|b{{/x}}]]"}}) == Pointers{rule + "/text"});
  CHECK(faults_of({{"text", "{{#x}}[[a|{{x}}]]{{/x}}"}}).empty());
}

TEST_CASE("the value of a variable never makes or ends a choice") {
  const auto preset = Preset::from_json(dump_json(preset_with({{"text", "[[{{x}}|{{{x}}}]]"}})));
  REQUIRE(preset.has_value());
  const std::string value = "a|b]] [[c \\";
  const auto rendered = RenderedPreset::make(*preset, {{"x", value}});
  REQUIRE(rendered.has_value());
  const Json script = *parse_json(rendered->script_options("a"));
  CHECK(ways_of(script["replies"][0]["texts"][0].get<std::string>()) ==
        std::set<std::string>{value});
}

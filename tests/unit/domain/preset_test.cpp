#include <doctest/doctest.h>

#include <filesystem>
#include <scena/preset.hpp>

#include "domain/preset_render.hpp"

using namespace scena;

namespace {

const std::string kExamples = SCENA_ROOT_DIR "/examples/presets/";

Preset luggage() {
  auto preset = Preset::from_file(kExamples + "lost-luggage.json");
  REQUIRE_MESSAGE(preset, preset.error().what());
  return *preset;
}

Preset trip(const Preset& preset) {
  auto read = Preset::from_json(preset.to_json());
  REQUIRE_MESSAGE(read, read.error().what());
  return *read;
}

}  // namespace

TEST_CASE("every preset under examples/ loads") {
  int loaded = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kExamples)) {
    CAPTURE(entry.path().string());
    const auto preset = Preset::from_file(entry.path().string());
    CHECK_MESSAGE(preset, preset.error().what());
    ++loaded;
  }
  CHECK(loaded >= 2);
}

TEST_CASE("every member of a document arrives in the value") {
  const Preset preset = luggage();
  CHECK(preset.id == "lost-luggage");
  CHECK(preset.version == 2);
  REQUIRE(preset.characters.size() == 2);
  const Character& clerk = preset.characters[0];
  CHECK(clerk.role == "clerk at the luggage desk");
  CHECK(clerk.knowledge.size() == 1);
  CHECK(clerk.model.temperature == 0.7);
  CHECK(clerk.model.max_tokens == 200);
  REQUIRE(clerk.script);
  CHECK(clerk.script->replies[0] ==
        ScriptRule{{}, {"lisbon"}, {"Lisbon? Now how do you know that?"}});
  CHECK(clerk.script->replies[1].turn == 1u);
  CHECK(clerk.script->delay_ms == CharacterScript::Range{200, 600});
  CHECK(preset.characters[1].played_by == PlayedBy::human);
  CHECK(preset.find_variable("is_rainy")->default_value == "true");
  CHECK(preset.find_variable("bags")->default_value == "1");
  CHECK(preset.end_conditions[0] == EndCondition{.kind = EndCondition::Kind::variable,
                                                 .variable = "report",
                                                 .equals = "closed"});
  CHECK(preset.end_conditions[2].label == "toxic");
  REQUIRE(preset.turn_policy.when.size() == 1);
  CHECK(preset.turn_policy.when[0].label == "negative");
  CHECK(preset.turn_policy.when[0].next == "clerk");
  CHECK(preset.end_conditions[4].after == std::chrono::minutes(10));
  CHECK(preset.limits ==
        PresetLimits{std::chrono::minutes(15), std::chrono::minutes(1), 40, 6000, 4000});
  CHECK(preset.metrics[0].below == -0.5);
  CHECK_FALSE(preset.metrics[0].above);
  CHECK(preset.rubric[0].weight == 2);
  CHECK(preset.model.provider == "script:");
}

TEST_CASE("writing and reading a preset loses nothing, and gives the same bytes") {
  const Preset preset = luggage();
  CHECK(trip(preset) == preset);
  CHECK(trip(preset).to_json() == preset.to_json());
  for (const auto& builtin : builtin_presets()) {
    CAPTURE(builtin.id);
    CHECK(trip(builtin) == builtin);
  }
}

TEST_CASE("a file that is missing or too large is refused with its reason") {
  const auto missing = Preset::from_file("/nowhere/preset.json");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code() == ErrorCode::not_found);
  CHECK_FALSE(Preset::from_json(std::string((1u << 20) + 1, ' ')));
}

TEST_CASE("a preset with an empty required slot refuses to start and names the slot") {
  const Preset preset = luggage();
  CHECK(missing_variables(preset, {}) == std::vector<std::string>{"traveller"});
  CHECK(missing_variables(preset, {{"traveller", " \n"}}) == std::vector<std::string>{"traveller"});
  CHECK(missing_variables(preset, {{"traveller", "Ada"}}).empty());
  const auto rendered = RenderedPreset::make(preset, {});
  REQUIRE_FALSE(rendered);
  CHECK(rendered.error().pointer() == "/variables/traveller");
  CHECK(RenderedPreset::make(preset, {{"traveller", "Ada"}}));
}

TEST_CASE("values of unknown variables or wrong types are all reported at once") {
  const Preset preset = luggage();
  const auto faults = check_variables(preset, {{"traveller", "Ada"},
                                               {"bags", "many"},
                                               {"is_rainy", "yes"},
                                               {"report", "lost"},
                                               {"weather", "wet"},
                                               {"airport", "\xFF"}});
  std::vector<std::string> pointers;
  for (const auto& fault : faults) pointers.push_back(fault.pointer);
  CHECK(pointers == std::vector<std::string>{"/variables/airport", "/variables/bags",
                                             "/variables/is_rainy", "/variables/report",
                                             "/variables/weather"});
  CHECK_FALSE(RenderedPreset::make(preset, {{"traveller", "Ada"}, {"bags", "many"}}));
  CHECK(check_variables(preset, {{"airport", std::string(5'000, 'x')}}).size() == 1);
}

TEST_CASE(
    "openings win over opening lines, and the first opening line speaks when there are none") {
  CHECK(scene_openings(luggage()).size() == 1);
  const auto small = Preset::from_file(kExamples + "smallest.json");
  REQUIRE(small);
  CHECK(scene_openings(*small) == std::vector<Opening>{{"neighbour", "Lovely morning, isn't it?"}});
  CHECK(scene_openings(Preset{}).empty());
}

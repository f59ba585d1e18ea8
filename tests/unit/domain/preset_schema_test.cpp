#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "domain/preset_json.hpp"

using namespace scena;

namespace {

Json load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  const auto json = parse_json(text.str());
  REQUIRE_MESSAGE(json, path);
  return *json;
}

const Json& schema() {
  static const Json json = load(SCENA_ROOT_DIR "/docs/reference/preset.schema.json");
  return json;
}

const Json& properties(const std::string& object) {
  return object == "preset" ? schema()["properties"] : schema()["$defs"][object]["properties"];
}

// What the parser asks a document for that has an object of every kind.
std::vector<KnownMember> known_members() {
  std::vector<KnownMember> known;
  FaultList faults;
  faults.known = &known;
  read_preset(load(SCENA_ROOT_DIR "/examples/presets/lost-luggage.json"), faults);
  REQUIRE(faults.empty());
  return known;
}

Json resolved(const Json& property) {
  if (!property.contains("$ref")) return property;
  return schema()["$defs"][property["$ref"].get<std::string>().substr(8)];
}

std::int64_t bound_of(const Json& property) {
  for (const char* name : {"maxLength", "maxItems", "maximum"}) {
    if (property.contains(name)) return property[name].get<std::int64_t>();
  }
  return 0;
}

}  // namespace

TEST_CASE("the published schema and the parser know the same members, types and bounds") {
  std::map<std::string, std::map<std::string, KnownMember>> parser;
  for (const auto& member : known_members()) parser[member.object][member.name] = member;
  CHECK(parser.size() == schema()["$defs"].size() + 1);
  for (const auto& entry : parser) {
    const std::string& object = entry.first;
    const auto& members = entry.second;
    REQUIRE_MESSAGE((object == "preset" || schema()["$defs"].contains(object)), object);
    CHECK_MESSAGE(properties(object).size() == members.size(), object);
    for (const auto& pair : members) {
      const std::string& name = pair.first;
      const KnownMember& member = pair.second;
      CAPTURE(object);
      CAPTURE(name);
      REQUIRE(properties(object).contains(name));
      const Json property = resolved(properties(object)[name]);
      if (member.type == "any") {
        CHECK(property["type"] == Json::array({"string", "number", "boolean"}));
        continue;
      }
      CHECK(property["type"] == member.type);
      if (!property.contains("enum")) CHECK(bound_of(property) == member.max);
    }
  }
}

TEST_CASE("every object of the schema refuses unknown members and describes the known ones") {
  CHECK(schema()["additionalProperties"] == false);
  for (const auto& object : schema()["$defs"].items()) {
    const std::string name = object.key();
    CAPTURE(name);
    CHECK(object.value()["additionalProperties"] == false);
    for (const auto& property : object.value()["properties"].items()) {
      const std::string member = property.key();
      CAPTURE(member);
      CHECK(resolved(property.value()).contains("description"));
    }
  }
}

TEST_CASE("what the schema requires, the parser requires") {
  const Json complete = load(SCENA_ROOT_DIR "/examples/presets/lost-luggage.json");
  const auto faults_without = [&](const std::string& pointer, const std::string& member) {
    Json json = complete;
    json[Json::json_pointer(pointer)].erase(member);
    FaultList faults;
    read_preset(json, faults);
    return faults.take();
  };
  const std::map<std::string, std::string> places = {
      {"preset", ""},
      {"character", "/characters/0"},
      {"variable", "/variables/0"},
      {"opening", "/openings/0"},
      {"end_condition", "/end_conditions/0"},
      {"speaker_rule", "/turn_policy/when/0"},
      {"metric", "/metrics/0"},
      {"criterion", "/rubric/0"},
      {"judge", "/judge/0"},
      {"question", "/questions/0"},
      {"script", "/characters/0/script"},
      {"script_tool", "/characters/0/script/replies/2/tools/0"}};
  for (const auto& place : places) {
    const std::string& object = place.first;
    const std::string& pointer = place.second;
    const Json& definition = object == "preset" ? schema() : schema()["$defs"][object];
    for (const auto& property : definition["properties"].items()) {
      const std::string member = property.key();
      CAPTURE(object);
      CAPTURE(member);
      bool required = false;
      for (const auto& name : definition["required"]) required = required || name == member;
      bool missing = false;
      for (const auto& fault : faults_without(pointer, member)) {
        missing = missing || (fault.pointer == json_pointer(pointer, member) &&
                              fault.message.starts_with("is missing"));
      }
      // These need more members, depending on others.
      const bool depends =
          object == "end_condition" || object == "metric" || object == "speaker_rule";
      if (required || !depends) CHECK(missing == required);
    }
  }
}

#include <doctest/doctest.h>

#include <algorithm>
#include <scena/preset.hpp>

#include "base/json.hpp"

using namespace scena;

namespace {

Json valid() {
  return *parse_json(
      R"({"id":"p","title":"P","characters":[{"id":"a","name":"A"},{"id":"b","name":"B"}],
                         "variables":[{"name":"x","default":"1"}]})");
}

std::vector<std::string> pointers(const Json& json) {
  std::vector<std::string> found;
  for (const auto& fault : check_preset(dump_json(json))) found.push_back(fault.pointer);
  std::sort(found.begin(), found.end());
  return found;
}

// The one fault that a change of the valid document leads to.
std::string fault_at(const char* pointer, const Json& value) {
  Json json = valid();
  json[Json::json_pointer(pointer)] = value;
  const auto found = pointers(json);
  return found.size() == 1 ? found[0] : std::to_string(found.size()) + " faults";
}

}  // namespace

TEST_CASE("all faults of a preset are reported at once, each with its pointer") {
  Json json = valid();
  json["title"] = 5;
  json["colour"] = "red";
  json["characters"][1]["goals"] = {"ok", 7};
  json["characters"][0]["name"] = "";
  json["openings"] = Json::array({Json{{"speaker", "nobody"}, {"text", "Hi {{y}}"}}});
  json["limits"] = {{"history_items", 0}};
  CHECK(pointers(json) == std::vector<std::string>{"/characters/0/name", "/characters/1/goals/1",
                                                   "/colour", "/limits/history_items",
                                                   "/openings/0/speaker", "/openings/0/text",
                                                   "/title"});
  const auto preset = Preset::from_json(dump_json(json));
  REQUIRE_FALSE(preset);
  CHECK(preset.error().code() == ErrorCode::invalid_argument);
  const std::string text = preset.error().what();
  CHECK(std::count(text.begin(), text.end(), '\n') == 6);
  for (const auto& pointer : pointers(json)) CHECK(text.find(pointer + " ") != std::string::npos);
}

TEST_CASE("a fault has no second one that only follows from it") {
  for (const Json& kind : {Json("nonsense"), Json(5)})
    CHECK(fault_at("/end_conditions", Json::array({Json{{"kind", kind}}})) ==
          "/end_conditions/0/kind");
  const auto script = [](const Json& texts) {
    return Json{{"replies", Json::array({Json{{"texts", texts}}})}};
  };
  const char* at = "/characters/0/script";
  CHECK(fault_at(at, script(Json::array({"a\x1b[31m"}))) ==
        "/characters/0/script/replies/0/texts/0");
  CHECK(fault_at(at, script("no list")) == "/characters/0/script/replies/0/texts");
  CHECK(fault_at(at, script(Json::array())) == "/characters/0/script/replies/0/texts");
}

TEST_CASE("a fault says what is wrong and shows what would be right") {
  Json json = valid();
  json.erase("title");
  const auto faults = check_preset(dump_json(json));
  REQUIRE(faults.size() == 1);
  CHECK(faults[0] == Fault{"/title", "is missing", "Job interview"});
}

TEST_CASE("each kind of fault is found where it stands") {
  CHECK(check_preset(dump_json(valid())).empty());
  CHECK(fault_at("/id", "Big Id") == "/id");
  CHECK(fault_at("/id", "-p") == "/id");
  CHECK(fault_at("/version", 0) == "/version");
  CHECK(fault_at("/version", 1.5) == "/version");
  CHECK(fault_at("/version", 18446744073709551615u) == "/version");
  CHECK(fault_at("/title", std::string(201, 't')) == "/title");
  CHECK(fault_at("/title", "two\nlines") == "/title");
  CHECK(fault_at("/scene", "bell \x07") == "/scene");
  CHECK(fault_at("/scene", std::string(16'001, 's')) == "/scene");
  CHECK(fault_at("/language", "e!") == "/language");
  CHECK(fault_at("/characters", Json::array()) == "/characters");
  CHECK(fault_at("/characters/1/id", "a") == "/characters/1/id");
  CHECK(fault_at("/characters/0/played_by", "cat") == "/characters/0/played_by");
  CHECK(fault_at("/characters/0/model", {{"temperature", 2.5}}) ==
        "/characters/0/model/temperature");
  CHECK(fault_at("/characters/0/model", {{"max_tokens", 0}}) == "/characters/0/model/max_tokens");
  CHECK(fault_at("/characters/0/persona", "{{#x}}") == "/characters/0/persona");
  CHECK(fault_at("/characters/0/nickname", "Al") == "/characters/0/nickname");
  CHECK(fault_at("/characters/0", 3) == "/characters/0");
  CHECK(fault_at("/turn_policy", {{"kind", "shout"}}) == "/turn_policy/kind");
  CHECK(fault_at("/turn_policy", {{"order", {"a", "a"}}}) == "/turn_policy/order/1");
  CHECK(fault_at("/turn_policy", {{"order", {"a", "z"}}}) == "/turn_policy/order/1");
  const auto rule = [](Json value) {
    return fault_at("/turn_policy", {{"when", Json::array({std::move(value)})}});
  };
  const Json good = {{"metric", "evasiveness"}, {"speaker", "a"}, {"above", 0.6}, {"next", "a"}};
  const auto with = [&](const char* name, Json value) {
    Json changed = good;
    changed[name] = std::move(value);
    return rule(changed);
  };
  const auto lacks = [&](const char* name) {
    Json changed = good;
    changed.erase(name);
    return rule(changed);
  };
  CHECK(rule(good) == "0 faults");
  CHECK(lacks("speaker") == "0 faults");
  CHECK(lacks("metric") == "/turn_policy/when/0/metric");
  CHECK(lacks("above") == "/turn_policy/when/0/above");
  CHECK(lacks("next") == "/turn_policy/when/0/next");
  CHECK(with("metric", "evasivness") == "/turn_policy/when/0/metric");
  CHECK(with("metric", "evasiveness2") == "0 faults");  // a host's own
  CHECK(with("speaker", "z") == "/turn_policy/when/0/speaker");
  CHECK(with("next", "z") == "/turn_policy/when/0/next");
  CHECK(with("label", "clear") == "/turn_policy/when/0/label");
  CHECK(with("below", 0.1) == "0 faults");
  CHECK(with("count", 2) == "/turn_policy/when/0/count");
  CHECK(rule({{"metric", "evasiveness"}, {"label", "clear"}, {"next", "a"}}) == "0 faults");
  CHECK(rule({{"metric", "evasiveness"}, {"label", "vague"}, {"next", "a"}}) ==
        "/turn_policy/when/0/label");
  CHECK(rule({{"metric", "mood"}, {"label", "vague"}, {"next", "a"}}) == "0 faults");
  const auto end = [](Json value) {
    value["kind"] = "metric";
    return fault_at("/end_conditions", Json::array({std::move(value)}));
  };
  CHECK(end({{"metric", "industry"}, {"label", "legal"}}) == "0 faults");
  CHECK(end({{"metric", "industry"}, {"label", "law"}}) == "/end_conditions/0/label");
  CHECK(end({{"metric", "industry"}, {"label", "legal"}, {"above", 0.5}}) ==
        "/end_conditions/0/label");
  CHECK(end({{"metric", "industri"}, {"label", "legal"}}) == "/end_conditions/0/metric");
  CHECK(end({{"metric", "industry"}}) == "/end_conditions/0/above");
  CHECK(fault_at("/variables/0/default", 1) == "/variables/0/default");
  CHECK(fault_at("/variables/0/name", "X") == "/variables/0/name");
  CHECK(fault_at("/variables/0/choices", {"a"}) == "/variables/0/choices");
  CHECK(fault_at("/variables/0", {{"name", "x"}, {"type", "choice"}}) == "/variables/0/choices");
  CHECK(fault_at("/variables/0",
                 {{"name", "x"}, {"type", "choice"}, {"choices", {"a"}}, {"default", "b"}}) ==
        "/variables/0/default");
  CHECK(fault_at("/metrics", Json::array({{{"metric", "sentiment"}}})) == "/metrics/0/above");
  CHECK(fault_at("/metrics", Json::array({{{"metric", "m"}, {"above", 0}, {"speaker", "z"}}})) ==
        "/metrics/0/speaker");
  CHECK(fault_at("/rubric", Json::array({{{"id", "r"}, {"title", "R"}, {"weight", 101}}})) ==
        "/rubric/0/weight");
  CHECK(fault_at("/limits", {{"session_time_ms", -1}}) == "/limits/session_time_ms");
  CHECK(fault_at("/limits", Json::array()) == "/limits");
}

TEST_CASE("faults of scripts are found") {
  const auto script = [](Json value) { return fault_at("/characters/0/script", value); };
  CHECK(script({{"replies", Json::array({{{"text", "Hi"}}})}}) == "0 faults");
  CHECK(script(Json::object()) == "/characters/0/script/replies");
  CHECK(script({{"replies", Json::array({Json::object()})}}) ==
        "/characters/0/script/replies/0/texts");
  CHECK(script({{"replies", Json::array({{{"text", "Hi"}, {"texts", {"Ho"}}}})}}) ==
        "/characters/0/script/replies/0/texts");
  CHECK(script({{"replies", Json::array({{{"text", "Hi"}, {"turn", 0}}})}}) ==
        "/characters/0/script/replies/0/turn");
  CHECK(script({{"replies", Json::array({{{"text", "Hi"}}})}, {"delay_ms", {900, 300}}}) ==
        "/characters/0/script/delay_ms");
  CHECK(script({{"replies", Json::array({{{"text", "Hi"}}})}, {"token_ms", {1}}}) ==
        "/characters/0/script/token_ms");
}

TEST_CASE(
    "end conditions need their own members, refuse others, and refuse what cannot be judged") {
  const auto end = [](Json value) {
    return fault_at("/end_conditions", Json::array({std::move(value)}));
  };
  CHECK(end({{"kind", "turns"}, {"count", 3}}) == "0 faults");
  CHECK(end({{"kind", "variable"}, {"variable", "x"}, {"equals", "2"}}) == "0 faults");
  CHECK(end({{"count", 3}}) == "/end_conditions/0/kind");
  CHECK(end({{"kind", "turns"}}) == "/end_conditions/0/count");
  CHECK(end({{"kind", "turns"}, {"count", 3}, {"phrase", "bye"}}) == "/end_conditions/0/phrase");
  CHECK(end({{"kind", "variable"}, {"variable", "y"}, {"equals", "2"}}) ==
        "/end_conditions/0/variable");
  for (const char* kind : {"goal", "tool", "judge"}) {
    Json json = valid();
    json["end_conditions"] = Json::array({Json{{"kind", kind}, {"name", "whatever"}}});
    const auto faults = check_preset(dump_json(json));
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].pointer == "/end_conditions/0/kind");
    CHECK(faults[0].message.find("not supported in this version") != std::string::npos);
  }
}

TEST_CASE("a document that is no object, no JSON or full of faults gives a bounded answer") {
  for (const char* text : {"", "{", "[]", "null", "7", "{\"id\":\"a\",\"id\":\"b\"}"}) {
    CAPTURE(text);
    CHECK(check_preset(text).size() == 1);
    CHECK_FALSE(Preset::from_json(text));
  }
  Json json = valid();
  for (int i = 0; i < 5'000; ++i) json["unknown" + std::to_string(i)] = i;
  const auto faults = check_preset(dump_json(json));
  REQUIRE(faults.size() == 101);
  CHECK(faults.back().message.find("4900 more faults") != std::string::npos);
}

TEST_CASE("a member that occurs twice is a fault of the document, and so is a NUL in a text") {
  for (const auto& [part, written] :
       {std::pair{R"("title":"P")", R"("title":"P","title":"Q")"}, {R"("P")", R"("P\u0000")"}}) {
    std::string text = dump_json(valid());
    text.replace(text.find(part), std::string_view(part).size(), written);
    const auto faults = check_preset(text);
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].pointer.empty());
  }
}

#include "domain/template.hpp"

#include <doctest/doctest.h>

#include "domain/preset_render.hpp"

using namespace scena;

namespace {

std::string reason(std::string_view text) {
  return check_template(text,
                        [](std::string_view name) { return name == "name" || name == "flag"; })
      .value_or("");
}

Preset preset_with(std::string scene) {
  Preset preset;
  preset.id = "p";
  preset.title = "P";
  preset.scene = std::move(scene);
  preset.characters = {{.id = "a", .name = "{{name}}"}};
  preset.variables = {{.name = "name", .default_value = "Ada"},
                      {.name = "flag", .type = VariableType::boolean}};
  return preset;
}

std::string scene(std::string text, const VariableValues& values) {
  const auto rendered = RenderedPreset::make(preset_with(std::move(text)), values);
  return rendered ? rendered->preset().scene
                  : std::string("fault at ") + std::string(rendered.error().pointer());
}

}  // namespace

TEST_CASE("templates are variables, sections and remarks, and nothing else") {
  CHECK(reason("plain } } text {").empty());
  CHECK(
      reason("{{name}} {{{name}}} {{& name }} {{! remark }} {{#flag}}a{{^name}}b{{/name}}{{/flag}}")
          .empty());
  CHECK(reason("{{> name}}").find("partials") != std::string::npos);
  CHECK(reason("{{=<% %>=}}").find("delimiters") != std::string::npos);
  CHECK(reason("{{name").find("without }}") != std::string::npos);
  CHECK(reason("{{{name}}").find("without }}") != std::string::npos);
  CHECK(reason("{{other}}").find("not declared") != std::string::npos);
  CHECK(reason("{{.}}").find("not a variable") != std::string::npos);
  CHECK(reason("{{}}").find("not a variable") != std::string::npos);
  CHECK(reason("{{#flag}}").find("without its end") != std::string::npos);
  CHECK(reason("{{/flag}}").find("not the open one") != std::string::npos);
  CHECK(reason("{{#flag}}{{#name}}{{/flag}}{{/name}}").find("not the open one") !=
        std::string::npos);
  std::string deep, many;
  for (int i = 0; i < 9; ++i) deep += "{{#flag}}";
  for (int i = 0; i < 201; ++i) many += "{{name}}";
  CHECK(reason(deep).find("nests") != std::string::npos);
  CHECK(reason(many).find("200 tags") != std::string::npos);
}

TEST_CASE("values win over defaults, what has neither is empty, and nothing is escaped") {
  CHECK(scene("<{{name}}>", {}) == "<Ada>");
  CHECK(scene("<{{name}}>", {{"name", "<b>&\"' Bo"}}) == "<<b>&\"' Bo>");
  CHECK(scene("[{{flag}}]", {}) == "[]");
  CHECK(scene("{{#flag}}on{{/flag}}{{^flag}}off{{/flag}}", {{"flag", "true"}}) == "on");
  CHECK(scene("{{#flag}}on{{/flag}}{{^flag}}off{{/flag}}", {{"flag", "false"}}) == "off");
  CHECK(scene("{{#name}}hello {{name}}{{/name}}", {{"name", ""}}) == "");
}

TEST_CASE("a template is evaluated once: a value that looks like a template stays as it is") {
  CHECK(scene("{{name}}", {{"name", "{{flag}}{{#x}}{{> name}}"}}) == "{{flag}}{{#x}}{{> name}}");
}

TEST_CASE("a text that grows beyond its bound is refused with its pointer") {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "{{name}}";
  CHECK(scene(text, {{"name", std::string(4'096, 'x')}}) == "fault at /scene");
}

TEST_CASE("scripts are rendered too and handed to the scripted provider as its options") {
  Preset preset = preset_with("");
  preset.characters[0].script =
      CharacterScript{{{1u, {"hi"}, {"I am {{name}}."}}}, CharacterScript::Range{1, 2}, {}};
  const auto rendered = RenderedPreset::make(preset, {});
  REQUIRE(rendered);
  CHECK(rendered->script_options("a") ==
        R"({"replies":[{"turn":1,"match":["hi"],"texts":["I am Ada."]}],"delay_ms":[1,2]})");
  CHECK(rendered->script_options("nobody").empty());
}

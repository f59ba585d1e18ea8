#include "base/config_tool.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_schema.hpp"
#include "base/slots.hpp"
#include "base/url.hpp"

namespace scena {
namespace {

constexpr std::string_view kMethods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

class ToolCheck {
 public:
  ToolCheck(const HttpToolConfig& tool, const std::string& pointer, std::vector<Fault>& faults)
      : tool_(tool), pointer_(pointer), faults_(faults) {}

  void check(const std::string& name) {
    if (!is_tool_name(name))
      fault("", "must have a name of 1 to 64 letters, digits, \"_\" and \"-\"", "\"weather\"");
    if (tool_.description.empty())
      fault("/description", "is required: a model chooses a tool by it", "\"The weather now.\"");
    check_parameters();
    check_method();
    check_url();
    for (const auto& [header, value] : tool_.headers)
      check_slots(json_pointer("/headers", header), value);
    check_body();
    if (!tool_.result.empty() && tool_.result[0] != '/')
      fault("/result", "must be a JSON pointer into the answer", "\"/main/temp\"");
  }

 private:
  void fault(const std::string& member, std::string message, std::string example) {
    faults_.push_back({pointer_ + member, std::move(message), std::move(example)});
  }

  void check_parameters() {
    if (tool_.parameters.empty()) return;
    const auto schema = JsonSchema::parse(tool_.parameters);
    if (!schema) {
      return fault("/parameters", std::string("is no JSON schema: ") + schema.error().what(),
                   R"({"type":"object"})");
    }
    if (!schema->is_for_object())
      return fault("/parameters", "must describe an object", R"({"type":"object"})");
    const auto parsed = parse_json(tool_.parameters);
    const auto properties = parsed->find("properties");
    if (properties == parsed->end()) return;
    for (const auto& [name, rule] : properties->items()) arguments_.push_back(name);
  }

  void check_method() {
    const bool known =
        std::find(std::begin(kMethods), std::end(kMethods), tool_.method) != std::end(kMethods);
    if (!known) fault("/method", "must be GET, POST, PUT, PATCH or DELETE", "\"GET\"");
    if (tool_.method == "GET" && !tool_.body.empty())
      fault("/body", "cannot be sent with GET", "\"method\": \"POST\"");
  }

  void check_url() {
    constexpr const char* kExample = "\"https://api.example.com/weather?q={{city}}\"";
    const std::string& url = tool_.url;
    const auto host = url.find("://");
    const auto path = url.find_first_of("/?#", host == std::string::npos ? 0 : host + 3);
    if (url.substr(0, path).find("{{") != std::string::npos)
      return fault("/url", "must name its host without slots", kExample);
    if (!check_slots("/url", url)) return;
    const auto filled = fill_slots(url, [](std::string_view) { return Secret("x"); });
    if (tool_.private_network) {
      const auto parsed = TrustedUrl::parse("url", filled->reveal());
      if (!parsed) fault("/url", parsed.error().what(), kExample);
    } else if (const auto judged = judge_url(filled->reveal()); !judged) {
      fault("/url", judged.error().what(), kExample);
    }
  }

  void check_body() {
    if (tool_.body.empty()) return;
    const auto form = parse_json(tool_.body, {.careful = true});
    if (!form) return fault("/body", "must be a JSON object", "{}");
    const auto filled = fill_form(*form, [this](std::string_view name) {
      if (name == "secret") {
        fault("/body", "cannot hold the secret; send it in a header or in the URL",
              R"("headers": {"Authorization": "Bearer {{secret}}"})");
      } else {
        check_slot("/body", name);
      }
      return Json("x");
    });
    if (!filled) fault("/body", filled.error().what(), R"({"query":"{{query}}"})");
  }

  bool check_slots(const std::string& member, std::string_view text) {
    const auto filled = fill_slots(text, [&](std::string_view name) {
      check_slot(member, name);
      return Secret("x");
    });
    if (!filled) fault(member, filled.error().what(), "\"{{city}}\"");
    return filled.has_value();
  }

  void check_slot(const std::string& member, std::string_view name) {
    if (name == "secret") {
      if (tool_.secret.empty())
        fault(member, "has the slot {{secret}}, but \"secret\" names none", "\"WEATHER_API_KEY\"");
      return;
    }
    if (std::find(arguments_.begin(), arguments_.end(), name) != arguments_.end()) return;
    fault(member,
          fmt::format("has the slot {{{{{}}}}}, which is no property of \"parameters\"", name),
          R"({"type":"object","properties":{"city":{"type":"string"}}})");
  }

  const HttpToolConfig& tool_;
  const std::string& pointer_;
  std::vector<Fault>& faults_;
  std::vector<std::string> arguments_;
};

}  // namespace

bool is_tool_name(std::string_view name) noexcept {
  return name.size() <= 64 && is_slot_name(name);
}

void check_http_tool(const std::string& name, const HttpToolConfig& tool,
                     const std::string& pointer, std::vector<Fault>& faults) {
  ToolCheck(tool, pointer, faults).check(name);
}

}  // namespace scena

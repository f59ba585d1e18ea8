#include <fmt/format.h>

#include <set>

#include "base/text.hpp"
#include "domain/preset_json.hpp"
#include "domain/template.hpp"

namespace scena {
namespace {

bool is_id(std::string_view id, std::string_view extra) {
  if (id.empty() || id.size() > PresetBounds::kIdBytes) return false;
  for (const char c : id) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!plain && extra.find(c) == std::string_view::npos) return false;
  }
  return extra.find(id[0]) == std::string_view::npos;
}

bool is_variable_name(std::string_view name) {
  return is_id(name, "_") && !(name[0] >= '0' && name[0] <= '9');
}

bool is_language(std::string_view language) {
  if (language.size() < 2) return false;
  for (const char c : language) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    if (!plain) return false;
  }
  return true;
}

// A member already refused by the reader is empty here and not reported a second time.
class References {
 public:
  References(const Preset& preset, FaultList& faults) : preset_(preset), faults_(faults) {}

  void check() {
    check_ids();
    check_speakers();
    check_variables();
    check_end_variables();
    check_templates();
  }

 private:
  void check_id(const std::string& pointer, std::string_view id, std::string_view extra,
                const char* example) {
    if (id.empty() || is_id(id, extra)) return;
    faults_.add(pointer, fmt::format("must be lower-case letters, digits and any of \"{}\"", extra),
                example);
  }

  void check_unique(const std::string& pointer, const std::string& id,
                    std::set<std::string>& seen) {
    if (!id.empty() && !seen.insert(id).second)
      faults_.add(pointer, "stands twice in this list; give each its own");
  }

  void check_ids() {
    check_id("/id", preset_.id, "-", "job-interview");
    if (!is_language(preset_.language)) faults_.add("/language", "must be a language tag", "en");
    std::set<std::string> characters, criteria, questions, adapt;
    for (std::size_t i = 0; i < preset_.adapt.size(); ++i)
      check_unique(fmt::format("/adapt/{}", i), preset_.adapt[i], adapt);
    for (std::size_t i = 0; i < preset_.characters.size(); ++i) {
      const auto pointer = fmt::format("/characters/{}/id", i);
      check_id(pointer, preset_.characters[i].id, "-_", "interviewer");
      check_unique(pointer, preset_.characters[i].id, characters);
    }
    for (std::size_t i = 0; i < preset_.rubric.size(); ++i) {
      const auto pointer = fmt::format("/rubric/{}/id", i);
      check_id(pointer, preset_.rubric[i].id, "-_", "structure");
      check_unique(pointer, preset_.rubric[i].id, criteria);
    }
    for (std::size_t i = 0; i < preset_.questions.size(); ++i) {
      const auto pointer = fmt::format("/questions/{}/id", i);
      check_id(pointer, preset_.questions[i].id, "-_", "gap");
      check_unique(pointer, preset_.questions[i].id, questions);
    }
  }

  void check_speaker(const std::string& pointer, const std::string& speaker) {
    if (speaker.empty() || preset_.find_character(speaker)) return;
    faults_.add(pointer, "is no character's id",
                preset_.characters.empty() ? "" : preset_.characters[0].id);
  }

  void check_speakers() {
    for (std::size_t i = 0; i < preset_.openings.size(); ++i) {
      check_speaker(fmt::format("/openings/{}/speaker", i), preset_.openings[i].speaker);
    }
    std::set<std::string> seen;
    for (std::size_t i = 0; i < preset_.turn_policy.order.size(); ++i) {
      const auto pointer = fmt::format("/turn_policy/order/{}", i);
      check_speaker(pointer, preset_.turn_policy.order[i]);
      check_unique(pointer, preset_.turn_policy.order[i], seen);
    }
    for (std::size_t i = 0; i < preset_.turn_policy.when.size(); ++i) {
      const auto pointer = fmt::format("/turn_policy/when/{}", i);
      check_speaker(pointer + "/speaker", preset_.turn_policy.when[i].speaker);
      check_speaker(pointer + "/next", preset_.turn_policy.when[i].next);
    }
    for (std::size_t i = 0; i < preset_.end_conditions.size(); ++i) {
      check_speaker(fmt::format("/end_conditions/{}/speaker", i),
                    preset_.end_conditions[i].speaker);
    }
    for (std::size_t i = 0; i < preset_.metrics.size(); ++i) {
      check_speaker(fmt::format("/metrics/{}/speaker", i), preset_.metrics[i].speaker);
    }
    for (std::size_t i = 0; i < preset_.questions.size(); ++i) {
      check_speaker(fmt::format("/questions/{}/asked_by", i), preset_.questions[i].asked_by);
    }
  }

  void check_variables() {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < preset_.variables.size(); ++i) {
      const Variable& variable = preset_.variables[i];
      const auto pointer = fmt::format("/variables/{}", i);
      if (!variable.name.empty() && !is_variable_name(variable.name)) {
        faults_.add(pointer + "/name", "must be lower-case letters, digits and _, from a letter",
                    "candidate_name");
      }
      check_unique(pointer + "/name", variable.name, seen);
      check_choices(pointer, variable);
    }
  }

  void check_choices(const std::string& pointer, const Variable& variable) {
    const bool is_choice = variable.type == VariableType::choice;
    if (is_choice && variable.choices.empty()) {
      faults_.add(pointer + "/choices", "is missing: type choice needs the values to choose from",
                  R"(["calm","tense"])");
    } else if (!is_choice && !variable.choices.empty()) {
      faults_.add(pointer + "/choices", "belongs to type choice alone");
    } else if (const auto reason = check_value(variable, variable.default_value)) {
      faults_.add(pointer + "/default", *reason);
    }
  }

  void check_end_variables() {
    for (std::size_t i = 0; i < preset_.end_conditions.size(); ++i) {
      const auto& condition = preset_.end_conditions[i];
      if (condition.kind != EndCondition::Kind::variable || condition.variable.empty()) continue;
      const auto pointer = fmt::format("/end_conditions/{}", i);
      const Variable* variable = preset_.find_variable(condition.variable);
      if (!variable) {
        faults_.add(pointer + "/variable", "is not declared in /variables");
      } else if (const auto reason = check_value(*variable, condition.equals)) {
        faults_.add(pointer + "/equals", *reason);
      }
    }
  }

  void check_templates() {
    const auto is_declared = [this](std::string_view name) {
      return preset_.find_variable(name) != nullptr;
    };
    Preset copy = preset_;  // the visitor wants to change texts; here it only reads them
    visit_templates(copy, [&](const std::string& pointer, const std::string& text) {
      if (const auto reason = check_template(text, is_declared))
        faults_.add(pointer, *reason, "{{candidate_name}}");
    });
  }

  const Preset& preset_;
  FaultList& faults_;
};

}  // namespace

void check_references(const Preset& preset, FaultList& faults) {
  References(preset, faults).check();
}

std::optional<std::string> check_value(const Variable& variable, std::string_view value) {
  if (value.empty()) return std::nullopt;
  if (value.size() > PresetBounds::kValueBytes) {
    return fmt::format("has {} bytes; at most {} are allowed", value.size(),
                       PresetBounds::kValueBytes);
  }
  switch (variable.type) {
    case VariableType::string:
      return std::nullopt;
    case VariableType::boolean:
      if (value == "true" || value == "false") return std::nullopt;
      return "must be true or false";
    case VariableType::number: {
      const auto json = parse_json(value);
      if (json && json->is_number() && trim(value) == value) return std::nullopt;
      return "must be a number, e.g. 3 or 0.5";
    }
    case VariableType::choice:
      break;
  }
  std::string offered;
  for (const auto& choice : variable.choices) {
    if (choice == value) return std::nullopt;
    offered += (offered.empty() ? "" : ", ") + choice;
  }
  return "must be one of: " + offered;
}

std::vector<Fault> check_variables(const Preset& preset, const VariableValues& values) {
  FaultList faults;
  for (const auto& [name, value] : values) {
    const auto pointer = json_pointer("/variables", std::string_view(name).substr(0, 64));
    const Variable* variable = preset.find_variable(name);
    if (!variable) {
      faults.add(pointer, "is not a variable of this preset");
    } else if (const auto reason = check_value(*variable, value)) {
      faults.add(pointer, *reason, variable->default_value);
    } else if (!is_valid_utf8(value)) {
      faults.add(pointer, "is not valid UTF-8");
    } else {
      check_text(Json(value), pointer, {PresetBounds::kValueBytes, false, {}, false}, faults);
    }
  }
  return faults.take();
}

std::vector<std::string> missing_variables(const Preset& preset, const VariableValues& values) {
  std::vector<std::string> missing;
  for (const auto& variable : preset.variables) {
    if (!variable.required) continue;
    const auto given = values.find(variable.name);
    const auto& value = given == values.end() ? variable.default_value : given->second;
    if (trim(value).empty()) missing.push_back(variable.name);
  }
  return missing;
}

}  // namespace scena

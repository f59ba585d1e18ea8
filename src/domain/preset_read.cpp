#include <algorithm>

#include "base/json_schema.hpp"
#include "base/suggest.hpp"
#include "domain/choice_text.hpp"
#include "domain/judge/judge_rubric.hpp"
#include "domain/metric_rule.hpp"
#include "domain/preset_json.hpp"

namespace scena {
namespace {

using Bounds = PresetBounds;
using Milliseconds = std::chrono::milliseconds;

constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;
constexpr std::int64_t kWeekMs = 7 * kDayMs;

constexpr TextRule line(std::string_view example, bool required = false) {
  return {Bounds::kLineBytes, required, example, true};
}
constexpr TextRule prose(std::string_view example, bool required = false) {
  return {Bounds::kTextBytes, required, example, false};
}
constexpr TextRule name_rule(std::string_view example, bool required = true) {
  return {Bounds::kIdBytes, required, example, true};
}

// Calls `read(item, pointer)` for each object of a list.
template <class Read>
void each(ObjectReader& reader, const char* name, std::size_t max, Read read, bool required = false,
          std::string_view example = {}) {
  const Json* items = reader.list(name, max, required, example);
  if (!items) return;
  for (std::size_t i = 0; i < items->size(); ++i) {
    read((*items)[i], json_pointer(reader.at(name), std::to_string(i)));
  }
}

void read_count(ObjectReader& reader, const char* name, std::int64_t min, std::int64_t max,
                std::uint32_t& out) {
  std::int64_t value = 0;
  if (reader.integer(name, min, max, value)) out = static_cast<std::uint32_t>(value);
}

void read_time(ObjectReader& reader, const char* name, std::int64_t max, Milliseconds& out) {
  std::int64_t value = 0;
  if (reader.integer(name, 1, max, value)) out = Milliseconds(value);
}

void read_model(ObjectReader& parent, ModelPreferences& out, const char* name = "model") {
  const Json* json = parent.object(name);
  if (!json) return;
  ObjectReader reader(*json, parent.at(name), "model", parent.faults());
  reader.text("provider", out.provider, {512, false, "openai:gpt-4o", true});
  reader.text("model", out.model, line("gpt-4o"));
  double temperature = 0;
  if (reader.number("temperature", 0, 2, temperature)) out.temperature = temperature;
  std::int64_t tokens = 0;
  if (reader.integer("max_tokens", 1, 1'000'000, tokens)) out.max_tokens = tokens;
  reader.finish();
}

ScriptTool read_script_tool(const Json& json, const std::string& pointer, FaultList& faults) {
  ScriptTool tool;
  ObjectReader reader(json, pointer, "script_tool", faults);
  reader.text("name", tool.name, name_rule("weather"));
  if (const Json* arguments = reader.object("arguments")) tool.arguments = dump_json(*arguments);
  reader.finish();
  return tool;
}

void check_choices(const Json& text, const std::string& pointer, FaultList& faults) {
  if (!text.is_string()) return;
  const auto parsed =
      ChoiceText::parse(text.get_ref<const std::string&>(), ChoiceText::Form::unrendered);
  if (!parsed) faults.add(pointer, parsed.error().what(), "[[Good|Fine]]. Go on.");
}

ScriptRule read_rule(const Json& json, const std::string& pointer, FaultList& faults) {
  ScriptRule rule;
  ObjectReader reader(json, pointer, "rule", faults);
  std::int64_t turn = 0;
  if (reader.integer("turn", 1, 100'000, turn)) rule.turn = static_cast<std::uint32_t>(turn);
  reader.texts("match", rule.match, Bounds::kItems, line("salary"));
  std::string text;
  reader.text("text", text, prose("Good morning."));
  reader.texts("texts", rule.texts, Bounds::kItems, prose("Good morning."));
  if (reader.is_object() && reader.has("text") == reader.has("texts")) {
    faults.add(reader.at("texts"), "needs either \"text\" or \"texts\"", R"(["Good morning."])");
  }
  check_choices(Json(text), reader.at("text"), faults);
  if (reader.has("texts") && json["texts"].is_array()) {
    for (std::size_t i = 0; i < json["texts"].size(); ++i)
      check_choices(json["texts"][i], json_pointer(reader.at("texts"), std::to_string(i)), faults);
  }
  if (!text.empty()) rule.texts.push_back(std::move(text));
  each(reader, "tools", Bounds::kItems, [&](const Json& item, const std::string& at) {
    rule.tools.push_back(read_script_tool(item, at, faults));
  });
  reader.text("after", rule.after, name_rule("weather", false));
  // Texts that are there and at fault have been named.
  if (reader.has("texts") && json["texts"] == Json::array() && rule.texts.empty())
    faults.add(reader.at("texts"), "must have at least one item");
  reader.finish();
  return rule;
}

void read_range(ObjectReader& reader, const char* name,
                std::optional<CharacterScript::Range>& out) {
  const Json* pair = reader.list(name, 2);
  if (!pair) return;
  const auto bounded = [](const Json& json) {
    return json.is_number_unsigned() && json.get<std::uint64_t>() <= 60'000;
  };
  if (pair->size() != 2 || !bounded((*pair)[0]) || !bounded((*pair)[1]) ||
      (*pair)[0] > (*pair)[1]) {
    reader.faults().add(reader.at(name), "must be [least, most] in milliseconds, from 0 to 60000",
                        "[300, 900]");
    return;
  }
  out = CharacterScript::Range{(*pair)[0].get<std::int64_t>(), (*pair)[1].get<std::int64_t>()};
}

void read_script(ObjectReader& parent, std::optional<CharacterScript>& out) {
  const Json* json = parent.object("script");
  if (!json) return;
  ObjectReader reader(*json, parent.at("script"), "script", parent.faults());
  out.emplace();
  each(
      reader, "replies", Bounds::kScriptRules,
      [&](const Json& item, const std::string& pointer) {
        out->replies.push_back(read_rule(item, pointer, parent.faults()));
      },
      true, R"([{"texts":["Good morning."]}])");
  read_range(reader, "delay_ms", out->delay_ms);
  read_range(reader, "token_ms", out->token_ms);
  reader.finish();
}

Character read_character(const Json& json, const std::string& pointer, FaultList& faults) {
  Character character;
  ObjectReader reader(json, pointer, "character", faults);
  reader.text("id", character.id, name_rule("interviewer"));
  reader.text("name", character.name, line("Dana Whitfield", true));
  reader.text("role", character.role, line("hiring manager"));
  reader.word("played_by", {{"ai", PlayedBy::ai}, {"human", PlayedBy::human}}, character.played_by);
  reader.text("persona", character.persona, prose("A calm, exacting engineer."));
  reader.text("appearance", character.appearance, prose("Grey suit, folded hands."));
  reader.texts("goals", character.goals, Bounds::kItems, prose("Find out why the last job ended."));
  reader.texts("knowledge", character.knowledge, Bounds::kItems,
               prose("The post must be filled by Friday."));
  reader.texts("memory", character.memory, Bounds::kItems, prose("They met at a fair last year."));
  reader.text("style", character.style, prose("Short questions, dry humour."));
  reader.text("voice", character.voice, line("alto-2"));
  reader.text("opening_line", character.opening_line, prose("Good morning, please sit down."));
  read_model(reader, character.model);
  reader.texts("tools", character.tools, Bounds::kItems, name_rule("weather"));
  read_script(reader, character.script);
  reader.finish();
  return character;
}

void read_default(ObjectReader& reader, Variable& variable) {
  const Json* json = reader.any("default");
  if (!json) return;
  const auto text = value_text(*json);
  const bool right_type = variable.type == VariableType::number    ? json->is_number()
                          : variable.type == VariableType::boolean ? json->is_boolean()
                                                                   : json->is_string();
  if (!text || !right_type) {
    reader.faults().add(reader.at("default"), std::string("is not a ") + to_string(variable.type));
  } else {
    variable.default_value = *text;
  }
}

Variable read_variable(const Json& json, const std::string& pointer, FaultList& faults) {
  Variable variable;
  ObjectReader reader(json, pointer, "variable", faults);
  reader.text("name", variable.name, name_rule("candidate_name"));
  reader.word("type",
              {{"string", VariableType::string},
               {"number", VariableType::number},
               {"boolean", VariableType::boolean},
               {"choice", VariableType::choice}},
              variable.type);
  reader.boolean("required", variable.required);
  reader.text("description", variable.description, prose("The candidate's full name."));
  reader.texts("choices", variable.choices, Bounds::kItems, line("junior"));
  read_default(reader, variable);
  reader.finish();
  return variable;
}

// Which members each kind has; those of other kinds are faults when they stand there.
struct KindMember {
  EndCondition::Kind kind;
  const char* member;
  bool required;
  const char* example;
  bool first = true;  // of its kinds: the one that a fault names
};
// clang-format off
constexpr KindMember kKindMembers[] = {
    {EndCondition::Kind::turns,    "count",    true,  "12"},
    {EndCondition::Kind::time,     "after_ms", true,  "600000"},
    {EndCondition::Kind::phrase,   "phrase",   true,  "goodbye"},
    {EndCondition::Kind::phrase,   "speaker",  false, ""},
    {EndCondition::Kind::variable, "variable", true,  "deal"},
    {EndCondition::Kind::variable, "equals",   true,  "true"},
    {EndCondition::Kind::metric,   "metric",   true,  "evasiveness"},
    {EndCondition::Kind::metric,   "above",    false, ""},
    {EndCondition::Kind::metric,   "below",    false, ""},
    {EndCondition::Kind::metric,   "label",    false, ""},
    {EndCondition::Kind::metric,   "speaker",  false, "", false},
    {EndCondition::Kind::metric,   "count",    false, "", false},
};
// clang-format on

bool has_member(EndCondition::Kind kind, std::string_view member) {
  return std::any_of(std::begin(kKindMembers), std::end(kKindMembers),
                     [&](const KindMember& e) { return e.kind == kind && e.member == member; });
}

void read_bounds(ObjectReader& reader, std::optional<double>& above, std::optional<double>& below) {
  double bound = 0;
  if (reader.number("above", -1'000'000, 1'000'000, bound)) above = bound;
  if (reader.number("below", -1'000'000, 1'000'000, bound)) below = bound;
}

// Bounds or a class: what a rule asks of its metric.
void check_metric_rule(ObjectReader& reader, std::string_view who) {
  const bool bounded = reader.has("above") || reader.has("below");
  if (bounded && reader.has("label")) {
    reader.faults().add(reader.at("label"), "stands beside \"above\" or \"below\"; keep one", "");
  } else if (!bounded && !reader.has("label")) {
    reader.faults().add(
        reader.at("above"),
        "is missing: " + std::string(who) + " needs \"above\", \"below\" or \"label\"", "0.6");
  }
}

void check_metric_words(ObjectReader& reader, const std::string& metric, const std::string& label) {
  if (const auto meant = misspelt_metric(metric); !meant.empty()) {
    reader.faults().add(reader.at("metric"), "is no metric; \"" + std::string(meant) + "\" is",
                        std::string(meant));
  }
  const auto classes = metric_classes(metric);
  if (label.empty() || classes.empty()) return;
  if (std::find(classes.begin(), classes.end(), label) == classes.end()) {
    reader.faults().add(reader.at("label"),
                        "is no class of " + metric + "; use " + quoted_list(classes),
                        std::string(classes[0]));
  }
}

void check_kind_members(ObjectReader& reader, EndCondition::Kind kind) {
  for (const auto& entry : kKindMembers) {
    if (entry.kind == kind && entry.required && !reader.has(entry.member)) {
      reader.faults().add(reader.at(entry.member),
                          std::string("is missing: kind ") + to_string(kind) + " needs it",
                          entry.example);
    } else if (entry.first && reader.has(entry.member) && !has_member(kind, entry.member)) {
      reader.faults().add(
          reader.at(entry.member),
          std::string("belongs to kind ") + to_string(entry.kind) + ", not to " + to_string(kind));
    }
  }
  if (kind == EndCondition::Kind::metric) check_metric_rule(reader, "kind metric");
}

// Kinds that are known but that this version cannot judge are refused: a session that silently
// never ends would be worse.
bool is_unsupported_kind(const Json& json) {
  const auto found = json.find("kind");
  if (found == json.end() || !found->is_string()) return false;
  const auto& kind = found->get_ref<const std::string&>();
  return kind == "goal" || kind == "tool" || kind == "judge";
}

EndCondition read_end_condition(const Json& json, const std::string& pointer, FaultList& faults) {
  EndCondition condition;
  if (json.is_object() && is_unsupported_kind(json)) {
    faults.add(json_pointer(pointer, "kind"),
               "is not supported in this version, which cannot judge it; use turns, time, phrase, "
               "variable or metric",
               "turns");
    return condition;
  }
  ObjectReader reader(json, pointer, "end_condition", faults);
  if (reader.is_object() && !reader.has("kind"))
    faults.add(reader.at("kind"), "is missing", "turns");
  const bool knows_kind = reader.word("kind",
                                      {{"turns", EndCondition::Kind::turns},
                                       {"time", EndCondition::Kind::time},
                                       {"phrase", EndCondition::Kind::phrase},
                                       {"variable", EndCondition::Kind::variable},
                                       {"metric", EndCondition::Kind::metric}},
                                      condition.kind);
  read_count(reader, "count", 1, 100'000, condition.count);
  read_time(reader, "after_ms", kWeekMs, condition.after);
  reader.text("phrase", condition.phrase, line("this interview is over"));
  reader.text("speaker", condition.speaker, name_rule("interviewer", false));
  reader.text("variable", condition.variable, name_rule("deal", false));
  if (const Json* equals = reader.any("equals")) {
    const auto text = value_text(*equals);
    if (!text) faults.add(reader.at("equals"), "must be a string, number or boolean", "true");
    condition.equals = text.value_or("");
  }
  reader.text("metric", condition.metric, name_rule("evasiveness", false));
  read_bounds(reader, condition.above, condition.below);
  reader.text("label", condition.label, line("non-reply"));
  check_metric_words(reader, condition.metric, condition.label);
  if (knows_kind) check_kind_members(reader, condition.kind);
  reader.finish();
  return condition;
}

Opening read_opening(const Json& json, const std::string& pointer, FaultList& faults) {
  Opening opening;
  ObjectReader reader(json, pointer, "opening", faults);
  reader.text("speaker", opening.speaker, name_rule("interviewer"));
  reader.text("text", opening.text, prose("Good morning.", true));
  reader.finish();
  return opening;
}

SpeakerRule read_speaker_rule(const Json& json, const std::string& pointer, FaultList& faults) {
  SpeakerRule rule;
  ObjectReader reader(json, pointer, "speaker_rule", faults);
  reader.text("metric", rule.metric, name_rule("evasiveness"));
  reader.text("speaker", rule.speaker, name_rule("candidate", false));
  read_bounds(reader, rule.above, rule.below);
  reader.text("label", rule.label, line("non-reply"));
  reader.text("next", rule.next, name_rule("interviewer"));
  check_metric_words(reader, rule.metric, rule.label);
  if (reader.is_object()) check_metric_rule(reader, "a rule");
  reader.finish();
  return rule;
}

void read_turn_policy(ObjectReader& parent, TurnPolicy& out) {
  const Json* json = parent.object("turn_policy");
  if (!json) return;
  ObjectReader reader(*json, parent.at("turn_policy"), "turn_policy", parent.faults());
  reader.word("kind",
              {{"alternate", TurnPolicy::Kind::alternate},
               {"round_robin", TurnPolicy::Kind::round_robin},
               {"host", TurnPolicy::Kind::host}},
              out.kind);
  reader.texts("order", out.order, Bounds::kCharacters, name_rule("interviewer"));
  each(reader, "when", Bounds::kItems, [&](const Json& item, const std::string& pointer) {
    out.when.push_back(read_speaker_rule(item, pointer, parent.faults()));
  });
  reader.finish();
}

void read_limits(ObjectReader& parent, PresetLimits& out) {
  const Json* json = parent.object("limits");
  if (!json) return;
  ObjectReader reader(*json, parent.at("limits"), "limits", parent.faults());
  read_time(reader, "session_time_ms", kWeekMs, out.session_time);
  read_time(reader, "reply_time_ms", kDayMs, out.reply_time);
  read_count(reader, "history_items", 2, 10'000, out.history_items);
  read_count(reader, "history_tokens", 500, 10'000'000, out.history_tokens);
  read_count(reader, "message_bytes", 1, 1 << 20, out.message_bytes);
  reader.finish();
}

MetricThreshold read_metric(const Json& json, const std::string& pointer, FaultList& faults) {
  MetricThreshold threshold;
  ObjectReader reader(json, pointer, "metric", faults);
  reader.text("metric", threshold.metric, name_rule("evasiveness"));
  reader.text("speaker", threshold.speaker, name_rule("candidate", false));
  read_bounds(reader, threshold.above, threshold.below);
  reader.text("label", threshold.label, line("dodges the question"));
  if (reader.is_object() && !reader.has("above") && !reader.has("below")) {
    faults.add(reader.at("above"), "is missing: a threshold needs \"above\" or \"below\"", "0.6");
  }
  reader.finish();
  return threshold;
}

Criterion read_criterion(const Json& json, const std::string& pointer, FaultList& faults) {
  Criterion criterion;
  ObjectReader reader(json, pointer, "criterion", faults);
  reader.text("id", criterion.id, name_rule("structure"));
  reader.text("title", criterion.title, line("Structured answers", true));
  reader.text("description", criterion.description, prose("Names situation, action and result."));
  read_count(reader, "weight", 1, 100, criterion.weight);
  reader.finish();
  return criterion;
}

JudgeRubric read_judge(const Json& json, const std::string& pointer, FaultList& faults) {
  JudgeRubric rubric;
  ObjectReader reader(json, pointer, "judge", faults);
  reader.text("metric", rubric.metric, name_rule("evasiveness"));
  reader.text("text", rubric.text, prose("0: gives the price. 1: will not name any.", true));
  if (!rubric.metric.empty() && !find_judged_metric(rubric.metric)) {
    faults.add(reader.at("metric"), "is not a metric that is judged; use " + judged_metric_names(),
               "evasiveness");
  }
  reader.finish();
  return rubric;
}

PlannedQuestion read_question(const Json& json, const std::string& pointer, FaultList& faults) {
  PlannedQuestion question;
  ObjectReader reader(json, pointer, "question", faults);
  reader.text("id", question.id, name_rule("gap"));
  reader.text("text", question.text, line("Why is there a gap in the CV?", true));
  reader.text("asked_by", question.asked_by, name_rule("interviewer", false));
  reader.finish();
  return question;
}

void read_next_question(ObjectReader& parent, std::optional<QuestionMaker>& out) {
  const Json* json = parent.object("next_question");
  if (!json) return;
  QuestionMaker maker;
  ObjectReader reader(*json, parent.at("next_question"), "next_question", parent.faults());
  reader.text("instructions", maker.instructions, prose("Go deeper where an answer was vague."));
  if (const Json* schema = reader.object("schema")) {
    maker.schema = dump_json(*schema);
    if (const auto read = JsonSchema::parse(maker.schema); !read) {
      parent.faults().add(reader.at("schema"), read.error().what());
    } else if (!read->is_for_object() || read->check(Json::object())) {
      parent.faults().add(reader.at("schema"),
                          "must be an object's, with the required text \"question\"",
                          R"({"type":"object","required":["question"]})");
    }
  }
  std::int64_t limit = maker.time_limit.count();
  if (reader.integer("time_limit_ms", 1, 3'600'000, limit))
    maker.time_limit = std::chrono::milliseconds(limit);
  read_model(reader, maker.model);
  reader.finish();
  out = std::move(maker);
}

void read_head(ObjectReader& reader, Preset& preset) {
  reader.text("id", preset.id, name_rule("job-interview"));
  read_count(reader, "version", 1, 1'000'000'000, preset.version);
  reader.text("title", preset.title, line("Job interview", true));
  reader.text("description", preset.description, prose("A second-round interview."));
  reader.text("category", preset.category, line("career"));
  // Not required, but never empty: an absent one is English.
  reader.text("language", preset.language, {35, false, "en", true});
  reader.text("scene", preset.scene,
              {Bounds::kSceneBytes, false, "A small meeting room, ten in the morning.", false});
  reader.text("instructions", preset.instructions,
              {Bounds::kSceneBytes, false, "Never answer for the other.", false});
}

}  // namespace

std::optional<std::string> value_text(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_number() || json.is_boolean()) return dump_json(json);
  return std::nullopt;
}

Preset read_preset(const Json& json, FaultList& faults) {
  Preset preset;
  ObjectReader reader(json, "", "preset", faults);
  read_head(reader, preset);
  const auto collect = [&](auto read, auto& list) {
    return [&faults, read, &list](const Json& item, const std::string& pointer) {
      list.push_back(read(item, pointer, faults));
    };
  };
  each(reader, "characters", Bounds::kCharacters, collect(read_character, preset.characters), true,
       R"([{"id":"host","name":"Ann"}])");
  each(reader, "variables", Bounds::kItems, collect(read_variable, preset.variables));
  each(reader, "openings", Bounds::kItems, collect(read_opening, preset.openings));
  read_turn_policy(reader, preset.turn_policy);
  each(reader, "end_conditions", Bounds::kItems,
       collect(read_end_condition, preset.end_conditions));
  read_limits(reader, preset.limits);
  each(reader, "metrics", Bounds::kItems, collect(read_metric, preset.metrics));
  reader.texts("adapt", preset.adapt, Bounds::kItems, name_rule("industry"));
  each(reader, "rubric", Bounds::kItems, collect(read_criterion, preset.rubric));
  each(reader, "judge", Bounds::kItems, collect(read_judge, preset.judge));
  each(reader, "questions", Bounds::kItems, collect(read_question, preset.questions));
  read_next_question(reader, preset.next_question);
  reader.texts("escape_phrases", preset.escape_phrases, Bounds::kItems, line("surprise me"));
  read_model(reader, preset.analysis, "analysis");
  read_model(reader, preset.model);
  reader.texts("tools", preset.tools, Bounds::kItems, name_rule("weather"));
  reader.finish();
  if (reader.is_object()) check_references(preset, faults);
  return preset;
}

}  // namespace scena

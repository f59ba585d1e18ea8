#include "domain/preset_write.hpp"

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "domain/preset_json.hpp"

namespace scena {
namespace {

// Members at their default are left out, so that a document stays as short as its author made it.
class PresetWriter {
 public:
  explicit PresetWriter(std::string& out) : writer_(out) {}

  void write(const Preset& preset) {
    writer_.begin_object();
    text("id", preset.id);
    if (preset.version != 1) count("version", preset.version);
    text("title", preset.title);
    text("description", preset.description);
    text("category", preset.category);
    if (preset.language != "en") text("language", preset.language);
    text("scene", preset.scene);
    text("instructions", preset.instructions);
    list("characters", preset.characters, [this](const Character& item) { character(item); });
    list("variables", preset.variables, [this](const Variable& item) { variable(item); });
    list("openings", preset.openings, [this](const Opening& item) { opening(item); });
    turn_policy(preset.turn_policy);
    list("end_conditions", preset.end_conditions,
         [this](const EndCondition& item) { end_condition(item); });
    limits(preset.limits);
    list("metrics", preset.metrics, [this](const MetricThreshold& item) { metric(item); });
    texts("adapt", preset.adapt);
    list("rubric", preset.rubric, [this](const Criterion& item) { criterion(item); });
    list("judge", preset.judge, [this](const JudgeRubric& item) { judge(item); });
    list("questions", preset.questions, [this](const PlannedQuestion& item) { question(item); });
    next_question(preset.next_question);
    texts("escape_phrases", preset.escape_phrases);
    model(preset.analysis, "analysis");
    model(preset.model);
    texts("tools", preset.tools);
    writer_.end_object();
  }

  void write(const CharacterScript& script) {
    writer_.begin_object();
    list("replies", script.replies, [this](const ScriptRule& item) { rule(item); });
    range("delay_ms", script.delay_ms);
    range("token_ms", script.token_ms);
    writer_.end_object();
  }

 private:
  void text(std::string_view name, const std::string& value) {
    if (!value.empty()) writer_.member(name, std::string_view(value));
  }
  void texts(std::string_view name, const std::vector<std::string>& values) {
    list(name, values, [this](const std::string& item) { writer_.value(std::string_view(item)); });
  }
  void count(std::string_view name, std::int64_t value) {
    if (value != 0) writer_.member(name, value);
  }
  void number(std::string_view name, const std::optional<double>& value) {
    if (value) writer_.key(name).raw(dump_json(Json(*value)));
  }
  template <class T, class Write>
  void list(std::string_view name, const std::vector<T>& items, Write write_item) {
    if (items.empty()) return;
    writer_.key(name).begin_array();
    for (const auto& item : items) write_item(item);
    writer_.end_array();
  }

  void character(const Character& item) {
    writer_.begin_object();
    text("id", item.id);
    text("name", item.name);
    text("role", item.role);
    if (item.played_by != PlayedBy::ai) writer_.member("played_by", to_string(item.played_by));
    text("persona", item.persona);
    text("appearance", item.appearance);
    texts("goals", item.goals);
    texts("knowledge", item.knowledge);
    texts("memory", item.memory);
    text("style", item.style);
    text("voice", item.voice);
    text("opening_line", item.opening_line);
    model(item.model);
    texts("tools", item.tools);
    if (item.script) {
      writer_.key("script");
      write(*item.script);
    }
    writer_.end_object();
  }

  void variable(const Variable& item) {
    writer_.begin_object();
    text("name", item.name);
    if (item.type != VariableType::string) writer_.member("type", to_string(item.type));
    if (!item.default_value.empty()) {
      const bool bare = item.type == VariableType::number || item.type == VariableType::boolean;
      writer_.key("default");
      // A value of the wrong type, set in code, must not break the document: it goes out as text.
      if (bare && !check_value(item, item.default_value)) {
        writer_.raw(item.default_value);
      } else {
        writer_.value(std::string_view(item.default_value));
      }
    }
    if (item.required) writer_.member("required", true);
    text("description", item.description);
    texts("choices", item.choices);
    writer_.end_object();
  }

  void opening(const Opening& item) {
    writer_.begin_object();
    text("speaker", item.speaker);
    text("text", item.text);
    writer_.end_object();
  }

  void turn_policy(const TurnPolicy& policy) {
    if (policy == TurnPolicy{}) return;
    writer_.key("turn_policy").begin_object();
    if (policy.kind != TurnPolicy::Kind::alternate) writer_.member("kind", to_string(policy.kind));
    texts("order", policy.order);
    list("when", policy.when, [this](const SpeakerRule& item) { speaker_rule(item); });
    writer_.end_object();
  }

  void speaker_rule(const SpeakerRule& item) {
    writer_.begin_object();
    text("metric", item.metric);
    text("speaker", item.speaker);
    number("above", item.above);
    number("below", item.below);
    text("label", item.label);
    text("next", item.next);
    writer_.end_object();
  }

  void end_condition(const EndCondition& item) {
    writer_.begin_object().member("kind", to_string(item.kind));
    count("count", item.count);
    count("after_ms", item.after.count());
    text("phrase", item.phrase);
    text("speaker", item.speaker);
    text("variable", item.variable);
    if (item.kind == EndCondition::Kind::variable)
      writer_.member("equals", std::string_view(item.equals));
    text("metric", item.metric);
    number("above", item.above);
    number("below", item.below);
    text("label", item.label);
    writer_.end_object();
  }

  void limits(const PresetLimits& item) {
    if (item == PresetLimits{}) return;
    writer_.key("limits").begin_object();
    count("session_time_ms", item.session_time.count());
    count("reply_time_ms", item.reply_time.count());
    count("history_items", item.history_items);
    count("history_tokens", item.history_tokens);
    count("message_bytes", item.message_bytes);
    writer_.end_object();
  }

  void metric(const MetricThreshold& item) {
    writer_.begin_object();
    text("metric", item.metric);
    text("speaker", item.speaker);
    number("above", item.above);
    number("below", item.below);
    text("label", item.label);
    writer_.end_object();
  }

  void criterion(const Criterion& item) {
    writer_.begin_object();
    text("id", item.id);
    text("title", item.title);
    text("description", item.description);
    if (item.weight != 1) count("weight", item.weight);
    writer_.end_object();
  }

  void judge(const JudgeRubric& item) {
    writer_.begin_object();
    text("metric", item.metric);
    text("text", item.text);
    writer_.end_object();
  }

  void question(const PlannedQuestion& item) {
    writer_.begin_object();
    text("id", item.id);
    text("text", item.text);
    text("asked_by", item.asked_by);
    writer_.end_object();
  }

  void model(const ModelPreferences& item, std::string_view name = "model") {
    if (item == ModelPreferences{}) return;
    writer_.key(name).begin_object();
    text("provider", item.provider);
    text("model", item.model);
    number("temperature", item.temperature);
    if (item.max_tokens) writer_.member("max_tokens", *item.max_tokens);
    writer_.end_object();
  }

  void next_question(const std::optional<QuestionMaker>& item) {
    if (!item) return;
    writer_.key("next_question").begin_object();
    text("instructions", item->instructions);
    if (!item->schema.empty()) writer_.key("schema").raw(item->schema);
    if (item->time_limit != QuestionMaker{}.time_limit)
      writer_.member("time_limit_ms", static_cast<std::int64_t>(item->time_limit.count()));
    model(item->model);
    writer_.end_object();
  }

  void rule(const ScriptRule& item) {
    writer_.begin_object();
    if (item.turn) count("turn", *item.turn);
    texts("match", item.match);
    texts("texts", item.texts);
    list("tools", item.tools, [this](const ScriptTool& tool) {
      writer_.begin_object().member("name", std::string_view(tool.name));
      writer_.key("arguments").raw(tool.arguments).end_object();
    });
    text("after", item.after);
    writer_.end_object();
  }

  void range(std::string_view name, const std::optional<CharacterScript::Range>& item) {
    if (item) writer_.key(name).begin_array().value(item->min).value(item->max).end_array();
  }

  JsonWriter writer_;
};

}  // namespace

std::string Preset::to_json() const {
  std::string out;
  PresetWriter(out).write(*this);
  return out;
}

std::string script_to_json(const CharacterScript& script) {
  std::string out;
  PresetWriter(out).write(script);
  return out;
}

}  // namespace scena

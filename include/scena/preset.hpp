#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <scena/config.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// Values of a session's variables by name, in text form: numbers as JSON writes them, booleans as
/// "true" and "false".
using VariableValues = std::map<std::string, std::string>;

/// What text a variable takes.
enum class VariableType { string, number, boolean, choice };

/// A named slot of a preset's texts: "{{candidate_name}}" there is replaced by its value.
struct Variable {
  std::string name;                          ///< Lower-case letters, digits and `_`, from a letter.
  VariableType type = VariableType::string;  ///< Values of other types are refused.
  std::string default_value;                 ///< Text form; empty: none.
  bool required = false;                     ///< A session does not start while it has no value.
  std::string description;                   ///< For the person who fills it in.
  std::vector<std::string> choices;          ///< For `choice`: the values allowed.
  bool operator==(const Variable&) const = default;
};

/// Which model answers, and how. What is absent is left to the next in line: call, session,
/// character, preset, configuration, provider.
struct ModelPreferences {
  std::string provider;                    ///< Name in Config::providers or a provider URL.
  std::string model;                       ///< As the provider names it.
  std::optional<double> temperature;       ///< 0..2
  std::optional<std::int64_t> max_tokens;  ///< Of one reply.
  bool operator==(const ModelPreferences&) const = default;
};

/// A tool that a scripted reply asks for.
struct ScriptTool {
  std::string name;              ///< The name that texts and calls use.
  std::string arguments = "{}";  ///< A JSON object.
  bool operator==(const ScriptTool&) const = default;
};

/// A rule of the offline scripted provider. The first rule whose conditions hold wins: `turn`
/// equals the number of the character's own reply, and one word of `match` occurs in the last
/// message. Rules without conditions are the general pool, taken without repeating until it is used
/// up.
struct ScriptRule {
  std::optional<std::uint32_t> turn;  ///< From 1.
  std::vector<std::string> match;     ///< Whole words or phrases, case ignored.
  std::vector<std::string> texts;     ///< Variants; the seed chooses. At least one.
  std::vector<ScriptTool> tools;      ///< Asked for behind the text, where they are offered.
  std::string after;  ///< Answers the result of this tool; "%result%" in a text stands for it.
  bool operator==(const ScriptRule&) const = default;
};

/// What a character says when no model is at hand: lines for demos, tests and offline work.
struct CharacterScript {
  /// Bounds of a random whole number, both included.
  struct Range {
    std::int64_t min = 0;  ///< Milliseconds.
    std::int64_t max = 0;  ///< Milliseconds; not under `min`.
    bool operator==(const Range&) const = default;
  };
  std::vector<ScriptRule> replies;  ///< The first that matches wins.
  std::optional<Range> delay_ms;    ///< Before the first token.
  std::optional<Range> token_ms;    ///< Between two tokens.
  bool operator==(const CharacterScript&) const = default;
};

/// Who speaks for a character.
enum class PlayedBy { ai, human };

/// Somebody in the scene. Others know the name, role and appearance; all else is the character's
/// own and stands in no other character's prompt.
struct Character {
  std::string id;                      ///< Participant id: lower-case letters, digits, `-` and `_`.
  std::string name;                    ///< As others call it.
  std::string role;                    ///< One line others know, e.g. "hiring manager".
  PlayedBy played_by = PlayedBy::ai;   ///< By default; a host may let an AI play a human's part.
  std::string persona;                 ///< Who it is: history, character, mood.
  std::string appearance;              ///< Looks and body language, as others see them.
  std::vector<std::string> goals;      ///< What it wants.
  std::vector<std::string> knowledge;  ///< What it alone knows.
  std::vector<std::string> memory;     ///< What it remembers of earlier meetings.
  std::string style;                   ///< How it talks.
  std::string voice;                   ///< Name of a voice, for hosts that speak.
  std::string opening_line;            ///< See scene_openings().
  ModelPreferences model;              ///< Which model plays it.
  std::vector<std::string> tools;      ///< Names of tools that it may use, beside the preset's.
  std::optional<CharacterScript> script;  ///< What it says when no model is at hand.
  bool operator==(const Character&) const = default;
};

/// A line that stands before the first turn.
struct Opening {
  std::string speaker;  ///< A character's id.
  std::string text;     ///< UTF-8, a template.
  bool operator==(const Opening&) const = default;
};

/// Somebody else's turn because of how the last message was measured.
struct SpeakerRule {
  std::string metric;           ///< A built-in name, or a host's own.
  std::string speaker;          ///< Only behind messages of this character; empty: anybody's.
  std::optional<double> above;  ///< It is over this ...
  std::optional<double> below;  ///< ... or under this ...
  std::string label;            ///< ... or, in place of both, of this class.
  std::string next;             ///< The character who speaks then.
  bool operator==(const SpeakerRule&) const = default;
};

/// Who speaks next.
struct TurnPolicy {
  /// How the next speaker is chosen.
  enum class Kind {
    alternate,    ///< A character answers each message of a human; without humans, one after the
                  ///< other.
    round_robin,  ///< Everybody in `order`, humans included.
    host,         ///< Only when the host asks for it.
  };
  Kind kind = Kind::alternate;     ///< How the next speaker is chosen.
  std::vector<std::string> order;  ///< Character ids; empty: the order of the characters.
  std::vector<SpeakerRule> when;   ///< The first that holds of the last message, and whose `next`
                                   ///< is present, comes before all of this.
  bool operator==(const TurnPolicy&) const = default;
};

/// When a session completes by itself; the first that holds ends it.
struct EndCondition {
  /// What is looked at.
  enum class Kind { turns, time, phrase, variable, metric };
  Kind kind = Kind::turns;  ///< What is looked at.
  std::uint32_t count = 0;  ///< turns: replies of AI characters; metric: measured messages in a
                            ///< row, 0 counts as 1.
  std::chrono::milliseconds after{};  ///< time: of engine clock since the session became active.
  std::string phrase;    ///< phrase: occurs in the last message, case ignored, whole words.
  std::string speaker;   ///< phrase, metric: only messages of this character; empty: anybody's.
  std::string variable;  ///< variable: this one ...
  std::string equals;    ///< ... has this value (text form).
  std::string metric;    ///< metric: a built-in name, or a host's own ...
  std::optional<double> above;  ///< ... is over this ...
  std::optional<double> below;  ///< ... or under this ...
  std::string label;            ///< ... or, in place of both, of this class.
  bool operator==(const EndCondition&) const = default;
};

/// Bounds of a session; zero leaves the engine's own (Config) in force.
struct PresetLimits {
  std::chrono::milliseconds session_time{};  ///< Engine clock since the session became active.
  std::chrono::milliseconds reply_time{};    ///< Of one whole reply.
  std::uint32_t history_items = 0;           ///< Messages that go to the model.
  std::uint32_t history_tokens = 0;          ///< Estimated tokens of the prompt.
  std::uint32_t message_bytes = 0;           ///< Of one message of a human.
  bool operator==(const PresetLimits&) const = default;
};

/// A mark on a metric: hosts and reports point out messages beyond it.
struct MetricThreshold {
  std::string metric;           ///< One of the built-in names, e.g. "evasiveness", or a host's own.
  std::string speaker;          ///< Only this character's messages; empty: everybody's.
  std::optional<double> above;  ///< Marks values over it.
  std::optional<double> below;  ///< Marks values under it.
  std::string label;            ///< What it means when passed.
  bool operator==(const MetricThreshold&) const = default;
};

/// One criterion of the closing analysis.
struct Criterion {
  std::string id;            ///< Lower-case letters, digits, `-` and `_`.
  std::string title;         ///< For people.
  std::string description;   ///< What a good, and what a poor performance looks like.
  std::uint32_t weight = 1;  ///< Share of the whole, relative to the others.
  bool operator==(const Criterion&) const = default;
};

/// What the values of a metric mean in this scenario, for a model that judges it: see JudgeConfig.
struct JudgeRubric {
  std::string metric;  ///< One of those that are judged, e.g. "evasiveness".
  std::string text;    ///< What is 0, what is 1, what lies between.
  bool operator==(const JudgeRubric&) const = default;
};

/// Something the session should find out: the analysis tells whether it was asked and answered.
struct PlannedQuestion {
  std::string id;        ///< Lower-case letters, digits, `-` and `_`.
  std::string text;      ///< The question, a template.
  std::string asked_by;  ///< Only this character's messages ask it; empty: anybody's.
  bool operator==(const PlannedQuestion&) const = default;
};

/// A model is asked for the next question: see Session::next_question().
struct QuestionMaker {
  std::string instructions;  ///< What makes a good question here, a template.
  /// JSON schema of the answer, an object with the required text "question" (and "covers", the id
  /// of a planned one, if it likes); empty: just that.
  std::string schema;
  std::chrono::milliseconds time_limit{10'000};  ///< Then the fallback is used; engine clock.
  ModelPreferences model;  ///< Which model; empty: that of the character who asks.
  bool operator==(const QuestionMaker&) const = default;
};

/// A scenario: who meets, where, what each wants and knows, and when it is over.
///
/// Texts of scene, instructions, openings, characters (name, role, persona, appearance, goals,
/// knowledge, memory, style, opening_line, script) and questions are mustache templates over the
/// variables.
struct Preset {
  std::string id;                            ///< Lower-case letters, digits and `-`.
  std::uint32_t version = 1;                 ///< From 1; grows with each change.
  std::string title;                         ///< For people.
  std::string description;                   ///< What it is about, in a sentence or two.
  std::string category;                      ///< For lists, e.g. "interview".
  std::string language = "en";               ///< BCP 47; the characters speak it.
  std::string scene;                         ///< What everybody in it perceives.
  std::string instructions;                  ///< For every AI character: rules of this scenario.
  std::vector<Character> characters;         ///< Who meets: at least one.
  std::vector<Variable> variables;           ///< Slots of the texts.
  std::vector<Opening> openings;             ///< Said before the first turn, in order.
  TurnPolicy turn_policy;                    ///< Who speaks next.
  std::vector<EndCondition> end_conditions;  ///< The first that holds completes the session.
  PresetLimits limits;                       ///< Bounds of its sessions.
  std::vector<MetricThreshold> metrics;      ///< What reports point out.
  std::vector<std::string> adapt;  ///< Metrics of the others' latest messages that AI characters
                                   ///< are told of, so that they adapt.
  std::vector<Criterion> rubric;   ///< Criteria of the closing analysis.
  std::vector<JudgeRubric> judge;  ///< What a model judges unsure scores by, in place of the
                                   ///< configuration's words.
  std::vector<PlannedQuestion> questions;      ///< What the session should find out.
  std::optional<QuestionMaker> next_question;  ///< Absent: planned questions alone, in order.
  std::vector<std::string> escape_phrases;  ///< What people say here to skip something, beside what
                                            ///< they say everywhere ("skip this", "just build it").
  ModelPreferences analysis;                ///< Which model writes the analysis.
  ModelPreferences model;                   ///< For characters without their own.
  std::vector<std::string> tools;  ///< Names of tools that every AI character may use; those that
                                   ///< the engine does not have are not offered.

  /// Reads and checks a preset. Every fault in one Error (invalid_argument), one line each:
  /// pointer, reason, example; the Error's own pointer is that of the first.
  static Result<Preset> from_json(std::string_view json);
  /// The same from a file.
  static Result<Preset> from_file(const std::string& path);
  /// The whole preset as JSON: one line, fixed member order, members at their default left out.
  std::string to_json() const;

  /// The character of that id, or null; valid as long as the preset is not changed.
  const Character* find_character(std::string_view character_id) const noexcept;
  /// The variable of that name, or null; valid as long as the preset is not changed.
  const Variable* find_variable(std::string_view name) const noexcept;

  bool operator==(const Preset&) const = default;
};

/// Every fault of a preset document, or an empty list. Unknown members are faults.
std::vector<Fault> check_preset(std::string_view json);

/// Names of required variables whose value (the given one, else the default) is blank, in the
/// preset's order. A session does not start while there are any.
std::vector<std::string> missing_variables(const Preset& preset, const VariableValues& values);

/// Faults of the given values: unknown names, wrong types, choices not offered, over 4 KiB.
/// Pointers are "/variables/<name>".
std::vector<Fault> check_variables(const Preset& preset, const VariableValues& values);

/// The scenarios that come with the library, by id. The first call reads them; later calls share
/// the result. Any thread.
const std::vector<Preset>& builtin_presets();
/// One of them, or null.
const Preset* find_builtin_preset(std::string_view id);

/// The name as it stands in JSON, e.g. "round_robin". Never null.
const char* to_string(VariableType type) noexcept;
const char* to_string(PlayedBy played_by) noexcept;
const char* to_string(TurnPolicy::Kind kind) noexcept;
const char* to_string(EndCondition::Kind kind) noexcept;

}  // namespace scena

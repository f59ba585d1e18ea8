#include "engine/questions/question_prompt.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"

namespace scena::engine {
namespace {

constexpr std::string_view kSchema =
    R"({"type":"object","properties":{"question":{"type":"string","minLength":1,"maxLength":1000},)"
    R"("covers":{"type":"string"}},"required":["question","covers"],"additionalProperties":false})";

}  // namespace

std::string question_prompt(const Preset& preset, const Character& character,
                            const metrics::AskedQuestions& asked) {
  std::string text = "What is the one question that " + character.name +
                     " should ask next? Give the question in " + character.name +
                     "'s own words, and nothing that was asked before.";
  const std::string_view wishes = trim(preset.next_question->instructions);
  if (!wishes.empty()) text += "\n\n" + std::string(wishes);
  std::string open;
  for (std::size_t i = 0; i < preset.questions.size(); ++i) {
    if (!asked.is_asked_already(i))
      open += "\n- " + preset.questions[i].id + ": " + preset.questions[i].text;
  }
  if (!open.empty()) text += "\n\nStill to be found out:" + open;
  return text +
         "\n\nAnswer with JSON: \"question\" is the question; \"covers\" is the name before the "
         "colon of the one above that it asks, or \"\" for none of them.";
}

std::string question_schema(const QuestionMaker& maker) {
  return maker.schema.empty() ? std::string(kSchema) : maker.schema;
}

std::optional<std::string> take_question(std::string_view answer, const Preset& preset,
                                         const metrics::AskedQuestions& asked, NextQuestion& out) {
  const auto json = parse_json(answer);
  if (!json || !json->is_object()) return "schema";
  const auto text_of = [&json](const char* name) {
    const auto found = json->find(name);
    return found != json->end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const std::string question(trim(text_of("question")));
  if (question.empty()) return "schema";
  if (asked.repeats(question)) return "repeat";
  out.text = question;
  const std::string covers = text_of("covers");
  for (std::size_t i = 0; i < preset.questions.size(); ++i) {
    if (preset.questions[i].id != covers) continue;
    if (asked.is_asked_already(i)) return "repeat";
    out.covers = covers;
  }
  return std::nullopt;
}

NextQuestion planned_question(const Preset& preset, const metrics::AskedQuestions& asked,
                              std::string reason) {
  NextQuestion question;
  question.fallback = true;
  question.reason = std::move(reason);
  const auto place = asked.next();
  if (!place) return question;
  question.text = preset.questions[*place].text;
  question.covers = preset.questions[*place].id;
  return question;
}

std::string reason_of(const Error& error) {
  switch (error.code()) {
    case ErrorCode::protocol:
      return "schema";
    case ErrorCode::timeout:
      return "timeout";
    case ErrorCode::budget_exhausted:
      return "budget";
    case ErrorCode::content_filtered:
      return "filtered";
    default:
      return "failed";
  }
}

}  // namespace scena::engine

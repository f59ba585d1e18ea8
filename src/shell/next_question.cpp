#include <fmt/format.h>

#include "shell/commands.hpp"
#include "shell/json_text.hpp"
#include "shell/reading.hpp"
#include "shell/spoken.hpp"

namespace scena::shell {
namespace {

std::string question_json(const NextQuestion& question) {
  return fmt::format(
      R"({{"text":{},"covers":{},"fallback":{},"reason":{},"usage":{{"input_tokens":{},"output_tokens":{}}},"cost":"{}"}})",
      json_text(question.text), json_text(question.covers), question.fallback,
      json_text(question.reason), question.usage.input_tokens, question.usage.output_tokens,
      question.cost.to_string());
}

// Where it comes from, for the person who reads the question.
std::string origin_of(const NextQuestion& question) {
  std::string text = question.fallback
                         ? fmt::format("the next planned question ({})", question.reason)
                         : fmt::format("a model's, {}", usage_text(question.usage));
  if (!question.covers.empty()) text += ", covers " + question.covers;
  return text + ", $" + question.cost.to_string();
}

}  // namespace

Exit next_question_command(const Args& args, Console& console) {
  Engine engine = open_writer(args);
  const NextQuestion question =
      engine.session(args.session).next_question({.character = args.character}).get();
  if (args.json) {
    console.line(question_json(question));
  } else if (question.text.empty()) {
    console.note("nothing is left to ask");
  } else {
    console.line(printable(question.text));
    console.note(printable(origin_of(question)));
  }
  return Exit::ok;
}

}  // namespace scena::shell

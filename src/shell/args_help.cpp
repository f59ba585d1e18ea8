#include "shell/args.hpp"

namespace scena::shell {
namespace {

struct Example {
  const char* command;
  const char* text;
};

constexpr Example kExamples[] = {
    {"",
     "Examples:\n"
     "  scena run police-interrogation --auto            watch two characters talk, offline\n"
     "  scena run job-interview                          play the human part yourself\n"
     "  scena run job-interview --provider openai:gpt-4o --storage sqlite:talks.db\n"
     "  scena sessions --storage sqlite:talks.db         what is stored there\n"
     "  scena doctor                                     is everything in place?\n"
     "Every subcommand has its own --help with examples. Exit codes: 0 ok, 2 usage, 3 invalid\n"
     "input or configuration, 4 not found, 5 provider or network, 6 storage, 1 anything else."},
    {"run",
     "Examples:\n"
     "  scena run job-interview\n"
     "  scena run job-interview --input lines.txt --report interview.html\n"
     "  scena run salary-negotiation --auto --clock virtual --seed 7\n"
     "  scena run my-preset.json --var name=Ann --provider anthropic:claude-3-5-haiku-latest\n"
     "  scena run angry-customer --auto --json | jq -r "
     "'select(.type==\"message.stored\").data.message.text'\n"
     "  scena run job-interview --provider openai:gpt-4o --auto --trace exchange.tape"},
    {"show",
     "Examples:\n"
     "  scena show 0190c0de-... --storage sqlite:talks.db\n"
     "  scena show 0190c0de-... --storage sqlite:talks.db --all --json"},
    {"analysis",
     "Examples:\n"
     "  scena analysis SESSION --storage sqlite:talks.db\n"
     "  scena analysis SESSION --storage sqlite:talks.db --json | jq .questions"},
    {"export",
     "Examples:\n"
     "  scena export SESSION --storage sqlite:talks.db --format markdown -o talk.md\n"
     "  scena export SESSION --storage sqlite:talks.db --format jsonl | wc -l"},
    {"import",
     "Examples:\n"
     "  scena import talk.json --storage sqlite:other.db\n"
     "  scena export SESSION --storage sqlite:a.db | scena import - --storage sqlite:b.db"},
    {"fork",
     "Examples:\n"
     "  scena fork SESSION --storage sqlite:talks.db\n"
     "  scena fork SESSION --at m5 --storage sqlite:talks.db      the copy ends with message m5"},
    {"next-question",
     "Examples:\n"
     "  scena next-question SESSION --storage sqlite:talks.db\n"
     "  scena next-question SESSION --storage sqlite:talks.db --provider openai:gpt-4o --json | jq "
     "-r .text"},
    {"replay",
     "Examples:\n"
     "  scena replay SESSION --storage sqlite:talks.db            as fast as it was spoken\n"
     "  scena replay SESSION --storage sqlite:talks.db --speed 10\n"
     "  scena replay SESSION --storage sqlite:talks.db --speed 0  at once"},
    {"rebuild", "Examples:\n  scena rebuild SESSION --storage sqlite:talks.db"},
    {"backup", "Examples:\n  scena backup talks-copy.db --storage sqlite:talks.db"},
    {"report", "Examples:\n  scena report SESSION --storage sqlite:talks.db -o talk.html"},
    {"explain",
     "Examples:\n"
     "  scena explain SESSION m4 --storage sqlite:talks.db        why the model said m4\n"
     "  scena explain SESSION m4 --storage sqlite:talks.db --json the exact request alone"},
    {"sessions",
     "Examples:\n"
     "  scena sessions --storage sqlite:talks.db\n"
     "  scena sessions --storage sqlite:talks.db --state active --json"},
    {"presets",
     "Examples:\n"
     "  scena presets\n"
     "  scena presets show job-interview > mine.json\n"
     "  scena presets check mine.json\n"
     "  scena presets seed --storage sqlite:talks.db"},
    {"batch",
     "Examples:\n"
     "  scena batch plan.json -o out --clock virtual\n"
     "  scena batch plan.json -o out --provider openai --workers 2 --report out.html\n"
     "Called again with the same folder, it runs what has no row yet."},
    {"analytics",
     "Examples:\n"
     "  scena analytics --storage sqlite:talks.db --by preset --by month\n"
     "  scena analytics --storage sqlite:talks.db --flow --csv\n"
     "  scena analytics --storage sqlite:talks.db --by preset --distributions --csv\n"
     "  scena analytics --storage sqlite:talks.db --agreement"},
    {"compare",
     "Examples:\n"
     "  scena compare monday tuesday -o compare.html\n"
     "  scena compare --storage sqlite:talks.db -o compare.html"},
    {"complete",
     "The key comes from SCENA_API_KEY, else from the provider's usual variable. One request is\n"
     "made, without a retry. With --json a failure is printed, too; the exit code is 1 then.\n"
     "Examples:\n"
     "  scena complete --provider openai --model gpt-4o --prompt-file question.txt\n"
     "  scena complete --provider openai-compatible --base-url http://localhost:8080/v1 "
     "--model m --prompt-file - --json\n"
     "  scena complete --provider anthropic --model claude-sonnet-4-5 --prompt-file q.txt "
     "--tools-file tools.json --no-stream --json | jq .tool_calls"},
    {"doctor",
     "Examples:\n"
     "  scena doctor\n"
     "  scena doctor --storage sqlite:talks.db --provider openai:gpt-4o"},
    {"fault-server",
     "Examples:\n"
     "  scena fault-server --port 8089\n"
     "  scena fault-server --schedule 429x2,ok\n"
     "  OPENAI_API_KEY=test-key scena run job-interview --auto --provider "
     "openai+http://127.0.0.1:8089/v1"},
    {"measure",
     "Reads {\"id\", \"question\", \"history\": [{\"role\": \"self\" or \"other\", \"text\"}], "
     "\"text\"}\n"
     "a line; only \"text\" is needed, and \"self\" wrote it.\n"
     "Examples:\n"
     "  scena measure < answers.jsonl > scores.jsonl\n"
     "  echo '{\"text\": \"I would rather not say.\"}' | scena measure"},
    {"simulate-policy",
     "Examples:\n"
     "  scena simulate-policy exchange.tape --policy patient.json\n"
     "  scena simulate-policy exchange.tape --policy patient.json --config scena.json --json"},
};

}  // namespace

std::string examples_of(const std::string& command) {
  for (const Example& example : kExamples) {
    if (command == example.command) return example.text;
  }
  return {};
}

}  // namespace scena::shell

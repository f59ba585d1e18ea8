#include "shell/args.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <numeric>
#include <scena/engine.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "shell/completion_json.hpp"
#include "shell/exit_code.hpp"

namespace scena::shell {
namespace {

CLI::App* command(CLI::App& app, Args& args, const char* name, const char* description) {
  CLI::App* sub = app.add_subcommand(name, description);
  sub->footer(examples_of(name));
  sub->callback([&args, name] { args.command = name; });
  sub->add_option("--config", args.config, "Configuration file (JSON)");
  sub->add_option("--log", args.log,
                  "Log level on the error output: trace, debug, info, warn, error, off");
  return sub;
}

CLI::App* stored(CLI::App& app, Args& args, const char* name, const char* description) {
  CLI::App* sub = command(app, args, name, description);
  sub->add_option("--storage", args.storage, "Where sessions are kept, e.g. sqlite:talks.db");
  return sub;
}

CLI::App* of_session(CLI::App& app, Args& args, const char* name, const char* description) {
  CLI::App* sub = stored(app, args, name, description);
  sub->add_option("SESSION", args.session, "Id of the session")->required();
  return sub;
}

void add_provider(CLI::App* sub, Args& args) {
  sub->add_option("--provider", args.provider,
                  "Model service: script:, openai:MODEL, anthropic:MODEL, openai+http://HOST/v1");
  sub->add_option("--model", args.model, "Model, in place of the provider's default");
}

void add_run(CLI::App& app, Args& args) {
  CLI::App* run = stored(app, args, "run", "Run a conversation");
  run->add_option("PRESET", args.preset, "Id of a preset, or the path of a preset's JSON file")
      ->required();
  add_provider(run, args);
  run->add_option("--input", args.input,
                  "The person's lines: a file, or - for standard input; one message a line");
  run->add_option("--as", args.as, "Who speaks the lines, where the preset has several people");
  run->add_flag("--auto", args.all_ai, "Let an AI play the human parts too");
  run->add_option("--clock", args.clock,
                  "real, or virtual: no waiting, the same bytes each time with one --seed");
  run->add_option("--seed", args.seed, "Makes ids and random choices repeatable");
  run->add_option("--var", args.variables,
                  "A variable of the preset: name=value; may stand several times")
      ->allow_extra_args(false);
  run->add_option("--max-turns", args.max_turns, "End after so many replies; 0: no limit");
  run->add_flag("--json", args.json, "Print every event as one JSON line, and nothing else");
  run->add_option("--report", args.report, "Write an HTML report at the end");
  auto* record = run->add_option("--tape-record", args.tape_record,
                                 "Record every HTTP exchange into this file (tape format)");
  run->add_option("--trace", args.tape_record, "The same: every HTTP exchange, secrets redacted")
      ->excludes(record);
  run->add_option("--tape-replay", args.tape_replay, "A recorded tape takes the network's place");
  run->add_option("--speed", args.speed, "Of --tape-replay: 1 as recorded, 0 at once")
      ->check(CLI::Range(0.0, 1000.0));
}

void add_readers(CLI::App& app, Args& args) {
  CLI::App* sessions = stored(app, args, "sessions", "List the stored sessions, newest first");
  sessions->add_flag("--json", args.json, "One JSON object a session");
  sessions->add_option("--limit", args.limit, "At most so many")->check(CLI::Range(1, 1'000'000));
  sessions->add_option("--state", args.state, "Only: pending, active, paused, completed or error");

  CLI::App* show = of_session(app, args, "show", "Print a stored session");
  show->add_flag("--json", args.json, "Everything the session knows, as one JSON text");
  show->add_flag("--all", args.all, "Superseded messages too");

  CLI::App* analysis =
      of_session(app, args, "analysis", "Print the analysis that closed a session");
  analysis->add_flag("--json", args.json, "As one JSON line");

  CLI::App* write = of_session(app, args, "export", "Write a session out");
  write
      ->add_option("--format", args.format,
                   "json (can be imported), jsonl (the events) or markdown")
      ->check(CLI::IsMember({"json", "jsonl", "markdown"}));
  write->add_option("-o,--output", args.file, "File; without it standard output");

  CLI::App* replay =
      of_session(app, args, "replay", "Print a stored conversation again, with its timing");
  replay->add_option("--speed", args.speed, "1: as it was; 10: ten times as fast; 0: at once")
      ->check(CLI::Range(0.0, 1000.0));

  CLI::App* report = of_session(app, args, "report", "Write the HTML report of a session");
  report->add_option("-o,--output", args.file, "File to write")->required();

  CLI::App* explain =
      of_session(app, args, "explain", "Show what was sent to the model for one reply, and why");
  explain->add_option("MESSAGE", args.message, "Id of the reply, e.g. m4")->required();
  explain->add_flag("--json", args.json, "The exact request body alone");
  add_provider(explain, args);
  explain->add_option("--seed", args.seed,
                      "The seed of the run; without it, the one that the session keeps");
}

void add_writers(CLI::App& app, Args& args) {
  CLI::App* read = stored(app, args, "import", "Store a session that was exported as JSON");
  read->add_option("FILE", args.file, "The exported file, or - for standard input")->required();
  CLI::App* fork =
      of_session(app, args, "fork", "Make a session that shares the beginning of another");
  fork->add_option("--at", args.message,
                   "The last message both have; without it everything up to now");
  CLI::App* ask = of_session(app, args, "next-question", "Say what to ask next in a session");
  ask->add_option("--character", args.character,
                  "Who would ask; without it the preset's first AI character");
  ask->add_flag("--json", args.json, "As one JSON line");
  add_provider(ask, args);
  of_session(app, args, "rebuild", "Make a session's stored tables again from its events");
  CLI::App* backup = stored(app, args, "backup", "Copy the store while it is in use");
  backup->add_option("FILE", args.file, "The copy; must not exist yet")->required();
}

void add_presets(CLI::App& app, Args& args) {
  CLI::App* presets = stored(app, args, "presets", "List, show, check or store presets");
  presets->add_flag("--json", args.json, "One JSON object a preset");
  presets->require_subcommand(0, 1);
  CLI::App* show = presets->add_subcommand("show", "Print a preset as JSON");
  show->add_option("ID", args.preset, "The preset's id")->required();
  CLI::App* check = presets->add_subcommand("check", "Report every fault of a preset file");
  check->add_option("FILE", args.file, "The preset's JSON file")->required();
  CLI::App* seed =
      presets->add_subcommand("seed", "Store the built-in presets that are not stored yet");
  for (CLI::App* sub : {show, check, seed}) sub->fallthrough();
}

void add_batch(CLI::App& app, Args& args) {
  CLI::App* batch = stored(app, args, "batch", "Run a plan of many sessions, or the rest of it");
  batch->add_option("PLAN", args.file, "The plan's JSON file")->required();
  batch->add_option("-o,--output", args.folder, "Folder of the rows; what stands there is kept")
      ->required();
  add_provider(batch, args);
  batch->add_option("--clock", args.clock,
                    "real, or virtual: no waiting, the same bytes for any number of workers");
  batch->add_option("--workers", args.workers, "Threads; without it one a processor")
      ->check(CLI::Range(1u, 256u));
  batch->add_flag("--retry-failed", args.retry_failed, "Make failed sessions again");
  batch->add_option("--report", args.report, "Write the HTML comparison at the end");
  batch->add_flag("--json", args.json, "Print the summary as one JSON object");

  CLI::App* compare = stored(app, args, "compare", "Write the HTML comparison of many sessions");
  compare->add_option(
      "ROWS", args.sources,
      "Folders of batches, or files of rows; without them the sessions of --storage");
  compare->add_option("-o,--output", args.file, "File to write")->required();

  CLI::App* analytics =
      stored(app, args, "analytics", "Count how stored sessions ended, as JSON Lines or CSV");
  analytics->add_option("--by", args.by, "preset, character, day, month; may stand several times")
      ->check(CLI::IsMember({"preset", "character", "day", "month"}))
      ->allow_extra_args(false);
  CLI::Option* flow = analytics->add_flag("--flow", args.flow,
                                          "Who follows whom at each step, and where people leave");
  analytics
      ->add_flag("--agreement", args.agreement,
                 "How far a model's second opinions agree with the metrics")
      ->excludes(flow);
  analytics
      ->add_flag("--distributions", args.distributions,
                 "Mean and quantiles of each metric; reads every message")
      ->excludes(flow);
  analytics->add_option("--owner", args.owner, "Only sessions of this owner");
  analytics->add_option("--preset", args.preset, "Only sessions of this preset");
  analytics->add_option("--character", args.character, "Only sessions with this participant");
  analytics->add_option("--from", args.from, "First day, e.g. 2026-11-01, UTC");
  analytics->add_option("--to", args.to, "Last day");
  analytics->add_flag("--csv", args.csv, "CSV in place of JSON Lines");
}

void add_complete(CLI::App& app, Args& args) {
  CLI::App* complete = command(app, args, "complete", "Ask a model service for one reply");
  complete
      ->add_option("--provider", args.provider,
                   "openai, openai-compatible, openai-responses, anthropic, gemini, cohere, ollama")
      ->required();
  complete->add_option("--base-url", args.base_url,
                       "Address of the service; ends in /v1 for the three openai kinds, is the "
                       "host part for the others");
  complete->add_option("--model", args.model, "Model")
      ->required()
      ->check([](const std::string& name) {
        return name.empty() ? std::string("it is empty; name a model of the service")
                            : std::string();
      });
  complete->add_option("--prompt-file", args.file, "The user's message; - for standard input")
      ->required();
  complete->add_option("--tools-file", args.tools_file,
                       "Tools the model may call: a JSON list of {name, description, parameters}");
  complete->add_flag("--json", args.json, "Print the reply, or why there is none, as one object");
  complete->add_flag("--no-stream", args.no_stream, "Ask for the reply as a whole");
  complete->add_option("--timeout-ms", args.timeout_ms, "Time limit of the whole request")
      ->check(CLI::Range(1u, 86'400'000u));
}

void add_tools(CLI::App& app, Args& args) {
  CLI::App* doctor =
      stored(app, args, "doctor", "Check dependencies, storage, provider and certificates");
  add_provider(doctor, args);
  CLI::App* server = app.add_subcommand(
      "fault-server", "A model service on this machine that misbehaves on purpose");
  server->footer(examples_of("fault-server"));
  server->callback([&args] { args.command = "fault-server"; });
  server->add_option("--port", args.port, "Port on 127.0.0.1; 0: any free one");
  server->add_option("--schedule", args.schedule,
                     "What goes wrong, e.g. 429x2,ok; see docs/reference/fault.md");
  server->add_option("--seed", args.seed, "Chooses texts and times");
  server->add_option("--api-key", args.api_key, "Refuse other keys");
  server->add_flag("--list", args.list_cases, "Print the cases that a client can ask for, and end");
  CLI::App* measure = app.add_subcommand(
      "measure", "Measure messages: JSON lines on standard input, scores as JSON lines");
  measure->footer(examples_of("measure"));
  measure->callback([&args] { args.command = "measure"; });

  CLI::App* simulate = app.add_subcommand(
      "simulate-policy",
      "What another policy would have made of recorded calls, without a network");
  simulate->footer(examples_of("simulate-policy"));
  simulate->callback([&args] { args.command = "simulate-policy"; });
  simulate->add_option("RECORDING", args.file, "A tape that --trace wrote")->required();
  simulate->add_option("--policy", args.policy, "JSON file: \"policy\" of a configuration")
      ->required();
  simulate->add_option("--config", args.config,
                       "Configuration file: prices, max_retries, timeouts");
  simulate->add_option(
      "--gap-ms", args.gap_ms,
      "From the end of a call to the next one's beginning, in place of the recorded time");
  simulate->add_flag("--json", args.json, "One JSON object");
}

// CLI11 takes "-1" and numbers that are too large for others.
bool is_whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

// An empty value is most often a variable of a script that was never set: a store that is silently
// the default would lose everything.
void check_values(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& value : option->results()) {
      if (value.empty())
        throw CLI::ValidationError(option->get_name(), "the value is empty; leave the option out");
      if (option == app.get_option_no_throw("--seed") && !is_whole_number(value))
        throw CLI::ValidationError(option->get_name(),
                                   value + " is not a whole number from 0 to 2^64 - 1");
    }
  }
  for (const CLI::App* sub : app.get_subcommands()) check_values(*sub);
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t before = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = before + (a[i] == b[j] ? 0 : 1);
      before = std::exchange(row[j + 1], std::min({changed, row[j] + 1, row[j + 1] + 1}));
    }
  }
  return row.back();
}

bool is_typo_of(std::string_view given, std::string_view name) {
  const bool swapped = std::is_permutation(given.begin(), given.end(), name.begin(), name.end());
  return swapped || distance(given, name) <= (given.size() < 5 ? 1u : 2u);
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

bool is_command(const CLI::App& app, std::string_view name) {
  const auto all = commands_of(app);
  return std::any_of(all.begin(), all.end(), [&](auto* sub) { return sub->get_name() == name; });
}

std::string unknown_command(const CLI::App& app, std::string_view given) {
  std::string near, all;
  for (const CLI::App* sub : commands_of(app)) {
    all += (all.empty() ? "" : ", ") + sub->get_name();
    if (near.empty() && is_typo_of(given, sub->get_name())) near = sub->get_name();
  }
  const std::string what = "\"" + std::string(given) + "\" is no subcommand; ";
  if (!near.empty()) return what + "did you mean \"" + near + "\"?";
  return what + "use one of " + all;
}

// CLI11's own words, where they do not say what to do, in ours.
std::string fault_text(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  const bool named = argc > 1 && argv[1][0] != '-';
  const bool known = named && is_command(app, argv[1]);
  if (named && !known) return unknown_command(app, argv[1]);
  if (known && std::string_view(argv[1]) == "presets" && argc > 2 && argv[2][0] != '-' &&
      !is_command(*app.get_subcommand("presets"), argv[2]))
    return unknown_command(*app.get_subcommand("presets"), argv[2]);
  std::string text = error.what();
  if (const auto* failed = dynamic_cast<const CLI::ConversionError*>(&error)) {
    constexpr std::string_view kBegin = "Could not convert: ";
    if (text.starts_with(kBegin) && failed->get_name() == "ConversionError")
      text = text.substr(kBegin.size()) + " is not a number of that kind";
  }
  return text + "; see scena " + (known ? std::string(argv[1]) + " " : "") + "--help";
}

// Scripts read an object from `scena complete --json`, whatever is wrong.
bool wants_object(int argc, char** argv) {
  if (argc < 2 || std::string_view(argv[1]) != "complete") return false;
  return std::any_of(argv + 2, argv + argc, [](std::string_view one) {
    return one == "--json" || (one.starts_with("--json=") && one != "--json=false");
  });
}

int tell_fault(const std::string& fault, bool as_object) {
  if (as_object) {
    std::cout << completion_json(Error(ErrorCode::invalid_argument, fault)) << '\n';
    return static_cast<int>(Exit::other);
  }
  std::cerr << "scena: " << fault << '\n';
  return static_cast<int>(Exit::usage);
}

void name_inner_command(const CLI::App& app, Args& args) {
  if (args.command != "presets") return;
  for (const CLI::App* sub : app.get_subcommand("presets")->get_subcommands())
    args.command += " " + sub->get_name();
}

}  // namespace

Parsed parse_args(int argc, char** argv) {
  Parsed parsed;
  CLI::App app{"scena: conversations with AI characters, from the command line", "scena"};
  app.set_version_flag("--version", std::string("scena ") + version());
  app.footer(examples_of(""));
  app.require_subcommand(1);
  add_run(app, parsed.args);
  add_readers(app, parsed.args);
  add_writers(app, parsed.args);
  add_presets(app, parsed.args);
  add_batch(app, parsed.args);
  add_complete(app, parsed.args);
  add_tools(app, parsed.args);
  try {
    app.parse(argc, argv);
    check_values(app);
    name_inner_command(app, parsed.args);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      parsed.exit = app.exit(error);
    } else {
      parsed.exit = tell_fault(fault_text(app, error, argc, argv), wants_object(argc, argv));
    }
  }
  return parsed;
}

}  // namespace scena::shell

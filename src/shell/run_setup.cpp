#include "shell/run_setup.hpp"

#include <algorithm>

#include "shell/config.hpp"
#include "shell/files.hpp"
#include "shell/outputs.hpp"
#include "shell/provider_key.hpp"

namespace scena::shell {
namespace {

bool is_path(const std::string& preset) {
  return preset.ends_with(".json") || preset.find('/') != std::string::npos;
}

// What the engine itself says against the configuration; nothing is made or written for it.
void check_config(Config config) {
  config.storage = "memory:";
  config.tape_record.clear();
  Engine::try_open(config, make_dependencies()).value_or_throw();
}

}  // namespace

Preset find_preset(const Engine& engine, const std::string& name) {
  if (is_path(name)) {
    auto text = read_file(name).value_or_throw();
    return Preset::from_json(text).value_or_throw();
  }
  std::string known;
  for (const PresetInfo& preset : engine.presets()) {
    if (preset.id == name) return engine.preset(name);
    known += (known.empty() ? "" : ", ") + preset.id;
  }
  throw Error(ErrorCode::not_found, "preset \"" + name + "\" is not known here; choose one of " +
                                        known + ", or name a file that ends in .json");
}

SessionOptions session_options(const Args& args, const Preset& preset) {
  SessionOptions options;
  for (const std::string& given : args.variables) {
    const auto equals = given.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(ErrorCode::invalid_argument,
                  "--var: \"" + given + "\" is not name=value; write for example --var name=Ann");
    }
    options.variables[given.substr(0, equals)] = given.substr(equals + 1);
  }
  const auto missing = missing_variables(preset, options.variables);
  if (!missing.empty()) {
    std::string text;
    for (const std::string& name : missing) {
      const Variable* variable = preset.find_variable(name);
      const std::string meaning =
          variable && !variable->description.empty() ? " (" + variable->description + ")" : "";
      text += (text.empty() ? "" : "\n") + std::string("variable \"") + name + "\" has no value" +
              meaning + "; give one with --var " + name + "=VALUE";
    }
    throw Error(ErrorCode::invalid_argument, text);
  }
  options.provider = args.provider;
  options.model = args.model;
  if (!args.all_ai) return options;
  for (const Character& character : preset.characters) {
    if (character.played_by == PlayedBy::human) options.played_by[character.id] = "ai";
  }
  return options;
}

void check_clock(const Config& config) {
  if (config.clock == ClockKind::real || !config.tape_replay.empty()) return;
  const std::string kind(provider_kind(provider_url(config)));
  if (kind == "script" || kind == "fault") return;
  check_config(config);  // what is no provider at all has another fault than its clock
  throw Error(ErrorCode::invalid_argument,
              "--clock virtual: \"" + config.provider +
                  "\" answers in real time; leave the option out, or replay a tape with "
                  "--tape-replay");
}

void check_key(const Args& args, const Config& config, const Preset& preset) {
  const Policy& policy = config.policy;
  const bool others_answer = !config.tape_replay.empty() || !policy.routes.empty() ||
                             !policy.fallbacks.empty() || !policy.degraded.empty() ||
                             policy.aliases.contains(config.provider);
  const auto names_one = [](const Character& c) { return !c.model.provider.empty(); };
  const bool preset_chooses =
      args.provider.empty() &&
      (!preset.model.provider.empty() ||
       std::any_of(preset.characters.begin(), preset.characters.end(), names_one));
  if (others_answer || preset_chooses) return;
  const auto key = provider_key(config);
  if (key && key->needed && !key->given) throw no_key(config, *key);
}

void check_files(const Args& args, const Config& config) {
  auto kept = files_of_store(config.storage);
  kept.push_back({"the input", args.input == "-" ? std::string() : args.input});
  kept.push_back({"the configuration", args.config});
  kept.push_back({"the tape that is replayed", config.tape_replay});
  kept.push_back({"the preset", is_path(args.preset) ? args.preset : std::string()});
  check_outputs({{"--trace", config.tape_record}, {"--report", args.report}}, kept)
      .value_or_throw();
}

void check_speaker(const Args& args, const Preset& preset) {
  std::string people;
  for (const Character& character : preset.characters) {
    if (character.played_by != PlayedBy::human) continue;
    if (character.id == args.as) return;
    people += (people.empty() ? "" : ", ") + character.id;
  }
  if (args.as.empty() || people.empty()) return;
  throw Error(ErrorCode::invalid_argument,
              "--as: \"" + args.as + "\" is no person of this preset; use one of " + people);
}

void check_end(const Args& args, const Preset& preset) {
  if (!args.all_ai || args.max_turns != 0 || !preset.end_conditions.empty() ||
      preset.limits.session_time.count() > 0) {
    return;
  }
  throw Error(ErrorCode::invalid_argument,
              "--auto: nothing would end the conversation, since \"" + preset.id +
                  "\" has neither end_conditions nor limits.session_time; give --max-turns N");
}

Error explain_taken(const Error& error, const Config& config) {
  if (error.code() != ErrorCode::already_exists || !config.seed ||
      config.clock == ClockKind::real) {
    return error;
  }
  return Error(error.code(),
               "--seed " + std::to_string(*config.seed) +
                   " on the virtual clock gives each run the same session id, and \"" +
                   config.storage +
                   "\" holds that session already; give another seed, leave it out, "
                   "or name another store");
}

}  // namespace scena::shell

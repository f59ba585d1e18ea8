#include "shell/config.hpp"

#include <cstdio>
#include <cstdlib>
#include <scena/log_sinks.hpp>
#include <utility>
#include <vector>

namespace scena::shell {
namespace {

Error bad_option(const char* option, const std::string& value, const char* allowed) {
  return Error(ErrorCode::invalid_argument,
               std::string(option) + ": \"" + value + "\" is not known; it must be " + allowed);
}

Result<void> read_clock(const Args& args, Config& config) {
  if (args.clock.empty()) return {};
  if (args.clock != "real" && args.clock != "virtual")
    return bad_option("--clock", args.clock, "real or virtual");
  config.clock = args.clock == "virtual" ? ClockKind::virtual_time : ClockKind::real;
  return {};
}

Result<void> read_log(const Args& args, Config& config) {
  const char* level = std::getenv("LOG_LEVEL");
  if (args.log.empty()) {
    // What fails is told by the command itself, in one line; the engine's notes are for whoever
    // asks.
    if (args.config.empty() && (!level || !*level)) config.log_level = LogLevel::error;
    return {};
  }
  constexpr const char* kLevels[] = {"trace", "debug", "info", "warn", "error", "off"};
  for (int i = 0; i < 6; ++i) {
    if (args.log == kLevels[i]) {
      config.log_level = static_cast<LogLevel>(i);
      return {};
    }
  }
  return bad_option("--log", args.log, "trace, debug, info, warn, error or off");
}

void read_plain(const Args& args, Config& config) {
  if (!args.storage.empty()) config.storage = args.storage;
  if (!args.provider.empty()) config.provider = args.provider;
  if (!args.model.empty()) config.model = args.model;
  if (args.seed) config.seed = args.seed;
  if (!args.tape_record.empty()) config.tape_record = args.tape_record;
  if (!args.tape_replay.empty()) config.tape_replay = args.tape_replay;
  if (args.speed) config.tape_speed = *args.speed;
  config.threads = 0;  // the command runs the engine's loop itself
}

// All of them, a line each, with the code and the pointer of the first.
Error joined(const std::vector<Error>& faults) {
  std::string text;
  for (const Error& fault : faults) text += (text.empty() ? "" : "\n") + std::string(fault.what());
  Error error(faults.front().code(), std::move(text));
  error.with_pointer(std::string(faults.front().pointer()));
  return error;
}

}  // namespace

Result<Config> make_config(const Args& args) {
  std::vector<Error> faults;
  // Where one source has faults, those of the others are looked for all the same.
  const auto taken = [&faults](Result<Config> read) {
    if (read) return std::move(*read);
    faults.push_back(read.error());
    return Config{};
  };
  Config config;
  if (!args.config.empty()) config = taken(Config::from_file(args.config));
  config = taken(Config::from_env(std::move(config)));
  read_plain(args, config);
  if (auto clock = read_clock(args, config); !clock) faults.push_back(clock.error());
  if (auto log = read_log(args, config); !log) faults.push_back(log.error());
  if (!faults.empty()) return joined(faults);
  return config;
}

std::string provider_url(const Config& config) {
  const auto named = config.providers.find(config.provider);
  return named == config.providers.end() ? config.provider : named->second.url;
}

Dependencies make_dependencies() {
  Dependencies dependencies;
  dependencies.secrets = env_secrets();
  dependencies.log =
      pretty_sink([](std::string_view line) { std::fwrite(line.data(), 1, line.size(), stderr); });
  return dependencies;
}

}  // namespace scena::shell

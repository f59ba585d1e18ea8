#include "shell/reading.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "shell/config.hpp"
#include "shell/json_value.hpp"
#include "shell/outputs.hpp"

namespace scena::shell {
namespace {

Config stored_config(const Args& args) {
  Config config = make_config(args).value_or_throw();
  if (config.storage.starts_with("memory:")) {
    throw Error::fixed(ErrorCode::invalid_argument,
                       "--storage: name the store, for example --storage sqlite:talks.db");
  }
  return config;
}

// For one short change. Jobs that wait in the store are left to who stays: one that is started and
// cut short has lost an attempt.
Config changing_config(const Args& args) {
  Config config = stored_config(args);
  config.jobs.run = false;
  return config;
}

void check_exists(const std::string& storage) {
  const auto path = file_of_store(storage);
  std::error_code ignored;
  if (!path || path->empty() || std::filesystem::exists(*path, ignored) || ignored) return;
  throw Error(ErrorCode::storage_failed, "--storage: there is no file \"" + *path + "\"");
}

Event event_of(const JsonValue& json) {
  Event event;
  event.stream = json["stream"].text();
  event.seq = json["seq"].integer<std::uint64_t>();
  event.type = json["type"].text();
  event.time = WallTime(std::chrono::microseconds(json["time"].integer<std::int64_t>()));
  event.actor = json["actor"].text();
  event.data = json["data"].raw();
  return event;
}

}  // namespace

void check_output(const Args& args, const char* option, const std::string& path) {
  if (path.empty()) return;
  const Config config = stored_config(args);
  auto kept = files_of_store(config.storage);
  kept.push_back({"the configuration", args.config});
  check_outputs({{option, path}}, kept).value_or_throw();
}

Engine open_reader(const Args& args) {
  Config config = stored_config(args);
  check_exists(config.storage);
  config.storage_read_only = true;
  return Engine::open(config, make_dependencies());
}

Engine open_writer(const Args& args) {
  const Config config = changing_config(args);
  check_exists(config.storage);
  return Engine::open(config, make_dependencies());
}

Engine open_or_make(const Args& args) {
  return Engine::open(changing_config(args), make_dependencies());
}

std::vector<Event> stored_events(const Engine& engine, const std::string& session) {
  // A session's own stream begins where a fork left the other one: the export has both.
  const std::string lines = engine.export_session(session, ExportFormat::jsonl);
  std::vector<Event> found;
  for (std::size_t at = 0; at < lines.size();) {
    const auto end = std::min(lines.find('\n', at), lines.size());
    found.push_back(event_of(JsonValue(std::string_view(lines).substr(at, end - at))));
    at = end + 1;
  }
  return found;
}

std::optional<Analysis> stored_analysis(const Session& session) {
  try {
    return session.analysis();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    return std::nullopt;
  }
}

Preset preset_of(const Engine& engine, const std::string& session) {
  const std::string exported = engine.export_session(session, ExportFormat::json);
  return Preset::from_json(JsonValue(exported)["preset"].raw()).value_or_throw();
}

}  // namespace scena::shell

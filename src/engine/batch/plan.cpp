#include "engine/batch/plan.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"

namespace scena {
namespace engine {
namespace {

// What of a configuration shapes a session: not where it is stored, how long anything is waited for
// and how often tried again, nor what it may cost, which are changed so that a batch goes on.
std::string shape_of(const Config& config) {
  Config shape;
  shape.providers = config.providers;
  for (auto& [name, provider] : shape.providers) {
    provider.api_key.clear();
    provider.more_keys.clear();
    provider.headers.clear();
    provider.query.clear();
  }
  shape.limits.history_items = config.limits.history_items;
  shape.limits.history_tokens = config.limits.history_tokens;
  shape.limits.message_bytes = config.limits.message_bytes;
  shape.limits.answer_bytes = config.limits.answer_bytes;
  shape.limits.answer_tokens = config.limits.answer_tokens;
  shape.limits.tool_rounds = config.limits.tool_rounds;
  shape.limits.tool_calls_per_round = config.limits.tool_calls_per_round;
  shape.prices = config.prices;
  shape.token_counters = config.token_counters;
  shape.policy.aliases = config.policy.aliases;
  shape.policy.routes = config.policy.routes;
  shape.policy.fallbacks = config.policy.fallbacks;
  shape.policy.continuation = config.policy.continuation;
  shape.policy.degraded = config.policy.degraded;
  shape.metrics = config.metrics;
  shape.analysis = config.analysis;
  shape.judge = config.judge;
  shape.judge.session_budget.reset();
  shape.judge.day_budget.reset();
  shape.judge.cache_bytes = JudgeConfig().cache_bytes;
  shape.tools = config.tools;
  for (auto& [name, tool] : shape.tools) {
    tool.time_limit = HttpToolConfig().time_limit;
    tool.cache_for = HttpToolConfig().cache_for;
  }
  return shape.to_json();
}

// One that is no tool is refused by the engines.
void add_tool(JsonWriter& writer, const Tool* tool) {
  if (tool == nullptr) return;
  try {
    const ToolSpec spec = tool->spec();
    writer.value(spec.name).value(spec.description).value(spec.parameters);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (...) {
    writer.value("");
  }
}

// The host's parts by their names: what their code does cannot be compared.
std::string names_of(const Dependencies& parts) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_array();
  for (const auto& [name, provider] : parts.providers) writer.value(name);
  for (const auto& analyzer : parts.analyzers) writer.value(analyzer ? analyzer->name() : "");
  for (const auto& tool : parts.tools) add_tool(writer, tool.get());
  for (const auto& [model, counter] : parts.token_counters) writer.value(model);
  writer.value(parts.filter ? "filter" : "").end_array();
  return out;
}

// Half of a digest tells runs apart as well, and rows stay readable.
constexpr std::size_t kDigestDigits = 16;

std::string settings_of(const BatchPlan& plan, const Config& config) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object()
      .member("provider", config.provider)
      .member("model", config.model)
      .member("virtual", config.clock == ClockKind::virtual_time)
      .member("max_turns", static_cast<std::uint64_t>(plan.max_turns))
      .member("session_money", plan.session_money ? plan.session_money->to_string() : "");
  writer.key("outcomes").begin_array();
  for (const BatchOutcome& outcome : plan.outcomes) {
    writer.begin_object()
        .member("name", outcome.name)
        .member("end", outcome.end)
        .member("phrase", outcome.phrase)
        .member("speaker", outcome.speaker)
        .member("metric", outcome.metric);
    if (outcome.above) writer.key("above").score(*outcome.above);
    if (outcome.below) writer.key("below").score(*outcome.below);
    writer.end_object();
  }
  writer.end_array().end_object();
  return out;
}

// The member where `json` is an object that has it, else null.
const Json& member_of(const Json& json, const char* name) {
  static const Json kNone;
  const auto found = json.find(name);
  return found == json.end() ? kNone : *found;
}

bool stores(const Json& event, const std::string& message) {
  return member_of(event, "type") == "message.stored" &&
         member_of(member_of(member_of(event, "data"), "message"), "id") == message;
}

// The id of its preset. Throws invalid_argument for what is no export, or has not that message.
std::string preset_of_export(const std::string& text, const std::string& message) {
  const auto json = parse_json(text, {.max_bytes = 256u << 20});
  if (json && json->is_object()) {
    const auto preset = json->find("preset");
    if (preset != json->end() && preset->is_object() && preset->contains("id") &&
        (*preset)["id"].is_string()) {
      const Json& events = member_of(*json, "events");
      const bool there =
          message.empty() || std::any_of(events.begin(), events.end(),
                                         [&](const Json& event) { return stores(event, message); });
      if (!there)
        throw Error(ErrorCode::not_found, "/fork/message: the session has no message \"" +
                                              utf8_repair(message.substr(0, 100)) + "\"");
      return (*preset)["id"].get<std::string>();
    }
  }
  throw Error::fixed(ErrorCode::invalid_argument,
                     "/fork: is no exported session; make one with `scena export --format json`");
}

}  // namespace

Result<Preset> with_changes(const Preset& preset, const BatchCharacters& characters) {
  auto json = parse_json(preset.to_json());
  if (!json) return json.error();
  for (const auto& [id, text] : characters.changes) {
    auto changes = parse_json(text);
    if (!changes) return changes.error();
    Json& all = (*json)["characters"];
    const auto found =
        std::find_if(all.begin(), all.end(), [&id = id](const Json& c) { return c["id"] == id; });
    if (found == all.end())
      return Error(ErrorCode::not_found,
                   "preset \"" + preset.id + "\" has no character \"" + id + "\"");
    for (const auto& [name, value] : changes->items()) (*found)[name] = value;
  }
  return Preset::from_json(dump_json(*json));
}

BatchParts::BatchParts(const BatchPlan& plan, const Config& config, const Dependencies& parts,
                       std::string fork)
    : plan_(plan),
      fork_(std::move(fork)),
      model_(config.model.empty() ? config.provider : config.model),
      settings_(settings_of(plan, config) + '\n' + shape_of(config) + '\n' + names_of(parts)) {
  if (plan.fork) {
    preset_ids_.push_back(preset_of_export(fork_, plan.fork->message));
    digests_.push_back(sha256_hex(fork_ + '\n' + plan.fork->message));
    return;
  }
  for (const Preset& preset : plan.presets) {
    if (plan.characters.empty()) presets_.push_back(preset);
    for (const BatchCharacters& characters : plan.characters)
      presets_.push_back(with_changes(preset, characters).value_or_throw());
  }
  for (const Preset& preset : presets_) {
    preset_ids_.push_back(preset.id);
    digests_.push_back(sha256_hex(preset.to_json()));
  }
}

std::size_t BatchParts::place(const BatchRun& run) const noexcept {
  return run.preset * std::max<std::size_t>(plan_.characters.size(), 1) + run.characters;
}

std::uint64_t BatchParts::engine_seed(const BatchRun& run) const {
  const std::string hex = sha256_hex(digests_[place(run)] + '/' + std::to_string(run.seed));
  std::uint64_t seed = 0;
  for (std::size_t i = 0; i < 16; ++i)
    seed = seed << 4 | static_cast<std::uint64_t>(hex_value(hex[i]));
  return seed;
}

std::string BatchParts::digest(const BatchRun& run) const {
  std::string text = settings_ + '\n' + digests_[place(run)];
  JsonWriter writer(text);
  writer.begin_object().member("seed", run.seed);
  if (!plan_.models.empty()) {
    const BatchModel& model = plan_.models[run.model];
    writer.member("provider", model.provider).member("model", model.model);
  }
  if (!plan_.variables.empty()) {
    for (const auto& [name, value] : plan_.variables[run.variables].values)
      writer.member("var " + name, value);
  }
  writer.end_object();
  return sha256_hex(text).substr(0, kDigestDigits);
}

}  // namespace engine

namespace {

template <class List>
std::size_t choices(const List& list) {
  return std::max<std::size_t>(list.size(), 1);
}

// Parts of a key are left out where the plan does not compare them.
std::string key_of(const BatchPlan& plan, const BatchRun& run) {
  std::string key = plan.fork ? "fork" : plan.presets[run.preset].id;
  if (!plan.characters.empty()) key += "." + plan.characters[run.characters].name;
  if (!plan.models.empty()) key += "." + plan.models[run.model].name;
  if (!plan.variables.empty()) key += "." + plan.variables[run.variables].name;
  return key + ".s" + std::to_string(run.seed);
}

}  // namespace

std::vector<BatchRun> batch_runs(const BatchPlan& plan) {
  std::vector<BatchRun> runs;
  BatchRun run;
  const std::size_t presets = plan.fork ? 1 : plan.presets.size();
  for (run.preset = 0; run.preset < presets; ++run.preset) {
    for (run.characters = 0; run.characters < choices(plan.characters); ++run.characters) {
      for (run.model = 0; run.model < choices(plan.models); ++run.model) {
        for (run.variables = 0; run.variables < choices(plan.variables); ++run.variables) {
          for (const std::uint64_t seed : plan.seeds) {
            run.seed = seed;
            run.key = key_of(plan, run);
            runs.push_back(run);
          }
        }
      }
    }
  }
  return runs;
}

}  // namespace scena

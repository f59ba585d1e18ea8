#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/config_members.hpp"
#include "base/json.hpp"
#include "base/suggest.hpp"
#include "domain/end_condition.hpp"
#include "domain/object_reader.hpp"
#include "engine/batch/plan.hpp"

namespace scena {
namespace {

constexpr std::size_t kNameBytes = 32;    // A key is the id of a session, of at most 200 bytes.
constexpr std::size_t kChoices = 200;     // Of one list.
constexpr std::size_t kRuns = 1'000'000;  // Of one plan: they are kept in memory.
constexpr std::size_t kPlanBytes = 8u << 20;
constexpr std::int64_t kSeed = INT64_MAX;

constexpr TextRule word(std::string_view example, bool required = true) {
  return {kNameBytes, required, example, true};
}
constexpr TextRule line(std::string_view example, bool required = false) {
  return {1000, required, example, true};
}

bool is_plan_name(std::string_view name) {
  if (name.empty() || name.size() > kNameBytes) return false;
  for (const char c : name) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')) return false;
  }
  return true;
}

std::optional<std::string> content_of(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) return std::nullopt;
  return text;
}

class PlanReader {
 public:
  PlanReader(const Json& json, const std::string& folder)
      : folder_(folder), reader_(json, "", "plan", faults_) {}

  BatchPlan read() {
    reader_.text("name", plan_.name, line("styles of interviewers"));
    read_presets();
    each("characters", [this](ObjectReader& r) { read_characters(r); });
    each("models", [this](ObjectReader& r) { read_model(r); });
    each("variables", [this](ObjectReader& r) { read_variables(r); });
    each("outcomes", [this](ObjectReader& r) { read_outcome(r); });
    read_seeds();
    read_fork();
    std::int64_t turns = plan_.max_turns;
    if (reader_.integer("max_turns", 1, 10'000, turns))
      plan_.max_turns = static_cast<std::uint32_t>(turns);
    reader_.boolean("keep_sessions", plan_.keep_sessions);
    read_limits();
    reader_.finish();
    return std::move(plan_);
  }
  std::vector<Fault> take_faults() { return faults_.take(); }

 private:
  template <class Read>
  void each(const char* name, Read read) {
    const Json* items = reader_.list(name, kChoices);
    if (!items) return;
    for (std::size_t i = 0; i < items->size(); ++i) {
      ObjectReader item((*items)[i], json_pointer(reader_.at(name), std::to_string(i)), name,
                        faults_);
      read(item);
      item.finish();
    }
  }

  void read_presets() {
    const Json* items = reader_.list("presets", kChoices);
    if (!items) return;
    for (std::size_t i = 0; i < items->size(); ++i) {
      const std::string pointer = json_pointer("/presets", std::to_string(i));
      if ((*items)[i].is_string()) {
        read_named((*items)[i].get<std::string>(), pointer);
      } else {
        take_preset(dump_json((*items)[i]), pointer);
      }
    }
  }

  void read_named(const std::string& name, const std::string& pointer) {
    if (const Preset* known = find_builtin_preset(name)) {
      plan_.presets.push_back(*known);
      return;
    }
    const auto text = content_of(std::filesystem::path(folder_) / name);
    if (text) return take_preset(*text, pointer);
    faults_.add(pointer,
                "is no built-in preset and no file; `scena presets` lists them, a preset itself "
                "may stand here too",
                "\"job-interview\"");
  }

  void take_preset(const std::string& json, const std::string& pointer) {
    auto faults = check_preset(json);
    for (Fault& fault : faults)
      faults_.add(pointer + fault.pointer, std::move(fault.message), std::move(fault.example));
    if (!faults.empty()) return;
    if (auto preset = Preset::from_json(json)) plan_.presets.push_back(std::move(*preset));
  }

  // An object whose members have names of the host's own.
  const Json* members_of(ObjectReader& reader, const char* name) {
    const Json* json = reader.object(name);
    if (!json || json->is_object()) return json;
    faults_.add(reader.at(name), "must be an object");
    return nullptr;
  }

  void read_characters(ObjectReader& reader) {
    BatchCharacters& set = plan_.characters.emplace_back();
    reader.text("name", set.name, word("calm"));
    const Json* changes = members_of(reader, "changes");
    if (!changes) return;
    for (const auto& [id, members] : changes->items()) {
      if (members.is_object()) {
        set.changes[id] = dump_json(members);
      } else {
        faults_.add(json_pointer(reader.at("changes"), id), "must be an object",
                    "{\"persona\": \"Calm.\"}");
      }
    }
  }

  void read_model(ObjectReader& reader) {
    BatchModel& model = plan_.models.emplace_back();
    reader.text("name", model.name, word("small"));
    reader.text("provider", model.provider, line("openai"));
    reader.text("model", model.model, line("gpt-4o-mini"));
  }

  void read_variables(ObjectReader& reader) {
    BatchVariables& set = plan_.variables.emplace_back();
    reader.text("name", set.name, word("ann"));
    const Json* values = members_of(reader, "values");
    if (!values) return;
    for (const auto& [name, value] : values->items()) {
      if (value.is_string()) {
        set.values[name] = value.get<std::string>();
      } else if (value.is_number() || value.is_boolean()) {
        set.values[name] = dump_json(value);
      } else {
        faults_.add(json_pointer(reader.at("values"), name),
                    "must be a text, a number, true or false", "\"Ann\"");
      }
    }
  }

  void read_outcome(ObjectReader& reader) {
    BatchOutcome& outcome = plan_.outcomes.emplace_back();
    reader.text("name", outcome.name, word("deal"));
    reader.text("end", outcome.end, line("phrase"));
    reader.text("phrase", outcome.phrase, line("we have a deal"));
    reader.text("speaker", outcome.speaker, line("candidate"));
    reader.text("metric", outcome.metric, line("sentiment"));
    double value = 0;
    if (reader.number("above", -1e9, 1e9, value)) outcome.above = value;
    if (reader.number("below", -1e9, 1e9, value)) outcome.below = value;
  }

  // A list of seeds, or how many from which on.
  void read_seeds() {
    const Json* seeds = reader_.any("seeds");
    if (!seeds) return;
    plan_.seeds.clear();
    if (seeds->is_array()) {
      for (std::size_t i = 0; i < seeds->size(); ++i) {
        const Json& seed = (*seeds)[i];
        if (seed.is_number_unsigned() && seed.get<std::uint64_t>() <= kSeed) {
          plan_.seeds.push_back(seed.get<std::uint64_t>());
        } else {
          faults_.add(json_pointer("/seeds", std::to_string(i)),
                      "must be a whole number from 0 to 2^63 - 1", "7");
        }
      }
      if (seeds->empty()) faults_.add("/seeds", "must not be empty", "[1, 2, 3]");
      return;
    }
    ObjectReader range(*seeds, "/seeds", "list or {first, count}", faults_);
    std::int64_t first = 1, count = 1;
    range.integer("first", 0, INT64_MAX - static_cast<std::int64_t>(kRuns), first);
    range.integer("count", 1, kRuns, count);
    range.finish();
    for (std::int64_t i = 0; i < count; ++i)
      plan_.seeds.push_back(static_cast<std::uint64_t>(first + i));
  }

  void read_fork() {
    const Json* json = reader_.object("fork");
    if (!json) return;
    ObjectReader reader(*json, "/fork", "fork", faults_);
    BatchFork& fork = plan_.fork.emplace();
    reader.text("file", fork.file, line("talk.json"));
    reader.text("session", fork.session, line("0198c5a0-..."));
    reader.text("message", fork.message, line("m4"));
    reader.finish();
    if (!fork.file.empty()) fork.file = (std::filesystem::path(folder_) / fork.file).string();
  }

  void read_limits() {
    const Json* json = reader_.object("limits");
    if (!json) return;
    ObjectReader reader(*json, "/limits", "limits", faults_);
    read_money(reader, "money", plan_.money);
    read_money(reader, "session_money", plan_.session_money);
    std::int64_t at_once = 0;
    if (reader.integer("sessions_at_once", 1, 10'000, at_once))
      plan_.sessions_at_once = static_cast<std::size_t>(at_once);
    reader.finish();
  }

  void read_money(ObjectReader& reader, const char* name, std::optional<Money>& out) {
    std::string text;
    if (!reader.has(name)) {
      reader.any(name);
      return;
    }
    reader.text(name, text, line("2.50", true));
    out = Money::parse(text);
    if (!out && !text.empty())
      faults_.add(reader.at(name), "must be an amount of USD in a string", "\"2.50\"");
  }

  const std::string& folder_;
  FaultList faults_;
  ObjectReader reader_;
  BatchPlan plan_;
};

class PlanCheck {
 public:
  explicit PlanCheck(const BatchPlan& plan) : plan_(plan) {}

  std::vector<Fault> faults() {
    check_names("/characters", plan_.characters);
    check_names("/models", plan_.models);
    check_names("/variables", plan_.variables);
    check_names("/outcomes", plan_.outcomes);
    check_ids();
    check_seeds();
    if (plan_.fork) {
      check_fork();
    } else if (plan_.presets.empty()) {
      faults_.add("/presets", "is missing: name at least one, or \"fork\" a session",
                  "[\"job-interview\"]");
    }
    for (const Preset& preset : plan_.presets) {
      check_characters(preset);
      check_values(preset);
    }
    check_outcomes();
    check_limits();
    return faults_.take();
  }

 private:
  template <class List>
  void check_names(const std::string& list, const List& items) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string& name = items[i].name;
      const std::string pointer = list + "/" + std::to_string(i) + "/name";
      if (name.empty()) {
        faults_.add(pointer, "must not be empty");
      } else if (!is_plan_name(name)) {
        faults_.add(pointer,
                    fmt::format("must be up to {} lower-case letters, digits, \"-\" and \"_\"",
                                kNameBytes));
      } else if (!seen.insert(name).second) {
        faults_.add(pointer, "stands twice in this list; give each its own");
      }
    }
  }

  void check_ids() {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < plan_.presets.size(); ++i) {
      if (!seen.insert(plan_.presets[i].id).second)
        faults_.add("/presets/" + std::to_string(i),
                    "has the id of another one in this list; give each its own");
    }
  }

  void check_seeds() {
    std::set<std::uint64_t> seen;
    if (plan_.seeds.empty()) faults_.add("/seeds", "must not be empty", "[1, 2, 3]");
    for (std::size_t i = 0; i < plan_.seeds.size(); ++i) {
      if (!seen.insert(plan_.seeds[i]).second)
        faults_.add("/seeds/" + std::to_string(i), "stands twice in this list");
    }
    // Lists are short enough that this cannot wrap.
    std::size_t runs = plan_.fork ? 1 : plan_.presets.size();
    for (const std::size_t choices :
         {plan_.characters.size(), plan_.models.size(), plan_.variables.size(), seen.size()}) {
      if (choices != 0) runs = runs > kRuns ? runs : runs * std::min(choices, kRuns);
    }
    if (runs > kRuns)
      faults_.add("", fmt::format("makes more than {} runs; split the plan", kRuns));
  }

  void check_fork() {
    const BatchFork& fork = *plan_.fork;
    if (fork.file.empty() == fork.session.empty())
      faults_.add("/fork", "needs either \"file\" or \"session\"", "{\"file\": \"talk.json\"}");
    const std::pair<const char*, bool> others[] = {{"/presets", plan_.presets.empty()},
                                                   {"/characters", plan_.characters.empty()},
                                                   {"/models", plan_.models.empty()},
                                                   {"/variables", plan_.variables.empty()}};
    for (const auto& [pointer, empty] : others) {
      if (!empty)
        faults_.add(pointer, "stands beside \"fork\", which goes on as the session began");
    }
  }

  void check_characters(const Preset& preset) {
    for (std::size_t i = 0; i < plan_.characters.size(); ++i) {
      const std::string pointer = "/characters/" + std::to_string(i) + "/changes";
      const auto changed = engine::with_changes(preset, plan_.characters[i]);
      if (!changed) faults_.add(pointer, changed.error().what());
    }
  }

  void check_values(const Preset& preset) {
    const std::vector<BatchVariables> none{{}};
    const auto& sets = plan_.variables.empty() ? none : plan_.variables;
    for (std::size_t i = 0; i < sets.size(); ++i) {
      const std::string pointer =
          plan_.variables.empty() ? "/variables" : "/variables/" + std::to_string(i) + "/values";
      for (const Fault& fault : check_variables(preset, sets[i].values)) {
        faults_.add(pointer + fault.pointer.substr(std::string_view("/variables").size()),
                    "preset \"" + preset.id + "\": " + fault.message, fault.example);
      }
      for (const std::string& name : missing_variables(preset, sets[i].values))
        faults_.add(pointer, "preset \"" + preset.id + "\" needs a value for \"" + name + "\"");
    }
  }

  // An outcome that can never be is a slip of the pen.
  void check_end(const std::string& pointer, std::string_view end) {
    static constexpr std::string_view kOfRuns[] = {"max_turns", "failed", "error"};
    if (end.empty() || is_scene_end(end) ||
        std::find(std::begin(kOfRuns), std::end(kOfRuns), end) != std::end(kOfRuns))
      return;
    faults_.add(pointer,
                "is no end of a session; give the kind of an end condition, \"session_time\", " +
                    quoted_list(kOfRuns),
                "\"phrase\"");
  }

  void check_outcomes() {
    for (std::size_t i = 0; i < plan_.outcomes.size(); ++i) {
      const BatchOutcome& outcome = plan_.outcomes[i];
      const std::string pointer = "/outcomes/" + std::to_string(i);
      if (outcome.end.empty() && outcome.phrase.empty() && outcome.metric.empty())
        faults_.add(pointer, "says nothing: give \"end\", \"phrase\" or \"metric\"");
      check_end(pointer + "/end", outcome.end);
      if (!outcome.metric.empty() && !outcome.above && !outcome.below)
        faults_.add(pointer, "has a metric, but neither \"above\" nor \"below\"");
      if (outcome.metric.empty() && (outcome.above || outcome.below))
        faults_.add(pointer + "/metric", "is missing", "\"sentiment\"");
      if (outcome.above && outcome.below && *outcome.above >= *outcome.below)
        faults_.add(pointer + "/below", "must be more than \"above\"");
      check_speaker(pointer, outcome.speaker);
    }
  }

  // Of a fork the characters are not known here.
  void check_speaker(const std::string& pointer, const std::string& speaker) {
    if (speaker.empty() || plan_.fork || plan_.presets.empty()) return;
    const bool known = std::any_of(
        plan_.presets.begin(), plan_.presets.end(),
        [&](const Preset& preset) { return preset.find_character(speaker) != nullptr; });
    if (!known)
      faults_.add(pointer + "/speaker", "none of the presets has that character",
                  '"' + plan_.presets.front().characters.front().id + '"');
  }

  void check_limits() {
    if (plan_.max_turns == 0 || plan_.max_turns > 10'000)
      faults_.add("/max_turns", "must be a whole number from 1 to 10000", "20");
    if (plan_.sessions_at_once == 0 || plan_.sessions_at_once > 10'000)
      faults_.add("/limits/sessions_at_once", "must be a whole number from 1 to 10000", "16");
    for (const auto& [pointer, money] : {std::pair("/limits/money", plan_.money),
                                         std::pair("/limits/session_money", plan_.session_money)}) {
      if (money && money->pico_usd <= 0) faults_.add(pointer, "must be more than 0", "\"2.50\"");
    }
    if (plan_.money && !plan_.session_money) {
      faults_.add("/limits/session_money",
                  "is missing: what one session may cost is reserved before it starts", "\"0.10\"");
    }
    if (plan_.money && plan_.session_money && *plan_.session_money > *plan_.money)
      faults_.add("/limits/session_money",
                  "must not be more than /limits/money: no session starts");
    if (!plan_.money && plan_.session_money)
      faults_.add("/limits/money", "is missing: what all sessions may cost together", "\"5\"");
  }

  const BatchPlan& plan_;
  FaultList faults_;
};

}  // namespace

std::vector<Fault> BatchPlan::check() const {
  return PlanCheck(*this).faults();
}

Result<BatchPlan> BatchPlan::from_json(std::string_view json, const std::string& folder) {
  auto parsed = parse_json(json, {.max_bytes = kPlanBytes, .careful = true});
  if (!parsed) return parsed.error();
  PlanReader reader(*parsed, folder);
  BatchPlan plan = reader.read();
  auto faults = reader.take_faults();
  // What could not be read is missing below, and would be told of twice.
  for (Fault& fault : plan.check()) {
    const bool known = std::any_of(faults.begin(), faults.end(), [&fault](const Fault& other) {
      return other.pointer.starts_with(fault.pointer);
    });
    if (!known) faults.push_back(std::move(fault));
  }
  if (!faults.empty()) return faults_error("plan", faults);
  return plan;
}

Result<BatchPlan> BatchPlan::from_file(const std::string& path) {
  const auto text = content_of(path);
  if (!text) return Error(ErrorCode::not_found, path + ": cannot be read");
  return from_json(*text, std::filesystem::path(path).parent_path().string());
}

}  // namespace scena

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <thread>

#include "shell/commands.hpp"
#include "shell/comparison.hpp"
#include "shell/config.hpp"
#include "shell/files.hpp"
#include "shell/json_value.hpp"
#include "shell/outputs.hpp"
#include "shell/progress.hpp"
#include "shell/signals.hpp"
#include "shell/spoken.hpp"

namespace scena::shell {
namespace {

constexpr int kLookMs = 100;

// Asks the batch to stop as soon as a signal came.
class StopBySignal {
 public:
  StopBySignal() : watcher_([this](const std::stop_token& ended) { watch(ended); }) {}

  std::stop_token token() const { return stop_.get_token(); }

 private:
  void watch(const std::stop_token& ended) {
    pollfd watched{signals_.descriptor(), POLLIN, 0};
    while (!ended.stop_requested()) {
      ::poll(&watched, 1, kLookMs);
      if (!signals_.asked()) continue;
      stop_.request_stop();
      return;
    }
  }

  Signals signals_;
  std::stop_source stop_;
  std::jthread watcher_;
};

// Virtual time does not wait for a network: every answer would be too late.
void check_clock(const Config& config, const BatchPlan& plan) {
  if (config.clock == ClockKind::real || !config.tape_replay.empty()) return;
  std::vector<std::string> providers{provider_url(config)};
  for (const BatchModel& model : plan.models) {
    const auto named = config.providers.find(model.provider);
    providers.push_back(named == config.providers.end() ? model.provider : named->second.url);
  }
  for (const std::string& url : providers) {
    const std::string kind(provider_kind(url));
    if (kind.empty() || kind == "script" || kind == "fault") continue;
    throw Error(ErrorCode::invalid_argument,
                "--clock virtual: \"" + kind + "\" answers in real time; leave the option out");
  }
}

// What the plan is read from. Of a preset's name that is no file nothing is lost.
void add_files_of_plan(const Args& args, const BatchPlan& plan, std::vector<NamedFile>& files) {
  files.push_back({"the plan", args.file});
  if (plan.fork) files.push_back({"the session that is forked", plan.fork->file});
  const std::string text = read_file(args.file).value_or_throw();
  const auto folder = std::filesystem::path(args.file).parent_path();
  for (const JsonValue& preset : JsonValue(text)["presets"].items()) {
    const std::string name = preset.text();
    if (!name.empty()) files.push_back({"a preset of the plan", (folder / name).string()});
  }
}

void check_report(const Args& args, const Config& config, const BatchPlan& plan) {
  if (args.report.empty()) return;
  auto kept = files_of_store(config.storage);
  kept.push_back({"the configuration", args.config});
  add_files_of_plan(args, plan, kept);
  kept.push_back({"the folder of the batch", args.folder});
  for (const char* name : {"journal.jsonl", "rows.jsonl", "rows.csv", "summary.json"})
    kept.push_back({"a file of the batch", args.folder + "/" + name});
  kept.push_back({"among the sessions of the batch", args.folder + "/sessions", true});
  check_outputs({{"--report", args.report}}, kept).value_or_throw();
  // In the batch's folder it can be written where the journal can, which the batch finds out first.
  const auto name = std::filesystem::path(args.report).filename();
  const auto beside_rows = std::filesystem::path(args.folder) / name;
  std::error_code ignored;
  if (!std::filesystem::exists(args.folder, ignored) &&
      is_same_file(args.report, beside_rows.string()))
    return;
  check_writable(args.report).value_or_throw();
}

std::string share_text(const Interval& share) {
  if (share.count == 0) return "-";
  return fmt::format("{:.0f} % ({:.0f} to {:.0f})", 100 * share.value, 100 * share.low,
                     100 * share.high);
}

void print_group(Console& console, const BatchGroup& group) {
  console.line(fmt::format("{}: {}, {} failed, {:.1f} turns, ${}", group_name(group),
                           plural(static_cast<std::int64_t>(group.rows), "session"),
                           std::lround(group.failed.value * static_cast<double>(group.rows)),
                           group.turns.value, group.cost.to_string()));
  for (const auto& [code, count] : group.errors)
    console.line(fmt::format("  {:<24} {}", "failed: " + code, count));
  for (const auto& [outcome, share] : group.outcomes)
    console.line(fmt::format("  {:<24} {}", outcome, share_text(share)));
}

void print(Console& console, const BatchResult& result, const std::vector<BatchGroup>& groups) {
  for (const BatchGroup& group : groups) {
    // One group alone is all there is.
    if (groups.size() == 2 && &group == &groups[1]) break;
    print_group(console, group);
  }
  std::string line = fmt::format("{}, {} from before, {} left",
                                 plural(static_cast<std::int64_t>(result.rows.size()), "row"),
                                 result.repeated, result.left);
  if (!result.stopped.empty()) line += " (" + result.stopped + ")";
  console.line(line + ", $" + result.cost.to_string());
}

bool has_failed(const BatchResult& result) {
  return std::any_of(result.rows.begin(), result.rows.end(),
                     [](const BatchRow& row) { return !row.error.empty(); });
}

}  // namespace

Exit batch_command(const Args& args, Console& console) {
  BatchOptions options;
  options.config = make_config(args).value_or_throw();
  const BatchPlan plan = BatchPlan::from_file(args.file).value_or_throw();
  check_clock(options.config, plan);
  check_report(args, options.config, plan);
  options.dependencies = make_dependencies;
  options.folder = args.folder;
  options.workers =
      args.workers != 0 ? args.workers : std::clamp(std::thread::hardware_concurrency(), 1u, 64u);
  options.retry_failed = args.retry_failed;
  const StopBySignal signals;
  options.stop = signals.token();
  BatchResult result;
  {
    ProgressBar bar;
    options.progress = [&bar](const BatchProgress& progress) { bar.show(progress); };
    result = run_batch(plan, options);
  }
  const auto groups = group_rows(result.rows);
  if (args.json) {
    console.write(groups_to_json(groups));
  } else {
    print(console, result, groups);
  }
  if (!args.report.empty())
    write_file(args.report, render_comparison(plan.name, result.rows)).value_or_throw();
  return result.left != 0 || has_failed(result) ? Exit::other : Exit::ok;
}

}  // namespace scena::shell

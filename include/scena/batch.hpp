#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <scena/batch_row.hpp>
#include <scena/config.hpp>
#include <scena/engine.hpp>
#include <scena/preset.hpp>
#include <scena/result.hpp>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// A model that a plan compares. Empty members: the preset's, else the configuration's.
struct BatchModel {
  std::string name;      ///< In keys and rows: lower-case letters, digits, `-` and `_`.
  std::string provider;  ///< Name in Config::providers, or a provider URL.
  std::string model;     ///< As the provider names it.
  bool operator==(const BatchModel&) const = default;
};

/// A set of changes to characters that a plan compares.
struct BatchCharacters {
  std::string name;  ///< As BatchModel::name.
  /// By the character's id: a JSON object whose members take the place of the character's own.
  std::map<std::string, std::string> changes;
  bool operator==(const BatchCharacters&) const = default;
};

/// A set of values for the preset's variables that a plan compares.
struct BatchVariables {
  std::string name;       ///< As BatchModel::name.
  VariableValues values;  ///< In text form.
  bool operator==(const BatchVariables&) const = default;
};

/// A name for how a session went. All members that are set must hold; the first outcome that fits
/// is the row's.
struct BatchOutcome {
  std::string name;     ///< As BatchModel::name.
  std::string end;      ///< BatchRow::end is this.
  std::string phrase;   ///< Some message has it, case ignored, whole words ...
  std::string speaker;  ///< ... of this character; also whose mean `metric` is; empty: everybody.
  std::string metric;   ///< The session's mean of it is ...
  std::optional<double> above;  ///< ... over this,
  std::optional<double> below;  ///< ... under this.
  bool operator==(const BatchOutcome&) const = default;
};

/// Where the runs of a plan begin, in place of presets: at a message of a session.
struct BatchFork {
  std::string file;     ///< An exported session (JSON), or ...
  std::string session;  ///< ... the id of one in Config::storage.
  std::string message;  ///< The last message that all runs share; empty: all of them.
  bool operator==(const BatchFork&) const = default;
};

/// Many sessions: every combination of presets, characters, models, variables and seeds.
struct BatchPlan {
  std::string name;                         ///< For people.
  std::vector<Preset> presets;              ///< Compared; empty with `fork` only.
  std::vector<BatchCharacters> characters;  ///< Compared; empty: as the presets have them.
  std::vector<BatchModel> models;           ///< Compared; empty: the one configured.
  std::vector<BatchVariables> variables;    ///< Compared; empty: none are set.
  std::vector<std::uint64_t> seeds{1};      ///< Each combination runs once with each.
  std::optional<BatchFork> fork;            ///< Then only the seeds differ.
  std::uint32_t max_turns = 50;             ///< Of one session, 1 to 10000.
  std::vector<BatchOutcome> outcomes;       ///< In order; the first that fits.
  std::optional<Money> money;               ///< Of all runs together, also those of earlier tries.
  std::optional<Money> session_money;       ///< Of one; reserved before it starts. Needs `money`.
  std::size_t sessions_at_once = 16;        ///< On the real clock, of all workers; 1 to 10000.
  bool keep_sessions = true;                ///< Write each session beside its row, to import.

  /// Reads and checks a plan; docs/reference/batch.md names the members. Every fault in one Error
  /// (invalid_argument), one line each: pointer, reason, example.
  /// @param folder  What paths of presets and sessions are relative to; empty: where we are.
  static Result<BatchPlan> from_json(std::string_view json, const std::string& folder = {});
  /// The same from a file; paths in it are relative to its folder.
  static Result<BatchPlan> from_file(const std::string& path);
  /// Every fault of a plan that was made in code, or an empty list.
  std::vector<Fault> check() const;
  bool operator==(const BatchPlan&) const = default;
};

/// One session to be. Numbers are places in the plan's lists; 0 where a list is empty.
struct BatchRun {
  std::string key;  ///< Stays the same while the names do, e.g. "job-interview.calm.small.s7".
  std::size_t preset = 0;      ///< In BatchPlan::presets.
  std::size_t characters = 0;  ///< In BatchPlan::characters.
  std::size_t model = 0;       ///< In BatchPlan::models.
  std::size_t variables = 0;   ///< In BatchPlan::variables.
  std::uint64_t seed = 0;      ///< Of the session; the same in all combinations.
  bool operator==(const BatchRun&) const = default;
};

/// The runs of a checked plan: presets, characters, models, variables, seeds, the last changing
/// fastest.
std::vector<BatchRun> batch_runs(const BatchPlan& plan);

/// How far a batch is.
struct BatchProgress {
  std::size_t total = 0;    ///< Runs of the plan.
  std::size_t done = 0;     ///< With a row, earlier tries included.
  std::size_t failed = 0;   ///< Of them with an error.
  std::size_t running = 0;  ///< Now.
  Money cost;               ///< Of all tries so far.
};

/// How a batch runs; nothing of it but `config` changes what comes out.
struct BatchOptions {
  /// Of every engine. `storage` is only where a fork comes from; batches keep sessions in memory
  /// and in `folder`. On the virtual clock equal plans give equal bytes.
  Config config;
  /// Called for each engine, on the worker's thread, and once before for the names of its parts;
  /// empty: none. What it gives may be shared.
  std::function<Dependencies()> dependencies;
  /// Where journal, rows and sessions go, made if need be; empty: nowhere, and nothing is resumed.
  std::string folder;
  unsigned workers = 1;       ///< Threads, each with its own engines; 1 to 256.
  bool retry_failed = false;  ///< Runs that failed in an earlier try are made again.
  /// Called after each start and end of a run, one at a time, on a worker's thread; before them
  /// once on the caller's where an earlier try has finished some.
  std::function<void(const BatchProgress&)> progress;
  std::stop_token stop;  ///< A stop request ends the batch; running sessions are given up.
};

/// What a batch gave.
struct BatchResult {
  std::vector<BatchRow> rows;  ///< In the order of batch_runs(); only those that finished.
  std::size_t left = 0;        ///< Runs without a row.
  std::size_t repeated = 0;    ///< Rows that an earlier try had finished.
  std::string stopped;         ///< Why runs are left: "cancelled", "money"; empty: none are.
  Money cost;                  ///< Of all tries, also of sessions that were given up or lost.
};

/// Runs a plan. A session that fails is a row with an error and stops nothing. In the folder stand
/// then `rows.jsonl`, `rows.csv` and `summary.json`, whatever stopped it; called again with the
/// same folder, also after a crash, it runs what has no row yet.
///
/// Blocks; other threads than its workers are not made. What the folder's journal says is on the
/// disk before the next run of that worker starts.
/// @throws Error invalid_argument for faults of the plan or the configuration; conflict when the
///         folder holds runs that were made otherwise, or another batch works there;
///         storage_corrupt for a damaged journal; storage_failed; not_found for what is forked.
BatchResult run_batch(const BatchPlan& plan, const BatchOptions& options);

}  // namespace scena

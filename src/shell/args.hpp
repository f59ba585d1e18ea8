#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scena::shell {

/// What the command line asked for; members of other subcommands stay at their defaults.
struct Args {
  std::string command;  ///< "run", "show", "presets check", ...

  // The engine.
  std::string config;  ///< Configuration file.
  std::string storage;
  std::string provider;
  std::string model;
  std::string clock;
  std::optional<std::uint64_t> seed;
  std::string tape_record;
  std::string tape_replay;
  std::optional<double> speed;
  std::string log;  ///< Log level; empty: from configuration and environment, else "error".

  // run
  std::string preset;
  std::string input;  ///< File of a person's lines; "-": standard input; empty: the terminal.
  std::string as;     ///< Who the lines are spoken by, where several people take part.
  bool all_ai = false;
  bool json = false;
  std::string report;
  std::uint32_t max_turns = 0;
  std::vector<std::string> variables;  ///< "name=value".

  // stored sessions
  std::string session;
  std::string message;
  std::string format = "json";
  std::string file;  ///< To write, or to read.
  bool all = false;
  std::size_t limit = 50;
  std::string state;

  // complete; `file` is the prompt
  std::string base_url;
  std::string tools_file;
  bool no_stream = false;
  std::optional<std::uint32_t> timeout_ms;

  // fault-server
  std::uint16_t port = 0;
  std::string schedule;
  std::string api_key;
  bool list_cases = false;

  // batch; `file` is the plan, `report` its report. compare; `file` is the report
  std::string folder;
  unsigned workers = 0;  ///< 0: as many as the machine has processors.
  bool retry_failed = false;
  std::vector<std::string> sources;  ///< Folders of batches, or files of rows.

  // analytics; `preset` is the scenario. next-question: `character`
  std::vector<std::string> by;
  std::string character;
  std::string from;
  std::string to;
  std::string owner;
  bool distributions = false;
  bool flow = false;
  bool agreement = false;
  bool csv = false;

  // simulate-policy
  std::string policy;  ///< File with the policy.
  std::optional<std::uint32_t> gap_ms;
};

/// The parsed command line, or the exit code when it was `--help`, `--version` or a mistake (then
/// the text is printed already).
struct Parsed {
  Args args;
  std::optional<int> exit;
};

Parsed parse_args(int argc, char** argv);

/// Examples that `--help` of that subcommand ends with.
std::string examples_of(const std::string& command);

}  // namespace scena::shell

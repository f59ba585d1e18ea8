#include <map>
#include <new>

#include "shell/commands.hpp"
#include "shell/signals.hpp"

namespace scena::shell {
namespace {

using Command = Exit (*)(const Args&, Console&);

const std::map<std::string_view, Command> kCommands = {
    {"run", run_command},
    {"sessions", sessions_command},
    {"show", show_command},
    {"analysis", analysis_command},
    {"explain", explain_command},
    {"replay", replay_command},
    {"report", report_command},
    {"export", export_command},
    {"import", import_command},
    {"fork", fork_command},
    {"next-question", next_question_command},
    {"rebuild", rebuild_command},
    {"backup", backup_command},
    {"presets", presets_command},
    {"presets show", presets_command},
    {"presets check", presets_command},
    {"presets seed", presets_command},
    {"analytics", analytics_command},
    {"batch", batch_command},
    {"compare", compare_command},
    {"complete", complete_command},
    {"doctor", doctor_command},
    {"fault-server", fault_server_command},
    {"measure", measure_command},
    {"simulate-policy", simulate_policy_command},
};

int run(int argc, char** argv) {
  prepare_process();
  const Parsed parsed = parse_args(argc, argv);
  if (parsed.exit) return *parsed.exit;
  Console console;
  try {
    const Exit exit = kCommands.at(parsed.args.command)(parsed.args, console);
    console.close().value_or_throw();
    return static_cast<int>(exit);
  } catch (const Error& error) {
    console.fault(error);
    return static_cast<int>(exit_of(error.code()));
  } catch (const std::exception& error) {
    console.fault(error.what());
    return static_cast<int>(Exit::other);
  }
}

}  // namespace
}  // namespace scena::shell

int main(int argc, char** argv) {
  return scena::shell::run(argc, argv);
}

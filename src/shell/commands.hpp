#pragma once

#include "shell/args.hpp"
#include "shell/console.hpp"
#include "shell/exit_code.hpp"

namespace scena::shell {

// One function a subcommand. They print what was asked for; what fails is thrown as an Error.

Exit run_command(const Args& args, Console& console);
Exit sessions_command(const Args& args, Console& console);
Exit show_command(const Args& args, Console& console);
Exit analysis_command(const Args& args, Console& console);
Exit explain_command(const Args& args, Console& console);
Exit replay_command(const Args& args, Console& console);
Exit report_command(const Args& args, Console& console);
Exit export_command(const Args& args, Console& console);
Exit import_command(const Args& args, Console& console);
Exit fork_command(const Args& args, Console& console);
Exit next_question_command(const Args& args, Console& console);
Exit rebuild_command(const Args& args, Console& console);
Exit backup_command(const Args& args, Console& console);
Exit presets_command(const Args& args, Console& console);
Exit analytics_command(const Args& args, Console& console);
Exit batch_command(const Args& args, Console& console);
Exit compare_command(const Args& args, Console& console);
Exit complete_command(const Args& args, Console& console);
Exit doctor_command(const Args& args, Console& console);
Exit fault_server_command(const Args& args, Console& console);
Exit measure_command(const Args& args, Console& console);
Exit simulate_policy_command(const Args& args, Console& console);

}  // namespace scena::shell

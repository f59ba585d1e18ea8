#include "shell/analysis_text.hpp"
#include "shell/commands.hpp"
#include "shell/reading.hpp"

namespace scena::shell {

Exit analysis_command(const Args& args, Console& console) {
  Engine engine = open_reader(args);
  Session session = engine.session(args.session);
  const Analysis analysis = session.analysis();
  if (args.json) {
    console.line(analysis.to_json());
  } else {
    show_analysis(console, session.info(), analysis);
  }
  return Exit::ok;
}

}  // namespace scena::shell

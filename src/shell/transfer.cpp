#include "shell/commands.hpp"
#include "shell/files.hpp"
#include "shell/reading.hpp"
#include "shell/spoken.hpp"

namespace scena::shell {

Exit export_command(const Args& args, Console& console) {
  check_output(args, "-o", args.file);
  const Engine engine = open_reader(args);
  const ExportFormat format = args.format == "json"    ? ExportFormat::json
                              : args.format == "jsonl" ? ExportFormat::jsonl
                                                       : ExportFormat::markdown;
  std::string text = engine.export_session(args.session, format);
  if (!text.ends_with('\n')) text += '\n';
  if (args.file.empty()) {
    console.write(text);
  } else {
    write_file(args.file, text).value_or_throw();
  }
  return Exit::ok;
}

Exit import_command(const Args& args, Console& console) {
  const std::string text = read_file(args.file).value_or_throw();
  // What is refused must not leave a new store behind.
  Engine::open({.clock = ClockKind::virtual_time}).import_session(text);
  Engine engine = open_or_make(args);
  console.line(engine.import_session(text).id());
  return Exit::ok;
}

Exit fork_command(const Args& args, Console& console) {
  Engine engine = open_writer(args);
  console.line(engine.session(args.session).fork(args.message).get().id());
  return Exit::ok;
}

Exit rebuild_command(const Args& args, Console& console) {
  Engine engine = open_writer(args);
  const bool equal = engine.rebuild(args.session);
  console.line(equal ? "The stored tables agree with the events."
                     : "The stored tables were made again from the events.");
  return Exit::ok;
}

Exit backup_command(const Args& args, Console& console) {
  check_output(args, "FILE", args.file);
  Engine engine = open_reader(args);
  engine.backup(args.file);
  console.line(args.file);
  return Exit::ok;
}

}  // namespace scena::shell

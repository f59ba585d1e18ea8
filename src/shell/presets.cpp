#include <fmt/format.h>

#include "shell/commands.hpp"
#include "shell/config.hpp"
#include "shell/files.hpp"
#include "shell/reading.hpp"

namespace scena::shell {
namespace {

// The built-in ones are there without a store.
Engine open_any(const Args& args) {
  Config config = make_config(args).value_or_throw();
  config.storage_read_only = !config.storage.starts_with("memory:");
  return Engine::open(config, make_dependencies());
}

void list(const Args& args, Console& console) {
  const Engine engine = open_any(args);
  for (const PresetInfo& info : engine.presets()) {
    if (args.json) {
      console.line(engine.preset(info.id).to_json());
    } else {
      console.line(fmt::format("{:<24} {:<10} {}", info.id, info.builtin ? "built in" : "stored",
                               printable(info.title)));
      if (!info.description.empty()) console.line("  " + printable(info.description));
    }
  }
}

Exit check(const Args& args, Console& console) {
  const std::string text = read_file(args.file).value_or_throw();
  const auto faults = check_preset(text);
  for (const Fault& fault : faults) {
    const std::string example = fault.example.empty() ? "" : " (for example " + fault.example + ")";
    console.fault(args.file + ": " + (fault.pointer.empty() ? "/" : fault.pointer) + ": " +
                  fault.message + example);
  }
  if (!faults.empty()) return Exit::invalid;
  console.line(args.file + ": no faults");
  return Exit::ok;
}

}  // namespace

Exit presets_command(const Args& args, Console& console) {
  if (args.command == "presets check") return check(args, console);
  if (args.command == "presets show") {
    console.line(open_any(args).preset(args.preset).to_json());
  } else if (args.command == "presets seed") {
    const auto stored = open_or_make(args).seed_presets();
    console.line(fmt::format("{} preset{} stored.", stored, stored == 1 ? "" : "s"));
  } else {
    list(args, console);
  }
  return Exit::ok;
}

}  // namespace scena::shell

// scena_conformance SUBCOMMAND [ARGUMENTS]: parts of the engine for test suites in other languages.

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "conformance/subcommands.hpp"

using namespace scena::conformance;

namespace {

int run(int argc, char** argv) {
  CLI::App app("Parts of the engine behind stdin and stdout, for conformance suites");
  app.require_subcommand(1);
  std::string folder;
  std::uint16_t port = 0;
  app.add_subcommand("sse", "server-sent events: JSON lines of base64 chunks");
  app.add_subcommand("json", "one document on stdin; exit 0 accepted, 1 refused");
  app.add_subcommand("url", "one URL a line; allow or deny");
  app.add_subcommand("turn", "one JSON line; runs a whole turn against a provider");
  app.add_subcommand("torture-turn", "a session in memory from open to close");
  for (const char* name : {"torture-store", "store-check", "serve-log"}) {
    auto* command = app.add_subcommand(name, "with SQLite in DIR");
    command->add_option("DIR", folder)->required();
    if (std::string_view(name) == "serve-log") command->add_option("--port", port)->required();
  }
  CLI11_PARSE(app, argc, argv);
  const std::string name = app.get_subcommands().front()->get_name();
  if (name == "sse") return run_sse();
  if (name == "json") return run_json();
  if (name == "url") return run_url();
  if (name == "turn") return run_turn();
  if (name == "store-check") return run_store_check(folder);
  if (name == "serve-log") return run_serve_log(folder, port);
  return run_torture(folder);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "scena_conformance: " << error.what() << '\n';
    return 2;
  }
}

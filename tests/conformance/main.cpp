// scena_conformance SUBCOMMAND [ARGUMENTS]: parts of the engine for test suites in other languages.
//
// The arguments are read by hand: an argument library allocates before main() begins, where a
// failing allocation can only end the process.

#include <charconv>
#include <cstdio>
#include <exception>
#include <new>
#include <optional>
#include <string_view>

#include "conformance/subcommands.hpp"

using namespace scena::conformance;

namespace {

constexpr char kUsage[] =
    "usage: scena_conformance SUBCOMMAND\n"
    "  sse                     server-sent events: JSON lines of base64 chunks\n"
    "  json                    one document on stdin; exit 0 accepted, 1 refused\n"
    "  url                     one URL a line; allow or deny\n"
    "  turn                    one JSON line; runs a whole turn against a provider\n"
    "  torture-turn            a session in memory from open to close\n"
    "  torture-store DIR       the same with SQLite in DIR\n"
    "  store-check DIR         exit 0 when the store in DIR opens and is whole\n"
    "  serve-log DIR --port P  appends and logs over HTTP\n";

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return port;
}

/// `serve-log DIR --port P`, `serve-log --port P DIR` or `--port=P`.
std::optional<int> serve_log(int argc, char** argv) {
  std::string_view folder;
  std::optional<std::uint16_t> port;
  for (int i = 2; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with("--port=")) {
      port = read_port(argument.substr(7));
    } else if (argument == "--port") {
      port = i + 1 < argc ? read_port(argv[++i]) : std::nullopt;
    } else {
      folder = argument;
    }
  }
  if (folder.empty() || !port) return std::nullopt;
  return run_serve_log(std::string(folder), *port);
}

std::optional<int> run(int argc, char** argv) {
  const std::string_view name = argc > 1 ? argv[1] : "";
  if (name == "serve-log") return serve_log(argc, argv);
  if (argc == 2) {
    if (name == "sse") return run_sse();
    if (name == "json") return run_json();
    if (name == "url") return run_url();
    if (name == "turn") return run_turn();
    if (name == "torture-turn") return run_torture({});
  }
  if (argc == 3) {
    if (name == "torture-store") return run_torture(argv[2]);
    if (name == "store-check") return run_store_check(argv[2]);
  }
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (const auto status = run(argc, argv)) return *status;
    std::fputs(kUsage, stderr);
    return 2;
  } catch (const std::bad_alloc&) {
    std::fputs("scena_conformance: out of memory\n", stderr);
    // A torture run fails where it likes; that it was reported is all that is asked.
    return argc > 1 && std::string_view(argv[1]).starts_with("torture-") ? 0 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "scena_conformance: %s\n", error.what());
    return 2;
  }
}

#include <fmt/format.h>

#include <scena/config.hpp>
#include <scena/policy_simulator.hpp>

#include "shell/commands.hpp"
#include "shell/files.hpp"

namespace scena::shell {
namespace {

PolicySimulation read_simulation(const Args& args) {
  PolicySimulation what;
  what.policy = Policy::from_json(read_file(args.policy).value_or_throw()).value_or_throw();
  if (args.gap_ms) what.gap = std::chrono::milliseconds(*args.gap_ms);
  if (args.config.empty()) return what;
  const Config config = Config::from_file(args.config).value_or_throw();
  what.max_retries = config.max_retries;
  what.total = config.timeouts.total;
  what.prices = config.prices;
  what.providers = config.providers;
  return what;
}

double percent(const PolicyFigures& figures) {
  if (figures.calls == 0) return 0;
  return 100.0 * static_cast<double>(figures.failed) / static_cast<double>(figures.calls);
}

void print_table(Console& console, const PolicyComparison& compared) {
  const PolicyFigures &before = compared.before, &after = compared.after;
  const auto row = [&console](std::string_view name, const std::string& a, const std::string& b) {
    console.line(fmt::format("{:<18}{:>16}{:>16}", name, a, b));
  };
  const auto number = [](std::size_t value) { return std::to_string(value); };
  row("", "before", "after");
  row("calls", number(before.calls), number(after.calls));
  row("requests", number(before.requests), number(after.requests));
  row("failed", number(before.failed), number(after.failed));
  row("error rate, %", fmt::format("{:.2f}", percent(before)),
      fmt::format("{:.2f}", percent(after)));
  row("degraded", number(before.degraded), number(after.degraded));
  row("latency p50, ms", std::to_string(before.median.count()),
      std::to_string(after.median.count()));
  row("latency p95, ms", std::to_string(before.p95.count()), std::to_string(after.p95.count()));
  row("slowest, ms", std::to_string(before.slowest.count()), std::to_string(after.slowest.count()));
  row("cost, USD", before.cost.to_string(), after.cost.to_string());
  if (!compared.has_pauses)
    console.line("This tape has no pauses between tries: the latency before lacks them.");
}

std::string json_of(const PolicyFigures& figures) {
  return fmt::format(
      R"({{"calls":{},"requests":{},"failed":{},"degraded":{},"p50_ms":{},"p95_ms":{},)"
      R"("slowest_ms":{},"cost":"{}"}})",
      figures.calls, figures.requests, figures.failed, figures.degraded, figures.median.count(),
      figures.p95.count(), figures.slowest.count(), figures.cost.to_string());
}

}  // namespace

Exit simulate_policy_command(const Args& args, Console& console) {
  const auto result = simulate_policy(args.file, read_simulation(args)).value_or_throw();
  if (args.json) {
    console.line("{\"before\":" + json_of(result.before) + ",\"after\":" + json_of(result.after) +
                 "}");
  } else {
    print_table(console, result);
  }
  return Exit::ok;
}

}  // namespace scena::shell

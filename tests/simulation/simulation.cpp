// Whole worlds from seeds; see README.md.
//
//   scena_simulation FROM TO [DEFECT]
//
// Without a defect every seed must hold all invariants, and every tenth is run twice and must
// repeat. With one, a seed in the range must find it.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "simulation/world.hpp"

namespace {

using namespace scena::test;

WorldReport run_seed(std::uint64_t seed, Defect defect) {
  WorldOptions options;
  options.seed = seed;
  options.defect = defect;
  try {
    return World(options).run();
  } catch (const scena::Error& error) {
    // The engine itself refused what it read: a finding like any other.
    WorldReport report;
    report.findings = 1;
    report.first_finding = error.what();
    return report;
  }
}

int find_defect(std::uint64_t from, std::uint64_t to, const char* name, Defect defect) {
  for (std::uint64_t seed = from; seed <= to; ++seed) {
    const WorldReport report = run_seed(seed, defect);
    if (report.findings == 0) continue;
    std::printf("%s: found by seed %llu: %s\n", name, static_cast<unsigned long long>(seed),
                report.first_finding.c_str());
    return 0;
  }
  std::printf("%s: not found\n", name);
  return 1;
}

int hold_invariants(std::uint64_t from, std::uint64_t to) {
  WorldReport sum;
  int failed = 0;
  for (std::uint64_t seed = from; seed <= to; ++seed) {
    const WorldReport report = run_seed(seed, Defect::none);
    sum.commands += report.commands;
    sum.events += report.events;
    sum.turns += report.turns;
    sum.lags += report.lags;
    sum.engines += report.engines;
    sum.refused += report.refused;
    sum.kills += report.kills;
    sum.requests += report.requests;
    sum.points += report.points;
    if (report.findings != 0) {
      ++failed;
      std::printf("seed %llu: %llu findings; %s\n", static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(report.findings), report.first_finding.c_str());
    }
    if ((seed % 10 == 0 || report.findings != 0) &&
        run_seed(seed, Defect::none).hash != report.hash) {
      ++failed;
      std::printf("seed %llu: the second run differs from the first\n",
                  static_cast<unsigned long long>(seed));
    }
  }
  std::printf(
      "seeds %llu-%llu: %llu commands (%llu refused), %llu turns, %llu events seen, %llu lags, "
      "%llu engines, %llu of them killed, %llu requests over the network; rebuilt and compared at "
      "%llu points; %d failed\n",
      static_cast<unsigned long long>(from), static_cast<unsigned long long>(to),
      static_cast<unsigned long long>(sum.commands), static_cast<unsigned long long>(sum.refused),
      static_cast<unsigned long long>(sum.turns), static_cast<unsigned long long>(sum.events),
      static_cast<unsigned long long>(sum.lags), static_cast<unsigned long long>(sum.engines),
      static_cast<unsigned long long>(sum.kills), static_cast<unsigned long long>(sum.requests),
      static_cast<unsigned long long>(sum.points), failed);
  // A run that compares too little, or kills nobody, proves nothing.
  const std::uint64_t seeds = to - from + 1;
  if (seeds >= 30 &&
      (sum.points < seeds * 34 || sum.kills == 0 || sum.lags == 0 || sum.requests < seeds * 10))
    ++failed;
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: scena_simulation FROM TO [DEFECT]\n");
    return 2;
  }
  const auto from = std::strtoull(argv[1], nullptr, 10), to = std::strtoull(argv[2], nullptr, 10);
  if (argc == 3) return hold_invariants(from, to);
  for (const auto& [name, defect] : kDefects) {
    if (std::string_view(argv[3]) == name) return find_defect(from, to, name, defect);
  }
  std::fprintf(stderr, "no such defect: %s\n", argv[3]);
  return 2;
}

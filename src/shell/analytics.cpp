#include <algorithm>
#include <scena/analytics.hpp>

#include "shell/commands.hpp"
#include "shell/reading.hpp"

namespace scena::shell {
namespace {

std::vector<AnalyticsBy> by_of(const Args& args) {
  std::vector<AnalyticsBy> found;
  for (const AnalyticsBy by :
       {AnalyticsBy::preset, AnalyticsBy::character, AnalyticsBy::day, AnalyticsBy::month}) {
    if (std::find(args.by.begin(), args.by.end(), to_string(by)) != args.by.end())
      found.push_back(by);
  }
  return found;
}

}  // namespace

Exit analytics_command(const Args& args, Console& console) {
  Engine engine = open_reader(args);
  const AnalyticsQuery query{args.preset, args.character, args.from,
                             args.to,     args.owner,     args.distributions};
  if (args.flow) {
    const auto rows = session_flow(engine, query);
    console.write(args.csv ? flow_to_csv(rows) : flow_to_jsonl(rows));
    return Exit::ok;
  }
  if (args.agreement) {
    const auto rows = judge_agreement(engine, query);
    console.write(args.csv ? agreement_to_csv(rows) : agreement_to_jsonl(rows));
    return Exit::ok;
  }
  const auto by = by_of(args);
  const auto rows = session_analytics(engine, query, by);
  console.write(args.csv ? analytics_to_csv(rows, by) : analytics_to_jsonl(rows, by));
  return Exit::ok;
}

}  // namespace scena::shell

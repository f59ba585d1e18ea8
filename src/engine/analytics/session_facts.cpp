#include "engine/analytics/session_facts.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "engine/money/ledger.hpp"
#include "guard/budget.hpp"

namespace scena::engine {
namespace {

constexpr std::size_t kSessionsInPage = 500;
constexpr std::string_view kFeedback = "\"app.feedback\"";

void read_feedback(std::string_view line, AnalyticsFacts& facts) {
  const auto event = parse_json(line);
  if (!event || event->value("type", "") != "app.feedback") return;
  const auto data = event->find("data");
  if (data == event->end() || !data->is_object()) return;
  const auto satisfied = data->find("satisfied");
  if (satisfied != data->end() && satisfied->is_boolean()) facts.satisfied = satisfied->get<bool>();
  const auto rating = data->find("rating");
  if (rating != data->end() && rating->is_number()) facts.rating = rating->get<double>();
}

bool is_asked_for(const SessionInfo& info, const AnalyticsQuery& query) {
  const std::string day = day_of_session(info);
  if (!query.preset.empty() && query.preset != info.preset) return false;
  if (!query.from.empty() && day < query.from) return false;
  if (!query.to.empty() && day > query.to) return false;
  return query.character.empty() ||
         std::any_of(info.participants.begin(), info.participants.end(),
                     [&query](const Participant& p) { return p.id == query.character; });
}

}  // namespace

std::string day_of_session(const SessionInfo& info) {
  return guard::period_name(guard::BudgetPeriod::day, info.created);
}

void visit_sessions(Engine& engine, const AnalyticsQuery& query,
                    const std::function<void(const SessionInfo&)>& see) {
  for (const auto& [name, day] : {std::pair("from", query.from), std::pair("to", query.to)}) {
    if (day.empty() || is_day(day)) continue;
    throw Error(ErrorCode::invalid_argument,
                std::string(name) + ": must be a day such as \"2026-11-01\", or empty");
  }
  (void)engine.cache_figures();  // refuses whoever is not the host, as this does
  SessionQuery sessions;
  sessions.limit = kSessionsInPage;
  do {
    const Page page = engine.sessions(sessions);
    for (const SessionInfo& info : page.sessions) {
      if (is_asked_for(info, query)) see(info);
    }
    sessions.after = page.next;
  } while (!sessions.after.empty());
}

AnalyticsFacts facts_of(Engine& engine, const SessionInfo& info) {
  AnalyticsFacts facts{info, {}, {}};
  const std::string log = engine.export_session(info.id, ExportFormat::jsonl);
  std::string_view left = log;
  while (!left.empty()) {
    const auto end = std::min(left.find('\n'), left.size());
    const std::string_view line = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    if (line.find(kFeedback) != std::string_view::npos) read_feedback(line, facts);
  }
  return facts;
}

}  // namespace scena::engine

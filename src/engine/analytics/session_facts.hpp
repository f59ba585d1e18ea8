#pragma once

#include <functional>
#include <optional>
#include <scena/analytics.hpp>
#include <string>

namespace scena::engine {

/// What is counted of one session.
struct AnalyticsFacts {
  SessionInfo info;
  std::optional<bool> satisfied;  ///< What the host told last.
  std::optional<double> rating;   ///< The same.
};

/// Day of its creation in UTC.
std::string day_of_session(const SessionInfo& info);

/// Calls `see` for each stored session that the query is about. Throws Error.
void visit_sessions(Engine& engine, const AnalyticsQuery& query,
                    const std::function<void(const SessionInfo&)>& see);

/// Reads the feedback that stands in the session's log. Throws Error.
AnalyticsFacts facts_of(Engine& engine, const SessionInfo& info);

}  // namespace scena::engine

#pragma once

#include <scena/analytics.hpp>
#include <scena/engine.hpp>
#include <string>
#include <vector>

namespace scena::capi {

// What a caller says as JSON. Each throws Error invalid_argument with every fault and the pointer
// of the first; members that nobody knows are faults.

Principal read_principal(std::string_view json);
Participant read_participant(std::string_view json);
SessionChanges read_changes(std::string_view json);
EmbeddingRequest read_embedding_request(std::string_view json);

/// The members of a provider's request that a caller may set (docs/reference/c-extensions.md).
ReplyRequest read_reply_request(std::string_view json);

struct CostQuestion {
  CostQuery query;
  std::vector<CostBy> by;
};
CostQuestion read_cost_question(std::string_view json);

struct AnalyticsQuestion {
  AnalyticsQuery query;
  std::vector<AnalyticsBy> by;
};
/// Without `has_by` a member "by" is a fault, as others that nobody knows.
AnalyticsQuestion read_analytics_question(std::string_view json, bool has_by);

JobOptions read_job_options(std::string_view json);
JobFilter read_job_filter(std::string_view json);

/// The object that stands in a configuration under `member`, as a whole configuration.
Config read_config_member(const char* member, std::string_view json);

}  // namespace scena::capi

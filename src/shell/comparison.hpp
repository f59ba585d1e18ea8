#pragma once

#include <scena/batch_row.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena::shell {

/// What tells a group from the others, e.g. "job-interview, calm, small"; "all sessions".
std::string group_name(const BatchGroup& group);

/// One self-contained HTML page that compares groups of sessions; as render_report().
std::string render_comparison(std::string_view title, const std::vector<BatchRow>& rows);

// Its parts.

/// The distributions of each metric, a figure each.
std::string comparison_charts(const std::vector<BatchRow>& rows,
                              const std::vector<BatchGroup>& groups);
/// The style of these, behind that of all reports.
std::string_view comparison_style() noexcept;

}  // namespace scena::shell

#pragma once

#include <memory>
#include <scena/ext/analyzer.hpp>
#include <scena/result.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scena::metrics {

/// The names that make_builtin_analyzer() knows, in the order in which scores are given:
/// sentiment, evasiveness, contradiction, engagement, toxicity, sophistication, coverage, industry.
std::span<const std::string_view> builtin_names() noexcept;

/// One analyzer for the named built-in metrics, which share one pass over the text; an empty list
/// means all of them. invalid_argument when a name is unknown.
///
/// The analyzer builds its word tables once (about half a millisecond) and is immutable
/// afterwards: one serves any number of sessions, on any thread. Sessions keep the tables alive;
/// measurements must not outlive their session.
Result<std::unique_ptr<Analyzer>> make_builtin_analyzer(const std::vector<std::string>& names);

}  // namespace scena::metrics

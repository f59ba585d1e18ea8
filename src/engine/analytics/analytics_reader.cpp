#include "engine/analytics/analytics_reader.hpp"

#include <algorithm>
#include <set>

#include "engine/access/authorizer.hpp"
#include "engine/api/handles.hpp"
#include "engine/money/ledger.hpp"

namespace scena::engine {
namespace {

constexpr std::size_t kInPage = 500;

bool is_asked_for(const AnalyticsQuery& query, const std::string& preset, const std::string& day,
                  const std::vector<std::string>& characters) {
  if (!query.preset.empty() && query.preset != preset) return false;
  if (!query.from.empty() && day < query.from) return false;
  if (!query.to.empty() && day > query.to) return false;
  return query.character.empty() ||
         std::find(characters.begin(), characters.end(), query.character) != characters.end();
}

// All documents of a kind, page by page.
void visit_records(const Engine& engine, std::string_view kind, std::string after,
                   const std::function<void(const Record&)>& see, const std::string& owner = {}) {
  const Engine::Impl& parts = EngineParts::of(engine);
  RecordQuery query;
  query.tenant = parts.who().tenant;
  query.kind = kind;
  query.after_id = std::move(after);
  query.limit = kInPage;
  if (!owner.empty()) query.where = {"owner", owner};
  for (bool more = true; more;) {
    const auto page = parts.core->storage()->list(query).value_or_throw();
    parts.core->usable().value_or_throw();  // a closed engine's store is empty
    for (const Record& record : page) see(record);
    more = page.size() == kInPage;
    if (more) query.after_id = page.back().key.id;
  }
}

}  // namespace

AnalyticsReader::AnalyticsReader(const Engine& engine, const AnalyticsQuery& query)
    : engine_(engine), query_(query) {
  EngineParts::of(engine).core->usable().value_or_throw();
  Authorizer::host_only(EngineParts::of(engine).who()).value_or_throw();
  for (const auto& [name, day] : {std::pair("from", query.from), std::pair("to", query.to)}) {
    if (day.empty() || is_day(day)) continue;
    throw Error(ErrorCode::invalid_argument,
                std::string(name) + ": must be a day such as \"2026-11-01\", or empty");
  }
  counts_ = read();
}

std::vector<AnalyticsCounts> AnalyticsReader::read() const {
  std::vector<AnalyticsCounts> found;
  if (!query_.owner.empty()) return found;  // whose they were is not kept
  visit_records(engine_, kAnalyticsCounts, query_.from, [&](const Record& record) {
    auto counts = read_counts(record).value_or_throw();
    if (is_asked_for(query_, counts.preset, counts.day, counts.ai))
      found.push_back(std::move(counts));
  });
  return found;
}

void AnalyticsReader::visit_rows(const std::function<void(const AnalyticsFacts&)>& see) const {
  std::set<std::string> owned;
  const auto note = [&owned](const Record& record) { owned.insert(record.key.id); };
  if (!query_.owner.empty()) visit_records(engine_, "session", {}, note, query_.owner);
  visit_records(engine_, kAnalyticsRow, {}, [&](const Record& record) {
    if (!query_.owner.empty() && !owned.contains(record.key.id)) return;
    const auto facts = read_analytics_row(record).value_or_throw();
    if (is_asked_for(query_, facts.preset, facts.day, facts.characters)) see(facts);
  });
}

bool AnalyticsReader::moved() {
  auto now = read();
  if (now == counts_ || tries_left_ == 0) return false;
  --tries_left_;
  counts_ = std::move(now);
  return true;
}

}  // namespace scena::engine

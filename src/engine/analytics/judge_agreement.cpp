#include <map>
#include <scena/analytics.hpp>
#include <set>

#include "domain/analysis/analysis_json.hpp"
#include "domain/judge/agreement.hpp"
#include "engine/analytics/analytics_reader.hpp"
#include "engine/batch/csv_line.hpp"

namespace scena {
namespace {

struct PresetAgreement {
  AgreementTally tally;
  std::map<std::string, std::uint64_t> sessions;  // by metric

  void add(const std::vector<Message>& messages) {
    std::set<std::string> metrics;
    for (const Message& message : messages) {
      tally.add(message);
      for (const JudgedScore& opinion : message.judged) metrics.insert(opinion.metric);
    }
    for (const std::string& metric : metrics) ++sessions[metric];
  }
};

const double* cell_of(const std::optional<double>& value) noexcept {
  return value ? &*value : nullptr;
}

}  // namespace

std::vector<AgreementRow> judge_agreement(Engine& engine, const AnalyticsQuery& query) {
  std::map<std::string, PresetAgreement> presets;
  engine::AnalyticsReader(engine, query).visit_rows([&](const engine::AnalyticsFacts& facts) {
    try {
      presets[facts.preset].add(engine.session(facts.session).messages());
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found) throw;  // it was deleted meanwhile
    }
  });
  std::vector<AgreementRow> rows;
  for (const auto& [preset, found] : presets) {
    for (MetricAgreement& agreement : found.tally.result()) {
      const auto sessions = found.sessions.find(agreement.metric);
      rows.push_back(
          {preset, sessions == found.sessions.end() ? 0 : sessions->second, std::move(agreement)});
    }
  }
  return rows;
}

std::string agreement_to_jsonl(const std::vector<AgreementRow>& rows) {
  std::string out;
  for (const AgreementRow& row : rows) {
    JsonWriter writer(out);
    writer.begin_object().member("preset", row.preset).member("sessions", row.sessions);
    write_agreement_members(writer, row.agreement);
    writer.end_object();
    out += '\n';
  }
  return out;
}

std::string agreement_to_csv(const std::vector<AgreementRow>& rows) {
  std::string out;
  engine::CsvLine header(out);
  for (const char* name : {"preset", "sessions", "metric", "messages", "difference", "correlation",
                           "labelled", "same_label", "kappa"})
    header.text(name);
  header.end();
  for (const AgreementRow& row : rows) {
    const MetricAgreement& found = row.agreement;
    engine::CsvLine line(out);
    line.text(row.preset).number(row.sessions).text(found.metric).number(found.messages);
    line.score(&found.difference).score(cell_of(found.correlation)).number(found.labelled);
    line.score(cell_of(found.same_label)).score(cell_of(found.kappa)).end();
  }
  return out;
}

}  // namespace scena

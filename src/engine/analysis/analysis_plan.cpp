#include "engine/analysis/analysis_plan.hpp"

#include "base/json_writer.hpp"
#include "domain/analysis/analysis_json.hpp"
#include "domain/message_json.hpp"
#include "engine/turn/background_call.hpp"

namespace scena::engine {
namespace {

std::optional<double> evasiveness_of(std::span<const Message* const> line, const std::string& id) {
  for (const Message* message : line) {
    if (message->id != id) continue;
    for (const MetricScore& score : message->metrics) {
      if (score.metric == "evasiveness") return score.value;
    }
  }
  return std::nullopt;
}

std::optional<double> overall_score(const std::vector<AnalysisCriterion>& criteria) {
  double sum = 0;
  double weight = 0;
  for (const AnalysisCriterion& criterion : criteria) {
    if (!criterion.score) continue;
    sum += criterion.weight * (*criterion.score / 10.0);
    weight += criterion.weight;
  }
  if (weight == 0) return std::nullopt;
  return sum / weight;
}

}  // namespace

std::optional<ModelChoice> analysis_model(const Config& config, const Preset& preset) {
  ModelChoice choice;
  const bool of_preset = !preset.analysis.provider.empty() || !preset.analysis.model.empty();
  choice.provider =
      preset.analysis.provider.empty() ? config.analysis.provider : preset.analysis.provider;
  choice.model = preset.analysis.model.empty() ? config.analysis.model : preset.analysis.model;
  choice.source = of_preset ? "preset" : "config";
  if (choice.provider.empty()) return std::nullopt;
  return choice;
}

TurnPlan analysis_plan(const Config& config, const Preset& preset, const SessionFacts& facts,
                       const ModelChoice& model, const AnalysisDialogue& dialogue) {
  TurnPlan plan(config.limits);
  plan.provider = model.provider;
  plan.model_source = model.source;
  ReplyRequest& request = plan.request;
  dialogue.compose(request);
  request.model = model.model;
  request.temperature = preset.analysis.temperature;
  request.max_tokens = preset.analysis.max_tokens
                           ? preset.analysis.max_tokens
                           : std::optional<std::int64_t>(config.analysis.answer_tokens);
  if (config.seed) request.seed = static_cast<std::int64_t>(facts.seed & 0x7FFF'FFFF);
  complete_background_plan(plan, config, preset, facts, Purpose::analysis);
  return plan;
}

Analysis with_findings(Analysis measured, ModelFindings findings,
                       std::span<const Message* const> line) {
  measured.source = "model";
  measured.summary = std::move(findings.summary);
  measured.criteria = std::move(findings.criteria);
  measured.turning_points = std::move(findings.turning_points);
  measured.evasions = std::move(findings.evasions);
  measured.contradictions = std::move(findings.contradictions);
  measured.rejected_quotes = findings.rejected;
  measured.overall = overall_score(measured.criteria);
  for (AnalysisEvasion& evasion : measured.evasions)
    evasion.value = evasiveness_of(line, evasion.answer.message);
  settle_analysis(measured);
  return measured;
}

std::string analysis_queued_data(std::string_view job, std::string_view reason) {
  std::string data;
  JsonWriter(data).begin_object().member("job", job).member("reason", reason).end_object();
  return data;
}

std::string analysis_stored_data(std::string_view job, const Analysis& analysis) {
  std::string data;
  JsonWriter writer(data);
  writer.begin_object().member("job", job).key("analysis");
  write_analysis(writer, analysis);
  writer.end_object();
  return data;
}

std::string analysis_failed_data(std::string_view job, const Error& error) {
  std::string data;
  JsonWriter writer(data);
  writer.begin_object().member("job", job);
  write_error(writer, error);
  writer.end_object();
  return data;
}

}  // namespace scena::engine

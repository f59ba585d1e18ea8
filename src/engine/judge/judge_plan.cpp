#include "engine/judge/judge_plan.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "domain/judge/agreement.hpp"
#include "domain/message_json.hpp"
#include "domain/score_json.hpp"
#include "engine/turn/background_call.hpp"

namespace scena::engine {
namespace {

void write_names(JsonWriter& writer, std::string_view member,
                 const std::vector<std::string>& names) {
  writer.key(member).begin_array();
  for (const auto& name : names) writer.value(name);
  writer.end_array();
}

}  // namespace

TurnPlan judge_plan(const Config& config, const Preset& preset, const SessionFacts& facts,
                    const JudgeDialogue& dialogue) {
  TurnPlan plan(config.limits);
  plan.provider = config.judge.provider;
  plan.model_source = "config";
  ReplyRequest& request = plan.request;
  dialogue.compose(request);
  request.model = config.judge.model;
  request.temperature = 0;
  request.max_tokens = static_cast<std::int64_t>(config.judge.answer_tokens);
  // The configuration's, not the session's: equal texts are judged alike everywhere.
  if (config.seed) request.seed = static_cast<std::int64_t>(*config.seed & 0x7FFF'FFFF);
  complete_background_plan(plan, config, preset, facts, Purpose::judge);
  return plan;
}

std::optional<AnalysisJudge> judge_figures(const JudgeFacts& facts,
                                           std::span<const Message* const> line) {
  AnalysisJudge figures;
  figures.asked = facts.asked;
  figures.failed = facts.failed;
  AgreementTally tally;
  for (const Message* message : line) {
    if (message->judged.empty()) continue;
    ++figures.judged;
    tally.add(*message);
  }
  if (figures.asked == 0 && figures.judged == 0) return std::nullopt;
  figures.agreement = tally.result();
  return figures;
}

std::string write_judge_payload(const JudgePayload& payload) {
  std::string json;
  JsonWriter writer(json);
  writer.begin_object().member("session", payload.session).member("message", payload.message);
  write_names(writer, "metrics", payload.metrics);
  writer.end_object();
  return json;
}

std::optional<JudgePayload> read_judge_payload(std::string_view json) {
  const auto value = parse_json(json);
  if (!value || !value->is_object()) return std::nullopt;
  try {
    return JudgePayload{value->at("session").get<std::string>(),
                        value->at("message").get<std::string>(),
                        value->at("metrics").get<std::vector<std::string>>()};
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::string judge_queued_data(std::string_view job, const JudgePayload& payload) {
  std::string data;
  JsonWriter writer(data);
  writer.begin_object().member("job", job).member("message", payload.message);
  write_names(writer, "metrics", payload.metrics);
  writer.end_object();
  return data;
}

std::string judge_failed_data(std::string_view job, std::string_view message, const Error& error) {
  std::string data;
  JsonWriter writer(data);
  writer.begin_object();
  if (!job.empty()) writer.member("job", job);
  writer.member("message", message);
  write_error(writer, error);
  writer.end_object();
  return data;
}

std::string metrics_judged_data(std::string_view job, std::string_view message,
                                const std::vector<JudgedScore>& opinions,
                                const std::vector<std::string>& asked, Money cost,
                                const std::optional<Error>& error) {
  std::vector<std::string> without;
  for (const std::string& metric : asked) {
    const auto is_it = [&](const JudgedScore& opinion) { return opinion.metric == metric; };
    if (std::none_of(opinions.begin(), opinions.end(), is_it)) without.push_back(metric);
  }
  std::string data;
  JsonWriter writer(data);
  writer.begin_object().member("message", message).member("job", job).key("scores");
  write_judged(writer, opinions);
  if (!without.empty()) write_names(writer, "rejected", without);
  if (error) write_error(writer, *error);
  writer.member("cost", cost.to_string()).end_object();
  return data;
}

}  // namespace scena::engine

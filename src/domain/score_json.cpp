#include "domain/score_json.hpp"

#include "base/text.hpp"

namespace scena {
namespace {

void write_evidence(JsonWriter& writer, const std::vector<Evidence>& evidence) {
  if (evidence.empty()) return;
  writer.key("evidence").begin_array();
  for (const auto& place : evidence) {
    writer.begin_object().member("message", place.message);
    writer.member("begin", static_cast<std::uint64_t>(place.begin));
    writer.member("end", static_cast<std::uint64_t>(place.end));
    writer.member("reason", place.reason).end_object();
  }
  writer.end_array();
}

std::vector<Evidence> read_evidence(const Json& value) {
  std::vector<Evidence> places;
  const auto evidence = value.find("evidence");
  if (evidence == value.end()) return places;
  for (const auto& place : *evidence) {
    places.push_back({place.at("message").get<std::string>(), place.at("begin").get<std::size_t>(),
                      place.at("end").get<std::size_t>(), place.at("reason").get<std::string>()});
  }
  return places;
}

}  // namespace

void write_score(JsonWriter& writer, const MetricScore& score) {
  writer.begin_object().member("metric", score.metric).key("value").score(score.value);
  writer.key("confidence").score(score.confidence);
  if (!score.label.empty()) writer.member("label", score.label);
  write_evidence(writer, score.evidence);
  writer.end_object();
}

void write_scores(JsonWriter& writer, const std::vector<MetricScore>& scores) {
  writer.begin_array();
  for (const auto& score : scores) write_score(writer, score);
  writer.end_array();
}

void repair_texts(MetricScore& score) {
  const auto repair = [](std::string& text) {
    if (!is_sound_text(text)) text = sound_text(text);
  };
  repair(score.metric);
  repair(score.label);
  for (auto& place : score.evidence) {
    repair(place.message);
    repair(place.reason);
  }
}

void settle_score(MetricScore& score) {
  score.value = round_score(score.value);
  score.confidence = round_score(score.confidence);
  repair_texts(score);
}

MetricScore read_score(const Json& value) {
  MetricScore score;
  score.metric = value.at("metric").get<std::string>();
  score.value = value.at("value").get<double>();
  score.confidence = value.at("confidence").get<double>();
  score.label = value.value("label", "");
  score.evidence = read_evidence(value);
  return score;
}

void write_judged(JsonWriter& writer, const std::vector<JudgedScore>& scores) {
  writer.begin_array();
  for (const JudgedScore& score : scores) {
    writer.begin_object().member("metric", score.metric).key("value").score(score.value);
    writer.member("label", score.label);
    write_evidence(writer, score.evidence);
    writer.member("provider", score.provider).member("model", score.model);
    if (score.cached) writer.member("cached", true);
    writer.end_object();
  }
  writer.end_array();
}

std::vector<JudgedScore> read_judged(const Json& list) {
  std::vector<JudgedScore> scores;
  for (const Json& value : list) {
    JudgedScore& score = scores.emplace_back();
    score.metric = value.at("metric").get<std::string>();
    score.value = value.at("value").get<double>();
    score.label = value.value("label", "");
    score.evidence = read_evidence(value);
    score.cached = value.value("cached", false);
    score.provider = value.value("provider", "");
    score.model = value.value("model", "");
  }
  return scores;
}

}  // namespace scena

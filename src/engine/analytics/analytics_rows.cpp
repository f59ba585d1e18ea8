#include "engine/analytics/analytics_rows.hpp"

#include <algorithm>
#include <limits>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/sha256.hpp"
#include "engine/batch/intervals.hpp"
#include "guard/budget.hpp"

namespace scena::engine {
namespace {

using Counted = std::map<std::string, std::uint64_t>;

constexpr std::int64_t kDayMicros = 86'400'000'000;

void write_counted(JsonWriter& writer, std::string_view name, const Counted& counted) {
  writer.key(name).begin_object();
  for (const auto& [what, count] : counted) writer.member(what, count);
  writer.end_object();
}

void write_ids(JsonWriter& writer, std::string_view name, const std::vector<std::string>& ids) {
  writer.key(name).begin_array();
  for (const std::string& id : ids) writer.value(id);
  writer.end_array();
}

// Scores are rounded; means of ratings are not.
void write_double(JsonWriter& writer, std::string_view name, double value) {
  writer.key(name).raw(dump_json(Json(value)));
}

// Hosts and people name what they skip: a day's counts are kept for ever, and hold so many names.
constexpr std::size_t kNamesCounted = 100;
constexpr const char* kOtherNames = "other";

void add_counted(Counted& all, const Counted& more) {
  for (const auto& [what, count] : more) {
    const bool fits = all.contains(what) || all.size() < kNamesCounted;
    all[fits ? what : kOtherNames] += count;
  }
}

Error unreadable(const Record& record) {
  return Error(ErrorCode::storage_corrupt, "analytics: the document \"" + record.key.id +
                                               "\" of kind \"" + record.key.kind +
                                               "\" cannot be read; restore a backup");
}

}  // namespace

void AnalyticsCounts::add(const AnalyticsFacts& facts) {
  AnalyticsCounts one;
  one.sessions = 1;
  one.messages = facts.messages;
  one.cost = facts.cost;
  one.escapes = facts.escapes;
  one.failed = facts.state == SessionState::error ? 1 : 0;
  if (facts.state == SessionState::completed) {
    one.completed = 1;
    one.ends[facts.end_reason] = 1;
  }
  if (facts.satisfied) {
    one.asked = 1;
    one.satisfied = *facts.satisfied ? 1 : 0;
  }
  if (facts.rating) {
    one.ratings = 1;
    one.rating_mean = *facts.rating;
  }
  add(one);
}

void AnalyticsCounts::add(const AnalyticsCounts& others) {
  sessions += others.sessions;
  completed += others.completed;
  failed += others.failed;
  add_counted(ends, others.ends);
  add_counted(escapes, others.escapes);
  messages += others.messages;
  cost += others.cost;
  asked += others.asked;
  satisfied += others.satisfied;
  if (others.ratings == 0) return;
  const auto here = static_cast<double>(ratings), there = static_cast<double>(others.ratings);
  const double apart = others.rating_mean - rating_mean;
  rating_mean += apart * there / (here + there);
  rating_deviations += others.rating_deviations + apart * apart * here * there / (here + there);
  ratings += others.ratings;
}

AnalyticsRow AnalyticsCounts::row(std::vector<std::string> group) const {
  AnalyticsRow row;
  row.group = std::move(group);
  row.sessions = sessions;
  row.completed = completed;
  row.failed = failed;
  row.ends = ends;
  row.escapes = escapes;
  row.messages = messages;
  row.cost = cost;
  row.completion = share_interval(completed, sessions);
  row.satisfied = share_interval(satisfied, asked);
  row.rating = mean_interval(ratings, rating_mean, rating_deviations);
  return row;
}

WallTime analytics_until(WallTime created, int retention_days) noexcept {
  const std::int64_t micros =
      std::chrono::duration_cast<std::chrono::microseconds>(created.time_since_epoch()).count();
  const std::int64_t day = micros / kDayMicros - (micros % kDayMicros < 0 ? 1 : 0);
  // An imported session may say that it was created at any time.
  constexpr std::int64_t kLastDay = std::numeric_limits<std::int64_t>::max() / kDayMicros;
  const std::int64_t until = std::min(day, kLastDay - 1 - retention_days) + 1 + retention_days;
  return WallTime(std::chrono::microseconds(until * kDayMicros));
}

std::string analytics_day(WallTime time) {
  return guard::period_name(guard::BudgetPeriod::day, time);
}

RecordWrite analytics_record(const std::string& tenant, const SessionFacts& facts, WallTime until) {
  RecordWrite record;
  record.key = {tenant, std::string(kAnalyticsRow), facts.info.id};
  JsonWriter writer(record.json);
  writer.begin_object().member("preset", facts.info.preset);
  writer.member("day", analytics_day(facts.info.created));
  std::vector<std::string> all, ai;
  for (const Participant& participant : facts.info.participants) {
    all.push_back(participant.id);
    if (!participant.is_human) ai.push_back(participant.id);
  }
  write_ids(writer, "characters", all);
  write_ids(writer, "ai", ai);
  writer.member("state", to_string(facts.info.state)).member("end_reason", facts.info.end_reason);
  writer.member("messages", static_cast<std::uint64_t>(facts.info.messages))
      .member("cost", facts.info.cost.to_string());
  if (facts.satisfied) writer.member("satisfied", *facts.satisfied);
  if (facts.rating) write_double(writer, "rating", *facts.rating);
  write_counted(writer, "escapes", {facts.info.escapes.begin(), facts.info.escapes.end()});
  writer.member("until", static_cast<std::int64_t>(until.time_since_epoch().count())).end_object();
  record.index = {{"until", analytics_day(until)}};
  return record;
}

Result<AnalyticsFacts> read_analytics_row(const Record& record) {
  const auto json = parse_json(record.json);
  if (!json) return unreadable(record);
  try {
    AnalyticsFacts facts;
    facts.session = record.key.id;
    facts.preset = json->at("preset").get<std::string>();
    facts.day = json->at("day").get<std::string>();
    facts.characters = json->at("characters").get<std::vector<std::string>>();
    facts.ai = json->at("ai").get<std::vector<std::string>>();
    const auto state = parse_session_state(json->at("state").get<std::string>());
    if (!state) return unreadable(record);
    facts.state = *state;
    facts.end_reason = json->at("end_reason").get<std::string>();
    facts.messages = json->at("messages").get<std::uint64_t>();
    facts.cost = Money::parse(json->at("cost").get<std::string>()).value_or(Money{});
    if (json->contains("satisfied")) facts.satisfied = json->at("satisfied").get<bool>();
    if (json->contains("rating")) facts.rating = json->at("rating").get<double>();
    facts.escapes = json->at("escapes").get<Counted>();
    facts.until = WallTime(std::chrono::microseconds(json->at("until").get<std::int64_t>()));
    return facts;
  } catch (const nlohmann::json::exception&) {
    return unreadable(record);
  }
}

AnalyticsCounts empty_counts(const AnalyticsFacts& facts) {
  AnalyticsCounts counts;
  counts.preset = facts.preset;
  counts.day = facts.day;
  counts.ai = facts.ai;
  std::sort(counts.ai.begin(), counts.ai.end());
  return counts;
}

// A day comes first, so that documents are listed by it; the hash bounds the length of the id.
RecordKey counts_key(const std::string& tenant, const AnalyticsCounts& counts) {
  std::string names;
  JsonWriter writer(names);
  writer.begin_array().value(counts.preset);
  for (const std::string& id : counts.ai) writer.value(id);
  writer.end_array();
  return {tenant, std::string(kAnalyticsCounts),
          counts.day + "/" + sha256_hex(names).substr(0, 32)};
}

std::string counts_to_json(const AnalyticsCounts& counts) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("preset", counts.preset).member("day", counts.day);
  write_ids(writer, "ai", counts.ai);
  writer.member("sessions", counts.sessions).member("completed", counts.completed);
  writer.member("failed", counts.failed);
  write_counted(writer, "ends", counts.ends);
  write_counted(writer, "escapes", counts.escapes);
  writer.member("messages", counts.messages).member("cost", counts.cost.to_string());
  writer.member("asked", counts.asked).member("satisfied", counts.satisfied);
  writer.member("ratings", counts.ratings);
  write_double(writer, "rating_mean", counts.rating_mean);
  write_double(writer, "rating_deviations", counts.rating_deviations);
  writer.end_object();
  return out;
}

Result<AnalyticsCounts> read_counts(const Record& record) {
  const auto json = parse_json(record.json);
  if (!json) return unreadable(record);
  try {
    AnalyticsCounts counts;
    counts.preset = json->at("preset").get<std::string>();
    counts.day = json->at("day").get<std::string>();
    counts.ai = json->at("ai").get<std::vector<std::string>>();
    counts.ends = json->at("ends").get<Counted>();
    counts.escapes = json->at("escapes").get<Counted>();
    counts.cost = Money::parse(json->at("cost").get<std::string>()).value_or(Money{});
    for (const auto& [name, out] :
         {std::pair("sessions", &counts.sessions), std::pair("completed", &counts.completed),
          std::pair("failed", &counts.failed), std::pair("messages", &counts.messages),
          std::pair("asked", &counts.asked), std::pair("satisfied", &counts.satisfied),
          std::pair("ratings", &counts.ratings)})
      *out = json->at(name).get<std::uint64_t>();
    counts.rating_mean = json->at("rating_mean").get<double>();
    counts.rating_deviations = json->at("rating_deviations").get<double>();
    return counts;
  } catch (const nlohmann::json::exception&) {
    return unreadable(record);
  }
}

}  // namespace scena::engine

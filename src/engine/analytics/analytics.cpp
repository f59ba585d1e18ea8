#include <algorithm>
#include <scena/analytics.hpp>
#include <set>

#include "engine/analytics/analytics_reader.hpp"
#include "engine/analytics/metric_values.hpp"
#include "engine/batch/csv_line.hpp"

namespace scena {
namespace {

using engine::AnalyticsCounts;
using engine::AnalyticsFacts;
using Named = std::map<std::string, std::uint64_t>;

// Every group that sessions belong to: several, where characters make them.
std::vector<std::vector<std::string>> groups_of(const std::string& preset, const std::string& day,
                                                const std::vector<std::string>& characters,
                                                const std::vector<AnalyticsBy>& by) {
  std::vector<std::vector<std::string>> groups(1);
  for (const AnalyticsBy one : by) {
    std::vector<std::string> values;
    if (one == AnalyticsBy::preset) values.push_back(preset);
    if (one == AnalyticsBy::day) values.push_back(day);
    if (one == AnalyticsBy::month) values.push_back(day.substr(0, 7));
    if (one == AnalyticsBy::character) values = characters;
    std::vector<std::vector<std::string>> longer;
    for (const auto& group : groups) {
      for (const std::string& value : values) {
        longer.push_back(group);
        longer.back().push_back(value);
      }
    }
    groups = std::move(longer);
  }
  return groups;
}

// Every name that occurs in any row.
std::set<std::string> names_in(const std::vector<AnalyticsRow>& rows, Named AnalyticsRow::*member) {
  std::set<std::string> names;
  for (const AnalyticsRow& row : rows) {
    for (const auto& [name, count] : row.*member) names.insert(name);
  }
  return names;
}

void add_named(engine::CsvLine& line, const std::set<std::string>& names, const Named& counted) {
  for (const std::string& name : names) {
    const auto found = counted.find(name);
    line.number(found == counted.end() ? 0 : found->second);
  }
}

// By character a group has the words of this one alone.
std::string speaker_of(const std::vector<std::string>& group, const std::vector<AnalyticsBy>& by) {
  const auto found = std::find(by.begin(), by.end(), AnalyticsBy::character);
  return found == by.end() ? std::string() : group[static_cast<std::size_t>(found - by.begin())];
}

void add_distributions(std::vector<AnalyticsRow>& rows, Engine& engine,
                       const engine::AnalyticsReader& reader, const std::vector<AnalyticsBy>& by) {
  std::map<std::vector<std::string>, engine::MetricValues> values;
  reader.visit_rows([&](const AnalyticsFacts& facts) {
    try {
      const auto messages = engine.session(facts.session).messages();
      for (const auto& group : groups_of(facts.preset, facts.day, facts.characters, by))
        values[group].add(messages, speaker_of(group, by));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found) throw;  // it was deleted meanwhile
    }
  });
  for (AnalyticsRow& row : rows) row.metrics = values[row.group].distributions();
}

void write_distributions(JsonWriter& writer, const std::map<std::string, Distribution>& metrics) {
  if (metrics.empty()) return;
  writer.key("metrics").begin_object();
  for (const auto& [metric, found] : metrics) {
    writer.key(metric).begin_object().member("n", found.count);
    for (const auto& [name, value] : {std::pair("mean", found.mean), std::pair("p10", found.p10),
                                      std::pair("p50", found.p50), std::pair("p90", found.p90)})
      writer.key(name).score(value);
    writer.end_object();
  }
  writer.end_object();
}

std::set<std::string> metrics_in(const std::vector<AnalyticsRow>& rows) {
  std::set<std::string> names;
  for (const AnalyticsRow& row : rows) {
    for (const auto& [name, found] : row.metrics) names.insert(name);
  }
  return names;
}

void add_metrics(engine::CsvLine& line, const std::set<std::string>& names,
                 const std::map<std::string, Distribution>& metrics) {
  for (const std::string& name : names) {
    const auto found = metrics.find(name);
    const Distribution* one = found == metrics.end() ? nullptr : &found->second;
    line.number(one ? one->count : 0);
    line.score(one ? &one->mean : nullptr).score(one ? &one->p10 : nullptr);
    line.score(one ? &one->p50 : nullptr).score(one ? &one->p90 : nullptr);
  }
}

}  // namespace

const char* to_string(AnalyticsBy by) noexcept {
  switch (by) {
    case AnalyticsBy::preset:
      return "preset";
    case AnalyticsBy::character:
      return "character";
    case AnalyticsBy::day:
      return "day";
    case AnalyticsBy::month:
      break;
  }
  return "month";
}

std::vector<AnalyticsRow> session_analytics(Engine& engine, const AnalyticsQuery& query,
                                            const std::vector<AnalyticsBy>& by) {
  std::map<std::vector<std::string>, AnalyticsCounts> tallies;
  engine::AnalyticsReader reader(engine, query);
  do {
    tallies.clear();
    if (by.empty()) tallies[{}];
    for (const AnalyticsCounts& counts : reader.counts()) {
      for (auto& group : groups_of(counts.preset, counts.day, counts.ai, by))
        tallies[std::move(group)].add(counts);
    }
    reader.visit_rows([&](const AnalyticsFacts& facts) {
      for (auto& group : groups_of(facts.preset, facts.day, facts.characters, by))
        tallies[std::move(group)].add(facts);
    });
  } while (reader.moved());
  std::vector<AnalyticsRow> rows;
  for (const auto& [group, tally] : tallies) rows.push_back(tally.row(group));
  if (query.distributions) add_distributions(rows, engine, reader, by);
  return rows;
}

std::string analytics_to_jsonl(const std::vector<AnalyticsRow>& rows,
                               const std::vector<AnalyticsBy>& by) {
  std::string out;
  for (const AnalyticsRow& row : rows) {
    JsonWriter writer(out);
    writer.begin_object();
    for (std::size_t i = 0; i < by.size(); ++i) writer.member(to_string(by[i]), row.group.at(i));
    writer.member("sessions", row.sessions)
        .member("completed", row.completed)
        .member("failed", row.failed)
        .key("ends")
        .begin_object();
    for (const auto& [end, count] : row.ends) writer.member(end, count);
    writer.end_object().key("escapes").begin_object();
    for (const auto& [step, count] : row.escapes) writer.member(step, count);
    writer.end_object().member("messages", row.messages).member("cost", row.cost.to_string());
    engine::write_interval(writer.key("completion"), row.completion);
    engine::write_interval(writer.key("satisfied"), row.satisfied);
    engine::write_interval(writer.key("rating"), row.rating);
    write_distributions(writer, row.metrics);
    writer.end_object();
    out += '\n';
  }
  return out;
}

std::string analytics_to_csv(const std::vector<AnalyticsRow>& rows,
                             const std::vector<AnalyticsBy>& by) {
  const auto ends = names_in(rows, &AnalyticsRow::ends);
  const auto escapes = names_in(rows, &AnalyticsRow::escapes);
  std::string out;
  engine::CsvLine header(out);
  for (const AnalyticsBy one : by) header.text(to_string(one));
  for (const char* name : {"sessions", "completed", "failed", "messages", "cost"})
    header.text(name);
  for (const std::string name : {"completion", "satisfied", "rating"})
    header.text(name).text(name + ".low").text(name + ".high");
  for (const std::string& end : ends) header.text("end." + end);
  for (const std::string& step : escapes) header.text("escape." + step);
  const auto metrics = metrics_in(rows);
  for (const std::string& name : metrics) {
    for (const char* part : {".n", ".mean", ".p10", ".p50", ".p90"})
      header.text("metric." + name + part);
  }
  header.end();
  for (const AnalyticsRow& row : rows) {
    engine::CsvLine line(out);
    for (const std::string& value : row.group) line.text(value);
    line.number(row.sessions).number(row.completed).number(row.failed).number(row.messages);
    line.plain(row.cost.to_string());
    line.interval(row.completion).interval(row.satisfied).interval(row.rating);
    add_named(line, ends, row.ends);
    add_named(line, escapes, row.escapes);
    add_metrics(line, metrics, row.metrics);
    line.end();
  }
  return out;
}

}  // namespace scena

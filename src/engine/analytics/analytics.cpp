#include <algorithm>
#include <scena/analytics.hpp>
#include <set>

#include "engine/analytics/session_facts.hpp"
#include "engine/batch/csv_line.hpp"

namespace scena {
namespace {

using engine::AnalyticsFacts;

// Adds up the sessions of one group.
class GroupTally {
 public:
  void add(const AnalyticsFacts& facts) {
    ++row_.sessions;
    row_.messages += facts.info.messages;
    row_.cost += facts.info.cost;
    if (facts.info.state == SessionState::error) ++row_.failed;
    if (facts.info.state == SessionState::completed) {
      ++row_.completed;
      ++row_.ends[facts.info.end_reason];
    }
    if (facts.rating) ratings_.push_back(*facts.rating);
    if (!facts.satisfied) return;
    ++asked_;
    if (*facts.satisfied) ++satisfied_;
  }

  AnalyticsRow row(std::vector<std::string> group) const {
    AnalyticsRow row = row_;
    row.group = std::move(group);
    row.completion = share_interval(row.completed, row.sessions);
    row.satisfied = share_interval(satisfied_, asked_);
    row.rating = mean_interval(ratings_);
    return row;
  }

 private:
  AnalyticsRow row_;
  std::vector<double> ratings_;
  std::size_t asked_ = 0;
  std::size_t satisfied_ = 0;
};

// Every group that the session belongs to: several, where characters make them.
std::vector<std::vector<std::string>> groups_of(const SessionInfo& info,
                                                const std::vector<AnalyticsBy>& by) {
  std::vector<std::vector<std::string>> groups(1);
  for (const AnalyticsBy one : by) {
    std::vector<std::string> values;
    const std::string day = engine::day_of_session(info);
    if (one == AnalyticsBy::preset) values.push_back(info.preset);
    if (one == AnalyticsBy::day) values.push_back(day);
    if (one == AnalyticsBy::month) values.push_back(day.substr(0, 7));
    if (one == AnalyticsBy::character) {
      for (const Participant& participant : info.participants) values.push_back(participant.id);
    }
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

std::set<std::string> ends_of(const std::vector<AnalyticsRow>& rows) {
  std::set<std::string> ends;
  for (const AnalyticsRow& row : rows) {
    for (const auto& [end, count] : row.ends) ends.insert(end);
  }
  return ends;
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
  std::map<std::vector<std::string>, GroupTally> tallies;
  if (by.empty()) tallies[{}];
  engine::visit_sessions(engine, query, [&](const SessionInfo& info) {
    const AnalyticsFacts facts = engine::facts_of(engine, info);
    for (auto& group : groups_of(info, by)) tallies[std::move(group)].add(facts);
  });
  std::vector<AnalyticsRow> rows;
  for (const auto& [group, tally] : tallies) rows.push_back(tally.row(group));
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
    writer.end_object().member("messages", row.messages).member("cost", row.cost.to_string());
    engine::write_interval(writer.key("completion"), row.completion);
    engine::write_interval(writer.key("satisfied"), row.satisfied);
    engine::write_interval(writer.key("rating"), row.rating);
    writer.end_object();
    out += '\n';
  }
  return out;
}

std::string analytics_to_csv(const std::vector<AnalyticsRow>& rows,
                             const std::vector<AnalyticsBy>& by) {
  const auto ends = ends_of(rows);
  std::string out;
  engine::CsvLine header(out);
  for (const AnalyticsBy one : by) header.text(to_string(one));
  for (const char* name : {"sessions", "completed", "failed", "messages", "cost"})
    header.text(name);
  for (const std::string name : {"completion", "satisfied", "rating"})
    header.text(name).text(name + ".low").text(name + ".high");
  for (const std::string& end : ends) header.text("end." + end);
  header.end();
  for (const AnalyticsRow& row : rows) {
    engine::CsvLine line(out);
    for (const std::string& value : row.group) line.text(value);
    line.number(row.sessions).number(row.completed).number(row.failed).number(row.messages);
    line.plain(row.cost.to_string());
    line.interval(row.completion).interval(row.satisfied).interval(row.rating);
    for (const std::string& end : ends) {
      const auto found = row.ends.find(end);
      line.number(found == row.ends.end() ? 0 : found->second);
    }
    line.end();
  }
  return out;
}

}  // namespace scena

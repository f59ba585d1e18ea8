#include <algorithm>
#include <scena/batch_row.hpp>
#include <set>
#include <tuple>

#include "engine/batch/csv_line.hpp"

namespace scena {
namespace engine {

void write_interval(JsonWriter& writer, const Interval& interval) {
  writer.begin_object().member("count", static_cast<std::uint64_t>(interval.count));
  if (interval.count == 0) {
    writer.key("value").null().key("low").null().key("high").null();
  } else {
    writer.key("value").score(interval.value);
    writer.key("low").score(interval.low).key("high").score(interval.high);
  }
  writer.end_object();
}

}  // namespace engine

namespace {

using engine::write_interval;

using GroupKey = std::tuple<std::string, std::string, std::string, std::string>;

GroupKey key_of(const BatchRow& row) {
  return {row.preset, row.characters, row.model, row.variables};
}

// Collects the rows of one group.
class Collector {
 public:
  void add(const BatchRow& row) {
    ++rows_;
    cost_ += row.cost;
    if (!row.error.empty()) {
      ++failed_;
      ++errors_[row.error];
      return;
    }
    if (row.completed) ++completed_;
    ++outcomes_[row.outcome];
    turns_.push_back(row.turns);
    for (const auto& [metric, value] : row.metrics) metrics_[metric].push_back(value);
  }

  BatchGroup group(const GroupKey& key, const std::set<std::string>& outcomes) const {
    BatchGroup group;
    std::tie(group.preset, group.characters, group.model, group.variables) = key;
    group.rows = rows_;
    const std::size_t ended = rows_ - failed_;
    group.failed = share_interval(failed_, rows_);
    group.errors = errors_;
    group.completed = share_interval(completed_, ended);
    for (const std::string& outcome : outcomes) {
      const auto found = outcomes_.find(outcome);
      group.outcomes[outcome] = share_interval(found == outcomes_.end() ? 0 : found->second, ended);
    }
    for (const auto& [metric, values] : metrics_) group.metrics[metric] = mean_interval(values);
    group.turns = mean_interval(turns_);
    group.cost = cost_;
    return group;
  }

 private:
  std::size_t rows_ = 0;
  std::size_t failed_ = 0;
  std::map<std::string, std::size_t> errors_;
  std::size_t completed_ = 0;
  std::map<std::string, std::size_t> outcomes_;
  std::map<std::string, std::vector<double>> metrics_;
  std::vector<double> turns_;
  Money cost_;
};

void write_intervals(JsonWriter& writer, const std::map<std::string, Interval>& intervals) {
  writer.begin_object();
  for (const auto& [name, interval] : intervals) write_interval(writer.key(name), interval);
  writer.end_object();
}

std::string group_json(const BatchGroup& group) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object()
      .member("preset", group.preset)
      .member("characters", group.characters)
      .member("model", group.model)
      .member("variables", group.variables)
      .member("rows", static_cast<std::uint64_t>(group.rows));
  write_interval(writer.key("failed"), group.failed);
  writer.key("errors").begin_object();
  for (const auto& [code, count] : group.errors)
    writer.member(code, static_cast<std::uint64_t>(count));
  writer.end_object();
  write_interval(writer.key("completed"), group.completed);
  write_intervals(writer.key("outcomes"), group.outcomes);
  write_intervals(writer.key("metrics"), group.metrics);
  write_interval(writer.key("turns"), group.turns);
  writer.member("cost", group.cost.to_string()).end_object();
  return out;
}

}  // namespace

std::vector<BatchGroup> group_rows(const std::vector<BatchRow>& rows) {
  std::vector<GroupKey> order;
  std::map<GroupKey, Collector> groups;
  std::set<std::string> outcomes;
  Collector all;
  for (const BatchRow& row : rows) {
    const GroupKey key = key_of(row);
    if (!groups.contains(key)) order.push_back(key);
    groups[key].add(row);
    all.add(row);
    if (row.error.empty()) outcomes.insert(row.outcome);
  }
  std::vector<BatchGroup> found{all.group({}, outcomes)};
  for (const GroupKey& key : order) found.push_back(groups[key].group(key, outcomes));
  return found;
}

std::string groups_to_json(const std::vector<BatchGroup>& groups) {
  std::string out = "{\"groups\":[";
  for (std::size_t i = 0; i < groups.size(); ++i)
    out += (i == 0 ? "\n" : ",\n") + group_json(groups[i]);
  return out + "\n]}\n";
}

}  // namespace scena

#include "engine/batch/row.hpp"

#include <algorithm>
#include <limits>
#include <scena/batch_row.hpp>
#include <set>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "domain/end_condition.hpp"
#include "engine/batch/csv_line.hpp"

namespace scena {
namespace engine {
namespace {

class Means {
 public:
  void add(double value) {
    sum_ += value;
    ++count_;
  }
  double mean() const { return round_score(sum_ / static_cast<double>(count_)); }

 private:
  double sum_ = 0;
  std::size_t count_ = 0;
};

std::map<std::string, double> means_of(const std::map<std::string, Means>& sums) {
  std::map<std::string, double> means;
  for (const auto& [name, sum] : sums) means[name] = sum.mean();
  return means;
}

}  // namespace

void add_messages(BatchRow& row, const std::vector<Message>& messages, std::size_t from) {
  std::map<std::string, Means> all;
  std::map<std::string, std::map<std::string, Means>> by_speaker;
  std::set<std::string> models;
  for (std::size_t i = from; i < messages.size(); ++i) {
    const Message& message = messages[i];
    for (const MetricScore& score : message.metrics) {
      all[score.metric].add(score.value);
      by_speaker[message.speaker][score.metric].add(score.value);
    }
    const std::string& model = message.model.empty() ? message.provider : message.model;
    if (!message.from_human && !model.empty()) models.insert(model);
  }
  row.metrics = means_of(all);
  for (const auto& [speaker, sums] : by_speaker) row.speakers[speaker] = means_of(sums);
  row.messages = static_cast<std::uint32_t>(messages.size() - std::min(from, messages.size()));
  if (!row.model.empty()) return;
  for (const std::string& model : models) row.model += (row.model.empty() ? "" : "+") + model;
}

std::chrono::milliseconds talk_time(WallTime began, const std::vector<Message>& messages) {
  // A fork shares messages that are older than it is.
  if (messages.empty() || messages.back().time < began) return {};
  return std::chrono::duration_cast<std::chrono::milliseconds>(messages.back().time - began);
}

Result<BatchRow> row_from_json(std::string_view line) {
  auto json = parse_json(line);
  if (!json) return json.error();
  try {
    BatchRow row;
    row.key = json->at("key").get<std::string>();
    row.digest = json->at("digest").get<std::string>();
    row.preset = json->at("preset").get<std::string>();
    row.characters = json->at("characters").get<std::string>();
    row.model = json->at("model").get<std::string>();
    row.variables = json->at("variables").get<std::string>();
    row.seed = json->at("seed").get<std::uint64_t>();
    row.session = json->at("session").get<std::string>();
    row.outcome = json->at("outcome").get<std::string>();
    row.end = json->at("end").get<std::string>();
    row.completed = json->at("completed").get<bool>();
    row.error = json->at("error").get<std::string>();
    row.error_message = json->at("error_message").get<std::string>();
    row.turns = json->at("turns").get<std::uint32_t>();
    row.messages = json->at("messages").get<std::uint32_t>();
    row.input_tokens = json->at("input_tokens").get<std::int64_t>();
    row.output_tokens = json->at("output_tokens").get<std::int64_t>();
    const auto cost = Money::parse(json->at("cost").get_ref<const std::string&>());
    if (!cost) return Error::fixed(ErrorCode::invalid_argument, "\"cost\" is no amount of money");
    row.cost = *cost;
    row.duration = std::chrono::milliseconds(json->at("duration_ms").get<std::int64_t>());
    row.metrics = json->at("metrics").get<std::map<std::string, double>>();
    row.speakers = json->at("speakers").get<std::map<std::string, std::map<std::string, double>>>();
    return row;
  } catch (const std::exception&) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "is no row: a member is missing or has another type");
  }
}

}  // namespace engine

namespace {

using engine::CsvLine;

void write_scores(JsonWriter& writer, const std::map<std::string, double>& scores) {
  writer.begin_object();
  for (const auto& [metric, value] : scores) writer.key(metric).score(value);
  writer.end_object();
}

struct Columns {
  explicit Columns(const std::vector<BatchRow>& rows) {
    for (const BatchRow& row : rows) {
      for (const auto& [metric, value] : row.metrics) metrics.insert(metric);
      for (const auto& [speaker, scores] : row.speakers) {
        for (const auto& [metric, value] : scores) of_speakers.insert({speaker, metric});
      }
    }
  }

  std::set<std::string> metrics;
  std::set<std::pair<std::string, std::string>> of_speakers;
};

const double* find_score(const std::map<std::string, double>& scores, const std::string& metric) {
  const auto found = scores.find(metric);
  return found == scores.end() ? nullptr : &found->second;
}

void add_header(std::string& out, const Columns& columns) {
  CsvLine line(out);
  for (const char* name :
       {"key", "digest", "preset", "characters", "model", "variables", "seed", "session", "outcome",
        "end", "completed", "error", "error_message", "turns", "messages", "input_tokens",
        "output_tokens", "cost", "duration_ms"})
    line.text(name);
  for (const std::string& metric : columns.metrics) line.text("metric." + metric);
  for (const auto& [speaker, metric] : columns.of_speakers) line.text(speaker + "." + metric);
  line.end();
}

void add_row(std::string& out, const BatchRow& row, const Columns& columns) {
  CsvLine line(out);
  line.text(row.key).text(row.digest).text(row.preset).text(row.characters).text(row.model);
  line.text(row.variables).number(row.seed).text(row.session).text(row.outcome).text(row.end);
  line.plain(row.completed ? "true" : "false").text(row.error).text(row.error_message);
  line.number(row.turns).number(row.messages).number(row.input_tokens).number(row.output_tokens);
  line.plain(row.cost.to_string()).number(row.duration.count());
  for (const std::string& metric : columns.metrics) line.score(find_score(row.metrics, metric));
  for (const auto& [speaker, metric] : columns.of_speakers) {
    const auto found = row.speakers.find(speaker);
    line.score(found == row.speakers.end() ? nullptr : find_score(found->second, metric));
  }
  line.end();
}

}  // namespace

std::string BatchRow::to_json() const {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object()
      .member("key", key)
      .member("digest", digest)
      .member("preset", preset)
      .member("characters", characters)
      .member("model", model)
      .member("variables", variables)
      .member("seed", seed)
      .member("session", session)
      .member("outcome", outcome)
      .member("end", end)
      .member("completed", completed)
      .member("error", error)
      .member("error_message", error_message)
      .member("turns", static_cast<std::uint64_t>(turns))
      .member("messages", static_cast<std::uint64_t>(messages))
      .member("input_tokens", input_tokens)
      .member("output_tokens", output_tokens)
      .member("cost", cost.to_string())
      .member("duration_ms", static_cast<std::int64_t>(duration.count()))
      .key("metrics");
  write_scores(writer, metrics);
  writer.key("speakers").begin_object();
  for (const auto& [speaker, scores] : speakers) {
    writer.key(speaker);
    write_scores(writer, scores);
  }
  writer.end_object().end_object();
  return out;
}

BatchRow session_row(const SessionInfo& info, const std::vector<Message>& messages) {
  BatchRow row;
  row.key = row.session = info.id;
  row.preset = info.preset;
  row.end = row.outcome = info.end_reason.empty() ? to_string(info.state) : info.end_reason;
  row.completed = info.state == SessionState::completed && is_scene_end(info.end_reason);
  if (info.state == SessionState::error) row.error = "session_error";
  row.turns = info.turns;
  row.input_tokens = info.usage.input_tokens;
  row.output_tokens = info.usage.output_tokens;
  row.cost = info.cost;
  row.duration = engine::talk_time(info.created, messages);
  engine::add_messages(row, messages, 0);
  return row;
}

std::string rows_to_jsonl(const std::vector<BatchRow>& rows) {
  std::string out;
  for (const BatchRow& row : rows) out += row.to_json() + '\n';
  return out;
}

Result<std::vector<BatchRow>> rows_from_jsonl(std::string_view text) {
  std::vector<BatchRow> rows;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) {
      auto row = engine::row_from_json(text.substr(0, end));
      if (!row)
        return Error(ErrorCode::invalid_argument,
                     "line " + std::to_string(number) + ": " + row.error().what());
      rows.push_back(std::move(*row));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return rows;
}

std::string rows_to_csv(const std::vector<BatchRow>& rows) {
  const Columns columns(rows);
  std::string out;
  add_header(out, columns);
  for (const BatchRow& row : rows) add_row(out, row, columns);
  return out;
}

}  // namespace scena

#include "storage/backends/sqlite/rows.hpp"

#include "base/json.hpp"
#include "base/json_writer.hpp"

namespace scena::sqlite {
namespace {

Error bad_column() {
  return Error::fixed(ErrorCode::storage_corrupt,
                      "sqlite: a column holds what was never written; run the store's check");
}

}  // namespace

std::string audience_text(const Audience& audience) {
  if (audience.kind == Audience::Kind::hosts) return "hosts";
  std::string text;
  JsonWriter writer(text);
  writer.begin_array();
  for (const auto& name : audience.names) writer.value(name);
  writer.end_array();
  return text;
}

Result<Audience> parse_audience(const std::string& text) {
  if (text == "hosts") return Audience{Audience::Kind::hosts, {}};
  const auto json = parse_json(text);
  if (!json || !json->is_array()) return bad_column();
  Audience audience{Audience::Kind::named, {}};
  for (const auto& name : *json) {
    if (!name.is_string()) return bad_column();
    audience.names.push_back(name.get<std::string>());
  }
  return audience;
}

std::string fields_text(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_array();
  for (const auto& [field, value] : fields)
    writer.begin_array().value(field).value(value).end_array();
  writer.end_array();
  return text;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_fields(const std::string& text) {
  const auto json = parse_json(text);
  if (!json || !json->is_array()) return bad_column();
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& pair : *json) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string())
      return bad_column();
    fields.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
  }
  return fields;
}

Result<Record> read_record(Query& row) {
  Record record{{row.text(0), row.text(1), row.text(2)}, row.count(3), row.text(4), {}};
  if (!row.is_null(5)) {
    auto fields = parse_fields(row.text(5));
    if (!fields) return fields.error();
    record.index = std::move(*fields);
  }
  return record;
}

Result<Event> read_event(Query& row, std::string_view stream) {
  Event event;
  event.stream = stream;
  event.seq = row.count(0);
  event.type = row.text(1);
  event.time = to_time(row.number(2));
  event.actor = row.text(3);
  if (!row.is_null(4)) {
    auto audience = parse_audience(row.text(4));
    if (!audience) return audience.error();
    event.audience = std::move(*audience);
  }
  event.cause = row.text(5);
  event.data = row.text(6);
  return event;
}

Result<Job::State> parse_state(const std::string& text) {
  const auto state = parse_job_state(text);
  if (!state) return bad_column();
  return *state;
}

Result<Job> read_job(Query& row) {
  const auto state = parse_state(row.text(3));
  if (!state) return state.error();
  Job job;
  job.tenant = row.text(0);
  job.kind = row.text(1);
  job.id = row.text(2);
  job.state = *state;
  job.payload = row.text(4);
  job.result = row.text(5);
  job.priority = static_cast<int>(row.number(6));
  job.attempts = static_cast<int>(row.number(7));
  job.max_attempts = static_cast<int>(row.number(8));
  job.run_after = to_time(row.number(9));
  job.key = row.text(10);
  job.stream = row.text(11);
  job.number = row.count(12);
  job.claim = row.count(13);
  job.owner = row.text(14);
  job.claimed_until = to_time(row.number(15));
  job.changed = to_time(row.number(16));
  return job;
}

}  // namespace scena::sqlite

#include "storage/backends/sqlite/schema.hpp"

#include <fmt/format.h>

namespace scena::sqlite {
namespace {

// `event` has its rows in the order of arrival and an index beside them: with many streams growing
// at once that writes 3 times the rows a second of a table clustered by (stream, seq).
constexpr const char* kVersion1 = R"sql(
CREATE TABLE stream(
  id INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  UNIQUE(tenant, name));
CREATE TABLE event(
  id INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  type TEXT NOT NULL,
  time INTEGER NOT NULL,
  actor TEXT NOT NULL,
  audience TEXT,
  cause TEXT NOT NULL,
  data TEXT NOT NULL);
CREATE UNIQUE INDEX event_by_seq ON event(stream, seq);
CREATE TABLE record(
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  json TEXT NOT NULL,
  fields TEXT,
  UNIQUE(tenant, kind, id));
CREATE TABLE record_index(
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY(tenant, kind, field, value, id)) WITHOUT ROWID;
CREATE INDEX record_index_by_id ON record_index(tenant, kind, id);
CREATE TABLE blob(
  tenant TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  media_type TEXT NOT NULL,
  bytes BLOB NOT NULL,
  UNIQUE(tenant, sha256));
CREATE TABLE job(
  number INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  payload TEXT NOT NULL,
  result TEXT NOT NULL,
  priority INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  run_after INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  UNIQUE(tenant, id));
CREATE INDEX job_waiting ON job(kind, priority DESC, number) WHERE state = 'waiting';
CREATE INDEX job_running ON job(number) WHERE state = 'running';
CREATE TABLE lease(
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  expires INTEGER NOT NULL) WITHOUT ROWID;
)sql";

// Jobs in the order of a key, claims that another worker may outlive, and what is left of a stream.
constexpr const char* kVersion2 = R"sql(
ALTER TABLE job ADD COLUMN order_key TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN stream TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN claim INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN claimed_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
DROP INDEX job_running;
CREATE INDEX job_open ON job(tenant, kind, order_key, number) WHERE state IN ('waiting', 'running');
CREATE INDEX job_running ON job(tenant, kind, order_key, number) WHERE state = 'running';
CREATE INDEX job_due ON job(kind, run_after) WHERE state = 'waiting';
CREATE INDEX job_by_state ON job(tenant, state, number);
CREATE INDEX job_ended ON job(changed) WHERE state NOT IN ('waiting', 'running');
CREATE INDEX job_of_stream ON job(tenant, stream) WHERE stream <> '';
)sql";

// Sessions are listed by the time of their creation: microseconds of 20 digits.
constexpr const char* kVersion3 = R"sql(
INSERT OR IGNORE INTO record_index(tenant, kind, field, value, id)
  SELECT tenant, kind, 'created',
         substr('00000000000000000000' || json_extract(json, '$.created'), -20), id
  FROM record WHERE kind = 'session';
UPDATE record SET fields = json_insert(COALESCE(fields, '[]'), '$[#]',
    json_array('created', substr('00000000000000000000' || json_extract(json, '$.created'), -20)))
  WHERE kind = 'session';
)sql";

// Sessions are found by the preset whose text they need: its hash stands in the first event of the
// stream that a session, or the last of a fork's parents, began with. Texts that no such event
// names are left from erasures; where one of a tenant cannot be read, NULL keeps all of that
// tenant.
constexpr const char* kVersion4 = R"sql(
WITH RECURSIVE origin(tenant, id, name) AS (
  SELECT tenant, id, 'session:' || id FROM record WHERE kind = 'session'
  UNION
  SELECT origin.tenant, origin.id,
         CASE WHEN json_valid(event.data) THEN 'session:' || json_extract(event.data, '$.parent') END
  FROM origin
  JOIN stream ON stream.tenant = origin.tenant AND stream.name = origin.name
  JOIN event ON event.stream = stream.id AND event.seq = 1
  WHERE event.type = 'session.forked')
INSERT OR IGNORE INTO record_index(tenant, kind, field, value, id)
  SELECT origin.tenant, 'session', 'preset_sha256',
         CASE WHEN json_valid(event.data) THEN json_extract(event.data, '$.preset.sha256') END,
         origin.id
  FROM origin
  JOIN stream ON stream.tenant = origin.tenant AND stream.name = origin.name
  JOIN event ON event.stream = stream.id AND event.seq = 1
  WHERE event.type = 'session.created';
UPDATE record SET fields = json_insert(COALESCE(fields, '[]'), '$[#]',
    json_array('preset_sha256',
               (SELECT made.value FROM record_index AS made
                WHERE made.tenant = record.tenant AND made.kind = 'session'
                  AND made.id = record.id AND made.field = 'preset_sha256')))
  WHERE kind = 'session' AND EXISTS
    (SELECT 1 FROM record_index AS made
     WHERE made.tenant = record.tenant AND made.kind = 'session'
       AND made.id = record.id AND made.field = 'preset_sha256');
DELETE FROM blob WHERE media_type = 'application/json' AND (tenant, sha256) NOT IN
  (SELECT stream.tenant,
          CASE WHEN json_valid(event.data) THEN json_extract(event.data, '$.preset.sha256') END
   FROM stream JOIN event ON event.stream = stream.id AND event.seq = 1
   WHERE event.type = 'session.created');
)sql";

constexpr Migration kMigrations[] = {
    {1, kVersion1}, {2, kVersion2}, {3, kVersion3}, {4, kVersion4}};

bool has_views(Connection& connection) {
  for (const auto& view : views()) {
    const std::string name = view.name;
    const std::string sql = view.create;
    Query found(connection,
                "SELECT 1 FROM sqlite_schema WHERE type = 'view' AND name = ? AND sql = ?");
    if (!found.bind(name).bind(sql).next()) return false;
  }
  return true;
}

void make_views(Connection& connection) {
  for (const auto& view : views()) {
    connection.execute(view.drop);
    connection.execute(view.create);
  }
}

}  // namespace

std::span<const Migration> migrations() {
  return kMigrations;
}

int schema_version() {
  return migrations().back().version;
}

void migrate(Connection& connection, std::span<const Migration> steps) {
  const auto current = connection.pragma_number("user_version");
  const bool older = current < steps.back().version;
  if (!older && has_views(connection)) return;
  connection.execute("BEGIN IMMEDIATE");
  try {
    for (const auto& step : steps) {
      if (step.version > current) connection.execute(step.sql);
    }
    make_views(connection);
    if (older) {
      connection.execute(fmt::format("PRAGMA application_id = {}", kApplicationId).c_str());
      connection.execute(fmt::format("PRAGMA user_version = {}", steps.back().version).c_str());
    }
    connection.execute("COMMIT");
  } catch (...) {
    connection.roll_back();
    throw;
  }
}

}  // namespace scena::sqlite

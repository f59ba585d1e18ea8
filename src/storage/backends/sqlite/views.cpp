#include "storage/backends/sqlite/schema.hpp"

namespace scena::sqlite {
namespace {

// The engine keeps this record beside the events, in the same commit: it also knows what a fork
// shares with its parent, which stands in no event of the fork's.
constexpr const char* kSessions = R"sql(
CREATE VIEW v_sessions AS
SELECT r.tenant AS tenant,
       r.id AS session,
       json_extract(r.json, '$.preset') AS preset,
       json_extract(r.json, '$.title') AS title,
       json_extract(r.json, '$.labels') AS labels,
       json_extract(r.json, '$.state') AS state,
       json_extract(r.json, '$.messages') AS messages,
       json_extract(r.json, '$.last_seq') AS last_seq,
       strftime('%Y-%m-%dT%H:%M:%fZ', json_extract(r.json, '$.created') / 1e6, 'unixepoch') AS created,
       strftime('%Y-%m-%dT%H:%M:%fZ', json_extract(r.json, '$.updated') / 1e6, 'unixepoch') AS updated,
       nullif(json_extract(r.json, '$.owner'), '') AS owner,
       json_extract(r.json, '$.parent') AS parent,
       json_extract(r.json, '$.parent_seq') AS parent_seq
  FROM record r
 WHERE r.kind = 'session')sql";

// The log leaves out what is at its default. Money stays the text of the event: SQLite would sum
// it in binary floats.
constexpr const char* kMessages = R"sql(
CREATE VIEW v_messages AS
SELECT s.tenant AS tenant,
       substr(s.name, 9) AS session,
       e.seq AS seq,
       strftime('%Y-%m-%dT%H:%M:%fZ', e.time / 1e6, 'unixepoch') AS time,
       json_extract(e.data, '$.message.id') AS message,
       json_extract(e.data, '$.message.turn') AS turn,
       json_extract(e.data, '$.message.speaker') AS speaker,
       coalesce(json_extract(e.data, '$.message.from_human'), 0) AS from_human,
       coalesce(json_extract(e.data, '$.message.text'),
                (SELECT group_concat(json_extract(p.value, '$.text'), '')
                   FROM json_each(e.data, '$.message.parts') p
                  WHERE json_extract(p.value, '$.kind') = 'text'), '') AS text,
       json_extract(e.data, '$.message.replaces') AS replaces,
       coalesce(json_extract(e.data, '$.message.outcome'), 'complete') AS outcome,
       coalesce(json_extract(e.data, '$.message.finish_reason'), 'stop') AS finish_reason,
       json_extract(e.data, '$.message.provider') AS provider,
       json_extract(e.data, '$.message.model') AS model,
       coalesce(json_extract(e.data, '$.message.usage.input_tokens'), 0) AS input_tokens,
       coalesce(json_extract(e.data, '$.message.usage.output_tokens'), 0) AS output_tokens,
       coalesce(CAST(json_extract(e.data, '$.message.cost') AS TEXT), '0') AS cost,
       -- The last event that names the message decides: superseded, or restored by an undo.
       coalesce((SELECT l.value = 'ids' FROM (
           SELECT x.seq AS seq, 'ids' AS value FROM event x, json_each(x.data, '$.ids') j
            WHERE x.stream = e.stream AND x.type = 'message.superseded' AND x.seq > e.seq
              AND j.value = json_extract(e.data, '$.message.id')
           UNION ALL
           SELECT x.seq, 'restored' FROM event x, json_each(x.data, '$.restored') j
            WHERE x.stream = e.stream AND x.type = 'message.superseded' AND x.seq > e.seq
              AND j.value = json_extract(e.data, '$.message.id')) l
         ORDER BY l.seq DESC LIMIT 1), 0) AS superseded
  FROM event e JOIN stream s ON s.id = e.stream
 WHERE e.type = 'message.stored' AND s.name LIKE 'session:%')sql";

constexpr const char* kMetrics = R"sql(
CREATE VIEW v_metrics AS
SELECT s.tenant AS tenant,
       substr(s.name, 9) AS session,
       e.seq AS seq,
       strftime('%Y-%m-%dT%H:%M:%fZ', e.time / 1e6, 'unixepoch') AS time,
       json_extract(e.data, '$.message') AS message,
       json_extract(j.value, '$.metric') AS metric,
       json_extract(j.value, '$.value') AS value,
       json_extract(j.value, '$.confidence') AS confidence,
       json_extract(j.value, '$.label') AS label,
       json_extract(j.value, '$.evidence') AS evidence
  FROM event e JOIN stream s ON s.id = e.stream, json_each(e.data, '$.scores') j
 WHERE e.type = 'metrics.stored' AND s.name LIKE 'session:%')sql";

constexpr const char* kCosts = R"sql(
CREATE VIEW v_costs AS
SELECT s.tenant AS tenant,
       substr(s.name, 9) AS session,
       e.seq AS seq,
       strftime('%Y-%m-%dT%H:%M:%fZ', e.time / 1e6, 'unixepoch') AS time,
       json_extract(e.data, '$.turn') AS turn,
       coalesce(json_extract(e.data, '$.provider'),
         (SELECT json_extract(m.data, '$.message.provider') FROM event m
           WHERE m.stream = e.stream AND m.type = 'message.stored'
             AND json_extract(m.data, '$.message.turn') = json_extract(e.data, '$.turn')
             AND json_extract(m.data, '$.message.provider') IS NOT NULL
           ORDER BY m.seq DESC LIMIT 1)) AS provider,
       coalesce(json_extract(e.data, '$.model'),
         (SELECT json_extract(m.data, '$.message.model') FROM event m
           WHERE m.stream = e.stream AND m.type = 'message.stored'
             AND json_extract(m.data, '$.message.turn') = json_extract(e.data, '$.turn')
             AND json_extract(m.data, '$.message.model') IS NOT NULL
           ORDER BY m.seq DESC LIMIT 1)) AS model,
       coalesce(json_extract(e.data, '$.usage.input_tokens'), 0) AS input_tokens,
       coalesce(json_extract(e.data, '$.usage.output_tokens'), 0) AS output_tokens,
       CAST(json_extract(e.data, '$.cost') AS TEXT) AS cost,
       json_extract(e.data, '$.estimated') AS estimated,
       coalesce(json_extract(e.data, '$.purpose'), 'turn') AS purpose,
       json_extract(e.data, '$.aside') AS aside
  FROM event e JOIN stream s ON s.id = e.stream
 WHERE e.type = 'budget.settled' AND s.name LIKE 'session:%')sql";

// Each text without the line break before it, as SQLite gives it back.
constexpr View kViews[] = {
    View{"v_sessions", "DROP VIEW IF EXISTS v_sessions", kSessions + 1},
    View{"v_messages", "DROP VIEW IF EXISTS v_messages", kMessages + 1},
    View{"v_metrics", "DROP VIEW IF EXISTS v_metrics", kMetrics + 1},
    View{"v_costs", "DROP VIEW IF EXISTS v_costs", kCosts + 1},
};

}  // namespace

std::span<const View> views() {
  return kViews;
}

}  // namespace scena::sqlite

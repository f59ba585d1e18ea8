#include "storage/backends/sqlite/schema.hpp"

namespace scena::sqlite {
namespace {

// Money stays the text of the event: SQLite would sum it in binary floats.
constexpr const char* kViews = R"sql(
DROP VIEW IF EXISTS v_sessions;
DROP VIEW IF EXISTS v_messages;
DROP VIEW IF EXISTS v_metrics;
DROP VIEW IF EXISTS v_costs;

CREATE VIEW v_sessions AS
SELECT s.tenant AS tenant,
       substr(s.name, 9) AS session,
       (SELECT json_extract(e.data, '$.preset.id') FROM event e
         WHERE e.stream = s.id AND e.type = 'session.created' ORDER BY e.seq LIMIT 1) AS preset,
       (SELECT json_extract(e.data, '$.preset.title') FROM event e
         WHERE e.stream = s.id AND e.type = 'session.created' ORDER BY e.seq LIMIT 1) AS title,
       (SELECT json_extract(e.data, '$.labels') FROM event e
         WHERE e.stream = s.id AND e.type = 'session.created' ORDER BY e.seq LIMIT 1) AS labels,
       (SELECT CASE e.type WHEN 'session.created' THEN 'pending'
                           WHEN 'session.started' THEN 'active'
                           WHEN 'session.resumed' THEN 'active'
                           WHEN 'session.failed' THEN 'error'
                           ELSE substr(e.type, 9) END
          FROM event e
         WHERE e.stream = s.id AND e.type IN ('session.created', 'session.started', 'session.paused',
               'session.resumed', 'session.completed', 'session.failed', 'session.deleted')
         ORDER BY e.seq DESC LIMIT 1) AS state,
       (SELECT count(*) FROM event e WHERE e.stream = s.id AND e.type = 'message.stored') AS messages,
       (SELECT max(e.seq) FROM event e WHERE e.stream = s.id) AS last_seq,
       (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', e.time / 1e6, 'unixepoch') FROM event e
         WHERE e.stream = s.id ORDER BY e.seq LIMIT 1) AS created,
       (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', e.time / 1e6, 'unixepoch') FROM event e
         WHERE e.stream = s.id ORDER BY e.seq DESC LIMIT 1) AS updated
  FROM stream s
 WHERE s.name LIKE 'session:%';

CREATE VIEW v_messages AS
SELECT s.tenant AS tenant,
       substr(s.name, 9) AS session,
       e.seq AS seq,
       strftime('%Y-%m-%dT%H:%M:%fZ', e.time / 1e6, 'unixepoch') AS time,
       json_extract(e.data, '$.message.id') AS message,
       json_extract(e.data, '$.message.turn') AS turn,
       json_extract(e.data, '$.message.speaker') AS speaker,
       json_extract(e.data, '$.message.from_human') AS from_human,
       json_extract(e.data, '$.message.text') AS text,
       json_extract(e.data, '$.message.replaces') AS replaces,
       json_extract(e.data, '$.message.outcome') AS outcome,
       json_extract(e.data, '$.message.finish_reason') AS finish_reason,
       json_extract(e.data, '$.message.provider') AS provider,
       json_extract(e.data, '$.message.model') AS model,
       json_extract(e.data, '$.message.usage.input_tokens') AS input_tokens,
       json_extract(e.data, '$.message.usage.output_tokens') AS output_tokens,
       CAST(json_extract(e.data, '$.message.cost') AS TEXT) AS cost,
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
 WHERE e.type = 'message.stored' AND s.name LIKE 'session:%';

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
 WHERE e.type = 'metrics.stored' AND s.name LIKE 'session:%';

CREATE VIEW v_costs AS
SELECT s.tenant AS tenant,
       substr(s.name, 9) AS session,
       e.seq AS seq,
       strftime('%Y-%m-%dT%H:%M:%fZ', e.time / 1e6, 'unixepoch') AS time,
       json_extract(e.data, '$.turn') AS turn,
       (SELECT json_extract(m.data, '$.message.provider') FROM event m
         WHERE m.stream = e.stream AND m.type = 'message.stored'
           AND json_extract(m.data, '$.message.turn') = json_extract(e.data, '$.turn')
           AND json_extract(m.data, '$.message.provider') IS NOT NULL
         ORDER BY m.seq DESC LIMIT 1) AS provider,
       (SELECT json_extract(m.data, '$.message.model') FROM event m
         WHERE m.stream = e.stream AND m.type = 'message.stored'
           AND json_extract(m.data, '$.message.turn') = json_extract(e.data, '$.turn')
           AND json_extract(m.data, '$.message.model') IS NOT NULL
         ORDER BY m.seq DESC LIMIT 1) AS model,
       json_extract(e.data, '$.usage.input_tokens') AS input_tokens,
       json_extract(e.data, '$.usage.output_tokens') AS output_tokens,
       CAST(json_extract(e.data, '$.cost') AS TEXT) AS cost,
       json_extract(e.data, '$.estimated') AS estimated
  FROM event e JOIN stream s ON s.id = e.stream
 WHERE e.type = 'budget.settled' AND s.name LIKE 'session:%';
)sql";

}  // namespace

const char* views_sql() {
  return kViews;
}

}  // namespace scena::sqlite

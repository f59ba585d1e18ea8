-- A store of schema 1, as the first version wrote it. Every later version opens it and shows the same.
PRAGMA application_id = 0x5343454E;
PRAGMA user_version = 1;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE stream(
  id INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  UNIQUE(tenant, name));
INSERT INTO stream VALUES(1,'default','session:first');
INSERT INTO stream VALUES(2,'default','session:019b76da-a800-7a89-9592-75aca3245927');
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
INSERT INTO event VALUES(1,1,1,'session.created',1795806957215263,'host',NULL,'c1','{"preset":{"id":"conformance","version":1,"title":"Conformance","sha256":"b8c65073caa4bc66ae17b805a7becf797343c18d8f4b075371af0fe3758ead3a"},"title":"Conformance","owner":"","seed":"4259633373748488169","provider":"","model":"","variables":{},"labels":{},"participants":[{"id":"host","name":"Host","is_human":false},{"id":"guest","name":"Guest","is_human":true}]}');
INSERT INTO event VALUES(2,1,2,'session.started',1795806957245969,'host',NULL,'c2','{}');
INSERT INTO event VALUES(3,1,3,'message.stored',1795806957245969,'guest',NULL,'c2','{"message":{"id":"m1","turn":"t1","speaker":"guest","from_human":true,"text":"Hello there."}}');
INSERT INTO event VALUES(4,1,4,'metrics.stored',1795806957245969,'engine','hosts','c2','{"message":"m1","scores":[{"metric":"sentiment","value":0,"confidence":0.2,"label":"neutral"},{"metric":"engagement","value":0.0745,"confidence":0.5,"label":"low"}]}');
INSERT INTO event VALUES(5,1,5,'message.stored',1795806957314354,'guest',NULL,'c3','{"message":{"id":"m2","turn":"t1","speaker":"guest","from_human":true,"text":"I never said that. It was wonderful!"}}');
INSERT INTO event VALUES(6,1,6,'metrics.stored',1795806957314354,'engine','hosts','c3','{"message":"m2","scores":[{"metric":"sentiment","value":0.688,"confidence":0.59,"label":"positive","evidence":[{"message":"m2","begin":26,"end":35,"reason":"positive"}]},{"metric":"contradiction","value":0,"confidence":0.4,"label":"none"},{"metric":"engagement","value":0.3251,"confidence":0.5,"label":"low"}]}');
INSERT INTO event VALUES(7,1,7,'message.stored',1795806957380400,'guest',NULL,'c4','{"message":{"id":"m3","turn":"t1","speaker":"guest","from_human":true,"text":"Grüße, 100 % sure?"}}');
INSERT INTO event VALUES(8,1,8,'metrics.stored',1795806957380400,'engine','hosts','c4','{"message":"m3","scores":[{"metric":"sentiment","value":0.1828,"confidence":0.59,"label":"positive","evidence":[{"message":"m3","begin":15,"end":19,"reason":"positive"}]},{"metric":"contradiction","value":0,"confidence":0.4,"label":"none"},{"metric":"engagement","value":0.474,"confidence":0.5,"label":"medium","evidence":[{"message":"m3","begin":0,"end":19,"reason":"asks"}]}]}');
INSERT INTO event VALUES(9,2,1,'session.created',1767225600000000,'host',NULL,'c1','{"preset":{"id":"conformance","version":1,"title":"Conformance","sha256":"b8c65073caa4bc66ae17b805a7becf797343c18d8f4b075371af0fe3758ead3a"},"title":"Conformance","owner":"","seed":"5277017919942420167","provider":"","model":"","variables":{},"labels":{},"participants":[{"id":"host","name":"Host","is_human":false},{"id":"guest","name":"Guest","is_human":true}]}');
INSERT INTO event VALUES(10,2,2,'session.started',1767225600000000,'host',NULL,'c2','{}');
INSERT INTO event VALUES(11,2,3,'message.stored',1767225600000000,'guest',NULL,'c2','{"message":{"id":"m1","turn":"t1","speaker":"guest","from_human":true,"text":"Hello."}}');
INSERT INTO event VALUES(12,2,4,'metrics.stored',1767225600000000,'engine','hosts','c2','{"message":"m1","scores":[{"metric":"sentiment","value":0,"confidence":0.2,"label":"neutral"},{"metric":"engagement","value":0.0395,"confidence":0.5,"label":"low"}]}');
INSERT INTO event VALUES(13,2,5,'turn.started',1767225600000000,'host',NULL,'c2','{"turn":"t1","kind":"reply","speaker":"host","message":"m1","trace":"019b76da-a800-7a89-9592-75aca3245927/1","provider":"model","model":"","model_source":"provider","seed":1602873031,"reserved":"0.015942","prompt_tokens":194,"request_sha256":"014302b53a464a711b79eedd02d36a08dbf5d6b9664154e792e704c4f3366d9d","parts":[["frame",60],["scene",14],["character",30],["others",21],["rules",63],["m1",6]]}');
INSERT INTO event VALUES(14,2,6,'budget.reserved',1767225600000000,'engine','hosts','c2','{"turn":"t1","amount":"0.015942"}');
INSERT INTO event VALUES(15,2,7,'message.stored',1767225600782000,'host',NULL,'c2','{"message":{"id":"m2","turn":"t1","speaker":"host","text":"One two three four five six.","provider":"script","model":"script","usage":{"input_tokens":171,"output_tokens":7},"cost":"0.000618"}}');
INSERT INTO event VALUES(16,2,8,'metrics.stored',1767225600782000,'engine','hosts','c2','{"message":"m2","scores":[{"metric":"sentiment","value":0,"confidence":0.35,"label":"neutral"},{"metric":"evasiveness","value":0.12,"confidence":0.25,"label":"clear"},{"metric":"engagement","value":0.2775,"confidence":0.8,"label":"low"}]}');
INSERT INTO event VALUES(17,2,9,'budget.settled',1767225600782000,'engine','hosts','c2','{"purpose":"turn","turn":"t1","usage":{"input_tokens":171,"output_tokens":7},"cost":"0.000618","estimated":false}');
INSERT INTO event VALUES(18,2,10,'turn.finished',1767225600782000,'host',NULL,'c2','{"turn":"t1","outcome":"complete","finish_reason":"stop","message":"m2"}');
INSERT INTO event VALUES(19,2,11,'message.stored',1767225600782000,'guest',NULL,'c3','{"message":{"id":"m3","turn":"t2","speaker":"guest","from_human":true,"text":"And now?"}}');
INSERT INTO event VALUES(20,2,12,'metrics.stored',1767225600782000,'engine','hosts','c3','{"message":"m3","scores":[{"metric":"sentiment","value":0,"confidence":0.2,"label":"neutral"},{"metric":"evasiveness","value":0.35,"confidence":0.25,"label":"ambivalent","evidence":[{"message":"m3","begin":0,"end":7,"reason":"counter_question"}]},{"metric":"contradiction","value":0,"confidence":0.4,"label":"none"},{"metric":"engagement","value":0.4155,"confidence":0.7,"label":"medium","evidence":[{"message":"m3","begin":0,"end":7,"reason":"asks"}]}]}');
INSERT INTO event VALUES(21,2,13,'turn.started',1767225600782000,'host',NULL,'c3','{"turn":"t2","kind":"reply","speaker":"host","message":"m3","trace":"019b76da-a800-7a89-9592-75aca3245927/2","provider":"model","model":"","model_source":"provider","seed":1602873031,"reserved":"0.015996","prompt_tokens":212,"request_sha256":"3ea1ef03943d6ffef1338413ef5d73104edb4ff401fb8851674677a594ffe7eb","parts":[["frame",60],["scene",14],["character",30],["others",21],["rules",63],["m1",6],["m2",11],["m3",7]]}');
INSERT INTO event VALUES(22,2,14,'budget.reserved',1767225600782000,'engine','hosts','c3','{"turn":"t2","amount":"0.015996"}');
INSERT INTO event VALUES(23,2,15,'message.stored',1767225600782000,'host',NULL,'c3','{"message":{"id":"m4","turn":"t2","speaker":"host","text":"","outcome":"cancelled","finish_reason":"other","provider":"script","usage":{"input_tokens":180},"cost":"0.00054"}}');
INSERT INTO event VALUES(24,2,16,'budget.settled',1767225600782000,'engine','hosts','c3','{"purpose":"turn","turn":"t2","usage":{"input_tokens":180},"cost":"0.00054","estimated":false}');
INSERT INTO event VALUES(25,2,17,'turn.finished',1767225600782000,'host',NULL,'c3','{"turn":"t2","outcome":"cancelled","finish_reason":"other","message":"m4"}');
INSERT INTO event VALUES(26,2,18,'session.completed',1767225600782000,'host',NULL,'c4','{"reason":"host"}');
CREATE TABLE record(
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  json TEXT NOT NULL,
  fields TEXT,
  UNIQUE(tenant, kind, id));
INSERT INTO record VALUES('default','session','first',4,'{"id":"first","title":"Conformance","preset":"conformance","state":"active","owner":"","last_seq":8,"created":1795806957215263,"updated":1795806957380400,"turns":0,"messages":3,"usage":{},"cost":"0","end_reason":"","participants":[{"id":"host","name":"Host","is_human":false,"present":true},{"id":"guest","name":"Guest","is_human":true,"present":true}],"variables":{},"labels":{}}','[["state","active"]]');
INSERT INTO record VALUES('default','session','019b76da-a800-7a89-9592-75aca3245927',6,'{"id":"019b76da-a800-7a89-9592-75aca3245927","title":"Conformance","preset":"conformance","state":"completed","owner":"","last_seq":18,"created":1767225600000000,"updated":1767225600782000,"turns":2,"messages":4,"usage":{"input_tokens":351,"output_tokens":7},"cost":"0.001158","end_reason":"host","participants":[{"id":"host","name":"Host","is_human":false,"present":true},{"id":"guest","name":"Guest","is_human":true,"present":true}],"variables":{},"labels":{}}','[["state","completed"]]');
CREATE TABLE record_index(
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY(tenant, kind, field, value, id)) WITHOUT ROWID;
INSERT INTO record_index VALUES('default','session','state','completed','019b76da-a800-7a89-9592-75aca3245927');
INSERT INTO record_index VALUES('default','session','state','active','first');
CREATE TABLE blob(
  tenant TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  media_type TEXT NOT NULL,
  bytes BLOB NOT NULL,
  UNIQUE(tenant, sha256));
INSERT INTO blob VALUES('default','b8c65073caa4bc66ae17b805a7becf797343c18d8f4b075371af0fe3758ead3a','application/json',X'7b226964223a22636f6e666f726d616e6365222c227469746c65223a22436f6e666f726d616e6365222c226465736372697074696f6e223a2254776f2070656f706c6520696e206120726f6f6d2e222c2263617465676f7279223a2274657374222c227363656e65223a224120717569657420726f6f6d2e222c2263686172616374657273223a5b7b226964223a22686f7374222c226e616d65223a22486f7374222c22726f6c65223a226f776e6572206f662074686520726f6f6d222c22706572736f6e61223a22467269656e646c7920616e642062726965662e227d2c7b226964223a226775657374222c226e616d65223a224775657374222c22726f6c65223a2276697369746f72222c22706c617965645f6279223a2268756d616e227d5d7d');
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
CREATE TABLE lease(
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  expires INTEGER NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX event_by_seq ON event(stream, seq);
CREATE INDEX record_index_by_id ON record_index(tenant, kind, id);
CREATE INDEX job_waiting ON job(kind, priority DESC, number) WHERE state = 'waiting';
CREATE INDEX job_running ON job(number) WHERE state = 'running';
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
 WHERE e.type = 'message.stored' AND s.name LIKE 'session:%'
;
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
COMMIT;

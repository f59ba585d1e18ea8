// The tape in Node: what a service in another process sent is recorded, and replayed in its place.
// Runs under tests/support/chat_service.py, which tells the address.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Engine, ScenaError } from '../lib/index.js';

const url = process.env['SCENA_CHAT_URL'];
const preset = { id: 'room', title: 'Room', characters: [{ id: 'host', name: 'Host' }, { id: 'guest', name: 'Guest', played_by: 'human' }] };
const endings = { whole: ['complete', undefined], cut: ['truncated', 'network'], reset: ['truncated', 'network'], busy: ['failed', 'rate_limited'] };
const failing = (code) => (error) => error instanceof ScenaError && error.code === code;

function tapeFor(t) {
  const folder = mkdtempSync(join(tmpdir(), 'scena-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'talk.tape');
}
// Of the metrics one that looks at the text alone: engagement counts how soon a person answers, which is the wall clock's.
const opened = (config) => new Engine({
  seed: 7, metrics: ['sentiment'], live_metrics: false, max_retries: 0, provider: 'p',
  providers: { p: { url: 'openai:m', base_url: url, api_key: 'sk-secret-key' } }, ...config,
});
/** The bytes of events without their times: those of a recording are the wall clock's. */
const untimed = (events) => events.map((json) => json.replace(/"time":\d+,/, ''));

/** One conversation, in which every ending comes once; `wait` waits for a reply. */
async function talk(config, wait = (engine, result) => (config.clock === 'virtual' ? engine.runUntilIdle().then(() => result) : result)) {
  const engine = opened(config);
  const session = engine.createSession(preset, { id: 'talk' });
  const viewer = session.events(); // from the beginning, live pieces too
  const results = [];
  for (const ending of Object.keys(endings)) results.push(await wait(engine, session.send(`Please ${ending}`).result()));
  const events = [];
  const last = session.info().last_seq;
  for await (const event of viewer) {
    events.push(event.json);
    if (event.seq === last) break;
  }
  await engine.close();
  assert.deepEqual(results.map(({ outcome, error }) => [outcome, error?.code]), Object.values(endings));
  return events;
}

async function stepped(engine, result) {
  let done = false;
  result.then(() => { done = true; });
  while (!done) {
    engine.advance(0.5);
    await new Promise((resolve) => { setImmediate(resolve); });
  }
  return result;
}

test('a recorded talk is replayed with equal events at every pace', async (t) => {
  const tape = tapeFor(t);
  const first = await talk({ tape_record: tape });
  const replay = { tape_replay: tape, clock: 'virtual' };
  const asRecorded = await talk({ ...replay, tape_speed: 1 });
  for (const speed of [1000, 0]) assert.deepEqual(untimed(await talk({ ...replay, tape_speed: speed })), untimed(asRecorded), `${speed}`);
  assert.deepEqual(untimed(asRecorded), untimed(first));
  assert.deepEqual(await talk(replay), asRecorded, 'byte by byte, times included');
  assert.deepEqual(untimed(await talk(replay, stepped)), untimed(first), 'step by step');
  assert.ok(first.some((event) => event.includes('"type":"delta"')));
  assert.ok(first.some((event) => event.includes('"text":"I rebuilt the schéduler 🙂, and 日本 slept. Then I did not."')));
});

test('what is not on the tape fails and says what comes next, although the service is there', async (t) => {
  const tape = tapeFor(t);
  await talk({ tape_record: tape });
  const engine = opened({ tape_replay: tape, clock: 'virtual' });
  t.after(() => engine.close());
  const turn = engine.createSession(preset, { id: 'talk' }).send('Something else');
  await engine.runUntilIdle();
  const { outcome, error } = await turn.result();
  assert.deepEqual([outcome, error.code], ['failed', 'not_found']);
  assert.match(error.message, /chat\/completions/);
});

test('a tape is private and holds no key', async (t) => {
  const tape = tapeFor(t);
  await talk({ tape_record: tape });
  assert.equal(statSync(tape).mode & 0o777, 0o600);
  assert.ok(!readFileSync(tape, 'utf8').includes('sk-secret-key'));
});

test('tapes that cannot be are refused', (t) => {
  const tape = tapeFor(t);
  assert.throws(() => opened({ tape_record: tape, tape_replay: tape }), failing('invalid_argument'));
  assert.throws(() => opened({ tape_replay: tape, tape_speed: 1001 }), failing('invalid_argument'));
  assert.throws(() => opened({ tape_replay: tape }), failing('not_found'));
  writeFileSync(tape, '{"tape":"scena","version":2}\n');
  assert.throws(() => opened({ tape_replay: tape }), failing('version_mismatch'));
});

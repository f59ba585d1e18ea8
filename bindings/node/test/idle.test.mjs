import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine, ScenaError } from '../lib/index.js';

const script = { provider: 's', providers: { s: { url: 'script:', options: { replies: ['Good morning.'], delay_ms: 50, token_ms: 5 } } } };
const failing = (code) => (error) => error instanceof ScenaError && error.code === code;

function opened(t, config = script, extensions = {}, options = {}) {
  const engine = new Engine(config, extensions, options);
  t.after(() => engine.close());
  return engine;
}

test('an engine is idle when everything queued is done, on the real clock', async (t) => {
  const engine = opened(t);
  const session = engine.createSession('job-interview');
  assert.equal(engine.stats().idle, false);
  session.send('Hello').result();
  session.send('Hello again').result();
  await engine.runUntilIdle();
  assert.equal(engine.stats().idle, true);
  assert.equal(session.info().turns, 2);
  await engine.runUntilIdle(); // nothing is under way: at once
});

test('virtual time moves on until an engine is idle, and not beyond', async (t) => {
  const engine = opened(t, { ...script, clock: 'virtual', seed: 7 });
  const session = engine.createSession('job-interview');
  session.send('Hello').result();
  await engine.runUntilIdle();
  const [sent, replied] = session.messages().slice(-2);
  assert.equal(replied.text, 'Good morning.');
  assert.ok(replied.time > sent.time);
  await engine.runUntilIdle();
  session.send('Hello').result();
  await engine.runUntilIdle();
  assert.ok(session.messages().at(-2).time - replied.time < 1000, 'no time passed while nothing was under way');
});

test('virtual time stands still while a function of the host is at work', async (t) => {
  let asked = 0;
  const model = { async *reply() {
    asked += 1;
    await new Promise((resolve) => { setTimeout(resolve, 20); }); // of real time
    yield 'At last.';
  } };
  const engine = opened(t, { provider: 'model', clock: 'virtual' }, { providers: { model } });
  const session = engine.createSession('job-interview');
  const turn = session.send('Hello', { deadlineMs: 1000 });
  await engine.runUntilIdle();
  assert.equal((await turn.result()).text, 'At last.');
  assert.equal(asked, 1);
});

test('waiting for an idle engine ends with its signal and with the engine', async (t) => {
  const model = { async *reply(_request, { signal }) {
    yield 'Once';
    await new Promise((resolve) => { signal.addEventListener('abort', resolve); });
  } };
  for (const clock of ['real', 'virtual']) {
    const engine = opened(t, { provider: 'model', clock }, { providers: { model } });
    engine.createSession('job-interview').send('Hello').result().catch(() => {});
    const controller = new AbortController();
    const waits = engine.runUntilIdle({ signal: controller.signal });
    setImmediate(() => controller.abort(new Error('enough')));
    await assert.rejects(waits, /enough/);
    await assert.rejects(engine.runUntilIdle({ signal: AbortSignal.abort(new Error('before')) }), /before/);
    const more = assert.rejects(engine.runUntilIdle(), failing('closed'));
    await engine.close();
    await more;
  }
});

test('the environment replaces members of the configuration where that is asked for', async (t) => {
  const before = process.env['SCENA_SEED'];
  t.after(() => { if (before === undefined) delete process.env['SCENA_SEED']; else process.env['SCENA_SEED'] = before; });
  t.after(() => { delete process.env['SCENA_CLOCK']; delete process.env['SCENA_THREADS']; });
  process.env['SCENA_CLOCK'] = 'virtual';
  assert.equal(opened(t).capabilities().virtual_clock, false);
  assert.equal(opened(t, script, {}, { fromEnv: true }).capabilities().virtual_clock, true);
  const engine = await Engine.open(script, {}, { fromEnv: true });
  assert.equal(engine.capabilities().virtual_clock, true);
  await engine.close();

  process.env['SCENA_SEED'] = 'many';
  assert.throws(() => new Engine({}, {}, { fromEnv: true }), (error) => failing('invalid_argument')(error) && /SCENA_SEED/.test(error.message));
  delete process.env['SCENA_SEED'];
  process.env['SCENA_THREADS'] = '2';
  assert.throws(() => new Engine({}, {}, { fromEnv: true }), failing('invalid_argument'));
  await assert.rejects(Engine.open({}, {}, { fromEnv: true }), failing('invalid_argument'));
  process.env['SCENA_THREADS'] = '0';
  assert.equal(opened(t, {}, {}, { fromEnv: true }).capabilities().threads, 0);
});

test('two engines share none of what they are given', async (t) => {
  const lines = { a: [], b: [] };
  const asked = { a: [], b: [] };
  const made = (name, clock) => opened(t, {
    ...script, clock, seed: 1, log_level: 'debug', providers: { ...script.providers, other: { url: 'openai:m' } },
  }, { onLog: (line) => lines[name].push(line), secrets: (key) => { asked[name].push(key); } });
  const [a, b] = [made('a', 'virtual'), made('b', 'real')];
  const [first, second] = [a.createSession('job-interview'), b.createSession('job-interview')];
  const replies = [first.send('Hello').result(), second.send('Hello').result()];
  await Promise.all([a.runUntilIdle(), b.runUntilIdle()]);
  for (const { outcome } of await Promise.all(replies)) assert.equal(outcome, 'complete');
  assert.throws(() => b.session(first.id), failing('not_found'));
  assert.ok(lines.a.length > 0);
  await assert.rejects(a.complete('other', { messages: [{ text: 'Hello' }] }), failing('unauthenticated'));
  assert.deepEqual(asked, { a: ['OPENAI_API_KEY'], b: [] });
  const told = lines.b.length;
  await a.close();
  assert.equal(lines.b.length, told);
  assert.equal((await second.send('Hello').result()).outcome, 'complete');
});

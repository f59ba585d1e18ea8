import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine, ScenaError } from '../lib/index.js';

const script = { provider: 's', providers: { s: { url: 'script:', options: { replies: ['Good morning.'], delay_ms: 50, token_ms: 5 } } } };
const failing = (code) => (error) => error instanceof ScenaError && error.code === code;

function opened(t, config = script, extensions = {}) {
  const engine = new Engine(config, extensions);
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
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate); // of Node's loop, in which time could move on
    yield 'At last.';
  } };
  const engine = opened(t, { provider: 'model', clock: 'virtual' }, { providers: { model } });
  const session = engine.createSession('job-interview');
  const turn = session.send('Hello', { deadlineMs: 1000 });
  await engine.runUntilIdle();
  assert.equal((await turn.result()).text, 'At last.');
  assert.equal(asked, 1);
});

test('virtual time goes on behind a model that ignores that nobody wants its reply', async (t) => {
  const deaf = { async *reply() { yield await new Promise(() => {}); } };
  const engine = opened(t, { ...script, clock: 'virtual', seed: 7 }, { providers: { deaf } });
  const turn = engine.createSession('job-interview', { provider: 'deaf' }).send('Hello');
  await turn.accepted();
  turn.cancel();
  assert.equal((await turn.result()).outcome, 'cancelled');
  const next = engine.createSession('job-interview').send('Hello');
  await engine.runUntilIdle({ timeoutMs: 60_000 });
  assert.equal((await next.result()).text, 'Good morning.');
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

test('waiting for an idle engine ends after its time, and what is under way goes on', async (t) => {
  const silent = { async *reply(_request, { signal }) {
    await new Promise((resolve) => { signal.addEventListener('abort', resolve); });
    yield 'Once';
  } };
  for (const clock of ['real', 'virtual']) {
    const engine = opened(t, { provider: 'silent', clock }, { providers: { silent } });
    const turn = engine.createSession('job-interview').send('Hello', { deadlineMs: 3_600_000 });
    turn.result().catch(() => {});
    const waits = engine.runUntilIdle({ timeoutMs: 2 ** 33 }); // longer than a timer of Node's can be
    await assert.rejects(engine.runUntilIdle({ timeoutMs: 20 }), failing('timeout'));
    await assert.rejects(engine.runUntilIdle({ timeoutMs: 0 }), failing('timeout'));
    for (const wrong of [-1, NaN, '5', Infinity]) {
      await assert.rejects(engine.runUntilIdle({ timeoutMs: wrong }), /^InvalidArgumentError: timeoutMs: must be a number of milli/);
    }
    turn.cancel();
    await waits;
    await engine.runUntilIdle({ timeoutMs: 0 });
    assert.equal((await turn.result()).outcome, 'cancelled');
  }
});

test('a time limit of virtual time lets no more of it pass', async (t) => {
  const engine = opened(t, { ...script, clock: 'virtual', seed: 7 });
  const session = engine.createSession('job-interview');
  const turn = session.send('Hello');
  await assert.rejects(engine.runUntilIdle({ timeoutMs: 30 }), failing('timeout')); // the first token comes after 50
  assert.equal(Math.round(engine.nextDeadline()), 20);
  await engine.runUntilIdle({ timeoutMs: 1000 });
  assert.equal((await turn.result()).outcome, 'complete');
});

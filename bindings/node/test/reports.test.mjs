import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Engine, GiveUp, InvalidArgumentError, NotFoundError, PermissionDeniedError, runBatch } from '../lib/index.js';

const script = { provider: 's', providers: { s: { url: 'script:', options: { replies: ['Yes.'], instant: true } } } };

function scene(t, config = script, extensions = {}) {
  const engine = new Engine(config, extensions);
  t.after(() => engine.close());
  return engine;
}

/** Resolves with the first event of that type. */
async function seen(session, type) {
  for await (const event of session.events()) if (event.type === type) return event;
  return undefined;
}

test('a completed session has its analysis, and one that goes on has none', async (t) => {
  const engine = scene(t);
  const session = engine.createSession('job-interview');
  await session.send('How is the weather in the harbour?').result();
  assert.throws(() => session.analysis(), NotFoundError);
  await assert.rejects(session.analyze(), { code: 'wrong_state' });
  await session.complete();
  const stored = await seen(session, 'analysis.stored');
  const analysis = session.analysis();
  assert.deepEqual({ ...analysis }, stored.data.analysis);
  assert.deepEqual(JSON.parse(analysis.json), stored.data.analysis);
  assert.equal(analysis.source, 'offline');
  assert.equal(analysis.speakers.find((one) => one.id === 'candidate').questions, 1);
  assert.equal((await session.analyze()).state, 'completed');
});

test('it is told how far a judge agrees with the metrics', async (t) => {
  const opinion = { evasiveness: { value: 0.5, label: 'ambivalent', quote: 'more or less' } };
  const said = (reply) => ({ url: 'script:', options: { replies: [reply], instant: true } });
  const engine = scene(t, {
    provider: 's', providers: { s: said('How did the last project go?'), judge: said({ json: opinion }) },
    judge: { provider: 'judge', metrics: ['evasiveness'], below_confidence: 0.7 },
  });
  assert.deepEqual(await engine.judgeAgreement(), []);
  const session = engine.createSession('job-interview');
  await session.send('Hello').result();
  await session.send('It went more or less as one would have thought.').result();
  await seen(session, 'metrics.judged');
  const [row, ...others] = await engine.judgeAgreement();
  assert.deepEqual([row.preset, row.sessions, row.metric, row.messages, others.length],
    ['job-interview', 1, 'evasiveness', 1, 0]);
  assert.deepEqual(await engine.judgeAgreement({ preset: 'angry-customer' }), []);
  await assert.rejects(engine.judgeAgreement({ by: ['day'] }), InvalidArgumentError);
  await assert.rejects(engine.as({ subject: 'ann' }).judgeAgreement(), PermissionDeniedError);
});

test('stored sessions are counted in the background, by the host alone', async (t) => {
  const engine = scene(t);
  for (const rating of [5, 3]) {
    const session = engine.createSession('job-interview');
    await session.send('Hello').result();
    await session.annotate('feedback', { satisfied: rating > 3, rating });
    await session.complete();
  }
  await engine.createSession('angry-customer').send('Hello').result();
  const rows = await engine.analytics({ by: ['preset'] });
  assert.deepEqual(rows.map((row) => [row.preset, row.sessions, row.completed]),
    [['angry-customer', 1, 0], ['job-interview', 2, 2]]);
  assert.equal(rows[1].rating.value, 4);
  assert.equal(rows[0].rating.value, null);
  assert.equal((await engine.analytics())[0].sessions, 3);
  assert.equal((await engine.flow({ preset: 'angry-customer' })).at(-1).to, '(dropped)');
  await assert.rejects(engine.analytics({ by: ['weather'] }),
    (error) => error instanceof InvalidArgumentError && error.pointer === '/by');
  await assert.rejects(engine.analytics({ by: ['day', 'day'] }), InvalidArgumentError);
  await assert.rejects(engine.flow({ by: ['day'] }), InvalidArgumentError);
  await assert.rejects(engine.analytics({ from: 'yesterday' }), InvalidArgumentError);
  await assert.rejects(engine.as({ subject: 'ann' }).analytics(), PermissionDeniedError);
});

test('an engine that is closed meanwhile rejects, and one that is forgotten waits for its answer', async (t) => {
  const engine = scene(t);
  await engine.createSession('job-interview').send('Hello').result();
  const late = engine.analytics().then((rows) => rows[0].sessions, (error) => error.code);
  engine.close();
  assert.ok([1, 'closed'].includes(await late)); // the whole answer or none: never a row of zeros
  await assert.rejects(engine.analytics(), { code: 'closed' });
  await assert.rejects(engine.putPreset({ id: 'x' }), (error) => ['closed', 'invalid_argument'].includes(error.code));
  assert.equal((await new Engine(script).analytics()).length, 1);
});

test('a job is stored, done once and kept', async (t) => {
  const done = [];
  const jobHandlers = {
    mail: async (job) => {
      await new Promise((resolve) => { setImmediate(resolve); });
      done.push([job.id, job.payload, job.attempts]);
      return { sent: true };
    },
    never: { run() { throw new GiveUp('no such address'); }, parallel: 1, timeLimitMs: 1000 },
  };
  const engine = scene(t, { ...script, clock: 'virtual', seed: 7 }, { jobHandlers });
  const settle = async (promise) => {
    promise.catch(() => {}); // it may reject before it is looked at
    for (let i = 0; i < 20; ++i) {
      engine.advance(0);
      await new Promise((resolve) => { setImmediate(resolve); });
    }
    return promise;
  };
  const job = await settle(engine.enqueueJob('mail', { to: 'ann' }, { id: 'a', key: 'ann' }));
  assert.equal(job.kind, 'mail');
  assert.equal((await settle(engine.enqueueJob('mail', 'other', { id: 'a' }))).payload, '{"to":"ann"}');
  assert.deepEqual(engine.job('a').result, '{"sent":true}');
  assert.deepEqual(done, [['a', '{"to":"ann"}', 1]]);
  await settle(engine.enqueueJob('never', '', { id: 'n' }));
  assert.deepEqual([engine.job('n').state, engine.job('n').attempts], ['dead', 1]);
  assert.match(engine.job('n').result, /no such address/);
  assert.deepEqual(engine.jobCounts(), [{ kind: 'mail', state: 'done', count: 1 }, { kind: 'never', state: 'dead', count: 1 }]);
  assert.deepEqual(engine.jobs({ state: 'dead', limit: 1 }).jobs.map((one) => one.id), ['n']);
  assert.equal((await settle(engine.requeueJob('n'))).id, 'n');
  await assert.rejects(settle(engine.cancelJob('none')), NotFoundError);
  await assert.rejects(engine.enqueueJob('sms', ''), NotFoundError);
  await assert.rejects(engine.enqueueJob('mail', '', { delayMs: -1 }), InvalidArgumentError);
  assert.deepEqual(engine.jobs({ limit: 0 }), engine.jobs());
  assert.throws(() => engine.jobs({ limit: 1001 }), (error) => error.pointer === '/limit');
  assert.throws(() => engine.jobs({ state: 'odd' }), (error) => error.pointer === '/state');
});

test('a metric of the host stands among those that the engine can compute', (t) => {
  const engine = scene(t, script, { analyzers: [{ name: 'marks', measure: () => 1 }] });
  assert.ok(engine.capabilities().metrics.includes('marks'));
  assert.ok(engine.capabilities().metrics.includes('sentiment'));
});

test('the next question, and what a person skipped', async (t) => {
  const session = scene(t).createSession('job-interview');
  await session.start();
  const question = await session.nextQuestion({ commandId: 'q' });
  assert.deepEqual([question.fallback, question.reason, question.cost], [true, 'no_model', '0']);
  assert.deepEqual(await session.nextQuestion({ commandId: 'q' }), question);
  await session.send('Skip this question, please.').result();
  assert.equal(Object.values(session.info().escapes).reduce((sum, one) => sum + one, 0), 1);
  assert.equal((await session.flagEscape({ step: 'tour', reason: 'button' })).escapes.tour, 1);
  await assert.rejects(session.flagEscape({ participant: 'nobody' }), NotFoundError);
});

test('a batch runs beside the JavaScript thread, is heard, and goes on in its folder', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'scena-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const plan = { presets: ['salary-negotiation'], seeds: { first: 1, count: 4 }, max_turns: 2 };
  const options = { config: { clock: 'virtual' }, folder, workers: 2 };
  const heard = [];
  const first = await runBatch(plan, { ...options, onProgress: (now) => heard.push(now) });
  assert.deepEqual(first.rows.map((row) => row.key), [1, 2, 3, 4].map((seed) => `salary-negotiation.s${seed}`));
  assert.ok(first.groups.length > 0 && first.left === 0 && first.stopped === '');
  const { done, total, running } = heard.at(-1);
  assert.deepEqual([done, total, running], [4, 4, 0]);
  const again = await runBatch(JSON.stringify({ ...plan, seeds: { first: 1, count: 5 } }), options);
  assert.deepEqual([again.rows.length, again.repeated], [5, 4]);
  await assert.rejects(runBatch({ seed: 1 }), (error) => error.code === 'invalid_argument' && /seed/.test(error.message));
  await assert.rejects(runBatch(plan, { config: { colour: 1 } }), { code: 'invalid_argument' });
  await assert.rejects(runBatch({ ...plan, max_turns: 3 }, options), { code: 'conflict' });
});

test('a batch is aborted, or ended by what hears it; the thread stays free meanwhile', async () => {
  const plan = { presets: ['salary-negotiation'], max_turns: 2 };
  const config = { provider: 's', providers: { s: { url: 'script:', options: { delay_ms: 3600000 } } } };
  const controller = new AbortController();
  let ticks = 0;
  const timer = setInterval(() => { if (++ticks === 5) controller.abort(); }, 1);
  const result = await runBatch(plan, { config, signal: controller.signal });
  clearInterval(timer);
  assert.deepEqual([result.stopped, result.left, result.rows], ['cancelled', 1, []]);
  await assert.rejects(runBatch(plan, { config, signal: controller.signal }), { name: 'AbortError' });
  await assert.rejects(runBatch(plan, { config, onProgress() { throw new RangeError('enough'); } }), RangeError);
});

test('the process ends with a batch that runs', () => {
  const program = `import { runBatch } from ${JSON.stringify(new URL('../lib/index.js', import.meta.url).href)};
    const config = { provider: 's', providers: { s: { url: 'script:', options: { delay_ms: 3600000 } } } };
    runBatch({ presets: ['salary-negotiation'] }, { config, onProgress: () => process.exit(7) });`;
  assert.equal(spawnSync(process.execPath, ['--input-type=module', '-e', program]).status, 7);
});

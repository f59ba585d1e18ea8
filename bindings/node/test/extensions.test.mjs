import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { ContentFilteredError, Engine, NotFoundError, PermissionDeniedError, ScenaError, runBatch } from '../lib/index.js';
import * as everything from '../lib/index.js';

const preset = {
  id: 'greeting', title: 'Greeting',
  characters: [{ id: 'rosa', name: 'Rosa' }, { id: 'me', name: 'Me', played_by: 'human' }],
};
const script = (...replies) => ({
  metrics: ['sentiment'], provider: 's', providers: { s: { url: 'script:', options: { replies, instant: true } } },
});

async function scene(t, config, extensions = {}, options = {}) {
  const engine = new Engine(config, extensions);
  t.after(() => engine.close());
  return { engine, session: engine.createSession(preset, options) };
}

test('each code has a class of its own', async (t) => {
  const { engine } = await scene(t, script('Yes.'));
  assert.throws(() => engine.session('none'), (error) => error instanceof NotFoundError && error instanceof ScenaError &&
    error.name === 'NotFoundError' && error.code === 'not_found');
  assert.equal(Object.values(everything).filter((one) => one?.prototype instanceof ScenaError).length, 31);
});

test('a filter in JavaScript blocks, rewrites and may take its time', async (t) => {
  const filter = {
    holdBack: 6,
    async checkInput({ speaker }, text) {
      await new Promise((resolve) => { setImmediate(resolve); });
      assert.equal(speaker, 'me');
      return text.includes('secret') ? { block: 'house rules' } : undefined;
    },
    checkOutput: (context, text) => text.replace('darn', 'd***'),
  };
  const { session } = await scene(t, script('That darn cat.'), { filter });
  await assert.rejects(session.send('a secret').result(), ContentFilteredError);
  assert.equal((await session.send('Hello').result()).text, 'That d*** cat.');
});

test('a filter that throws blocks', async (t) => {
  const { session } = await scene(t, script('Yes.'), { filter: { checkInput() { throw new Error('asleep'); } } });
  await assert.rejects(session.send('Hello').result(), ContentFilteredError);
});

test('a metric in JavaScript stands beside the built-in ones and remembers what was said', async (t) => {
  const analyzers = [{
    name: 'length',
    measure: (message, history) => ({
      value: message.text.length, label: `after ${history.length}`, evidence: [{ begin: 0, end: 1, reason: 'first' }],
    }),
  }, { name: 'broken', measure() { throw new Error('no'); } }];
  const { session } = await scene(t, script('Yes.'), { analyzers });
  await session.send('Hello').result();
  await session.regenerate().result();
  const scores = session.messages().map((message) => message.metrics.find((score) => score.metric === 'length'));
  assert.deepEqual(scores.map((score) => [score.value, score.label]), [[5, 'after 0'], [4, 'after 1']]);
  assert.deepEqual(scores[0].evidence, [{ message: 'm1', begin: 0, end: 1, reason: 'first' }]);
});

test('a tool that needs approval is asked for', async (t) => {
  const asked = [];
  const tools = [{ name: 'pay', everywhere: true, needsApproval: true, call: () => 'paid' }];
  const toolApproval = async (request) => {
    asked.push(request.tool);
    return asked.length > 1 || 'not yet';
  };
  const rules = script({ match: 'pay', tools: [{ name: 'pay' }], again: true }, { after: 'pay', text: 'So: %result%', again: true });
  const { session } = await scene(t, rules, { tools, toolApproval });
  assert.match((await session.send('pay').result()).text, /not yet/);
  assert.match((await session.send('pay now').result()).text, /paid/);
  assert.deepEqual(asked, ['pay', 'pay']);
});

test('a tool in JavaScript that never answers has failed at its time limit, and is told', async (t) => {
  let aborted = false;
  const stuck = { name: 'stuck', everywhere: true, timeLimitMs: 5000, call(_given, { signal }) {
    signal.addEventListener('abort', () => { aborted = true; });
    return new Promise(() => {});
  } };
  const rules = script({ match: 'now', tools: [{ name: 'stuck' }] }, { after: 'stuck', text: 'So: %result%' });
  const { engine, session } = await scene(t, { ...rules, clock: 'virtual', seed: 7 }, { tools: [stuck] });
  const turn = session.send('now');
  let result;
  turn.result().then((told) => { result = told; });
  for (let second = 1; second < 10 && !result; ++second) {
    engine.advance(1000);
    await new Promise((resolve) => { setImmediate(resolve); });
    assert.equal(aborted, second >= 5);
  }
  assert.equal(result?.outcome, 'complete');
  assert.match(result.text, /^So: .*time/);
  assert.equal(session.info().state, 'active');
});

test('rights, whispers and people who come and go', async (t) => {
  const { engine, session } = await scene(t, script('Yes.'), {}, { owner: 'ann' });
  await session.start();
  const ann = engine.as({ subject: 'ann', roles: ['participant'] });
  assert.throws(() => ann.costs(), PermissionDeniedError);
  assert.throws(() => engine.as({ subject: 'ben' }).session(session.id), NotFoundError);
  await session.join({ id: 'eva', name: 'Eva' });
  const turn = ann.session(session.id).send('Psst', { participant: 'me', audience: ['eva'], reply: false });
  await turn.accepted();
  await turn.result();
  assert.deepEqual(session.messages()[0].audience, ['eva', 'me']);
  assert.equal((await session.update({ title: 'New', labels: { a: 'b' } })).title, 'New');
  assert.equal((await session.leave('eva')).participants.find((one) => one.id === 'eva').present, false);
  ann.close();
  assert.equal(session.info().title, 'New');
});

test('costs, health and figures', async (t) => {
  const { engine, session } = await scene(t, { ...script('One two.'), prices: { '*': { input: '1', output: '2' } } });
  await session.send('Hello').result();
  const [row] = engine.costs({ by: ['model'] });
  assert.equal(row.calls, 1);
  assert.ok(Number(row.cost) > 0);
  assert.equal(engine.serviceHealth().s.breaker, 'closed');
  assert.equal(engine.stats().sessions_loaded, 1);
  assert.deepEqual(engine.cacheFigures(), {});
  engine.setPrices({ '*': { input: '0', output: '0' } });
  engine.setProviders({ s: { url: 'script:', options: { replies: ['Another.'], instant: true } } });
  assert.equal((await session.send('Again').result()).text, 'Another.');
});

test('a service is asked outside of sessions, heard and aborted', async (t) => {
  const { engine } = await scene(t, script('Just so, just so.'));
  let heard = '';
  const request = { messages: [{ role: 'user', text: 'Hello' }] };
  const reply = await engine.complete('s', request, { onText: (text) => { heard += text; } });
  assert.equal(reply.outcome, 'complete');
  assert.equal(heard, 'Just so, just so.');
  const slow = new Engine({ provider: 's', providers: { s: { url: 'script:', options: { delay_ms: 3600000 } } } });
  t.after(() => slow.close());
  const controller = new AbortController();
  const waiting = slow.complete('s', request, { signal: controller.signal });
  setImmediate(() => controller.abort());
  assert.equal((await waiting).outcome, 'cancelled');
  await assert.rejects(engine.embed(['a'], { provider: 's' }), { code: 'unsupported' });
});

test('presets and sessions are stored, taken out and backed up', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'scena-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { engine, session } = await scene(t, { ...script('Yes.'), storage: `sqlite:${folder}/a.db` });
  await session.send('Hello').result();
  await engine.putPreset({ ...preset, id: 'mine' });
  assert.equal(engine.preset('mine').id, 'mine');
  await engine.removePreset('mine');
  assert.throws(() => engine.preset('mine'), NotFoundError);
  await assert.rejects(engine.removePreset('mine'), NotFoundError);
  await assert.rejects(engine.putPreset({ id: 'faulty' }), { code: 'invalid_argument' });
  assert.equal(await engine.seedPresets(), 6);
  assert.equal(await engine.seedPresets(), 0);
  assert.equal(await engine.rebuild(session.id), true);
  assert.equal(await engine.eraseUser('nobody'), 0);
  const { engine: other } = await scene(t, script('Yes.'));
  const copy = await other.importSession(await engine.exportSession(session.id));
  await assert.rejects(other.importSession(await engine.exportSession(session.id)), { code: 'already_exists' });
  assert.equal(copy.messages().length, 2);
  await engine.backup(`${folder}/b.db`);
  await engine.checkStorage();
  await assert.rejects(engine.backup(`${folder}/b.db`), { code: 'already_exists' });
});

test('nothing is left of a session whose time to live is over', async (t) => {
  const { engine, session } = await scene(t, { ...script('Yes.'), clock: 'virtual', seed: 7, retention_ttl_ms: 120000 }, {},
    { retention: 'session', retentionTtlMs: 60000 });
  assert.throws(() => engine.createSession(preset, { retention: 'never' }), { code: 'invalid_argument' });
  const brief = engine.createSession(preset, { retention: 'session', retentionTtlMs: 0 });
  for (const one of [session, brief]) await one.fail();
  const left = async (count) => {
    while (engine.sessions().sessions.length > count) await new Promise(setImmediate);
    return engine.sessions().sessions.map((one) => one.id);
  };
  assert.deepEqual(await left(1), [session.id]);
  engine.advance(61000);
  assert.deepEqual(await left(0), []);
});

test('one poll settles the replies that got something, and only those', async (t) => {
  const { engine } = await scene(t, { ...script('Yes.'), clock: 'virtual', seed: 7 });
  const turns = Array.from({ length: 50 }, () => engine.createSession(preset).send('Hello'));
  const results = Promise.all(turns.map((turn) => turn.result()));
  engine.advance(60_000);
  assert.ok((await results).every((result) => result.text === 'Yes.'));
  assert.equal(turns[0].id, 't1');
});

test('log lines come between two polls, never in each other, and survive a function that throws', async (t) => {
  const lines = [];
  let depth = 0;
  let deepest = 0;
  const { engine } = await scene(t, { ...script('Yes.'), log_level: 'trace', clock: 'virtual' }, {
    onLog(record) {
      deepest = Math.max(deepest, ++depth);
      lines.push(record);
      engine.poll(); // a call of the engine: the lines that it brings wait
      --depth;
      if (lines.length % 2) throw new Error('no');
      return Promise.reject(new Error('neither'));
    },
  });
  const turns = Array.from({ length: 20 }, () => engine.createSession(preset).send('a secret word'));
  const results = Promise.all(turns.map((turn) => turn.result()));
  engine.advance(60_000);
  assert.ok((await results).every((result) => result.outcome === 'complete'));
  const known = lines.length;
  assert.ok(known > 1);
  assert.equal(deepest, 1);
  assert.ok(lines.every((line) => line.module && line.message && line.dropped === 0 && !/secret word/.test(JSON.stringify(line))));
  assert.ok(lines.every((line) => ['trace', 'debug', 'info', 'warn', 'error'].includes(line.level)));
  engine.close();
  assert.throws(() => new Engine({ colour: 1 }, { onLog() {} }), { code: 'invalid_argument' });
});

test('log lines that nobody could read in time are counted', async (t) => {
  const lines = [];
  const { engine } = await scene(t, { ...script('Yes.'), log_level: 'trace', clock: 'virtual' }, { onLog: (line) => lines.push(line) });
  const turns = Array.from({ length: 1500 }, () => engine.createSession(preset).send('Hello'));
  const results = Promise.all(turns.map((turn) => turn.result()));
  engine.advance(60_000);
  await results;
  assert.ok(lines.reduce((sum, line) => sum + line.dropped, 0) > 0);
  assert.ok(lines.length >= 1000);
});

test('vectors, secrets and counted tokens come from JavaScript', async (t) => {
  const asked = [];
  const embedders = { mine: { async embed(texts, { request }) {
    asked.push(request.purpose);
    if (texts[0] === 'late') throw Object.assign(new Error('busy'), { code: 'overloaded' });
    if (texts[0] === 'odd') return [[1], [1, 2]];
    if (texts[0] === 'short') return [[1, 2], [1]];
    if (texts[0] === 'few') return [];
    return { vectors: texts.map((text) => Float64Array.of(text.length, 0.5)), inputTokens: 3 };
  } } };
  let tokens = () => { throw new Error('asleep'); };
  const config = { ...script('Yes.'), session_budget: '1', prices: { '*': { input: '1' } },
    webhooks: { audit: { url: 'http://127.0.0.1:9/', secret: 'AUDIT', events: ['session.deleted'] } } };
  const secrets = (name) => (name === 'AUDIT' ? 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' : undefined);
  const { engine, session } = await scene(t, config, { embedders, secrets, tokenCounters: { '*': (text) => tokens(text) } });
  const found = await engine.embed(['a', 'abc'], { provider: 'mine', purpose: 'query' });
  assert.deepEqual(found.vectors, [[1, 0.5], [3, 0.5]]);
  assert.equal(found.usage.input_tokens, 3);
  assert.deepEqual(asked, ['query']);
  await assert.rejects(engine.embed(['late'], { provider: 'mine' }), { code: 'overloaded', message: 'busy' });
  await assert.rejects(engine.embed(['odd', 'b'], { provider: 'mine' }), { code: 'provider_error' });
  await assert.rejects(engine.embed(['short', 'b'], { provider: 'mine' }), { code: 'provider_error' });
  await assert.rejects(engine.embed(['few'], { provider: 'mine' }), { code: 'protocol' });
  assert.equal((await session.send('Hello').result()).outcome, 'complete');
  tokens = (text) => text.length * 1e8;
  await assert.rejects(engine.createSession(preset).send('Hello').result(), { code: 'budget_exhausted' });
  assert.throws(() => new Engine(config, { secrets: () => undefined }), { code: 'unauthenticated' });
  assert.throws(() => new Engine(config, { secrets() { throw new Error('key is 123'); } }),
    (error) => error.code === 'unavailable' && !/123/.test(error.message));
});

test('a file of byte pairs in the configuration counts exactly', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'scena-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'bytes.tiktoken');
  writeFileSync(file, Array.from({ length: 256 }, (_, byte) => `${Buffer.from([byte]).toString('base64')} ${byte}\n`).join(''));
  const config = { ...script('Yes.'), model: 'gpt-4o-mini', prices: { '*': { input: '1' } } };
  const reserved = async (more, extensions) => {
    const { session } = await scene(t, { ...config, ...more }, extensions);
    await session.send('The harbour, please: 12 ships.').result();
    for await (const event of session.events()) if (event.type === 'turn.started') return event.data.reserved;
  };
  const exact = await reserved({}, { tokenCounters: { '*': (text) => Buffer.byteLength(text) } });
  const files = { token_counters: { 'gpt-4o': { file, cut: 'o200k' } } };
  assert.equal(await reserved(files), exact);
  assert.notEqual(await reserved({}), exact);
  const missing = { token_counters: { 'gpt-4o': { file: join(folder, 'none'), cut: 'o200k' } } };
  const plan = { presets: ['salary-negotiation'], max_turns: 2 };
  for (const make of [async () => new Engine(missing), () => runBatch(plan, { config: missing })]) {
    await assert.rejects(make, { code: 'not_found', pointer: '/token_counters/gpt-4o/file' });
  }
});

test('events reach a sink in order, and again where it failed', async (t) => {
  const seen = [];
  const eventSinks = { audit: { events: ['message.stored', 'turn.finished'], async deliver(event, { job, signal }) {
    assert.equal(signal.aborted, false);
    seen.push([event.type, job.attempts]);
    if (seen.length === 1) throw new Error('not yet');
  } } };
  const { engine, session } = await scene(t, { ...script('Yes.'), clock: 'virtual' }, { eventSinks });
  const turn = session.send('Hello');
  for (let i = 0; i < 200; ++i) { // in small steps: a delivery has 15 s of the engine's time
    engine.advance(1000);
    await new Promise((resolve) => { setImmediate(resolve); });
  }
  await turn.result();
  assert.deepEqual(seen.map(([type]) => type), ['message.stored', 'message.stored', 'message.stored', 'turn.finished']);
  assert.deepEqual(seen.slice(0, 2).map(([, attempts]) => attempts), [1, 2]);
});

test('what an event sink asks for holds', async (t) => {
  const tries = [];
  const strangers = [];
  const eventSinks = {
    audit: { events: ['turn.finished'], maxAttempts: 2, deliver(_event, { job }) {
      tries.push(job.attempts);
      throw new Error('never');
    } },
    other: { tenant: 'somebody-else', deliver: (event) => strangers.push(event) },
  };
  const { engine, session } = await scene(t, { ...script('Yes.'), clock: 'virtual' }, { eventSinks });
  const turn = session.send('Hello');
  for (let i = 0; i < 200; ++i) {
    engine.advance(1000);
    await new Promise((resolve) => { setImmediate(resolve); });
  }
  await turn.result();
  assert.deepEqual([tries, strangers], [[1, 2], []]);
});

test('a model in JavaScript is told that its reply is not wanted any more', async (t) => {
  let told;
  const stopped = new Promise((resolve) => { told = resolve; });
  const slow = { async *reply(_request, { signal }) {
    try {
      yield 'Well';
      await new Promise((resolve) => { signal.addEventListener('abort', resolve); });
    } finally { // also reached at the yield, when it was cancelled before it was asked for more
      told(signal.aborted);
    }
  } };
  const { session } = await scene(t, { ...script('Yes.') }, { providers: { slow } }, { provider: 'slow' });
  const turn = session.send('Hello');
  for await (const text of turn) {
    assert.equal(text, 'Well');
    turn.cancel();
  }
  assert.equal((await turn.result()).outcome, 'cancelled');
  assert.equal(await stopped, true);
});

test('a model in JavaScript that goes on when nobody wants its reply is asked to return', async (t) => {
  const turnOfLoop = () => new Promise(setImmediate);
  const longWork = () => { for (const end = performance.now() + 3; performance.now() < end;); };
  // What it says, what it does between two pieces, and how often at most it is asked for more behind the abort.
  for (const [piece, work, most] of [['On ', turnOfLoop, 1], ['', turnOfLoop, 1], [{ usage: { outputTokens: 1 } }, turnOfLoop, 1], ['On ', longWork, 0]]) {
    let begun = false;
    let asked = 0;
    let returned;
    const over = new Promise((resolve) => { returned = resolve; });
    const deaf = { async *reply(_request, { signal }) {
      begun = true;
      try {
        while (asked < 50) { // or else by itself
          yield piece;
          await work();
          asked += signal.aborted ? 1 : 0;
        }
      } finally {
        returned();
      }
    } };
    const { session } = await scene(t, script('Yes.'), { providers: { deaf } }, { provider: 'deaf' });
    const turn = session.send('Hello');
    while (!begun) await turnOfLoop();
    turn.cancel();
    assert.equal((await turn.result()).outcome, 'cancelled');
    await over;
    assert.ok(asked <= most, `${asked} pieces after the abort`);
  }
});

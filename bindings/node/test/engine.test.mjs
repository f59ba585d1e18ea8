import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test from 'node:test';
import * as errors from '../lib/index.js';
import { Engine, ScenaError, WrongStateError } from '../lib/index.js';

const preset = {
  id: 'greeting', title: 'Greeting', variables: [{ name: 'city' }],
  characters: [{ id: 'rosa', name: 'Rosa' }, { id: 'me', name: 'Me', played_by: 'human' }],
};
const script = (options) => ({ provider: 's', providers: { s: { url: 'script:', options } } });
const instant = script({ replies: ['Good morning, señora 🌅.'], instant: true });
// A reply that never ends by itself.
const endless = { async *reply(_request, { signal }) {
  yield 'Once ';
  yield 'upon ';
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
} };

async function scene(t, config = instant, extensions = {}) {
  const engine = new Engine(config, extensions);
  t.after(() => engine.close());
  return { engine, session: engine.createSession(preset) };
}
const failing = (code) => (error) => error instanceof ScenaError && error.code === code;
const collect = async (turn) => {
  let text = '';
  for await (const delta of turn) text += delta;
  return text;
};

test('a reply is read piece by piece and as a whole', async (t) => {
  const { session } = await scene(t);
  const turn = session.send('Grüß Gott');
  assert.equal(await collect(turn), 'Good morning, señora 🌅.');
  const result = await turn.result();
  assert.equal(result.outcome, 'complete');
  assert.equal(result.text, 'Good morning, señora 🌅.');
});

test('events come from the beginning, and after a cursor without hole or double', async (t) => {
  const { session } = await scene(t);
  await session.send('Hello').result();
  const seen = [];
  for await (const event of session.events()) {
    seen.push(event);
    if (event.type === 'turn.finished') break;
  }
  assert.equal(seen[0].type, 'session.created');
  const rest = [];
  for await (const event of session.events({ after: seen[1].cursor })) {
    rest.push(event);
    if (event.type === 'turn.finished') break;
  }
  assert.deepEqual(rest, seen.slice(2));
});

test('a reader that is much too slow hears of it, and every durable event comes once', async (t) => {
  const words = 'one two three '.repeat(100).trim();
  const { session } = await scene(t, script({ replies: [words], instant: true }));
  const live = new Set(['delta', 'metrics.live', 'lagged']);
  const events = session.events({ maxBytes: 1000 });
  await session.send('Hello').result();
  await session.send('Again').result();
  let seq = 0;
  let lagged = 0;
  const stored = [];
  for await (const event of events) {
    if (event.type === 'lagged') lagged += 1;
    if (event.type === 'message.stored' && event.actor === 'rosa') stored.push(event.data.message.text);
    if (!live.has(event.type)) assert.equal(event.seq, seq += 1);
    if (event.type === 'turn.finished' && event.data.turn === 't2') break;
  }
  assert.ok(lagged > 0);
  assert.deepEqual(stored, [words, words]); // what the deltas that did not come would have made
});

test('a viewer of some types sees these alone', async (t) => {
  const { session } = await scene(t);
  await session.send('Hello').result();
  const seen = [];
  for await (const { type } of session.events({ types: ['session.created', 'turn.*'] })) {
    seen.push(type);
    if (type === 'turn.finished') break;
  }
  assert.deepEqual(seen, ['session.created', 'turn.started', 'turn.finished']);
  assert.throws(() => session.events({ types: [''] }), /types: each must be an event type/);
  assert.throws(() => session.events({ types: 'delta' }), /types: must be an array/);
});

test('a reader of a reply gets its own turn alone, and a NUL does not cut its text', async (t) => {
  const replies = ['One\0two\0\u{1f305}.', 'Second.'];
  const service = createServer((_request, response) => {
    const delta = JSON.stringify({ choices: [{ index: 0, delta: { content: replies.shift() } }] });
    const end = JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${delta}\n\ndata: ${end}\n\ndata: [DONE]\n\n`);
  });
  await new Promise((resolve) => { service.listen(0, '127.0.0.1', resolve); });
  const url = `openai+http://127.0.0.1:${service.address().port}/v1`;
  const engine = new Engine({ provider: 'model', providers: { model: { url, model: 'm', api_key: 'x' } } });
  t.after(() => { service.close(); return engine.close(); });
  const session = engine.createSession('job-interview');
  const turns = [session.send('First?'), session.send('Then?')];
  assert.deepEqual(await Promise.all(turns.map(collect)), ['One\u{fffd}two\u{fffd}\u{1f305}.', 'Second.']);
});

test('commands resolve with the session and reject with typed errors', async (t) => {
  const { engine, session } = await scene(t);
  assert.equal((await session.start()).state, 'active');
  assert.equal((await session.setVariable('city', 'Graz')).variables.city, 'Graz');
  await assert.rejects(session.setVariable('town', 1), failing('invalid_argument'));
  await session.send('Hello').result();
  const fork = engine.session(await session.fork());
  assert.equal(fork.info().parent, session.id);
  assert.equal((await session.complete()).state, 'completed');
  await assert.rejects(async () => session.send('Hello?').result(), failing('wrong_state'));
  await assert.rejects(session.resume(), failing('wrong_state'));
  assert.throws(() => engine.session('none'), failing('not_found'));
  assert.throws(() => new Engine({ storages: 1 }), (error) => failing('invalid_argument')(error) && error.pointer === '/storages');
});

test('a command given twice gives the first reply', async (t) => {
  const { session } = await scene(t);
  const first = await session.send('Hello', { commandId: 'c1' }).result();
  const again = session.send('Hello', { commandId: 'c1' });
  assert.equal(await collect(again), first.text);
  assert.equal((await again.result()).turn, first.turn);
});

test('a signal cancels a reply and keeps its partial text', async (t) => {
  const { session } = await scene(t, { provider: 'endless' }, { providers: { endless } });
  const controller = new AbortController();
  const turn = session.send('Tell me', { signal: controller.signal });
  for await (const delta of turn) if (delta.includes('upon')) controller.abort();
  const result = await turn.result();
  assert.equal(result.outcome, 'cancelled');
  assert.equal(result.text, 'Once upon ');
});

test('a signal ends an iteration and a wait', async (t) => {
  const { session } = await scene(t);
  await session.start();
  const controller = new AbortController();
  await assert.rejects(async () => {
    for await (const event of session.events({ signal: controller.signal })) if (event.seq > 0) controller.abort();
  }, { name: 'AbortError' });
  await assert.rejects(session.pause({ signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('a provider and a tool in JavaScript make a reply together', async (t) => {
  const model = { async *reply(request) {
    const answer = request.messages.find((message) => message.role === 'tool');
    if (answer) yield `It is ${answer.text}.`;
    else yield { toolCall: { name: 'clock', arguments: { zone: 'UTC' } } };
    yield { usage: { inputTokens: 3, outputTokens: 4 } };
  } };
  const clock = {
    name: 'clock', everywhere: true,
    parameters: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] },
    call: async ({ zone }) => `12:30 ${zone}`,
  };
  const { session } = await scene(t, { provider: 'model' }, { providers: { model }, tools: [clock] });
  const result = await session.send('What time is it?').result();
  assert.equal(result.text, 'It is 12:30 UTC.');
});

test('what a provider throws is how the reply failed', async (t) => {
  const model = { reply() { throw new Error('the model is asleep'); } };
  const { session } = await scene(t, { provider: 'model', max_retries: 0 }, { providers: { model } });
  const result = await session.send('Hello').result();
  assert.equal(result.outcome, 'failed');
  assert.equal(result.error.code, 'provider_error');
});

test('each code has the class that is named after it', async (t) => {
  const codes = ['invalid_argument', 'wrong_state', 'unavailable', 'not_found', 'conflict', 'already_exists', 'unauthenticated',
    'permission_denied', 'rate_limited', 'quota_exhausted', 'budget_exhausted', 'timeout', 'network', 'protocol', 'provider_error',
    'overloaded', 'circuit_open', 'context_overflow', 'content_filtered', 'too_large', 'tool_failed', 'limit_reached', 'storage_full',
    'storage_failed', 'storage_corrupt', 'version_mismatch', 'unsupported', 'out_of_memory', 'closed', 'internal', 'no_code'];
  const own = { reply(request) { throw Object.assign(new Error('x'), { code: request.messages.at(-1).text }); } };
  const policy = { services: [{ service: 'own', failures_to_open: 0 }] };
  const { engine } = await scene(t, { provider: 'own', max_retries: 0, policy }, { providers: { own } });
  for (const code of codes) {
    const known = code === 'no_code' ? 'provider_error' : code;
    const name = known.replace(/(?:^|_)(.)/g, (_, letter) => letter.toUpperCase()).replace(/(?<!Error)$/, 'Error');
    await assert.rejects(collect(engine.createSession(preset).send(code)), (error) => {
      assert.deepEqual([error.code, error.name], [known, name]);
      return error.constructor === errors[name];
    }, code);
  }
});

test('a turn that is asked for what it came to says where that is', async (t) => {
  const { session } = await scene(t);
  const turn = await session.send('Hello'); // gives the turn itself: it is no promise
  const result = await turn.result();
  for (const name of ['error', 'finish_reason', ...Object.keys(result)]) {
    assert.throws(() => turn[name], (error) => error instanceof WrongStateError && error.message.includes('await turn.result()'), name);
  }
  assert.equal(result.outcome, 'complete');
});

test('a failure tells what the service said of it, in results and as it is thrown', async (t) => {
  const service = createServer((_request, response) => {
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '7' });
    response.end('{"error":{"message":"too many of you"}}');
  });
  await new Promise((resolve) => { service.listen(0, '127.0.0.1', resolve); });
  t.after(() => service.close());
  const url = `openai+http://127.0.0.1:${service.address().port}/v1`;
  const { session } = await scene(t, { provider: 'm', max_retries: 0, providers: { m: { url, model: 'm', api_key: 'x' } } });
  const turn = session.send('Hello');
  const { error } = await turn.result();
  const told = { retry_after_ms: 7000, provider_status: 429, provider_message: 'too many of you', point: 'status' };
  assert.deepEqual(error, { code: 'rate_limited', message: error.message, ...told });
  const isThat = ({ code, message, pointer, retryAfterMs, providerStatus, providerMessage, point }) => {
    assert.deepEqual([code, message, pointer, providerStatus, providerMessage, point],
      ['rate_limited', error.message, '', 429, 'too many of you', 'status']);
    return retryAfterMs === 7000;
  };
  await assert.rejects(collect(turn), isThat);
  await assert.rejects(session.askAside('rosa', 'Well?'), isThat);
});

test('closing rejects what is waited for and ends what is read', async () => {
  const engine = new Engine({ provider: 'endless' }, { providers: { endless } });
  const session = engine.createSession(preset);
  const turn = session.send('Tell me');
  for await (const delta of turn) if (delta !== '') break;
  const waiting = turn.result().then((result) => result.outcome, (error) => error.code);
  const closing = engine.close();
  const again = engine.close();
  assert.throws(() => engine.createSession(preset), ScenaError);
  assert.equal(await waiting, 'interrupted');
  await Promise.all([closing, again]);
  await engine.close();
  engine.closeSync();
  assert.throws(() => engine.createSession(preset), ScenaError);
});

test('closing at once settles what is waited for', async () => {
  const engine = new Engine({ provider: 'endless' }, { providers: { endless } });
  const session = engine.createSession(preset);
  const turn = session.send('Tell me');
  await turn.accepted();
  const [result, command, event] = [turn.result(), session.pause(), session.events({ after: 'live' }).next()];
  const settled = Promise.allSettled([result, command, event]);
  engine.closeSync();
  const codes = (await settled).map(({ value, reason }) => value?.outcome ?? value?.done ?? value?.value?.type ?? reason.code);
  assert.equal(codes[0], 'interrupted');
  assert.equal(codes.includes(undefined), false);
  await assert.rejects(session.start(), failing('closed'));
});

test('an engine is opened and closed in the background, and at once where it must be', async (t) => {
  const engine = await Engine.open(instant);
  const session = engine.createSession(preset);
  assert.equal((await session.send('Hello').result()).outcome, 'complete');
  engine.closeSync();
  assert.throws(() => engine.session(session.id), failing('closed'));
  await assert.rejects(Engine.open({ colour: 1 }), failing('invalid_argument'));
  const withSecrets = await Engine.open(instant, { secrets: () => undefined });
  await withSecrets[Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]();
  assert.throws(() => withSecrets.createSession(preset), failing('closed'));
  const { engine: whole } = await scene(t);
  await whole.as({ subject: 'ann' }).close();
  assert.equal(whole.presets().presets.length > 0, true);
});

test('a message is accepted when it is stored, not when its reply ends', async (t) => {
  const config = script({ replies: ['Later.'], delay_ms: 60_000 });
  const { engine, session } = await scene(t, { clock: 'virtual', ...config });
  const first = session.send('Hello'); // the first of a session
  let firstAccepted = false;
  first.accepted().then(() => { firstAccepted = true; });
  engine.advance(0);
  await null;
  await null;
  assert.equal(firstAccepted, true);
  assert.equal(first.id, 't1');
  const second = session.send('And then?'); // behind a reply that runs
  const accepted = second.accepted();
  engine.advance(60_500);
  assert.equal((await first.result()).outcome, 'complete');
  await accepted; // its own reply takes another minute, which nobody gives it
  assert.equal(second.id, 't2');
});

function opened(t, config = instant, extensions = {}, options = {}) {
  const engine = new Engine(config, extensions, options);
  t.after(() => engine.close());
  return engine;
}

test('the environment replaces members of the configuration where that is asked for', async (t) => {
  const before = process.env['SCENA_SEED'];
  t.after(() => { if (before === undefined) delete process.env['SCENA_SEED']; else process.env['SCENA_SEED'] = before; });
  t.after(() => { delete process.env['SCENA_CLOCK']; delete process.env['SCENA_THREADS']; });
  process.env['SCENA_CLOCK'] = 'virtual';
  assert.equal(opened(t).capabilities().virtual_clock, false);
  assert.equal(opened(t, instant, {}, { fromEnv: true }).capabilities().virtual_clock, true);
  const engine = await Engine.open(instant, {}, { fromEnv: true });
  assert.equal(engine.capabilities().virtual_clock, true);
  await engine.close();

  process.env['SCENA_SEED'] = 'many';
  assert.throws(() => new Engine({}, {}, { fromEnv: true }), (error) => failing('invalid_argument')(error) && /SCENA_SEED/.test(error.message));
  delete process.env['SCENA_SEED'];
  process.env['SCENA_THREADS'] = '2';
  assert.throws(() => new Engine({}, {}, { fromEnv: true }), (error) => error.pointer === 'SCENA_THREADS');
  await assert.rejects(Engine.open({}, {}, { fromEnv: true }), failing('invalid_argument'));
  process.env['SCENA_THREADS'] = '0';
  assert.equal(opened(t, {}, {}, { fromEnv: true }).capabilities().threads, 0);
});

test('two engines share none of what they are given', async (t) => {
  const lines = { a: [], b: [] };
  const asked = { a: [], b: [] };
  const made = (name, clock) => opened(t, {
    ...instant, clock, seed: 1, log_level: 'debug', providers: { ...instant.providers, other: { url: 'openai:m' } },
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

test('a reader of a reply who slept through more than its queue holds gets the whole text', async (t) => {
  const reply = 'Ünë twö three four five six seven.';
  const { engine, session } = await scene(t, {
    ...script({ replies: [reply], delay_ms: 10, token_ms: 10 }), clock: 'virtual', seed: 7, limits: { viewer_events: 4 },
  });
  const turns = () => new Promise((resolve) => { setImmediate(resolve); });
  for (const awake of [0, 1, 3]) { // pieces that are read before it falls asleep
    const pieces = [];
    const reader = session.send('Hello')[Symbol.asyncIterator]();
    while (pieces.length < awake) {
      const next = reader.next();
      for (let read = false; !read;) {
        next.then(() => { read = true; });
        engine.advance(1);
        await turns();
      }
      pieces.push((await next).value);
    }
    const marks = Array.from({ length: 20 }, () => session.annotate('mark', {}));
    engine.advance(60_000);
    await Promise.all(marks);
    for (let next = await reader.next(); !next.done; next = await reader.next()) pieces.push(next.value);
    assert.equal(pieces.join(''), reply, `${awake} pieces`);
  }
});

test('the new part of a continued reply is what its reader gets, also one who slept or gave the command again', async (t) => {
  const reply = 'Ünë two three.';
  const { engine, session } = await scene(t, {
    ...script({ replies: [reply], delay_ms: 10, token_ms: 10 }), clock: 'virtual', seed: 7, limits: { viewer_events: 4 },
  });
  const sent = session.send('Hello');
  engine.advance(60_000);
  await sent.result();
  const turn = session.continueReply({ commandId: 'more' });
  const marks = Array.from({ length: 20 }, () => session.annotate('mark', {}));
  engine.advance(60_000);
  await Promise.all(marks);
  assert.equal(await collect(turn), reply);
  assert.equal((await turn.result()).text, reply + reply);
  assert.equal(await collect(session.continueReply({ commandId: 'more' })), reply);
});

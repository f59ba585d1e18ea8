// What a host gets wrong, and functions of a host that misbehave.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine, InvalidArgumentError, ProviderError, WrongStateError, runBatch } from '../lib/index.js';
import { tablesHeld } from '../lib/native.js';

const preset = {
  id: 'greeting', title: 'Greeting', variables: [{ name: 'city' }],
  characters: [{ id: 'rosa', name: 'Rosa' }, { id: 'me', name: 'Me', played_by: 'human' }],
};
const script = (options) => ({ provider: 's', providers: { s: { url: 'script:', options } } });
const instant = script({ replies: ['Good morning to you.'], instant: true });

function scene(t, config = instant, extensions = {}) {
  const engine = new Engine(config, extensions);
  t.after(() => engine.close());
  return { engine, session: engine.createSession(preset) };
}
const naming = (name) => (error) => error instanceof InvalidArgumentError && error.message.startsWith(`${name}: `);

test('a text that C would cut, or that is no text, is refused by its name', async (t) => {
  const { engine, session } = scene(t);
  const cut = 'pilot\0x';
  const half = '🌅'.slice(0, 1);
  assert.throws(() => engine.session(`${session.id}\0zz`), naming('id'));
  await assert.rejects(session.setVariable('city', cut), naming('value'));
  await assert.rejects(session.setVariable(cut, 'Graz'), naming('name'));
  assert.throws(() => session.send(half), naming('text'));
  assert.throws(() => session.send(`Hello ${cut}`), naming('text'));
  assert.throws(() => session.send('Hello', { participant: cut }), naming('participant'));
  assert.throws(() => session.send('Hello', { commandId: half }), naming('commandId'));
  assert.throws(() => session.send('Hello', { audience: ['me', cut] }), naming('audience[1]'));
  assert.throws(() => engine.createSession(preset, { labels: { team: cut } }), naming('labels.team'));
  await assert.rejects(engine.exportSession(cut), naming('id'));
  await assert.rejects(engine.backup(cut), naming('path'));
  assert.throws(() => session.events({ after: cut }), naming('after'));
  assert.equal((await session.send('Hello 🌅').result()).outcome, 'complete');
});

// Each in a place of its own, since one that got through would end the process: a number is an address to C.
for (const wrong of [5, 2 ** 40, 7n, true, {}, ['x'], Symbol('x'), () => 'x']) {
  test(`what is no text is refused by its name: ${typeof wrong} ${String(wrong)}`, async (t) => {
    const { engine, session } = scene(t);
    const throwing = (names) => {
      for (const [name, call] of Object.entries(names)) assert.throws(() => call(wrong), naming(name), name);
    };
    const rejecting = async (names) => {
      for (const [name, calls] of Object.entries(names)) {
        for (const call of [calls].flat()) await assert.rejects(async () => call(wrong), naming(name), `${name}: ${call}`);
      }
    };
    throwing({
      id: (x) => engine.session(x), state: (x) => engine.sessions({ state: x }), after: (x) => engine.sessions({ after: x }),
      category: (x) => engine.presets({ category: x }), message: (x) => session.explain(x), text: (x) => session.send(x),
      participant: (x) => session.events({ participant: x }), commandId: (x) => session.send('Hello', { commandId: x }),
      character: (x) => session.prompt({ character: x }), model: (x) => session.regenerate({ model: x }),
      audience: (x) => session.send('Hello', { audience: typeof x === 'object' ? 'me' : x }),
      'audience[1]': (x) => session.send('Hello', { audience: ['me', x] }),
    });
    throwing({
      id: (x) => engine.preset(x), message: (x) => session.alternatives(x), after: (x) => session.events({ after: x }),
      text: (x) => session.edit('m1', x), participant: (x) => session.send('Hello', { participant: x }),
    });
    throwing({ id: (x) => engine.job(x), message: (x) => session.edit(x, 'Hello') });
    for (const name of ['id', 'owner', 'title', 'provider', 'model', 'commandId', 'retention']) {
      throwing({ [name]: (x) => engine.createSession(preset, { [name]: x }) });
    }
    throwing({
      'labels.team': (x) => engine.createSession(preset, { labels: { team: x } }),
      'playedBy.rosa': (x) => engine.createSession(preset, { playedBy: { rosa: x } }),
    });
    if (typeof wrong !== 'number' && wrong !== true) {
      throwing({ 'variables.city': (x) => engine.createSession(preset, { variables: { city: x } }) });
      await rejecting({ value: (x) => session.setVariable('city', x) });
    }
    await rejecting({
      id: [
        (x) => engine.exportSession(x), (x) => engine.removePreset(x), (x) => engine.rebuild(x), (x) => engine.cancelJob(x),
        (x) => engine.requeueJob(x),
      ],
      format: (x) => engine.exportSession(session.id, x), path: (x) => engine.backup(x), subject: (x) => engine.eraseUser(x),
      kind: (x) => engine.enqueueJob(x, 'Hello'), provider: [
        (x) => engine.complete(x, { messages: [{ text: 'Hello' }] }), (x) => engine.embed(['Hello'], { provider: x }),
      ],
      message: [(x) => session.choose(x), (x) => session.fork({ message: x })],
      participant: [(x) => session.leave(x), (x) => session.flagEscape({ participant: x })],
      step: (x) => session.flagEscape({ step: x }), reason: (x) => session.flagEscape({ reason: x }),
      name: [(x) => session.annotate(x, {}), (x) => session.setVariable(x, 'Graz')],
      character: [(x) => session.askAside(x, 'Why?'), (x) => session.nextQuestion({ character: x })],
      question: (x) => session.askAside('rosa', x), model: (x) => session.nextQuestion({ model: x }),
      commandId: [
        (x) => session.start({ commandId: x }), (x) => session.setVariable('city', 'Graz', { commandId: x }),
        (x) => session.join({ id: 'eva' }, { commandId: x }), (x) => session.run({ commandId: x }),
      ],
      folder: (x) => runBatch({ presets: ['job-interview'] }, { folder: x }),
      planFolder: (x) => runBatch({ presets: ['job-interview'] }, { planFolder: x }),
      'tools[0].name': (x) => new Engine({}, { tools: [{ name: x, call() {} }] }),
      'tools[0].description': (x) => new Engine({}, { tools: [{ name: 'clock', description: x, call() {} }] }),
      'analyzers[0].name': (x) => new Engine({}, { analyzers: [{ name: x, measure() {} }] }),
      'eventSinks.audit.tenant': (x) => new Engine({}, { eventSinks: { audit: { deliver() {}, tenant: x } } }),
      'eventSinks.audit.events[0]': (x) => new Engine({}, { eventSinks: { audit: { deliver() {}, events: [x] } } }),
    });
    assert.deepEqual(session.messages(), []);
  });
}

test('an argument that is left out is told by its name', async (t) => {
  const { engine, session } = scene(t);
  for (const nothing of [undefined, null]) {
    assert.throws(() => engine.session(nothing), naming('id'));
    assert.throws(() => session.send(nothing), naming('text'));
    await assert.rejects(session.leave(nothing), naming('participant'));
    assert.throws(() => new Engine({}, { tools: [{ name: nothing, call() {} }] }), naming('tools[0].name'));
    const turn = session.send('Hello', { participant: nothing, model: nothing, deadlineMs: nothing, audience: nothing });
    assert.equal((await turn.result()).outcome, 'complete');
    assert.ok(engine.sessions({ state: nothing, after: nothing, limit: nothing }).sessions.length > 0);
    new Engine({}, { tools: [{ name: 'clock', parameters: nothing, timeLimitMs: nothing, call() {} }] }).closeSync();
  }
  assert.throws(() => engine.createSession(), naming('preset'));
  for (const wrong of [5, true, 7n, ['job-interview'], new Date(0), Symbol('x'), () => 'x', null]) {
    assert.throws(() => engine.createSession(wrong), naming('preset'), String(wrong));
  }
  await assert.rejects(engine.enqueueJob('mail'), naming('payload'));
  await assert.rejects(engine.putPreset({ id: 1n }), naming('preset'));
});

// Of each: -1, 1.5 and the like were other numbers in C.
const noNumbers = ['abc', '5', -1, 1.5, NaN, Infinity, 1e300, 2 ** 60, -1n, 2n ** 64n, {}, [5], true, Symbol('x')];
for (const wrong of noNumbers) {
  test(`what is no whole number is refused by its name: ${typeof wrong} ${String(wrong)}`, async (t) => {
    const { engine, session } = scene(t);
    const throwing = (name, call) => assert.throws(() => call(wrong), naming(name), name);
    for (const name of ['seed', 'retentionTtlMs']) throwing(name, (x) => engine.createSession(preset, { [name]: x }));
    for (const name of ['maxEvents', 'maxBytes']) throwing(name, (x) => session.events({ [name]: x }));
    throwing('deadlineMs', (x) => session.send('Hello', { deadlineMs: x }));
    throwing('limit', (x) => engine.sessions({ limit: x }));
    throwing('limit', (x) => engine.presets({ limit: x }));
    if (wrong !== 1.5) throwing('ms', (x) => engine.advance(x));
    await assert.rejects(session.run({ maxTurns: wrong }), naming('maxTurns'));
    await assert.rejects(runBatch({ presets: ['job-interview'] }, { workers: wrong }), naming('workers'));
    for (const name of ['delayMs', 'maxAttempts']) {
      await assert.rejects(engine.enqueueJob('mail', 'Hello', { [name]: wrong }), naming(name));
    }
    throwing('filter.holdBack', (x) => new Engine({}, { filter: { checkInput() {}, holdBack: x } }));
    for (const name of ['timeLimitMs', 'cacheForMs', 'maxResultBytes', 'maxResultTokens']) {
      throwing(`tools[0].${name}`, (x) => new Engine({}, { tools: [{ name: 'clock', call() {}, [name]: x }] }));
    }
    for (const name of ['parallel', 'timeLimitMs']) {
      throwing(`jobHandlers.mail.${name}`, (x) => new Engine({}, { jobHandlers: { mail: { run() {}, [name]: x } } }));
    }
    for (const name of ['parallel', 'timeLimitMs', 'maxAttempts', 'maxWaiting']) {
      throwing(`eventSinks.audit.${name}`, (x) => new Engine({}, { eventSinks: { audit: { deliver() {}, [name]: x } } }));
    }
    assert.deepEqual(session.messages(), []);
  });
}

test('numbers at their ends are taken as they are', async (t) => {
  const { engine, session } = scene(t);
  for (const seed of [1, 7n, Number.MAX_SAFE_INTEGER, 2n ** 64n - 1n]) {
    const seeded = engine.createSession(preset, { seed });
    await seeded.start();
    assert.equal(seeded.state().seed, String(seed));
  }
  await session.start();
  assert.equal(engine.sessions({ limit: 2n }).sessions.length, 2);
  const { engine: timed } = scene(t, { ...instant, clock: 'virtual' });
  timed.advance(1.5);
});

test('variables are texts, numbers and booleans; labels and players are texts', async (t) => {
  const { engine, session } = scene(t);
  for (const city of ['Graz', 42, 1.5, true, false]) {
    const given = await engine.createSession(preset, { variables: { city } }).start();
    assert.equal(given.variables.city, String(city));
    assert.equal((await session.setVariable('city', city)).variables.city, String(city));
  }
  for (const wrong of [{}, null, undefined, [], NaN, Infinity]) {
    assert.throws(() => engine.createSession(preset, { variables: { city: wrong } }), naming('variables.city'));
    await assert.rejects(session.setVariable('city', wrong), naming('value'));
    assert.throws(() => engine.createSession(preset, { labels: { team: wrong } }), naming('labels.team'));
  }
  for (const wrong of ['city', 5, ['city', 'Graz'], new Map([['city', 'Graz']])]) {
    for (const name of ['variables', 'labels', 'playedBy']) {
      assert.throws(() => engine.createSession(preset, { [name]: wrong }), naming(name));
    }
  }
});

test('what a model, a metric and a source of secrets hand out in the place of texts and numbers is a failure', async (t) => {
  let piece;
  const measured = [];
  const { session } = scene(t, { provider: 'odd', max_retries: 0 }, {
    providers: { odd: { *reply() { yield 'Well. '; yield piece; } } },
    analyzers: [{ name: 'odd', measure: () => measured.pop() }],
  });
  for (piece of [{ finishReason: 5 }, { reasoning: 5 }, { toolCall: { name: 5 } }, { toolCall: { id: 5, name: 'clock' } },
    { usage: { inputTokens: 'x' } }, { usage: { outputTokens: 1.5 } }, { toolCall: { name: 'clock', arguments: 1n } }]) {
    measured.push({ value: 1, label: 5 }, { value: 'x' }, { metric: 5, value: 1 }, { value: 1, evidence: [{ begin: -1, end: 'x' }] });
    const { outcome, error } = await session.send('Hello').result();
    assert.notEqual(outcome, 'complete');
    assert.equal(error.code, 'invalid_argument', JSON.stringify(error));
  }
  const config = { ...instant, webhooks: { audit: { url: 'http://127.0.0.1:9/', secret: 'AUDIT', events: ['session.deleted'] } } };
  assert.throws(() => new Engine(config, { secrets: () => 5 }), { code: 'unavailable' });
});

test('every member of a piece of a reply counts, and what is no piece ends it', async (t) => {
  let pieces;
  const { session } = scene(t, { provider: 'own', max_retries: 0 }, { providers: { own: { *reply() { yield* pieces; } } } });
  const reply = async (...given) => {
    pieces = given;
    return session.send('Hello').result();
  };
  const used = { inputTokens: 5, outputTokens: 7 };
  const counted = { input_tokens: 5, output_tokens: 7 };
  const cut = await reply('cut here', { usage: used, finishReason: 'length' });
  assert.deepEqual([cut.outcome, cut.finish_reason, cut.usage], ['complete', 'length', counted]);
  assert.deepEqual((await reply({ reasoning: 'hm', usage: used }, 'ok', { usage: undefined, finishReason: null })).usage, counted);
  for (const wrong of [42, null, undefined, {}, { text: 'hello' }, { delta: 'hi' }, Buffer.from('abc'), { error: 'no' }, ['a'], true]) {
    const { outcome, error } = await reply('x', wrong);
    assert.equal(outcome, 'truncated');
    assert.equal(error.message, 'a piece: must be a text or {reasoning|toolCall|usage|finishReason}');
  }
  for (const [wrong, told] of [[{ usage: { input_tokens: 5 } }, /^usage\.input_tokens: .* did you mean "inputTokens"/], [{ usage: 5 }, /^usage: /],
    [{ usage: used, finish: 'stop' }, /^piece\.finish: .* did you mean "finishReason"/], [{ toolCall: 'clock' }, /^toolCall: /],
    [{ toolCall: { name: 'clock', input: {} } }, /^toolCall\.input: /]]) {
    assert.match((await reply('x', wrong)).error.message, told);
  }
});

test('a character of reasoning that is cut in two comes whole, and half of one alone is refused', async (t) => {
  let pieces;
  const { session } = scene(t, { provider: 'own', max_retries: 0 }, { providers: { own: { *reply() { yield* pieces; } } } });
  pieces = [{ reasoning: 'a\ud83d' }, 'x', { reasoning: '\ude00b' }, 'y'];
  const events = session.events({ types: ['reasoning.delta', 'turn.finished'] });
  const turn = session.send('Hello');
  let thought = '';
  for await (const { type, data } of events) {
    if (type === 'turn.finished') break;
    thought += data.text;
  }
  assert.equal(thought, 'a\u{1f600}b');
  assert.equal((await turn.result()).text, 'xy');
  pieces = [{ reasoning: 'a\ud83d' }, 'x'];
  assert.match((await session.send('Hello').result()).error.message, /^reasoning: not valid UTF-8/);
});

test('what is thrown and cannot be told ends the call all the same', async (t) => {
  let thrown;
  const fail = async () => { throw thrown; };
  const policy = { services: [{ service: 'odd', failures_to_open: 0 }] };
  const { engine, session } = scene(t, { provider: 'odd', max_retries: 0, policy }, {
    providers: { odd: { async *reply() { await fail(); } } }, embedders: { odd: { embed: fail } },
  });
  const silent = { toString() { throw new Error('no words'); } };
  for (thrown of [Object.assign(new Error('x'), { message: 5 }), Object.assign(new Error('x'), { message: silent }), silent, Object.create(null), Symbol('x')]) {
    const { error } = await session.send('Hello').result();
    assert.equal(error.code, 'provider_error');
    await assert.rejects(engine.embed(['Hello'], { provider: 'odd' }), { code: 'provider_error' });
  }
});

test('a configuration may be JSON, and nothing else that is no object', async () => {
  const engine = new Engine(JSON.stringify({ ...instant, seed: 7 }));
  await engine.close();
  assert.throws(() => new Engine('{"threads":4}'), naming('/threads'));
  for (const wrong of ['scena.json', '{"threads":0', '[]', '5', 'null', 5, null, [instant]]) {
    assert.throws(() => new Engine(wrong), (error) => naming('config')(error) && !/known member/.test(error.message));
    await assert.rejects(Engine.open(wrong), naming('config'));
  }
});

test('a configuration that is JSON is refused for what the library refuses in it', async () => {
  for (const [text, told] of [['{"seed": 1, "seed": 2}', /occurs twice/], ['{"threads": 0, "threads": 0}', /occurs twice/], ['{"colour": 1}', /colour/]]) {
    assert.throws(() => new Engine(text), (error) => error instanceof InvalidArgumentError && told.test(error.message), text);
  }
  for (const text of ['{}', ' \n{ }', ' {"seed": 7 } ', '{"threads": 0, "seed": 7}', '{"threads": 0, "watcher": "pipe"}']) await new Engine(text).close();
});

test('a model and a filter that hand out such texts fail, and a character cut in two comes whole', async (t) => {
  const { session } = scene(t, { provider: 'cut' }, { providers: { cut: { *reply(request) {
    const asked = request.messages.at(-1).text;
    yield 'A \ud83c';
    if (asked === 'whole') yield '\udf05!';
    if (asked === 'fail') throw new Error('no \0 such \ud83c thing');
  } } } });
  assert.equal((await session.send('whole').result()).text, 'A 🌅!');
  const half = await session.send('half').result();
  assert.equal(half.text, 'A ');
  assert.equal(half.error.code, 'invalid_argument');
  assert.match((await session.send('fail').result()).error.message, /such/);
  const { session: filtered } = scene(t, instant, { filter: { checkInput: () => 'a\0b' } });
  await assert.rejects(filtered.send('Hello').result(), { code: 'content_filtered' });
});

test('what could never work is refused when the engine is made', async () => {
  const refused = async (config, extensions, pattern) => {
    const is = (error) => error instanceof InvalidArgumentError && pattern.test(error.message);
    assert.throws(() => new Engine(config, extensions), is);
    await assert.rejects(Engine.open(config, extensions), is);
  };
  await refused({ threads: 4 }, {}, /^\/threads: /);
  await refused({ watcher: 'none' }, {}, /^\/watcher: /);
  await refused({}, { providers: { mine: {} } }, /^providers\.mine\.reply: /);
  for (const member of ['providers', 'embedders', 'jobHandlers', 'eventSinks', 'tokenCounters']) {
    for (const wrong of [5, true, 'mine', [], () => {}, Symbol('mine')]) {
      await refused({}, { [member]: wrong }, new RegExp(`^${member}: must be an object, of names and values$`));
    }
  }
  await refused({}, { tools: [{ name: 'clock', call() {} }, { name: 'map' }] }, /^tools\[1\]\.call: /);
  await refused({}, { filter: {} }, /^filter: /);
  await refused({}, { filter: { checkInput: 'all' } }, /^filter\.checkInput: /);
  await refused({}, { analyzers: [{ name: 'length' }] }, /^analyzers\[0\]\.measure: /);
  await refused({}, { jobHandlers: { mail: {} } }, /^jobHandlers\.mail: /);
  await refused({}, { eventSinks: { audit: {} } }, /^eventSinks\.audit: /);
  await refused({}, { embedders: { mine: {} } }, /^embedders\.mine\.embed: /);
  await refused({}, { tokenCounters: { '*': 4 } }, /^tokenCounters\.\*: /);
  await refused({}, { secrets: {} }, /^secrets: /);
  await refused({}, { onLog: 'console' }, /^onLog: /);
  await refused({}, { toolApproval: true }, /^toolApproval: /);
  await refused({}, { tool: [] }, /^tool: is not a known option; did you mean "tools"\?$/);
  await refused({ colour: 1 }, {}, /colour/);
  // JSON has no functions: they would be left out.
  await refused({ onLog() {} }, {}, /^\/onLog: is a function; what is written in JavaScript goes into the argument behind/);
  await refused({ providers: { mine: { async *reply() {} } } }, {}, /^\/providers\/mine\/reply: is a function; /);
  await refused({ tools: [{ name: 'clock', call() {} }] }, {}, /^\/tools\/0\/call: is a function; /);
  const engine = new Engine({ threads: 0, watcher: 'pipe' }, { tools: undefined, providers: null, onLog: null });
  for (const wrong of [undefined, null, 'ann', ['ann']]) {
    await assert.rejects(engine.createSession('job-interview').join(wrong), /^InvalidArgumentError: participant: must be an object/);
  }
  await engine.close();
});

test('reading a reply that was cut throws behind its text', async (t) => {
  const { session } = scene(t, { provider: 'cut', max_retries: 0 }, { providers: { cut: { *reply() {
    yield 'Once upon ';
    throw new Error('the line is dead');
  } } } });
  const turn = session.send('Tell me');
  let text = '';
  await assert.rejects(async () => {
    for await (const delta of turn) text += delta;
  }, (error) => error instanceof ProviderError && error.code === 'provider_error' && /dead/.test(error.message));
  assert.equal(text, 'Once upon ');
  assert.equal((await turn.result()).text, 'Once upon ');
  // Who cancels it wanted that.
  const { session: other } = scene(t, script({ replies: ['Later.'], delay_ms: 60_000 }));
  const cancelled = other.send('Tell me');
  cancelled.accepted().then(() => cancelled.cancel());
  for await (const delta of cancelled) assert.fail(delta);
});

test('what a listener throws ends the call and rejects it', async (t) => {
  const { engine } = scene(t, script({ replies: ['one two three four five'], delay_ms: 1, token_ms: 1 }));
  const request = { messages: [{ text: 'Hello' }] };
  for (const onText of [() => { throw new TypeError('deaf'); }, async () => { throw new TypeError('deaf'); }]) {
    let told = 0;
    await assert.rejects(engine.complete('s', request, { onText: (text) => { ++told; return onText(text); } }), /deaf/);
    assert.equal(told, 1);
  }
  let text = '';
  const answer = await engine.complete('s', request, { onText: (piece) => { text += piece; } });
  assert.equal(text, answer.text);
  const controller = new AbortController();
  const aborted = await engine.complete('s', request, { onText: () => controller.abort(), signal: controller.signal });
  assert.equal(aborted.outcome, 'cancelled');
});

test('what a listener throws ends a call that would never end, and a call that is refused keeps no listener', async (t) => {
  let stopped = false;
  const endless = { async *reply(_request, { signal }) {
    yield 'Once ';
    await new Promise((resolve) => { signal.addEventListener('abort', resolve); });
    stopped = true;
  } };
  const { engine } = scene(t, { provider: 'endless' }, { providers: { endless } });
  const held = tablesHeld();
  await assert.rejects(engine.complete('endless', { messages: [{ text: 'Hello' }] }, { onText() { throw new TypeError('deaf'); } }), /deaf/);
  while (!stopped) await new Promise((resolve) => { setImmediate(resolve); });
  await assert.rejects(engine.complete('endless', { colour: 'red' }, { onText() {} }), InvalidArgumentError);
  assert.equal(tablesHeld(), held);
});

test('a function of the host may run the engine that calls it', async (t) => {
  let ran = 0;
  const { engine, session } = scene(t, { provider: 'own' }, { providers: { own: { *reply() {
    engine.poll();
    ++ran;
    yield 'Well.';
  } } } });
  assert.equal((await session.send('Hello').result()).text, 'Well.');
  assert.equal(ran, 1);
});

test('what a host gave is let go of when the engine is closed, or was never made', async () => {
  const held = tablesHeld();
  const tools = [{ name: 'clock', call() {} }];
  assert.throws(() => new Engine({ colour: 1 }, { tools }), InvalidArgumentError);
  await assert.rejects(Engine.open({ colour: 1 }, { tools }), InvalidArgumentError);
  assert.throws(() => new Engine({}, { tools: [...tools, { name: 5, call() {} }] }), InvalidArgumentError);
  assert.equal(tablesHeld(), held);
  const engine = new Engine(instant, { tools });
  assert.equal(tablesHeld(), held + 1);
  await engine.close();
  assert.equal(tablesHeld(), held);
});

for (const [kind, model] of Object.entries({
  'a generator': { *reply() { for (;;) yield 'x '; } },
  'an async generator': { async *reply() { for (;;) yield 'x '; } },
})) {
  test(`an endless model leaves the loop free and ends at the limit: ${kind}`, async (t) => {
    const { session } = scene(t, { provider: 'endless', limits: { answer_bytes: 20_000 } }, { providers: { endless: model } });
    let ticks = 0;
    const timer = setInterval(() => ++ticks, 1);
    t.after(() => clearInterval(timer));
    const turn = session.send('Hello');
    const result = await turn.result();
    assert.equal(result.outcome, 'truncated');
    assert.ok(ticks > 0);
  });

  test(`an endless model hears that it is cancelled: ${kind}`, async (t) => {
    let ended = false;
    const { session } = scene(t, { provider: 'endless' }, { providers: { endless: { async *reply(...given) {
      try {
        yield* model.reply(...given);
      } finally {
        ended = true;
      }
    } } } });
    const turn = session.send('Hello');
    for await (const delta of turn) {
      assert.match(delta, /x/);
      turn.cancel();
    }
    assert.equal((await turn.result()).outcome, 'cancelled');
    while (!ended) await new Promise((resolve) => { setImmediate(resolve); });
  });
}

test('an engine that is closed inside a function it calls ends behind that', async () => {
  let refused;
  let closing;
  const engine = new Engine({ ...instant }, { analyzers: [{ name: 'closes', measure() {
    try {
      engine.closeSync();
    } catch (error) {
      refused ??= error;
    }
    closing ??= engine.close();
    return 1;
  } }] });
  const turn = engine.createSession(preset).send('Hello');
  await turn.result().catch(() => {});
  assert.ok(refused instanceof WrongStateError);
  await closing;
  assert.throws(() => engine.createSession(preset), { code: 'closed' });
});

test('an option whose name no call knows is refused with the nearest known one', async (t) => {
  const { engine, session } = scene(t, { ...instant, clock: 'virtual' });
  const unknown = (name, meant) => (error) => error instanceof InvalidArgumentError &&
    error.message === `${name}: is not a known option; did you mean "${meant}"?`;
  const calls = [
    [() => new Engine({}, {}, { fromenv: true }), 'fromenv', 'fromEnv'],
    [() => Engine.open({}, {}, { env: true }), 'env', 'fromEnv'],
    [() => new Engine({}, { onlog() {} }), 'onlog', 'onLog'],
    [() => new Engine({}, { tools: [{ name: 'clock', timeLimit: 5, call() {} }] }), 'tools[0].timeLimit', 'timeLimitMs'],
    [() => new Engine({}, { analyzers: [{ name: 'length', measures() {}, measure() {} }] }), 'analyzers[0].measures', 'measure'],
    [() => new Engine({}, { filter: { holdback: 5, checkInput() {} } }), 'filter.holdback', 'holdBack'],
    [() => new Engine({}, { jobHandlers: { mail: { run() {}, paralel: 2 } } }), 'jobHandlers.mail.paralel', 'parallel'],
    [() => new Engine({}, { eventSinks: { audit: { deliver() {}, event: [] } } }), 'eventSinks.audit.event', 'events'],
    [() => engine.createSession(preset, { variable: {} }), 'variable', 'variables'],
    [() => engine.createSession(preset, { played_by: {} }), 'played_by', 'playedBy'],
    [() => engine.sessions({ status: 'active' }), 'status', 'state'],
    [() => engine.presets({ categories: 'sales' }), 'categories', 'category'],
    [() => engine.exportSession(session.id, 'json', { singal: null }), 'singal', 'signal'],
    [() => engine.complete('s', { messages: [{ text: 'Hello' }] }, { ontext() {} }), 'ontext', 'onText'],
    [() => engine.embed(['Hello'], { dimension: 3 }), 'dimension', 'dimensions'],
    ...['putPreset', 'removePreset', 'importSession', 'rebuild', 'eraseUser', 'analytics', 'flow', 'judgeAgreement', 'backup',
      'cancelJob', 'requeueJob'].map((name) => [() => engine[name]('{}', { abort: null, sign: 1 }), 'abort']),
    [() => engine.seedPresets({ signals: null }), 'signals', 'signal'],
    [() => engine.checkStorage({ sinal: 1 }), 'sinal', 'signal'],
    [() => engine.enqueueJob('mail', 'Hello', { delay: 5 }), 'delay', 'delayMs'],
    [() => engine.runUntilIdle({ timeout: 5 }), 'timeout', 'timeoutMs'],
    [() => session.messages({ al: true }), 'al', 'all'],
    [() => session.events({ maxEvent: 5 }), 'maxEvent', 'maxEvents'],
    [() => session.send('Hello', { deadline: 5 }), 'deadline', 'deadlineMs'],
    [() => session.edit('m1', 'Hello', { command_id: '1' }), 'command_id', 'commandId'],
    ...['prompt', 'regenerate', 'continueReply'].map((name) => [() => session[name]({ charakter: 'rosa' }), 'charakter', 'character']),
    ...['start', 'pause', 'resume', 'complete', 'fail', 'undo', 'remove', 'analyze'].map(
      (name) => [() => session[name]({ commandID: '1' }), 'commandID', 'commandId']),
    ...['choose', 'leave', 'update', 'annotate', 'setVariable', 'askAside'].map(
      (name) => [() => session[name]('me', ...(session[name].length > 2 ? ['{}'] : []), { id: '1', commandid: '1' }), 'id', undefined]),
    [() => session.join({ id: 'bob', is_human: true }), 'participant.is_human', 'isHuman'],
    [() => session.run({ turns: 5 }), 'turns', 'maxTurns'],
    [() => session.nextQuestion({ modell: 'x' }), 'modell', 'model'],
    [() => session.flagEscape({ steps: 'x' }), 'steps', 'step'],
    [() => session.fork({ messages: 'm1' }), 'messages', 'message'],
    [() => session.send('Hello', { reply: false }).result({ signl: null }), 'signl', 'signal'],
    [() => session.send('Hello', { reply: false }).accepted({ signl: null }), 'signl', 'signal'],
    [() => runBatch({ presets: ['job-interview'] }, { worker: 2 }), 'worker', 'workers'],
  ];
  for (const [call, name, meant] of calls) {
    const check = meant === undefined
      ? (error) => error instanceof InvalidArgumentError && error.message.startsWith(`${name}: is not a known option; `)
      : unknown(name, meant);
    await assert.rejects(async () => call(), check, `${call} ${name}`);
  }
  await assert.rejects(session.start({ colour: 'red' }), /^InvalidArgumentError: colour: is not a known option; known are "commandId", "signal"$/);
  assert.throws(() => session.send('Hello', 'rosa'), naming('options'));
  assert.throws(() => session.send('Hello', ['rosa']), naming('options'));
  // Calls that resolve later reject; none throws at once.
  for (const call of [() => session.start({ x: 1 }), () => session.run({ x: 1 }), () => engine.exportSession('x', 'json', { x: 1 })]) {
    await assert.rejects(call(), InvalidArgumentError);
  }
  assert.equal((await session.send('Hello', null).result()).outcome, 'complete');
  await engine.runUntilIdle();
  assert.equal(session.messages().filter(({ text }) => text === 'Hello').length, 3); // what was refused said nothing
});

test('members of a host\'s own class are its own', async (t) => {
  class Clock {
    name = 'clock';
    zone = 'UTC';
    call() { return this.zone; }
  }
  scene(t, instant, { tools: [new Clock()] });
});

test('a deadline of 0 is refused: it is not the preset\'s own', (t) => {
  const { session } = scene(t);
  assert.throws(() => session.send('Hello', { deadlineMs: 0 }), /^InvalidArgumentError: deadlineMs: must be above 0; /);
});

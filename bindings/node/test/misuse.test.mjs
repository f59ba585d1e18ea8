// What a host gets wrong, and functions of a host that misbehave.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine, InvalidArgumentError, ProviderError, WrongStateError } from '../lib/index.js';

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
  assert.throws(() => session.send('Hello', { audience: ['me', cut] }), naming('audience'));
  assert.throws(() => engine.createSession(preset, { labels: { team: cut } }), naming('labels'));
  await assert.rejects(engine.exportSession(cut), naming('id'));
  await assert.rejects(engine.backup(cut), naming('path'));
  assert.throws(() => session.events({ after: cut }), naming('after'));
  assert.equal((await session.send('Hello 🌅').result()).outcome, 'complete');
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
  await refused({}, { tool: [] }, /^tool: no such extension/);
  await refused({ colour: 1 }, {}, /colour/);
  const engine = new Engine({ threads: 0, watcher: 'pipe' }, { tools: undefined });
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

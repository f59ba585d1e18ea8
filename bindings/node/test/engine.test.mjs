import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { Engine, ScenaError } from '../lib/index.js';

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

test('closing rejects what is waited for and ends what is read', async () => {
  const engine = new Engine({ provider: 'endless' }, { providers: { endless } });
  const session = engine.createSession(preset);
  const turn = session.send('Tell me');
  for await (const delta of turn) if (delta !== '') break;
  const waiting = turn.result().then((result) => result.outcome, (error) => error.code);
  engine.close();
  engine.close();
  assert.ok(['interrupted', 'closed'].includes(await waiting));
  assert.throws(() => engine.createSession(preset), ScenaError);
});

for (const how of ['idle', 'live', 'exit']) {
  test(`a process ends cleanly: ${how}`, () => {
    const program = fileURLToPath(new URL('ending.mjs', import.meta.url));
    for (let run = 0; run < 5; ++run) {
      const ended = spawnSync(process.execPath, [program, how], { encoding: 'utf8', timeout: 60000 });
      assert.equal(ended.signal, null, ended.stderr);
      assert.equal(ended.status, how === 'exit' ? 3 : 0, ended.stderr);
    }
  });
}

import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine, InvalidArgumentError, Meter, checkPreset, version } from '../lib/index.js';

test('the version is that of the library', async () => {
  const engine = new Engine();
  assert.equal(version(), engine.capabilities().version);
  await engine.close();
});

test('a preset is checked without an engine, and every fault is named at once', async () => {
  const faults = checkPreset({ id: 1, characters: [{ id: 'a' }] });
  assert.deepEqual(faults.map(({ pointer }) => pointer).filter((one) => one === '/id' || one === '/title'), ['/id', '/title']);
  for (const { message, example } of faults) assert.ok(message.length > 0 && typeof example === 'string');
  assert.deepEqual(checkPreset('{"id":1}').map(({ pointer }) => pointer), checkPreset({ id: 1 }).map(({ pointer }) => pointer));
  const engine = new Engine();
  assert.deepEqual(checkPreset(engine.preset('job-interview')), []);
  await engine.close();
  assert.equal(checkPreset('{').length, 1);
  assert.throws(() => checkPreset(undefined), InvalidArgumentError);
});

test('a message has the scores that it has in a session', async () => {
  const engine = new Engine({ clock: 'virtual', provider: 's', providers: { s: { url: 'script:', options: { replies: ['Why did you leave?'], instant: true } } } });
  const session = engine.createSession('job-interview');
  for (const turn of [session.send('I rebuilt the scheduler.'), session.send('No comment.', { reply: false })]) {
    await engine.runUntilIdle();
    await turn.result();
  }
  const said = session.messages().map(({ speaker, text }) => ({ role: speaker === 'candidate' ? 'self' : 'other', text }));
  const { text } = said.pop();
  const row = new Meter().measure({ id: 7, text, question: said.at(-1).text, history: said });
  assert.equal(row.id, 7);
  const scores = session.messages().at(-1).metrics;
  assert.ok(scores.length > 3);
  for (const { metric, value } of scores.filter((one) => one.metric !== 'industry')) {
    assert.ok(Math.abs(row[metric] - value) < 1e-3, `${metric}: ${row[metric]} and ${value}`);
  }
  await engine.close();
});

test('a text alone is measured, and what is no message is refused by name', () => {
  const meter = new Meter();
  assert.ok(meter.measure('I love this!').sentiment > 0.3);
  assert.equal(meter.measure('I love this!').evasiveness, null); // nobody else spoke before
  assert.deepEqual(meter.measure('I love this!'), meter.measure({ text: 'I love this!' }));
  meter.measure('half a pair: \ud800');
  assert.throws(() => meter.measure({ text: 7 }), (error) => error instanceof InvalidArgumentError && error.pointer === '/text');
  assert.throws(() => meter.measure({ text: 'a', history: [{ role: 'cook', text: 'b' }] }), InvalidArgumentError);
  assert.throws(() => meter.measure(7), InvalidArgumentError);
});

// AbortSignals: one that was aborted before lets nothing begin, one that is aborted later ends the waiting.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { ClosedError, Engine, InvalidArgumentError, runBatch, ScenaError } from '../lib/index.js';

const preset = {
  id: 'greeting', title: 'Greeting', variables: [{ name: 'city' }],
  characters: [{ id: 'rosa', name: 'Rosa' }, { id: 'me', name: 'Me', played_by: 'human' }],
};
const instant = { provider: 's', providers: { s: { url: 'script:', options: { replies: ['Good morning.'], instant: true } } } };
const immediate = () => new Promise((resolve) => { setImmediate(resolve); });
const reason = new Error('not any more');

/** An engine with a store of its own, what its embedder was asked, and every call that takes a signal. */
async function scene(t, config = instant) {
  const folder = mkdtempSync(join(tmpdir(), 'scena-'));
  const asked = [];
  const embedders = { mine: { embed: async (texts) => {
    asked.push(texts);
    await immediate();
    return texts.map(() => [1]);
  } } };
  const engine = new Engine({ ...config, storage: `sqlite:${folder}/a.db` }, { embedders, jobHandlers: { mail() {} } });
  t.after(async () => {
    await engine.close();
    rmSync(folder, { recursive: true, maxRetries: 10 }); // a copy that nobody waits for may still be written
  });
  const session = engine.createSession(preset, { owner: 'ann' });
  const copy = `${folder}/b.db`;
  const other = new Engine(instant);
  t.after(() => other.close());
  const stored = other.createSession(preset);
  await stored.start();
  const exported = await other.exportSession(stored.id);
  return { engine, other, session, asked, copy, stored, calls: {
    send: (signal) => session.send('Hello', { signal }).result(),
    embed: (signal) => engine.embed(['Hello'], { provider: 'mine', signal }),
    complete: (signal) => engine.complete('s', { messages: [{ text: 'Hello' }] }, { signal }),
    putPreset: (signal) => engine.putPreset({ ...preset, id: 'mine' }, { signal }),
    removePreset: (signal) => engine.removePreset('kept', { signal }),
    seedPresets: (signal) => engine.seedPresets({ signal }),
    importSession: (signal) => engine.importSession(exported, { signal }),
    rebuild: (signal) => engine.rebuild(session.id, { signal }),
    enqueueJob: (signal) => engine.enqueueJob('mail', 'Hello', { id: 'j1', signal }),
    cancelJob: (signal) => engine.cancelJob('kept', { signal }),
    requeueJob: (signal) => engine.requeueJob('kept', { signal }),
    exportSession: (signal) => engine.exportSession(session.id, 'json', { signal }),
    analytics: (signal) => engine.analytics({}, { signal }),
    flow: (signal) => engine.flow({}, { signal }),
    judgeAgreement: (signal) => engine.judgeAgreement({}, { signal }),
    backup: (signal) => engine.backup(copy, { signal }),
    start: (signal) => session.start({ signal }),
    runBatch: (signal) => runBatch({ presets: ['greeting'] }, { signal }),
    eraseUser: (signal) => engine.eraseUser('ann', { signal }),
    open: (signal) => Engine.open(instant, undefined, { signal }),
    close: (signal) => other.close({ signal }),
  } };
}

test('nothing is begun when the signal was aborted before', async (t) => {
  const { engine, other, session, asked, copy, stored, calls } = await scene(t);
  await engine.putPreset({ ...preset, id: 'kept' });
  await engine.enqueueJob('mail', 'Hello', { id: 'kept', delayMs: 3_600_000 });
  await session.start();
  const { last_seq: before } = session.info();
  for (const [name, call] of Object.entries(calls)) {
    await assert.rejects(async () => call(AbortSignal.abort(reason)), (error) => error === reason, name);
  }
  await immediate();
  assert.throws(() => engine.preset('mine'), { code: 'not_found' });
  assert.equal(engine.preset('kept').id, 'kept');
  assert.throws(() => engine.session(stored.id), { code: 'not_found' });
  assert.equal(existsSync(copy), false);
  assert.deepEqual(engine.jobs({ kind: 'mail' }).jobs.map((job) => [job.id, job.state]), [['kept', 'waiting']]);
  assert.deepEqual(asked, []);
  assert.equal(engine.session(session.id).info().last_seq, before);
  assert.equal(await engine.seedPresets(), 6);
  assert.equal(other.stats().idle, true); // it is open
});

test('what is no signal is refused by its name before anything is begun', async (t) => {
  const { engine, session, asked, calls } = await scene(t);
  for (const wrong of [5, 'now', {}, new AbortController()]) {
    for (const [name, call] of Object.entries(calls)) {
      await assert.rejects(async () => call(wrong),
        (error) => error instanceof InvalidArgumentError && error.message.startsWith('signal: '), name);
    }
    assert.throws(() => session.events({ signal: wrong }), InvalidArgumentError);
  }
  assert.deepEqual([asked, engine.jobs({ kind: 'mail' }).jobs, session.messages()], [[], [], []]);
});

test('an abort ends the waiting, and what was begun goes on', async (t) => {
  const { engine, asked, copy, stored, calls } = await scene(t);
  const aborted = async (call) => {
    const controller = new AbortController();
    const waiting = call(controller.signal);
    controller.abort(reason);
    await assert.rejects(waiting, (error) => error === reason);
  };
  for (const name of ['embed', 'putPreset', 'importSession', 'backup', 'exportSession', 'analytics']) await aborted(calls[name]);
  while (!existsSync(copy) || asked.length === 0) await immediate();
  assert.equal(await engine.seedPresets(), 6); // behind what was begun
  assert.equal(engine.preset('mine').id, 'mine');
  assert.equal(engine.session(stored.id).info().preset, 'greeting');
});

test('an engine that nobody waits for any more is closed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'scena-'));
  t.after(() => rmSync(folder, { recursive: true, maxRetries: 10 }));
  const config = { ...instant, storage: `sqlite:${folder}/a.db` };
  const opening = new AbortController();
  const made = Engine.open(config, undefined, { signal: opening.signal });
  opening.abort(reason);
  await assert.rejects(made, (error) => error === reason);
  let engine;
  while (engine === undefined) { // a second one on the same file is refused while the first has it
    engine = await Engine.open(config).catch((error) => assert.ok(error instanceof ScenaError, error));
    await immediate();
  }
  const closing = new AbortController();
  const closed = engine.close({ signal: closing.signal });
  closing.abort(reason);
  await assert.rejects(closed, (error) => error === reason);
  await engine.close();
  assert.throws(() => engine.presets(), ClosedError);
});

test('a wait for a reply is ended, and the reply comes', async (t) => {
  const slow = { provider: 's', providers: { s: { url: 'script:', options: { replies: ['Late.'], delay_ms: 60_000 } } } };
  const engine = new Engine({ clock: 'virtual', ...slow });
  t.after(() => engine.close());
  const turn = engine.createSession(preset).send('Hello');
  const controller = new AbortController();
  const { signal } = controller;
  const waits = [turn.result({ signal }), turn.accepted({ signal })];
  controller.abort(reason);
  for (const wait of waits) await assert.rejects(wait, (error) => error === reason);
  await assert.rejects(turn.result({ signal }), (error) => error === reason);
  await assert.rejects(turn.accepted({ signal: 5 }), InvalidArgumentError);
  engine.advance(61_000);
  await turn.accepted({ signal: new AbortController().signal });
  assert.equal((await turn.result({ signal: new AbortController().signal })).text, 'Late.');
});

test('a signal that is used for much is left alone', async (t) => {
  const { calls } = await scene(t);
  const { signal } = new AbortController();
  let listeners = 0;
  const watched = { get aborted() { return signal.aborted; }, reason, addEventListener: () => ++listeners, removeEventListener: () => --listeners };
  for (const name of ['embed', 'putPreset', 'backup', 'analytics', 'start', 'exportSession', 'send', 'complete']) await calls[name](watched);
  await immediate(); // a turn lets go of it behind its result
  assert.equal(listeners, 0);
});

test('one listener serves all that wait for a signal, so that Node warns of none', async (t) => {
  const slow = { provider: 's', providers: { s: { url: 'script:', options: { replies: ['Late.'], delay_ms: 60_000 } } } };
  const engine = new Engine({ clock: 'virtual', ...slow });
  t.after(() => engine.close());
  const warnings = [];
  const warn = (warning) => warnings.push(warning.name);
  process.on('warning', warn);
  t.after(() => process.off('warning', warn));
  const controller = new AbortController();
  const { signal } = controller;
  const session = engine.createSession(preset);
  const turns = Array.from({ length: 30 }, () => engine.createSession(preset).send('Hello', { signal }));
  const first = session.send('Hello');
  const waits = Array.from({ length: 30 }, () => first.accepted({ signal }));
  await Promise.all(waits);
  await immediate();
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  controller.abort(reason);
  for (const turn of turns) assert.equal((await turn.result()).outcome, 'cancelled');
  await immediate();
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  assert.deepEqual(warnings, []);
});
